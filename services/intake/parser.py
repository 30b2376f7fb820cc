"""CloudEvents 1.0, read strictly: structured, batch, binary. What is missing is never made up."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

import msgspec

from events.definitions.catalogue import UnreadableEntry, split_dataschema
from events.definitions.event import NAMESPACE
from events.definitions.years import SPAN, YEAR_PATTERN
from services.intake import strict_json
from services.intake.refusals import (
    EmptyBatch,
    InvalidAttribute,
    MalformedJson,
    MissingAttribute,
    NotAnObject,
    TooLarge,
    TooManyEvents,
    UnsupportedMediaType,
)

BODY_BYTES_MAX = 4 * 1024 * 1024
BATCH_EVENTS_MAX = 1_000
DATA_BYTES_MAX = 60 * 1024
EXTENSIONS_MAX = 20
EXTENSION_CHARACTERS_MAX = 2_048  # W3C: a `tracestate` has at least 512, a `dataref` is a whole URI

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
BINARY = "application/json"

_UTF8 = {"charset=utf-8", 'charset="utf-8"'}
_REQUIRED = ("specversion", "id", "source", "type", "time")
_KNOWN = {*_REQUIRED, "subject", "dataschema", "datacontenttype", "data"}
_NAME = re.compile(r"[a-z0-9]{1,20}")
_VISIBLE = "1 to 200 printable ASCII characters, without spaces"
_FORMS = {
    "specversion": (re.compile(r"1\.0"), "must be 1.0"),
    "id": (re.compile(r"[\x21-\x7e]{1,200}"), f"must be {_VISIBLE}"),
    "source": (re.compile(r"[\x21-\x7e]{1,200}"), "must be a URI of up to 200 ASCII characters"),
    "type": (re.compile(r"[a-z0-9_.]{1,100}"), "must be 1 to 100 characters of a-z, 0-9, _ and ."),
    "subject": (re.compile(r"[\x21-\x7e]{1,200}"), f"must be {_VISIBLE}"),
    "causationid": (re.compile(r"[\x21-\x7e]{1,200}"), f"must be {_VISIBLE}"),  # it is kept
    "datacontenttype": (
        re.compile(r'(?i:application/json *(; *charset=("utf-8"|utf-8))?)'),
        "must be application/json",
    ),
    "dataschema": (re.compile(r"[\x21-\x7e]{1,400}"), "must be a URI of up to 400 characters"),
}
_IN_BATCH = re.compile(r"/(\d+)(.*)")
_TIME = re.compile(
    rf"{YEAR_PATTERN}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{{1,9}})?(Z|[+-]\d\d:\d\d)", re.IGNORECASE
)
_SCHEMA = re.compile(rf"(?:(?:https?://[^/]+)?/|{NAMESPACE})(schemas/.+)")
_QUOTED = re.compile(
    r'"((?:[^"\\]|\\.)*)("|\\?$)'
)  # an open one to its end, so that it is read once


class SentEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event as a sender wrote it; its data are not yet checked against their type."""

    index: int  # in its batch or file, from 0
    id: str
    source: str
    type: str
    time: datetime  # in UTC
    subject: str | None
    schema_version: int | None
    extensions: dict[str, str | int | bool]
    data: dict[str, Any]
    canonical: bytes  # everything sent, in one form: by it a repeat is told from a conflict


def parse(
    content_type: str | None, headers: Mapping[str, str], body: bytes
) -> tuple[SentEvent, ...]:
    """Return the events of a request, however CloudEvents lets them be carried.

    Raises:
        Refusal: the first thing that is wrong, with its event and place.
    """
    if len(body) > BODY_BYTES_MAX:
        raise TooLarge(f"the body takes {len(body)} bytes, the limit is {BODY_BYTES_MAX}: split it")
    form = _form(content_type)
    if form == BATCH:
        return _parse_batch(body)
    if form == STRUCTURED:
        return (parse_event(strict_json.parse(body), 0),)
    return (parse_event(_binary(headers, body), 0),)


def parse_event(value: Any, index: int) -> SentEvent:
    """Return one event out of the JSON value that holds it.

    Raises:
        Refusal: what is wrong, with the event's index.
    """
    if not isinstance(value, dict):
        raise NotAnObject("an event is a JSON object", index=index)
    for name in _REQUIRED:
        if name not in value:
            raise MissingAttribute(
                f"the attribute {name!r} is missing: the sender must give it, we make nothing up",
                index=index,
                pointer=f"/{name}",
            )
    extensions = {name: each for name, each in value.items() if name not in _KNOWN}
    _check_extensions(extensions, index)
    for name, (form, told) in _FORMS.items():
        if name in value and not (isinstance(value[name], str) and form.fullmatch(value[name])):
            raise InvalidAttribute(f"{name} {told}", index=index, pointer=f"/{name}")
    time = _time(value["time"], index)
    # In headers everything is text, so it is by their text that extensions are compared.
    spelled = {name: _spelling(each) for name, each in extensions.items()}
    attributes = {name: each for name, each in value.items() if name != "datacontenttype"}
    return SentEvent(
        index=index,
        id=value["id"],
        source=value["source"],
        type=value["type"],
        time=time,
        subject=value.get("subject"),
        schema_version=_schema_version(value, index),
        extensions=extensions,
        data=_data(value, index),
        canonical=msgspec.json.encode(attributes | spelled | {"time": time}, order="sorted"),
    )


