"""How a rating comes about on pages: propose with a trial, decide, announce, move a deadline."""

import functools
from collections.abc import Mapping

from flask import Response, request
from markupsafe import Markup

from events.definitions.entry import Recorded
from events.domain.aggregate.rejections import CommandRejected
from events.domain.review import counted_facts, explanation, rating_steps, review
from events.domain.review.explanation import Explanation
from events.domain.review.writing_steps import opened_review
from events.domain.rulebook.rating import FactsOutOfRange
from events.domain.rulebook.rulebook import FIGURE_MAX, OFFICES
from events.domain.steps import Step
from events.identifiers import Stream
from services.access.roles import TAKING, Action
from services.commands import ratings
from services.commands.work import Done
from services.queries import year_counts
from services.queries.year_counts import Counted
from services.read_models import roster
from services.subject import Subject
from services.web.asking import person
from services.web.asking.visibility import see_review, subject_of
from services.web.context import system
from services.web.pages.parts import forms, step_forms, step_pages
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import error_text, pages, show
from services.web.pages.parts.opened import is_all_asked, is_asked, own_marks, words_of_review
from services.web.pages.parts.own_words import own_words
from services.web.pages.parts.people import name_of
from services.web.pages.parts.rules import explanation_of, rules_of
from services.web.pages.parts.step_forms import Fields
from services.web.saying import names
from services.web.saying.languages import reader_language

VERBS = {Step.APPRAISAL: "appraise", Step.DECISION: "decide"}  # in what pages say


@pages.get("/reviews/<period>/<member_id>/proposal")
def show_proposal_form(period: str, member_id: str) -> Response:
    """Return the form by which a unit lays down points and figures."""
    return _proposal_form(subject_of(period, member_id), {})


@pages.post("/reviews/<period>/<member_id>/proposal")
def send_proposal(period: str, member_id: str) -> Response:
    """Show what the rulebook would make of it, or what was said, or take it as a proposal."""
    subject = subject_of(period, member_id)
    if is_all_asked():
        return _proposal_form(subject, {})
    if "try" in request.form:
        return _try_out(subject)

    def do() -> Done:
        state, _ = see_review(subject, Action.PROPOSE_RATING)
        counted, text = _read_counted(state), forms.read_text("text", needed=False)
        return ratings.propose_rating(system(), forms.asking(), subject, counted, text or None)

    return step_forms.send(subject, do, _proposal_form, "proposal")


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
        asking = forms.asking()
        return ratings.judge_rating(step, system(), asking, subject, level, version, text)

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


@pages.get("/reviews/<period>/<member_id>/announcement")
def show_announcement_form(period: str, member_id: str) -> Response:
    """Return the form by which notice is given."""
    return _announcement_form(subject_of(period, member_id))


@pages.post("/reviews/<period>/<member_id>/announcement")
def send_announcement(period: str, member_id: str) -> Response:
    """Give notice of the rating."""
    subject = subject_of(period, member_id)
    return forms.send(
        lambda: ratings.announce_rating(system(), forms.asking(), subject),
        then=step_forms.onward(subject),
        says="announcement",
        again=lambda refusal: _announcement_form(subject, refusal),
    )


def _proposal_form(
    subject: Subject,
    typed: Fields,
    refusal: Refusal | None = None,
    trial: Explanation | None = None,
) -> Response:
    state, roles = step_forms.others_review(subject, Action.PROPOSE_RATING)
    opens = is_asked()
    said = words_of_review(subject, state, roles) if opens else None
    rulebook, group = rules_of(state).rulebook, opened_review(state).group or ""
    return show(
        "proposal.html",
        status=refusal.status if refusal else 200,
        subject=subject,
        name=name_of(subject.member_id),
        rulebook=rulebook,
        group=group,
        figures=counted_facts.figures_to_type(rulebook, group),
        labels=_labels(state),
        typed=typed,
        refusal=refusal,
        trial=trial,
        why=trial,
        said=said,
        marks=own_marks(said, rulebook),
        own=own_words(state, said),
        state=state,
        due_at=state.deadlines.due_at(Step.PROPOSAL),
        version=forms.form_version(state.version, refusal),
        address=step_pages.of_review(subject),
        then=request.values.get("then", ""),
    )


def _try_out(subject: Subject) -> Response:
    """Return the form with what the rulebook would make of what is typed; nothing is recorded."""
    state, _ = step_forms.others_review(subject, Action.PROPOSE_RATING)
    rules = rules_of(state)
    try:
        counted = _read_counted(state)
        facts, outcome = year_counts.trial_of(system(), opened_review(state), counted)
    except (FormInvalid, FactsOutOfRange) as error:
        return _proposal_form(subject, request.form, forms.refusal(error))
    trial = explanation.explain(rules.rulebook, facts, outcome, reader_language())
    return _proposal_form(subject, request.form, trial=trial)


