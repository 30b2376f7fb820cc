"""What members write: commitment, self-critique, criticism of others, answers; with drafts."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import Response, request
from msgspec import UNSET
from werkzeug.exceptions import NotFound

from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from services.access.roles import Action, Thing, Unseen, may
from services.commands import meetings, ratings, reviews, rulebooks
from services.commands.work import Asking, Done
from services.queries.answers import Answers, Marks
from services.safekeeping import drafts
from services.safekeeping.drafts import Draft
from services.subject import Subject
from services.web.asking import sealed_words
from services.web.asking.visibility import see_review, subject_of
from services.web.context import system
from services.web.pages.parts import answered, drafting, form_fields, forms, step_pages
from services.web.pages.parts.form_fields import Blank
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages, redirect, show
from services.web.pages.parts.people import name_of
from services.web.pages.parts.rules import rules_of
from services.web.saying.languages import say
from services.web.saying.moments import clock

Fields = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Form:
    """Something that is written about a review."""

    name: str  # in addresses, in words and in the draft's name
    action: Action
    do: Callable[[Asking, Subject, str], Done]  # the item: which criticism is answered
    with_marks: bool = False
    answers: Thing | None = None  # what is answered by it


ITEM = "item"


@pages.get("/reviews/<period>/<member_id>/write/<name>")
def show_form(period: str, member_id: str, name: str) -> Response:
    """Return a form, with what its writer drafted before."""
    form, subject = _form(name), subject_of(period, member_id)
    item = _item_of(form, subject, request.args.get(ITEM, ""))
    draft = drafting.load(_draft_name(form, subject, item))
    return _show(form, subject, item, draft.fields if draft else {}, draft)


@pages.post("/reviews/<period>/<member_id>/write/<name>")
def send_form(period: str, member_id: str, name: str) -> Response:
    """Take what was written; the draft goes with it."""
    form, subject = _form(name), subject_of(period, member_id)
    item = _item_of(form, subject, request.form.get(ITEM, ""))
    if "save" in request.form:
        _save(form, subject, item)
        return redirect(_address(form, subject, item))
    if "discard" in request.form:
        drafting.discard(_draft_name(form, subject, item))
        return redirect(_address(form, subject, item), done="draft_discarded")

    def do() -> Done:
        done = form.do(forms.asking(holds_anyway=True), subject, item)
        drafting.discard(_draft_name(form, subject, item))
        return done

    def again(refusal: Refusal) -> Response:
        return _show(form, subject, item, request.form, None, refusal)

    onward = (
        f"/peers/{period}" if form.action is Action.CRITICISE else step_pages.of_review(subject)
    )
    return forms.send(
        do, then=onward, says=form.name.replace("-", "_"), again=again, about=subject.stream
    )


@pages.post("/reviews/<period>/<member_id>/draft/<name>")
def save_draft(period: str, member_id: str, name: str) -> Response:
    """Keep what is being written, and return in words when that was."""
    form, subject = _form(name), subject_of(period, member_id)
    item = _item_of(form, subject, request.form.get(ITEM, ""))
    saved = say("forms.saved", time=clock(_save(form, subject, item)))
    return Response(saved, mimetype="text/plain")


def _form(name: str) -> Form:
    if name not in FORMS:
        raise NotFound
    return FORMS[name]


def _item_of(form: Form, subject: Subject, given: str) -> str:
    """Return which criticism or point is answered; nothing by forms that answer none of them.

    A draft is kept for each, so that nobody has more drafts than there is to write.

    Raises:
        Unseen: the review holds none of this id.
    """
    if form.answers is None or form.action is not Action.ANSWER:
        return ""
    state, _ = see_review(subject, form.action)
    if (form.answers, given) not in {(p.of, p.item) for p in sealed_words.of_review(state)}:
        raise Unseen(form.answers)
    return given


def _show(
    form: Form,
    subject: Subject,
    item: str,
    typed: Fields,
    draft: Draft | None,
    refusal: Refusal | None = None,
) -> Response:
    state, roles = see_review(subject, form.action)
    blank = _blank_for(form, state, typed)
    version: int | None = forms.form_version(state.version, refusal)
    if not may(Action.SEE_STATE, roles):  # a peer is not told when, or how often, others criticised
        version = None
        refusal = refusal._replace(changes=()) if refusal else None
    return show(
        "writing.html",
        status=refusal.status if refusal else 200,
        form=form,
        words=form.name.replace("-", "_"),
        subject=subject,
        item=item,
        about=name_of(subject.member_id),
        collective=state.collective,
        typed=typed,
        blank=blank,
        beside=form_fields.sources_of(blank.form, state, subject, roles) if blank else {},
        draft=draft,
        refusal=refusal,
        due_at=_due_at(form, state, item),
        rulebook=rules_of(state).rulebook,
        group=_group(state),
        answered=answered.text_of(form.action, form.answers, state, subject, item, roles),
        back=step_pages.of_review(subject)
        if form.action is not Action.CRITICISE
        else f"/peers/{subject.period}",
        version=version,
    )


def _due_at(form: Form, state: review.State, item: str) -> Any:
    if form.name == "answer":
        given = (each for each in state.criticisms if each.fact.criticism_id == item)
        return next(map(state.answer_due_at, given), None)
    if form.name == "point-answer":
        points = (each for each in state.points if each.fact.point_id == item)
        return next(map(state.answer_due_at, points), None)
    return state.deadlines.due_at(form.name.replace("-", "_"))


def _group(state: review.State) -> str:
    """Return the group of subjects in which somebody is; none where there are no groups."""
    return opened_review(state).group or ""


def _blank_for(form: Form, state: review.State, typed: Fields) -> Blank | None:
    """Return the form of a document on which this is written, if there is one."""
    step = form.name.replace("-", "_")
    return form_fields.blank_for(state, step, typed)


def _commit(asking: Asking, subject: Subject, _item: str) -> Done:
    state, _ = see_review(subject, Action.COMMIT)
    blank = _blank_for(FORMS["commitment"], state, request.form)
    if blank is None:
        return reviews.commit(system(), asking, subject, forms.read_text("text"))
    text = form_fields.compose(blank, form_fields.read_answers(blank))
    form = rulebooks.keep(system(), blank.chosen.digest)
    return reviews.commit(system(), asking, subject, text, form)


def _submit(asking: Asking, subject: Subject, _item: str) -> Done:
    state, _ = see_review(subject, Action.SUBMIT_SELF_CRITIQUE)
    blank = _blank_for(FORMS[drafts.SELF_CRITIQUE], state, request.form)
    if blank is None:
        text, marks = forms.read_text("text"), _marks(state, Answers(sections={}))
        return reviews.submit_self_critique(system(), asking, subject, text, marks)
    given = form_fields.read_answers(blank)
    text, marks = form_fields.compose(blank, given), _marks(state, given)
    form = rulebooks.keep(system(), blank.chosen.digest)
    catalogue = rulebooks.keep(system(), blank.through.digest) if blank.through else UNSET
    return reviews.submit_self_critique(
        system(), asking, subject, text, marks, form=form, catalogue=catalogue
    )


def _criticise(asking: Asking, subject: Subject, _item: str) -> Done:
    return reviews.criticise(system(), asking, subject, forms.read_text("text"))


def _answer(asking: Asking, subject: Subject, item: str) -> Done:
    return reviews.answer(system(), asking, subject, item, forms.read_text("text"))


def _suggest(asking: Asking, subject: Subject, _item: str) -> Done:
    return meetings.suggest_point(system(), asking, subject, forms.read_text("text"))


def _answer_point(asking: Asking, subject: Subject, item: str) -> Done:
    return meetings.answer_point(system(), asking, subject, item, forms.read_text("text"))


def _answer_notice(asking: Asking, subject: Subject, _item: str) -> Done:
    return ratings.answer_notice(system(), asking, subject, forms.read_text("text"))


def _make_statement(asking: Asking, subject: Subject, _item: str) -> Done:
    return ratings.make_statement(system(), asking, subject, forms.read_text("text"))


def _marks(state: review.State, given: Answers) -> Marks:
    """Return what members gave themselves.

    Raises:
        FormInvalid: a number that is none, or above what the rulebook gives.
    """
    rulebook = rules_of(state).rulebook
    points = {
        each.id: forms.read_number(f"points-{each.id}", most=each.points_max)
        for each in rulebook.criteria_for(_group(state))
        if request.form.get(f"points-{each.id}", "").strip()
    }
    level = request.form.get("level", "")
    if level and level not in {each.id for each in rulebook.levels}:
        raise FormInvalid({"level": say("forms.choice")})
    return Marks(points=points, level=level, degrees=given.degrees, sheet=given.sheet)


def _draft_name(form: Form, subject: Subject, item: str) -> str:
    return drafts.name_of(form.name, subject.period, subject.member_id, item)


def _save(form: Form, subject: Subject, item: str) -> datetime:
    """Keep what was typed. Raises Unseen, Forbidden, CommandRejected, DraftTooLong."""
    state, _ = see_review(subject, form.action)
    blank = _blank_for(form, state, request.form)
    known = {"text", "level"} | (blank.names if blank else frozenset())
    fields = {
        name: text
        for name, text in request.form.items()
        if name in known or name.startswith("points-")
    }
    criticised = state if form.action is Action.CRITICISE else None
    return drafting.save(_draft_name(form, subject, item), subject, fields, criticised=criticised)


def _address(form: Form, subject: Subject, item: str) -> str:
    query = f"?{ITEM}={item}" if item else ""
    return f"{step_pages.of_review(subject)}/write/{form.name}{query}"


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("commitment", Action.COMMIT, _commit),
        Form(drafts.SELF_CRITIQUE, Action.SUBMIT_SELF_CRITIQUE, _submit, with_marks=True),
        Form("criticism", Action.CRITICISE, _criticise),
        Form("answer", Action.ANSWER, _answer, answers="criticism"),
        Form("point", Action.SUGGEST_POINT, _suggest),
        Form("point-answer", Action.ANSWER, _answer_point, answers="point"),
        Form("notice-answer", Action.ANSWER_NOTICE, _answer_notice, answers="rating"),
        Form("statement", Action.MAKE_STATEMENT, _make_statement),
    )
}
