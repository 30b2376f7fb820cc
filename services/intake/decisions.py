"""Which disciplines facts speak of: a decision is known by its issuer, its number and its year.

Numbers begin anew every year, and two bodies both have a number 05. So a discipline is told by all
three, the year being that of `decided_on`, else that of the fact. What is told again without its
day in another year, or is written otherwise, is the decision that was told. A lifting that says
less finds the only decision that it can mean, or is refused (decision 0067).
"""

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import TypeAlias

from events.definitions.event import Decision, Event, Sealed
from events.domain.documents.working_days import local_day
from events.identifiers import Stream
from services.access.decisions import (
    DECIDING,
    LIFTING,
    DecisionsTold,
    ToldDecision,
    decisions_told,
    name_of,
)
from services.context import Context
from services.intake import translation
from services.intake.budget import READ_LOOKS
from services.intake.corrections import Corrections
from services.intake.reach import Reach
from services.intake.refusals import AmbiguousDecision, UnknownReference
from services.intake.translation import BatchSealer, Fact, Values

_WORDS = ("decision", "issuer")  # of each discipline, which are unsealed
Decisions: TypeAlias = Mapping[int, Sealed[Decision]]  # by the index of the fact


def resolve(
    context: Context,
    reach: Reach | None,
    words: BatchSealer,
    facts: Iterable[Fact],
    subjects: Mapping[int, Stream],
    corrections: Corrections,
) -> Decisions:
    """Return of which decision each fact speaks, sealing those that were never told before.

    Raises:
        UnknownReference, AmbiguousDecision: a lifting means none, or may mean two.
        TooMuchHistory: too much was told for this sender.
    """
    every = tuple(facts)
    found = dict[int, Sealed[Decision]]()
    told = _Told(context, reach, corrections)
    for fact, cls, values, time in _speaking(every, DECIDING):
        stream, name = subjects[fact.index], name_of(values, time)
        day, grade = values.get("decided_on"), values["grade"]
        new = ToldDecision("", name.number, name.issuer, day, local_day(time), grade)
        sealed = words.find_decision(name, stream)
        if not (sealed and told.stands(stream, sealed)) and (
            again := told.of(stream).told_again_by(new)
        ):
            sealed = Sealed(again.sealed)
        sealed = sealed or words.seal_decision(name, stream, translation.scope_of(cls, time))
        found[fact.index] = sealed
        told.add(stream, fact, new._replace(sealed=sealed.sealed))
    for fact, cls, values, time in _speaking(every, LIFTING):
        stream = subjects[fact.index]
        known = _meant(fact, values, told.of(stream), local_day(time))
        if known is None:  # of what was erased nobody can tell which it was
            scope = translation.scope_of(cls, time)
            known = words.seal_decision(name_of(values, time), stream, scope)
        found[fact.index] = known
    return found


class _Told:
    """The decisions told of whom a batch is about: in the log, read once asked, and in it.

    Of the log a sender limited to units is told only of what counts since somebody is within.
    """

    def __init__(self, context: Context, reach: Reach | None, corrections: Corrections) -> None:
        self._context = context
        self._reach = reach
        self._corrections = corrections
        replaced = {each.corrects for each in corrections.all}
        outdated = {each.key for each in corrections.all if not corrections.holds(each)}
        self._gone = replaced | outdated
        self._streams: dict[Stream, DecisionsTold] = {}
        self._here = set[tuple[Stream, str]]()  # told by this batch, be it corrected in it

    def of(self, stream: Stream) -> DecisionsTold:
        if stream not in self._streams:
            gone = self._corrections.replaced_in(stream)
            history = self._context.store.read_stream(stream).events
            sees = None
            if self._reach:
                sees = self._reach.decisions_within(stream)
                self._reach.budget.read(stream, history)
            told = decisions_told(self._context, history, but=gone, sees=sees)
            if self._reach:
                told.spend = self._reach.budget.spend
                told.spend(READ_LOOKS * len(_WORDS) * len(told.commitments))
            self._streams[stream] = told
        return self._streams[stream]

    def stands(self, stream: Stream, decision: Sealed[Decision]) -> bool:
        """Tell whether a decision is told of still: all facts that did may tell of another now."""
        here = (stream, decision.sealed) in self._here
        return here or decision.sealed in self.of(stream).commitments

    def add(self, stream: Stream, fact: Fact, told: ToldDecision) -> None:
        """Add what a fact of the batch tells, if none of it corrects that."""
        self._here.add((stream, told.sealed))
        if fact.key not in self._gone:
            self.of(stream).add(told)


def _speaking(
    facts: Iterable[Fact], classes: tuple[type[Event], ...]
) -> Iterator[tuple[Fact, type[Event], Values, datetime]]:
    """Iterate over facts of some types, also within corrections, with what they say and when."""
    for fact in facts:
        for cls, values, time in translation.levels(fact):
            if cls in classes:
                yield fact, cls, values, time


def _meant(fact: Fact, values: Values, told: DecisionsTold, by: date) -> Sealed[Decision] | None:
    """Return the decision that a lifting means; None where it may be one that was erased."""
    day: date | None = values.get("decided_on")
    fits = told.meant(values["decision"], values.get("issuer", ""), day, by=by)
    if len(fits) == 1:
        return Sealed(fits[0].sealed)
    pointer = f"{'/data/fact' if fact.is_correction else ''}/data/decision"
    if fits:
        raise AmbiguousDecision(_differences(fits), index=fact.index, pointer=pointer)
    if told.some_erased:
        return None
    raise UnknownReference(
        "no discipline by this decision was told of them until then: tell the discipline first, or "
        "say its number, issuer and day (`decided_on`) as they were told",
        code="unknown_decision",
        index=fact.index,
        pointer=pointer,
    )


def _differences(fits: Iterable[ToldDecision]) -> str:
    """Return by which fields some decisions of one number differ."""
    every = tuple(fits)
    fields = {
        "issuer": len({each.issuer for each in every}),
        "decided_on": len({each.year for each in every}),
    }
    return " and ".join(f"`{name}`" for name, count in fields.items() if count > 1)
