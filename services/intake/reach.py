"""About whom a token limited to units may write: about these, and all that hangs below them.

One rule for whatever is told, corrected or taken back: every unit that it touches lies within,
before it is told and after, at every moment from the first of which it changes anything.

It is asked of the streams themselves, and what was read must stay still until the append: lists
that lag behind would let somebody write a moment longer about whom they have lost. What lies
outside is to such a sender as if nobody had ever told of it (decisions 0055 and 0074). What others
told ahead counts from its day, as if that had come.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain

from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.roster import FactCorrected, FactTookEffect
from events.domain.organisation import member, unit
from events.domain.organisation.corrections import fact_of
from events.domain.organisation.disciplines import DISCIPLINE
from events.domain.organisation.timelines import AS_TOLD, EMPTY, State, is_ahead
from events.identifiers import Stream
from events.store.batch import Appended
from events.store.store import Store
from services.access.tokens import Principal
from services.intake.budget import Budget, Unbounded
from services.intake.refusals import OutsideUnits, TooMuchHistory
from services.intake.touching import (
    MEMBER,
    UNIT,
    Touched,
    Written,
    after,
    size_of,
    times_counted,
    touched_by,
    view_of,
)
from services.intake.tree import AT_LAST, AUTHORITY, EXISTENCE, PARENT, Span, Tree, spans

_EVERYWHERE = "issuer "  # begins timelines of what holds everywhere: a name is one unit's alone


class Reach:
    """The part of the organisation about which somebody may write, as it is at this moment."""

    def __init__(self, store: Store, principal: Principal, *, now: datetime) -> None:
        self._store = store
        self._now = now
        self._sender = principal.id
        self._roots = frozenset(principal.grants.units)
        self._histories: dict[Stream, Sequence[Recorded]] = {}
        self._states: dict[Stream, State] = {}
        self._since: dict[Stream, datetime | None] = {}
        self._owed: dict[Stream, int] = {}  # what it cost to find that out
        self.budget = Budget(self._visible)  # of the whole request
        self._now_told = self._tree({}, Unbounded(), ahead=False)

    @property
    def versions(self) -> dict[Stream, int]:
        """Return at which versions the streams were by which it was decided who is within."""
        return {stream: state.version for stream, state in self._states.items()}

    @property
    def guards(self) -> dict[Stream, Appended]:
        """Return what keeps these streams still while others are appended to."""
        return {stream: Appended(version) for stream, version in self.versions.items()}

    def holds(self, stream: str) -> bool:
        """Tell whether a member or unit is within now, whatever waits; of other streams nothing is.

        Else whoever is to come would be told from others outside before they have come.
        """
        of = Stream(stream)
        is_held = self._within_since(of) is not None
        if is_held:
            self._pay(of)
        return is_held

    def knows(self, stream: str, version: int, teller: str) -> bool:
        """Tell whether the sender knows of a fact on somebody within: told by them, or seen."""
        of = Stream(stream)
        if self._within_since(of) is None:
            return False
        facts = self._histories[of][version - 1 : version]
        is_known = teller == self._sender or bool(self._visible(of, facts))
        if is_known:
            self._pay(of)
        return is_known

    def sees_since(self, stream: Stream, at: datetime) -> bool:
        """Tell whether somebody is within without a break since a moment."""
        since = self._within_since(stream)
        return since is not None and since <= at

    def decisions_within(self, stream: Stream) -> Callable[[str], bool]:
        """Return what tells of a decision on somebody whether it counts only since they are within.

        Of one that counted before, or waits, such a sender knows as little as of who is outside.
        """
        told = view_of(self._state(stream), ahead=False)

        def is_within(decision: str) -> bool:
            counted = times_counted(told, frozenset((f"{DISCIPLINE}{decision}",)))
            since = min(counted, default=None)
            return since is not None and self.sees_since(stream, since)

        return is_within

    def require(self, written: Iterable[Written]) -> None:
        """Refuse facts that touch anything outside, without saying which.

        Whom they name by a reference is within already, or came into being with them. Where other
        units hang is asked of how it will be when all is told. It is asked of what holds, and of
        what will hold where anything waits: what a fact says goes along with whoever is to move.

        Raises:
            OutsideUnits: also where what is to be looked at, hidden or not, is too much.
        """
        try:
            self._require_within(written)
        except TooMuchHistory as too_much:
            raise OutsideUnits from too_much

    def _require_within(self, written: Iterable[Written]) -> None:
        facts, states = list[tuple[Written, State]](), dict[Stream, State]()
        for each in written:
            before = states.get(each.stream) or self._state(each.stream)
            self.budget.spend(size_of(before))
            facts.append((each, before))
            states[each.stream] = after(before, each)
        self._require(facts, states, ahead=False)
        if any(state.waiting for state in chain(self._states.values(), states.values())):
            self._require(facts, states, ahead=True)

    def _require(
        self, facts: Iterable[tuple[Written, State]], states: dict[Stream, State], *, ahead: bool
    ) -> None:
        told = self._tree(states, self.budget, ahead=ahead)
        for each, before in facts:
            self.budget.spend(size_of(before))
            touched = touched_by(each, before, ahead=ahead)
            for state in (touched.before, touched.after):
                tree = told
                if each.stream.startswith(UNIT):
                    tree = told.with_unit(each.stream.removeprefix(UNIT), state)
                if state is not EMPTY and not _is_within(tree, each.stream, touched, state):
                    raise OutsideUnits

    def _within_since(self, stream: Stream) -> datetime | None:
        """Return since when somebody is within without a break; None: they are not."""
        if stream in self._since or not stream.startswith((UNIT, MEMBER)):
            return self._since.get(stream)
        told = view_of(self._state(stream), ahead=False)
        places = tuple(_whereabouts(stream, told, AS_TOLD))
        steps = list[int]()
        self._since[stream] = self._now_told.holds_since(places, steps.append)
        self._owed[stream] = sum(steps)
        return self._since[stream]

    def _pay(self, stream: Stream) -> None:
        """Spend once what it cost to see that somebody is within: of whom the sender knows."""
        if stream in self._owed:
            self.budget.spend(self._owed.pop(stream))
            self.budget.read(stream, self._histories[stream])

    def _visible(self, stream: Stream, history: Sequence[Recorded]) -> Sequence[Recorded]:
        """Return what was told of the time since somebody is within, and names no unit outside.

        What was told about facts, such as a correction, is seen where they are.
        """
        since = self._within_since(stream)
        return [e for e in history if since and self._is_seen(stream, e, since)]

    def _is_seen(self, stream: Stream, told: Recorded, since: datetime) -> bool:
        event, at = fact_of(told.event, told.entry.time)  # of a correction the fact inside it
        units = (getattr(event, name, None) for name in self._fields_of_units(stream))
        versions = _versions_named(told.event)
        about = (e for v in versions for e in self._histories[stream][v - 1 : v])
        return (
            all(since <= each and not is_ahead(each, self._now) for each in (at, told.entry.time))
            and all(self._now_told.holds(each, AT_LAST) for each in units if each)
            and (not versions or any(self._is_seen(stream, each, since) for each in about))
        )

    def _fields_of_units(self, stream: Stream) -> tuple[str, ...]:
        """Return which fields name units that must be within; below what a root hangs is known."""
        is_root = stream.removeprefix(UNIT) in self._roots
        return ("unit_id", "successor_id", *(() if is_root else ("parent_id",)))

    def _tree(self, states: Mapping[Stream, State], budget: Budget, *, ahead: bool) -> Tree:
        def told_of(stream: Stream) -> State:
            return view_of(states.get(stream) or self._state(stream), ahead=ahead)

        return Tree(self._roots, told_of, budget)

    def _state(self, stream: Stream) -> State:
        if stream not in self._states:
            history = self._histories[stream] = self._store.read_stream(stream).events
            fold = unit.fold if stream.startswith(UNIT) else member.fold
            self._states[stream] = fold(history).with_due(self._now) if history else EMPTY
        return self._states[stream]


def _versions_named(event: Event) -> tuple[int, ...]:
    """Return which facts of its stream a fact is about."""
    match event:
        case FactCorrected(corrects=version):
            return (version,)
        case FactTookEffect(versions=versions):
            return versions
    return ()


def _is_within(tree: Tree, stream: Stream, touched: Touched, state: State) -> bool:
    """Tell whether all that a fact touches lies within, as it is told before the fact or after."""
    units = chain(_places(stream, touched, state), touched.posts())
    subject = Span(stream.removeprefix(UNIT), touched.since, None)
    return (
        all(map(tree.holds_throughout, units))
        and (AUTHORITY not in touched.timelines or tree.holds_who_decides(subject))
        and not any(name.startswith(_EVERYWHERE) for name in touched.timelines)
    )


def _whereabouts(stream: Stream, state: State, since: datetime) -> Iterator[Span]:
    """Iterate over the units where somebody is, since a moment; a unit is itself."""
    if stream.startswith(MEMBER):
        return spans(state, member.UNIT, since)
    return iter((Span(stream.removeprefix(UNIT), since, None),))


def _places(stream: Stream, touched: Touched, state: State) -> Iterator[Span]:
    """Iterate over where whom a fact is about is; of a unit that it places, also what is above."""
    yield from _whereabouts(stream, state, touched.since)
    if stream.startswith(MEMBER):
        return
    if touched.timelines & {PARENT, *EXISTENCE}:
        above = spans(state, PARENT, touched.since)
        yield from [*above] or [Span(None, touched.since, None)]
