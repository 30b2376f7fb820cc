"""`/delegations`: who holds a post says who stands in for them, and takes that back."""

from flask import Response

from events.domain.documents.working_days import local_day
from events.identifiers import MemberId, UnitId
from services.commands import delegations
from services.web.api.parts.receipts import answer_received, carry_out, command
from services.web.api.schemas.delegations import Delegate, EndDelegation
from services.web.asking.visibility import identify
from services.web.context import system
from services.web.http.openapi import ApiBlueprint

blueprint = ApiBlueprint(
    "delegations", __name__, url_prefix="/api/v1", description="Who stands in for whom in a post."
)
blueprint.before_request(identify)


@command(blueprint, "/delegations", Delegate, answers="Received")
def delegate() -> Response:
    """Let a member stand in for oneself, in a post that one holds, from one day to another.

    Without `since` it begins now. Of one's own year, and that of a unit one leads, it lets nobody
    do anything; what is done so counts as done by both. It ends by itself after its last day, or
    before that with the post.
    """
    today = local_day(system().clock.now())
    return carry_out(
        Delegate,
        lambda c, a, b: delegations.delegate(
            c,
            a,
            MemberId(b.member_id),
            UnitId(b.unit_id),
            b.post,
            since=b.since or today,
            until=b.until,
        ),
        told=answer_received,
    )


@command(blueprint, "/delegations/end", EndDelegation, answers="Received")
def end() -> Response:
    """Take a delegation back, as whose post it is, or lay it down, as who stands in.

    That in force ends now; else the one that was told ahead never begins.
    """
    return carry_out(
        EndDelegation,
        lambda c, a, b: delegations.end(
            c, a, MemberId(b.member_id), UnitId(b.unit_id), b.post, b.for_id
        ),
        told=answer_received,
    )
