"""A step is given another deadline, or is waived once it is late; each with its ground."""

from collections.abc import Iterable

from flask import Response, request

from events.definitions.records import Due
from events.domain.review import review, waiving, writing_steps
from services.access.roles import Action
from services.commands import deadlines
from services.commands.work import Done
from services.subject import Subject
from services.web.asking.visibility import reader_of, subject_of
from services.web.context import system
from services.web.pages.parts import forms, step_forms
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import pages
from services.web.pages.parts.posts import step_name
from services.web.pages.parts.rules import rules_of
from services.web.pages.parts.step_forms import Fields
from services.web.saying.moments import day as in_words


@pages.get("/reviews/<period>/<member_id>/deadline")
def show_deadline_form(period: str, member_id: str) -> Response:
    """Return the form by which a step is given another deadline."""
    return _deadline_form(subject_of(period, member_id), {})


@pages.post("/reviews/<period>/<member_id>/deadline")
def send_deadline(period: str, member_id: str) -> Response:
    """Move a deadline, with its ground."""
    subject = subject_of(period, member_id)

    def do() -> Done:
        step, item = _step_chosen()
        day, text = forms.day("day"), forms.read_text("text")
        return deadlines.move_deadline(system(), forms.asking(), subject, step, day, text, item)

    return step_forms.send(subject, do, _deadline_form, "deadline")


def _deadline_form(subject: Subject, typed: Fields, refusal: Refusal | None = None) -> Response:
    state, _ = step_forms.others_review(subject, Action.MOVE_DEADLINE)
    reader = reader_of(state)
    by = reader.hand_for(state.units_above)
    running = writing_steps.movable(state, reader.offices_of(by))
    return step_forms.show_form(
        "deadline.html",
        subject,
        state,
        typed,
        refusal,
        rulebook=rules_of(state).rulebook,
        running=_choices(running, state),
    )


@pages.get("/reviews/<period>/<member_id>/waiver")
def show_waiver_form(period: str, member_id: str) -> Response:
    """Return the form by which the year goes on without a step that was late."""
    return _waiver_form(subject_of(period, member_id), {})


@pages.post("/reviews/<period>/<member_id>/waiver")
def send_waiver(period: str, member_id: str) -> Response:
    """Go on without a step that was late, with the reason."""
    subject = subject_of(period, member_id)

    def do() -> Done:
        step, item = _step_chosen()
        text = forms.read_text("text")
        return deadlines.waive_step(system(), forms.asking(), subject, step, item, text)

    return step_forms.send(subject, do, _waiver_form, "waiver")


def _waiver_form(subject: Subject, typed: Fields, refusal: Refusal | None = None) -> Response:
    state, _ = step_forms.others_review(subject, Action.WAIVE_STEP)
    late = waiving.left_to_authority(state, rules_of(state).rulebook)
    return step_forms.show_form(
        "waiver.html",
        subject,
        state,
        typed,
        refusal,
        late=_choices(late, state),
    )


def _choices(dues: Iterable[Due], state: review.State) -> list[tuple[str, str]]:
    """Return steps of which one is chosen, each with the day on which it is due now."""
    rulebook = rules_of(state).rulebook
    return [
        (
            f"{each.step} {each.item}".strip(),
            f"{step_name(rulebook, each.step, each.item)} ({in_words(each.due_at)})",
        )
        for each in dues
    ]


def _step_chosen() -> tuple[str, str]:
    """Return which step was chosen, and of several of a kind which."""
    step, _, item = request.form.get("step", "").partition(" ")
    return step, item
