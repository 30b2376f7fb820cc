"""The year of one committee: open, then closed."""

import functools
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias, assert_never

from events.definitions.cycle import CycleClosed, CycleOpened
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.records import Hand, Period
from events.domain.aggregate import folding
from events.domain.aggregate.folding import Taken
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation.succession import WithSuccessions
from events.domain.year.competence import require_competent
from events.domain.year.rules import Rules, require_governed
from events.identifiers import UnitId

Fact: TypeAlias = CycleOpened | CycleClosed  # all of a cycle; no deadline runs in it


class State(WithSuccessions, frozen=True):
    """Everything told of one cycle, as far as `version` of its stream."""

    opened: Taken[CycleOpened] | None = None
    closed: Taken[CycleClosed] | None = None


EMPTY = State()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCycle:
    period: Period
    unit_id: UnitId
    by: Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCycle:
    by: Hand


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the cycle's state after one fact more. A fact that it knows changes nothing."""
    return folding.evolve(state, recorded, _changes)


def fold(history: Iterable[Recorded]) -> State:
    """Return the state of a cycle after a history in the order of its versions."""
    return functools.reduce(evolve, history, EMPTY)


def _changes(state: State, event: Event, version: int, at: datetime) -> dict[str, object]:
    """Return which parts of the state a fact sets; the first of a kind counts."""
    return _changes_by_fact(state, event, version, at) if isinstance(event, Fact) else {}


def _changes_by_fact(state: State, event: Fact, version: int, at: datetime) -> dict[str, object]:
    match event:
        case CycleOpened():
            return {"opened": state.opened or Taken(version, at, event)}
        case CycleClosed():
            return {"closed": state.closed or Taken(version, at, event)}
        case never:
            assert_never(never)


def open_cycle(state: State, command: OpenCycle, rules: Rules) -> CycleOpened:
    if state.opened:
        raise CommandRejected(Rejection.YEAR_OPEN)
    require_competent(command.by, (command.unit_id,), rules)
    require_governed(command.period, rules)
    return CycleOpened(
        period=command.period,
        unit_id=command.unit_id,
        rulebook=rules.source.rulebook,
        calendar=rules.source.calendar,
        by=command.by,
    )


def close_cycle(state: State, command: CloseCycle, rules: Rules) -> CycleClosed:
    if state.opened is None:
        raise CommandRejected(Rejection.YEAR_NOT_OPENED)
    if state.closed:
        raise CommandRejected(Rejection.YEAR_CLOSED)
    opened = state.opened.fact
    require_competent(command.by, state.acting_units((opened.unit_id,)), rules)
    return CycleClosed(period=opened.period, unit_id=opened.unit_id, by=command.by)
