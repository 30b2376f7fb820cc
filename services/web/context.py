"""What a request may reach: the system behind it, and its own correlation id."""

import hashlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import cast

import flask
import msgspec
from flask import Response, request
from werkzeug.exceptions import PreconditionFailed

from services.bootstrap import System
from services.web.exports import Exports
from services.web.metrics import Metrics
from services.web.seats import Seats
from services.web.tail import Tail

EXTENSION = "tusoi"
TAG_LENGTH = 16  # hexadecimal digits


@dataclass(frozen=True, slots=True)
class Web:
    """What one server process holds."""

    system: System
    metrics: Metrics
    seats: Seats  # of requests that may wait for something to happen
    operations_token: str | None  # of whoever watches over this service
    tail: Tail  # the end of the log, for all requests that wait there
    exports: Exports  # that are being sent


def web() -> Web:
    """Return what this request's process holds."""
    return cast("Web", flask.current_app.extensions[EXTENSION])


def system() -> System:
    return web().system


def correlation_id() -> str:
    """Return under which id everything that this request does is logged and stored."""
    return cast("str", flask.g.correlation_id)


def answer_kept(body: object, etag: str) -> Response:
    """Return a body that whoever asks may keep, and asks for anew each time.

    Raises:
        PreconditionFailed: the request is for another version than this one.
    """
    response = answer(body)
    response.set_etag(etag)
    response.headers["Cache-Control"] = "private, no-cache"
    wanted = request.if_match
    if wanted and not wanted.star_tag and not wanted.is_strong(etag):
        raise PreconditionFailed("`If-Match` names another version than the one that is there")
    others = {name: told for name, told in request.environ.items() if name != "HTTP_IF_MATCH"}
    response.make_conditional(others)
    return response


def etag_of(body: object, version: int) -> str:
    """Return the tag of a body of which a stream's version does not tell all.

    It depends on lists as well, or on who reads. A command takes the version from it.
    """
    return f"{version}-{hashlib.sha256(msgspec.json.encode(body)).hexdigest()[:TAG_LENGTH]}"


def answer(body: object, *, status: int = HTTPStatus.OK, indent: int = 0) -> Response:
    """Return a body as JSON; indented, where people open it as well as programs."""
    encoded = msgspec.json.encode(body)
    if indent:
        encoded = msgspec.json.format(encoded, indent=indent)
    return Response(encoded, status, mimetype="application/json")
