"""Histories for tests: facts with the entries around them, as the store would hand them out."""

from datetime import UTC, datetime

import msgspec

from events.definitions.entry import Entry, Recorded, encode_data, encode_salt
from events.definitions.event import Event, FactVersion, Subject, Told, stream_of
from events.definitions.roster import FactCorrected

NOON = datetime(2026, 1, 15, 5, tzinfo=UTC)


def day(number: int) -> datetime:
    """Return noon of a day in January 2026."""
    return NOON.replace(day=number)


def record(
    event: Event, *, version: int = 1, time: datetime = NOON, told_at: datetime | None = None
) -> Recorded:
    """Return a fact with an entry of which only version and times matter; not told ahead."""
    definition, stream = event.definition, stream_of(event)
    entry = Entry(
        id=f"{stream}-{version}",
        source="urn:test:hr",
        type=definition.type,
        subject=stream,
        time=time,
        dataschema=definition.dataschema,
        stream=stream,
        streamversion=version,
        recordedat=told_at or max(time, NOON),
        principal="system:hr",
        correlationid="r",
        salt=encode_salt(bytes(16)),
        data=encode_data(event),
    )
    return Recorded(entry, event)


def history(*facts: tuple[datetime, Event]) -> list[Recorded]:
    """Return facts, each with when it happened, as the versions from 1 on of a stream."""
    return [
        record(event, version=version, time=time)
        for version, (time, event) in enumerate(facts, start=1)
    ]


def correction(version: int, fact: tuple[datetime, Event] | None = None) -> FactCorrected:
    """Return the correction of what `version` told; without `fact` it never happened."""
    subject, corrects = Subject("member-of-some-stream"), FactVersion(version)
    if fact is None:
        return FactCorrected(subject=subject, corrects=corrects)
    time, event = fact
    definition = event.definition
    data = msgspec.to_builtins(event)
    told = Told(definition.type, definition.schema_version, time, data)
    return FactCorrected(subject=subject, corrects=corrects, fact=told)
