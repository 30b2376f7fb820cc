"""What a definition of an event is made of."""

import enum
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, ClassVar, Generic, NewType, TypeVar

import msgspec

from events.identifiers import Stream

T = TypeVar("T")
E = TypeVar("E", bound="Event")

# By which of its own fields a fact's stream is named. `subject` holds a stream's whole name.
STREAM_FIELDS: Mapping[str, tuple[str, ...]] = {
    "unit": ("unit_id",),
    "member": ("member_id",),
    "rulebook": ("issuer",),
    "cycle": ("period", "unit_id"),
    "review": ("period", "member_id"),
    "plan": ("period", "member_id"),
    "reading": ("period", "member_id"),
    "escalation": ("cause",),
    "erasure": ("owner",),
    "account": ("account_id",),
    "token": ("token_id",),
    "key": ("key_id",),
}
NAMED = frozenset(("corrected", "subject"))  # kinds whose facts name their stream

# Before an address of a form: names it alike wherever it is served (`dataschema` must be absolute).
NAMESPACE = "urn:tusoi:"

INTEGER_MAX = 2**53 - 1  # what every JSON library reads back as the same number (RFC 7493)

Name = NewType("Name", str)  # of a person, kept as it is written
Number = NewType("Number", str)  # a unit's or member's number in the sender's own books
Decision = NewType("Decision", str)  # a decision's number: one number, one commitment (`Sealed`)
Code = NewType("Code", str)  # a word of a rulebook or an organisation: a-z, 0-9 and _
Subject = NewType("Subject", str)  # the stream a fact is about, found by us and never sent
FactVersion = NewType("FactVersion", int)  # the version of an earlier fact in the same stream


class Origin(enum.StrEnum):
    """Where the facts of a type come from."""

    OUTSIDE = "outside"  # other systems send them to intake
    OURS = "ours"  # appended by this service's own handlers and workers only


class Scope(enum.StrEnum):
    """Under which of its owner's keys the sealed fields of a type lie."""

    IDENTITY = "identity"  # name, contacts, other systems' numbers: outlives years
    PERIOD = "period"  # the year in which it happened


COMMITMENT_PATTERN = "[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]"  # 32 bytes in base64url


class Sealed(msgspec.Struct, Generic[T], frozen=True):
    """A personal text that lies in the vault; the entry holds its commitment only.

    At the edge the field is a `T`; handlers seal it and store this. Two commitments to the same
    words differ, but those to a `Decision`: by them a fact finds the decision that it speaks of.
    """

    sealed: str  # base64url of SHA-256(salt ‖ text); the salt is sealed with the text


Moment = Annotated[datetime, msgspec.Meta(tz=True)]  # a stored time always says its offset


class Told(msgspec.Struct, frozen=True):
    """A fact inside another one: what a correction puts in the place of the fact it corrects."""

    type: str
    schemaversion: int
    time: Moment  # when it happened, as is now known
    data: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """What is fixed about an event type besides its fields."""

    type: str  # stored for ever; survives every rename in Python
    schema_version: int
    origin: Origin
    about: str  # the kind of stream, as in STREAM_FIELDS
    scope: Scope
    founds: str | None  # the id field that this fact brings into being; not sent but made

    @property
    def dataschema(self) -> str:
        return dataschema(self.type, self.schema_version)


class Event:
    """A fact. Subclasses are frozen, keyword-only, slotted dataclasses made with `@event`."""

    __slots__ = ()
    definition: ClassVar[Definition]


def event(
    event_type: str,
    *,
    schema_version: int,
    about: str,
    origin: Origin = Origin.OUTSIDE,
    scope: Scope = Scope.IDENTITY,
    founds: str | None = None,
) -> Callable[[type[E]], type[E]]:
    """Return a decorator that says under which name, version and stream a class is stored."""

    def define(cls: type[E]) -> type[E]:
        cls.definition = Definition(
            type=event_type,
            schema_version=schema_version,
            origin=origin,
            about=about,
            scope=scope,
            founds=founds,
        )
        return cls

    return define


def dataschema(event_type: str, schema_version: int) -> str:
    """Return the name of a stored form, the same in every installation.

    After `urn:tusoi:` stands where each of them serves it.

    >>> dataschema("roster.unit_formed", 1)
    'urn:tusoi:schemas/roster.unit_formed/1.json'
    """
    return f"{NAMESPACE}schemas/{event_type}/{schema_version}.json"


def stream_of(event_: Event) -> Stream:
    """Return the stream that a fact belongs to, from its own fields."""
    about = event_.definition.about
    if about in NAMED:
        return Stream(getattr(event_, "subject"))  # noqa: B009 - only such facts have it
    return Stream("-".join((about, *(getattr(event_, name) for name in STREAM_FIELDS[about]))))
