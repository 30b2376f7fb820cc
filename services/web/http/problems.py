"""Every error as a problem document (RFC 9457), whoever raised it. One table says which status.

It is over 300 lines because that table names every error that anybody can do something about.
"""

import traceback
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

import msgspec
import structlog
from flask import Flask, Response
from msgspec import UNSET, UnsetType
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from events.definitions.catalogue import UnknownType
from events.definitions.entry import EntryTooLarge, NotCanonical
from events.domain.aggregate.rejections import CommandRejected
from events.errors import ConcurrentAppend, StoreUnavailable, TusoiError
from events.store.documents import DocumentTooLarge, UnknownDocument
from events.store.encoding import TooManyEvents
from events.store.files import UnknownFile
from events.store.keys import KeyDestroyed
from events.store.schema import SchemaOutdated
from events.vault.sealing import TextTooLong
from events.vault.wrapping import KeyDamaged, WrongMasterKey
from services.access.accounts import SignInRefused
from services.access.attempts import TooManyAttempts
from services.access.own_password import PasswordWrong
from services.access.passwords import PasswordRefused
from services.access.roles import Unseen
from services.access.tokens import Forbidden, NotAuthenticated
from services.commands.editions import EditionRefused
from services.commands.work import ConflictingKey, Stale
from services.context import IndexKeyLost
from services.intake.refusals import Refusal
from services.observability import cause_of
from services.printing.pdf import PrintersBusy, SheetTooLong
from services.read_models.states import Unknown
from services.safekeeping.drafts import DraftTooLong
from services.safekeeping.evidence import FileEmpty, FileTooLarge
from services.safekeeping.refused_files import FileTypeRefused
from services.web.asking.person import MalformedHeader
from services.web.asking.session import CrossOrigin, CsrfMissing
from services.web.asking.visibility import PositionAhead
from services.web.context import correlation_id
from services.web.exports import ExportsBusy, ExportUnderWay
from services.web.files.uploads import TooManyFiles
from services.web.http.hooks import WrongHost
from services.web.seats import Busy

MEDIA_TYPE = "application/problem+json"
RETRY_SECONDS = 5  # when something is down
EXPORT_SECONDS = 30  # when exports are being taken
TOLD = (
    "index",
    "other",
    "pointer",
    "byte",
    "rule",
    "needed",
    "version",
)  # of an error, if it has them
RACE_SECONDS = 1  # when others were faster

log = structlog.get_logger()


