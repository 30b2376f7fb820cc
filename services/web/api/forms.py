"""Forms over HTTP: which one a step is written on, and what is made of what was filled in."""

import msgspec
from flask import Response
from msgspec import UNSET, UnsetType

from events.definitions.records import Digest
from events.domain.documents.form import FormStep
from events.domain.review import review
from services.access.roles import Action, Unseen, require, roles_towards
from services.commands import answers, forms
from services.commands.answers import SAYS, Answers, AnswersInvalid, Marks
from services.commands.reviews import Subject
from services.web.api.reviews import REVIEW
from services.web.api.schemas import commands
from services.web.api.schemas.editions import FormToFill
from services.web.asking.person import person
from services.web.asking.visibility import identify, review_seen, subject_of
from services.web.context import answer, system
from services.web.http.openapi import ApiBlueprint, ref
from services.web.http.problems import InvalidBody
from services.web.saying.languages import chosen

blueprint = ApiBlueprint(
    "forms", __name__, url_prefix="/api/v1", description="The forms that members write on."
)
blueprint.before_request(identify)


class Written(msgspec.Struct, frozen=True):
    """What is sealed of a step: its words, the marks in it, and the form of both."""

    text: str
    marks: Marks
    form: Digest | UnsetType = UNSET
    catalogue: Digest | UnsetType = UNSET


@blueprint.route(f"{REVIEW}/forms/<step>")
@blueprint.answers(200, ref("FormToFill"))
@blueprint.problems(401, 403, 404)
def get_form(period: str, member_id: str, step: str) -> Response:
    """Return the form on which a step is written, with the catalogue that its sheet goes through.

    Where there is none, the step takes words as they come.
    """
    state, _ = review_seen(subject_of(period, member_id))
    found = forms.form_for(system(), state, step) if step in set(FormStep) else None
    if found is None:
        raise Unseen("form")
    through = forms.catalogue_of(system(), found.form)
    items = msgspec.to_builtins(through.catalogue) if through else UNSET
    document = forms.document_of(system(), found.digest)
    return answer(FormToFill(digest=found.digest, form=document, catalogue=items))


def commitment(subject: Subject, body: commands.Commitment) -> Written:
    """Return what is sealed of a commitment. It raises as `self_critique` does."""
    return _written(
        subject,
        Action.COMMIT,
        FormStep.COMMITMENT,
        commands.SelfCritique(text=body.text, sections=body.sections),
    )


def self_critique(subject: Subject, body: commands.SelfCritique) -> Written:
    """Return what is sealed of a self-critique.

    Raises:
        Unseen, Forbidden: as the command itself does.
        InvalidBody: neither words nor sections, or both; or answers that do not fit the form.
    """
    return _written(subject, Action.SUBMIT_SELF_CRITIQUE, FormStep.SELF_CRITIQUE, body)


def _written(
    subject: Subject, action: Action, step: FormStep, body: commands.SelfCritique
) -> Written:
    state = _state(subject, action)
    given = Answers(
        sections=body.sections or {}, degrees=body.degrees or {}, sheet=body.sheet or {}
    )
    marks = _marks(body, given)
    if body.text is not UNSET:
        if body.sections is not UNSET or given.degrees or given.sheet:
            raise InvalidBody("/text", "goes without sections, degrees and sheet")
        return Written(body.text, marks)
    if body.sections is UNSET:
        raise InvalidBody("", "send text, or the sections of the form")
    found = forms.form_for(system(), state, step)
    if found is None:
        raise InvalidBody("/sections", "there is no form for this step: send text")
    through = forms.catalogue_of(system(), found.form)
    try:
        catalogue = through.catalogue if through else None
        text = answers.composed(found.form, catalogue, given, chosen())
    except AnswersInvalid as error:
        raise _invalid(error) from None
    pinned = forms.keep(system(), through.digest) if through else UNSET
    return Written(text, marks, forms.keep(system(), found.digest), pinned)


def _state(subject: Subject, action: Action) -> review.State:
    """Return a review with which the person may do something; it raises as the command does."""
    state = review.fold(system().store.read_stream(subject.stream).events)
    if state.opened is None:
        raise Unseen("review")
    roles = roles_towards(
        person(), subject=subject.member_id, path=state.path, leaders=state.leaders
    )
    require(action, roles, kind="review")
    return state


def _marks(body: commands.SelfCritique, given: Answers) -> Marks:
    own = body.marks or commands.Marks(points={})
    return Marks(points=own.points, level=own.level or "", degrees=given.degrees, sheet=given.sheet)


def _invalid(error: AnswersInvalid) -> InvalidBody:
    told = [(f"/{each.part}/{each.id}", SAYS[each.why]) for each in error.wrong]
    (pointer, message), *more = told
    return InvalidBody(pointer, message, *more)
