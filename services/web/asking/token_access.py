"""Who is asking: the bearer of a token."""

from typing import cast

import flask
from flask import request

from services.access import tokens
from services.access.tokens import Forbidden, NotAuthenticated, Principal
from services.web.context import system

SCHEME = "bearer"


def authenticate() -> None:
    """Find out who is asking, before anything of the request is looked at.

    Raises:
        NotAuthenticated: no bearer token, or none of ours. Every reason is told alike.
    """
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != SCHEME or not secret:
        raise NotAuthenticated("send a token of this service as `Authorization: Bearer TOKEN`")
    flask.g.principal = tokens.authenticate(system(), secret.strip())


def principal() -> Principal:
    return cast("Principal", flask.g.principal)


def require_sender() -> Principal:
    """Return who is asking, if they may send anything at all.

    Raises:
        Forbidden: they may not.
    """
    return _require("send events", "--send", bool(principal().grants.sends))


def require_reader() -> Principal:
    """Return who is asking, if they may read entries. Raises Forbidden."""
    return _require("read events", "--read", bool(principal().grants.reads))


def require_states() -> Principal:
    """Return who is asking, if they may read states. Raises Forbidden."""
    return _require("read states", "--states", principal().grants.states)


def _require(what: str, option: str, granted: bool) -> Principal:  # noqa: FBT001 - private
    if not granted:
        raise Forbidden(f"this token may not {what}: ask for one made with `{option}`")
    return principal()
