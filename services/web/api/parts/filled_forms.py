"""What is sealed of a form that was filled in, or of words sent as they come."""

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.records import Digest
from events.domain.documents.form import FormStep
from events.domain.review import review
from services.access.roles import Action, Unseen, require, roles_in_review
from services.commands import rulebooks
from services.queries import answers, forms
from services.queries.answers import SAYS, Answers, AnswersInvalid, Marks
from services.subject import Subject
from services.web.api.schemas import commands
from services.web.asking.visibility import reader_of, units_above
from services.web.context import system
from services.web.http.problems import InvalidBody
from services.web.saying.languages import reader_language


class Written(msgspec.Struct, frozen=True):
    """What is sealed of a step: its words, the marks in it, and the form of both."""

    text: str
    marks: Marks
    form: Digest | UnsetType = UNSET
    catalogue: Digest | UnsetType = UNSET


def commitment(subject: Subject, body: commands.Commitment) -> Written:
    """Return what is sealed of a commitment. It raises as `self_critique` does."""
    return _read_written(
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
    return _read_written(subject, Action.SUBMIT_SELF_CRITIQUE, FormStep.SELF_CRITIQUE, body)


def _read_written(
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
        text = answers.compose(found.form, catalogue, given, reader_language())
    except AnswersInvalid as error:
        raise _invalid(error) from None
    pinned = rulebooks.keep(system(), through.digest) if through else UNSET
    return Written(text, marks, rulebooks.keep(system(), found.digest), pinned)


def _state(subject: Subject, action: Action) -> review.State:
    """Return a review with which the person may do something; it raises as the command does."""
    state = review.fold(system().store.read_stream(subject.stream).events)
    if state.opened is None:
        raise Unseen("review")
    reader = reader_of(state)
    above = units_above(reader, state.path)
    roles = roles_in_review(reader, state, subject.member_id, leaders=state.leaders, above=above)
    require(action, roles, kind="review")
    return state


def _marks(body: commands.SelfCritique, given: Answers) -> Marks:
    own = body.marks or commands.Marks(points={})
    return Marks(points=own.points, level=own.level or "", degrees=given.degrees, sheet=given.sheet)


def _invalid(error: AnswersInvalid) -> InvalidBody:
    told = [(f"/{each.part}/{each.id}", SAYS[each.why]) for each in error.wrong]
    (pointer, message), *more = told
    return InvalidBody(pointer, message, *more)
