"""No unit hangs below itself, nor comes to itself when it is dissolved: else it is in no year.

What hangs below a dissolved unit is where its successor is: so both make one way.

It is asked of the streams and of the whole batch, of now and of when nothing waits any more. They
are not kept still meanwhile: of two senders at once each may close one half of a circle.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from functools import partial
from typing import NamedTuple

from events.definitions.roster import FactCorrected, UnitDissolved, UnitFormed, UnitMoved
from events.domain.organisation import succession, unit
from events.domain.organisation.corrections import fact_of
from events.domain.organisation.succession import SUCCESSIONS_MAX, Place
from events.domain.organisation.timelines import State
from events.domain.organisation.unit import PATH_MAX
from events.identifiers import UnitId, unit_stream
from events.store.store import Store
from services.intake import touching
from services.intake.budget import Budget
from services.intake.refusals import UnitBelowItself
from services.intake.touching import UNIT, Written

WAY_MAX = PATH_MAX + SUCCESSIONS_MAX


class _Way(NamedTuple):
    """A unit that a fact makes the next on a way, and where the fact says so."""

    to: UnitId
    pointer: str


class Circles:
    """Units as they will be told once a batch is appended."""

    def __init__(self, store: Store, budget: Budget, written: Iterable[Written]) -> None:
        self._store = store
        self._budget = budget
        self._written = defaultdict[str, list[Written]](list)
        for each in written:
            self._written[each.stream].append(each)
        self._states: dict[UnitId, State] = {}
        self._places: dict[tuple[UnitId, bool], Place] = {}

    def require_none(self, *, ahead: bool) -> None:
        """Refuse what closes a circle of units: now, or by what waits.

        Raises:
            UnitBelowItself
            TooMuchHistory: of a unit too much was told for this sender.
        """
        for stream, told in self._written.items():
            if stream.startswith(UNIT):
                for each in told:
                    self._require(UnitId(stream.removeprefix(UNIT)), each, ahead=ahead)

    def _require(self, subject: UnitId, written: Written, *, ahead: bool) -> None:
        for way in self._ways(subject, written):
            if way.to == subject or self._leads_back(subject, way, ahead=ahead):
                raise UnitBelowItself(index=written.nth, pointer=way.pointer)

    def _ways(self, subject: UnitId, written: Written) -> Iterator[_Way]:
        """Iterate over what a fact makes the next unit; a correction may bring one back."""
        told, _ = fact_of(written.event, written.time)
        at = "/data" if told is written.event else "/data/fact/data"
        match told:
            case UnitFormed(parent_id=parent) | UnitMoved(parent_id=parent) if parent:
                yield _Way(parent, f"{at}/parent_id")
            case UnitDissolved(successor_id=successor):
                yield _Way(successor, f"{at}/successor_id")
            case FactCorrected():
                for back in self._place(subject, ahead=False):
                    if back is not None:
                        yield _Way(back, f"{at}/corrects")

    def _leads_back(self, subject: UnitId, way: _Way, *, ahead: bool) -> bool:
        """Tell whether a way leads to where it began, if that is where the subject goes at all."""
        place_of = partial(self._place, ahead=ahead)
        place: UnitId | None = way.to
        for _ in range(WAY_MAX):
            if place is None or place == subject:
                break
            place = succession.next_up(place, place_of)
        return place == subject and way.to in self._place(subject, ahead=ahead)

    def _place(self, unit_id: UnitId, *, ahead: bool) -> Place:
        if (unit_id, ahead) not in self._places:
            state = self._state(unit_id)
            place = succession.place_in(state.with_all_ahead() if ahead else state)
            self._places[unit_id, ahead] = place
        return self._places[unit_id, ahead]

    def _state(self, unit_id: UnitId) -> State:
        if unit_id not in self._states:
            stream = unit_stream(unit_id)
            history = self._store.read_stream(stream).events
            state = unit.fold(history)
            hidden = touching.size_of(state) - len(self._budget.read(stream, history))
            for each in self._written.get(stream, ()):
                self._budget.spend(max(0, touching.size_of(state) - hidden))
                state = touching.after(state, each)
            self._states[unit_id] = state
        return self._states[unit_id]
