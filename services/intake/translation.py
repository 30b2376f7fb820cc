"""Turn what a sender sent into what is stored: references into our ids, words into commitments."""

import dataclasses
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, NamedTuple

import msgspec

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import (
    Decision,
    Event,
    FactVersion,
    Scope,
    Sealed,
    Subject,
    Told,
    stream_of,
)
from events.definitions.fields import Field, Kind, fields_of
from events.definitions.roster import FactCorrected
from events.domain.documents.working_days import local_day
from events.domain.organisation.corrections import Correction
from events.identifiers import Stream
from events.vault.sealing import IDENTITY, SealedText, seal
from services.access.decisions import DecisionName, decision_under
from services.context import Context
from services.intake.numbers import Numbers
from services.intake.refusals import UnknownReference, WrongCorrection

Values = Mapping[str, Any]  # a validated request, by field name
FactKey = tuple[str, str]  # the source and id by which a sender names a fact
FOUNDING = "number"  # the field by which a fact founds somebody
_PLACES = ("/data", "/data/fact/data")  # of a fact's data, and of those inside a correction


class FactPlace(NamedTuple):
    """Where a fact stands or will stand."""

    stream: Stream
    version: int
    type: str


@dataclasses.dataclass(frozen=True, slots=True)
class Fact:
    """One validated request on its way into the log."""

    index: int  # in the batch
    id: str
    source: str
    time: datetime
    cls: type[Event]
    values: Values

    @property
    def key(self) -> FactKey:
        return self.source, self.id

    @property
    def is_correction(self) -> bool:
        return self.cls is FactCorrected

    @property
    def corrects(self) -> FactKey:
        """Return which fact a correction names."""
        return self.source, self.values["corrects"]

    @property
    def as_correction(self) -> Correction:
        """Return when a correction was made, by which one of several is chosen."""
        return Correction(self.time, self.id)

    @property
    def rank(self) -> tuple[int, tuple[Any, ...]]:
        """Founding facts come first and corrections last, by time, however they were sent."""
        definition = self.cls.definition
        if self.is_correction:
            return 3, self.as_correction.order
        if definition.founds:
            return (0 if definition.about == "unit" else 1), (self.time,)
        return 2, ()


class BatchSealer:
    """The sealed words of one batch. Keys are durable before anything is sealed with them."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._ready: dict[tuple[str, str], bytes] = {}
        self._decisions: dict[tuple[str, DecisionName], Sealed[Any]] = {}  # by whom
        self.decisions: Mapping[int, Sealed[Any]] = {}  # of which each fact speaks, by its index
        self.sealed: list[SealedText] = []  # to be stored with the batch
        self.clear: dict[str, str] = {}  # what was sealed, by its commitment

    def prepare(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Have a key for each owner and scope, in one durable step."""
        wanted = set(pairs) - self._ready.keys()
        if wanted:
            self._ready.update(self._context.keys.ensure(wanted))

    def seal(self, text: str, owner: str, scope: str) -> Sealed[str]:
        """Return the commitment of a text, which will be stored sealed."""
        return self._seal(text, owner, scope, None)

    def find_decision(self, name: DecisionName, owner: str) -> Sealed[Any] | None:
        """Return how facts name a decision told in these very words; None if it was not."""
        return self._decisions.get((owner, name)) or decision_under(self._context, owner, name)

    def seal_decision(self, name: DecisionName, owner: str, scope: str) -> Sealed[Any]:
        """Return the commitment of a decision's number, which is stored once, when first told."""
        told = self.find_decision(name, owner)
        if told is None:
            salt = name.salt_under(self._ready[owner, scope])
            told = self._seal(name.number, owner, scope, salt)
        self._decisions[owner, name] = told
        return told

    def _seal(self, text: str, owner: str, scope: str, salt: bytes | None) -> Sealed[str]:
        key, chance = self._ready[owner, scope], self._context.chance
        sealed = seal(text, key=key, owner=owner, scope=scope, chance=chance, salt=salt)
        self.sealed.append(sealed)
        self.clear[sealed.commitment] = unicodedata.normalize("NFC", text)
        return Sealed(sealed.commitment)


def scope_of(cls: type[Event], time: datetime) -> str:
    """Return under which of its owner's keys the words of a fact lie."""
    if cls.definition.scope is Scope.PERIOD:
        return str(local_day(time).year)
    return IDENTITY


def references(fact: Fact) -> Iterator[tuple[str, str]]:
    """Iterate over whom a fact names, as kind and reference; numbers that it founds included."""
    return (named for _, named in placed_references(fact))


def placed_references(fact: Fact) -> Iterator[tuple[str, tuple[str, str]]]:
    """Iterate over whom a fact names, with JSON pointers to where."""
    for place, (cls, values, _) in zip(_PLACES, levels(fact), strict=False):
        if cls.definition.founds:
            yield f"{place}/{FOUNDING}", (cls.definition.about, values[FOUNDING])
        for field in fields_of(cls):
            if field.kind is Kind.REFERENCE and field.name in values:
                yield f"{place}/{field.name}", (field.about, values[field.name])


