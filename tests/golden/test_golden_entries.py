"""What was stored once is read for ever: one entry of every type and schema version."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

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
from tests.support.examples import EXAMPLES

FILES = {path.name: path for path in (Path(__file__).parent / "entries").iterdir()}
URN = re.compile(r"urn:[a-z0-9]+:[A-Za-z0-9._~-]+(/[A-Za-z0-9._~-]+)*")  # RFC 8141, in short


# What forms before the last one come to, by file name, where it is not the example of the type.
OLDER: dict[str, Event] = {}


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


@pytest.mark.parametrize("path", FILES.values(), ids=FILES)
def test_the_schema_is_named_by_an_absolute_uri_without_any_host(path: Path) -> None:
    schema = json.loads(path.read_bytes())["dataschema"]

    assert URN.fullmatch(schema), "CloudEvents' SDKs refuse a relative one"


def test_every_version_of_every_type_has_a_file_and_nothing_else_has() -> None:
    expected = {
        f"{cls.definition.type}.{version}.json"
        for cls in CATALOGUE
        for version in range(1, cls.definition.schema_version + 1)
    }

    assert set(FILES) == expected
