"""Which facts must come before which, however they were shuffled, and which must wait."""

from collections.abc import Collection, Iterable, Iterator, Sequence

from events.definitions.fields import Kind, fields_of
from services.intake.numbers import Numbers, key_of
from services.intake.refusals import UnknownReference
from services.intake.translation import Fact, levels, references, unknown

Names = Collection[tuple[str, str]]


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
    those are known that came `earlier`, by source and id.

    Raises:
        UnknownReference: the first of them, which tells of the others.
    """
    rest, waiting = list(facts), list[UnknownReference]()
    while found := _unknown_in(rest, numbers, earlier):
        waiting += found
        indexes = {each.index for each in found}
        rest = [each for each in rest if each.index not in indexes]
    if waiting:
        waiting[0].every = tuple(waiting)
        raise waiting[0]


def _unknown_in(facts: Sequence[Fact], numbers: Numbers, earlier: Names) -> list[UnknownReference]:
    """Return why each of some facts must wait that does not rest on what is known or on another."""
    founding = (each for each in facts if each.cls.definition.founds)
    founded = {key_of(each.cls.definition.about, each.values["number"]) for each in founding}
    told = {(each.source, each.id) for each in facts if not each.is_correction}.union(earlier)
    found = (_first_unknown(each, numbers, founded, told) for each in facts)
    return [why for why in found if why is not None]


def _first_unknown(
    fact: Fact, numbers: Numbers, founded: Names, told: Names
) -> UnknownReference | None:
    if fact.is_correction and (fact.source, fact.values["corrects"]) not in told:
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
                if key_of(*named) not in founded and numbers.find(*named) is None:
                    return unknown(fact, field.about, field.name)
    return None