def placed_numbers(fact: Fact) -> Iterator[tuple[str, str]]:
    """Iterate over the numbers in a fact, of people, units and decisions, with pointers to them.

    And over the issuers of decisions, which are part of how these are known.
    """
    yield from ((pointer, number) for pointer, (_, number) in placed_references(fact))
    for place, (cls, values, _) in zip(_PLACES, levels(fact), strict=False):
        for field in fields_of(cls):
            if _names_decision(field) and field.name in values:
                yield f"{place}/{field.name}", values[field.name]


def _names_decision(field: Field) -> bool:
    is_issuer = field.name == "issuer" and field.kind is Kind.SEALED
    return field.annotation is Decision or is_issuer


def key_scopes(fact: Fact) -> Iterator[str]:
    """Iterate over the scopes under which the words of a fact will be sealed."""
    for cls, values, time in levels(fact):
        for field in fields_of(cls):
            if field.kind is Kind.SEALED and field.name in values:
                yield scope_of(cls, time)


def subject_of(fact: Fact, numbers: Numbers) -> Stream:
    """Return the stream of a fact that is no correction, founding its subject if need be.

    Raises:
        UnknownReference: it names someone who is not known yet.
    """
    definition = fact.cls.definition
    if definition.founds:
        found = numbers.find_or_give(definition.about, fact.values["number"])
    else:
        field = f"{definition.about}_id"
        found = resolve(numbers, fact, definition.about, fact.values[field], field)
    return Stream(f"{definition.about}-{found}")


def build(fact: Fact, subject: Stream, numbers: Numbers, words: BatchSealer) -> Event:
    """Return a fact that is no correction in its stored form."""
    scope = scope_of(fact.cls, fact.time)
    return _build(fact, fact.cls, fact.values, subject, scope, numbers, words)


def build_correction(
    fact: Fact, subject: Stream, version: int, numbers: Numbers, words: BatchSealer
) -> FactCorrected:
    """Return a correction of the fact that stands at `version` of the stream `subject`.

    Raises:
        WrongCorrection: it tells of somebody else, of whom the corrected fact never told.
    """
    told = fact.values.get("fact")
    if told is None:
        return FactCorrected(subject=Subject(subject), corrects=FactVersion(version))
    cls, time = CATALOGUE.event_class(told["type"]), told["time"]
    scope = scope_of(cls, time)
    event = _build(fact, cls, told["data"], subject, scope, numbers, words)
    if stream_of(event) != subject:
        raise WrongCorrection(
            "this tells of another than the fact that it corrects: take that away (a correction "
            "without a fact) and tell it anew; whoever has another number by now goes by that",
            index=fact.index,
            pointer=f"/data/fact/data/{cls.definition.about}_id",
        )
    return telling_instead(subject, version, event, time)


def telling_instead(subject: Stream, version: int, event: Event, time: datetime) -> FactCorrected:
    """Return the correction of a fact that tells another one in its place."""
    definition, data = event.definition, as_builtins(event)
    told = Told(definition.type, definition.schema_version, time, data)
    return FactCorrected(subject=Subject(subject), corrects=FactVersion(version), fact=told)


def resolve(numbers: Numbers, fact: Fact, about: str, reference: str, field: str) -> str:
    """Return our id of whom a reference names.

    Raises:
        UnknownReference: nobody yet; the sender may try again once HR has told of them.
    """
    known_id = numbers.find(about, reference)
    if known_id is None:
        raise unknown(fact, about, field)
    return known_id


def unknown(fact: Fact, about: str, field: str) -> UnknownReference:
    """Return why a fact is refused that names somebody whom nobody told of."""
    return UnknownReference(
        f"no {about} is known under the reference in {field!r}, or it lies outside the units "
        "of this token: send its founding fact, in the same batch or earlier, then this again",
        code=f"unknown_{about}",
        index=fact.index,
        pointer=f"/data/{field}",
    )


def as_builtins(event: Event) -> dict[str, Any]:
    """Return a fact's stored data as plain JSON values."""
    data: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(event))
    return data


def levels(fact: Fact) -> Iterator[tuple[type[Event], Values, datetime]]:
    """Iterate over a fact and, where it is a correction, the fact inside it."""
    yield fact.cls, fact.values, fact.time
    told = fact.values.get("fact") if fact.is_correction else None
    if told is not None:
        yield CATALOGUE.event_class(told["type"]), told["data"], told["time"]


def _build(
    fact: Fact,
    cls: type[Event],
    values: Values,
    subject: Stream,
    scope: str,
    numbers: Numbers,
    words: BatchSealer,
) -> Event:
    stored: dict[str, Any] = {}
    for field in fields_of(cls):
        if field.kind is Kind.MADE:
            stored[field.name] = subject.partition("-")[2]
        elif field.name not in values:
            continue
        elif field.kind is Kind.REFERENCE:
            reference = values[field.name]
            stored[field.name] = resolve(numbers, fact, field.about, reference, field.name)
        elif field.kind is Kind.SEALED:
            is_decision = field.annotation is Decision  # found before: all of a batch at once
            stored[field.name] = (
                words.decisions[fact.index]
                if is_decision
                else words.seal(values[field.name], subject, scope)
            )
        else:
            stored[field.name] = values[field.name]
    return cls(**stored)
