"""The year of one committee: the documents it goes by, its beginning and its end."""

import enum
from dataclasses import dataclass

from msgspec import UNSET, UnsetType

from events.definitions.event import Event, Origin, Scope, Sealed, event
from events.definitions.records import Digest, Hand, Label, Period
from events.identifiers import UnitId


class DocumentKind(enum.StrEnum):
    RULEBOOK = "rulebook"
    CALENDAR = "calendar"
    CATALOGUE = "catalogue"
    FORM = "form"


@event("document.published", schema_version=1, about="rulebook", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPublished(Event):
    """From now on an edition of a rulebook or calendar may be opened, a catalogue or form used."""

    issuer: Label
    kind: DocumentKind
    name: Label
    edition: Label
    digest: Digest  # of the document, which every bundle carries
    by: Hand | UnsetType = UNSET  # of the committee whose it is; none: the operator, or shipped


@event("document.issuer_freed", schema_version=1, about="rulebook", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class IssuerFreed(Event):
    """The operator freed an issuer's name: what was published under it may be used no more."""

    issuer: Label


@event("cycle.opened", schema_version=1, about="cycle", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleOpened(Event):
    """A committee opened the year for itself and all units below it, under pinned documents."""

    period: Period
    unit_id: UnitId
    rulebook: Digest
    calendar: Digest
    by: Hand
    taken_from: UnitId | UnsetType = UNSET  # whose year was taken over; none: it decides itself


@event("cycle.closed", schema_version=1, about="cycle", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleClosed(Event):
    """Nobody joins the year any more; what is open in it goes on."""

    period: Period
    unit_id: UnitId
    by: Hand


@event("cycle.taken_over", schema_version=1, about="cycle", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleTakenOver(Event):
    """A unit above decides from now on in what this one had opened; its reviews go on there."""

    period: Period
    unit_id: UnitId
    by: Hand  # of the unit that took it over
    text: Sealed[str]  # the ground


@event("cycle.voided", schema_version=1, about="cycle", origin=Origin.OURS, scope=Scope.PERIOD)
@dataclass(frozen=True, slots=True, kw_only=True)
class CycleVoided(Event):
    """A unit above voided the year with everything in it. It may be opened again."""

    period: Period
    unit_id: UnitId
    by: Hand
    text: Sealed[str]  # the ground


CYCLE: tuple[type[Event], ...] = (
    DocumentPublished,
    IssuerFreed,
    CycleOpened,
    CycleClosed,
    CycleTakenOver,
    CycleVoided,
)
