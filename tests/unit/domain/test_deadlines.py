"""A deadline that ran out is told once, as missed or settled; whoever is late may still act."""

from datetime import datetime, timedelta

from events.definitions.deadline import DeadlineMissed, Excuse, TimerSettled
from events.definitions.event import Code, Subject
from events.definitions.records import Due, Label
from events.domain.documents.working_days import local_day
from events.domain.steps import Step, Turn
from events.domain.year.deadlines import Deadlines, Task, resume, run_out
from tests.support.law import RULES, at

SUBJECT = Subject("review-2026-memberaaaaaaaaaaaaaaaaaaaa")
FIRST, SECOND = at(5, hour=16), at(15, hour=16)
COMMITMENT = Due(step=Code("commitment"), due_at=FIRST)
CRITIQUE = Due(step=Code("self_critique"), due_at=SECOND)
RUNNING = Deadlines().with_dues(CRITIQUE, COMMITMENT)
LATER = timedelta(days=1)


def nothing_done(_step: str, _item: str) -> bool:
    return False


def everything_done(_step: str, _item: str) -> bool:
    return True


def told(
    deadlines: Deadlines, now: datetime, excuse: Excuse | None = None
) -> list[DeadlineMissed | TimerSettled]:
    waiting = deadlines.open_dues(nothing_done)
    return run_out(waiting, SUBJECT, now=now, excuse=lambda _due: excuse)


def missed(due: Due) -> DeadlineMissed:
    return DeadlineMissed(subject=SUBJECT, step=due.step, item=due.item, due_at=due.due_at)


def settled(due: Due) -> TimerSettled:
    return TimerSettled(
        subject=SUBJECT, step=due.step, item=due.item, due_at=due.due_at, reason=Excuse.ABSENT
    )


def test_nothing_runs_out_at_the_very_deadline() -> None:
    assert told(RUNNING, FIRST) == []


def test_what_ran_out_is_told_in_the_order_of_the_deadlines() -> None:
    assert told(RUNNING, SECOND + LATER) == [missed(COMMITMENT), missed(CRITIQUE)]


def test_who_is_excused_missed_nothing() -> None:
    assert told(RUNNING, FIRST + LATER, Excuse.ABSENT) == [settled(COMMITMENT)]


def test_what_was_told_is_not_told_again() -> None:
    for event in (missed(COMMITMENT), settled(COMMITMENT)):
        assert told(RUNNING.after(event), SECOND) == []


def test_what_was_done_is_never_missed() -> None:
    assert list(RUNNING.open_dues(everything_done)) == []
    assert RUNNING.next_at(everything_done) is None


def test_the_next_deadline_is_the_first_that_nothing_was_told_of() -> None:
    assert RUNNING.next_at(nothing_done) == FIRST
    assert RUNNING.after(missed(COMMITMENT)).next_at(nothing_done) == SECOND
    assert Deadlines().next_at(nothing_done) is None


def test_who_missed_a_deadline_is_late_until_the_deed() -> None:
    late = RUNNING.after(missed(COMMITMENT))

    assert late.overdue(nothing_done) == (COMMITMENT,)
    assert late.overdue(everything_done) == ()


def test_who_was_excused_is_not_late() -> None:
    assert RUNNING.after(settled(COMMITMENT)).overdue(nothing_done) == ()


def test_more_time_ends_the_lateness_and_runs_out_again() -> None:
    moved = Due(step=COMMITMENT.step, due_at=SECOND)

    deadlines = RUNNING.after(missed(COMMITMENT)).with_dues(moved)

    assert deadlines.overdue(nothing_done) == ()
    assert deadlines.due_at("commitment") == SECOND
    assert told(deadlines, SECOND) == []
    assert missed(moved) in told(deadlines, SECOND + LATER)


def test_items_of_one_step_run_each_on_its_own() -> None:
    ones = [
        Due(step=Code("milestone"), item=Label(each), due_at=due_at)
        for each, due_at in (("1", FIRST), ("2", SECOND))
    ]

    deadlines = Deadlines().with_dues(*ones)

    assert told(deadlines, FIRST + LATER) == [missed(ones[0])]
    assert deadlines.due_at("milestone", "2") == SECOND
    assert deadlines.due_at("milestone", "3") is None


def test_what_was_settled_and_still_waits_gets_its_own_days_or_the_least_that_all_get() -> None:
    plan = Due(step=Code("plan"), due_at=FIRST)
    state = RUNNING.with_dues(plan).after(settled(CRITIQUE)).after(settled(plan))
    waiting = [Task(s, Turn.MEMBER) for s in (Step.SELF_CRITIQUE, Step.PLAN, Step.ANSWER)]

    excused = state.excused_dues(waiting)
    resumed = resume(excused, SUBJECT, RULES, back_at=at(7))

    assert excused == (CRITIQUE, plan)
    assert {each.step: str(local_day(each.due_at)) for each in resumed} == {
        "self_critique": "2026-12-14",
        "plan": "2026-12-21",
    }
    assert state.after(resumed[0]).excused_dues(waiting) == (plan,)
    assert state.excused_dues(()) == ()
