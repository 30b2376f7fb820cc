"""Numbers that change hands in a ring: a batch tells of each holder under the number of another.

Whoever has the name is meant. Else each would be taken for somebody renamed, and all that was told
of one would stand with the next. Of less than a ring nobody can tell whether somebody was renamed
or the number was given again: that is taken as a new name (decision 0067), and told nowhere yet.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from events.definitions.characters import alike
from events.definitions.entry import Recorded
from events.domain.organisation import member, unit
from events.identifiers import Stream
from services.access import words
from services.context import Context
from services.intake.numbers import Key, Numbers, key_of
from services.intake.translation import Fact


class Called(NamedTuple):
    """By which name somebody is known, and since when by their number."""

    stream: Stream
    name: str
    number: str  # as it was written last
    since: datetime


class Renamed(NamedTuple):
    """The facts that tell one number of another name than that of whom it names."""

    facts: Sequence[Fact]
    name: str  # as it is compared
    holder: Called


class Turn(NamedTuple):
    """A fact by which a number goes to whoever has the name that it tells."""

    key: Key
    fact: Fact
    called: Called

    @property
    def is_latest(self) -> bool:
        """Tell whether no number was told later of whom it tells."""
        return self.fact.time >= self.called.since


class Read:
    """Whom the numbers name that are told again, as the log has them."""

    def __init__(
        self, context: Context, told: Mapping[Key, Sequence[Fact]], numbers: Numbers
    ) -> None:
        known = {key: numbers.find(*key) for key in told}
        streams = {key: Stream(f"{key[0]}-{each}") for key, each in known.items() if each}
        self.histories = context.store.read_streams(streams.values()) if streams else {}
        called = _called_in(context, self.histories)
        self.holders = {key: called[each] for key, each in streams.items() if each in called}

    @property
    def versions(self) -> dict[Stream, int]:
        """Return at which versions the streams were read."""
        every = self.histories.items()
        return {stream: told[-1].entry.streamversion for stream, told in every}


class Swaps:
    """The rings among what numbers are told of, and by whose names they were known."""

    def __init__(self, told: Mapping[Key, Sequence[Fact]], holders: Mapping[Key, Called]) -> None:
        self.told = told
        self.holders = holders
        renamed = dict[Key, Renamed]()
        for key, holder in holders.items():
            name, *others = {alike(each.values["name"]) for each in told[key]}
            if not others and name != alike(holder.name):
                renamed[key] = Renamed(told[key], name, holder)
        self.rings = list(_rings(renamed))

    @property
    def facts(self) -> list[Fact]:
        """Return the facts by which numbers change hands."""
        return [each.fact for ring in self.rings for each in ring]

    def swap(self, numbers: Numbers) -> dict[int, Stream]:
        """Let each number of a ring name whom it is told of; return whom, by facts' index."""
        found = dict[int, Stream]()
        for ring in self.rings:
            latest = {each.key for each in ring if each.is_latest}
            for key in latest:
                numbers.take(*key, str(numbers.find(*key)))
            for each in ring if latest else ():
                numbers.give(*each.key, each.called.stream.partition("-")[2])
            found |= {each.fact.index: each.called.stream for each in ring}
        return found


def by_number(facts: Iterable[Fact]) -> dict[Key, list[Fact]]:
    """Return of facts those that found somebody, by their numbers."""
    found = defaultdict[Key, list[Fact]](list)
    for each in facts:
        if each.cls.definition.founds:
            found[key_of(each.cls.definition.about, each.values["number"])].append(each)
    return found


def _rings(renamed: Mapping[Key, Renamed]) -> Iterator[list[Turn]]:
    """Iterate over the rings in which each name is told once, and was that of one holder."""
    had = _only({key: (key[0], alike(each.holder.name)) for key, each in renamed.items()})
    told = _only({key: (key[0], each.name) for key, each in renamed.items()})
    came_from = {key: had[name] for name, key in told.items() if name in had}
    while came_from:
        ring, at = list[Key](), next(iter(came_from))
        while at in came_from:
            ring.append(at)
            at = came_from.pop(at)
        if at == ring[0]:
            holders = (renamed[key].holder for key in (*ring[1:], at))
            yield [
                Turn(key, fact, holder)
                for key, holder in zip(ring, holders, strict=True)
                for fact in renamed[key].facts
            ]


def _only(named: Mapping[Key, tuple[str, str]]) -> dict[tuple[str, str], Key]:
    """Return by their kind and name those whose name no other has."""
    counts = Counter(named.values())
    return {name: key for key, name in named.items() if counts[name] == 1}


def _called_in(
    context: Context, histories: Mapping[Stream, Sequence[Recorded]]
) -> dict[Stream, Called]:
    """Return by which names some are known; of what was erased nobody can tell."""
    states = {
        stream: (unit if stream.startswith("unit-") else member).fold(history)
        for stream, history in histories.items()
    }
    sealed = [
        state.value(each) or ""
        for stream, state in states.items()
        if stream.startswith("member-")
        for each in ("name", "number")
    ]
    opened = words.open_all(context, sealed).words if sealed else {}
    found = {}
    for stream, state in states.items():
        name, number = state.value("name"), state.value("number")
        if stream.startswith("member-"):
            name, number = (opened[e].text if e in opened else None for e in (name, number))
        if name and number:
            found[stream] = Called(stream, name, number, state.marks("number")[-1].since)
    return found
