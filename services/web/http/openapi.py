"""The API's own description (OpenAPI 3.1), derived from what the code answers with.

flask-smorest collects it and parses queries; bodies go neither through it nor through marshmallow.
This module is the one place that knows flask-smorest, which has no types.
"""

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any, TypeVar, cast

import flask_smorest  # type: ignore[import-untyped]
import msgspec
from flask import Flask
from marshmallow import RAISE, Schema

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import NAMESPACE, Event, Origin
from events.definitions.schemas import json_schema
from services.web.http.problems import MEDIA_TYPE, Problem

VERSION = "1"
BEARER = "bearer"
SESSION = "session"
WORD = {"type": "string", "pattern": "^[!-~]{1,200}$"}  # of ids and sources: printable ASCII

View = TypeVar("View", bound=Callable[..., Any])

_CONFIG = {
    "API_TITLE": "tusoi",
    "API_VERSION": VERSION,
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/api",
    "OPENAPI_JSON_PATH": "openapi.json",
}
_DESCRIPTION = (
    "Facts about units and members go in, in order and for ever; states, histories and a feed come "
    "out. Errors are problem documents (RFC 9457) with a stable `code`; lists go on behind the "
    '`Link` with `rel="next"`.'
)
_SESSION = "Of `POST /session`; what changes something also needs its `X-CSRF-Token`."


def ref(name: str) -> dict[str, str]:
    """Return a reference to a schema of the description."""
    return {"$ref": f"#/components/schemas/{name}"}


class ApiBlueprint(flask_smorest.Blueprint):  # type: ignore[misc] # it has no types
    """A blueprint whose operations are described where they are written."""

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        return cast("Callable[[View], View]", super().route(rule, **options))

    def query(self, schema: Schema) -> Callable[[View], Callable[..., Any]]:
        """Parse the query for the view's first argument; unknown parameters are refused.

        It takes an instance: from a class, a schema would be built anew for every request.
        """
        return cast(
            "Callable[[View], Callable[..., Any]]",
            self.arguments(schema, location="query", unknown=RAISE),
        )

    def answers(
        self, status: int, schema: Mapping[str, Any], *, content_type: str = "application/json"
    ) -> Callable[[View], View]:
        """Describe what the view answers with; the view makes the response itself."""
        return cast(
            "Callable[[View], View]",
            self.response(status, dict(schema), content_type=content_type),
        )

    def problems(self, *statuses: int) -> Callable[[View], View]:
        """Describe with which statuses else the view may answer."""

        def describe(view: View) -> View:
            for status in sorted(statuses, reverse=True):
                view = self.alt_response(status, HTTPStatus(status).name)(view)
            return view

        return describe

    def asked_by(self, *schemes: str) -> Callable[[View], View]:
        """Describe by which schemes alone the view may be asked, none for everybody."""
        described: Any = {"security": [{scheme: []} for scheme in schemes]}
        return cast("Callable[[View], View]", self.doc(**described))

    def body(self, content: Mapping[str, Any]) -> Callable[[View], View]:
        """Describe what the view reads, by media type."""
        described = {"requestBody": {"required": True, "content": dict(content)}}
        return cast("Callable[[View], View]", self.doc(**described))


class _Api(flask_smorest.Api):  # type: ignore[misc] # it has no types
    def _register_error_handlers(self) -> None:
        """Leave errors to `services.web.http.problems`."""

    def _register_responses(self) -> None:
        """Describe every error as a problem."""
        content = {MEDIA_TYPE: {"schema": ref("Problem")}}
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            if status >= HTTPStatus.BAD_REQUEST:
                response["content"] = content
            self.spec.components.response(status.name, response, lazy=True)
        described = {"description": "A problem.", "content": content}
        self.spec.components.response("DEFAULT_ERROR", described, lazy=True)


