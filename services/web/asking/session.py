"""The session of this request: its cookie, and what keeps other sites from using it.

The cookie is `SameSite=Lax`, so other sites' forms come without it. That is not all: whoever acts
with a session also sends a token that only our own pages could read (CSRF).
"""

import base64
import hashlib
import hmac
import re
from datetime import timedelta
from typing import cast
from urllib.parse import unquote

import flask
from flask import Response, request

from events.errors import TusoiError
from services.access import accounts, browsers, idleness, own_password, security, sessions
from services.access.account_rows import Account
from services.access.attempts import Client, Limits
from services.access.security import Happening
from services.access.sessions import Session
from services.settings import Settings
from services.web.context import system

COOKIE = "tusoi-session"
MARK = "tusoi-browser"
CSRF_FIELD = "csrf"
CSRF_HEADER = "X-CSRF-Token"
FORM = "application/x-www-form-urlencoded"
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
OWN_SITE = frozenset(("same-origin", "none"))  # `none`: the person's own doing, such as a bookmark
HOME = "/"
PATH_MAX = 2000  # characters of an address to go on at; our own are far shorter
DECODED_MAX = 3  # times; what still changes then was made to mislead
PATH_PATTERN = re.compile(r"/[!-~]*", re.ASCII)
NOT_IN_A_PATH = re.compile(r"//|[\\\x00-\x20\x7f]")  # what browsers read as another host


class CsrfMissing(TusoiError):
    """An act with a session that may be another site's doing."""

    code = "csrf_missing"

    def __init__(self) -> None:
        super().__init__(
            f"send the session's CSRF token as the header {CSRF_HEADER}, or, in a form, as the "
            f"field {CSRF_FIELD}; `GET /api/v1/me` tells it. On a page: load it anew, then send"
        )


class CrossOrigin(TusoiError):
    """A sign-in that another site's page sends."""

    code = "cross_origin"

    def __init__(self) -> None:
        super().__init__("this was sent from another site's page: open this service and sign in")


def cookie_name(settings: Settings) -> str:
    """Return the cookie's name; with https, one that no other host of the domain can set."""
    return f"__Host-{COOKIE}" if settings.secure else COOKIE


def mark_name(settings: Settings) -> str:
    """Return the name of the cookie by which a browser is known, on the same terms."""
    return f"__Host-{MARK}" if settings.secure else MARK


def account() -> Account | None:
    """Return who is signed in, if anybody is, and did not leave their session unused for long."""
    if "account" not in flask.g:
        given = own_secret()
        found = sessions.find(system(), given) if given else None
        limit = timedelta(minutes=system().settings.session_idle_minutes)
        if found and given and not _is_used(given, found, limit):
            sessions.end(system(), given)
            security.note(Happening.SESSION_IDLE, account=found.id)
            found = None
        flask.g.account = found
    return cast("Account | None", flask.g.account)


def stamp(response: Response) -> Response:
    """Return an answer by which the browser of whoever asked learns that the session was used."""
    whose, given = flask.g.get("account"), flask.g.get("session_secret")
    if whose and given and not _is_used(given, whose, idleness.STAMPED_EVERY):
        secret, now = idleness.secret_in(given), system().clock.now()
        newer = idleness.stamp(secret, whose.id, index_key=system().index_key(), now=now)
        _set_cookie(response, cookie_name(system().settings), newer, sessions.LONGEST)
    return response


def was_of(whose: Account) -> bool:
    """Tell whether the session with which a browser came is somebody's, or was until it ended."""
    kept = request.cookies.get(cookie_name(system().settings), "")
    return idleness.used_at(kept, whose.id, index_key=system().index_key()) is not None


def _is_used(kept: str, whose: Account, within: timedelta) -> bool:
    now, index_key = system().clock.now(), system().index_key()
    return idleness.is_used(kept, whose.id, index_key=index_key, now=now, within=within)


def sign_in(login: str, password: str) -> Account:
    """Return the account that a login and password open; `begin` then begins its session.

    Raises:
        SignInRefused, TooManyAttempts
    """
    at_hand = system()
    return accounts.sign_in(
        at_hand,
        login,
        password,
        client=Client(client_address(), request.cookies.get(mark_name(at_hand.settings))),
        limits=limits(at_hand.settings),
    )


def client_address() -> str:
    """Return where a request comes from: what the server says, or the proxies that are ours.

    Each of them adds to `X-Forwarded-For` from where it was asked; what stands before those of
    ours, anybody may have written.
    """
    ours = system().settings.proxies
    told = ",".join(request.headers.getlist("X-Forwarded-For")).split(",")
    return told[-ours].strip() if 0 < ours <= len(told) else request.remote_addr or ""


def limits(settings: Settings) -> Limits:
    """Return how many tries to sign in nobody has to wait for."""
    return Limits(
        settings.sign_in_tries, settings.sign_in_tries_login, settings.sign_in_tries_address
    )


