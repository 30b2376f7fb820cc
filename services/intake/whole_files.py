"""What stands against a whole file, told before anything of it is appended.

A file goes in by batches; what lies in two of them is looked at here together.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from services.access.tokens import Principal
from services.context import INDEX_KEY, Context
from services.intake import mixed_numbers
from services.intake.checks import CheckedBatch
from services.intake.corrections import Corrections
from services.intake.numbers import Key, Numbers
from services.intake.parser import SentEvent
from services.intake.refusals import ConflictingRepeat, FromTheFuture, Refusal, WrongCorrection
from services.intake.renumbering import Renumbering
from services.intake.repeats import known_facts
from services.intake.swaps import Called, Read, Swaps, by_number
from services.intake.translation import Fact, FactKey, references

PAGE = 1_000  # facts looked up at once
KEY_BYTES = 32


def refusals(
    context: Context, principal: Principal, facts: Sequence[Fact], sent: Mapping[int, SentEvent]
) -> Iterator[Refusal]:
    """Iterate over why lines cannot be taken: known ids, wrong corrections, mixed numbers."""
    known = set[FactKey]()
    for start in range(0, len(facts), PAGE):
        yield from _conflicts(context, principal, list(facts[start : start + PAGE]), sent, known)
    fresh = [fact for fact in facts if fact.key not in known]
    corrections = Corrections(context.store, fresh, None)
    yield from corrections.wrong
    if not corrections.wrong:
        yield from mixed_numbers.two_at_once(corrections.in_the_end(fresh))
        yield from _not_renumbered(context, principal, fresh, corrections)
        touched = _corrections_among(fresh)
        swaps = _swaps(context, principal, [each for each in fresh if each.key not in touched])
        yield from mixed_numbers.refusals(swaps, fresh, context.clock.now())


def renumbered_first(
    context: Context, principal: Principal, facts: Iterable[Fact]
) -> tuple[list[Fact], list[Fact]]:
    """Return what must be appended at once, and the rest: whose numbers are put right, by whom.

    Corrections hold at once in a batch, so two that swap numbers must not be torn apart, and who is
    founded under the number of another comes after. So it is with numbers that change hands.
    """
    every = list(facts)
    first = _corrections_among(every)
    swaps = _swaps(context, principal, [each for each in every if each.key not in first])
    first |= {each.key for each in swaps.facts}
    return [e for e in every if e.key in first], [e for e in every if e.key not in first]


def _corrections_among(every: Sequence[Fact]) -> set[FactKey]:
    """Return the corrections that may change numbers, and the founding facts that they name."""
    corrected = {each.corrects for each in every if each.is_correction}
    founding = {e.key for e in every if e.cls.definition.founds and e.key in corrected}
    return founding | {
        each.key
        for each in every
        if each.is_correction
        and (each.corrects in founding or "number" in each.values.get("fact", {}).get("data", {}))
    }


def _swaps(context: Context, principal: Principal, facts: Iterable[Fact]) -> Swaps:
    """Return by which facts numbers change hands in a ring."""
    told, holders = by_number(facts), dict[Key, Called]()
    keys = list(told)
    for start in range(0, len(keys), PAGE):
        numbers, page = _numbers(context, principal), keys[start : start + PAGE]
        numbers.look_up(page)
        holders |= Read(context, {key: told[key] for key in page}, numbers).holders
    return Swaps(told, holders)


def _conflicts(
    context: Context,
    principal: Principal,
    facts: list[Fact],
    sent: Mapping[int, SentEvent],
    known: set[FactKey],
) -> Iterator[ConflictingRepeat]:
    """Iterate over facts that came before with other content; add what came before to `known`."""
    while facts:
        batch = CheckedBatch(tuple(facts), {each.index: sent[each.index] for each in facts})
        try:
            known.update(known_facts(context, principal, batch, None)[0])
        except ConflictingRepeat as conflict:
            yield conflict
            facts = [each for each in facts if each.index != conflict.index]
        else:
            return


def _not_renumbered(
    context: Context, principal: Principal, facts: Sequence[Fact], corrections: Corrections
) -> Iterator[Refusal]:
    if not corrections.of_founding_facts():
        return
    renumbering = Renumbering(context, corrections, None)
    numbers = _numbers(context, principal)
    touched = _corrections_among(facts)
    named = (pair for fact in facts if fact.key in touched for pair in references(fact))
    numbers.look_up((*named, *renumbering.numbers()))
    try:
        renumbering.apply(numbers)
    except (WrongCorrection, FromTheFuture) as wrong:
        yield wrong


def _numbers(context: Context, principal: Principal) -> Numbers:
    return Numbers(
        context.store,
        # Where no key was made nothing is known, and looking makes none.
        index_key=context.keys.keys([INDEX_KEY]).get(INDEX_KEY, bytes(KEY_BYTES)),
        numbering=principal.grants.numbering,
        chance=context.chance,
    )
