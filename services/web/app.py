"""The application: routes, hooks, problems and pages put together around one system."""

from flask import Flask
from jinja2 import StrictUndefined

from services.bootstrap import System, keep_private, open_system
from services.intake.parser import BODY_BYTES_MAX
from services.observability import configure_logging
from services.secret_files import read_secret
from services.settings import from_environment
from services.web.api import (
    cycles,
    delegations,
    escalations,
    events,
    forms,
    log_entries,
    milestones,
    plans,
    ratings,
    review_steps,
    reviews,
    rulebooks,
    schemas,
    sessions,
    states,
)
from services.web.asking import session
from services.web.context import EXTENSION, Web
from services.web.exports import Exports
from services.web.files import uploads
from services.web.http import hooks, openapi, operations, problems
from services.web.http.readiness import Readiness
from services.web.metrics import Metrics
from services.web.pages import every, public
from services.web.saying import glossary, languages
from services.web.seats import Seats, places_among
from services.web.tail import Tail

YEAR = (
    cycles,
    rulebooks,
    reviews,
    review_steps,
    forms,
    ratings,
    plans,
    milestones,
    escalations,
    log_entries,
)


def create_app(system: System) -> Flask:
    """Return the WSGI application of a system that is open already."""
    app = make_routes(session.cookie_name(system.settings))
    serve(app, system)
    return app


def make_routes(cookie: str) -> Flask:
    """Return an application that serves no system yet; who is signed in sends a cookie."""
    app = Flask("services.web")
    app.request_class = uploads.Request
    # A byte more than intake takes: werkzeug cuts off a chunked body that is longer and tells
    # nobody, and intake refuses what fills this.
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX + 1
    app.jinja_env.undefined = StrictUndefined  # a page never says less than it was meant to
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True  # tags take no lines of pages
    languages.phrases()  # now, not by the first requests, all at once
    glossary.terms()
    app.after_request(session.stamp)
    hooks.install(app)
    problems.install(app)
    app.register_blueprint(operations.probes)
    app.register_blueprint(every.blueprint())
    spec = openapi.describe(
        app,
        with_token=(events.blueprint, states.blueprint),
        with_session=tuple(each.blueprint for each in (sessions, delegations, *YEAR)),
        without_token=(operations.blueprint,),
        structs=schemas.STRUCTS,
        cookie=cookie,
    )
    app.extensions[public.SPEC] = spec.to_dict()
    return app


def serve(app: Flask, system: System) -> None:
    """Let an application answer for a system."""
    seats = Seats(places_among(system.settings.threads))
    token, tail = _operations_token(system), Tail(system.store)
    app.extensions[EXTENSION] = Web(system, Metrics(system), seats, token, tail, Exports())
    app.extensions[operations.PROBE] = Readiness(system)


def _operations_token(system: System) -> str | None:
    file = system.settings.operations_token_file
    return read_secret("TUSOI_OPERATIONS_TOKEN_FILE", file) if file else None


def application() -> Flask:
    """Return the application that the environment describes; what each server process calls.

    Raises:
        SettingsError: a setting makes no sense. What `open_system` raises.
        LogRolledBack, LogInconsistent: the database is not the one whose checkpoints were signed.
    """
    keep_private()
    settings = from_environment()
    configure_logging(settings.log_level)
    system = open_system(settings)
    system.signer.check()
    return create_app(system)
