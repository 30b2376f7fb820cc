"""Who asks by this request as a person, and under which conditions."""

import re
from typing import Any, cast

import flask
from flask import request

from events.errors import TusoiError
from services.access.account_rows import Account
from services.access.roles import Person, person_of
from services.access.tokens import NotAuthenticated
from services.commands.work import Asking
from services.queries.people import person_as
from services.web.asking import session
from services.web.context import TAG_LENGTH, correlation_id, system

KEY_PATTERN = re.compile(r"[ -~]{1,200}")
VERSION_TAG_PATTERN = re.compile(rf'"([0-9]{{1,10}})(?:-[0-9a-f]{{{TAG_LENGTH}}})?"')


class MalformedHeader(TusoiError):
    """A header that says nothing that could be meant."""

    code = "malformed_header"

    def __init__(self, name: str, needed: str) -> None:
        super().__init__(f"{name}: {needed}")
        self.name = name


def require_account() -> Account:
    """Return the account that is signed in.

    Raises:
        NotAuthenticated: none is.
    """
    account = session.account()
    if account is None:
        raise NotAuthenticated("sign in, or send a token as `Authorization: Bearer TOKEN`")
    return account


def person() -> Person:
    """Return the person who is signed in, with what the roster tells of them at this moment.

    Raises:
        NotAuthenticated: nobody is.
    """
    if "person" not in flask.g:
        flask.g.person = _as_person(require_account())
    return cast("Person", flask.g.person)


def asking(body: Any = None) -> Asking:
    """Return who asks for a command with a body, and under which conditions the headers set.

    Raises:
        NotAuthenticated, MalformedHeader
    """
    return asking_for(body, seen=_seen_version(), key=_key())


def asking_for(body: Any, *, seen: int | None, key: str | None) -> Asking:
    """Return who asks for a command with a body, and under which conditions.

    Raises:
        NotAuthenticated
    """
    return Asking(
        person=person(),
        correlation_id=correlation_id(),
        seen=seen,
        key=key,
        request={"path": request.path, "body": body},
    )


def _as_person(account: Account) -> Person:
    if account.member_id is None:
        return person_of(account.id, account.roles, None, None)
    return person_as(system(), account.id, account.member_id, account.roles)


def _seen_version() -> int | None:
    """Return the version that must still be the stream's; None where any will do."""
    given = request.headers.get("If-Match", "*").strip()
    if given == "*":
        return None
    found = VERSION_TAG_PATTERN.fullmatch(given)
    if found is None:
        raise MalformedHeader("If-Match", 'send the ETag of what was looked at, such as "5"')
    return int(found[1])


def _key() -> str | None:
    given = request.headers.get("Idempotency-Key")
    if given is not None and not KEY_PATTERN.fullmatch(given):
        raise MalformedHeader("Idempotency-Key", "send 1 to 200 printable ASCII characters")
    return given
