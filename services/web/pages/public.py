"""What this service is, and its API for people to read."""

from typing import Any

import flask
from flask import Response
from markupsafe import Markup, escape

from events.domain.review.explanation import citation_text
from services.web.context import system
from services.web.pages.parts.frame import nav_items, pages, redirect, show

SPEC = "openapi"  # where the application keeps its description


@pages.get("/")
def show_home() -> Response:
    """Return what this service is and how far its log goes; who signed in goes to their work."""
    for place in nav_items():
        return redirect(place.address)
    head = system().store.head()
    return show("home.html", head=head, verifier_key=system().verifier_key)


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


pages.app_template_filter("cited")(citation_text)


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
