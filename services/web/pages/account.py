"""One's own account: another password, and where one is signed in."""

from datetime import timedelta

from flask import Response, request

from services.access.attempts import TooManyAttempts
from services.access.own_password import PasswordWrong
from services.access.passwords import PASSWORD_MAX, PASSWORD_MIN, PasswordRefused
from services.access.sessions import LONGEST
from services.web.asking import session
from services.web.asking.person import require_account
from services.web.context import system
from services.web.http import problems
from services.web.pages.parts.frame import error_text, pages, redirect, show
from services.web.saying.languages import say


@pages.get("/account")
def show_account() -> Response:
    """Return the form for another password, and the sessions that go on."""
    return _show_account()


@pages.post("/account/password")
def change_password() -> Response:
    """Give the reader's account another password; their other sessions end."""
    wanted = request.form.get("new_password", "")
    if wanted != request.form.get("again", ""):
        return _show_account(error=say("account.differ"), status=422)
    try:
        session.change_password(request.form.get("password", ""), wanted)
    except (PasswordWrong, PasswordRefused, TooManyAttempts) as error:
        told = _show_account(error=error_text(error), status=problems.status_of(error))
        if isinstance(error, TooManyAttempts):
            told.headers["Retry-After"] = str(error.seconds)
        return told
    response = redirect("/account", done="password_changed")
    session.mark_browser(response)
    return response


@pages.post("/account/sessions")
def end_sessions() -> Response:
    """End the reader's other sessions; or all, and then they sign in anew."""
    account = require_account()
    if request.form.get("which") == "others":
        session.end_all(account, but_this=True)
        response = redirect("/account", done="sessions_ended")
        session.mark_browser(response)
        return response
    session.end_all(account, but_this=False)
    response = redirect("/sign-in", done="signed_out_everywhere")
    session.end(response)
    return response


def _show_account(*, error: str | None = None, status: int = 200) -> Response:
    account = require_account()
    return show(
        "account.html",
        status=status,
        login=account.login,
        sessions=session.sessions_of(account),
        idle_minutes=system().settings.session_idle_minutes,
        longest_hours=LONGEST // timedelta(hours=1),
        error=error,
        least=PASSWORD_MIN,
        most=PASSWORD_MAX,
    )
