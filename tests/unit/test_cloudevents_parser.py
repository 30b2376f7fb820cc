"""CloudEvents in their three forms; what is missing or wrong is the sender's to mend."""

from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

import msgspec
import pytest
from cloudevents.core.bindings import http
from cloudevents.core.v1.event import CloudEvent

from services.intake import refusals
from services.intake.parser import (
    BATCH,
    BATCH_EVENTS_MAX,
    BINARY,
    BODY_BYTES_MAX,
    DATA_BYTES_MAX,
    EXTENSION_CHARACTERS_MAX,
    EXTENSIONS_MAX,
    STRUCTURED,
    SentEvent,
    parse,
    parse_event,
)
from services.intake.refusals import InvalidAttribute, MissingAttribute, Refusal

TYPE = "roster.member_enrolled"
ATTRIBUTES = {
    "specversion": "1.0",
    "id": "hr-1",
    "source": "/hr/test",
    "type": TYPE,
    "time": "2026-01-05T08:00:00+07:00",
}
OPTIONAL = {
    "subject": "DV-001",
    "dataschema": f"https://tusoi.example/schemas/{TYPE}/3.json",
    "datacontenttype": "application/json",
    "causationid": "hr-0",
    "attempt": 2,
    "urgent": True,
    "note": "gấp 100%",
}
DATA = {"number": "DV-001", "name": "Nguyễn Văn Ánh", "unit_id": "CB-001"}
EVENT = ATTRIBUTES | {"data": DATA}


def structured(event: object) -> tuple[SentEvent, ...]:
    return parse(STRUCTURED, {}, msgspec.json.encode(event))


def batch(events: object) -> tuple[SentEvent, ...]:
    return parse(BATCH, {}, msgspec.json.encode(events))


def binary(attributes: dict[str, Any], data: object = DATA) -> tuple[SentEvent, ...]:
    headers = {f"Ce-{name}": quote(str(value)) for name, value in attributes.items()}
    return parse(BINARY, headers, msgspec.json.encode(data))


