"""Who rates whom: nobody in a unit in which they hold an office, nor below one."""

from functools import partial
from typing import Any

import msgspec
import pytest

from events.definitions.event import Code
from events.definitions.records import Hand
from events.definitions.review import ReviewOpened
from events.domain.review import opening, rating_steps, review
from events.domain.review.collective import open_collective
from events.domain.review.opening import OpenReview
from events.domain.rulebook.terms import AtTheEnd, Competence, Judge, Seat
from events.domain.steps import Step
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from tests.support.collective_facts import opens as opens_unit
from tests.support.law import at, records, rejection_of
from tests.support.party_rules import PARTY, facts, opens

CELL, COMMUNE, PROVINCE = UnitId("cell"), UnitId("commune"), UnitId("province")
COUNTRY = UnitId("country")
PATH = (CELL, COMMUNE, PROVINCE)
KINDS = ("cell", "commune_committee", "committee")
OWN, NEXT, AUTHORITY = (Judge(seat=each) for each in (Seat.OWN, Seat.NEXT, Seat.AUTHORITY))
COMMUNES = Judge(seat=Seat.KIND, unit_kinds=("commune_committee",))
NOW = at(5, 1)


def under(**changed: Any) -> Rules:
    """Return the party's rules with who rates whom."""
    told = {"proposes": OWN, "decides": AUTHORITY, "at_the_end": AtTheEnd.LEFT_OUT, **changed}
    terms = Competence(citation="Điều 12", **told)
    competence = msgspec.structs.replace(PARTY.rulebook, competence=(terms,))
    return msgspec.structs.replace(PARTY, rulebook=competence)


def open_review(command: OpenReview, rules: Rules) -> ReviewOpened:
    return opening.open_review(review.EMPTY, command, rules, now=NOW)


def raters(rules: Rules, *posts: tuple[UnitId, str]) -> tuple[UnitId, ...]:
    """Return who rates a member of the cell who holds some posts."""
    command = opens(path=PATH, kinds=KINDS, posts=posts)
    return open_review(command, rules).rated_by


def test_without_such_terms_the_own_unit_proposes_and_the_years_decides() -> None:
    without = msgspec.structs.replace(PARTY.rulebook, competence=())
    rules = msgspec.structs.replace(PARTY, rulebook=without)

    assert raters(rules) == raters(rules, (COMMUNE, "secretary")) == PATH


@pytest.mark.parametrize(
    ("proposes", "decides", "found"),
    [
        (OWN, AUTHORITY, PATH),
        (OWN, NEXT, (CELL, COMMUNE)),
        (OWN, OWN, (CELL,)),
        (NEXT, AUTHORITY, (COMMUNE, PROVINCE)),
        (COMMUNES, AUTHORITY, (COMMUNE, PROVINCE)),
        (OWN, COMMUNES, (CELL, COMMUNE)),
        (AUTHORITY, OWN, (PROVINCE,)),
    ],
)
def test_an_edition_says_which_units_propose_and_decide(
    proposes: Judge, decides: Judge, found: tuple[UnitId, ...]
) -> None:
    assert raters(under(proposes=proposes, decides=decides)) == found


def test_where_no_unit_is_of_a_kind_the_years_own_judges() -> None:
    nowhere = Judge(seat=Seat.KIND, unit_kinds=("school",))

    assert raters(under(decides=nowhere)) == PATH


@pytest.mark.parametrize(
    ("posts", "found"),
    [
        ([(CELL, "secretary")], (COMMUNE, PROVINCE)),
        ([(CELL, "deputy_secretary")], (COMMUNE, PROVINCE)),
        ([(COMMUNE, "secretary")], (PROVINCE,)),
        ([(COMMUNE, "deputy_secretary"), (CELL, "secretary")], (PROVINCE,)),
        ([(COMMUNE, "committee_member")], PATH),
        ([(UnitId("elsewhere"), "secretary")], PATH),
    ],
)
def test_nobody_is_judged_where_they_hold_an_office_nor_below(
    posts: list[tuple[UnitId, str]], found: tuple[UnitId, ...]
) -> None:
    assert raters(under(), *posts) == found