def _verdict_form(
    step: Step, subject: Subject, typed: Fields, refusal: Refusal | None = None
) -> Response:
    """Return the form on which a level is said of a proposal: to advise, or to decide."""
    state, roles = step_forms.others_review(subject, TAKING[step])
    opens = is_asked()
    rulebook = rules_of(state).rulebook
    said = words_of_review(subject, state, roles) if opens else None
    return show(
        "decision.html",
        status=refusal.status if refusal else 200,
        subject=subject,
        name=name_of(subject.member_id),
        rulebook=rulebook,
        typed=typed,
        refusal=refusal,
        barred=_why_barred(state, step),
        others=_names_of_others(state, step),
        moved=_what_moved(state),
        why=explanation_of(state, state.proposal),
        said=said,
        marks=own_marks(said, rulebook),
        own=own_words(state, said),
        state=state,
        due_at=state.deadlines.due_at(step),
        step=step,
        verb=VERBS[step],
        version=forms.form_version(state.version, refusal),
        address=step_pages.of_review(subject),
        then=request.values.get("then", ""),
    )


def _what_moved(state: review.State) -> str:
    """Return what the log tells otherwise by now of what a proposal counted; empty for nothing."""
    if state.proposal is None:
        return ""
    opened, rulebook = opened_review(state), rules_of(state).rulebook
    now = year_counts.facts_since(system(), _events, opened, state.proposal)
    labels = rulebook.labels()
    moved = rating_steps.moved_since(state.proposal.fact.facts, now)
    return ", ".join(labels[each].of(reader_language()) for each in moved)


def _events(stream: Stream) -> tuple[Recorded, ...]:
    return system().store.read_stream(stream).events


def _why_barred(state: review.State, step: Step) -> Markup | None:
    """Return why the reader may not take a step that others of their office may."""
    reader = person.person().member_id
    rejection = state.barred_from(step).get(reader) if reader else None
    return error_text(CommandRejected(rejection)) if rejection else None


def _names_of_others(state: review.State, step: Step) -> str:
    """Return who may take a step by an office, as lists tell; empty where nobody is known to."""
    unit_id, barred = next(iter(state.takers(step)), None), state.barred_from(step)
    if unit_id is None:
        return ""
    holders = roster.holders(system().store.database, unit_id, OFFICES, state.path[-1])
    left = [
        each for each in holders if each not in barred and each != opened_review(state).member_id
    ]
    return ", ".join(sorted(map(str, names.of_subjects(left).values())))


def _announcement_form(subject: Subject, refusal: Refusal | None = None) -> Response:
    state, _ = step_forms.others_review(subject, Action.ANNOUNCE_RATING)
    rulebook = rules_of(state).rulebook
    level = state.decision.fact.level if state.decision else None
    return show(
        "announcement.html",
        status=refusal.status if refusal else 200,
        subject=subject,
        name=name_of(subject.member_id),
        refusal=refusal,
        level=rulebook.level(level).label.of(reader_language()) if level else "",
        collective=state.collective,
        noticed=state.announcement.at if state.announcement else None,
        opens_plan=level in rulebook.plan.required_at,
        due_at=state.deadlines.due_at(Step.ANNOUNCEMENT),
        version=forms.form_version(state.version, refusal),
        address=step_pages.of_review(subject),
        then=request.values.get("then", ""),
    )


def _read_counted(state: review.State) -> Counted:
    """Return the points and figures typed. Raises FormInvalid with every number that is none."""
    wrong: dict[str, Markup] = {}
    rulebook, group = rules_of(state).rulebook, opened_review(state).group or ""
    criteria, asked = rulebook.criteria_for(group), counted_facts.figures_to_type(rulebook, group)
    points = {e.id: _number(f"points-{e.id}", e.points_max, wrong) for e in criteria}
    figures = {e.id: _number(f"figures-{e.id}", FIGURE_MAX, wrong) for e in asked}
    if wrong:
        raise FormInvalid(wrong)
    return Counted(points, figures)


def _labels(state: review.State) -> Mapping[str, str]:
    """Return what the fields of points and figures are called, by their names."""
    rulebook, group = rules_of(state).rulebook, opened_review(state).group or ""
    points = {f"points-{e.id}": e.label.of(reader_language()) for e in rulebook.criteria_for(group)}
    return points | {
        f"figures-{e.id}": e.label.of(reader_language()) for e in rulebook.figures_for(group)
    }


def _number(name: str, most: int, wrong: dict[str, Markup]) -> int:
    try:
        return forms.read_number(name, most=most)
    except FormInvalid as error:
        wrong |= error.fields
        return 0
