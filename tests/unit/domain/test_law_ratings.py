"""Whoever is rated is there to be rated, by who may, on grounds that were told; or it is found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.cycle import CycleVoided
from events.definitions.event import Code, Event, Subject
from events.definitions.plan import FollowerNamed, PlanAgreed, PlanOpened
from events.definitions.records import Hand, Period
from events.definitions.reopening import ReviewEnded, ReviewReopened, ReviewVoided
from events.definitions.review import (
    CriticismGiven,
    MeetingHeld,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
)
from events.definitions.roster import (
    AbsenceReason,
    FactTookEffect,
    MemberAbsent,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberExempted,
    MemberLeft,
    PostGiven,
    UnitDisciplined,
    UnitDissolved,
)
from events.identifiers import MemberId
from tests.support import collective_facts
from tests.support.collective_facts import AS_UNIT
from tests.support.forged import after, before, first_of, places, until, wrong
from tests.support.history import record
from tests.support.law import CELL, LEADERS_HAND, MEMBER, PEER, SECRETARY, SECRETARYS_HAND, TOP
from tests.support.lawful import found_in, on
from tests.support.lawful_facts import (
    BEGUN,
    DECISION,
    DISCIPLINED,
    GROUP,
    NEXT,
    NEXTS_HAND,
    OTHER,
    REOPENED,
    SUPERIORS_HAND,
    formed,
    met,
    opened,
    plan_opened,
    proposed,
    rules_of,
    written,
)
from tests.support.lawful_years import A_MEMBERS, A_UNITS, LATE, VOIDED_ANEW, history_of
from tests.support.party_rules import WORDS, YEAR
from tests.support.sealed import sealed

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
RATE: tuple[type[Event], ...] = (MeetingHeld, RatingProposed, RatingAppraised, RatingDecided)
LIFTED = MemberDisciplineLifted(member_id=MEMBER, decision=DECISION)
FAULT = {"ground": Code("fault_found"), "decision": UNSET}


def rated_after(told: Sequence[Event], kind: type[Event], *, whole: bool) -> list[str]:
    """Return what is found where a step of a rating is taken after something was told."""
    *history, step = until(A_MEMBERS, kind)
    time = step.entry.time.isoformat()
    return wrong(after(history, *told, step.event, time=time), whole=whole)


@BOTH
@pytest.mark.parametrize("kind", RATE)
@pytest.mark.parametrize(
    "away",
    [
        MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.TRAINING)),
        MemberExempted(member_id=MEMBER),
        MemberLeft(member_id=MEMBER, reason=sealed("gone")),
    ],
    ids=lambda each: each.definition.type,
)
def test_nobody_is_rated_who_is_away(away: Event, kind: type[Event], *, whole: bool) -> None:
    found = rated_after([away], kind, whole=whole)

    excused = isinstance(away, MemberAbsent) and not whole  # by a reason that no bundle tells
    assert rated_after([], kind, whole=whole) == []
    assert excused or f"{kind.definition.type} is refused by the law" in found[0]


@pytest.mark.parametrize("kind", RATE)
def test_who_is_away_for_no_good_reason_is_rated(kind: type[Event]) -> None:
    away = MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.OTHER))

    found = rated_after([away], kind, whole=True)

    assert found == []


@pytest.mark.parametrize("kind", RATE[1:])
@BOTH
def test_no_unit_is_rated_whose_review_has_ended(kind: type[Event], *, whole: bool) -> None:
    history = before(A_UNITS, kind)
    ended = ReviewEnded(period=YEAR, member_id=AS_UNIT, reason=Code("dissolved"))
    gone = UnitDissolved(unit_id=CELL, successor_id=OTHER)

    told = after(history, gone, ended, first_of(A_UNITS, kind))

    assert any("nothing is left" in each for each in wrong(told, whole=whole, subject=AS_UNIT))


@pytest.mark.parametrize("kind", [*RATE, RatingAnnounced])
@BOTH
def test_nobody_is_rated_in_a_year_that_was_voided(kind: type[Event], *, whole: bool) -> None:
    history = before(A_MEMBERS, kind)
    year = CycleVoided(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
    voided = ReviewVoided(period=YEAR, member_id=MEMBER, by=SUPERIORS_HAND)

    told = after(history, year, voided, first_of(A_MEMBERS, kind))

    (found,) = wrong(told, whole=whole)
    assert found.endswith("is refused by the law: this review has not been opened (order)")


# By who may


@BOTH
def test_a_post_that_was_told_ahead_is_held_once_it_was_told_that_its_day_came(
    *,
    whole: bool,
) -> None:
    effect = places(LATE, FactTookEffect)[0]

    never = history_of(LATE)
    never = [*never[:effect], *never[effect + 1 :]]

    assert wrong(never, whole=whole) == [
        f"{PEER} is not told to be deputy_secretary of {TOP} when review.rating_decided was"
    ]


@pytest.mark.parametrize(
    ("time", "versions"),
    [
        ("2025-11-30T00:00:00Z", (3,)),  # before its day
        ("2025-12-01T00:00:00Z", (2,)),  # of what was not told ahead
        ("2025-12-01T00:00:00Z", (2, 3)),
    ],
)
@BOTH
def test_what_was_told_ahead_holds_from_its_day_on_and_nothing_else_does(
    time: str, versions: tuple[int, ...], *, whole: bool
) -> None:
    history = before(LATE, FactTookEffect)
    effect = FactTookEffect(subject=Subject(f"member-{PEER}"), versions=versions)

    (found,) = found_in(after(history, effect, time=time), rules_of, whole=whole)

    assert "by what was told nothing ran out, runs again or came to hold then" in found


@BOTH
def test_what_was_told_ahead_is_not_told_to_hold_before_its_day_has_come(*, whole: bool) -> None:
    history = before(LATE, FactTookEffect)
    effect = FactTookEffect(subject=Subject(f"member-{PEER}"), versions=(3,))
    time = datetime.fromisoformat("2025-12-01T00:00:00Z")
    early = record(effect, version=4, time=time, told_at=time - timedelta(days=1))

    (found,) = found_in([*history, early], rules_of, whole=whole)

    assert "nothing ran out, runs again or came to hold then" in found


def test_who_leads_the_unit_neither_rates_it_nor_follows_its_plan() -> None:
    history = before(A_UNITS, PlanAgreed)
    agreed: PlanAgreed = first_of(A_UNITS, PlanAgreed)
    since = PostGiven(member_id=NEXT, unit_id=CELL, post=Code("deputy_secretary"))

    (answering,) = wrong(after(history, replace(agreed, follower_id=SECRETARY)), whole=True)
    (leading,) = wrong(after(history, since, replace(agreed, follower_id=NEXT)), whole=True)

    assert "somebody else must follow this plan" in answering
    assert "somebody else must follow this plan" in leading


def test_nobody_follows_a_plan_who_is_no_member() -> None:
    history = before(A_MEMBERS, PlanAgreed)
    agreed = replace(first_of(A_MEMBERS, PlanAgreed), follower_id=MemberId("stranger"))

    (found,) = wrong(after(history, agreed), whole=True)

    assert "a member must follow this plan" in found
    assert wrong(after(history, agreed), whole=False) == []  # it holds no streams of others


def test_whoever_names_another_follower_holds_the_post_by_which_they_do() -> None:
    history = before(A_MEMBERS, FollowerNamed)
    named = first_of(A_MEMBERS, FollowerNamed)
    by = Hand(member_id=named.by.member_id, unit_id=CELL, post=Code("deputy_secretary"))

    (found,) = wrong(after(history, replace(named, by=by)), whole=True)

    assert "who is no deputy_secretary of" in found


def test_units_are_rated_before_those_who_lead_them_and_the_lower_ones_first() -> None:
    lower = (*on("2024-01-02", formed(GROUP, "group", CELL)),)
    reviews = (
        *on("2025-11-03", opened(GROUP, (GROUP, CELL, TOP)), opened(CELL), opened(SECRETARY)),
    )
    hand, of_leader = LEADERS_HAND, replace(written(), member_id=SECRETARY)
    met_all = (
        *on("2025-11-10", written(AS_UNIT, SECRETARYS_HAND), of_leader),
        *on("2025-11-20", met(AS_UNIT), met(SECRETARY, hand)),
    )
    history = history_of((*BEGUN, *lower, *reviews, *met_all))
    proposals = (
        proposed(AS_UNIT, hand, collective_facts.facts()),
        proposed(SECRETARY, hand),
    )

    unit, leader = (found_in(after(history, each), rules_of) for each in proposals)

    assert any("the units below are rated before this one" in each for each in unit)
    assert any("a unit is rated before those who lead it" in each for each in leader)


def test_a_unit_meets_before_its_members_do() -> None:
    reviews = (*on("2025-11-03", opened(CELL), opened()), *on("2025-11-10", written()))
    history = history_of((*BEGUN, *reviews))
    dissolved = UnitDissolved(unit_id=CELL, successor_id=OTHER)

    (found,) = found_in(after(history, met()), rules_of)
    gone = found_in(after(history, dissolved, met(by=NEXTS_HAND)), rules_of)

    assert "the unit is reviewed there before its members" in found
    assert not any("reviewed there before" in each for each in gone)


# On grounds that were told


@BOTH
def test_days_for_an_answer_are_those_of_the_edition(*, whole: bool) -> None:
    given: CriticismGiven = first_of(A_MEMBERS, CriticismGiven)
    history = before(A_MEMBERS, CriticismGiven)
    short = replace(given, answer_due_at=given.answer_due_at - timedelta(days=7))

    (found,) = wrong(after(history, short), whole=whole)

    assert "answer_due_at" in found


@BOTH
@pytest.mark.parametrize(
    ("told", "other"),
    [
        ([], {}),
        ([DISCIPLINED], {"decision": sealed("13-QĐ")}),
        ([DISCIPLINED], {"decision": UNSET}),
        ([DISCIPLINED], {"ground": Code("discipline_lifted")}),
        ([DISCIPLINED, LIFTED], {}),
        ([replace(DISCIPLINED, fault_period=Period("2024"))], {}),
        ([], FAULT | {"text": UNSET}),
        ([], FAULT | {"decision": DECISION}),
        ([DISCIPLINED], {"ground": Code("somehow")}),
    ],
)
def test_a_review_is_reopened_for_a_ground_that_was_told(
    told: list[Event], other: dict[str, Any], *, whole: bool
) -> None:
    *_, reopened = until(A_MEMBERS, ReviewReopened)
    history, time = before(A_MEMBERS, MemberDisciplined), reopened.entry.time.isoformat()
    lawful: Any = reopened.event

    def found(*facts: Event) -> list[str]:
        return wrong(after(history, *facts, time=time), whole=whole)

    assert found(DISCIPLINED, lawful) == []
    assert found(replace(lawful, **FAULT)) == []
    assert len(found(*told, replace(lawful, **other))) == 1


@BOTH
def test_a_discipline_that_the_rating_counted_is_a_ground_once_it_is_lifted(*, whole: bool) -> None:
    history = history_of(A_MEMBERS[: places(A_MEMBERS, RatingAnnounced)[1] + 1])
    again = replace(REOPENED, ground=Code("discipline_lifted"))
    lifted = history_of(
        (
            *A_MEMBERS[: places(A_MEMBERS, RatingAnnounced)[1] + 1],
            *on("2026-04-20", LIFTED, again),
        )
    )

    assert wrong(lifted, whole=whole) == []
    assert "name the decision" in wrong(after(history, REOPENED), whole=whole)[0]  # counted since


@BOTH
def test_a_unit_is_rated_again_for_its_own_discipline(*, whole: bool) -> None:
    disciplined = UnitDisciplined(
        unit_id=CELL, decision=DECISION, grade=Code("warning"), fault_period=YEAR
    )
    again = replace(REOPENED, member_id=AS_UNIT)
    history = history_of((*A_UNITS, *on("2026-02-01", disciplined, again)))

    assert wrong(history, whole=whole, subject=AS_UNIT) == []
    (found,) = wrong(after(history_of(A_UNITS), again), whole=whole, subject=AS_UNIT)
    assert "name the decision" in found


@BOTH
def test_a_plan_is_opened_where_a_level_was_announced_with_days_where_that_demands_it(
    *,
    whole: bool,
) -> None:
    demanded: PlanOpened = first_of(A_MEMBERS, PlanOpened)
    announced = before(A_MEMBERS, PlanOpened)

    voluntary = wrong(after(announced, replace(demanded, due_at=UNSET)), whole=whole)
    too_early = wrong(after(announced[:-1], demanded), whole=whole)

    assert "due_at UNSET, decided 2025-12-24" in voluntary[0]
    assert "the announcement comes first" in too_early[0]


@BOTH
def test_whoever_needs_no_plan_may_write_one_without_a_deadline(*, whole: bool) -> None:
    good = history_of((*VOIDED_ANEW, *on("2025-12-22", plan_opened())))

    assert good[-1].event.due_at is UNSET  # type: ignore[attr-defined]
    assert wrong(good, whole=whole) == []
