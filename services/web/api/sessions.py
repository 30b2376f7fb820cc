"""`/session` and `/me`: sign in and out, and who one is."""

import msgspec
from flask import Response
from msgspec import UNSET, UnsetType

from services.access.account_rows import Account
from services.web.api.schemas import commands
from services.web.api.schemas.commands import JSON
from services.web.api.schemas.sessions import (
    HeldPost,
    Me,
    OwnAccount,
    OwnMember,
    SignedIn,
    SignIn,
    StoodIn,
)
from services.web.asking import session
from services.web.asking.person import person, require_account
from services.web.asking.visibility import identify, require_person
from services.web.context import answer
from services.web.http.openapi import SESSION, ApiBlueprint, ref

blueprint = ApiBlueprint(
    "sessions", __name__, url_prefix="/api/v1", description="Sign in, sign out, and who one is."
)

SIGN_IN_PROBLEMS = (400, 401, 403, 413, 415, 422, 429, 503)


@blueprint.route("/session", methods=["POST"])
@blueprint.body({JSON: {"schema": ref("SignIn")}})
@blueprint.answers(201, ref("SignedIn"))
@blueprint.problems(*SIGN_IN_PROBLEMS)
@blueprint.asked_by()
def sign_in() -> Response:
    """Sign in: the answer brings a cookie, and the token to send with whatever changes something.

    Who fails five times has to wait, longer each time.
    """
    session.require_same_origin()
    body = commands.read_body(SignIn)
    account = session.sign_in(body.login, body.password)
    response = Response(status=201, mimetype=JSON)
    session.begin(response, account)
    told = SignedIn(account=_own_account(account), csrf=session.csrf_token())
    response.set_data(msgspec.json.encode(told))
    return response


@blueprint.route("/session", methods=["DELETE"])
@blueprint.problems(204, 401, 403)
def sign_out() -> Response:
    """Sign out: the session ends."""
    identify()
    require_person()
    response = Response(status=204)
    session.end(response)
    return response


@blueprint.route("/me")
@blueprint.answers(200, ref("Me"))
@blueprint.problems(401, 403)
@blueprint.asked_by(SESSION)
def get_me() -> Response:
    """Return who is signed in, with what the roster tells of them at this moment."""
    identify()
    require_person()
    csrf = session.csrf_token()
    return answer(Me(account=_own_account(require_account()), csrf=csrf, member=_member()))


def _own_account(account: Account) -> OwnAccount:
    return OwnAccount(
        id=account.id,
        login=account.login,
        member_id=account.member_id or UNSET,
        roles=account.roles,
    )


def _member() -> OwnMember | UnsetType:
    asks = person()
    if asks.member_id is None:
        return UNSET
    return OwnMember(
        id=asks.member_id,
        unit_id=asks.unit_id or UNSET,
        posts=tuple(HeldPost(unit_id=unit, post=post) for unit, post in asks.posts),
        stands_in=tuple(
            StoodIn(unit_id=each.unit_id, post=each.post, for_id=each.for_id)
            for each in asks.stands_in
        ),
    )
