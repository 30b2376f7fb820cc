"""The derived forms of every definition: marshmallow schemas and JSON Schemas, sent and stored.

The request form is what a sender sends: numbers of their own, words in the clear, limits. The
stored form is the shape of `data` in an entry and knows no limits, for history is not judged again
when one changes. No other module of `events` imports marshmallow: reading history does without.
"""

import inspect
import itertools
import typing
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import msgspec
from apispec import APISpec
from apispec.ext.marshmallow.openapi import OpenAPIConverter
from marshmallow import Schema, ValidationError, fields, post_load
from msgspec import UNSET

from events.definitions.catalogue import CATALOGUE
from events.definitions.characters import UnseenCharacter
from events.definitions.event import NAMESPACE, Event, Origin, Told
from events.definitions.fields import Field, Kind, element_of, fields_of, typed_cache
from events.definitions.shapes import (
    COMMITMENT,
    INTEGER,
    MISFITS,
    MOMENT,
    REQUEST,
    SENT_MOMENT,
    STORED,
    WORDS,
    Shape,
    choice,
    shape_of,
)
from events.errors import TusoiError

PROBLEMS_MAX = 100  # told of one request

Form = Literal["stored", "request"]


class InvalidData(TusoiError):
    """What was sent does not have the form of its type."""

    code = "invalid_data"

    def __init__(self, problems: tuple[tuple[str, str], ...]) -> None:
        super().__init__(" ".join(f"{pointer or 'data'}: {text}" for pointer, text in problems))
        self.problems = problems  # JSON pointer into the data, and what to do; never what was sent


def stored_schema(cls: type[Event]) -> Schema:
    """Return the schema of `data` in an entry; what it loads are the arguments of `cls`."""
    return _schema(cls, "stored")


def request_schema(cls: type[Event]) -> Schema:
    """Return the schema of what a sender sends; texts come out of it in NFC, times in UTC."""
    return _schema(cls, "request")


def load_request(cls: type[Event], data: object) -> dict[str, Any]:
    """Return what was sent, by field; what the sender left out is not there.

    Raises:
        InvalidData: with all problems at once.
    """
    try:
        loaded: dict[str, Any] = request_schema(cls).load(typing.cast(Any, data))
    except ValidationError as error:
        problems = tuple(itertools.islice(_problems(error.messages), PROBLEMS_MAX))
    else:
        return loaded
    raise InvalidData(problems)  # out here, for marshmallow's error holds the words that were sent


