"""All forms of a definition agree: encoded and decoded, stored and sent, ours and others'."""

from typing import Any

import msgspec
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from marshmallow import ValidationError
from referencing import Registry, Resource

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import (
    Entry,
    decode_entry,
    encode_data,
    encode_entry,
    is_canonical,
    read_entry,
)
from events.definitions.event import Event
from events.definitions.fields import typed_cache
from events.definitions.schemas import (
    Form,
    InvalidData,
    json_schema,
    load_request,
    stored_schema,
)
from tests.support.effort import fewer
from tests.support.strategies import SENT, entries, events_of, requests_of

every_definition = pytest.mark.parametrize(
    "cls", list(CATALOGUE), ids=lambda cls: cls.definition.type
)
every_sent_definition = pytest.mark.parametrize("cls", SENT, ids=lambda cls: cls.definition.type)
FORMS: tuple[Form, ...] = ("stored", "request")
SCHEMAS = [
    json_schema(cls, form) for cls in CATALOGUE for form in FORMS if form == "stored" or cls in SENT
]
REGISTRY: Registry[Any] = Registry().with_resources(
    (schema["$id"], Resource.from_contents(schema)) for schema in SCHEMAS
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="ascii"), max_size=5),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=2), inner),
    max_leaves=3,
)
of_many = fewer(6)  # definitions are some sixty, of the same few shapes, and each is looked at


@typed_cache
def validator(cls: type[Event], form: Form) -> Draft202012Validator:
    checks = Draft202012Validator.FORMAT_CHECKER
    return Draft202012Validator(json_schema(cls, form), registry=REGISTRY, format_checker=checks)


def as_json(event: Event) -> Any:
    return msgspec.json.decode(encode_data(event))


@st.composite
def damaged(draw: st.DrawFn, valid: st.SearchStrategy[dict[str, Any]]) -> dict[str, Any]:
    """Objects with one field gone, changed or too many, at the top or in a told fact."""
    whole = draw(valid)
    inner = whole.get("fact")
    place = inner["data"] if inner and draw(st.booleans()) else inner or whole
    name = draw(st.sampled_from([*place, "unheard_of"]))
    if name in place and draw(st.booleans()):
        del place[name]
    else:
        place[name] = draw(json_values)
    return whole


def accepts(cls: type[Event], sent: object) -> bool:
    try:
        load_request(cls, sent)
    except InvalidData:
        return False
    return True


@every_definition
@of_many
@given(data=st.data())
def test_a_fact_is_read_back_as_it_was_written(cls: type[Event], data: st.DataObject) -> None:
    event = data.draw(events_of(cls))

    encoded = encode_data(event)

    assert CATALOGUE.decode(cls.definition.dataschema, encoded) == event


@given(entries())
def test_an_entry_is_read_back_as_it_was_written(entry: Entry) -> None:
    encoded = encode_entry(entry)

    assert decode_entry(encoded) == entry
    assert encode_data(read_entry(encoded, CATALOGUE).event) == entry.data


@given(entries())
def test_bytes_of_an_entry_are_those_of_rfc_8785(entry: Entry) -> None:
    encoded = encode_entry(entry)

    assert is_canonical(encoded)
    assert encoded == rfc8785.dumps(msgspec.json.decode(encoded))


@every_definition
@of_many
@given(data=st.data())
def test_what_is_stored_passes_the_stored_schema_and_is_the_same_object(
    cls: type[Event], data: st.DataObject
) -> None:
    event = data.draw(events_of(cls))

    stored = msgspec.json.decode(encode_data(event))

    assert cls(**stored_schema(cls).load(stored)) == event
    assert validator(cls, "stored").is_valid(stored)


@every_definition
@of_many
@given(data=st.data())
def test_what_the_stored_schema_accepts_the_decoder_reads_as_the_same_object(
    cls: type[Event], data: st.DataObject
) -> None:
    stored = data.draw(damaged(events_of(cls).map(as_json)))
    try:
        loaded = stored_schema(cls).load(stored)
    except ValidationError:
        assert not validator(cls, "stored").is_valid(stored)
        return

    decoded = CATALOGUE.decode(cls.definition.dataschema, msgspec.json.encode(stored))

    assert cls(**loaded) == decoded
    assert validator(cls, "stored").is_valid(stored)


@every_sent_definition
@of_many
@given(data=st.data())
def test_right_requests_are_accepted_and_hold_no_more_than_was_sent(
    cls: type[Event], data: st.DataObject
) -> None:
    sent = data.draw(requests_of(cls))

    loaded = load_request(cls, sent)

    assert loaded.keys() == sent.keys()
    assert validator(cls, "request").is_valid(sent)


@every_sent_definition
@of_many
@given(data=st.data())
def test_json_schema_and_marshmallow_refuse_the_same_requests(
    cls: type[Event], data: st.DataObject
) -> None:
    sent = data.draw(damaged(requests_of(cls)))

    assert accepts(cls, sent) == validator(cls, "request").is_valid(sent)


@given(cls=st.sampled_from(SENT), sent=json_values)
def test_no_json_value_whatever_gets_another_answer_than_a_problem(
    cls: type[Event], sent: object
) -> None:
    assert accepts(cls, sent) == validator(cls, "request").is_valid(sent)
