"""The catalogue knows every type, reads every form, and names what it cannot read."""

import pytest

from events.definitions.catalogue import (
    CATALOGUE,
    DEFINED,
    Catalogue,
    FutureVersion,
    UnknownType,
    UnreadableEntry,
    split_dataschema,
)
from events.definitions.event import STREAM_FIELDS, Code, Event, Origin, Told, stream_of
from events.definitions.roster import UnitRenamed
from events.definitions.upcasters import UPCASTERS
from tests.support.definitions import ROOMS, RoomPainted
from tests.support.examples import EXAMPLES, UNIT
from tests.support.history import NOON

RED = RoomPainted(unit_id=UNIT, colour=Code("red"))
UNKNOWN_SCHEMA = "urn:tusoi:schemas/test.never_heard_of/1.json"
RENAMED_SCHEMA = UnitRenamed.definition.dataschema


def test_types_are_told_apart_by_their_names() -> None:
    names = [cls.definition.type for cls in DEFINED]

    assert len(set(names)) == len(names)
    assert [cls.definition.type for cls in CATALOGUE] == sorted(names)


def test_every_definition_says_what_its_facts_mean() -> None:
    undocumented = [cls for cls in CATALOGUE if (cls.__doc__ or "").startswith(cls.__name__)]

    assert undocumented == []


def test_every_version_but_the_newest_has_an_upcaster() -> None:
    older = {
        (cls.definition.type, version)
        for cls in CATALOGUE
        for version in range(1, cls.definition.schema_version)
    }

    assert UPCASTERS.keys() == older


def test_a_type_is_found_by_its_name() -> None:
    assert CATALOGUE.event_class("roster.unit_renamed") is UnitRenamed
    assert CATALOGUE.definition("roster.unit_renamed").origin is Origin.OUTSIDE


@pytest.mark.parametrize("event", EXAMPLES.values(), ids=lambda event: event.definition.type)
def test_every_fact_tells_its_stream(event: Event) -> None:
    kind, _, key = stream_of(event).partition("-")

    assert kind in STREAM_FIELDS
    assert key
    assert "None" not in key


def test_an_unknown_type_is_named() -> None:
    with pytest.raises(UnknownType, match=r"test\.never_heard_of") as caught:
        CATALOGUE.decode(UNKNOWN_SCHEMA, b"{}")

    assert caught.value.event_type == "test.never_heard_of"


def test_a_newer_form_than_we_know_asks_for_an_upgrade() -> None:
    with pytest.raises(FutureVersion, match="upgrade") as caught:
        ROOMS.decode("urn:tusoi:schemas/test.room_painted/4.json", b"{}")

    assert (caught.value.event_type, caught.value.schema_version) == ("test.room_painted", 4)


@pytest.mark.parametrize(
    ("version", "data"),
    [
        (1, b'{"unit_id":"%s","colors":["red","blue"]}'),
        (2, b'{"unit_id":"%s","color":"red"}'),
        (3, b'{"unit_id":"%s","colour":"red"}'),
    ],
)
def test_every_older_form_is_raised_to_todays(version: int, data: bytes) -> None:
    event = ROOMS.decode(
        f"urn:tusoi:schemas/test.room_painted/{version}.json", data % UNIT.encode()
    )

    assert event == RED


def test_a_told_fact_in_an_older_form_is_raised_to_todays() -> None:
    told = Told("test.room_painted", 2, NOON, {"unit_id": UNIT, "color": "red"})

    assert ROOMS.open(told) == RED


@pytest.mark.parametrize(
    ("schema", "data"),
    [
        (RENAMED_SCHEMA, b'{"name":"Mia"}'),
        (RENAMED_SCHEMA, b'{"name":7,"unit_id":"a"}'),
        (RENAMED_SCHEMA, b'{"name":"\xff","unit_id":"a"}'),
        (RENAMED_SCHEMA, b'{"name":' + b"[" * 60_000),
        (RENAMED_SCHEMA, b"{"),
        ("urn:tusoi:schemas/test.room_painted/1.json", b"{}"),
        ("urn:tusoi:schemas/test.room_painted/1.json", b'{"unit_id":"a","colors":[]}'),
        ("urn:tusoi:schemas/test.room_painted/2.json", b"[]"),
        ("urn:tusoi:schemas/test.room_painted/2.json", b"[" * 60_000),
    ],
)
def test_data_of_another_form_than_they_claim_are_unreadable(schema: str, data: bytes) -> None:
    catalogue = Catalogue([UnitRenamed, RoomPainted], ROOMS._upcasters)  # noqa: SLF001

    with pytest.raises(UnreadableEntry):
        catalogue.decode(schema, data)


@pytest.mark.parametrize("version", [-1, 0])
def test_a_told_fact_of_a_version_that_never_was_is_unreadable(version: int) -> None:
    with pytest.raises(UnreadableEntry, match=r"roster\.unit_renamed"):
        CATALOGUE.open(Told("roster.unit_renamed", version, NOON, {"unit_id": UNIT, "name": "x"}))


def test_an_address_of_a_form_names_type_and_version() -> None:
    assert split_dataschema("urn:tusoi:schemas/roster.unit_formed/12.json") == (
        "roster.unit_formed",
        12,
    )


@pytest.mark.parametrize(
    "schema",
    [
        "",
        "roster.unit_formed",
        "/schemas/roster.unit_formed/1.json",
        "urn:tusoi:schemas/roster.unit_formed",
        "urn:tusoi:schemas/roster.unit_formed/0.json",
        "urn:tusoi:schemas/roster.unit_formed/01.json",
        "urn:tusoi:schemas/roster.unit_formed/-1.json",
        "urn:tusoi:schemas/roster.unit_formed/١.json",
        "urn:tusoi:schemas/roster.unit_formed/1.json\n",
        "urn:tusoi:schemas/roster.unit_formed/1/request.json",
        f"urn:tusoi:schemas/roster.unit_formed/{'9' * 5_000}.json",
    ],
)
def test_what_names_no_form_is_refused(schema: str) -> None:
    with pytest.raises(UnreadableEntry, match="is no stored form's name"):
        split_dataschema(schema)
