"""Reviews, plans and escalations fold whatever reaches us, and each deadline is told once."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.catalogue import CATALOGUE
from events.definitions.cycle import CYCLE, CycleOpened, CycleVoided
from events.definitions.deadline import DEADLINE, DeadlineMoved, Excuse
from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.domain.year import cycle, deadlines
from events.identifiers import UnitId
from services.read_models.states import YEAR, Kind
from tests.support.effort import fewer
from tests.support.history import NOON
from tests.support.law import records
from tests.support.strategies import events_of
from tests.support.year_examples import CELL, MEMBER, TOP

FACTS_MAX = 14
LOOKS_MAX = 6  # of a timekeeper, on a clock that goes to and fro
SUBJECT = f"review-2026-{MEMBER}"
DAYS = st.integers(0, 9).map(lambda count: NOON + timedelta(days=count))
STEPS = {
    "review": ("commitment", "self_critique", "proposal", "decision", "announcement"),
    "plan": ("plan", "plan_agreement", "milestone", "evidence_review"),
    "escalation": ("acknowledgement",),
}

each_kind = pytest.mark.parametrize("kind", YEAR, ids=lambda kind: kind.name)
of_kinds = fewer(2)  # an example here, a list of facts, costs more than any other


@st.composite
def histories(draw: st.DrawFn, kind: Kind) -> list[Recorded]:
    """Facts of one stream in any order, about the same few milestones, criticisms and days."""
    classes = [cls for cls in CATALOGUE if cls.definition.about == kind.name]
    classes += [cls for cls in DEADLINE if kind.name == "review" or cls is not DeadlineMoved]
    events = draw(st.lists(st.sampled_from(classes).flatmap(events_of), max_size=FACTS_MAX))
    alike = [_alike(draw, kind, event) for event in events]
    return records(*[(NOON + timedelta(hours=n), event) for n, event in enumerate(alike)])


def _alike(draw: st.DrawFn, kind: Kind, event: Event) -> Event:
    """Return a fact that may meet others: every time is one of few days, every id one of few."""
    values: dict[str, Any] = msgspec.to_builtins(event)
    few = st.sampled_from(["1", "2"])
    due = {"step": draw(st.sampled_from(STEPS[kind.name])), "item": draw(few | st.just(""))}
    same = {
        "path": [CELL, UnitId("middleaaaaaaaaaaaaaaaaaaaa"), TOP],
        "subject": SUBJECT,
        "milestone_id": draw(few),
        "criticism_id": draw(few),
        "rung": draw(st.integers(1, 3)),
        "dues": [{**due, "due_at": draw(DAYS)}],
        "milestones": [{"id": n, "due_at": draw(DAYS), "words": {"sealed": "w"}} for n in "12"],
        "decision_version": draw(st.integers(1, FACTS_MAX)),
        **due,
    }
    times = {name: draw(DAYS) for name in values if name.endswith("due_at")}
    known = {name: same[name] for name in values.keys() & same.keys()}
    return msgspec.convert({**values, **known, **times}, type(event))


@st.composite
def subsequences(draw: st.DrawFn, kind: Kind) -> list[Recorded]:
    whole = draw(histories(kind))
    kept = draw(st.lists(st.booleans(), min_size=len(whole), max_size=len(whole)))
    return [recorded for recorded, keep in zip(whole, kept, strict=True) if keep]


@each_kind
@of_kinds
@given(data=st.data())
def test_every_subsequence_folds_into_a_state_and_a_row(kind: Kind, data: st.DataObject) -> None:
    part = data.draw(subsequences(kind))

    state = kind.fold(part)

    assert state.version == (part[-1].entry.streamversion if part else 0)
    assert kind.state_in(kind.row("key", 1, state)) == state


@given(st.lists(st.sampled_from(CYCLE).flatmap(events_of), max_size=FACTS_MAX))
def test_every_subsequence_of_a_cycle_folds_and_told_again_changes_nothing(
    events: list[Event],
) -> None:
    history = records(*events)

    state = cycle.fold(history)

    assert state.version == len(history)
    voided = [at for at, each in enumerate(events) if isinstance(each, CycleVoided)]
    since = events[voided[-1] + 1 :] if voided else events
    opened = next((each for each in since if isinstance(each, CycleOpened)), None)
    assert (state.opened.fact if state.opened else None) == opened
    for recorded in history:
        assert cycle.evolve(state, recorded) is state


@each_kind
@of_kinds
@given(data=st.data())
def test_facts_told_again_change_nothing(kind: Kind, data: st.DataObject) -> None:
    history = data.draw(histories(kind))
    state = kind.fold(history)

    for recorded in history:
        assert kind.evolve(state, recorded) is state
    assert kind.fold(history) == state


@each_kind
@of_kinds
@given(data=st.data())
def test_folding_may_stop_and_go_on_anywhere(kind: Kind, data: st.DataObject) -> None:
    history = data.draw(histories(kind))
    place = data.draw(st.integers(0, len(history)))

    state = kind.state_in(kind.row("key", 1, kind.fold(history[:place])))
    for recorded in history[place:]:
        state = kind.evolve(state, recorded)

    assert state == kind.fold(history)


@each_kind
@of_kinds
@given(data=st.data())
def test_a_clock_that_goes_to_and_fro_tells_each_deadline_once(
    kind: Kind, data: st.DataObject
) -> None:
    history = data.draw(histories(kind))
    looks = data.draw(st.lists(DAYS, min_size=1, max_size=LOOKS_MAX))
    state = kind.fold(history)
    excuse = data.draw(st.sampled_from([None, *Excuse]))
    wanted = {_key(due) for due in state.deadlines.open_dues(state.done) if due.due_at < max(looks)}

    ran_out: list[Event] = []
    for now in looks:
        new = deadlines.run_out(
            state.deadlines.open_dues(state.done), SUBJECT, now=now, excuse=lambda _due: excuse
        )
        ran_out += new
        history = records(*[(r.entry.time, r.event) for r in history], *[(now, e) for e in new])
        state = kind.fold(history)

    assert len(ran_out) == len(wanted)
    assert {_key(event) for event in ran_out} == wanted
    left = state.deadlines.next_at(state.done)
    assert left is None or left >= max(looks)


def _key(due: Any) -> tuple[str, str, datetime]:
    return due.step, due.item, due.due_at
