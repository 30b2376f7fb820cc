"""What happens around every request: one correlation id, one log line, counts, and headers."""

import contextlib
import re
import time
from ipaddress import ip_address

import flask
import structlog
from flask import Flask, Response, request

from events.errors import TusoiError
from services.observability import bind_correlation
from services.settings import PORTS
from services.web.context import system, web

# A trace that somebody else began goes on here (W3C Trace Context); its id serves as ours.
TRACEPARENT = re.compile(r"[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")
METHODS = frozenset(("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"))

NOTHING_LOADS = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
# A page loads our style and script and nothing else, and its forms go nowhere else.
OWN_LOADS = (
    "default-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'; "
    "style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self'; frame-src 'self'"
)

HTTPS_ONLY = "max-age=31536000"
# What browsers would let a page ask for; ours ask for none of it.
DEVICES = (
    *("accelerometer", "autoplay", "camera", "clipboard-read", "display-capture", "fullscreen"),
    *("geolocation", "gyroscope", "magnetometer", "microphone", "midi", "payment", "usb"),
)
NO_DEVICES = ", ".join(f"{each}=()" for each in DEVICES)
PORT = re.compile(r":[0-9]*$")  # behind a host
EVERY_ADDRESS = ("0.0.0.0", "::")  # noqa: S104 - what is listened on, not where we listen
PROBES = "probes"  # the blueprint of what machinery beside us asks

# Steps of a review are counted and logged as one: else that would tell when somebody criticised.
# So are the peers, to whom a criticism leads on as every other step does to the review.
OF_STEPS = re.compile(r"(?<=/reviews/<period>/<member_id>)/.+")
PEERS, REVIEW = "/peers/<period>", "/reviews/<period>/<member_id>"

log = structlog.get_logger()


class WrongHost(TusoiError):
    """A request by a name that is not ours: another site's, which points at our address."""

    code = "wrong_host"

    def __init__(self) -> None:
        super().__init__(
            "this service answers by the address in TUSOI_PUBLIC_URL only, and without one by "
            "localhost and the address that it listens on"
        )


def install(app: Flask) -> None:
    """Put the hooks around every request of an application."""
    app.before_request(_begin)
    app.before_request(_require_own_host)
    app.after_request(_finish)
    app.teardown_request(_end)


def _begin() -> None:
    """Bind the correlation id before anything else happens, so that every line bears it."""
    flask.g.began = time.perf_counter()
    flask.g.bound = contextlib.ExitStack()
    binding = bind_correlation(_given_correlation_id(), system().chance)
    flask.g.correlation_id = flask.g.bound.enter_context(binding)


def _require_own_host() -> None:
    """Raise WrongHost, but for probes: machinery beside us asks by whatever address it has."""
    settings, asked = system().settings, request.host.lower()
    if request.blueprint == PROBES:
        return
    if settings.public_host is None:
        is_ours = _is_here(asked, settings.host)
    else:
        port = PORTS["https" if settings.secure else "http"]
        is_ours = asked.removesuffix(f":{port}") == settings.public_host
    if not is_ours:
        raise WrongHost


def _is_here(asked: str, bound: str) -> bool:
    """Return whether a host names this machine whoever tells addresses: else a site could ask us.

    That is a loopback name, or the address that is listened on, whatever the port: a tunnel has its
    own. Where it is every address, any address is taken, but no name.

    >>> [_is_here(each, "127.0.0.1") for each in ("localhost:8080", "127.0.0.1", "[::1]:9")]
    [True, True, True]
    >>> [_is_here(each, "127.0.0.1") for each in ("evil.example", "10.0.0.7", "localhost.evil")]
    [False, False, False]
    >>> [_is_here(each, "0.0.0.0") for each in ("10.0.0.7:8080", "evil.example")]
    [True, False]
    """
    name = PORT.sub("", asked).strip("[]")
    if name in {"localhost", bound}:
        return True
    try:
        address = ip_address(name)
    except ValueError:
        return False
    return address.is_loopback or bound in EVERY_ADDRESS


def _finish(response: Response) -> Response:
    """Log and count the request by its route: paths and queries name people, routes do not."""
    route = _route_of(request.url_rule.rule) if request.url_rule else "unmatched"
    method = request.method if request.method in METHODS else "other"
    seconds = time.perf_counter() - flask.g.began
    status = response.status_code
    web().metrics.count_answer(method=method, route=route, status=status, seconds=seconds)
    log.info("request", method=method, route=route, status=status, seconds=round(seconds, 4))
    if system().settings.secure:
        response.headers["Strict-Transport-Security"] = HTTPS_ONLY
    response.headers["X-Correlation-ID"] = flask.g.correlation_id
    return with_headers(response)


def _route_of(rule: str) -> str:
    """Return under which route a request is told.

    >>> _route_of("/reviews/<period>/<member_id>/write/<name>") == _route_of("/peers/<period>")
    True
    """
    return REVIEW if rule == PEERS else OF_STEPS.sub("", rule)


def _end(_error: BaseException | None) -> None:
    """Unbind the correlation id: the next request on this thread has its own."""
    if "bound" in flask.g:
        flask.g.bound.close()


def with_headers(response: Response) -> Response:
    """Return an answer with what browsers are to keep to."""
    headers = response.headers
    html = response.mimetype == "text/html"
    headers.setdefault("Content-Security-Policy", OWN_LOADS if html else NOTHING_LOADS)
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"  # without one, `Origin` would be null in our forms
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Permissions-Policy"] = NO_DEVICES
    headers.setdefault("Cache-Control", "no-store")
    if not headers["Cache-Control"].startswith("public"):
        response.vary.update(("Cookie", "Authorization"))  # what one reader keeps is no one else's
    return response


def _given_correlation_id() -> str | None:
    given = request.headers.get("X-Correlation-ID")
    if given is None and (trace := TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))):
        given = trace[1]
    return given
