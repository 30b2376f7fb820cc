"""`/milestones/{id}`: what is shown for a milestone, and what its follower finds."""

from typing import Any

from flask import Response, request

from events.definitions.shapes import TEXT_BYTES_MAX
from events.domain.plan.milestone_steps import FILES_MAX
from services.access.roles import Action
from services.commands import milestones, readings
from services.intake.refusals import UnsupportedMediaType
from services.intake.strict_json import compose
from services.safekeeping import evidence
from services.web.api.parts.receipts import (
    REFUSALS,
    answer_command,
    answer_state,
    carry_out,
    command,
)
from services.web.api.parts.shown import milestone_state
from services.web.api.schemas import commands
from services.web.api.schemas.queries import StateQuery
from services.web.asking import person, sealed_words
from services.web.asking.visibility import (
    identify,
    position_of,
    require_command,
    require_person,
    see_plan,
)
from services.web.context import system
from services.web.files import sending
from services.web.files.evidence import digest_of, name_in, parse_milestone, seal_files, there_in
from services.web.files.uploads import takes_files, uploaded_files
from services.web.http.openapi import ApiBlueprint, ref

MULTIPART = "multipart/form-data"
MILESTONE = "/milestones/<milestone_id>"
FORM = {
    "type": "object",
    "properties": {
        "files": {
            "type": "array",
            "items": {"type": "string", "format": "binary"},
            "maxItems": FILES_MAX,
        },
        "text": {"type": "string", "maxLength": TEXT_BYTES_MAX},
    },
}

blueprint = ApiBlueprint(
    "milestones", __name__, url_prefix="/api/v1", description="Milestones and their evidence."
)
blueprint.before_request(identify)


@blueprint.route(MILESTONE)
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("MilestoneState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_milestone(query: dict[str, Any], milestone_id: str) -> Response:
    """Return where a milestone stands, now or at an earlier position or recorded time."""
    which = parse_milestone(milestone_id)
    position = position_of(query.get("as_of"))
    state, _ = see_plan(which.subject, position=position)
    body = milestone_state(state, there_in(state, which), position)
    return answer_state(body, version=state.version, position=position)


@blueprint.route(f"{MILESTONE}/evidence", methods=["POST"])
@blueprint.body({MULTIPART: {"schema": FORM}})
@blueprint.answers(201, ref("Done"))
@blueprint.answers(200, ref("Done"))
@blueprint.problems(*REFUSALS)
@takes_files
def hand_in_evidence(milestone_id: str) -> Response:
    """Hand in files and words; the files are stored with the fact or not at all.

    A file's name is as the member calls it; its content says what type it is.
    """
    require_person()
    which = parse_milestone(milestone_id)
    state = require_command(which.subject, Action.HAND_IN_EVIDENCE)
    there_in(state, which)
    if request.mimetype != MULTIPART:
        raise UnsupportedMediaType(f"send files and text as {MULTIPART}")
    uploads = uploaded_files("files", FILES_MAX)
    comment = commands.convert_body(_typed_fields(), commands.Comment)
    asking = person.asking({"text": comment.text or "", "files": list(map(digest_of, uploads))})
    sealed = seal_files(which, uploads)
    return answer_command(
        milestones.hand_in_evidence(system(), asking, which, sealed, comment.text or None)
    )


@blueprint.route(f"{MILESTONE}/evidence/<commitment>", methods=["GET", "POST"])
@blueprint.answers(200, {"type": "string", "format": "binary"}, content_type="*/*")
@blueprint.problems(401, 403, 404, 405, 409)
def get_evidence(milestone_id: str, commitment: str) -> Response:
    """Return an evidence file. Of others it takes POST, is recorded, and they see it."""
    require_person()
    which = parse_milestone(milestone_id)
    state, roles = see_plan(which.subject, Action.READ_PLAN)
    name = name_in(there_in(state, which), commitment)
    sealed_words.require_deed(roles)
    file = evidence.open_file(system(), commitment)
    texts = readings.open_words(
        system(),
        person.asking(),
        which.subject,
        [commitment, name],
        roles=roles,
        action=Action.READ_PLAN,
    )
    return sending.send(file, texts.get(name, ""), inline=False)


@command(blueprint, f"{MILESTONE}/approval", commands.Approval)
def approve_milestone(milestone_id: str) -> Response:
    """Find a milestone reached, on the evidence that was looked at."""
    which = parse_milestone(milestone_id)
    return carry_out(
        commands.Approval,
        lambda c, a, b: milestones.approve_milestone(
            c, a, which, b.evidence_version, b.text or None
        ),
    )


@command(blueprint, f"{MILESTONE}/request", commands.EvidenceReturn)
def ask_for_more(milestone_id: str) -> Response:
    """Ask for more evidence before deciding."""
    which = parse_milestone(milestone_id)
    return carry_out(
        commands.EvidenceReturn,
        lambda c, a, b: milestones.ask_for_more(c, a, which, b.evidence_version, b.text),
    )


@command(blueprint, f"{MILESTONE}/return", commands.EvidenceReturn)
def return_milestone(milestone_id: str) -> Response:
    """Return a milestone as not reached, with the reason."""
    which = parse_milestone(milestone_id)
    return carry_out(
        commands.EvidenceReturn,
        lambda c, a, b: milestones.return_milestone(c, a, which, b.evidence_version, b.text),
    )


@command(blueprint, f"{MILESTONE}/extension", commands.Extension)
def extend_milestone(milestone_id: str) -> Response:
    """Give a milestone time until the end of a day, with the ground."""
    which = parse_milestone(milestone_id)
    return carry_out(
        commands.Extension,
        lambda c, a, b: milestones.extend_milestone(c, a, which, b.day, b.text),
    )


@command(blueprint, f"{MILESTONE}/withdrawal", commands.Nothing)
def withdraw_decision(milestone_id: str) -> Response:
    """Take back the last verdict on a milestone, soon after it."""
    which = parse_milestone(milestone_id)
    return carry_out(commands.Nothing, lambda c, a, _: milestones.withdraw_decision(c, a, which))


def _typed_fields() -> dict[str, str]:
    """Return what was typed into the form beside its files; a field left empty was not filled."""
    return {
        name: compose(text.replace("\r\n", "\n"), (name,))
        for name, text in request.form.items()
        if text.strip()
    }
