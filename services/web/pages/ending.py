"""A year ends without a level, or goes on after that; each with its reason."""

from flask import Response

from events.domain.review import ending
from services.access.roles import Action
from services.commands import deadlines
from services.commands.work import Done
from services.subject import Subject
from services.web.asking.visibility import eyes_of, subject_of
from services.web.context import system
from services.web.pages.parts import forms, step_forms
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import pages
from services.web.pages.parts.step_forms import Fields


@pages.get("/reviews/<period>/<member_id>/end")
def show_ending_form(period: str, member_id: str) -> Response:
    """Return the form by which a year ends without a level, or goes on after that."""
    return _ending_form(subject_of(period, member_id), {})


@pages.post("/reviews/<period>/<member_id>/end")
def send_end(period: str, member_id: str) -> Response:
    """End a year without a level, with the reason."""
    subject = subject_of(period, member_id)

    def do() -> Done:
        return deadlines.end_unrated(system(), forms.asking(), subject, forms.read_text("text"))

    return step_forms.send(subject, do, _ending_form, "end")


@pages.post("/reviews/<period>/<member_id>/resumption")
def send_resumption(period: str, member_id: str) -> Response:
    """Let a year go on that was ended without a level, with the reason."""
    subject = subject_of(period, member_id)

    def do() -> Done:
        return deadlines.undo_unrated(system(), forms.asking(), subject, forms.read_text("text"))

    return step_forms.send(subject, do, _ending_form, "resumption")


def _ending_form(subject: Subject, typed: Fields, refusal: Refusal | None = None) -> Response:
    state, _ = step_forms.others_review(subject, Action.END_REVIEW)
    goes_on = ending.ended_unrated(state)
    return step_forms.show_form(
        "ending.html",
        subject,
        state,
        typed,
        refusal,
        undoes=goes_on,
        may=goes_on or ending.may_end_unrated(state, eyes_of(state)),
    )
