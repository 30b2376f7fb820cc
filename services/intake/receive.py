"""Take in what other systems send: check, translate, append, and give a receipt for each event.

One bad event refuses its batch and says which; nothing is half-written. Within a batch the order
does not matter. What is known already, or came twice in the batch, gets its first receipt again.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from msgspec import UNSET, UnsetType

from events.definitions.event import Event
from events.identifiers import Stream
from events.store.batch import Appended, NewEvent, Receipt
from services.access.tokens import Principal
from services.commands.executor import attempt
from services.context import Context
from services.intake import decisions, translation
from services.intake.checks import CheckedBatch, check
from services.intake.circles import Circles
from services.intake.corrections import Corrections
from services.intake.numbers import Numbers
from services.intake.ordering import require_known
from services.intake.parser import SentEvent
from services.intake.reach import Reach
from services.intake.refusals import ConflictingRepeat, OutsideUnits
from services.intake.renumbering import Renumbering
from services.intake.repeats import Request, digests_of, known_facts
from services.intake.reused import require_same_people
from services.intake.touching import Written
from services.intake.translation import BatchSealer, Fact, FactKey, FactPlace


class Outcome(NamedTuple):
    """What became of one event."""

    receipt: Receipt
    known: bool  # it had come before; nothing was appended


def receive(
    context: Context, principal: Principal, sent: Sequence[SentEvent], *, correlation_id: str
) -> tuple[Outcome, ...]:
    """Append what was sent and return an outcome for each event, in the order sent.

    Raises:
        Refusal: something sent is wrong or not granted; nothing was appended.
        ConcurrentAppend, StoreUnavailable: nothing was appended; try again.
    """
    batch = check(context, principal, sent)
    return attempt(lambda: _append(context, principal, batch, correlation_id))


def _append(
    context: Context, principal: Principal, batch: CheckedBatch, correlation_id: str
) -> tuple[Outcome, ...]:
    """Append what is new of a batch. Called again from the start whenever it loses a race."""
    units = principal.grants.units
    reach = Reach(context.store, units, now=context.clock.now()) if units else None
    known, hidden = known_facts(context, principal, batch, reach)
    fresh = [fact for fact in batch.facts if (fact.source, fact.id) not in known]
    receipts = {key: Outcome(each.receipt, known=True) for key, each in known.items()}
    if fresh:
        appending = _Appending(context, principal, batch, correlation_id, reach, hidden)
        for receipt in appending.append(sorted(fresh, key=lambda fact: fact.rank)):
            receipts[receipt.source, receipt.id] = Outcome(receipt, known=False)
    first = {fact.index for fact in batch.facts}
    return tuple(
        receipts[each.source, each.id]._replace(known=True)
        if each.index not in first
        else receipts[each.source, each.id]
        for each in batch.sent.values()
    )


class _Appending:
    """One attempt at appending what is new of a batch."""

    def __init__(
        self,
        context: Context,
        principal: Principal,
        batch: CheckedBatch,
        correlation_id: str,
        reach: Reach | None,
        hidden: list[Fact],
    ) -> None:
        self._context = context
        self._principal = principal
        self._batch = batch
        self._correlation_id = correlation_id
        self._reach = reach  # None: it writes about everybody
        self._hidden = hidden  # whose ids came before with what the sender may not know
        self._numbers = Numbers(
            context.store,
            index_key=context.index_key(),
            numbering=principal.grants.numbering,
            chance=context.chance,
        )
        self._words = BatchSealer(context)

    def append(self, facts: list[Fact]) -> tuple[Receipt, ...]:
        """Append facts by rank: founding ones first, corrections last."""
        corrections = Corrections(self._context.store, facts, self._reach)
        for wrong in corrections.wrong:
            raise wrong
        renumbering = Renumbering(self._context, corrections)
        named = (pair for fact in facts for pair in translation.references(fact))
        self._numbers.look_up((*named, *renumbering.numbers()))
        if self._reach:
            self._numbers.hide(self._reach.holds)
        subjects = renumbering.apply(self._numbers)
        require_known(facts, self._numbers, corrections.earlier.keys())
        subjects |= self._subjects([f for f in facts if f.index not in subjects], renumbering)
        versions = self._versions(subjects.values(), corrections)
        places = corrections.earlier | _fact_places(facts, subjects, versions)
        subjects |= {fact.index: places[fact.corrects].stream for fact in corrections.all}
        self._words.prepare(
            (subjects[fact.index], scope)
            for fact in facts
            for scope in translation.key_scopes(fact)
        )
        self._words.decisions = decisions.resolve(
            self._context, self._words, facts, subjects, corrections
        )
        events = {fact.index: self._event(fact, subjects[fact.index], places) for fact in facts}
        now = self._context.clock.now()
        written = [Written(f.index, subjects[f.index], events[f.index], f.time, now) for f in facts]
        if self._reach:
            self._reach.require(written)
        Circles(self._context.store, written).require_none()
        guards = self._guards(written)
        streams = self._new_events(facts, subjects, events)
        return self._context.store.append(
            {s: Appended(versions[s], tuple(new)) for s, new in streams.items()}
            | {stream: guard for stream, guard in guards.items() if stream not in streams},
            texts=self._words.sealed,
            numbers=self._numbers.new,
            freed=self._numbers.to_forget,
        )

    def _versions(self, subjects: Iterable[Stream], corrections: Corrections) -> dict[Stream, int]:
        """Return at which versions streams must be: what was decided by must still be so then."""
        earlier = (place.stream for place in corrections.earlier.values())
        versions = self._context.store.versions([*subjects, *earlier]) | corrections.versions
        if self._reach:
            versions |= {s: v for s, v in self._reach.versions.items() if s in versions}
        return versions

    def _subjects(self, facts: list[Fact], renumbering: Renumbering) -> dict[int, Stream]:
        """Return the streams of facts that are no corrections, by the numbers as they will be."""
        others = [fact for fact in facts if not fact.is_correction]
        subjects = {each.index: translation.subject_of(each, self._numbers) for each in others}
        for fact in others:
            if fact.cls.definition.founds:
                renumbering.require_no_other(fact)
        require_same_people(self._context, others, subjects)
        return subjects

    def _guards(self, written: Sequence[Written]) -> dict[Stream, Appended]:
        """Return the streams that say who lies within the sender's units, as they were read.

        What would tell of somebody outside is refused last: whoever tries out numbers leaves a
        fact behind for each that was free.

        Raises:
            OutsideUnits, ConflictingRepeat: nothing is to be appended.
        """
        if self._reach is None:
            return {}
        for fact in self._hidden:
            raise ConflictingRepeat(fact.id, index=fact.index)
        for each in written:
            if each.stream.partition("-")[2] in self._numbers.clashes:
                raise OutsideUnits(index=each.nth)
        return self._reach.guards

    def _event(self, fact: Fact, subject: Stream, places: Mapping[FactKey, FactPlace]) -> Event:
        if not fact.is_correction:
            return translation.build(fact, subject, self._numbers, self._words)
        version = places[fact.corrects].version
        return translation.build_correction(fact, subject, version, self._numbers, self._words)

    def _new_events(
        self, facts: list[Fact], subjects: Mapping[int, Stream], events: Mapping[int, Event]
    ) -> dict[Stream, list[NewEvent]]:
        """Return what each stream gets, in the order of the facts."""
        sent = self._batch.sent
        digests = digests_of(
            self._context,
            (Request(each, sent[each.index], subjects[each.index]) for each in facts),
        )
        streams: dict[Stream, list[NewEvent]] = {}
        for fact in facts:
            new = self._new_event(fact, events[fact.index], digests[fact.index])
            streams.setdefault(subjects[fact.index], []).append(new)
        return streams

    def _new_event(self, fact: Fact, event: Event, digest: bytes | None) -> NewEvent:
        extensions = self._batch.sent[fact.index].extensions
        return NewEvent(
            event=event,
            id=fact.id,
            source=fact.source,
            time=fact.time,
            principal=self._principal.id,
            causation_id=_extension(extensions, "causationid"),
            correlation_id=self._correlation_id,
            request_digest=digest,
        )


def _fact_places(
    facts: list[Fact], subjects: Mapping[int, Stream], versions: Mapping[Stream, int]
) -> dict[FactKey, FactPlace]:
    """Return where the facts of this batch will stand."""
    last = dict(versions)
    places = {}
    for fact in facts:
        if not fact.is_correction:
            stream = subjects[fact.index]
            last[stream] += 1
            event_type = fact.cls.definition.type
            places[fact.key] = FactPlace(stream, last[stream], event_type)
    return places


def _extension(extensions: Mapping[str, object], name: str) -> str | UnsetType:
    value = extensions.get(name)
    return value if isinstance(value, str) else UNSET
