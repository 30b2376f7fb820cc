"""The codec writes canonical bytes only, keeps its limits, and knows what is not its own."""

import dataclasses
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec import Raw

from events.definitions.catalogue import CATALOGUE, UnreadableEntry
from events.definitions.entry import (
    DATA_BYTES_MAX,
    ENTRY_BYTES_MAX,
    EntryTooLarge,
    NotCanonical,
    Recorded,
    Sequenced,
    decode_entry,
    encode_data,
    encode_entry,
    encode_salt,
    is_as_written,
    is_canonical,
    read_entry,
    tells_the_day_alone,
    within_subset,
)
from events.definitions.event import Sealed
from events.definitions.roster import MemberLeft, UnitRenamed
from tests.support.examples import MEMBER, UNIT, UNIT_FORMED
from tests.support.history import NOON, correction, record

ENTRY = record(UNIT_FORMED).entry
ENCODED = encode_entry(ENTRY)
ENTRIES = Path(__file__).parents[1] / "golden" / "entries"
OVERHEAD = len(encode_data(UnitRenamed(unit_id=UNIT, name="")))


def renamed(name: str) -> UnitRenamed:
    return UnitRenamed(unit_id=UNIT, name=name)


def test_what_is_absent_is_left_out_of_the_entry() -> None:
    assert b"onbehalfof" not in ENCODED
    assert b"null" not in ENCODED


def test_only_an_author_who_is_not_to_be_named_tells_the_day_alone() -> None:
    assert tells_the_day_alone("pseudonym:abc")
    assert not tells_the_day_alone("account:abc")


def test_an_entry_is_read_with_its_fact_and_takes_its_place() -> None:
    read = read_entry(ENCODED, CATALOGUE)

    sequenced = Sequenced(17, NOON, read.entry, read.event)

    assert sequenced == Sequenced(17, NOON, ENTRY, UNIT_FORMED)


def test_data_may_be_as_large_as_the_limit_and_no_larger() -> None:
    fitting = renamed("x" * (DATA_BYTES_MAX - OVERHEAD))

    with pytest.raises(EntryTooLarge, match="61441 bytes, the limit is 61440") as caught:
        encode_data(renamed(f"{fitting.name}x"))

    assert len(encode_data(fitting)) == DATA_BYTES_MAX
    assert (caught.value.size, caught.value.limit) == (DATA_BYTES_MAX + 1, DATA_BYTES_MAX)


def test_an_entry_may_be_as_large_as_the_limit_and_no_larger() -> None:
    def source(size: int) -> bytes:
        return encode_entry(msgspec.structs.replace(ENTRY, source="x" * size))

    overhead = len(source(0))

    with pytest.raises(EntryTooLarge):
        source(ENTRY_BYTES_MAX - overhead + 1)

    assert len(source(ENTRY_BYTES_MAX - overhead)) == ENTRY_BYTES_MAX


def test_text_that_is_not_in_nfc_is_not_stored() -> None:
    assert encode_data(renamed("Chi bộ"))

    with pytest.raises(NotCanonical, match="normal form C"):
        encode_data(renamed("Chi bo\u0323\u0302"))


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"null",
        b"{}",
        b"\xff",
        b"[" * 60_000,
        ENCODED[:-1],
        ENCODED.replace(b"CB", b"\xff\xff"),
    ],
    ids=["nothing", "null", "empty", "no UTF-8", "too deep", "cut", "broken inside"],
)
def test_bytes_that_are_no_entry_are_unreadable(encoded: bytes) -> None:
    with pytest.raises(UnreadableEntry):
        read_entry(encoded, CATALOGUE)


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (b'"type":"roster.unit_formed"', b'"type":"roster.unit_renamed"'),
        (b'"type":"roster.unit_formed"', b'"type":"x"'),
        (b'"application/json"', b'"text/html"'),
        (b'"specversion":"1.0"', b'"specversion":"0.3"'),
    ],
)
def test_an_entry_is_of_the_type_and_form_that_its_schema_names(part: bytes, other: bytes) -> None:
    assert part in ENCODED

    with pytest.raises(UnreadableEntry):
        read_entry(ENCODED.replace(part, other), CATALOGUE)


@pytest.mark.parametrize("path", sorted(ENTRIES.iterdir()), ids=lambda path: path.name)
def test_every_form_ever_stored_is_as_it_would_be_written_again(path: Path) -> None:
    encoded = path.read_bytes()

    assert is_as_written(encoded, read_entry(encoded, CATALOGUE))