def test_an_edition_cannot_give_somebody_to_their_subordinates() -> None:
    assert raters(under(decides=OWN), (CELL, "secretary")) == (COMMUNE,)


@pytest.mark.parametrize("at_the_end", AtTheEnd)
def test_whoever_heads_the_unit_whose_year_it_is_is_left_to_a_unit_above(
    at_the_end: AtTheEnd,
) -> None:
    rules = under(at_the_end=at_the_end)

    for unit_id in (PROVINCE, COUNTRY):
        posts = ((unit_id, "secretary"),)
        head = opens(path=PATH, kinds=KINDS, posts=posts, above=(COUNTRY,))
        refused = rejection_of(partial(open_review, head, rules), "rated_above")
        assert refused.rule == "competence"


def test_where_the_tree_ends_an_edition_says_whether_colleagues_rate() -> None:
    rejection_of(lambda: raters(under(), (PROVINCE, "secretary")), "rated_above")

    alone = under(at_the_end=AtTheEnd.COLLEAGUES)
    assert raters(alone, (PROVINCE, "secretary")) == (PROVINCE,)


def test_whoever_comes_to_head_it_within_the_year_is_rated_by_colleagues() -> None:
    rules = under()
    opened = open_review(opens(path=PATH, kinds=KINDS), rules)
    head = opens(path=PATH, kinds=KINDS, posts=((PROVINCE, "secretary"),), above=(COUNTRY,))

    moved = opening.move_review(review.fold(records(opened)), head, rules)

    assert moved.rated_by == (PROVINCE,)


def test_terms_hold_for_their_groups_and_the_first_of_several_does() -> None:
    for_leaders = Competence(
        citation="Điều 12",
        proposes=NEXT,
        decides=NEXT,
        at_the_end=AtTheEnd.LEFT_OUT,
        groups=("leader",),
    )
    (everybody,) = under().rulebook.competence
    both = msgspec.structs.replace(PARTY.rulebook, competence=(for_leaders, everybody))
    rules = msgspec.structs.replace(PARTY, rulebook=both)

    assert raters(rules, (CELL, "secretary")) == (COMMUNE,)
    assert raters(rules) == PATH


def test_a_review_follows_the_posts_of_whom_it_is_about() -> None:
    rules = under()
    opened = open_review(opens(path=PATH, kinds=KINDS), rules)
    state = review.fold(records(opened))
    headed = opens(path=PATH, kinds=KINDS, posts=((COMMUNE, "secretary"),))

    moved = opening.move_review(state, headed, rules)
    after = review.fold(records(opened, moved))
    back = opening.move_review(after, opens(path=PATH, kinds=KINDS), rules)

    assert (moved.path, moved.rated_by) == (PATH, (PROVINCE,))
    assert after.units_above == after.takers(Step.PROPOSAL) == (PROVINCE,)
    assert after.deciding == after.takers(Step.DECISION) == (PROVINCE,)
    assert back.rated_by == PATH
    rejection_of(lambda: opening.move_review(after, headed, rules), "already_done")


def test_the_subordinate_of_whoever_is_reviewed_proposes_nothing() -> None:
    rules = under()
    headed = opens(path=PATH, kinds=KINDS, posts=((COMMUNE, "secretary"),))
    state = review.fold(records(open_review(headed, rules)))
    by = Hand(member_id=MemberId("subordinate"), unit_id=CELL, post=Code("secretary"))
    proposal = rating_steps.ProposeRating(by=by, facts=facts())

    rejection_of(
        lambda: rating_steps.propose_rating(state, proposal, rules, now=NOW), "not_competent"
    )


@pytest.mark.parametrize(
    ("proposes", "decides", "found"),
    [(OWN, AUTHORITY, (COMMUNE, PROVINCE)), (NEXT, NEXT, (PROVINCE,)), (OWN, OWN, (COMMUNE,))],
)
def test_no_unit_judges_itself(proposes: Judge, decides: Judge, found: tuple[UnitId, ...]) -> None:
    terms = under(proposes=proposes, decides=decides)
    command = opens_unit(unit_id=CELL, path=PATH, kinds=KINDS, leaders=())

    assert open_collective(review.EMPTY, command, terms, now=NOW).rated_by == found
