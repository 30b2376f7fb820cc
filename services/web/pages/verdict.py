"""A proposal is appraised, decided on, or given back, on pages of those who look at it."""

import functools

from flask import Response, request

from events.domain.aggregate.rejections import CommandRejected
from events.domain.review import bounds, review
from events.domain.review.writing_steps import opened_review
from events.domain.rulebook import rating
from events.domain.rulebook.rulebook import Limit
from events.domain.steps import Step
from services.access.roles import TAKING
from services.commands import ratings
from services.commands.work import Done
from services.queries import year_counts
from services.subject import Subject
from services.web.asking.visibility import reader_of, subject_of
from services.web.context import system
from services.web.pages.parts import forms, step_forms, turns
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import error_text, pages
from services.web.pages.parts.opened import is_all_asked, is_asked, own_marks, words_of_review
from services.web.pages.parts.own_words import own_words
from services.web.pages.parts.rules import explanation_of, rules_of
from services.web.pages.parts.step_forms import Fields
from services.web.pages.parts.takers import names_able
from services.web.saying.languages import reader_language

WEIGHED = "weighed-"  # begins the fields in which a ground is named, by limit
VERBS = {Step.APPRAISAL: "appraise", Step.DECISION: "decide"}  # in what pages say


@pages.get("/reviews/<period>/<member_id>/appraisal", defaults={"step": Step.APPRAISAL})
@pages.get("/reviews/<period>/<member_id>/decision", defaults={"step": Step.DECISION})
def show_verdict_form(period: str, member_id: str, step: Step) -> Response:
    """Return the form by which the authority is advised on a proposal, or decides on it."""
    return _verdict_form(step, subject_of(period, member_id), {})


@pages.post("/reviews/<period>/<member_id>/appraisal", defaults={"step": Step.APPRAISAL})
@pages.post("/reviews/<period>/<member_id>/decision", defaults={"step": Step.DECISION})
def send_verdict(period: str, member_id: str, step: Step) -> Response:
    """Take advice, or the decision, on the proposal that was looked at; or open what was said."""
    subject = subject_of(period, member_id)
    if is_all_asked():
        return _verdict_form(step, subject, {})

    def do() -> Done:
        level, version = request.form.get("level", ""), forms.read_number("proposal_version")
        text = forms.read_text("text", needed=False) or None
        asking, grounds, item = forms.asking(), _grounds_typed(), request.form.get("item")
        return ratings.judge_rating(
            step, system(), asking, subject, level, version, text, grounds, item or None
        )

    return step_forms.send(subject, do, functools.partial(_verdict_form, step), step)


@pages.post("/reviews/<period>/<member_id>/return")
def send_return(period: str, member_id: str) -> Response:
    """Give the proposal that was looked at back to the unit, with the reason."""
    subject = subject_of(period, member_id)

    def do() -> Done:
        version, text = forms.read_number("proposal_version"), forms.read_text("text")
        return ratings.return_rating(system(), forms.asking(), subject, version, text)

    back = functools.partial(_verdict_form, Step.DECISION)
    return step_forms.send(subject, do, back, "return")


def _verdict_form(
    step: Step, subject: Subject, typed: Fields, refusal: Refusal | None = None
) -> Response:
    """Return the form on which a level is said of a proposal: to advise, or to decide."""
    state, roles = step_forms.others_review(subject, TAKING[step])
    opens = is_asked()
    rulebook = rules_of(state).rulebook
    item = request.values.get("item") or review.item_of(state, step)
    said = words_of_review(subject, state, roles) if opens else None
    barred = turns.why_barred(state, step, item)
    return step_forms.show_form(
        "decision.html",
        subject,
        state,
        typed,
        refusal,
        rulebook=rulebook,
        barred=error_text(CommandRejected(barred)) if barred else None,
        others=names_able(state, step, state.takers(step, item), item),
        moved=_what_moved(state),
        may_weigh=_may_weigh(state) if step is Step.DECISION else (),
        why=explanation_of(state, state.proposal),
        said=said,
        marks=own_marks(said, rulebook),
        own=own_words(state, said),
        due_at=state.deadlines.due_at(step, item),
        step=step,
        which=item,
        verb=VERBS[step],
        then=request.values.get("then", ""),
    )


def _what_moved(state: review.State) -> str:
    """Return what the log tells otherwise by now of what a proposal counted; empty for nothing."""
    if state.proposal is None:
        return ""
    opened, rulebook = opened_review(state), rules_of(state).rulebook
    now = year_counts.facts_since(system(), system().store.events, opened, state.proposal)
    labels = rulebook.labels()
    moved = bounds.moved_since(state.proposal.fact.facts, now)
    return ", ".join(labels[each].of(reader_language()) for each in moved)


def _may_weigh(state: review.State) -> tuple[Limit, ...]:
    """Return the limits that held for a proposal, and that the reader may leave behind."""
    by = reader_of(state).hand_for(state.deciding, Step.DECISION)
    if state.proposal is None or by is None:
        return ()
    held = rating.limits_held(rules_of(state).rulebook, state.proposal.fact.outcome)
    return tuple(e for e in held if e.discretion and bounds.may_weigh(e.discretion, by))


def _grounds_typed() -> dict[str, str]:
    """Return which limits a form leaves behind, and on which ground."""
    typed = (
        (name.removeprefix(WEIGHED), value)
        for name, value in request.form.items()
        if name.startswith(WEIGHED)
    )
    return {limit: ground for limit, ground in typed if ground}
