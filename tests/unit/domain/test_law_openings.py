"""A review is opened, moved, ended and voided as edition, roster and year say, or it is found."""

from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from events.definitions.cycle import CycleVoided
from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewVoided
from events.definitions.review import (
    MeetingHeld,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    ReviewOpened,
)
from events.definitions.roster import (
    AbsenceReason,
    MemberAbsent,
    MemberExempted,
    UnitDissolved,
    UnitMoved,
)
from events.domain.organisation.unit import PATH_MAX
from events.domain.review.collective import by_office
from events.identifiers import MemberId, UnitId, unit_stream
from tests.support.collective_facts import AS_UNIT, DEPUTY_OF_CELL
from tests.support.forged import after, before, first_of, until, wrong
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PEER,
    RULES,
    SECRETARY,
    SECRETARYS_HAND,
    TOP,
)
from tests.support.lawful import bundle_of, found_in, log_of, on
from tests.support.lawful_facts import (
    ABOVE,
    BEGUN,
    FAR_CELL,
    GONE_TOP,
    GROUP,
    LEFT_BEHIND,
    NEXTS_HAND,
    OF_FAR_CELL,
    OTHER,
    PUBLISHED,
    ROSTER,
    SUPERIOR,
    SUPERIORS_HAND,
    YEAR_OPENED,
    formed,
    given,
    opened,
    rules_of,
)
from tests.support.lawful_years import (
    A_MEMBERS,
    A_UNITS,
    DISSOLVED,
    MERGED,
    VOIDED_ANEW,
    history_of,
)
from tests.support.party_rules import DEPUTY, WORDS, YEAR
from tests.support.sealed import sealed

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
VOIDED = ReviewVoided(period=YEAR, member_id=MEMBER, by=SUPERIORS_HAND)
MOVED = ReviewMoved(
    period=YEAR, member_id=MEMBER, path=(OTHER, TOP), rated_by=(OTHER, TOP), places=(OTHER,)
)
OPENING = "2025-11-03T02:00:00Z"
OF_MEMBER: ReviewOpened = first_of(A_MEMBERS, ReviewOpened)
OF_UNIT: ReviewOpened = until(DISSOLVED, ReviewOpened)[-1].event  # type: ignore[assignment]


@BOTH
def test_a_review_that_nobody_voided_is_not_void(*, whole: bool) -> None:
    history = before(A_MEMBERS, RatingAnnounced)

    found = wrong(after(history, VOIDED, opened()), whole=whole)

    assert f"{SUPERIOR} did not do so with the year of {TOP}" in found[0]


@BOTH
def test_a_review_that_was_opened_anew_is_not_voided_by_what_voided_it_before(
    *, whole: bool
) -> None:
    history = history_of(VOIDED_ANEW)

    (found,) = wrong(after(history, VOIDED), whole=whole)

    assert f"{SUPERIOR} did not do so with the year of {TOP}" in found


@BOTH
@pytest.mark.parametrize(
    ("by", "why"),
    [
        (
            Hand(member_id=DEPUTY, unit_id=ABOVE, post=Code("secretary")),
            f"{DEPUTY} is not told to be secretary of {ABOVE} when cycle.voided was",
        ),
        (LEADERS_HAND, "this takes one of the posts secretary, deputy_secretary there"),
    ],
)
def test_a_year_is_voided_by_nobody_who_may_not(by: Hand, why: str, *, whole: bool) -> None:
    history = before(A_MEMBERS, RatingAnnounced)
    year = CycleVoided(period=YEAR, unit_id=TOP, by=by, text=WORDS)

    (found,) = wrong(after(history, year, replace(VOIDED, by=by)), whole=whole)

    assert why in found


@BOTH
def test_a_review_is_not_moved_though_nobody_took_its_year_over(*, whole: bool) -> None:
    history = before(A_MEMBERS, MeetingHeld)
    above = replace(
        MOVED,
        path=(CELL, TOP, ABOVE),
        rated_by=(CELL, TOP, ABOVE),
        places=(CELL,),
        by=SUPERIORS_HAND,
    )

    (found,) = wrong(after(history, above), whole=whole)

    assert f"{SUPERIOR} did not do so with the year of {TOP}" in found


@BOTH
def test_a_review_is_not_moved_though_its_member_did_not(*, whole: bool) -> None:
    history = before(A_MEMBERS, MeetingHeld)

    (found,) = wrong(after(history, MOVED), whole=whole)

    assert "review.moved is refused by the law: the review is there already" in found


GOES_ON = "who is reviewed had not left, nor was the unit dissolved"


@BOTH
def test_the_review_of_a_unit_that_stands_does_not_end(*, whole: bool) -> None:
    history = before(A_UNITS, MeetingHeld)
    ended = ReviewEnded(period=YEAR, member_id=AS_UNIT, reason=Code("dissolved"))

    found = wrong(after(history, ended), whole=whole, subject=AS_UNIT)

    assert found == ["review.ended is refused by the law: " + GOES_ON]


