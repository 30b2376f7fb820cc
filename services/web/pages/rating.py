"""How a rating comes about on pages: proposed, with a trial before, and announced."""

from collections.abc import Mapping

from flask import Response, request
from markupsafe import Markup

from events.domain.review import counted_facts, explanation, review
from events.domain.review.explanation import Explanation
from events.domain.review.writing_steps import opened_review
from events.domain.rulebook.rating import FactsOutOfRange
from events.domain.rulebook.rulebook import FIGURE_MAX
from events.domain.steps import Step
from services.access.roles import Action
from services.commands import ratings
from services.commands.work import Done
from services.queries import year_counts
from services.queries.year_counts import Counted
from services.subject import Subject
from services.web.asking.visibility import see_review, subject_of
from services.web.context import system
from services.web.pages.parts import forms, step_forms
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages
from services.web.pages.parts.opened import is_all_asked, is_asked, own_marks, words_of_review
from services.web.pages.parts.own_words import own_words
from services.web.pages.parts.rules import rules_of
from services.web.pages.parts.step_forms import Fields
from services.web.saying.languages import reader_language


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
    return step_forms.show_form(
        "proposal.html",
        subject,
        state,
        typed,
        refusal,
        rulebook=rulebook,
        group=group,
        figures=counted_facts.figures_to_type(rulebook, group),
        labels=_labels(state),
        trial=trial,
        why=trial,
        said=said,
        marks=own_marks(said, rulebook),
        own=own_words(state, said),
        due_at=state.deadlines.due_at(Step.PROPOSAL),
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


def _announcement_form(subject: Subject, refusal: Refusal | None = None) -> Response:
    state, _ = step_forms.others_review(subject, Action.ANNOUNCE_RATING)
    rulebook = rules_of(state).rulebook
    level = state.decision.fact.level if state.decision else None
    return step_forms.show_form(
        "announcement.html",
        subject,
        state,
        {},
        refusal,
        rulebook=rulebook,
        level=rulebook.level(level).label.of(reader_language()) if level else "",
        collective=state.collective,
        noticed=state.announcement.at if state.announcement else None,
        opens_plan=rulebook.demands_plan(level),
        due_at=state.deadlines.due_at(Step.ANNOUNCEMENT),
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
