"""What was stored once is read for ever: one entry of every type and schema version."""

import dataclasses
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest
from msgspec import UNSET

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import (
    Entry,
    encode_data,
    encode_entry,
    encode_salt,
    is_canonical,
    read_entry,
)
from events.definitions.event import Event, stream_of
from events.definitions.review import RatingProposed
from tests.support.examples import EXAMPLES

FILES = {path.name: path for path in (Path(__file__).parent / "entries").iterdir()}


def without_later_parts(event_type: str, **absent: object) -> Event:
    """Return the example of a type as an older form told it."""
    changed: Event = dataclasses.replace(EXAMPLES[event_type], **absent)  # type: ignore[type-var]
    return changed


PROPOSED = EXAMPLES["review.rating_proposed"]
assert isinstance(PROPOSED, RatingProposed)
OLDER = {  # what forms before the last one come to
    "document.published.1.json": without_later_parts("document.published", by=UNSET),
    "milestone.evidence_handed_in.1.json": without_later_parts(
        "milestone.evidence_handed_in", by=UNSET
    ),
    "plan.opened.1.json": without_later_parts("plan.opened", collective=False, leaders=()),
    "plan.proposed.1.json": without_later_parts("plan.proposed", by=UNSET),
    "review.criticism_answered.1.json": without_later_parts("review.criticism_answered", by=UNSET),
    "review.point_answered.1.json": without_later_parts("review.point_answered", by=UNSET),
    "review.opened.1.json": without_later_parts("review.opened", places=(), group=UNSET),
    "review.commitment_made.1.json": without_later_parts("review.commitment_made", form=UNSET),
    "review.self_critique_submitted.1.json": without_later_parts(
        "review.self_critique_submitted", meeting_due_at=UNSET, form=UNSET, catalogue=UNSET
    ),
    "review.self_critique_submitted.2.json": without_later_parts(
        "review.self_critique_submitted", form=UNSET, catalogue=UNSET
    ),
    "review.self_critique_submitted.3.json": without_later_parts(
        "review.self_critique_submitted", catalogue=UNSET
    ),
    "review.rating_proposed.1.json": without_later_parts(
        "review.rating_proposed",
        facts=msgspec.structs.replace(PROPOSED.facts, group=UNSET, counted=UNSET),
        appraisal_due_at=UNSET,
    ),
    "roster.member_disciplined.1.json": without_later_parts(
        "roster.member_disciplined", fault_period=UNSET
    ),
    "roster.unit_disciplined.1.json": without_later_parts(
        "roster.unit_disciplined", fault_period=UNSET
    ),
}


def golden_entry(event: Event) -> Entry:
    definition, stream = event.definition, stream_of(event)
    return Entry(
        id="9f2c7a4e-0000-4000-8000-000000000001",
        source="urn:example:hr",
        type=definition.type,
        subject=stream,
        time=datetime(2026, 1, 15, 17, 30, tzinfo=UTC),
        dataschema=definition.dataschema,
        stream=stream,
        streamversion=7,
        recordedat=datetime(2026, 1, 16, 2, 3, 4, 567_890, tzinfo=UTC),
        principal="system:hr",
        onbehalfof="person:clerk",
        causationid="9f2c7a4e-0000-4000-8000-000000000000",
        correlationid="import-2026-01-16",
        salt=encode_salt(bytes(range(16))),
        data=encode_data(event),
    )


def file_name(event: Event) -> str:
    return f"{event.definition.type}.{event.definition.schema_version}.json"


@pytest.mark.parametrize("event", EXAMPLES.values(), ids=file_name)
def test_encoding_gives_the_very_bytes_that_were_stored(event: Event) -> None:
    """For a new form, put the bytes that the failure shows into the file. Never change a file."""
    encoded = encode_entry(golden_entry(event))

    path = FILES.get(file_name(event))
    assert path is not None, f"no tests/golden/entries/{file_name(event)}; it holds: {encoded!r}"
    assert encoded == path.read_bytes()


@pytest.mark.parametrize("name", sorted(FILES))
def test_stored_bytes_of_every_version_are_read_as_todays_event(name: str) -> None:
    event_type, _, _ = name.removesuffix(".json").rpartition(".")
    encoded = FILES[name].read_bytes()

    recorded = read_entry(encoded, CATALOGUE)

    assert is_canonical(encoded)
    assert recorded.event == OLDER.get(name, EXAMPLES[event_type])
    assert encode_entry(recorded.entry) == encoded


def test_every_version_of_every_type_has_a_file_and_nothing_else_has() -> None:
    expected = {
        f"{cls.definition.type}.{version}.json"
        for cls in CATALOGUE
        for version in range(1, cls.definition.schema_version + 1)
    }

    assert set(FILES) == expected
