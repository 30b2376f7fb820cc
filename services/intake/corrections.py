"""Corrections: which fact each of a batch names, and whether it can be corrected so."""

import dataclasses
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TypeAlias

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Event
from events.definitions.roster import FactCorrected
from events.domain.organisation.corrections import Correction, corrections_in, made_in
from events.identifiers import Stream
from events.store.batch import Retold
from events.store.store import Store
from services.intake.reach import Reach
from services.intake.refusals import WrongCorrection
from services.intake.retelling import Recalled
from services.intake.sayings import as_fact, origins_in, withdrawn_in
from services.intake.translation import Fact, FactKey, FactPlace

_Named: TypeAlias = tuple[str, int] | FactKey  # stream and version, or a fact of the batch


class Corrections:
    """The corrections of one batch, each with what it names: of the log, or of the same batch."""

    def __init__(self, store: Store, facts: Iterable[Fact], reach: Reach | None) -> None:
        """Read what they name, as far as the sender may write about it."""
        every = tuple(facts)
        self.all = tuple(fact for fact in every if fact.is_correction)
        self.batch = {fact.key: fact for fact in every}
        self.earlier = dict(_earlier(store, self.all, reach))
        recalled = [*_recalled_by(store, self.all, self.earlier.keys(), reach)]
        streams = {place.stream for place in self.earlier.values()}
        streams |= {Stream(each.stream) for each in recalled}
        read = {each: store.read_stream(each) for each in streams}
        self.versions = {stream: history.version for stream, history in read.items()}
        self.histories = {stream: history.events for stream, history in read.items()}
        for stream in streams:
            self._read(stream, reach)
        self.recalled = defaultdict[Stream, list[Recalled]](list)  # what is to be a fact after all
        for told in recalled:
            self._read(Stream(told.stream), reach)
            self._recall(told)
        self._withdrawn = {stream: withdrawn_in(each) for stream, each in self.histories.items()}
        self._last = self._hold_last(store.retold_in(streams) if streams else ())
        # Which cannot be corrected so, in their order.
        self.wrong = [wrong for each in self.all for wrong in self._wrong(each)]

    def class_of(self, correction: Fact) -> type[Event] | None:
        """Return the type of what a correction names; None where nothing has come."""
        place = self.earlier.get(correction.corrects)
        if place:
            return CATALOGUE.event_class(place.type)
        named = self.batch.get(correction.corrects)
        return named.cls if named else None

    def of_founding_facts(self) -> list[Fact]:
        """Return what corrects, in the end, facts that say under which number somebody is known."""
        named = ((each, self.class_of(each)) for each in self.all if self.holds(each))
        return [each for each, cls in named if cls and cls.definition.founds]

    def holds(self, correction: Fact) -> bool:
        """Tell whether no other correction of the same fact was made later."""
        return not self._last[self._named_by(correction)].is_after(correction.as_correction)

    def places(
        self, facts: Iterable[Fact], subjects: Mapping[int, Stream], versions: Mapping[Stream, int]
    ) -> dict[FactKey, FactPlace]:
        """Return where facts stand, and these will: after what is recalled."""
        last = {s: each + len(self.recalled.get(s, ())) for s, each in versions.items()}
        places = dict(self.earlier)
        for fact in facts:
            if not fact.is_correction:
                stream = subjects[fact.index]
                last[stream] += 1
                places[fact.key] = FactPlace(stream, last[stream], fact.cls.definition.type)
        return places

    def in_the_end(self, facts: Iterable[Fact]) -> Iterator[Fact]:
        """Iterate over what facts of this batch tell once all of these corrections hold."""
        last = {each.corrects: each for each in self.all if self.holds(each)}
        for fact in (each for each in facts if not each.is_correction):
            told = last[fact.key].values.get("fact") if fact.key in last else None
            if told:
                yield dataclasses.replace(fact, time=told["time"], values=told["data"])
            elif fact.key not in last:
                yield fact

    def replaced_in(self, stream: Stream) -> set[int]:
        """Return which facts of a stream, by version, these corrections tell otherwise."""
        places = (self.earlier.get(each.corrects) for each in self.all if self.holds(each))
        return {place.version for place in places if place and place.stream == stream}

    def _hold_last(self, retold: Iterable[Retold]) -> Mapping[_Named, Correction]:
        """Return by what is corrected which correction was made last: of the log, and of these."""
        found = dict[_Named, Correction]()
        for stream, history in self.histories.items():
            for version, each in corrections_in(history).items():
                found[stream, version] = made_in(each)
        origins = {stream: origins_in(history) for stream, history in self.histories.items()}
        for told in retold:
            if told.type == FactCorrected.definition.type:
                stream = Stream(told.stream)
                named: _Named = stream, origins[stream].get(told.version, told.version)
                found[named] = Correction(told.time, told.id).beside(found.get(named))
        for fact in self.all:
            named = self._named_by(fact)
            found[named] = fact.as_correction.beside(found.get(named))
        return found

    def _named_by(self, correction: Fact) -> _Named:
        """Return which fact a correction names: by its place, or by its id if it comes with it."""
        place = self.earlier.get(correction.corrects)
        return (place.stream, place.version) if place else correction.corrects

    def _read(self, stream: Stream, reach: Reach | None) -> None:
        """Spend what it costs to look at all that was told of somebody."""
        if reach:
            reach.budget.read(stream, self.histories[stream])

    def _recall(self, told: Retold) -> None:
        """Let what told nothing new stand after all, as the next of its stream."""
        stream = Stream(told.stream)
        history = self.histories[stream]
        version = history[-1].entry.streamversion + 1
        fact = as_fact(told, history, version)
        is_correction = told.type == FactCorrected.definition.type  # which no correction may name
        if fact is None or is_correction:
            origin = origins_in(history).get(told.version, told.version)
            self.earlier[told.source, told.id] = FactPlace(stream, origin, told.type)
            return
        self.earlier[told.source, told.id] = FactPlace(stream, version, told.type)
        self.histories[stream] = (*history, fact)
        self.recalled[stream].append(Recalled(told, fact.event))

    def _is_erased(self, fact: Fact) -> bool:
        """Tell whether another than its sender took away what a correction names: an erasure."""
        place = self.earlier.get(fact.corrects)
        gone = self._withdrawn[place.stream] if place else {}
        return (
            place is not None
            and place.version in gone
            and (gone[place.version].source != fact.source)
        )

    def _wrong(self, fact: Fact) -> Iterator[WrongCorrection]:
        cls, told = self.class_of(fact), fact.values.get("fact")
        if cls is None:  # which `require_known` tells, with all else that is unknown
            return
        if cls is FactCorrected:
            yield WrongCorrection(
                "this names a correction: name the fact that was corrected, once more",
                index=fact.index,
                pointer="/data/corrects",
            )
        elif self._is_erased(fact):
            yield WrongCorrection(
                "the fact that this names was taken away when words were erased: tell it anew, "
                "under an id of its own",
                index=fact.index,
                pointer="/data/corrects",
            )
        elif told is not None and told["type"] != cls.definition.type:
            meant = cls.definition.type
            yield WrongCorrection(
                f"a {meant} is replaced by another {meant}, not by {told['type']}",
                index=fact.index,
                pointer="/data/fact/type",
            )


def _earlier(
    store: Store, corrections: Iterable[Fact], reach: Reach | None
) -> Iterable[tuple[FactKey, FactPlace]]:
    """Iterate over where facts stand that came in earlier batches and are corrected now."""
    for source, ids in _names_in(corrections).items():
        for event_id, known in store.known_events(source, ids).items():
            stream, version = Stream(known.receipt.stream), known.receipt.version
            if reach is None or reach.knows(stream, version, known.principal):
                yield (source, event_id), FactPlace(stream, version, known.type)


def _recalled_by(
    store: Store, corrections: Iterable[Fact], known: Collection[FactKey], reach: Reach | None
) -> Iterator[Retold]:
    """Iterate over what told nothing new and is corrected now."""
    for source, ids in _names_in(corrections).items():
        wanted = [each for each in ids if (source, each) not in known]
        for told in store.retold_under(source, wanted).values():
            if reach is None or reach.knows(told.stream, told.version, told.principal):
                yield told


def _names_in(corrections: Iterable[Fact]) -> Mapping[str, set[str]]:
    """Return which events corrections name, by their source."""
    wanted = defaultdict[str, set[str]](set)
    for fact in corrections:
        wanted[fact.source].add(fact.values["corrects"])
    return wanted
