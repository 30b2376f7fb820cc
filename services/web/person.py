"""Who asks by this request as a person, and under which conditions."""

import re
from collections.abc import Callable, Iterable
from typing import Any, Protocol, cast

import flask
from flask import request

from events.domain import member
from events.errors import TusoiError
from events.identifiers import MemberId, member_stream
from services.access.roles import Person, person_of
from services.access.tokens import NotAuthenticated
from services.commands.work import Asking
from services.web.context import correlation_id, system

SIGNED_IN = "tusoi-signed-in"  # the extension that finds this request's account, if any
KEY_PATTERN = re.compile(r"[ -~]{1,200}")
VERSION_TAG_PATTERN = re.compile(r'"([0-9]{1,10})"')


class Account(Protocol):
    """Who signed in."""

    @property
    def id(self) -> str: ...

    @property
    def roles(self) -> Iterable[str]: ...

    @property
    def member_id(self) -> MemberId | None: ...


class MalformedHeader(TusoiError):
    """A header that says nothing that could be meant."""

    code = "malformed_header"

    def __init__(self, name: str, needed: str) -> None:
        super().__init__(f"{name}: {needed}")
        self.name = name


def nobody() -> Account | None:
    """Return that nobody is signed in: what holds of an application without sessions."""
    return None


def require_account() -> Account:
    """Return the account that is signed in.

    Raises:
        NotAuthenticated: none is.
    """
    find = cast("Callable[[], Account | None]", flask.current_app.extensions[SIGNED_IN])
    account = find()
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
    """Return who asks for a command with a body, and under which conditions.

    Raises:
        NotAuthenticated, MalformedHeader
    """
    return Asking(
        person=person(),
        correlation_id=correlation_id(),
        seen=_seen(),
        key=_key(),
        request={"path": request.path, "body": body},
    )


def _as_person(account: Account) -> Person:
    if account.member_id is None:
        return person_of(account.id, account.roles, None, None)
    history = system().store.read_stream(member_stream(account.member_id))
    holds = member.view(member.fold(history.events))
    return person_of(account.id, account.roles, account.member_id, holds, history.version)


def _seen() -> int | None:
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