def refusal_of(event: dict[str, Any]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse_event(event, 7)
    assert caught.value.index == 7
    return caught.value


def test_an_event_is_read_as_it_was_sent() -> None:
    (sent,) = structured(EVENT | OPTIONAL)

    assert (sent.index, sent.id, sent.source, sent.type) == (0, "hr-1", "/hr/test", TYPE)
    assert (sent.time, sent.time.tzinfo) == (datetime(2026, 1, 5, 1, tzinfo=UTC), UTC)
    assert (sent.subject, sent.schema_version) == ("DV-001", 3)
    assert sent.extensions == {
        "causationid": "hr-0",
        "attempt": 2,
        "urgent": True,
        "note": "gấp 100%",
    }
    assert sent.data == DATA


def test_what_may_be_left_out_is_not_made_up() -> None:
    (sent,) = structured(EVENT)

    assert (sent.subject, sent.schema_version, sent.extensions) == (None, None, {})


def test_a_batch_keeps_its_order() -> None:
    sent = batch([EVENT | {"id": each} for each in "cab"])

    assert [(each.index, each.id) for each in sent] == [(0, "c"), (1, "a"), (2, "b")]


def test_the_three_forms_of_an_event_are_one_event() -> None:
    spelled = OPTIONAL | {"urgent": "true"}
    del spelled["datacontenttype"]  # in this form it is the Content-Type

    (whole,) = structured(EVENT | OPTIONAL)
    (of_batch,) = batch([EVENT | OPTIONAL])
    (of_headers,) = binary(ATTRIBUTES | spelled)

    assert whole == of_batch
    assert of_headers.canonical == whole.canonical
    assert of_headers.data == whole.data


@pytest.mark.parametrize("name", [*ATTRIBUTES, *OPTIONAL, "data"])
def test_whatever_is_sent_otherwise_is_another_event(name: str) -> None:
    full = EVENT | OPTIONAL
    others: dict[str, object] = {
        "specversion": "1.0",
        "type": TYPE,
        "datacontenttype": "application/json",
        "time": "2026-01-05T08:00:01+07:00",
        "dataschema": f"/schemas/{TYPE}/4.json",
        "data": DATA | {"name": "Nguyễn Văn An"},
    }
    fixed = {"specversion", "type", "datacontenttype"}

    canonical = parse_event(full, 0).canonical
    other = parse_event(full | {name: others.get(name, "other")}, 0).canonical

    assert (canonical == other) == (name in fixed)


def test_spellings_of_one_event_have_one_canonical_form() -> None:
    (sent,) = structured(EVENT)

    utc = EVENT | {"time": "2026-01-05T01:00:00Z"}
    small = EVENT | {"time": "2026-01-05t01:00:00z"}  # RFC 3339 takes both
    said = EVENT | {"datacontenttype": "application/JSON; charset=utf-8"}
    backwards = dict(reversed(EVENT.items())) | {"data": dict(reversed(DATA.items()))}
    decomposed = EVENT | {"data": DATA | {"name": "Nguye\u0302\u0303n Va\u0306n A\u0301nh"}}

    for other in (
        utc,
        small,
        said,
        backwards,
        decomposed,
        EVENT | {"datacontenttype": "application/json"},
    ):
        assert structured(other)[0].canonical == sent.canonical


@pytest.mark.parametrize("base", ["urn:tusoi:", "/", "http://tusoi.example:8080/"])
def test_a_form_is_named_as_entries_name_it_or_by_its_address(base: str) -> None:
    (sent,) = structured(EVENT | {"dataschema": f"{base}schemas/{TYPE}/3.json"})

    assert sent.schema_version == 3


@pytest.mark.parametrize("name", ATTRIBUTES)
def test_a_missing_attribute_is_the_senders_error(name: str) -> None:
    attributes = {each: value for each, value in ATTRIBUTES.items() if each != name}

    refusal = refusal_of(attributes | {"data": DATA})
    with pytest.raises(MissingAttribute) as of_headers:
        binary(attributes)

    assert isinstance(refusal, MissingAttribute)
    assert refusal.pointer == of_headers.value.pointer == f"/{name}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("specversion", each) for each in ("0.3", "1", "1.0\n", 1, "")),
        *(("id", each) for each in ("", "ệ", "a\n", "a" * 201, 7, True)),
        *(("source", each) for each in ("", "/hr test", "/ệ", "a" * 201)),
        *(("type", each) for each in ("", "Roster", "a-b", "a" * 101)),
        *(("subject", each) for each in ("", "ệ", "a b", 7)),
        *(("datacontenttype", each) for each in ("text/xml", "application/jsonl", 7)),
        ("dataschema", f"/schemas/{TYPE}/x.json"),
        ("dataschema", f"/schemas/{TYPE}/0.json"),
        ("dataschema", f"/schemas/{TYPE}/1.json?x"),
        ("dataschema", "/schemas/roster.member_left/1.json"),
        ("dataschema", f"{TYPE}/1.json"),
        ("dataschema", f"schemas/{TYPE}/1.json"),
        ("dataschema", f"urn:tusoi:/schemas/{TYPE}/1.json"),
        ("dataschema", f"urn:other:schemas/{TYPE}/1.json"),
        ("dataschema", f"/other/schemas/{TYPE}/1.json"),
        ("dataschema", f"javascript:/schemas/{TYPE}/1.json"),
        ("datacontenttype", "application/json; charset=utf-16"),
        ("dataschema", 1),
        ("source", {}),
        ("type", []),
    ],
)
def test_an_attribute_of_another_form_is_refused_and_named(name: str, value: object) -> None:
    refusal = refusal_of(EVENT | {name: value})

    assert isinstance(refusal, InvalidAttribute)
    assert refusal.pointer == f"/{name}"
    assert name in str(refusal)


@pytest.mark.parametrize(
    "time",
    [
        *("2026-01-05", "2026-01-05T08:00:00", "2026-01-05 08:00:00Z", "yesterday", "", 1767600000),
        *("2026-02-30T08:00:00Z", "2026-01-05T24:00:01Z", "2026-01-05T08:00:00+25:00"),
        *("0001-01-01T00:00:00+07:00", "9999-12-31T23:59:59-07:00", "2026-01-05T08:00:00Z\n"),
        *("1899-12-31T08:00:00Z", "2200-01-01T08:00:00Z"),
        *("٢٠٢٦-01-05T08:00:00Z", "2026-W01-1T08:00:00Z"),
    ],
)
def test_time_is_a_moment_with_its_offset(time: object) -> None:
    refusal = refusal_of(EVENT | {"time": time})

    assert isinstance(refusal, InvalidAttribute)
    assert refusal.pointer == "/time"


