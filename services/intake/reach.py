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
from events.domain.organisation import member, unit
from events.domain.organisation.timelines import EMPTY, Mark, State
from events.identifiers import Stream, UnitId, unit_stream
from events.store.batch import Appended
from events.store.store import Store
from services.intake.refusals import OutsideUnits
from services.read_models.roster import PATH_MAX

UNIT, MEMBER = "unit-", "member-"
# Timelines by which a unit stands towards those above: where it hangs, and whether it decides.
_STRUCTURE = frozenset(("parent", "existence", "successor", "authority"))
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

        Whom they name by a reference is within already, or came into being with them.

        Raises:
            OutsideUnits
        """
        facts = tuple(written)
        parents = dict(pair for each in facts for pair in _hangings(each))
        for each in facts:
            if not all(self._holds_unit(place, parents) for place in self._places(each)):
                raise OutsideUnits(index=each.nth)

    def _holds_unit(self, unit_id: str | None, parents: Mapping[str, str | None]) -> bool:
        """Tell whether a unit is, or hangs below, one of the roots; `parents` overrules."""
        for _ in range(PATH_MAX):
            if unit_id is None or unit_id in self._roots:
                return unit_id is not None
            stream = unit_stream(UnitId(unit_id))
            unit_id = (
                parents[unit_id] if unit_id in parents else self._state(stream).value("parent")
            )
        return False

    def _places(self, written: Written) -> Iterator[str | None]:
        """Iterate over the units that a fact touches; None: no unit at all, so none within."""
        state = self._state(written.stream)
        touched = _touches_of(written, state)
        subject = written.stream.partition("-")[2]
        if written.stream.startswith(MEMBER):
            yield from _values(state, "unit", touched)
            if touched.leaves:
                yield from _posts(state, revived=touched.corrected is not None)
        elif subject not in self._roots or touched.timelines & _STRUCTURE:
            yield from _values(state, "parent", touched)
            yield subject
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
    leaves: bool = False  # it tells that somebody left, or takes that back
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
        any(name == "membership" and value != member.ENROLLED for name, value in marks),
        event.corrects,
    )


def _hangings(written: Written) -> Iterator[tuple[str, str | None]]:
    """Iterate over which units a fact tells to hang under which."""
    event = written.event
    told = CATALOGUE.open(event.fact) if isinstance(event, FactCorrected) and event.fact else event
    for name, value in unit.marks_of(told):
        if name == "parent":
            yield written.stream.partition("-")[2], value


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
    marks = [m for m in state.timelines.get(timeline, ()) if m.version != touched.corrected]
    before = [each for each in marks if each.since <= touched.since]
    yield from (mark.value for mark in (*before[-1:], *marks[len(before) :]))


def _posts(state: State, *, revived: bool) -> Iterator[str]:
    """Iterate over where somebody holds posts; with `revived`, also those that a leaving ended."""
    if revived:
        yield from (name.split(" ")[0] for name, _ in state.open_marks("post "))
    else:
        yield from (post.unit_id for post in member.view(state).posts)
