"""About whom a token limited to units may write: about these, and all that hangs below them.

It is asked of the streams themselves, and what was read must stay still until the append: lists
that lag behind would let somebody write a moment longer about whom they have lost. What lies
outside is to such a sender as if nobody had ever told of it (decision 0055).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Event
from events.definitions.roster import FactCorrected, MemberLeft
from events.domain.organisation import member, timelines, unit
from events.domain.organisation.timelines import EMPTY, Mark, State
from events.domain.organisation.unit import PATH_MAX
from events.identifiers import Stream, UnitId, unit_stream
from events.store.batch import Appended
from events.store.store import Store
from services.intake.refusals import OutsideUnits

UNIT, MEMBER = "unit-", "member-"
_AUTHORITY = "authority"
# Timelines by which a unit stands towards those above: where it hangs, and whether it decides.
_STRUCTURE = frozenset(("parent", "existence", "successor", _AUTHORITY))
_EVERYWHERE = "issuer "  # begins timelines of what holds everywhere: a name is one unit's alone


class Written(NamedTuple):
    """A fact that is about to be appended."""

    nth: int  # in the batch, from 0
    stream: Stream
    event: Event
    time: datetime


class Reach:
    """The part of the organisation about which somebody may write, as it is at this moment."""

    def __init__(self, store: Store, roots: Iterable[str]) -> None:
        self._store = store
        self._roots = frozenset(roots)
        self._states: dict[Stream, State] = {}

    @property
    def versions(self) -> dict[Stream, int]:
        """Return at which versions the streams were by which it was decided who is within."""
        return {stream: state.version for stream, state in self._states.items()}

    @property
    def guards(self) -> dict[Stream, Appended]:
        """Return what keeps these streams still while others are appended to."""
        return {stream: Appended(version) for stream, version in self.versions.items()}

    def holds(self, stream: str) -> bool:
        """Tell whether a member or unit is within; of a stream of anything else nothing is."""
        if stream.startswith(UNIT):
            return self._holds_unit(stream.removeprefix(UNIT), {})
        if not stream.startswith(MEMBER):
            return False
        return self._holds_unit(self._state(Stream(stream)).value("unit"), {})

    def require(self, written: Iterable[Written]) -> None:
        """Refuse facts that touch anything outside: where who they are about was then, or since.

        Whom they name by a reference is within already, or came into being with them. Where units
        hang is asked of how it will be when all is told.

        Raises:
            OutsideUnits
        """
        facts, states = list[tuple[Written, State]](), dict[Stream, State]()
        for each in written:
            before = states.get(each.stream) or self._state(each.stream)
            facts.append((each, before))
            states[each.stream] = _after(before, each)
        for each, before in facts:
            places = self._places(each, before, states)
            if not all(self._holds_unit(place, states) for place in places):
                raise OutsideUnits(index=each.nth)

    def _holds_unit(self, unit_id: str | None, states: Mapping[Stream, State]) -> bool:
        """Tell whether a unit is, or hangs below, one of the roots; `states` overrules."""
        return any(each in self._roots for each in self._upwards(unit_id, states))

    def _decider_above(self, unit_id: str, states: Mapping[Stream, State]) -> str | None:
        """Return the nearest unit above one that decides: on whoever is below, as far as now."""
        _, *above = self._upwards(unit_id, states)
        told = ((each, self._as_told(each, states).value("authority")) for each in above)
        return next((each for each, decides in told if decides), None)

    def _upwards(self, unit_id: str | None, states: Mapping[Stream, State]) -> Iterator[str]:
        """Iterate over a unit and those above it."""
        for _ in range(PATH_MAX):
            if unit_id is None:
                break
            yield unit_id
            unit_id = self._as_told(unit_id, states).value("parent")

    def _as_told(self, unit_id: str, states: Mapping[Stream, State]) -> State:
        stream = unit_stream(UnitId(unit_id))
        return states.get(stream) or self._state(stream)

    def _places(
        self, written: Written, state: State, states: Mapping[Stream, State]
    ) -> Iterator[str | None]:
        """Iterate over the units that a fact touches; None: no unit at all, so none within."""
        touched = _touches_of(written, state)
        subject = written.stream.partition("-")[2]
        if written.stream.startswith(MEMBER):
            yield from _values(state, "unit", touched)
            if touched.leaves:
                yield from _posts(state, revived=touched.corrected is not None)
        elif subject not in self._roots or touched.timelines & _STRUCTURE:
            yield from _values(state, "parent", touched)
            yield subject
        if _AUTHORITY in touched.timelines:  # it takes from whoever decides above, or gives back
            yield self._decider_above(subject, states)
        yield from touched.named
        if any(each.startswith(_EVERYWHERE) for each in touched.timelines):
            yield None

    def _state(self, stream: Stream) -> State:
        if stream not in self._states:
            history = self._store.read_stream(stream).events
            fold = unit.fold if stream.startswith(UNIT) else member.fold
            self._states[stream] = fold(history) if history else EMPTY
        return self._states[stream]


class _Touched(NamedTuple):
    """What a fact changes of the timelines of whom it is about."""

    since: datetime
    timelines: frozenset[str]
    named: frozenset[str | None]  # units that it names, or that what it corrects named
    leaves: bool = False  # somebody belongs here no more by it, or again, or since another day
    corrected: int | None = None  # the version whose marks go


def _touches_of(written: Written, state: State) -> _Touched:
    event = written.event
    if not isinstance(event, FactCorrected):
        marks = _marks_of(event)
        return _Touched(
            written.time,
            frozenset(name for name, _ in marks),
            frozenset(_units_in(marks)),
            isinstance(event, MemberLeft),
        )
    gone = list(_marks_at(state, event.corrects))
    told = CATALOGUE.open(event.fact) if event.fact else None
    marks = [(name, mark.value) for name, mark in gone] + (_marks_of(told) if told else [])
    since = [mark.since for _, mark in gone] + ([event.fact.time] if event.fact else [])
    return _Touched(
        min(since, default=written.time),
        frozenset(name for name, _ in marks),
        frozenset(_units_in(marks)),
        _membership(state) != _membership(_after(state, written)),
        event.corrects,
    )


def _after(state: State, written: Written) -> State:
    """Return what will hold of whom a fact is about once it is told."""
    marks_of = unit.marks_of if written.stream.startswith(UNIT) else member.marks_of
    return timelines.after(state, written.event, state.version + 1, written.time, marks_of)


def _membership(state: State) -> list[tuple[datetime, str | None]]:
    """Return when somebody became a member, and ceased to be one."""
    return [(mark.since, mark.value) for mark in state.timelines.get("membership", ())]


def _marks_of(event: Event) -> list[tuple[str, str | None]]:
    return member.marks_of(event) or unit.marks_of(event)


def _marks_at(state: State, version: int) -> Iterator[tuple[str, Mark]]:
    """Iterate over the marks that one fact set, with the names of their timelines."""
    for name, marks in state.timelines.items():
        yield from ((name, mark) for mark in marks if mark.version == version)


def _units_in(marks: Iterable[tuple[str, str | None]]) -> Iterator[str | None]:
    """Iterate over the units that marks name; a unit that hangs nowhere names None."""
    for name, value in marks:
        if name in {"unit", "parent"} or (name == "successor" and value):
            yield value
        elif name.startswith("post "):
            yield name.split(" ")[1]


def _values(state: State, timeline: str, touched: _Touched) -> Iterator[str | None]:
    """Iterate over what held on a timeline when a fact takes effect, and ever since."""
    marks = [m for m in state.marks(timeline) if m.version != touched.corrected]
    before = [each for each in marks if each.since <= touched.since]
    yield from (mark.value for mark in (*before[-1:], *marks[len(before) :]))


def _posts(state: State, *, revived: bool) -> Iterator[str]:
    """Iterate over where somebody holds posts; with `revived`, also those that a leaving ended."""
    if revived:
        yield from (name.split(" ")[0] for name, _ in state.open_marks("post "))
    else:
        yield from (post.unit_id for post in member.view(state).posts)
