"""Whatever bytes come, they are events or refused; however an event is carried, it is the same."""

import contextlib
import json
from typing import Any
from unicodedata import normalize
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake import strict_json
from services.intake.parser import BATCH, BINARY, STRUCTURED, parse
from services.intake.refusals import MalformedJson, Refusal
from tests.support.strategies import integers

REQUIRED = {"specversion": "1.0", "time": "2026-01-05T08:00:00+07:00"}

content_types = st.sampled_from([STRUCTURED, BATCH, BINARY])
keys = st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=8)
texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=12)
values = st.recursive(
    st.booleans() | integers | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4),
    max_leaves=12,
)
wrong = st.none() | st.floats() | st.integers() | st.text(max_size=4) | values
words = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
extensions = st.dictionaries(
    st.from_regex(r"x[a-z0-9]{0,10}", fullmatch=True),
    st.booleans() | integers | texts,
    max_size=4,
)
events = st.builds(
    lambda required, more, data: REQUIRED | more | required | {"data": data},
    st.fixed_dictionaries(
        {"id": words, "source": words, "type": st.from_regex(r"[a-z0-9_.]{1,20}", fullmatch=True)},
        optional={"subject": words},
    ),
    extensions,
    st.dictionaries(keys, values, max_size=4),
)


def shuffled(value: Any) -> Any:
    """Return a value with the keys of all its objects in another order."""
    if isinstance(value, dict):
        return {key: shuffled(each) for key, each in reversed(value.items())}
    return [shuffled(each) for each in value] if isinstance(value, list) else value


def in_nfc(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: in_nfc(each) for key, each in value.items()}
    if isinstance(value, list):
        return [in_nfc(each) for each in value]
    return normalize("NFC", value) if isinstance(value, str) else value


def headers_of(event: dict[str, Any]) -> dict[str, str]:
    """Return the attributes of an event as a sender writes them into headers."""
    spelled = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in event.items()
        if name != "data"
    }
    return {f"CE-{name}": quote(value, safe="") for name, value in spelled.items()}


@given(content_type=content_types | st.none() | st.text(), body=st.binary() | texts.map(str.encode))
def test_arbitrary_bytes_are_refused_in_an_orderly_way(
    content_type: str | None, body: bytes
) -> None:
    with pytest.raises(Refusal) as caught:
        parse(content_type, {"ce-id": "1"}, body)

    assert str(caught.value).encode()


@given(
    content_type=content_types,
    event=events,
    changed=st.dictionaries(
        st.sampled_from([*REQUIRED, "id", "source", "type", "subject", "dataschema", "data"])
        | st.text(max_size=4),
        wrong,
        max_size=3,
    ),
    headers=st.dictionaries(st.text(max_size=6).map("ce-".__add__), st.text(max_size=6)),
)
def test_arbitrary_events_are_taken_or_refused_and_nothing_else(
    content_type: str, event: dict[str, Any], changed: dict[str, Any], headers: dict[str, str]
) -> None:
    whole = event | changed
    carried = {STRUCTURED: whole, BATCH: [event, whole], BINARY: whole["data"]}[content_type]

    outcome: tuple[object, ...] = ()
    with contextlib.suppress(Refusal):
        outcome = parse(content_type, headers_of(event) | headers, json.dumps(carried).encode())

    assert len(outcome) in {0, 1, 2}


@given(value=values)
def test_what_is_taken_is_what_was_sent_in_nfc(value: Any) -> None:
    assert strict_json.parse(json.dumps(value).encode()) == in_nfc(value)


@given(event=events)
def test_an_event_is_the_same_in_whatever_order_and_form(event: dict[str, Any]) -> None:
    (whole,) = parse(STRUCTURED, {}, json.dumps(event).encode())

    (of_batch,) = parse(BATCH, {}, msgspec.json.encode([shuffled(event)]))
    data = json.dumps(event["data"], ensure_ascii=False, indent=1).encode()
    (of_headers,) = parse(BINARY, headers_of(event), data)

    assert whole.canonical == of_batch.canonical == of_headers.canonical


@given(
    event=events, other=events, names=st.sets(st.sampled_from(["id", "source", "subject", "data"]))
)
def test_other_events_have_another_canonical_form(
    event: dict[str, Any], other: dict[str, Any], names: set[str]
) -> None:
    changed = event | {name: each for name, each in other.items() if name in names}

    (one,) = parse(STRUCTURED, {}, json.dumps(event).encode())
    (two,) = parse(STRUCTURED, {}, json.dumps(changed).encode())

    same = json.dumps(in_nfc(event), sort_keys=True) == json.dumps(in_nfc(changed), sort_keys=True)
    assert (one.canonical == two.canonical) == same


@given(event=events, path=st.lists(keys, max_size=5), key=keys, value=values)
def test_a_key_that_comes_twice_is_refused_wherever_it_is(
    event: dict[str, Any], path: list[str], key: str, value: Any
) -> None:
    twice = f"{{{json.dumps(key)}: 1, {json.dumps(key)}: {json.dumps(value)}}}"
    for name in reversed(path):
        twice = f"{{{json.dumps(name)}: {twice}}}"
    marked = json.dumps(event | {"data": "HERE", "id": "1"}).replace('"HERE"', twice)

    with pytest.raises(MalformedJson) as caught:
        parse(STRUCTURED, {}, marked.encode())

    assert caught.value.pointer == strict_json.pointer(("data", *path, key))
