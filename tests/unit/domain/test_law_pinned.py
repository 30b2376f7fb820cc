"""What is pinned stays pinned: who acts for a dissolved unit changes no path that is told."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from events.definitions.cycle import CycleTakenOver, CycleVoided
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.plan import PlanMoved, PlanOpened
from events.definitions.records import Hand
from events.definitions.reopening import ReviewMoved, ReviewVoided
from events.definitions.review import MeetingHeld, RatingAnnounced
from events.definitions.roster import PostGiven, UnitDissolved, UnitMoved
from events.identifiers import UnitId
from tests.support.forged import after, before, places, wrong
from tests.support.law import CELL, MEMBER, TOP
from tests.support.lawful import Asked, on
from tests.support.lawful_facts import (
    ABOVE,
    NEXTS_HAND,
    OTHER,
    ROOT,
    SUPERIOR,
    SUPERIORS_HAND,
    YEAR_OPENED,
    announced,
    opened,
    plan_opened,
)
from tests.support.lawful_years import A_MEMBERS, TAKEN_OVER, history_of
from tests.support.party_rules import WORDS, YEAR

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
AT = places(TAKEN_OVER, CycleTakenOver)[0]
MOVED = places(TAKEN_OVER, ReviewMoved)[0]
MERGED = {
    "cell into another": (UnitDissolved(unit_id=CELL, successor_id=OTHER),),
    "committee into the one above": (UnitDissolved(unit_id=TOP, successor_id=ABOVE),),
    "cell into the committee, and that into the one above": (
        UnitDissolved(unit_id=CELL, successor_id=TOP),
        UnitDissolved(unit_id=TOP, successor_id=ABOVE),
    ),
}
VOIDED = CycleVoided(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
REVIEW_VOIDED = ReviewVoided(period=YEAR, member_id=MEMBER, by=SUPERIORS_HAND)


def taken_over_after(*merged: Event, until: int | None = None) -> Sequence[Asked]:
    """Return a year that is taken over, then voided, after some units were merged."""
    return (*TAKEN_OVER[:AT], *on("2025-12-11", *merged), *TAKEN_OVER[AT:until])


def paths(history: Sequence[Recorded], kind: type[Event]) -> list[tuple[UnitId, ...]]:
    return [each.event.path for each in history if isinstance(each.event, kind)]  # type: ignore[attr-defined]


@BOTH
@pytest.mark.parametrize("merged", MERGED.values(), ids=MERGED)
def test_a_year_goes_on_above_from_where_it_was_pinned_whoever_was_merged(
    merged: tuple[Event, ...], *, whole: bool
) -> None:
    history = history_of(taken_over_after(*merged))

    assert paths(history, ReviewMoved) == [(CELL, TOP, ABOVE)]
    assert paths(history, PlanMoved) == [(CELL, TOP, ABOVE)]
    assert wrong(history, whole=whole) == []


@BOTH
def test_a_path_that_names_the_successor_is_found(*, whole: bool) -> None:
    history = history_of(taken_over_after(*MERGED["cell into another"], until=MOVED + 1))
    *before_it, moved = history
    other = replace(moved.event, path=(OTHER, TOP, ABOVE))  # type: ignore[type-var]

    (found,) = wrong(after(before_it, other), whole=whole)

    assert "review.moved is not as the law decides it: path " in found


@BOTH
def test_a_plan_goes_up_the_path_of_its_review_whoever_announces(*, whole: bool) -> None:
    decided = A_MEMBERS[: places(A_MEMBERS, RatingAnnounced)[0]]
    merged = on("2025-12-09", *MERGED["cell into another"])
    announcing = on("2025-12-10", announced(by=NEXTS_HAND), plan_opened())

    history = history_of((*decided, *merged, *announcing))

    assert paths(history, PlanOpened) == [(CELL, TOP)]
    assert wrong(history, whole=whole) == []


@BOTH
def test_whoever_took_a_year_over_and_is_above_no_more_comes_next_all_the_same(
    *, whole: bool
) -> None:
    lived, moved = TAKEN_OVER[:MOVED], TAKEN_OVER[MOVED:]
    elsewhere = on("2025-12-12", UnitMoved(unit_id=TOP, parent_id=ROOT))

    history = history_of((*lived, *elsewhere, *moved))

    assert paths(history, ReviewMoved) == [(CELL, TOP, ABOVE)]
    assert wrong(history, whole=whole) == []


@BOTH
def test_a_review_is_voided_after_it_was_opened_whatever_a_clock_said(*, whole: bool) -> None:
    lived = before(A_MEMBERS, MeetingHeld)

    told = after(lived, VOIDED, REVIEW_VOIDED, time="2025-11-03T01:59:00Z")

    assert wrong(told, whole=whole) == []


@BOTH
def test_what_voided_a_year_before_voids_no_review_opened_since_whatever_a_clock_said(
    *, whole: bool
) -> None:
    voided = after(before(A_MEMBERS, MeetingHeld), VOIDED, REVIEW_VOIDED)
    anew = after(voided, YEAR_OPENED, opened(), time="2025-11-10T01:00:00Z")

    found = wrong(after(anew, REVIEW_VOIDED), whole=whole)

    assert any(f"{SUPERIOR} did not do so with the year of {TOP}" in each for each in found)


def test_who_is_reviewed_in_a_year_does_not_void_it_though_its_unit_was_merged() -> None:
    by = Hand(member_id=MEMBER, unit_id=ABOVE, post=Code("secretary"))
    post = PostGiven(member_id=MEMBER, unit_id=ABOVE, post=by.post)
    history = after(before(A_MEMBERS, MeetingHeld), *MERGED["committee into the one above"], post)

    found = wrong(after(history, replace(VOIDED, by=by)), whole=True)

    assert any("you are reviewed in this year" in each for each in found)