@pytest.mark.parametrize(
    ("name", "value", "place"),
    [
        ("Causation", "x", "/Causation"),
        ("causation_id", "x", "/causation_id"),
        ("a" * 21, "x", f"/{'a' * 21}"),
        ("", "x", "/"),
        ("a/b", "x", "/a~1b"),
        ("nested", {}, "/nested"),
        ("list", [], "/list"),
        ("long", "a" * (EXTENSION_CHARACTERS_MAX + 1), "/long"),
        ("data_base64", "e30=", "/data_base64"),
    ],
)
def test_an_extension_of_another_form_is_refused(name: str, value: object, place: str) -> None:
    refusal = refusal_of(EVENT | {name: value})

    assert isinstance(refusal, InvalidAttribute)
    assert refusal.pointer == place


def test_data_in_base64_are_refused_with_what_to_send_instead() -> None:
    refusal = refusal_of(ATTRIBUTES | {"data_base64": "e30="})

    assert "as JSON in 'data'" in str(refusal)


def test_extensions_have_a_limit() -> None:
    extensions = {f"x{number}": number for number in range(EXTENSIONS_MAX)}

    assert parse_event(EVENT | extensions, 0).extensions == extensions

    assert isinstance(refusal_of(EVENT | extensions | {"more": 1}), InvalidAttribute)


def test_what_tracing_and_proxies_add_is_taken() -> None:
    """W3C asks to pass on 512 characters of `tracestate` at least; a URI has 2,000."""
    added = {
        "traceparent": "00-0af7651916cd43dd8448eb211c80319c-b9c7c989f97918e1-01",
        "tracestate": ",".join(f"vendor{n}={'a' * 54}" for n in range(8)),
        "dataref": f"https://hr.example/{'a' * 1_980}",
        "partitionkey": "CB-01",
        "sequence": "00000001",
    }
    assert 500 <= len(added["tracestate"]) <= 512

    assert parse_event(EVENT | added, 0).extensions.items() >= added.items()


def test_what_is_kept_of_extensions_is_short() -> None:
    refusal = refusal_of(EVENT | {"causationid": "a" * 201})

    assert (type(refusal), refusal.pointer) == (InvalidAttribute, "/causationid")


@pytest.mark.parametrize("data", ["{}", [], 7, True])
def test_data_are_an_object(data: object) -> None:
    refusal = refusal_of(EVENT | {"data": data})

    assert isinstance(refusal, refusals.NotAnObject)
    assert refusal.pointer == "/data"
    assert isinstance(refusal_of(ATTRIBUTES), refusals.NotAnObject)


def test_data_have_a_limit() -> None:
    room = DATA_BYTES_MAX - len('{"text":""}')

    assert parse_event(EVENT | {"data": {"text": "a" * room}}, 0).data["text"]

    refusal = refusal_of(EVENT | {"data": {"text": "a" * (room + 1)}})
    assert isinstance(refusal, refusals.TooLarge)
    assert (refusal.pointer, refusal.status) == ("/data", 413)


def test_a_body_has_a_limit() -> None:
    body = msgspec.json.encode(EVENT).ljust(BODY_BYTES_MAX)

    assert parse(STRUCTURED, {}, body)

    with pytest.raises(refusals.TooLarge):
        parse(STRUCTURED, {}, body + b" ")


def test_a_batch_has_one_event_to_its_limit() -> None:
    assert len(batch([EVENT] * BATCH_EVENTS_MAX)) == BATCH_EVENTS_MAX

    with pytest.raises(refusals.TooManyEvents):
        batch([EVENT] * (BATCH_EVENTS_MAX + 1))
    with pytest.raises(refusals.EmptyBatch):
        batch([])
    with pytest.raises(refusals.NotAnObject):
        batch(EVENT)


@pytest.mark.parametrize("value", [[EVENT], "event", 7])
def test_an_event_is_an_object(value: object) -> None:
    with pytest.raises(refusals.NotAnObject):
        structured(value)
    with pytest.raises(refusals.NotAnObject) as caught:
        batch([EVENT, value])
    assert caught.value.index == 1


@pytest.mark.parametrize(
    ("changed", "place"),
    [({"data": {"weight": 1.5}}, "/data/weight"), ({"id": None}, "/id"), ({"id": ""}, "/id")],
)
def test_in_a_batch_the_bad_event_is_named(changed: dict[str, Any], place: str) -> None:
    with pytest.raises(Refusal) as caught:
        batch([EVENT, EVENT, EVENT | changed, EVENT])

    assert (caught.value.index, caught.value.pointer) == (2, place)


def test_bad_json_in_a_batch_is_told_by_its_byte() -> None:
    with pytest.raises(refusals.MalformedJson) as caught:
        parse(BATCH, {}, b'[{"id": ]')

    assert (caught.value.byte, caught.value.index, caught.value.pointer) == (8, None, None)