def begin(response: Response, account: Account) -> None:
    """Sign somebody in: their browser gets a new session with this response, any old one ends.

    Raises:
        SignInRefused: the account's sessions were ended since it was looked at.
    """
    at_hand = system()
    _end()
    browser = browsers.name_of(request.headers.get("User-Agent", ""))
    secret = sessions.begin(at_hand, account, browser=browser)
    flask.g.account, flask.g.session_secret = account, secret
    _set_cookie(response, cookie_name(at_hand.settings), secret, sessions.LONGEST)
    mark_browser(response)


def mark_browser(response: Response) -> None:
    """Let the browser of whoever is signed in be known, as their account is now."""
    at_hand, whose = system(), account()
    if whose is None:
        return
    name = mark_name(at_hand.settings)
    before, index_key = request.cookies.get(name), at_hand.index_key()
    mark = browsers.mark(before, whose, index_key=index_key, clock=at_hand.clock)
    _set_cookie(response, name, mark, browsers.LASTS)


def _set_cookie(response: Response, name: str, value: str, lasts: timedelta) -> None:
    secure = system().settings.secure
    response.set_cookie(name, value, max_age=lasts, secure=secure, httponly=True, samesite="Lax")


def end(response: Response) -> None:
    """Sign out, here and in the browser."""
    whose = account()
    _end()
    if whose:
        security.note(Happening.SIGNED_OUT, account=whose.id)
    settings = system().settings
    response.delete_cookie(
        cookie_name(settings), secure=settings.secure, httponly=True, samesite="Lax"
    )


def change_password(typed: str, wanted: str) -> None:
    """Give whoever is signed in another password; their other sessions end.

    Raises:
        PasswordWrong, PasswordRefused, TooManyAttempts: the old one still holds.
    """
    at_hand, whose = system(), account()
    given = own_secret()
    if whose is None or given is None:
        raise CsrfMissing
    flask.g.account = own_password.change_password(
        at_hand,
        whose,
        typed,
        wanted,
        session=sessions.digest_of(given),
        limits=limits(at_hand.settings),
    )


def sessions_of(whose: Account) -> list[Session]:
    """Return the sessions of an account that go on, the newest first."""
    return sessions.every(system(), whose.id, own_secret() or "")


def end_all(whose: Account, *, but_this: bool) -> None:
    """End the sessions of an account; with `but_this`, all but that of this request."""
    kept = sessions.digest_of(own_secret() or "") if but_this else b""
    flask.g.account = own_password.end_sessions(system(), whose.id, but=kept)


def csrf_token() -> str:
    """Return what proves that our own page acts.

    It follows from the session's secret, which no page can read (HttpOnly) and of which we keep
    only a hash. So there is no key to guard and to change, and with the session the token ends.

    Raises:
        CsrfMissing: there is no session.
    """
    secret = own_secret()
    if not secret:
        raise CsrfMissing
    return csrf_token_of(secret)


def csrf_token_of(secret: str) -> str:
    """Return the token of the session with a secret."""
    kept = idleness.secret_in(secret)  # a newer stamp leaves open pages as they are
    digest = hmac.new(kept.encode(errors="replace"), b"csrf", hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def require_csrf(*, form: bool) -> None:
    """Raise CsrfMissing when a request that changes something may be another site's doing.

    The token comes as a header, or, on pages, with their `form`. The API looks for it in no body,
    so it reads none, and no file, of somebody who may not send it.
    """
    if request.method in SAFE_METHODS:
        return
    given = request.headers.get(CSRF_HEADER)
    if given is None and form:
        given = request.form.get(CSRF_FIELD)
    if not hmac.compare_digest((given or "").encode(errors="replace"), csrf_token().encode()):
        raise CsrfMissing


def require_same_origin() -> None:
    """Raise CrossOrigin when another site's page asks: who signs in has no token yet.

    Else such a page could sign somebody in as somebody else, and get what they write. Browsers
    tell the site, or, without https, the origin; programs that are no browser send neither.
    """
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if not (site in OWN_SITE if site else origin is None or _is_ours(origin)):
        raise CrossOrigin


def local_path(given: str | None) -> str:
    r"""Return a path of this service to go on at; home, where another one was slipped in.

    >>> local_path("/reviews/2026?as_of=12")
    '/reviews/2026?as_of=12'
    >>> {local_path(each) for each in ("//evil", "/\\evil", "/%5Cevil", "https://evil", None)}
    {'/'}
    """
    if given is None or len(given) > PATH_MAX or not PATH_PATTERN.fullmatch(given):
        return HOME
    read = given
    for _ in range(DECODED_MAX):  # some decode twice
        read = unquote(read)
    misleads = unquote(read) != read or NOT_IN_A_PATH.search(read.partition("?")[0])
    return HOME if misleads else given


def _is_ours(origin: str) -> bool:
    host = origin.partition("://")[2]
    return origin == system().settings.public_url or host == request.host


def _end() -> None:
    given = request.cookies.get(cookie_name(system().settings))
    if given:
        sessions.end(system(), given)
    flask.g.account = flask.g.session_secret = None


def own_secret() -> str | None:
    """Return the secret of this request's session, or of the one that it begins."""
    if "session_secret" not in flask.g:
        flask.g.session_secret = request.cookies.get(cookie_name(system().settings))
    return cast("str | None", flask.g.session_secret)
