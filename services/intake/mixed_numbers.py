"""What tells one number of two people so that nobody can tell which of them is meant.

Where numbers change hands, what was told before and what was told after lie in batches of their own
(decision 0087): within one a fact's time does not say by which numbers its sender named people.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import TypeAlias

from events.definitions.characters import alike, plain
from events.domain.organisation import timelines
from services.intake.numbers import Key, key_of
from services.intake.refusals import FromTheFuture, MixedNumbers, NumberReused, Refusal
from services.intake.swaps import Called, Swaps, Turn
from services.intake.translation import FOUNDING, Fact, placed_references

_Node: TypeAlias = tuple[str, ...]  # a number, or a name


def refusals(swaps: Swaps, facts: Sequence[Fact], now: datetime) -> Iterator[Refusal]:
    """Iterate over why facts cannot be taken, of a batch or of a whole file."""
    for key, told in swaps.told.items():
        yield from _other_people(key, told, swaps.holders.get(key))
    yield from _going_round(swaps)
    for ring in swaps.rings:
        yield from _ahead(ring, now)
        yield from _half_before(ring)
    yield from _named_before(swaps, facts)


def two_at_once(facts: Iterable[Fact]) -> Iterator[NumberReused]:
    """Iterate over what tells a number of another name than a fact beside it of the same moment."""
    names = dict[tuple[Key, datetime], str]()
    for each in sorted(facts, key=lambda fact: fact.index):
        definition = each.cls.definition
        if definition.founds:
            key = key_of(definition.about, each.values[FOUNDING])
            name = alike(each.values["name"])
            if names.setdefault((key, each.time), name) != name:
                yield NumberReused(
                    "beside this, and of the same time, the number is told of another name: give "
                    "each their own number, or tell the name that holds alone",
                    index=each.index,
                )


def _other_people(key: Key, facts: Sequence[Fact], holder: Called | None) -> Iterator[NumberReused]:
    """Iterate over what tells somebody of another name under a number written otherwise.

    Tables make 17 of 0017; but where the name differs too, it may be somebody else.
    """
    is_of_it = holder and key_of(key[0], holder.number) == key  # else another one holds by now
    said = [(holder.number, holder.name)] if holder and is_of_it else []
    for each in facts:
        number, name = each.values["number"], each.values["name"]
        if any(plain(n) != plain(number) and alike(other) != alike(name) for n, other in said):
            yield NumberReused(
                "somebody of another name has this number, written otherwise (as 0017, 17 and 17.0 "
                "are): if it is the same person, write the number as it was written before; if "
                "not, give one that differs by more than zeros, spaces, signs and case",
                index=each.index,
            )
        said.append((number, name))


def _going_round(swaps: Swaps) -> Iterator[MixedNumbers]:
    """Iterate over names that go round among numbers by facts of several times, and in no ring.

    Night by night they would be told in rings, or of whoever was renamed.
    """
    names = {key: {alike(each.values["name"]) for each in told} for key, told in swaps.told.items()}
    for key, holder in swaps.holders.items():
        names[key].add(alike(holder.name))
    settled = {each.key for ring in swaps.rings for each in ring}
    for group in _circles({key: each for key, each in names.items() if len(each) > 1}):
        facts = [each for key in group for each in swaps.told[key]]
        last = max(each.time for each in facts)
        if not settled.issuperset(group) and any(each.time < last for each in facts):
            yield MixedNumbers(
                "before and after this, names go round among these numbers: send what was told of "
                "one night in a batch or file of its own, one night after the other",
                index=min(each.index for each in facts if each.time == last),
                pointer="/data/number",
            )


def _circles(names: Mapping[Key, Iterable[str]]) -> Iterator[list[Key]]:
    """Iterate over the numbers that hang together by their names, wherever those close a circle."""
    parents = dict[_Node, _Node]()

    def root(node: _Node) -> _Node:
        while (above := parents.setdefault(node, node)) != node:
            parents[node] = parents.setdefault(above, above)
            node = above
        return node

    closing = list[Key]()
    for key, told in names.items():
        for name in told:
            one, other = root(key), root(("name", key[0], name))
            if one == other:
                closing.append(key)
            parents[other] = one
    groups = defaultdict[_Node, list[Key]](list)
    for key in names:
        groups[root(key)].append(key)
    yield from (groups[each] for each in {root(key): None for key in closing})


def _ahead(ring: Iterable[Turn], now: datetime) -> Iterator[FromTheFuture]:
    """Iterate over what swaps numbers on a day to come: until then each names who has it."""
    for each in ring:
        if timelines.is_ahead(each.fact.time, now):
            yield FromTheFuture(
                "by this and others beside it numbers go from one to another on a day to come: "
                "send them on that day, for a number names one person at a time",
                index=each.fact.index,
                pointer="/time",
            )


def _half_before(ring: Sequence[Turn]) -> Iterator[NumberReused]:
    """Iterate over the first that tells a ring of before, where the rest of it is of after."""
    latest = {each.key for each in ring if each.is_latest}
    before = [each.fact.index for each in ring if each.key not in latest]
    if latest and before:
        yield NumberReused(
            "this swaps numbers with somebody of whom a later number was told: tell all whose "
            "numbers changed of one time",
            index=before[0],
        )


def _named_before(swaps: Swaps, facts: Iterable[Fact]) -> Iterator[MixedNumbers]:
    """Iterate over what names somebody by a number of a ring, of a time before it came to be so."""
    since = dict[Key, datetime]()
    for ring in swaps.rings:
        moment = max(_moments(ring).values())
        since |= {each.key: moment for each in ring}
    for fact in facts if since else ():
        for pointer, named in placed_references(fact):
            begun = since.get(key_of(*named))
            if begun and fact.time < begun and not pointer.endswith(FOUNDING):
                yield MixedNumbers(
                    "beside this the number that it names goes to somebody else, and this is of "
                    "before: send it in a batch or file of its own; before those that swap the "
                    "numbers, it means who had the number until then, after them who has it from "
                    "then on",
                    index=fact.index,
                    pointer=pointer,
                )


def _moments(ring: Sequence[Turn]) -> dict[Key, datetime]:
    """Return since when each number names whom it names in the end."""
    found = {each.key: each.called.since for each in ring}
    for each in sorted(ring, key=lambda turn: turn.fact.time, reverse=True):
        if each.is_latest:
            found[each.key] = each.fact.time
    return found
