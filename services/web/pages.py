"""The pages: what this service is, and its API for people to read. They work without script."""

from typing import Any

import flask
from flask import Blueprint

from services.web.context import system

SPEC = "openapi"  # where the application keeps its description

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
