"""The demo's HR file is what an HR system may send, and tells what the demo is to show."""

import dataclasses
import unicodedata
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Origin
from events.definitions.roster import ROSTER

FILE = Path(__file__).parents[2] / "deploy" / "demo" / "hr.jsonl"
SOURCE = "/hr/suoi-guong-demo"
HANOI = timedelta(hours=7)
UNTOLD = {  # nothing of the kind happens in so small a commune
    "roster.delegation_ended",
    "roster.post_delegated",
    "roster.unit_moved",
    "roster.unit_dissolved",
    "roster.unit_authority_ended",
    "roster.issuer_name_ended",
    "roster.unit_disciplined",
    "roster.unit_discipline_lifted",
}
REFERENCES = ("member_id", "unit_id", "parent_id", "successor_id")


class Line(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One event as an HR system sends it; every attribute must be there."""

    specversion: str
    id: str
    source: str
    type: str
    time: datetime
    data: dict[str, Any]


@pytest.fixture(scope="module")
def lines() -> list[Line]:
    return msgspec.json.Decoder(Line).decode_lines(FILE.read_bytes())


def test_every_line_is_an_event_of_the_one_source(lines: list[Line]) -> None:
    envelopes = {(line.specversion, line.source, line.time.utcoffset()) for line in lines}

    assert envelopes == {("1.0", SOURCE, HANOI)}


def test_every_id_is_told_once_and_is_ascii(lines: list[Line]) -> None:
    ids = [line.id for line in lines]

    assert len(set(ids)) == len(ids)
    assert all(map(str.isascii, ids))


def test_every_text_is_in_normal_form_c() -> None:
    text = FILE.read_text(encoding="utf-8")

    assert unicodedata.is_normalized("NFC", text)
    assert "\\u" not in text  # an escape could hide a text that is not


def test_every_type_may_come_from_outside(lines: list[Line]) -> None:
    origins = {CATALOGUE.definition(line.type).origin for line in lines}

    assert origins == {Origin.OUTSIDE}


def test_every_fact_has_the_fields_that_its_type_asks_of_a_sender(lines: list[Line]) -> None:
    told = [(line.type, line.data) for line in lines]
    told += [(data["fact"]["type"], data["fact"]["data"]) for _, data in told if "fact" in data]

    amiss = [(event_type, data) for event_type, data in told if not fits(event_type, data)]

    assert amiss == []


def test_every_reference_names_what_an_earlier_line_founded(lines: list[Line]) -> None:
    known: set[str] = set()
    unresolved = []

    for line in lines:
        unresolved += [number for number in references(line.data) if number not in known]
        if CATALOGUE.definition(line.type).founds:
            known.add(line.data["number"])

    assert unresolved == []


def test_a_commune_of_three_cells_is_told_of(lines: list[Line]) -> None:
    kinds = Counter(line.data["kind"] for line in of_type(lines, "roster.unit_formed"))
    tops = [
        line.data["kind"]
        for line in of_type(lines, "roster.unit_formed")
        if "parent_id" not in line.data
    ]

    assert kinds == {"committee": 1, "cell": 3}
    assert tops == ["committee"]


def test_between_45_and_60_members_are_enrolled_each_once(lines: list[Line]) -> None:
    enrolled = of_type(lines, "roster.member_enrolled")
    numbers = {line.data["number"] for line in enrolled}
    names = {line.data["name"] for line in enrolled}

    assert 45 <= len(enrolled) <= 60
    assert len(numbers) == len(names) == len(enrolled)


def test_all_that_befalls_members_and_a_new_name_are_told(lines: list[Line]) -> None:
    told = {line.type for line in lines}
    outside = {e.definition for e in ROSTER if e.definition.origin is Origin.OUTSIDE}
    untold = {each.type for each in outside} - told

    assert untold == UNTOLD


def test_how_it_was_and_then_two_years_are_told(lines: list[Line]) -> None:
    days = [line.time.date() for line in lines]

    assert min(days) == date(2020, 1, 2)  # members of long standing, not new ones
    assert min(day for day in days if day.year > 2023) < date(2024, 2, 1)
    assert date(2025, 12, 1) <= max(days) <= date(2025, 12, 31)


def test_one_fact_is_told_late(lines: list[Line]) -> None:
    late = [later.id for earlier, later in pairwise(lines) if later.time < earlier.time]

    assert late == ["hr-2025-000002"]


def test_the_one_correction_replaces_an_earlier_move(lines: list[Line]) -> None:
    (correction,) = of_type(lines, "roster.fact_corrected")
    (corrected,) = [line for line in lines if line.id == correction.data["corrects"]]
    fact = correction.data["fact"]

    assert lines.index(corrected) < lines.index(correction)
    assert corrected.type == fact["type"] == "roster.member_moved"
    assert corrected.time == datetime.fromisoformat(fact["time"]).astimezone(UTC)
    assert corrected.data["member_id"] == fact["data"]["member_id"]
    assert corrected.data["unit_id"] != fact["data"]["unit_id"]


def test_one_discipline_stands_and_one_was_lifted(lines: list[Line]) -> None:
    imposed = {cause(line) for line in of_type(lines, "roster.member_disciplined")}
    lifted = {cause(line) for line in of_type(lines, "roster.member_discipline_lifted")}

    assert len(lifted) == 1
    assert len(imposed - lifted) == 1
    assert lifted < imposed


def of_type(lines: list[Line], event_type: str) -> list[Line]:
    return [line for line in lines if line.type == event_type]


def cause(line: Line) -> tuple[str, str]:
    """Return whose discipline a line is about, and by which decision."""
    return line.data["member_id"], line.data["decision"]


def fits(event_type: str, data: dict[str, Any]) -> bool:
    """Return whether a request has all it needs, and nothing that we make or do not know."""
    cls: Any = CATALOGUE.event_class(event_type)
    ours = {"subject", cls.definition.founds}
    fields = [field for field in dataclasses.fields(cls) if field.name not in ours]
    needed = {field.name for field in fields if field.default is dataclasses.MISSING}
    return needed <= set(data) <= {field.name for field in fields}


def references(data: dict[str, Any]) -> Iterator[str]:
    """Iterate over the numbers that a fact names, and those in the fact it puts right."""
    yield from (data[field] for field in REFERENCES if field in data)
    if "fact" in data:
        yield from references(data["fact"]["data"])
