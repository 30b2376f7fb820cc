"""Signing in and out, and in which language one reads."""

from flask import Response, request

from services.access.accounts import SignInRefused
from services.access.attempts import TooManyAttempts
from services.web.asking import session
from services.web.http import problems
from services.web.pages.parts.frame import error_text, pages, redirect, show
from services.web.saying import languages
from services.web.saying.languages import LANGUAGES


@pages.get("/sign-in")
def show_sign_in() -> Response:
    """Return the form to sign in by; whoever has goes on."""
    onward = session.local_path(request.args.get("next"))
    if session.account() is not None:
        return redirect(onward)
    return show("sign_in.html", next=onward, login="", error=None)


@pages.post("/sign-in")
def sign_in() -> Response:
    """Begin a session and go on to where the reader wanted to go."""
    session.require_same_origin()
    onward = session.local_path(request.form.get("next"))
    login = request.form.get("login", "")
    try:
        account = session.sign_in(login, request.form.get("password", ""))
        response = redirect(onward)
        session.begin(response, account)
    except (SignInRefused, TooManyAttempts) as error:
        told = show("sign_in.html", next=onward, login=login, error=error_text(error))
        told.status_code = problems.status_of(error)
        if isinstance(error, TooManyAttempts):
            told.headers["Retry-After"] = str(error.seconds)
        return told
    return response


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
