"""`/ratings/{period}/{member_id}`: which level somebody has, and why."""

from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any

from flask import Response
from msgspec import UNSET

from events.definitions.records import Source
from events.domain.documents.document import Language
from events.domain.review import explanation, review
from events.store import reference
from events.vault.sealing import Unsealed
from services.access.roles import Action, Role, Unseen, require
from services.commands import readings
from services.queries import bundles
from services.subject import Subject
from services.web.api.parts.receipts import answer_state
from services.web.api.parts.shown import decided_rating, proposed_rating
from services.web.api.schemas.queries import BundleQuery, RatingQuery
from services.web.api.schemas.year import RatingState
from services.web.asking import person, sealed_words
from services.web.asking.visibility import (
    identify,
    position_of,
    require_person,
    see_review,
    subject_of,
)
from services.web.context import system
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint(
    "ratings", __name__, url_prefix="/api/v1", description="Levels, and what they rest on."
)
blueprint.before_request(identify)


@blueprint.route("/ratings/<period>/<member_id>")
@blueprint.query(RatingQuery())
@blueprint.answers(200, ref("RatingState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_rating(query: dict[str, Any], period: str, member_id: str) -> Response:
    """Return a rating with its facts, and rule by rule why it came out so, in words.

    Before any decision it is what was proposed; while somebody is rated again, what still holds.
    Whose it is may be told as of a review.
    """
    subject = subject_of(period, member_id, kind="rating")
    position = position_of(query.get("as_of"), by_day=True)
    state, _ = see_review(subject, position=position)
    body = _rating_state(state, query["language"], position)
    return answer_state(body, version=state.version, position=position)


@blueprint.route("/ratings/<period>/<member_id>/bundle", methods=["GET", "POST"])
@blueprint.query(BundleQuery())
@blueprint.answers(200, {"type": "object"})
@blueprint.problems(401, 403, 404, 405, 409, 422)
def get_rating_bundle(query: dict[str, Any], period: str, member_id: str) -> Response:
    """Return one file by which anybody verifies a decided rating without this service.

    `python -m events.replay FILE --key KEY` gives the verdict on it, by the log's verifier key,
    which is had from elsewhere. It holds no words unless they are asked for; those of others take
    POST, it is recorded that they were read, and they see it.
    """
    require_person()
    subject = subject_of(period, member_id, kind="rating")
    _, roles = see_review(subject, Action.AUDIT)
    open_words = None
    if query["words"]:
        require(Action.READ_WORDS, roles)
        sealed_words.require_deed(roles)
        open_words = partial(_open_words, subject, roles)
    at_hand = system()
    made = bundles.make_bundle(
        at_hand.store, at_hand.signer, subject, at_hand.verifier_key, open_words=open_words
    )
    response = Response(made, mimetype="application/json")
    name = bundles.file_name(subject)
    response.headers["Content-Disposition"] = f"attachment; filename={name}"
    return response


def _open_words(
    subject: Subject, roles: Collection[Role], commitments: Sequence[str]
) -> Mapping[str, Unsealed]:
    return readings.open_with_salts(system(), person.asking(), subject, commitments, roles=roles)


def _rating_state(state: review.State, language: Language, position: int | None) -> RatingState:
    rated = state.rating_in_force
    proposal, announcement = proposed_rating(rated.proposal), rated.announcement
    if state.opened is None or proposal is None:
        raise Unseen("rating")
    opened = state.opened.fact
    source = Source(rulebook=opened.rulebook, calendar=opened.calendar)
    rules = reference.rules_of(system().store.database, source)
    return RatingState(
        period=opened.period,
        member_id=opened.member_id,
        version=state.version,
        as_of=UNSET if position is None else position,
        rulebook=opened.rulebook,
        proposal=proposal,
        explanation=explanation.explain(rules.rulebook, proposal.facts, proposal.outcome, language),
        decision=decided_rating(rated.decision) or UNSET,
        announced_at=announcement.at if announcement else UNSET,
        announced_by=announcement.fact.by if announcement else UNSET,
        reopened_at=state.pending_reopening.at if state.pending_reopening else UNSET,
    )
