"""What is served before there is anything to serve: one page that says how far things are.

It loads itself anew every second, without script, and the sign-in page takes its place.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import flask
from flask import Flask, Response

from services.web.http import hooks
from services.web.saying.languages import LANGUAGES, phrases

RELOAD_SECONDS = 1


def waiting(progress: Callable[[], tuple[int, int]]) -> Flask:
    """Return what answers meanwhile: our style, and to all else how much of how much is done."""
    app = Flask("services.web")

    @app.route("/", defaults={"_path": ""})
    @app.route("/<path:_path>")
    def show_progress(_path: str) -> tuple[str, int, dict[str, Any]]:
        done, total = progress()
        page = flask.render_template(
            "getting_ready.html",
            done=done,
            total=total,
            reload_seconds=RELOAD_SECONDS,
            languages=LANGUAGES,
            words=phrases(),
        )
        headers = {"Retry-After": str(RELOAD_SECONDS), "Content-Security-Policy": hooks.OWN_LOADS}
        return page, HTTPStatus.SERVICE_UNAVAILABLE, headers

    @app.after_request
    def with_headers(response: Response) -> Response:
        return hooks.with_headers(response)

    return app