@pytest.mark.parametrize(
    ("part", "other"),
    [
        (b'"datacontenttype":"application/json",', b""),
        (b'"recordedat"', b'"more":1,"recordedat"'),
        (b'"data":{', b'"data":{"a":1,'),
        (b'"salt":"', b'"salt":"A'),
        (b'AAAA",', b'AAAB",'),  # spare bits of the salt
        (b'Z",', b'.000Z",'),
    ],
)
def test_an_entry_that_holds_more_or_less_than_its_form_is_not_as_written(
    part: bytes, other: bytes
) -> None:
    assert part in ENCODED
    changed = ENCODED.replace(part, other)

    assert not is_as_written(changed, read_entry(changed, CATALOGUE))


@pytest.mark.parametrize("commitment", ["", "x", "A" * 42 + "B", "A" * 43 + "=", "A" * 44])
def test_a_commitment_of_another_form_is_not_as_written(commitment: str) -> None:
    def written(sealed: str) -> bool:
        left = MemberLeft(member_id=MEMBER, reason=Sealed(sealed))
        recorded = record(left)
        return is_as_written(encode_entry(recorded.entry), recorded)

    assert written("A" * 43)
    assert not written(commitment)


def test_a_text_that_looks_like_a_commitment_is_a_text() -> None:
    recorded = record(renamed('{"sealed":"x"}'))

    assert is_as_written(encode_entry(recorded.entry), recorded)


@pytest.mark.parametrize(
    ("changed", "is_written"),
    [
        ({}, True),
        ({"data": {"more": 1}}, False),
        ({"data": {"name": None}}, False),  # which nothing reads
        ({"type": "roster.unit_known"}, False),
    ],
    ids=str,
)
def test_the_fact_inside_a_correction_holds_no_more_than_its_form_either(
    changed: dict[str, Any], *, is_written: bool
) -> None:
    told = correction(1, (NOON, renamed("Chi bộ 2")))
    assert told.fact
    data = msgspec.structs.asdict(told.fact)["data"] | changed.get("data", {})
    fact = msgspec.structs.replace(told.fact, **{**changed, "data": data})

    recorded = record(dataclasses.replace(told, fact=fact))

    assert is_as_written(encode_entry(recorded.entry), recorded) is is_written


def test_the_fact_inside_a_correction_may_be_of_an_older_form() -> None:
    told = correction(1, (NOON, renamed("Chi bộ 2")))
    assert told.fact
    older = msgspec.structs.replace(told.fact, schemaversion=0)

    recorded = record(dataclasses.replace(told, fact=older))

    assert not is_as_written(encode_entry(recorded.entry), recorded)  # that no upcaster reads


def test_of_an_older_form_the_data_are_as_they_were_then() -> None:
    recorded = record(UNIT_FORMED)
    older = msgspec.structs.replace(
        recorded.entry, dataschema="urn:tusoi:schemas/roster.unit_formed/0.json", data=Raw(b"{}")
    )

    assert is_as_written(encode_entry(older), Recorded(older, UNIT_FORMED))


def test_an_entry_whose_data_are_broken_still_tells_its_attributes() -> None:
    entry = decode_entry(ENCODED.replace(b'"kind"', b'"kinb"'))

    assert entry.stream == f"unit-{UNIT}"
    with pytest.raises(UnreadableEntry, match=r"roster\.unit_formed/1\.json.*kind"):
        CATALOGUE.decode(entry.dataschema, entry.data)


@pytest.mark.parametrize(
    "encoded",
    [
        ENCODED,
        b'{"a":1,"b":[true,false,"\\n\\u0001"],"c":{}}',
        b'{"a":9007199254740991,"b":-9007199254740991}',
        '"ữ"'.encode(),
    ],
)
def test_bytes_of_this_codec_are_canonical(encoded: bytes) -> None:
    assert is_canonical(encoded)


@pytest.mark.parametrize(
    "encoded",
    [
        b"1.0",
        b"1.5",
        b"1e2",
        b"null",
        b'{"a":null}',
        b"9007199254740992",
        b"-9007199254740992",
        b'{"a":[123456789012345678901234567890]}',
        '"u\u031b\u0303"'.encode(),
        '{"ữ":1}'.encode(),
        b'{"b":1,"a":2}',
        b'{"a":1,"a":1}',
        b'{"a": 1}',
        b'"\\u1eef"',
        b'"\\/"',
        b'"\\u000A"',
        b"-0",
        b'"\xff"',
        b'"\\ud800"',
        b"[" * 60_000,
        b"[" * 300 + b"]" * 300 + b" ",
        b"",
    ],
)
def test_bytes_that_this_codec_would_not_write_are_not_canonical(encoded: bytes) -> None:
    assert not is_canonical(encoded)


def test_floats_and_nulls_stand_outside_the_subset_wherever_they_are() -> None:
    assert within_subset({"a": [1, "b", True, {}]})
    assert not within_subset({"a": [1, {"b": 0.5}]})
    assert not within_subset([None])


def test_a_salt_is_written_in_base64url_without_padding() -> None:
    assert encode_salt(b"\xff" * 16) == "_" * 21 + "w"
