"""The year of one committee: open, then closed."""

from collections.abc import Iterable
from dataclasses import dataclass

import msgspec

from events.definitions.cycle import CycleClosed, CycleOpened
from events.definitions.entry import Recorded, Sequenced
from events.definitions.records import Hand, Period
from events.domain.competence import require_competent
from events.domain.rejections import CommandRejected
from events.domain.rules import Rules
from events.domain.taken import Taken
from events.identifiers import UnitId


class State(msgspec.Struct, frozen=True):
    """Everything told of one cycle, as far as `version` of its stream."""

    version: int = 0
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
    entry = recorded.entry
    if entry.streamversion <= state.version:
        return state
    changes: dict[str, object] = {}
    match recorded.event:
        case CycleOpened() as event if state.opened is None:
            changes = {"opened": Taken(entry.streamversion, entry.time, event)}
        case CycleClosed() as event if state.closed is None:
            changes = {"closed": Taken(entry.streamversion, entry.time, event)}
    return msgspec.structs.replace(state, version=entry.streamversion, **changes)


def fold(history: Iterable[Recorded]) -> State:
    """Return the state of a cycle after a history in the order of its versions."""
    state = EMPTY
    for recorded in history:
        state = evolve(state, recorded)
    return state


def open_cycle(state: State, command: OpenCycle, rules: Rules) -> CycleOpened:
    if state.opened:
        raise CommandRejected("already_open", rule="order", needed="this year is open already")
    require_competent(command.by, (command.unit_id,), rules)
    return CycleOpened(
        period=command.period,
        unit_id=command.unit_id,
        rulebook=rules.source.rulebook,
        calendar=rules.source.calendar,
        by=command.by,
    )


def close_cycle(state: State, command: CloseCycle, rules: Rules) -> CycleClosed:
    if state.opened is None:
        raise CommandRejected("not_open", rule="order", needed="this year has not been opened")
    if state.closed:
        raise CommandRejected("already_done", rule="order", needed="this year is closed already")
    opened = state.opened.fact
    require_competent(command.by, (opened.unit_id,), rules)
    return CycleClosed(period=opened.period, unit_id=opened.unit_id, by=command.by)
