"""Signing in, and who one is."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from services.access.accounts import LOGIN_MAX
from services.access.passwords import PASSWORD_MAX
from services.web.api.schemas.commands import Body


class SignIn(Body, frozen=True):
    login: Annotated[str, Meta(max_length=LOGIN_MAX)]
    password: Annotated[str, Meta(max_length=PASSWORD_MAX)]


class OwnAccount(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    id: str
    login: str
    member_id: str | UnsetType = UNSET
    roles: tuple[str, ...]  # given to the account


class SignedIn(msgspec.Struct, frozen=True, kw_only=True):
    account: OwnAccount
    csrf: str  # to be sent as X-CSRF-Token with whatever changes something


class HeldPost(msgspec.Struct, frozen=True, kw_only=True):
    unit_id: str
    post: str


class StoodIn(HeldPost, frozen=True, kw_only=True):
    """A post of somebody else, in which one stands in for them now."""

    for_id: str


class OwnMember(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How the roster has somebody at this moment."""

    id: str
    unit_id: str | UnsetType = UNSET  # to which they belong; who left belongs to none
    posts: tuple[HeldPost, ...]
    stands_in: tuple[StoodIn, ...] = ()


class Me(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    account: OwnAccount
    csrf: str
    member: OwnMember | UnsetType = UNSET


STRUCTS: tuple[type[msgspec.Struct], ...] = (SignIn, SignedIn, Me)
