"""What every page stands in: who reads it, in which language, what they may go to, and errors."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any, NamedTuple

import flask
from flask import Blueprint, Response, request
from markupsafe import Markup
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from events.errors import TusoiError
from events.identifiers import new_id
from services.access.roles import Person, Role
from services.read_models import states
from services.web.asking import person, session
from services.web.context import correlation_id, system
from services.web.http import problems
from services.web.pages.parts.posts import (
    form_title,
    ground_name,
    post_name,
    rulebook_named,
    step_name,
    taker_name,
)
from services.web.saying import languages, moments, names
from services.web.saying.languages import LANGUAGES, reader_language, say, say_or

KINDS = {403: "forbidden", 404: "not_found"}  # of what a page says it could not show
COMMITTING = frozenset(("POST",))  # pages act by forms, and by nothing else
# What whoever is not signed in may ask for; a page that is not named here is for people alone.
PUBLIC = frozenset(
    f"pages.{name}"
    for name in (
        *("show_home", "show_docs", "show_glossary", "show_problems", "show_problem"),
        *("show_sign_in", "sign_in", "sign_out", "choose_language"),
    )
)
TYPED_MAX = 50  # fields shown back when a form could not be taken
OF_THE_PAGE = (
    *("key", "version", "proposal_version", "evidence_version"),
    *("next", "then", "open", "words"),
)
UNTYPED = frozenset((*OF_THE_PAGE, "csrf", "login", "password", "new_password", "again", "form"))
CHOICES = ("degree-", "sheet-")  # begin the names of what is chosen, and soon chosen again

pages = Blueprint("pages", __name__)


class NavItem(NamedTuple):
    """Where a reader may go from every page."""

    address: str
    name: str  # a key of "frame"
    is_here: bool


def show(template: str, *, status: int = HTTPStatus.OK, **values: Any) -> Response:
    """Return a page."""
    return flask.make_response(flask.render_template(template, **values), status)


def redirect(address: str, *, done: str = "") -> Response:
    """Return the way to the page that shows what came of a form; `done` says it in its words."""
    assert not done or f"done.{done}" in languages.phrases(), f"nothing is said when {done} is done"
    query = f"{'&' if '?' in address else '?'}done={done}" if done else ""
    location = f"{address}{query}"
    return Response(status=HTTPStatus.SEE_OTHER, headers={"Location": location})


def true_at(*kinds: states.Kind) -> int:
    """Return the position at which lists from projections are true."""
    database = system().store.database
    return min(states.serving_position(database, kind.projection) for kind in kinds)


@pages.before_request
def _require_account() -> None:
    """Raise NotAuthenticated for a page that is not public, before it looks anything up.

    Else it would tell strangers what there is: by what it answers where there is nothing.
    """
    if request.endpoint not in PUBLIC:
        person.require_account()


@pages.before_request
def _require_token() -> None:
    """Raise CsrfMissing unless a form that acts came from a page of this session."""
    if request.method in COMMITTING and session.account() is not None:
        session.require_csrf(form=True)


@pages.app_context_processor
def _frame() -> dict[str, Any]:
    """Return what every template may use."""
    return {
        "say": say,
        "say_or": say_or,
        "post_name": post_name,
        "step_name": step_name,
        "form_title": form_title,
        "ground_name": ground_name,
        "taker_name": taker_name,
        "rulebook_named": rulebook_named,
        "language": reader_language(),
        "languages": LANGUAGES,
        "csrf_token": lambda: session.csrf_token() if session.account() else "",
        "nav_items": nav_items,
        "reader": reader,
        "period_name": languages.period_name,
        "numeral": languages.numeral,
        "day": moments.day,
        "clock": moments.clock,
        "due": moments.due,
        "typed_fields": typed_fields,
        "done": request.args.get("done", ""),
        "says_done": lambda what: say_or(f"done.{what}", ""),
        "account": session.account,
        "reader_name": reader_name,
        "form_key": lambda: new_id(system().chance),
    }


def reader() -> Person | None:
    """Return who reads this page, if they signed in."""
    return person.person() if session.account() is not None else None


def reader_name() -> str:
    """Return what whoever signed in is called; without a name, their login."""
    account = person.require_account()
    mine = account.member_id or ""
    return names.of_members([mine] if mine else []).get(mine, account.login)


def nav_items() -> list[NavItem]:
    """Return where the reader may go, in the order of the day's work."""
    who = reader()
    if who is None:
        return []
    audits, holds_post = Role.AUDITOR in who.roles, bool(who.posts or who.stands_in)
    mine = f"/{who.member_id}" if who.member_id else ""
    own = bool(mine) and mine in request.path
    found = (
        ("/my", "my", bool(mine), own and not _is_under("/inbox", "/history")),
        ("/inbox", "inbox", bool(mine), _is_under("/inbox")),
        ("/unit", "unit", holds_post, _is_under("/units")),
        ("/cycle", "cycle", holds_post or audits, _is_under("/cycles")),
        ("/rulebooks", "rulebooks", True, _is_under("/rulebooks")),
        ("/roster", "roster", Role.ADMINISTRATOR in who.roles, _is_under("/roster")),
        ("/history", "history", audits, _is_under("/history")),
    )
    return [NavItem(at, f"frame.{name}", is_here) for at, name, may, is_here in found if may]


def _is_under(*addresses: str) -> bool:
    return request.path.startswith(addresses)


@pages.errorhandler(TusoiError)
def _show_error(error: TusoiError) -> Response:
    """Return the page that says what is wrong."""
    status = problems.status_of(error)
    return problems.with_wait(_problem(error.code, error_text(error), status), error)


@pages.errorhandler(HTTPException)
def _show_http_error(error: HTTPException) -> AnyResponse:
    """Return the page that says what Flask and its parts refuse, such as a form too large."""
    if error.response is not None or error.code is None or error.code < HTTPStatus.BAD_REQUEST:
        return error.get_response()
    code = problems.code_of(error)
    return _problem(code, say_or(f"errors.{code}", error.description or error.name), error.code)


@pages.errorhandler(Exception)
def _show_unforeseen(error: Exception) -> Response:
    """Return the page that says that nobody foresaw this."""
    problems.log_unforeseen(error)
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    return _problem("internal_error", say("errors.internal_error"), status)


@pages.app_errorhandler(HTTPStatus.NOT_FOUND)
def _nothing_there(error: HTTPException) -> AnyResponse:
    """Return that there is no such page, to people; machines get a problem."""
    if request.accept_mimetypes.best_match((problems.MEDIA_TYPE, "text/html")) == "text/html":
        return _problem("not_found", say("errors.not_found"), HTTPStatus.NOT_FOUND)
    return problems.answer_http_error(error)


def _problem(code: str, says: Markup, status: int) -> Response:
    return show(
        "problem.html",
        status=status,
        code=code,
        kind=KINDS.get(status, "other"),
        says=says,
        typed=typed_fields(),
        correlation_id=correlation_id(),
    )


def error_text(error: TusoiError) -> Markup:
    """Return what an error says in the reader's language, as far as we have words for it."""
    return say_or(f"errors.{error.code}", str(error))


def typed_fields(form: Iterable[tuple[str, str]] | None = None) -> dict[str, str]:
    """Return what was typed into a form that could not be taken, so that nothing is lost.

    Without one, into that of this request.
    """
    try:
        typed = request.form.items() if form is None else form
    except HTTPException:  # it is too large, or in pieces: nobody read it
        return {}
    kept = [
        (name, text)
        for name, text in typed
        if len(text) > 1 and name not in UNTYPED and not name.startswith(CHOICES)
    ]
    return dict(kept[:TYPED_MAX])
