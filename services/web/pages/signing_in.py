"""Signing in and out, and in which language one reads."""

import flask
from flask import Response, request

from services.access.accounts import SignInRefused
from services.access.attempts import TooManyAttempts
from services.access.tokens import NotAuthenticated
from services.web.asking import session
from services.web.http import problems
from services.web.pages.parts import interrupted
from services.web.pages.parts.frame import (
    COMMITTING,
    error_text,
    pages,
    redirect,
    show,
)
from services.web.pages.parts.interrupted import Interrupted
from services.web.saying import languages
from services.web.saying.languages import LANGUAGES


@pages.get("/sign-in")
def show_sign_in() -> Response:
    """Return the form to sign in by; whoever has goes on."""
    onward = session.local_path(request.args.get("next"))
    if session.account() is not None:
        return redirect(onward)
    return show("sign_in.html", next=onward, login="", error=None, interrupted=None)


@pages.errorhandler(NotAuthenticated)
def ask_to_sign_in(error: NotAuthenticated) -> Response:
    """Return the way to sign in for whoever must; what they sent is kept there until they did."""
    if request.method not in COMMITTING:
        back = request.full_path.rstrip("?")
        return redirect(flask.url_for("pages.show_sign_in", next=back))
    return show(
        "sign_in.html",
        status=problems.status_of(error),
        next=interrupted.came_from(),
        login="",
        error=error_text(error),
        interrupted=interrupted.of_this_request(),
    )


@pages.post("/sign-in")
def sign_in() -> Response:
    """Begin a session and go on to where the reader wanted to go."""
    session.require_same_origin()
    onward = session.local_path(request.form.get("next"))
    login, form = request.form.get("login", ""), interrupted.of_this_sign_in()
    try:
        account = session.sign_in(login, request.form.get("password", ""))
        goes_on = form if session.was_of(account) else None
        response = redirect(onward) if goes_on is None else Response(mimetype="text/html")
        session.begin(response, account)
    except (SignInRefused, TooManyAttempts) as error:
        told = show(
            "sign_in.html", next=onward, login=login, error=error_text(error), interrupted=form
        )
        told.status_code = problems.status_of(error)
        if isinstance(error, TooManyAttempts):
            told.headers["Retry-After"] = str(error.seconds)
        return told
    if goes_on:
        response.set_data(_page_to_go_on(goes_on, onward))
    return response


def _page_to_go_on(form: Interrupted, onward: str) -> str:
    return flask.render_template("go_on.html", form=form, next=onward)


@pages.post("/sign-out")
def sign_out() -> Response:
    """End the session."""
    response = redirect("/sign-in", done="signed_out")
    session.end(response)
    return response


@pages.post("/language")
def choose_language() -> Response:
    """Keep in which language somebody reads, and go back to what they read."""
    response = redirect(session.local_path(request.form.get("next")))
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        response.set_cookie(
            languages.COOKIE,
            wanted,
            max_age=languages.COOKIE_SECONDS,
            httponly=True,
            samesite="Lax",
        )
    return response
