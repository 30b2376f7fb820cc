"""`/events`: what other systems send, and the feed of what happened."""

import re
from functools import partial
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, request
from msgspec import UNSET
from werkzeug.exceptions import RequestEntityTooLarge

from events.errors import TusoiError
from services.intake.parser import (
    BATCH,
    BATCH_EVENTS_MAX,
    BINARY,
    BODY_BYTES_MAX,
    STRUCTURED,
    parse,
)
from services.intake.receive import Outcome, receive
from services.intake.refusals import TooLarge, UnsupportedMediaType
from services.web.api.parts.feed import Feed, Page, Types
from services.web.api.schemas.log import EventReceipt, Receipts
from services.web.api.schemas.queries import FeedQuery
from services.web.asking import references
from services.web.asking.token_access import authenticate, require_reader, require_sender
from services.web.context import answer, correlation_id, system, web
from services.web.http.openapi import ApiBlueprint, ref
from services.web.http.problems import Invalid

EVENT_STREAM = "text/event-stream"
EVENTS = {"type": "array", "items": ref("Event"), "minItems": 1, "maxItems": BATCH_EVENTS_MAX}

blueprint = ApiBlueprint("events", __name__, url_prefix="/api/v1", description="Facts, in order.")
blueprint.before_request(authenticate)


@blueprint.route("/events", methods=["POST"])
@blueprint.body(
    {
        STRUCTURED: {"schema": ref("Event")},
        BATCH: {"schema": EVENTS},
        BINARY: {"schema": {"type": "object"}},
    }
)
@blueprint.answers(201, ref("Receipts"))
@blueprint.answers(200, ref("Receipts"))
@blueprint.problems(400, 401, 403, 409, 413, 415, 422, 503)
def send_events() -> Response:
    """Append events and return a receipt for each, in the order sent.

    CloudEvents 1.0: structured, batch, or binary (the attributes in `ce-` headers, `data` as
    `application/json`). All events of a batch are appended, or none. An event that came before
    gets its first receipt; when all of them did, the status is 200. `id:` and our id, or the
    sender's own number, names a unit or member.
    """
    sender = require_sender()
    try:
        sent = parse(request.content_type, dict(request.headers), _body())
        outcomes = receive(system(), sender, sent, correlation_id=correlation_id())
    except TusoiError as error:
        web().metrics.count_refusal(error.code)
        raise
    known = sum(outcome.known for outcome in outcomes)
    web().metrics.count_events(accepted=len(outcomes) - known, known=known)
    receipts = Receipts(tuple(map(_receipt, outcomes)))
    return answer(receipts, status=200 if known == len(outcomes) else 201)


@blueprint.route("/events")
@blueprint.query(FeedQuery())
@blueprint.answers(200, ref("FeedPage"))
@blueprint.answers(200, {"type": "string"}, content_type=EVENT_STREAM)
@blueprint.problems(401, 403, 422, 503)
def read_events(query: dict[str, Any]) -> Response:
    """Return what happened after a position, as far as the token may see it.

    Positions have gaps where something is not for this token. Go on from `after`, which is also in
    the `Link`; with `wait`, the answer comes as soon as there is something. With
    `Accept: text/event-stream` events come as they happen, each with its position as `id`; a
    client that comes back says `Last-Event-ID`.
    """
    reader = require_reader()
    types = Types(reader, query["type"])
    subjects = references.streams_of(reader, query["subject"])
    feed = Feed(web().tail, system().store, reader, types=types, subjects=subjects)
    if _wants_stream() and request.method == "GET":
        return _stream(feed, _last_event_id(query["after"]), reader.id)
    page = feed.read(query["after"], query["limit"])
    if query["wait"] and not page.events and not page.more:
        page = _wait(feed, page, query, reader.id)
    return _page(page, query)


def _body() -> bytes:
    """Return the body as it was sent; one that is too long is not read to its end.

    Raises:
        TooLarge, UnsupportedMediaType: the sender must send it otherwise.
    """
    if request.headers.get("Content-Encoding", "identity") != "identity":
        raise UnsupportedMediaType("send the body as it is, without Content-Encoding")
    try:
        return request.get_data(cache=False)
    except RequestEntityTooLarge:
        raise TooLarge(
            f"the body is too long, the limit is {BODY_BYTES_MAX} bytes: split it"
        ) from None


def _receipt(outcome: Outcome) -> EventReceipt:
    source, event_id, stream, _, recorded_at = msgspec.structs.astuple(outcome.receipt)
    version = UNSET if outcome.version is None else outcome.version
    return EventReceipt(source, event_id, stream, stream, recorded_at, outcome.known, version)


def _page(page: Page, query: dict[str, Any]) -> Response:
    events = [msgspec.Raw(entry) for _, entry in page.events]
    response = answer({"events": events, "after": page.after, "head": page.head})
    following = {name: value for name, value in query.items() if value} | {"after": page.after}
    response.headers["Link"] = f'<{request.path}?{urlencode(following, doseq=True)}>; rel="next"'
    return response


def _wait(feed: Feed, page: Page, query: dict[str, Any], who: str) -> Page:
    web().seats.take(who)
    try:
        return feed.wait(page, query["limit"], query["wait"])
    finally:
        web().seats.give_back(who)


def _stream(feed: Feed, after: int, who: str) -> Response:
    feed.check(after)  # what is wrong with it is told while there is a status to tell it with
    web().seats.take(who)
    response = Response(feed.stream(after), mimetype=EVENT_STREAM)
    response.call_on_close(partial(web().seats.give_back, who))
    response.headers["X-Accel-Buffering"] = "no"  # nginx would hold events back
    return response


def _wants_stream() -> bool:
    best = request.accept_mimetypes.best_match(("application/json", EVENT_STREAM))
    return best == EVENT_STREAM


def _last_event_id(after: int) -> int:
    given = request.headers.get("Last-Event-ID", str(after))
    if not re.fullmatch(r"[0-9]{1,15}", given):
        raise Invalid("Last-Event-ID", "send back the id of the last message, a position")
    return int(given)
