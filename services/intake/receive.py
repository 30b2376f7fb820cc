"""Take in what other systems send: check, translate, append, and give a receipt for each event.

One bad event refuses its batch and says which; nothing is half-written. Within a batch the order
does not matter. What is known already, or came twice in the batch, gets its first receipt again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.identifiers import Stream
from events.replay.words import commitments_of
from events.store.batch import Appended, Receipt, Retellings
from services.access import rights_told
from services.access.tokens import Principal
from services.commands.executor import attempt
from services.context import Context
from services.intake import decisions, mixed_numbers, new_events, translation
from services.intake.budget import Unbounded
from services.intake.checks import CheckedBatch, check
from services.intake.circles import Circles
from services.intake.corrections import Corrections
from services.intake.course import Given
from services.intake.delegations import require_sound
from services.intake.numbers import Numbers
from services.intake.ordering import require_known
from services.intake.parser import SentEvent
from services.intake.reach import Reach
from services.intake.refusals import (
    NumberReused,
    OutsideUnits,
    TooMuchHistory,
    UnitBelowItself,
    WrongCorrection,
)
from services.intake.renumbering import Renumbering
from services.intake.repeats import Digests, Request, digests_of, known_facts
from services.intake.retelling import Retelling, Settled, rows_of
from services.intake.reused import SamePeople
from services.intake.swaps import Read, Swaps, by_number
from services.intake.touching import Written
from services.intake.translation import BatchSealer, Fact, FactKey, FactPlace


class Outcome(NamedTuple):
    """What became of one event."""

    receipt: Receipt
    known: bool  # it had come before; nothing was appended
    version: int | None = None  # of the stream; None for who may not know how much was told of it


def receive(
    context: Context, principal: Principal, sent: Sequence[SentEvent], *, correlation_id: str
) -> tuple[Outcome, ...]:
    """Append what was sent and return an outcome for each event, in the order sent.

    Raises:
        Refusal: something sent is wrong or not granted; nothing was appended.
        NotAuthenticated: the sender's token was revoked meanwhile; nothing was appended.
        ConcurrentAppend, StoreUnavailable: nothing was appended; try again.
    """
    batch = check(context, principal, sent)
    outcomes = attempt(lambda: _append(context, principal, batch, correlation_id))
    return tuple(
        each._replace(version=each.receipt.version) if principal.may_count(event.type) else each
        for event, each in zip(sent, outcomes, strict=True)
    )


def _append(
    context: Context, principal: Principal, batch: CheckedBatch, correlation_id: str
) -> tuple[Outcome, ...]:
    """Append what is new of a batch. Called again from the start whenever it loses a race."""
    opens = rights_told.require_token(context.store, principal)
    units = principal.grants.units
    reach = Reach(context.store, principal, now=context.clock.now()) if units else None
    known, hidden = known_facts(context, principal, batch, reach)
    fresh = [fact for fact in batch.facts if (fact.source, fact.id) not in known]
    receipts = {key: Outcome(each.receipt, known=True) for key, each in known.items()}
    if fresh:
        appending = _Appending(context, principal, batch, correlation_id, reach, hidden, opens)
        for each in appending.append(sorted(fresh, key=lambda fact: fact.rank)):
            receipts[each.receipt.source, each.receipt.id] = each
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
        opens: dict[Stream, int],
    ) -> None:
        self._context = context
        self._principal = principal
        self._batch = batch
        self._correlation_id = correlation_id
        self._reach = reach  # None: it writes about everybody
        self._budget = reach.budget if reach else Unbounded()
        self._hidden = hidden  # whose ids came before with what the sender may not know
        self._opens = opens  # the stream of the sender's token, which must stay still
        self._numbers = Numbers(
            context.store,
            index_key=context.index_key(),
            numbering=principal.grants.numbering,
            chance=context.chance,
            is_seen=reach.holds if reach else None,
        )
        self._words = BatchSealer(context)

    def append(self, facts: list[Fact]) -> list[Outcome]:
        """Append facts by rank, founding ones first, corrections last; return what became of each.

        What was told again earlier and is to stand now is among them.
        """
        corrections = Corrections(self._context.store, facts, self._reach)
        told_in_the_end = corrections.in_the_end(facts)
        for wrong in chain(corrections.wrong, mixed_numbers.two_at_once(told_in_the_end)):
            raise wrong
        renumbering = Renumbering(self._context, corrections, self._reach)
        named = (pair for fact in facts for pair in translation.references(fact))
        self._numbers.look_up((*named, *renumbering.numbers()))
        subjects = renumbering.apply(self._numbers)
        read, swapped = self._swap(facts, renumbering)
        require_known(facts, self._numbers, corrections.earlier.keys())
        rest = [fact for fact in facts if fact.index not in subjects]
        subjects |= self._subjects(rest, swapped, renumbering)
        as_read = read.versions | renumbering.versions | corrections.versions
        versions = self._versions(subjects.values(), as_read, corrections)
        places = corrections.places(facts, subjects, versions)
        subjects |= {fact.index: places[fact.corrects].stream for fact in corrections.all}
        scopes = ((subjects[e.index], scope) for e in facts for scope in translation.key_scopes(e))
        self._words.prepare(scopes)
        ours = (self._context, self._reach, self._words)
        self._words.decisions = decisions.resolve(*ours, facts, subjects, corrections)
        batch = [
            Given(e, subjects[e.index], self._event(e, subjects[e.index], places)) for e in facts
        ]
        now = self._context.clock.now()
        told = corrections.in_the_end(facts)
        people = SamePeople(self._context, self._budget, told, subjects)
        people.require_by_what_is_seen()
        written = [Written(e.fact.index, e.fact.id, *e[1:], e.fact.time, now) for e in batch]
        circles = Circles(self._context.store, self._budget, written)
        circles.require_none(ahead=False)
        settled = self._settle(batch, versions, read.histories, corrections, now)
        guards = self._guards(written, circles, people, renumbering)
        require_sound(self._context.store, batch)
        return self._store(batch, settled, versions, guards)

    def _swap(
        self, facts: Sequence[Fact], renumbering: Renumbering
    ) -> tuple[Read, dict[int, Stream]]:
        """Return as what people were read, and of whom facts tell by which numbers change hands."""
        founding = by_number(renumbering.beside(facts, self._numbers))
        read = Read(self._context, founding, self._numbers)
        swaps = Swaps(founding, read.holders)
        for refused in mixed_numbers.refusals(swaps, facts, self._context.clock.now()):
            raise refused
        return read, swaps.swap(self._numbers)

    def _settle(
        self,
        batch: Sequence[Given],
        versions: Mapping[Stream, int],
        read: Mapping[Stream, Sequence[Recorded]],
        corrections: Corrections,
        now: datetime,
    ) -> Settled:
        """Return what of a batch tells anything new, and what is to stand before it."""
        unread = (each for each, version in versions.items() if version and each not in read)
        histories = {**read, **self._context.store.read_streams(unread), **corrections.histories}
        retelling = Retelling(self._context, self._budget, histories, now=now)
        return retelling.settle(batch, self._words.clear, corrections.recalled)

    def _store(
        self,
        batch: Sequence[Given],
        settled: Settled,
        versions: Mapping[Stream, int],
        guards: Mapping[Stream, Appended],
    ) -> list[Outcome]:
        """Append what tells anything new, with what is to stand before it; remember the rest."""
        digests = self._digests(batch)
        streams = new_events.of(
            settled, self._batch.sent, digests, self._principal, self._correlation_id
        )
        told_again = rows_of(settled, self._principal.id, digests)
        recalled = tuple(each.told for each in chain(*settled.recalled.values()))
        needed = {each for new in streams.values() for e in new for each in commitments_of(e.event)}
        receipts = self._context.store.append(
            {stream: Appended(versions[stream], tuple(new)) for stream, new in streams.items()}
            | {stream: guard for stream, guard in guards.items() if stream not in streams},
            texts=[each for each in self._words.sealed if each.commitment in needed],
            numbers=self._numbers.new,
            freed=self._numbers.to_forget,
            retellings=Retellings(told_again, recalled),
        )
        return [
            *(Outcome(each, known=False) for each in receipts),
            *(Outcome(each.receipt, known=True) for each in told_again),
        ]

    def _versions(
        self, subjects: Iterable[Stream], as_read: dict[Stream, int], corrections: Corrections
    ) -> dict[Stream, int]:
        """Return at which versions streams must be: what was decided by must still be so then."""
        earlier = (place.stream for place in corrections.earlier.values())
        versions = self._context.store.versions([*subjects, *earlier]) | as_read
        if self._reach:
            versions |= {s: v for s, v in self._reach.versions.items() if s in versions}
        return versions

    def _subjects(
        self, facts: list[Fact], swapped: Mapping[int, Stream], renumbering: Renumbering
    ) -> dict[int, Stream]:
        """Return the streams of facts that are no corrections, by the numbers as they will be."""
        others = [fact for fact in facts if not fact.is_correction]
        subjects = {
            each.index: swapped.get(each.index) or translation.subject_of(each, self._numbers)
            for each in others
        }
        for fact in others:
            if fact.cls.definition.founds and fact.index not in swapped:
                renumbering.require_no_other(fact)
        return subjects

    def _guards(
        self,
        written: Sequence[Written],
        circles: Circles,
        people: SamePeople,
        renumbering: Renumbering,
    ) -> dict[Stream, Appended]:
        """Return the streams that say who lies within the sender's units, and what lets them send.

        They must stay as they were read. Whatever rests on what the sender does not see is refused
        here, last of all and as one: whoever tries something out leaves a fact behind for each
        guess that was wrong (decision 0085).

        Raises:
            OutsideUnits: of a sender limited to units; else UnitBelowItself.
        """
        opens = {stream: Appended(version) for stream, version in self._opens.items()}
        if self._reach is None:
            circles.require_none(ahead=True)
            return opens
        self._reach.require(written)
        try:
            circles.require_none(ahead=True)
            people.require()
            renumbering.require_one_person()
        except (UnitBelowItself, NumberReused, WrongCorrection, TooMuchHistory) as hidden:
            raise OutsideUnits from hidden
        if self._hidden or self._numbers.clashes:
            raise OutsideUnits
        return self._reach.guards | opens

    def _event(self, fact: Fact, subject: Stream, places: Mapping[FactKey, FactPlace]) -> Event:
        if not fact.is_correction:
            return translation.build(fact, subject, self._numbers, self._words)
        version = places[fact.corrects].version
        return translation.build_correction(fact, subject, version, self._numbers, self._words)

    def _digests(self, batch: Iterable[Given]) -> Digests:
        sent = self._batch.sent
        requests = (Request(each.fact, sent[each.fact.index], each.stream) for each in batch)
        return digests_of(self._context, requests)