@pytest.mark.parametrize(("body", "place"), [(b'{"3": null}', "/3"), (b"null", "")])
def test_bad_json_that_is_no_batch_names_no_event(body: bytes, place: str) -> None:
    with pytest.raises(refusals.MalformedJson) as caught:
        parse(BATCH, {}, body)

    assert (caught.value.index, caught.value.pointer) == (None, place)


def test_in_binary_form_the_body_is_data() -> None:
    with pytest.raises(refusals.MalformedJson) as caught:
        binary(ATTRIBUTES, {"weight": 1.5})

    assert caught.value.pointer == "/data/weight"


@pytest.mark.parametrize(
    ("value", "note"),
    [
        ('"a b"', "a b"),
        (r'"say \"yes\""', 'say "yes"'),
        ('"g%E1%BA%A5p"', "gấp"),
        ("100%2525", "100%25"),
        ("50%", "50%"),
        (r'say "a b" \"c', r"say a b \"c"),
        ('"' + r"\"" * 1000 + "\\", '"' + r"\"" * 1000 + "\\"),  # open: it is read once
    ],
)
def test_a_header_is_unquoted_then_percent_decoded_once(value: str, note: str) -> None:
    """Senders after older drafts of CloudEvents put spaces into quotes."""
    headers = {f"ce-{name}": quote(each) for name, each in ATTRIBUTES.items()}

    (sent,) = parse(BINARY, headers | {"ce-note": value}, b"{}")

    assert sent.extensions == {"note": note}


@pytest.mark.parametrize("value", ["%ff", "gấp", "\udc80", "%00", "%ed%a0%80"])
def test_a_header_that_is_not_percent_encoded_text_is_refused(value: str) -> None:
    headers = {f"ce-{name}": quote(each) for name, each in ATTRIBUTES.items()}

    with pytest.raises(InvalidAttribute) as caught:
        parse(BINARY, headers | {"ce-note": value}, b"{}")

    assert caught.value.pointer == "/note"


@pytest.mark.parametrize("name", ["data", "data_base64", "x-y"])
def test_a_header_that_is_no_attribute_is_refused(name: str) -> None:
    with pytest.raises(InvalidAttribute) as caught:
        binary(ATTRIBUTES | {name: "x"})

    assert caught.value.pointer == f"/{name}"


@pytest.mark.parametrize(
    "content_type",
    [
        *(STRUCTURED, STRUCTURED.title(), f"{STRUCTURED}; charset=utf-8"),
        *(f'{STRUCTURED};charset="UTF-8"', f" {STRUCTURED} ; charset=UTF-8 "),
    ],
)
def test_media_types_are_read_as_http_writes_them(content_type: str) -> None:
    (sent,) = parse(content_type, {}, msgspec.json.encode(EVENT))

    assert sent.id == "hr-1"


@pytest.mark.parametrize(
    "content_type",
    [
        *(None, "", "text/plain", "application/xml", "application/cloudevents+xml"),
        *("application/json", f"{STRUCTURED}; charset=latin-1", f"{STRUCTURED}, {BATCH}"),
    ],
)
def test_another_media_type_is_refused_and_the_right_ones_are_named(
    content_type: str | None,
) -> None:
    with pytest.raises(refusals.UnsupportedMediaType) as caught:
        parse(content_type, {"Content-Length": "2"}, msgspec.json.encode(EVENT))

    assert caught.value.status == 415
    for form in (STRUCTURED, BATCH, BINARY):
        assert form in str(caught.value)


def test_what_the_public_library_sends_is_understood_in_both_its_forms() -> None:
    """Without a boolean: it writes True into headers, where CloudEvents says true."""
    moment, note = datetime(2026, 1, 5, 1, tzinfo=UTC), 'Đà Nẵng, "x" 100%'
    attributes = ATTRIBUTES | OPTIONAL | {"time": moment, "note": note}
    del attributes["urgent"]
    event = CloudEvent(attributes=attributes, data=DATA)

    whole, parted = http.to_structured_event(event), http.to_binary_event(event)
    (sent,) = parse(whole.headers["content-type"], whole.headers, whole.body)
    (of_headers,) = parse(parted.headers["content-type"], parted.headers, parted.body)

    assert (sent.id, sent.time, sent.data) == ("hr-1", moment, DATA)
    assert sent.extensions == {"causationid": "hr-0", "attempt": 2, "note": note}
    assert of_headers.extensions == sent.extensions | {"attempt": "2"}
    assert of_headers.canonical == sent.canonical
