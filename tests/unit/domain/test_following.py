"""A review follows its member to units and posts, or is left to a year in which nobody is below.

Nobody is rated from below, whenever the post came: before it is proposed, after, or once it is to
be rated again (decision 0099).
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewResumed
from events.definitions.review import RatingReturned, ReviewOpened
from events.domain.organisation.member import ENROLLED, Member, Post
from events.domain.organisation.member import LEFT as GONE
from events.domain.review import following, opening, review
from events.domain.review.following import Follows
from events.domain.review.state import RATED_ABOVE
from events.domain.rulebook.terms import AtTheEnd, Competence, Judge, Seat
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from tests.support import party_rules
from tests.support.law import CELL, LEADERS_HAND, MEMBER, TOP, at, records, rejection_of
from tests.support.party_rules import (
    CRITICISED_ONESELF,
    PARTY,
    WORDS,
    YEAR,
    decided,
    held,
    opens,
    proposed,
)

OTHER, WARD = UnitId("otheraaaaaaaaaaaaaaaaaaaaa"), UnitId("wardaaaaaaaaaaaaaaaaaaaaaa")
DISTRICT, BESIDE = UnitId("districtaaaaaaaaaaaaaaaaaa"), UnitId("besideaaaaaaaaaaaaaaaaaaaa")
PATH = (CELL, WARD, TOP)
OFFICE = "deputy_secretary"
NOW = at(5, 1)
SUPERIORS_HAND = Hand(member_id=MemberId("superior"), unit_id=DISTRICT, post=Code("secretary"))
ABOVE: Mapping[UnitId, UnitId] = {
    CELL: WARD,
    OTHER: BESIDE,
    WARD: TOP,
    BESIDE: TOP,
    TOP: DISTRICT,
}


def under(proposes: Seat = Seat.OWN, decides: Seat = Seat.AUTHORITY) -> Rules:
    terms = Competence(
        citation="Điều 12",
        proposes=Judge(seat=proposes),
        decides=Judge(seat=decides),
        at_the_end=AtTheEnd.COLLEAGUES,
    )
    rulebook = msgspec.structs.replace(PARTY.rulebook, competence=(terms,))
    return msgspec.structs.replace(PARTY, rulebook=rulebook)


RULES = under()
WITHOUT = msgspec.structs.replace(
    PARTY, rulebook=msgspec.structs.replace(PARTY.rulebook, competence=())
)


def tree(merged: Mapping[UnitId, UnitId] | None = None) -> Tree:
    """Return the tree of a cell and others below a ward, a commune and a district."""
    succeeded = merged or {}

    def way_up(unit_id: UnitId) -> tuple[UnitId, ...]:
        found = [succeeded.get(unit_id, unit_id)]
        while above := ABOVE.get(found[-1]):
            found.append(above)
        return tuple(found)

    return Tree(way_up, lambda each: "cell" if each in (CELL, OTHER) else "committee")


def begun(rules: Rules = RULES) -> ReviewOpened:
    return opening.open_review(review.EMPTY, opens(path=PATH, kinds=("", "", "")), rules, now=at(1))


def holds(*offices: UnitId, unit_id: UnitId = CELL) -> Member:
    posts = tuple(Post(OFFICE, each, at(2)) for each in offices)
    return Member(membership=ENROLLED, unit_id=unit_id, posts=posts)


def follow(now: Member, *told: Event, rules: Rules = RULES, hangs: Tree | None = None) -> Follows:
    state = review.fold(records(begun(rules), *told))
    return following.follow(state, now, hangs or tree(), rules, now=NOW)


def raters(now: Member, *told: Event, **changed: Any) -> tuple[UnitId, ...]:
    """Return which units rate after what follows, which is that the review moved."""
    moved = follow(now, *told, **changed)
    assert isinstance(moved, ReviewMoved)
    return moved.rated_by


def stays(now: Member, *told: Event, code: str = "already_done", **changed: Any) -> None:
    rejection_of(lambda: follow(now, *told, **changed), code)


PROPOSED = (CRITICISED_ONESELF, held(), proposed())
RATED = (*PROPOSED, decided(4))
REOPENED = (*RATED, party_rules.REOPENED)
RETURNED = RatingReturned(
    period=YEAR,
    member_id=MEMBER,
    proposal_version=4,
    by=LEADERS_HAND,
    proposal_due_at=NOW,
    text=WORDS,
)
LEFT = ReviewEnded(period=YEAR, member_id=MEMBER, reason=RATED_ABOVE)


def taken_over() -> ReviewMoved:
    state = review.fold(records(begun()))
    return opening.take_over_review(state, (*PATH, DISTRICT), SUPERIORS_HAND)


def test_nothing_follows_for_who_is_where_they_were_or_belongs_to_no_unit() -> None:
    stays(holds())
    stays(Member(membership=ENROLLED), code="too_late")


def test_who_left_is_reviewed_no_more_and_goes_on_once_they_are_back_be_it_above() -> None:
    ended = follow(Member(membership=GONE, unit_id=CELL))

    assert isinstance(ended, ReviewEnded)
    assert ended.reason == "left"
    assert isinstance(follow(holds(), ended), ReviewResumed)
    assert isinstance(follow(holds(DISTRICT), ended), ReviewResumed)
    unrated = replace(ended, reason=Code("unrated"))
    stays(holds(DISTRICT), unrated, code="ended")


def test_an_edition_without_competence_asks_for_no_office() -> None:
    assert raters(holds(WARD, TOP, DISTRICT), rules=WITHOUT) == PATH


@pytest.mark.parametrize("told", [(), PROPOSED, REOPENED], ids=["open", "proposed", "reopened"])
@pytest.mark.parametrize(("office", "found"), [(CELL, (WARD, TOP)), (WARD, (TOP,)), (TOP, (TOP,))])
def test_whenever_an_office_came_the_units_at_and_below_it_rate_no_more(
    told: tuple[Event, ...], office: UnitId, found: tuple[UnitId, ...]
) -> None:
    assert raters(holds(office), *told) == found


def test_what_is_decided_stays_as_it_is() -> None:
    stays(holds(WARD), *RATED, code="too_late")
    stays(holds(DISTRICT), *RATED, code="too_late")


def test_after_a_proposal_nobody_is_moved_elsewhere_nor_back_below() -> None:
    stays(holds(unit_id=OTHER), *PROPOSED)
    lifted = ReviewMoved(period=YEAR, member_id=MEMBER, path=PATH, rated_by=(TOP,), places=(CELL,))

    stays(holds(), lifted, *PROPOSED)
    assert raters(holds(), lifted) == PATH


def test_before_one_and_once_it_was_given_back_a_review_moves_with_its_member() -> None:
    moved = follow(holds(unit_id=OTHER))

    assert moved == follow(holds(unit_id=OTHER), *PROPOSED, RETURNED)
    assert isinstance(moved, ReviewMoved)
    assert (moved.path, moved.rated_by) == ((OTHER, BESIDE, TOP), (OTHER, BESIDE, TOP))


def test_under_another_authority_it_stays_and_is_lifted_all_the_same() -> None:
    stays(holds(unit_id=DISTRICT))
    assert raters(holds(WARD, unit_id=DISTRICT)) == (TOP,)


def test_a_unit_that_came_to_one_which_they_head_proposes_nothing() -> None:
    merged = tree({CELL: OTHER})

    stays(holds(), hangs=merged)
    assert raters(holds(OTHER), hangs=merged) == (WARD, TOP)
    assert raters(holds(BESIDE), hangs=merged) == (WARD, TOP)  # OTHER is below that


@pytest.mark.parametrize("told", [(), PROPOSED])
def test_who_holds_an_office_above_the_year_is_left_to_one_above(told: tuple[Event, ...]) -> None:
    assert follow(holds(DISTRICT), *told) == LEFT
    stays(holds(DISTRICT), *told, LEFT, code="too_late")


def test_who_leaves_that_office_goes_on_where_they_were() -> None:
    resumed = follow(holds(), LEFT)

    assert isinstance(resumed, ReviewResumed)
    assert {each.due_at for each in resumed.dues} == {each.due_at for each in begun().dues}


def test_while_a_rating_is_to_be_given_again_none_of_this_year_rates_who_is_above_it() -> None:
    stays(holds(DISTRICT), *REOPENED, code="rated_from_below")


def test_a_review_that_was_left_is_opened_in_the_year_above_and_in_no_other() -> None:
    state = review.fold(records(begun(), CRITICISED_ONESELF, LEFT))
    above = opens(path=(*PATH, DISTRICT), kinds=("",) * 4)

    rejection_of(
        lambda: opening.open_review(state, opens(path=PATH), RULES, now=NOW), "already_open"
    )
    anew = opening.open_review(state, above, RULES, now=NOW)
    after = review.fold(records(begun(), CRITICISED_ONESELF, LEFT, anew))

    assert after.opened
    assert (after.opened.fact, after.self_critique, after.ending) == (anew, None, None)


def test_a_year_that_was_taken_over_is_decided_there_whoever_the_edition_says() -> None:
    stays(holds(), taken_over())
    assert raters(holds(WARD), taken_over()) == (TOP, DISTRICT)
    assert raters(holds(DISTRICT), taken_over()) == (DISTRICT,)

    own = under(decides=Seat.OWN)
    assert raters(holds(CELL), taken_over(), rules=own) == (WARD, TOP, DISTRICT)


def test_it_is_known_by_which_fact_a_review_came_into_its_year() -> None:
    opened, taken = (review.fold(records(begun(), *told)) for told in ([], [taken_over()]))

    assert [each.into_year and each.into_year.version for each in (opened, taken)] == [1, 2]
    assert review.EMPTY.into_year is None


def test_nobody_judges_before_what_follows_was_told() -> None:
    def require(now: Member, *told: Event) -> None:
        state = review.fold(records(begun(), *told))
        following.require_followed(state, now, tree(), RULES, now=NOW)

    require(holds())
    require(holds(), *PROPOSED)
    rejection_of(lambda: require(holds(WARD)), "review_follows")
    rejection_of(lambda: require(holds(DISTRICT), *REOPENED), "rated_from_below")
