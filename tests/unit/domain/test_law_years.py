"""Years, publications and days are as those told of them who may, or it is found."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from events.definitions.cycle import CycleClosed, CycleTakenOver, CycleVoided, DocumentKind
from events.definitions.deadline import (
    CalendarSupplemented,
    DeadlineMissed,
    DeadlineMoved,
    Excuse,
    TimerResumed,
    TimerSettled,
)
from events.definitions.event import Code, Event, Subject, stream_of
from events.definitions.plan import PlanAgreed, PlanProposed
from events.definitions.records import Due, Hand, Label
from events.definitions.review import MeetingHeld, ReviewOpened
from events.definitions.roster import (
    FactTookEffect,
    IssuerNameEnded,
    MemberBack,
    PostGiven,
    UnitAuthorised,
)
from tests.support.forged import after, before, first_of, places
from tests.support.history import record
from tests.support.law import CELL, LEADERS_HAND, MEMBER, SECRETARY, SECRETARYS_HAND, TOP
from tests.support.lawful import Asked, found_in, on
from tests.support.lawful_facts import (
    ABOVE,
    BEGUN,
    CALENDAR,
    COMMITTED,
    ELSEWHERE,
    HIGHESTS_HAND,
    MORE_TIME,
    PLAN,
    PUBLISHED,
    REVIEW,
    ROSTER,
    SUPERIOR,
    SUPERIORS_HAND,
    YEAR_OPENED,
    opened,
    published,
    rules_of,
)
from tests.support.lawful_years import (
    A_MEMBERS,
    AWAY,
    GONE,
    LATE,
    TAKEN_OVER,
    history_of,
    missed,
    settled,
)
from tests.support.party_rules import WORDS, YEAR

OUR_OWN: dict[str, Any] = {"issuer": Label("suoi_guong"), "by": LEADERS_HAND}
FORM = published("f1" * 32, DocumentKind.FORM, **OUR_OWN)
ENDED = IssuerNameEnded(unit_id=TOP, issuer=Code("suoi_guong"))
VOIDED = CycleVoided(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
CLOSED = CycleClosed(period=YEAR, unit_id=TOP, by=LEADERS_HAND)
BELOW = replace(YEAR_OPENED, unit_id=CELL, by=SECRETARYS_HAND)


def test_a_unit_publishes_under_a_name_that_was_given_to_it() -> None:
    own = history_of((*ROSTER, *on("2025-11-01", FORM)))
    others = replace(FORM, issuer=Label("tusoi"))  # type: ignore[type-var]

    assert found_in(own, rules_of) == []
    (found,) = found_in(after(own, others), rules_of)
    assert "tusoi is the name of another issuer" in found
    assert len(found_in(after(own, ENDED, FORM), rules_of)) == 1


def test_nobody_publishes_for_a_unit_in_which_they_hold_no_post() -> None:
    history = history_of(ROSTER)
    by = Hand(member_id=SECRETARY, unit_id=TOP, post=Code("secretary"))

    (found,) = found_in(after(history, replace(FORM, by=by)), rules_of)  # type: ignore[type-var]

    assert found == (
        f"{SECRETARY} is not told to be secretary of {TOP} when document.published was"
    )


@pytest.mark.parametrize(
    ("told", "fact", "why"),
    [
        ((), BELOW, "HR or the operator says first that this unit decides"),
        (
            (UnitAuthorised(unit_id=CELL),),
            BELOW,
            "a unit above has 2025 open for everybody below it: it takes in who came later",
        ),
        ((), YEAR_OPENED, "this year is open already"),
        ((), replace(CLOSED, unit_id=CELL), f"{CELL} had no year open"),
        ((CLOSED,), CLOSED, "this year is closed already"),
        ((), replace(VOIDED, by=LEADERS_HAND), "this takes one of the posts"),
        ((), replace(VOIDED, unit_id=CELL), f"{CELL} had no year open"),
        (
            (),
            replace(YEAR_OPENED, unit_id=ABOVE, by=SUPERIORS_HAND, taken_from=TOP),
            f"{SUPERIOR} did not do so with the year of {TOP}",
        ),
        (
            (PostGiven(member_id=MEMBER, unit_id=ABOVE, post=Code("secretary")),),
            replace(VOIDED, by=Hand(member_id=MEMBER, unit_id=ABOVE, post=Code("secretary"))),
            "you are reviewed in this year",
        ),
    ],
)
def test_a_year_is_opened_closed_taken_over_and_voided_by_who_may(
    told: tuple[Event, ...], fact: Event, why: str
) -> None:
    history = history_of((*BEGUN, *on("2025-11-03", opened())))

    found = found_in(after(history, *told, fact, time="2025-11-04T02:00:00Z"), rules_of)

    assert any(why in each for each in found)


def test_a_year_below_is_voided_with_the_one_that_took_it_over_and_not_without() -> None:
    history = history_of(TAKEN_OVER[: places(TAKEN_OVER, CycleVoided)[0]])

    found = found_in(after(history, replace(VOIDED, by=HIGHESTS_HAND)), rules_of)

    assert any("did not do so with the year of" in each for each in found)


def test_a_year_that_nobody_had_open_goes_on_nowhere() -> None:
    history = history_of((*ROSTER, *PUBLISHED))
    taken = CycleTakenOver(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
    above = replace(YEAR_OPENED, unit_id=ABOVE, by=SUPERIORS_HAND, taken_from=TOP)

    found = found_in(after(history, taken, above), rules_of)

    assert [each.rpartition(": ")[2] for each in found] == [f"{TOP} had no year open"] * 2


def test_a_year_that_was_voided_holds_nobody_whom_a_unit_below_might_review() -> None:
    authorised = UnitAuthorised(unit_id=CELL)
    history = after(history_of(BEGUN), VOIDED, authorised, time="2025-11-04T02:00:00Z")

    assert found_in(after(history, BELOW), rules_of) == []


# What time tells

DUE = datetime.fromisoformat("2025-11-10T16:59:59Z")
MISSED: DeadlineMissed = replace(missed(REVIEW, "commitment"), due_at=DUE)
SETTLED: TimerSettled = replace(settled("commitment"), due_at=DUE)
OPENED_ALONE = (*BEGUN, *on("2025-11-03", opened()))


def told_of_time(
    *before: Asked, fact: Event, time: datetime = DUE, seen: datetime = DUE + timedelta(days=1)
) -> list[str]:
    """Return what is found where something is told of a deadline when somebody saw it."""
    history = history_of((*OPENED_ALONE, *before))
    version = sum(each.entry.stream == stream_of(fact) for each in history) + 1
    late = record(fact, version=version, time=time, told_at=seen)
    return found_in([*history, late], rules_of)


def test_a_deadline_is_missed_once_it_has_run_out_and_dated_by_the_rule() -> None:
    done = (*on("2025-11-05", COMMITTED),)

    assert told_of_time(fact=MISSED) == []
    assert told_of_time(fact=MISSED, seen=DUE - timedelta(days=1))
    assert told_of_time(fact=MISSED, time=DUE + timedelta(days=1))
    assert told_of_time(*done, fact=MISSED)
    assert told_of_time(fact=replace(MISSED, step=Code("decision")))


def test_a_deadline_is_settled_for_whom_the_roster_excuses_and_missed_by_anybody_else() -> None:
    away = (*on("2025-11-04", AWAY),)
    ahead = (*on("2025-11-10T02:00:00Z", AWAY, told_on="2025-11-04"),)

    assert told_of_time(*away, fact=SETTLED) == []
    assert told_of_time(*away, fact=MISSED)
    assert told_of_time(*ahead, fact=SETTLED) == []  # whatever nobody told to hold yet
    assert told_of_time(fact=SETTLED)
    assert told_of_time(*away, fact=replace(SETTLED, reason=Excuse.LEFT))


def test_of_an_absence_whose_reason_nobody_can_read_either_is_believed() -> None:
    history = history_of((*OPENED_ALONE, *on("2025-11-04", AWAY)))

    for fact in (MISSED, SETTLED):
        late = record(fact, version=2, time=DUE, told_at=DUE + timedelta(days=1))
        assert found_in([*history, late], rules_of, whole=False) == []


def test_nothing_excuses_those_who_are_to_take_an_escalation_up_or_to_agree_to_a_plan() -> None:
    in_person = {type(each.event) for each in history_of(LATE) if "missed" in each.entry.type}
    history = history_of(LATE)
    missed_there = [
        each.entry.stream.partition("-")[0]
        for each in history
        if isinstance(each.event, DeadlineMissed)
    ]

    assert in_person == {DeadlineMissed}
    assert missed_there == ["escalation", "review", "plan"]


def test_a_milestone_waits_for_its_member_who_may_be_excused() -> None:
    agreed = A_MEMBERS[: places(A_MEMBERS, PlanAgreed)[0] + 1]
    history = history_of((*agreed, *on("2026-01-05", AWAY)))
    plan_agreed = [each for each in history if isinstance(each.event, PlanProposed)][-1].event
    due = plan_agreed.milestones[0].due_at  # type: ignore[attr-defined]
    fact = TimerSettled(
        subject=PLAN, step=Code("milestone"), item=Label("1"), due_at=due, reason=Excuse.ABSENT
    )
    version = sum(each.entry.stream == PLAN for each in history) + 1
    late = record(fact, version=version, time=due, told_at=due + timedelta(days=1))

    assert found_in([*history, late], rules_of) == []


def test_a_unit_is_excused_once_it_is_dissolved() -> None:
    history = history_of((*BEGUN, *on("2025-11-03", opened(CELL)), *on("2025-11-04", GONE)))
    subject = Subject(f"review-{YEAR}-{CELL}")
    fact = replace(SETTLED, subject=subject, reason=Excuse.LEFT)
    late = record(fact, version=2, time=DUE, told_at=DUE + timedelta(days=1))

    assert found_in([*history, late], rules_of) == []


def test_days_run_again_for_whom_they_were_settled_once_they_are_back() -> None:
    history = before(LATE, TimerResumed)
    resumed: TimerResumed = first_of(LATE, TimerResumed)
    away_still = [each for each in history if not isinstance(each.event, MemberBack)]

    assert found_in(after(history, resumed), rules_of) == []
    assert found_in(after(away_still, resumed, time="2025-12-09T02:00:00Z"), rules_of)
    assert found_in(after(history_of(BEGUN), resumed), rules_of)


def test_a_calendar_that_was_not_published_after_the_one_gone_by_moves_nothing() -> None:
    told: CalendarSupplemented = first_of(LATE, CalendarSupplemented)
    history = before(LATE, CalendarSupplemented)
    back = replace(told, calendar=CALENDAR, dues=())

    assert found_in(after(history, told), rules_of) == []
    assert len(found_in(after(history, back), rules_of)) == 1
    assert len(found_in(after(history, told, back), rules_of)) == 1
    assert found_in(after(history, replace(told, subject=PLAN)), rules_of)


def test_a_later_calendar_of_another_name_moves_nothing() -> None:
    told: CalendarSupplemented = first_of(LATE, CalendarSupplemented)
    history = before(LATE, CalendarSupplemented)
    other = published(ELSEWHERE, DocumentKind.CALENDAR, name=Label("elsewhere"))

    found = found_in(after(history, other, replace(told, calendar=ELSEWHERE)), rules_of)

    assert len(found) == 1


# In streams in which they cannot stand


@pytest.mark.parametrize(
    "fact",
    [
        replace(MORE_TIME, subject=PLAN),
        replace(MORE_TIME, subject=Subject(f"cycle-{YEAR}-{TOP}")),
        replace(MISSED, subject=Subject(f"member-{MEMBER}")),
        replace(MISSED, subject=Subject("reading-2025-x")),
        FactTookEffect(subject=REVIEW, versions=(1,)),
        TimerResumed(
            subject=Subject("escalation-cause"), step=Code("x"), item=Label(""), due_at=DUE
        ),
        DeadlineMoved(
            subject=REVIEW,
            step=Code("somehow"),
            item=Label(""),
            due_at=DUE,
            by=LEADERS_HAND,
            text=WORDS,
        ),
    ],
    ids=lambda each: f"{each.definition.type} {each.subject}",
)
def test_what_cannot_stand_in_a_stream_is_found_and_ends_no_audit(fact: Event) -> None:
    history = before(A_MEMBERS, MeetingHeld)

    found = found_in(after(history, fact), rules_of)

    assert len(found) == 1
    assert fact.definition.type in found[0]


def test_what_was_forged_before_breaks_no_later_decision() -> None:
    history = before(A_MEMBERS, ReviewOpened)
    strange = replace(
        first_of(A_MEMBERS, ReviewOpened), dues=(Due(step=Code("somehow"), due_at=DUE),)
    )
    forged = after(history, strange, time="2025-11-03T02:00:00Z")
    late = record(MISSED, version=2, time=DUE, told_at=DUE + timedelta(days=1))

    found = found_in([*forged, late], rules_of)

    assert [each.partition(" ")[0] for each in found] == ["review.opened", "deadline.missed"]