@BOTH
@pytest.mark.parametrize(
    "other",
    [
        {"steps": tuple(each for each in OF_MEMBER.steps if each != "meeting")},
        {"places": (OTHER,)},
        {"path": (CELL, TOP, ABOVE)},
        {"path": (TOP,)},
        {"path": ()},
        {"rated_by": (TOP,)},
        {"group": Code("leader")},
        {"unrated": Code("new")},
        {"collective": True},
        {"dues": ()},
        {"leaders": (SECRETARYS_HAND,)},
    ],
    ids=str,
)
def test_a_member_s_review_is_opened_as_edition_and_roster_say(
    other: dict[str, Any], *, whole: bool
) -> None:
    history = before(A_MEMBERS, ReviewOpened)

    told = after(history, replace(OF_MEMBER, **other), time=OPENING)

    assert found_in(after(history, OF_MEMBER, time=OPENING), rules_of, whole=whole) == []
    assert found_in(told, rules_of, whole=whole)


@BOTH
@pytest.mark.parametrize(
    "other",
    [
        {"path": (CELL, TOP, ABOVE)},
        {"path": (CELL,)},
        {"rated_by": (CELL, TOP)},
        {"places": ()},
        {"group": Code("member")},
        {"unrated": Code("new")},
        {"collective": False},
        {"leaders": OF_UNIT.leaders[::-1]},
        {"leaders": (*OF_UNIT.leaders, LEADERS_HAND)},
    ],
    ids=str,
)
def test_a_unit_s_review_is_opened_as_edition_and_roster_say(
    other: dict[str, Any], *, whole: bool
) -> None:
    history = before(DISSOLVED, ReviewOpened)

    told = after(history, replace(OF_UNIT, **other), time=OPENING)

    assert found_in(after(history, OF_UNIT, time=OPENING), rules_of, whole=whole) == []
    assert found_in(told, rules_of, whole=whole)


def test_no_leader_is_left_out_of_a_unit_s_opening_so_that_they_may_decide() -> None:
    above = Hand(member_id=SECRETARY, unit_id=TOP, post=Code("secretary"))
    history = history_of((*BEGUN, *on("2025-11-02", given(above))))
    without = replace(OF_UNIT, leaders=(DEPUTY_OF_CELL,))

    (found,) = found_in(after(history, without, time=OPENING), rules_of)

    assert "review.opened is not as the law decides it: leaders " in found


@pytest.mark.parametrize("kind", [RatingProposed, RatingAppraised, RatingDecided, MeetingHeld])
def test_a_bundle_shows_who_was_left_out_and_acts_in_the_review(kind: type[Event]) -> None:
    above = Hand(member_id=SECRETARY, unit_id=TOP, post=Code("secretary"))
    history = history_of((*BEGUN, *on("2025-11-02", given(above))))
    told: Any = first_of(A_UNITS, kind)

    def leaders_wrong(*leaders: Hand, by: Hand) -> bool:
        opened = after(history, replace(OF_UNIT, leaders=leaders), time=OPENING)
        acted = after(opened, replace(told, by=by))
        return any("leaders (" in each for each in wrong(acted, whole=False, subject=AS_UNIT))

    assert leaders_wrong(DEPUTY_OF_CELL, by=above)
    assert not leaders_wrong(*OF_UNIT.leaders, by=above)
    assert not leaders_wrong(DEPUTY_OF_CELL, by=LEADERS_HAND)


@pytest.mark.parametrize("seen", [True, False])
def test_who_has_only_just_come_to_lead_a_unit_may_be_told_or_not(seen: bool) -> None:  # noqa: FBT001
    since = Hand(member_id=MEMBER, unit_id=CELL, post=Code("deputy_secretary"))
    history = history_of((*BEGUN, *on("2025-11-03T01:59:30Z", given(since))))
    with_them = by_office((*OF_UNIT.leaders, since), RULES.rulebook.offices)
    leaders = with_them if seen else OF_UNIT.leaders

    told = after(history, replace(OF_UNIT, leaders=leaders), time=OPENING)

    assert found_in(told, rules_of) == []


def test_who_leads_a_unit_and_belongs_elsewhere_does_not_answer_for_it_under_another_top() -> None:
    guest = Hand(member_id=SUPERIOR, unit_id=CELL, post=Code("deputy_secretary"))
    history = history_of((*BEGUN, *on("2025-11-02", given(guest))))

    told = after(history, OF_UNIT, time=OPENING)

    assert guest not in OF_UNIT.leaders
    assert found_in(told, rules_of) == []


