"""`/reviews/{period}/{member_id}/forms/{step}`: on which form a step is written."""

import msgspec
from flask import Response
from msgspec import UNSET

from events.domain.documents.form import FormStep
from services.access.roles import Unseen
from services.queries import forms
from services.web.api.parts.paths import REVIEW
from services.web.api.schemas.editions import FormToFill
from services.web.asking.visibility import identify, see_review, subject_of
from services.web.context import answer, system
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint(
    "forms", __name__, url_prefix="/api/v1", description="The forms that members write on."
)
blueprint.before_request(identify)


@blueprint.route(f"{REVIEW}/forms/<step>")
@blueprint.answers(200, ref("FormToFill"))
@blueprint.problems(401, 403, 404)
def get_form(period: str, member_id: str, step: str) -> Response:
    """Return the form on which a step is written, with the catalogue that its sheet goes through.

    Where there is none, the step takes words as they come.
    """
    state, _ = see_review(subject_of(period, member_id))
    found = forms.form_for(system(), state, step) if step in set(FormStep) else None
    if found is None:
        raise Unseen("form")
    through = forms.catalogue_of(system(), found.form)
    items = msgspec.to_builtins(through.catalogue) if through else UNSET
    document = forms.document_of(system(), found.digest)
    return answer(FormToFill(digest=found.digest, form=document, catalogue=items))
