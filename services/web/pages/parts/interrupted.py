"""A form that was sent when its session was over: who signs in again looks it over and sends it.

Until then it stands in the page on which they sign in, and nowhere else. It goes on for whose
session that was alone, and only where it was sent from a page of ours: nobody is to send by one
button what somebody else wrote.
"""

from typing import NamedTuple
from urllib.parse import urlsplit

from flask import request

from services.web.asking import session
from services.web.asking.session import CrossOrigin
from services.web.pages.parts.frame import typed_fields

KEPT = "kept."  # begins the names of its fields, which may be named as those of the sign-in
RESUME = "resume"  # where it goes


class Interrupted(NamedTuple):
    """A form with all that it carried but files and its session's token."""

    address: str
    fields: list[tuple[str, str]]
    typed: dict[str, str]  # of these, what somebody wrote


def of_this_request() -> Interrupted | None:
    """Return the form that this request sends; None where nobody wrote anything in it."""
    typed = typed_fields()
    try:
        session.require_same_origin()
    except CrossOrigin:
        return None
    if not typed:
        return None
    own = request.form.items(multi=True)
    return Interrupted(request.path, [e for e in own if e[0] != session.CSRF_FIELD], typed)


def of_this_sign_in() -> Interrupted | None:
    """Return the form that a sign-in carries along; None where there is none."""
    address = session.local_path(request.form.get(RESUME))
    fields = [
        (name.removeprefix(KEPT), value)
        for name, value in request.form.items(multi=True)
        if name.startswith(KEPT)
    ]
    typed = typed_fields(fields)
    return Interrupted(address, fields, typed) if typed else None


def came_from() -> str:
    """Return the page of ours from which a form was sent, to go on at; else home."""
    told = urlsplit(request.referrer or "")
    return session.local_path(told.path) if told.netloc == request.host else session.HOME
