"""Which facts must come before which, however they were shuffled, and which must wait."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TypeAlias

from events.definitions.fields import Kind, fields_of
from services.intake.numbers import Numbers, key_of
from services.intake.refusals import UnknownReference
from services.intake.translation import Fact, FactKey, levels, references, unknown

Names: TypeAlias = Collection[FactKey]
_Name: TypeAlias = tuple[str, ...]  # whom a number names, or an event


def founders_first(facts: Sequence[Fact]) -> list[Fact]:
    """Return the facts so that each follows whatever it names, and else as they stood.

    That is whoever is founded among them under a number that it names, and of a correction the fact
    that it corrects. What names one another in a circle stays as it stood.
    """
    before = _Before(facts)
    ordered, begun, done = list[Fact](), set[int](), set[int]()
    for each in facts:
        stack = [each]
        while stack:
            fact = stack[-1]
            begun.add(fact.index)
            waits_for = [other for other in before.of(fact) if other.index not in begun]
            if waits_for:
                stack += reversed(waits_for)
                continue
            stack.pop()
            if fact.index not in done:
                done.add(fact.index)
                ordered.append(fact)
    return ordered


class _Before:
    """What must have come before a fact."""

    def __init__(self, facts: Iterable[Fact]) -> None:
        self._founding: dict[tuple[str, str], Fact] = {}
        self._by_id: dict[tuple[str, str], Fact] = {}
        for fact in facts:
            self._by_id.setdefault((fact.source, fact.id), fact)
            definition = fact.cls.definition
            if definition.founds:
                key = key_of(definition.about, fact.values["number"])
                self._founding.setdefault(key, fact)

    def of(self, fact: Fact) -> Iterator[Fact]:
        """Iterate over what a fact waits for, as far as it is here."""
        named = [self._founding.get(key_of(*each)) for each in references(fact)]
        if fact.is_correction:
            named.append(self._by_id.get((fact.source, fact.values["corrects"])))
        return (each for each in named if each is not None)


def require_known(facts: Sequence[Fact], numbers: Numbers, earlier: Names) -> None:
    """Refuse whatever in a batch names or corrects what nobody told of; all of it at once.

    What names somebody whom one of these would found is among them. Of facts that are corrected
    those are known that came `earlier`, by source and id. Each fact is looked at once, and once
    more for each that it waits for and that is not known: a chain of a thousand costs no more.

    Raises:
        UnknownReference: the first of them, which tells of the others.
    """
    told, waiting, refused = _Told(facts, earlier), list[UnknownReference](), set[int]()
    asked: Iterable[Fact] = facts
    while asked:
        found = [(each, why) for each in asked if (why := _first_unknown(each, numbers, told))]
        waiting += (why for _, why in found)
        refused |= {each.index for each, _ in found}
        gone = [name for each, _ in found for name in told.take_away(each)]
        waits = {each.index: each for name in gone for each in told.who_names(name)}
        asked = [waits[index] for index in sorted(waits.keys() - refused)]
    if waiting:
        waiting[0].every = tuple(waiting)
        raise waiting[0]


class _Told:
    """Whom and what a batch tells of, as long as it is taken, and who waits for it."""

    def __init__(self, facts: Sequence[Fact], earlier: Names) -> None:
        self._earlier = earlier
        self._count = Counter(name for fact in facts for name in _names_told_by(fact))
        self._naming = defaultdict[_Name, list[Fact]](list)
        for fact in facts:
            for name in _names_in(fact):
                self._naming[name].append(fact)

    def founds(self, kind: str, number: str) -> bool:
        return self._count[key_of(kind, number)] > 0

    def tells(self, key: FactKey) -> bool:
        return self._count["event", *key] > 0 or key in self._earlier

    def take_away(self, fact: Fact) -> list[_Name]:
        """Return what nobody tells of any more without a fact."""
        self._count.subtract(_names_told_by(fact))
        return [name for name in _names_told_by(fact) if self._count[name] == 0]

    def who_names(self, name: _Name) -> Sequence[Fact]:
        return self._naming.get(name, ())


def _names_told_by(fact: Fact) -> Iterator[_Name]:
    """Iterate over whom a fact founds, and by what it is corrected itself."""
    definition = fact.cls.definition
    if definition.founds:
        yield key_of(definition.about, fact.values["number"])
    if not fact.is_correction:
        yield ("event", *fact.key)


def _names_in(fact: Fact) -> Iterator[_Name]:
    yield from (key_of(*each) for each in references(fact))
    if fact.is_correction:
        yield ("event", *fact.corrects)


def _first_unknown(fact: Fact, numbers: Numbers, told: _Told) -> UnknownReference | None:
    if fact.is_correction and not told.tells(fact.corrects):
        return UnknownReference(
            f"no event {fact.values['corrects']} came under this source: send it first",
            code="unknown_fact",
            index=fact.index,
            pointer="/data/corrects",
        )
    for cls, values, _ in levels(fact):
        for field in fields_of(cls):
            if field.kind is Kind.REFERENCE and field.name in values:
                named = field.about, values[field.name]
                if not told.founds(*named) and numbers.find(*named) is None:
                    return unknown(fact, field.about, field.name)
    return None