def _parse_batch(body: bytes) -> tuple[SentEvent, ...]:
    try:
        values = strict_json.parse(body)
    except MalformedJson as error:
        placed = _IN_BATCH.fullmatch(error.pointer or "")
        if placed and body.lstrip().startswith(b"["):
            error.index, error.pointer = int(placed[1]), placed[2]
        raise
    if not isinstance(values, list):
        raise NotAnObject("a batch is a JSON array of events")
    if not values:
        raise EmptyBatch("the batch holds no event")
    if len(values) > BATCH_EVENTS_MAX:
        raise TooManyEvents(
            f"{len(values)} events in one batch, the limit is {BATCH_EVENTS_MAX}: split it"
        )
    return tuple(parse_event(value, index) for index, value in enumerate(values))


def _form(content_type: str | None) -> str:
    """Return in which of the three forms a body is."""
    media_type, *parameters = [part.strip() for part in (content_type or "").lower().split(";")]
    if media_type not in {STRUCTURED, BATCH, BINARY} or not _UTF8.issuperset(parameters):
        raise UnsupportedMediaType(
            f"send {STRUCTURED}, {BATCH}, or {BINARY} with ce- headers, in UTF-8"
        )
    return media_type


def _binary(headers: Mapping[str, str], body: bytes) -> dict[str, Any]:
    """Return the event of a binary request: attributes from the ce- headers, data from the body."""
    attributes: dict[str, Any] = {}
    for header, value in headers.items():
        name = header.lower().removeprefix("ce-")
        if name != header.lower():
            attributes[name] = _header(name, value)
    if not attributes:
        raise UnsupportedMediaType(
            f"{BINARY} is taken with ce- headers; without them send {STRUCTURED} or {BATCH}"
        )
    if "data" in attributes:
        raise InvalidAttribute("data stand in the body, not in a header", pointer="/data")
    try:
        return attributes | {"data": strict_json.parse(body)}
    except MalformedJson as error:
        if error.pointer is not None:
            error.pointer = f"/data{error.pointer}"
        raise


def _header(name: str, value: str) -> str:
    """Return the attribute that a header holds: unquoted, percent-decoded once, and in NFC.

    Source: CloudEvents 1.0.2, HTTP protocol binding, 3.1.3.2.
    """
    place = strict_json.pointer((name,))
    try:
        value.encode("ascii")
        unquoted = _QUOTED.sub(_without_quotes, value)
        return strict_json.compose(unquote(unquoted, errors="strict"), (name,))
    except UnicodeError as error:
        raise InvalidAttribute(
            f"the header ce-{name} is not percent-encoded UTF-8: encode it so", pointer=place
        ) from error
    except MalformedJson as error:
        raise InvalidAttribute(str(error), pointer=place) from error


def _without_quotes(found: re.Match[str]) -> str:
    return re.sub(r"\\(.)", r"\1", found[1]) if found[2] == '"' else found[0]


def _spelling(value: str | int) -> str:
    return value if isinstance(value, str) else str(value).lower()


def _check_extensions(extensions: Mapping[str, Any], index: int) -> None:
    if len(extensions) > EXTENSIONS_MAX:
        raise InvalidAttribute(f"more than {EXTENSIONS_MAX} extension attributes", index=index)
    for name, value in extensions.items():
        if name == "data_base64":
            raise InvalidAttribute(
                "data are taken as JSON in 'data'", index=index, pointer="/data_base64"
            )
        if not _NAME.fullmatch(name):
            raise InvalidAttribute(
                "attribute names have 1 to 20 characters of a-z and 0-9",
                index=index,
                pointer=strict_json.pointer((name,)),
            )
        if not isinstance(value, str | int) or len(str(value)) > EXTENSION_CHARACTERS_MAX:
            raise InvalidAttribute(
                f"extensions are texts of up to {EXTENSION_CHARACTERS_MAX} characters, integers, "
                "true or false",
                index=index,
                pointer=f"/{name}",
            )


def _time(value: Any, index: int) -> datetime:
    try:
        if isinstance(value, str) and _TIME.fullmatch(value):
            return msgspec.convert(value, datetime).astimezone(UTC)
    except (msgspec.ValidationError, OverflowError, ValueError):
        pass
    raise InvalidAttribute(
        f"time says when it happened, as 2025-11-21T08:00:00+07:00, {SPAN}",
        index=index,
        pointer="/time",
    )


def _schema_version(value: Mapping[str, Any], index: int) -> int | None:
    if "dataschema" not in value:
        return None
    named = _SCHEMA.fullmatch(value["dataschema"])
    try:
        event_type, version = split_dataschema(f"{NAMESPACE}{named[1]}" if named else "")
    except UnreadableEntry:
        event_type, version = "", 0
    if event_type != value["type"]:
        raise InvalidAttribute(
            f"dataschema must be {NAMESPACE}schemas/{value['type']}/N.json, "
            "or its address, https://HOST/schemas/…",
            index=index,
            pointer="/dataschema",
        )
    return version


def _data(value: Mapping[str, Any], index: int) -> dict[str, Any]:
    data = value.get("data")
    if not isinstance(data, dict):
        raise NotAnObject("data must be a JSON object", index=index, pointer="/data")
    size = len(msgspec.json.encode(data))
    if size > DATA_BYTES_MAX:
        raise TooLarge(
            f"data take {size} bytes, the limit is {DATA_BYTES_MAX}", index=index, pointer="/data"
        )
    return data