def test_no_unit_is_reviewed_that_nobody_formed() -> None:
    ghost = replace(OF_UNIT, member_id=MemberId("ghost"), path=(UnitId("ghost"), TOP))

    found = found_in(after(history_of(BEGUN), ghost, time=OPENING), rules_of)

    assert "review.opened is refused by the law: there was no unit ghost" in found


def test_nobody_is_reviewed_who_belongs_nowhere() -> None:
    stranger = replace(OF_MEMBER, member_id=MemberId("stranger"))

    found = found_in(after(history_of(BEGUN), stranger, time=OPENING), rules_of)

    assert found == ["review.opened is refused by the law: stranger belonged to no unit"]


@BOTH
def test_nobody_is_reviewed_who_is_exempt(*, whole: bool) -> None:
    history = history_of((*BEGUN, *on("2025-11-02", MemberExempted(member_id=MEMBER))))

    (found,) = wrong(after(history, OF_MEMBER, time=OPENING), whole=whole)

    assert "review.opened is refused by the law: exempt members are not reviewed" in found


def test_who_is_away_when_the_year_is_opened_is_reviewed_unless_the_edition_says_otherwise() -> (
    None
):
    def found(reason: AbsenceReason, *, whole: bool) -> list[str]:
        away = MemberAbsent(member_id=MEMBER, reason=sealed(reason))
        history = history_of((*BEGUN, *on("2025-11-02", away)))
        return wrong(after(history, OF_MEMBER, time=OPENING), whole=whole)

    assert found(AbsenceReason.SICK, whole=True) == []
    assert found(AbsenceReason.SICK, whole=False) == []
    assert len(found(AbsenceReason.SUSPENDED, whole=True)) == 1
    assert found(AbsenceReason.SUSPENDED, whole=False) == []  # a bundle's auditor reads no reason


def test_a_unit_that_was_moved_is_no_longer_listed_where_it_was() -> None:
    moved = (
        *on("2025-11-02", formed(GROUP, "group", CELL), UnitMoved(unit_id=GROUP, parent_id=TOP)),
    )
    history = history_of((*BEGUN, *moved))

    told = after(history, OF_UNIT, time=OPENING)

    assert OF_UNIT.below == ()
    assert found_in(told, rules_of) == []


def test_who_leads_two_units_answers_for_the_one_that_was_opened_since() -> None:
    since = Hand(member_id=PEER, unit_id=OTHER, post=Code("deputy_secretary"))
    first = (*on("2025-11-03", opened(CELL)),)
    second = (*on("2025-11-04", given(since)), *on("2025-11-05", opened(OTHER, (OTHER, TOP))))

    of_cell, *_, of_other = history_of((*BEGUN, *first, *second))[len(BEGUN) :]

    assert of_cell.event.leaders == OF_UNIT.leaders  # type: ignore[attr-defined]
    assert of_other.event.leaders == (NEXTS_HAND, since)  # type: ignore[attr-defined]


@pytest.mark.parametrize("subject", [OF_FAR_CELL, LEFT_BEHIND, FAR_CELL])
def test_what_hung_below_a_merged_committee_is_where_its_successor_is(subject: str) -> None:
    bundle = bundle_of(history_of(MERGED), YEAR, subject)
    cut = [each for each in bundle if each.entry.stream != unit_stream(GONE_TOP)]

    assert found_in(bundle, rules_of, whole=False) == []
    assert found_in(cut, rules_of, whole=False)


def test_what_hung_below_a_merged_unit_is_listed_below_its_successor() -> None:
    merged = (formed(GROUP, "group", OTHER), UnitDissolved(unit_id=OTHER, successor_id=CELL))
    elsewhere = UnitMoved(unit_id=GROUP, parent_id=TOP)

    told, then = (*BEGUN, *on("2025-11-02", *merged)), (*on("2025-11-03", opened(CELL)),)
    together = history_of((*told, *then))[-1]
    apart = history_of((*told, *on("2025-11-02", elsewhere), *then))[-1]

    assert together.event.below == (GROUP,)  # type: ignore[attr-defined]
    assert apart.event.below == ()  # type: ignore[attr-defined]


def test_nobody_looks_further_up_than_a_tree_of_units_may_be_high() -> None:
    names = [UnitId(f"unit{number}") for number in range(PATH_MAX + 5)]
    tall = (formed(lower, "cell", upper) for lower, upper in pairwise(names))
    log = log_of(rules_of)

    for each in history_of(on("2025-11-02", *tall)):
        log.tell(each)

    assert log.way_up(names[0]) == tuple(names[: PATH_MAX + 1])


def test_units_in_a_circle_have_no_way_up_out_of_it() -> None:
    circle = (*on("2025-11-02", UnitMoved(unit_id=TOP, parent_id=CELL)),)
    history = history_of((*ROSTER, *PUBLISHED, *circle))

    found = found_in(after(history, YEAR_OPENED, OF_MEMBER, time=OPENING), rules_of)

    assert found == []
