"""What was missed goes along with its review or plan: it lies where that goes on."""

import pytest

from events.definitions.deadline import DeadlineMissed
from events.definitions.escalation import (
    EscalationAcknowledged,
    EscalationMoved,
    EscalationPassedOn,
    EscalationResolved,
    Resolution,
)
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Hand, Label
from events.domain.escalation import escalation, ladder
from events.domain.escalation.escalation import State
from events.domain.escalation.lateness import Late
from events.domain.steps import Step
from events.identifiers import UnitId
from tests.support.law import CELL, LEADER, MEMBER, RULES, TOP, at, records, rejection_of

OTHER_CELL, PARENT = UnitId(f"{'other':a<26}"), UnitId(f"{'parent':a<26}")
PATH, OTHER_PATH = (CELL, PARENT, TOP), (OTHER_CELL, TOP)
CAUSE = Label("0b5ff8b1-6a52-5b7e-8f8a-3f7a2d1c9e00")
MISSED = DeadlineMissed(
    subject=Subject(f"review-2026-{MEMBER}"),
    step=Code("self_critique"),
    item=Label(""),
    due_at=at(4),
)
LATE = Late(frozenset({MEMBER}))
RAISED = ladder.raise_for(MISSED, cause=CAUSE, late=LATE, path=PATH, rules=RULES, now=at(7))


def after(*events: Event) -> State:
    return escalation.fold(records(*[(at(7), each) for each in events]))


def moved(
    state: State, path: tuple[UnitId, ...] = OTHER_PATH, *, late: Late = LATE
) -> EscalationMoved:
    event = ladder.move(state, late=late, path=path, rules=RULES, now=at(8))
    assert event is not None
    return event


def passed_on(state: State) -> EscalationPassedOn:
    event = ladder.pass_on(state, RULES, now=at(8))
    assert event is not None
    return event


def hand(unit_id: UnitId) -> Hand:
    return Hand(member_id=LEADER, unit_id=unit_id, post=Code("secretary"))


def taken_up(unit_id: UnitId) -> EscalationAcknowledged:
    return EscalationAcknowledged(cause=CAUSE, by=hand(unit_id))


def take_up(state: State, unit_id: UnitId) -> EscalationAcknowledged:
    return escalation.acknowledge(state, escalation.Acknowledge(by=hand(unit_id), late=LATE), RULES)


def test_it_is_laid_before_the_new_place_which_has_its_time_to_take_it_up() -> None:
    event = moved(after(RAISED))

    state = after(RAISED, event)
    assert (event.rung, event.unit_id, event.path) == (1, OTHER_CELL, OTHER_PATH)
    assert state.path == OTHER_PATH
    assert event.acknowledge_due_at > RAISED.acknowledge_due_at
    assert [each.due_at for each in escalation.tasks(state)] == [event.acknowledge_due_at]
    assert state.takers(Step.ACKNOWLEDGEMENT) == (OTHER_CELL,)


def test_the_new_place_takes_it_up_and_the_old_one_no_more() -> None:
    state = after(RAISED, moved(after(RAISED)))

    assert take_up(state, OTHER_CELL) == taken_up(OTHER_CELL)
    rejection_of(lambda: take_up(state, CELL), "not_competent")


def test_it_stays_on_its_rung_and_climbs_on_by_the_new_way() -> None:
    climbed = (RAISED, passed_on(after(RAISED)))

    event = moved(after(*climbed))

    state = after(*climbed, event)
    assert (event.rung, event.unit_id) == (2, TOP)
    assert passed_on(state).unit_id == TOP
    assert passed_on(after(RAISED, moved(after(RAISED)))).rung == 2


def test_it_is_not_laid_before_whoever_was_late_there() -> None:
    event = moved(after(RAISED), late=Late(units=(OTHER_CELL,)))

    assert (event.rung, event.unit_id) == (2, TOP)


@pytest.mark.parametrize(("by", "stage"), [(TOP, "acknowledged"), (CELL, "open")])
def test_who_took_it_up_goes_on_with_it_where_the_new_way_leads_by_them(
    by: UnitId, stage: str
) -> None:
    facts = (RAISED, taken_up(by))

    state = after(*facts, moved(after(*facts)))

    assert escalation.stage(state) == stage
    assert bool(escalation.tasks(state)) == (stage == "open")


def test_what_goes_that_way_or_is_over_or_never_was_stays() -> None:
    resolved = EscalationResolved(cause=CAUSE, resolution=Resolution.DONE)

    for state, path in (
        (after(RAISED), PATH),
        (after(RAISED, resolved), OTHER_PATH),
        (after(), PATH),
    ):
        assert ladder.move(state, late=LATE, path=path, rules=RULES, now=at(8)) is None
