"""Hypothesis strategies for facts, entries and requests, derived from the definitions."""

import base64
import string
import typing
import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from msgspec import UNSET, UnsetType

from events.definitions.catalogue import CATALOGUE
from events.definitions.characters import plain
from events.definitions.entry import SALT_BYTES, Entry, encode_data, encode_salt
from events.definitions.event import (
    INTEGER_MAX,
    Code,
    Decision,
    Event,
    FactVersion,
    Moment,
    Name,
    Number,
    Origin,
    Sealed,
    Subject,
    Told,
    stream_of,
)
from events.definitions.fields import Field, Kind, element_of, fields_of, typed_cache
from events.definitions.records import Count, Digest, Label, Period, Record
from events.definitions.years import FIRST_YEAR, LAST_YEAR
from events.identifiers import ID_LENGTH, MemberId, UnitId

SENT = tuple(cls for cls in CATALOGUE if cls.definition.origin is Origin.OUTSIDE)
FACTS = tuple(cls for cls in SENT if cls.definition.about != "corrected")

ids = st.text(string.ascii_lowercase + "234567", min_size=ID_LENGTH, max_size=ID_LENGTH)
days = st.dates(date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31))
times = st.datetimes(datetime(1930, 1, 1), datetime(2130, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
codes = st.from_regex(r"[a-z][a-z0-9_]{0,39}", fullmatch=True)
integers = st.integers(-INTEGER_MAX, INTEGER_MAX)


def texts(max_size: int = 40) -> SearchStrategy[str]:
    """Texts in NFC, line breaks and all; in UTF-8 they exist."""
    characters = st.characters(exclude_categories=["Cs"])
    return st.text(characters, min_size=1, max_size=max_size).map(_nfc)


lines = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)
    .map(lambda text: _nfc(text).strip())
    .filter(bool)
)
plain_lines = lines.map(lambda text: plain(text).strip()).filter(bool)
numbers = plain_lines.filter(lambda text: not text.startswith("id:"))


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _commitment(digest: bytes) -> Sealed[Any]:
    return Sealed(base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


@st.composite
def _told_facts(draw: st.DrawFn) -> Told:
    event = draw(any_fact())
    definition = event.definition
    data = msgspec.to_builtins(event)
    return Told(definition.type, definition.schema_version, draw(times), data)


_STORED: dict[Any, SearchStrategy[Any]] = {
    **dict.fromkeys((MemberId, UnitId), ids),
    **dict.fromkeys((str, Name, Number, Period, Digest, Label), lines),
    Code: codes,
    Sealed[str]: st.binary(min_size=32, max_size=32).map(_commitment),
    Count: st.integers(0, INTEGER_MAX),
    Subject: ids.map(lambda known: f"member-{known}"),
    FactVersion: st.integers(1, INTEGER_MAX),
    Told: st.deferred(_told_facts),
    bool: st.booleans(),
    int: integers,
    date: days,
    datetime: times,
}
_REQUEST: dict[Any, SearchStrategy[Any]] = {
    **dict.fromkeys((MemberId, UnitId), numbers | ids.map(lambda known: f"id:{known}")),
    **dict.fromkeys((str, Name, Decision), plain_lines),
    Number: numbers,
    Period: st.sampled_from(("2024", "2025-q3")),
    Code: codes,
    FactVersion: plain_lines,
    Told: st.deferred(lambda: st.sampled_from(FACTS).flatmap(_told_request)),
    bool: st.booleans(),
    int: integers,
    date: days.map(date.isoformat),
    datetime: times.map(datetime.isoformat),
}


_keys = st.text(string.ascii_lowercase + "_", min_size=1, max_size=20)  # canonical keys are ASCII


def _value(annotation: Any, by_type: dict[Any, SearchStrategy[Any]]) -> SearchStrategy[Any]:
    if UnsetType in typing.get_args(annotation):  # a part of a record that may be absent
        (present,) = (each for each in typing.get_args(annotation) if each is not UnsetType)
        return st.just(UNSET) | _value(present, by_type)
    element = element_of(annotation)
    if element is not annotation:
        return st.lists(_value(element, by_type), max_size=3).map(tuple)
    if isinstance(element, type) and issubclass(element, StrEnum):
        return st.sampled_from(element)
    if isinstance(element, type) and issubclass(element, Record):
        hints = typing.get_type_hints(element, include_extras=True)
        return st.builds(element, **{name: _value(hint, by_type) for name, hint in hints.items()})
    if typing.get_origin(element) is dict:
        _, value = typing.get_args(element)
        return st.dictionaries(_keys, _value(value, by_type), max_size=3)
    return by_type[datetime if element == Moment else element]


def _stored_value(field: Field) -> SearchStrategy[Any]:
    digests = st.binary(min_size=32, max_size=32)
    sealed = field.kind is Kind.SEALED
    value = digests.map(_commitment) if sealed else _value(field.annotation, _STORED)
    return value if field.required or field.default is not UNSET else st.just(UNSET) | value


def _request_value(field: Field) -> SearchStrategy[Any]:
    words = field.kind is Kind.SEALED and field.annotation is str
    return texts() if words else _value(field.annotation, _REQUEST)


@typed_cache
def events_of(cls: type[Event]) -> SearchStrategy[Event]:
    """Facts of one type."""
    return st.builds(cls, **{field.name: _stored_value(field) for field in fields_of(cls)})


@typed_cache
def any_fact() -> SearchStrategy[Event]:
    """Facts of every type but corrections."""
    return st.sampled_from(FACTS).flatmap(events_of)


@typed_cache
def any_event() -> SearchStrategy[Event]:
    """Facts of every type."""
    return st.sampled_from(tuple(CATALOGUE)).flatmap(events_of)


@typed_cache
def requests_of(cls: type[Event]) -> SearchStrategy[dict[str, Any]]:
    """What senders may rightly send of one type, as JSON values."""
    sent = [field for field in fields_of(cls) if field.kind is not Kind.MADE]
    fixed = {field.name: _request_value(field) for field in sent if field.required}
    optional = {field.name: _request_value(field) for field in sent if not field.required}
    return st.fixed_dictionaries(fixed, optional=optional).map(msgspec.to_builtins)


@typed_cache
def _told_request(cls: type[Event]) -> SearchStrategy[dict[str, Any]]:
    named = st.just(cls.definition.type)
    time = times.map(datetime.isoformat)
    return st.fixed_dictionaries({"type": named, "time": time, "data": requests_of(cls)})


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    """Entries of every type, with and without the attributes that may be absent."""
    event = draw(any_event())
    definition, stream = event.definition, stream_of(event)
    maybe = st.just(UNSET) | lines
    return Entry(
        id=draw(lines),
        source=draw(lines),
        type=definition.type,
        subject=stream,
        time=draw(times),
        dataschema=definition.dataschema,
        stream=stream,
        streamversion=draw(st.integers(1, INTEGER_MAX)),
        recordedat=draw(times),
        principal=draw(lines),
        onbehalfof=draw(maybe),
        causationid=draw(maybe),
        correlationid=draw(maybe),
        salt=encode_salt(draw(st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES))),
        data=encode_data(event),
    )
