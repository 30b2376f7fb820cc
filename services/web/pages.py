"""The pages: what this service is, and its API for people to read. They work without script."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import flask
from flask import Blueprint
from markupsafe import Markup, escape

from services.web.context import system

SPEC = "openapi"  # where the application keeps its description

ZONE = ZoneInfo("Asia/Ho_Chi_Minh")

pages = Blueprint("pages", __name__)


@pages.get("/")
def show_home() -> str:
    """Return what this service is, and how far its log goes."""
    head = system().store.head()
    return flask.render_template("home.html", head=head, verifier_key=system().verifier_key)


@pages.get("/api/docs")
def show_docs() -> str:
    """Return the operations of the API as one page."""
    spec = flask.current_app.extensions[SPEC]
    return flask.render_template("docs.html", info=spec["info"], groups=_groups(spec))


@pages.app_template_filter("code")
def mark_code(text: str) -> Markup:
    """Return text, escaped, with what stands between backticks as code."""
    pieces = [escape(piece) for piece in text.split("`")]
    marked = [Markup("<code>{}</code>").format(p) if n % 2 else p for n, p in enumerate(pieces)]
    return Markup("").join(marked)


@pages.app_template_filter("local")
def local_time(moment: datetime) -> datetime:
    """Return a time as people here read it on the clock."""
    return moment.astimezone(ZONE)


def _groups(spec: dict[str, Any]) -> list[tuple[dict[str, Any], list[dict[str, Any]]]]:
    """Return the tags of a description, each with its operations."""
    operations = [
        {"path": path, "method": method.upper(), **operation}
        for path, methods in spec["paths"].items()
        for method, operation in methods.items()
        if method != "parameters"
    ]
    return [
        (tag, [each for each in operations if tag["name"] in each["tags"]]) for tag in spec["tags"]
    ]