def json_schema(cls: type[Event], form: Form = "stored") -> dict[str, Any]:
    """Return the JSON Schema (2020-12) of one form of a type."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": name_of(cls, form),
        "title": cls.definition.type,
        "description": inspect.getdoc(cls),
        **_converter.schema2jsonschema(_schema(cls, form)),
    }


def address_of(cls: type[Event], form: Form) -> str:
    """Return under which path every installation serves a form."""
    return f"/{name_of(cls, form).removeprefix(NAMESPACE)}"


def name_of(cls: type[Event], form: Form) -> str:
    """Return the name of a form, by which entries and other forms speak of it."""
    stored = cls.definition.dataschema
    return stored if form == "stored" else f"{stored.removesuffix('.json')}/request.json"


_converter: Any = OpenAPIConverter(
    "3.1.0",  # whose schemas are JSON Schema 2020-12
    lambda _schema: None,  # nested schemas stand where they are used
    APISpec(title="tusoi", version="1", openapi_version="3.1.0"),
)
_TELLABLE = {
    cls.definition.type: cls
    for cls in CATALOGUE
    if cls.definition.origin is Origin.OUTSIDE and cls.definition.about != "corrected"
}
_MESSAGES: dict[str, Any] = {
    "required": "Send this field too: it is missing.",
    "null": "Send a value or leave this field out: it cannot be null.",
    "unknown": "Leave this field out: there is no such one.",
    "invalid": "Send a list.",
    "type": "Send a JSON object.",
}


class _Checked(fields.Field[Any]):
    """A value that a shape reads."""

    def __init__(
        self, shape: Shape, *, required: bool = True, metadata: Mapping[str, Any] | None = None
    ) -> None:
        described = {"description": f"{shape.what[0].upper()}{shape.what[1:]}.", **shape.schema}
        super().__init__(
            required=required, metadata={**described, **(metadata or {})}, error_messages=_MESSAGES
        )
        self._shape = shape

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        try:
            return self._shape.read(value)
        except UnseenCharacter as error:
            raise ValidationError(f"Send {self._shape.what}: {error}.") from None
        except MISFITS:
            raise ValidationError(f"Send {self._shape.what}.") from None


class _Many(fields.List[Any]):
    """A list in JSON, a tuple in an event."""

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> Any:
        return tuple(super()._deserialize(value, *args, **options))


class _ToldData(fields.Field[Any]):
    """The data of a fact inside another one, in the form of the type that is named beside it."""

    def __init__(self, form: Form) -> None:
        super().__init__(required=True, metadata={"type": "object"}, error_messages=_MESSAGES)
        self._form = form

    def _deserialize(self, value: Any, attr: Any, data: Any, **_: Any) -> Any:  # noqa: ARG002
        cls = _TELLABLE.get(str(data.get("type")))
        if cls is None:  # which the field `type` tells already
            return value
        if self._form == "request":
            return request_schema(cls).load(value)
        if data.get("schemaversion") == cls.definition.schema_version:
            stored_schema(cls).load(value)
        elif not isinstance(value, dict):  # in an older form, which upcasters read
            raise self.make_error("type")
        return value


class _Form(Schema):
    error_messages = _MESSAGES


class _StoredTold(_Form):
    @post_load
    def _make_told(self, values: dict[str, Any], **_: Any) -> Told:
        return Told(**values)


@typed_cache
def _schema(cls: type[Event], form: Form) -> Schema:
    present = [each for each in fields_of(cls) if form == "stored" or each.kind is not Kind.MADE]
    declared = {each.name: _field_for(each, form) for each in present}
    return _Form.from_dict(declared, name=f"{cls.__name__}{form.title()}")()


def _field_for(field: Field, form: Form) -> fields.Field[Any]:
    if field.kind is Kind.TOLD:
        return _told_field(form, required=field.required)
    has_default = not field.required and field.default is not UNSET
    metadata = {"default": msgspec.to_builtins(field.default)} if has_default else {}
    if field.kind is Kind.SEALED and form == "stored":
        return _Checked(COMMITMENT, required=field.required, metadata=metadata)
    shapes = STORED if form == "stored" else WORDS if field.kind is Kind.SEALED else REQUEST
    element = element_of(field.annotation)
    shape = shape_of(element, shapes)
    if element is field.annotation:
        return _Checked(shape, required=field.required, metadata=metadata)
    return _Many(
        _Checked(shape), required=field.required, metadata=metadata, error_messages=_MESSAGES
    )


def _told_field(form: Form, *, required: bool) -> fields.Field[Any]:
    version = {"schemaversion": _Checked(INTEGER)} if form == "stored" else {}
    declared: dict[str, fields.Field[Any]] = {
        "type": _Checked(choice({name: name for name in _TELLABLE})),
        **version,
        "time": _Checked(MOMENT if form == "stored" else SENT_MOMENT),
        "data": _ToldData(form),
    }
    base = _StoredTold if form == "stored" else _Form
    return fields.Nested(
        base.from_dict(declared, name=f"Told{form.title()}")(),
        required=required,
        metadata={"allOf": [_told_rule(cls, form) for cls in _TELLABLE.values()]},
        error_messages=_MESSAGES,
    )


def _told_rule(cls: type[Event], form: Form) -> dict[str, Any]:
    """Return the JSON Schema that binds `data` to the type beside it."""
    named: dict[str, Any] = {"type": {"const": cls.definition.type}}
    if form == "stored":
        named["schemaversion"] = {"const": cls.definition.schema_version}
    then = {"properties": {"data": {"$ref": name_of(cls, form)}}}
    return {"if": {"properties": named, "required": [*named]}, "then": then}


def _problems(messages: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Iterate over marshmallow's nested messages, each with its JSON pointer (RFC 6901)."""
    if not isinstance(messages, dict):
        yield from ((pointer, message) for message in messages)
        return
    for key, inner in messages.items():
        step = str(key).replace("~", "~0").replace("/", "~1")
        yield from _problems(inner, pointer if key == "_schema" else f"{pointer}/{step}")