class Detail(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One of several things to put right."""

    message: str
    code: str | UnsetType = UNSET  # stable, of what is wrong in a document or its cases
    pointer: str | UnsetType = UNSET  # JSON pointer (RFC 6901) into the event
    parameter: str | UnsetType = UNSET  # of the query
    line: int | UnsetType = UNSET  # of the document or the cases that were sent, from 1
    path: str | UnsetType = UNSET  # in that document: "rules.excellent_points.when"


class Problem(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What went wrong and what to do about it (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str
    code: str  # stable; what programs look at
    retryable: bool  # whether the same request may do later
    correlation_id: str
    index: int | UnsetType = UNSET  # of the event in its batch, from 0
    other: int | UnsetType = UNSET  # of another event of the batch, that it conflicts with
    pointer: str | UnsetType = UNSET  # JSON pointer into that event
    byte: int | UnsetType = UNSET  # of the body, from 0
    rule: str | UnsetType = UNSET  # of the law, that stands against a command
    needed: str | UnsetType = UNSET  # what would have to be so instead
    version: int | UnsetType = UNSET  # at which the stream is now
    problems: tuple[Detail, ...] = ()


class Invalid(TusoiError):
    """A parameter of the request makes no sense here."""

    code = "invalid_parameter"

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(f"{parameter}: {message}")
        self.details = (Detail(parameter=parameter, message=message),)


class InvalidBody(TusoiError):
    """A body that has not the form of its command."""

    code = "invalid_body"

    def __init__(self, pointer: str, message: str, *more: tuple[str, str]) -> None:
        super().__init__(f"{pointer or 'the body'}: {message}")
        self.pointer = pointer
        self.problems = ((pointer, message), *more)


class NotYet(TusoiError):
    """Nothing is there so far, but soon will be."""

    code = "not_yet"
    retryable = True


class _Answer(NamedTuple):
    """How a class of errors is told outside."""

    status: HTTPStatus
    retry_seconds: int | None = None
    detail: str | None = None  # instead of the error's own words, which operators read in the log


_OTHER_KEYS = _Answer(
    HTTPStatus.SERVICE_UNAVAILABLE,
    RETRY_SECONDS,
    "the key store is another one, or was changed; nothing was appended: tell the operator",
)
ANSWERS: Mapping[type[TusoiError], _Answer] = {
    NotAuthenticated: _Answer(HTTPStatus.UNAUTHORIZED),
    SignInRefused: _Answer(HTTPStatus.UNAUTHORIZED),
    TooManyAttempts: _Answer(HTTPStatus.TOO_MANY_REQUESTS),  # it tells itself after how long
    PasswordRefused: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    PasswordWrong: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    CsrfMissing: _Answer(HTTPStatus.FORBIDDEN),
    CrossOrigin: _Answer(HTTPStatus.FORBIDDEN),
    WrongHost: _Answer(HTTPStatus.MISDIRECTED_REQUEST),
    Forbidden: _Answer(HTTPStatus.FORBIDDEN),
    Unknown: _Answer(HTTPStatus.NOT_FOUND),
    Unseen: _Answer(HTTPStatus.NOT_FOUND),
    NotYet: _Answer(HTTPStatus.NOT_FOUND),
    CommandRejected: _Answer(HTTPStatus.CONFLICT),
    ConflictingKey: _Answer(HTTPStatus.CONFLICT),
    Stale: _Answer(HTTPStatus.PRECONDITION_FAILED),
    KeyDestroyed: _Answer(HTTPStatus.CONFLICT),
    SheetTooLong: _Answer(HTTPStatus.CONFLICT),
    UnknownFile: _Answer(HTTPStatus.NOT_FOUND),
    FileEmpty: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    FileTooLarge: _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    FileTypeRefused: _Answer(HTTPStatus.UNSUPPORTED_MEDIA_TYPE),
    TooManyFiles: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    DraftTooLong: _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    TextTooLong: _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    DocumentTooLarge: _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    EntryTooLarge: _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    TooManyEvents: _Answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE),
    UnknownType: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    NotCanonical: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    Invalid: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    InvalidBody: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    UnknownDocument: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    EditionRefused: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    MalformedHeader: _Answer(HTTPStatus.BAD_REQUEST),
    PositionAhead: _Answer(HTTPStatus.UNPROCESSABLE_ENTITY),
    Busy: _Answer(HTTPStatus.SERVICE_UNAVAILABLE, RETRY_SECONDS),
    PrintersBusy: _Answer(HTTPStatus.SERVICE_UNAVAILABLE, RETRY_SECONDS),
    ExportUnderWay: _Answer(HTTPStatus.TOO_MANY_REQUESTS, EXPORT_SECONDS),
    ExportsBusy: _Answer(HTTPStatus.SERVICE_UNAVAILABLE, EXPORT_SECONDS),
    ConcurrentAppend: _Answer(
        HTTPStatus.SERVICE_UNAVAILABLE,
        RACE_SECONDS,
        "others wrote at the same time and were faster; nothing was appended: send it again",
    ),
    StoreUnavailable: _Answer(
        HTTPStatus.SERVICE_UNAVAILABLE,
        RETRY_SECONDS,
        "the database does not answer or cannot write; nothing was appended: send it again later",
    ),
    IndexKeyLost: _OTHER_KEYS,
    WrongMasterKey: _OTHER_KEYS,
    KeyDamaged: _OTHER_KEYS,
    SchemaOutdated: _Answer(HTTPStatus.SERVICE_UNAVAILABLE, RETRY_SECONDS),
}
_OUR_FAULT = _Answer(
    HTTPStatus.INTERNAL_SERVER_ERROR,
    detail="this service failed; tell its operator the correlation id",
)


def install(app: Flask) -> None:
    """Answer with a problem whatever is raised while a request is served."""
    app.register_error_handler(TusoiError, _answer_error)
    app.register_error_handler(HTTPException, answer_http_error)
    app.register_error_handler(Exception, _answer_unforeseen)


def status_of(error: TusoiError) -> HTTPStatus:
    """Return with which status an error is told, in a problem as on a page."""
    return _answer_of(error).status


def _answer_error(error: TusoiError) -> Response:
    """Answer an error of ours."""
    answer = _answer_of(error)
    if answer.detail is not None:
        log.warning("request_not_served", **cause_of(error))
    problem = Problem(
        **_common(answer.status, error.code),
        detail=answer.detail or str(error),
        retryable=error.retryable,
        **{name: _attribute(error, name) for name in TOLD},
        problems=_details(error),
    )
    response = with_wait(_response(problem), error)
    if answer.status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = 'Bearer realm="tusoi"'
    return response


def with_wait(response: Response, error: TusoiError) -> Response:
    """Return an answer that says after how long the same request may do, where that is known."""
    known = _answer_of(error).retry_seconds
    wait = error.seconds if isinstance(error, TooManyAttempts) else known
    if wait is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def answer_http_error(error: HTTPException) -> AnyResponse:
    """Answer what Flask and its parts raise; their headers, such as `Allow`, are kept."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    messages = getattr(error, "data", {}).get("messages", {})
    details = tuple(_parameter_details(messages.get("query", {})))
    problem = Problem(
        **_common(error.code, "invalid_parameter" if details else code_of(error)),
        detail=" ".join(f"{each.parameter}: {each.message}" for each in details)
        or error.description
        or error.name,
        retryable=error.code == HTTPStatus.SERVICE_UNAVAILABLE,
        problems=details,
    )
    response = _response(problem)
    kept = [(name, value) for name, value in error.get_headers() if name != "Content-Type"]
    response.headers.extend(kept)
    return response


def log_unforeseen(error: Exception) -> None:
    """Log what nobody foresaw. Its words may be somebody's, so only its place is logged."""
    places = "".join(traceback.format_tb(error.__traceback__))
    log.error("request_failed", error=type(error).__qualname__, traceback=places)


def _answer_unforeseen(error: Exception) -> Response:
    """Answer what nobody foresaw."""
    log_unforeseen(error)
    common = _common(_OUR_FAULT.status, "internal_error")
    return _response(Problem(**common, detail=_OUR_FAULT.detail or "", retryable=False))


def _answer_of(error: TusoiError) -> _Answer:
    if isinstance(error, Refusal):
        return _Answer(HTTPStatus(error.status))
    for cls in type(error).__mro__:
        if cls in ANSWERS:
            return ANSWERS[cls]
    return _OUR_FAULT


def _common(status: int, code: str) -> dict[str, Any]:
    title = code.replace("_", " ").capitalize()
    return {
        "type": f"/problems/{code}",
        "title": title,
        "status": int(status),
        "code": code,
        "correlation_id": correlation_id(),
    }


def code_of(error: HTTPException) -> str:
    return error.name.lower().replace(" ", "_").replace("'", "")


def _attribute(error: TusoiError, name: str) -> Any:
    value = getattr(error, name, None)
    return UNSET if value is None else value


def _details(error: TusoiError) -> tuple[Detail, ...]:
    if isinstance(error, Invalid):
        return error.details
    names = ("pointer", "message", "code", "path", "line")
    told = getattr(error, "problems", ())
    return tuple(Detail(**dict(zip(names, each, strict=False))) for each in told)


def _parameter_details(messages: Mapping[str, Any]) -> Iterable[Detail]:
    """Iterate over what webargs found wrong with a query; a list's messages come by index."""
    for parameter, told in messages.items():
        lists = told.values() if isinstance(told, dict) else (told,)
        yield from (Detail(parameter=parameter, message=text) for texts in lists for text in texts)


def _response(problem: Problem) -> Response:
    return Response(msgspec.json.encode(problem), problem.status, mimetype=MEDIA_TYPE)
