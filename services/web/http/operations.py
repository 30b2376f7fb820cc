"""What operators and other programs ask of the service itself.

How much there is to do, and of what there is how much, is told only to whoever has the token of
operations, which `TUSOI_OPERATIONS_TOKEN_FILE` names; nothing else here needs one.
"""

import hmac
from http import HTTPStatus
from typing import cast

import flask
from flask import Blueprint, Response, request
from prometheus_client import CONTENT_TYPE_LATEST
from werkzeug.exceptions import NotFound

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Event, Origin, dataschema
from events.definitions.schemas import Form, address_of, json_schema
from events.proof.tiles import TILE_WIDTH
from events.store import signed_heads, tiles
from services.web.context import answer, system, web
from services.web.http import hooks
from services.web.http.log_tiles import tile_asked_for
from services.web.http.openapi import ApiBlueprint
from services.web.http.problems import NotYet
from services.web.http.readiness import Readiness

SCHEMA_MEDIA_TYPE = "application/schema+json"
NOTE_MEDIA_TYPE = "text/plain; charset=utf-8"
TILE_MEDIA_TYPE = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"  # a full tile never changes
PROBE = "readiness"  # where the application keeps its own

INDENT = 2  # of what people open as well as programs
OBJECT = {"type": "object"}
TEXT = {"type": "string"}
BINARY = {"type": "string", "format": "binary"}

probes = Blueprint(hooks.PROBES, __name__)  # for machinery beside us, and no part of the API
blueprint = ApiBlueprint("log", __name__, description="The log's proof, and the forms of events.")


@probes.get("/healthz")
def is_alive() -> Response:
    """Return that this process answers, whatever else there is."""
    return answer({"status": "alive"})


@probes.get("/readyz")
def is_ready() -> Response:
    """Return whether this process can do its work, and to operators the reasons why not.

    Beside it, what workers have left to do: a deadline that ran out and cannot be told of is a
    matter for operators, and no reason to send people to another process.
    """
    probe = cast("Readiness", flask.current_app.extensions[PROBE])
    reasons = probe.reasons()
    status = HTTPStatus.SERVICE_UNAVAILABLE if reasons else HTTPStatus.OK
    ready = {"status": "not ready" if reasons else "ready"}
    if not _is_operator():
        return answer(ready, status=status)
    told = {"reasons": [reason._asdict() for reason in reasons]}
    if reasons:
        return answer(ready | told, status=status)
    left = probe.work_left()
    return answer(ready | told | {"quiet": left.is_quiet, "timers_due": left.timers_due})


@probes.get("/metrics")
def show_metrics() -> Response:
    """Return what Prometheus reads; to anybody else there is nothing here."""
    if not _is_operator():
        raise NotFound
    return Response(web().metrics.exposition(), content_type=CONTENT_TYPE_LATEST)


def _is_operator() -> bool:
    """Tell whether who asks has the token of operations; without one, nobody has."""
    given, token = request.headers.get("Authorization", ""), web().operations_token
    return bool(token) and hmac.compare_digest(given.encode(), f"Bearer {token}".encode())


@blueprint.route("/log/checkpoint")
@blueprint.answers(200, TEXT, content_type="text/plain")
@blueprint.problems(404, 503)
def read_checkpoint() -> Response:
    """Return the newest signed tree head of the log (C2SP tlog-checkpoint).

    It says how many entries there are and what they hash to. Whoever keeps it can prove later that
    nothing before it was changed.
    """
    newest = signed_heads.latest(system().store.database, system().signer.origin)
    if newest is None:
        raise NotYet("the log is empty, or its first checkpoint is about to be signed")
    return Response(newest.note, content_type=NOTE_MEDIA_TYPE)


@blueprint.route("/log/tile/<path:path>")
@blueprint.answers(200, BINARY, content_type=TILE_MEDIA_TYPE)
@blueprint.problems(404, 503)
def read_tile(path: str) -> Response:
    """Return hashes of the log's tree, 32 bytes each (C2SP tlog-tiles).

    The path is `LEVEL/NUMBER` for the 256 hashes of a full tile, or `LEVEL/NUMBER.p/WIDTH` for the
    first of them; the number in groups of three digits, as in `0/x001/234`. Whoever keeps
    checkpoints can show by these hashes that the log only grew, and where an entry stands in it.
    """
    tile, width = tile_asked_for(path, so_far="this tile has {there} hashes")
    found = tiles.read(system().store.database, tile, width)
    response = Response(found, content_type=TILE_MEDIA_TYPE)
    if width == TILE_WIDTH:
        response.headers["Cache-Control"] = FOR_EVER
    return response


@blueprint.route("/schemas")
@blueprint.answers(200, OBJECT)
def list_schemas() -> Response:
    """Return all event types, each with the addresses of its forms."""
    return answer({"types": [_listing(cls) for cls in CATALOGUE]}, indent=INDENT)


@blueprint.route("/schemas/<event_type>/<int:schema_version>.json")
@blueprint.answers(200, OBJECT, content_type=SCHEMA_MEDIA_TYPE)
@blueprint.problems(404)
def read_stored_schema(event_type: str, schema_version: int) -> Response:
    """Return the JSON Schema of `data` in a stored entry; the entry's `dataschema` names it."""
    return _schema(event_type, schema_version, "stored")


@blueprint.route("/schemas/<event_type>/<int:schema_version>/request.json")
@blueprint.answers(200, OBJECT, content_type=SCHEMA_MEDIA_TYPE)
@blueprint.problems(404)
def read_request_schema(event_type: str, schema_version: int) -> Response:
    """Return the JSON Schema of `data` in an event that is sent: words in the clear."""
    return _schema(event_type, schema_version, "request")


def _schema(event_type: str, schema_version: int, form: Form) -> Response:
    for cls in CATALOGUE:
        if _has_form(cls, form) and cls.definition.dataschema == dataschema(
            event_type, schema_version
        ):
            response = answer(json_schema(cls, form), indent=INDENT)
            response.content_type = SCHEMA_MEDIA_TYPE
            response.headers["Cache-Control"] = "public, max-age=3600"
            return response
    raise NotFound("no event has this form; GET /schemas lists those there are")


def _has_form(cls: type[Event], form: Form) -> bool:
    return form == "stored" or cls.definition.origin is Origin.OUTSIDE


def _listing(cls: type[Event]) -> dict[str, object]:
    definition = cls.definition
    listed = {
        "type": definition.type,
        "schemaversion": definition.schema_version,
        "origin": definition.origin,
        "stored": address_of(cls, "stored"),
    }
    if _has_form(cls, "request"):
        listed["request"] = address_of(cls, "request")
    return listed