def describe(
    app: Flask,
    *,
    with_token: tuple[ApiBlueprint, ...],
    with_session: tuple[ApiBlueprint, ...],
    without_token: tuple[ApiBlueprint, ...],
    structs: tuple[type[msgspec.Struct], ...],
    cookie: str,
) -> Any:
    """Register blueprints with an application, and return their description, an `APISpec`."""
    app.config.update(_CONFIG)
    api = _Api(app, spec_kwargs={"info": {"description": _DESCRIPTION}})
    components = api.spec.components
    scheme = {"type": "http", "scheme": "bearer", "description": "Made by `tusoi tokens new`."}
    components.security_scheme(BEARER, scheme)
    signed_in = {"type": "apiKey", "in": "cookie", "name": cookie, "description": _SESSION}
    components.security_scheme(SESSION, signed_in)
    for name, schema in {**_struct_schemas((Problem, *structs)), **_event_schemas()}.items():
        components.schema(name, schema)
    for blueprint in (*with_token, *with_session, *without_token):
        api.register_blueprint(blueprint)
    for blueprint in with_token:
        _require(api.spec, blueprint.name, {"get": (BEARER,), "post": (BEARER,)})
    for blueprint in with_session:
        schemes = {"get": (SESSION, BEARER), "post": (SESSION,), "delete": (SESSION,)}
        _require(api.spec, blueprint.name, schemes)
    return api.spec


def _require(spec: Any, tag: str, schemes: Mapping[str, tuple[str, ...]]) -> None:
    """Describe by which schemes a tag's operations, by method, are asked for, if none says it."""
    for operations in spec.to_dict()["paths"].values():
        for method, operation in operations.items():
            if isinstance(operation, dict) and tag in operation.get("tags", ()):
                by: list[Any] = [{scheme: []} for scheme in schemes[method]]
                operation["security"] = operation.get("security", by)


def _struct_schemas(structs: tuple[type[msgspec.Struct], ...]) -> dict[str, Any]:
    """Return the JSON Schemas of structs and all that they are made of, by name."""
    template = "#/components/schemas/{name}"
    _, components = msgspec.json.schema_components(structs, ref_template=template)
    return components


def _event_schemas() -> dict[str, Any]:
    """Return the schemas of what is sent to intake: each type's data, and each type's event."""
    sent = [cls for cls in CATALOGUE if cls.definition.origin is Origin.OUTSIDE]
    schemas: dict[str, Any] = {}
    for cls in sent:
        data = {k: v for k, v in json_schema(cls, "request").items() if not k.startswith("$")}
        schemas[_data_name(cls)] = _local(data)
        schemas[f"{cls.definition.type}.event"] = _event_schema(cls)
    schemas["Event"] = {
        "description": "An event to be sent, as CloudEvents 1.0 in structured mode.",
        "oneOf": [ref(f"{cls.definition.type}.event") for cls in sent],
    }
    return schemas


def _event_schema(cls: type[Event]) -> dict[str, Any]:
    """Return the schema of one type's event in structured mode."""
    return {
        "type": "object",
        "properties": {
            "specversion": {"const": "1.0"},
            "id": WORD,
            "source": WORD,
            "type": {"const": cls.definition.type},
            "time": {"type": "string", "format": "date-time"},
            "datacontenttype": {"const": "application/json"},
            "data": ref(_data_name(cls)),
        },
        "required": ["specversion", "id", "source", "type", "time", "data"],
    }


def _bind_rule(base: Mapping[str, Any], rule: Mapping[str, Any]) -> dict[str, Any]:
    """Return a form with one rule's condition and consequence written into its properties."""
    bound = {**base["properties"]}
    for part in (rule["if"], rule["then"]):
        bound |= part["properties"]
    return {**base, "properties": bound}


def _data_name(cls: type[Event]) -> str:
    return f"{cls.definition.type}.data"


def _local(schema: Any) -> Any:
    """Return a schema whose references to other types' forms stay within the description.

    What a type binds by conditions becomes a choice of forms, which more tools understand.
    """
    match schema:
        case {"allOf": [{"if": _, "then": _}, *_] as rules, **base}:
            return {
                "oneOf": [_local(_bind_rule(cast("dict[str, Any]", base), rule)) for rule in rules]
            }
        case {"$ref": str(name)} if name.startswith(NAMESPACE):
            return ref(f"{name.split('/')[1]}.data")
        case dict():
            return {name: _local(inner) for name, inner in schema.items()}
        case list():
            return [_local(inner) for inner in schema]
        case _:
            return schema
