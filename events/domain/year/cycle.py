"""The year of one committee: opened where it decides, closed, taken over or voided from above."""

import functools
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias, assert_never

from events.definitions.cycle import CycleClosed, CycleOpened, CycleTakenOver, CycleVoided
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event, Sealed
from events.definitions.records import Hand, Period
from events.domain.aggregate import folding
from events.domain.aggregate.folding import Taken
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation.succession import WithSuccessions
from events.domain.year.competence import require_competent
from events.domain.year.rules import Rules, require_governed, require_reaching
from events.identifiers import UnitId

Fact: TypeAlias = (
    CycleOpened | CycleClosed | CycleTakenOver | CycleVoided
)  # all of a cycle; no deadline runs in it


class State(WithSuccessions, frozen=True):
    """Everything told of one cycle, as far as `version` of its stream."""

    opened: Taken[CycleOpened] | None = None
    closed: Taken[CycleClosed] | None = None
    taken_over: Taken[CycleTakenOver] | None = None
    taken: tuple[UnitId, ...] = ()  # whose years go on in this one
    voided: Taken[CycleVoided] | None = None  # the last one; the year may be open again since

    @property
    def holds(self) -> bool:
        """Tell whether whoever belongs to the unit or below is reviewed in this cycle."""
        return self.opened is not None and self.taken_over is None

    @property
    def began_below(self) -> bool:
        """Tell whether this cycle is open because one below was taken over, and for that alone."""
        return self.opened is not None and bool(self.opened.fact.taken_from)


EMPTY = State()


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenCycle:
    period: Period
    unit_id: UnitId
    by: Hand
    authorised: bool  # HR or the operator says that the unit decides
    held_above: bool = False  # a unit above has this period open for everybody below it


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseCycle:
    by: Hand


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeOverCycle:
    by: Hand
    above: tuple[UnitId, ...]  # the units above the one that opened it
    text: Sealed[str]
    own: bool = False  # who does it is reviewed in it, or answers for a unit that is


@dataclass(frozen=True, slots=True, kw_only=True)
class VoidCycle:
    by: Hand
    above: tuple[UnitId, ...]
    text: Sealed[str]
    own: bool = False


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
            more = (event.taken_from,) if event.taken_from else ()
            opened = state.opened or Taken(version, at, event)
            return {"opened": opened, "taken": (*state.taken, *more)}
        case CycleClosed():
            return {"closed": state.closed or Taken(version, at, event)}
        case CycleTakenOver():
            return {"taken_over": state.taken_over or Taken(version, at, event)}
        case CycleVoided():
            anew = folding.begin_anew(EMPTY, kept=("successions",))
            return anew | {"voided": Taken(version, at, event)}
        case never:
            assert_never(never)


def open_cycle(state: State, command: OpenCycle, rules: Rules, *, now: datetime) -> CycleOpened:
    if state.opened:
        raise CommandRejected(Rejection.YEAR_OPEN)
    require_competent(command.by, (command.unit_id,), rules)
    if not command.authorised:
        raise CommandRejected(Rejection.NO_AUTHORITY)
    if command.held_above:
        raise CommandRejected(Rejection.HELD_ABOVE, period=command.period)
    require_governed(command.period, rules)
    require_reaching(command.period, rules, now)
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
    if state.closed or state.taken_over:
        raise CommandRejected(Rejection.YEAR_CLOSED)
    opened = state.opened.fact
    require_competent(command.by, state.acting_units((opened.unit_id,)), rules)
    return CycleClosed(period=opened.period, unit_id=opened.unit_id, by=command.by)


def take_over(state: State, command: TakeOverCycle, rules: Rules) -> CycleTakenOver:
    """Return that a unit above decides in this cycle from now on."""
    opened = under_way(state)
    _require_from_above(command, rules)
    return CycleTakenOver(
        period=opened.period, unit_id=opened.unit_id, by=command.by, text=command.text
    )


def open_above(state: State, taken: CycleTakenOver, opened: CycleOpened) -> CycleOpened:
    """Return that the year is open where it was taken over to, also for what was taken over.

    By the documents of the cycle that is open there, else of the one that was taken over, whose
    reviews go on under theirs.
    """
    if state.taken_over:
        raise CommandRejected(Rejection.YEAR_TAKEN_OVER)
    goes_by = state.opened.fact if state.opened else opened
    return CycleOpened(
        period=opened.period,
        unit_id=taken.by.unit_id,
        rulebook=goes_by.rulebook,
        calendar=goes_by.calendar,
        by=taken.by,
        taken_from=opened.unit_id,
    )


def units_held(
    unit_id: UnitId, year_of: Callable[[UnitId], State], decides: Callable[[UnitId], bool]
) -> frozenset[UnitId]:
    """Return of which units a unit's year holds whoever belongs to them or below.

    Of itself; where it is open only because years below were taken over, of what these held,
    unless HR or the operator says that the unit decides.
    """
    found, seen, wanted = set[UnitId](), set[UnitId](), [unit_id]
    while wanted:
        each = wanted.pop()
        if each in seen:
            continue
        seen.add(each)
        state = year_of(each)
        if state.began_below and not decides(each):
            wanted.extend(state.taken)
        else:
            found.add(each)
    return frozenset(found)


def void(state: State, command: VoidCycle, rules: Rules) -> CycleVoided:
    """Return that nothing in this cycle counts any more."""
    opened = under_way(state)
    _require_from_above(command, rules)
    return CycleVoided(
        period=opened.period, unit_id=opened.unit_id, by=command.by, text=command.text
    )


def void_below(unit_id: UnitId, voided: CycleVoided) -> CycleVoided:
    """Return that a year which went on in one that is voided is void with it: it may open again."""
    return replace(voided, unit_id=unit_id)


def require_of_year(state: State, *, pinned: Collection[UnitId], voided_since: bool) -> None:
    """Raise CommandRejected where a review is in this year no more, be it not told in the review.

    On its `pinned` path it goes on before whoever took the year over.
    """
    if state.taken_over and state.taken_over.fact.by.unit_id not in pinned:
        raise CommandRejected(Rejection.YEAR_TAKEN_OVER)
    if voided_since:
        raise CommandRejected(Rejection.YEAR_VOIDED)


def _require_from_above(command: TakeOverCycle | VoidCycle, rules: Rules) -> None:
    require_competent(command.by, command.above, rules)
    if command.own:
        raise CommandRejected(Rejection.YEAR_OF_ONESELF)


def under_way(state: State) -> CycleOpened:
    """Return the opening of a cycle. Raises CommandRejected unless its unit decides in it."""
    if state.opened is None:
        raise CommandRejected(Rejection.YEAR_NOT_OPENED)
    if state.taken_over:
        raise CommandRejected(Rejection.YEAR_TAKEN_OVER)
    return state.opened.fact
