"""A review meeting is told, and a decided review is opened again: forms of an office."""

from flask import Response, request

from events.domain.review.writing_steps import opened_review
from events.domain.rulebook.grounds import Needs
from events.domain.steps import Step
from events.identifiers import UnitId
from services.access.roles import Action, owns
from services.commands import meetings, ratings
from services.commands.work import Done
from services.queries import year_counts
from services.subject import Subject
from services.web.asking.visibility import heads_of, reader_of, subject_of
from services.web.context import system
from services.web.pages.parts import forms, grounds, step_forms
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages
from services.web.pages.parts.opened import is_all_asked, is_asked, own_marks, words_of_review
from services.web.pages.parts.own_words import own_words
from services.web.pages.parts.rules import rules_of
from services.web.pages.parts.step_forms import Fields
from services.web.saying import names
from services.web.saying.languages import say


@pages.get("/reviews/<period>/<member_id>/meeting")
def show_meeting_form(period: str, member_id: str) -> Response:
    """Return the form by which a unit tells that it held somebody's review."""
    return _meeting_form(subject_of(period, member_id), {})


@pages.post("/reviews/<period>/<member_id>/meeting")
def send_meeting(period: str, member_id: str) -> Response:
    """Take that a meeting was held, with its comment; or open what was said."""
    subject = subject_of(period, member_id)
    if is_all_asked():
        return _meeting_form(subject, {})

    def do() -> Done:
        place, text = UnitId(request.form.get("place", "")), forms.read_text("text", needed=False)
        asking = forms.asking()
        return meetings.hold_meeting(system(), asking, subject, place, heads_of, text or None)

    return step_forms.send(subject, do, _meeting_form, "meeting")


@pages.get("/reviews/<period>/<member_id>/reopening")
def show_reopening_form(period: str, member_id: str) -> Response:
    """Return the form by which the authority has a review rated again."""
    return _reopening_form(subject_of(period, member_id), {})


@pages.post("/reviews/<period>/<member_id>/reopening")
def send_reopening(period: str, member_id: str) -> Response:
    """Open a decided review again."""
    subject = subject_of(period, member_id)

    def do() -> Done:
        state, _ = step_forms.others_review(subject, Action.REOPEN_REVIEW)
        ground = rules_of(state).rulebook.reopening_on(request.form.get("ground", ""))
        if ground is None:
            raise FormInvalid({"ground": say("forms.choice")})
        of_words = ground.needs is Needs.WORDS
        text = forms.read_text("text", needed=of_words)
        decision = "" if of_words else forms.read_text("decision")
        asking = forms.asking()
        return ratings.reopen_review(
            system(), asking, subject, ground.id, decision or None, text or None
        )

    return step_forms.send(subject, do, _reopening_form, "reopening")


def _meeting_form(subject: Subject, typed: Fields, refusal: Refusal | None = None) -> Response:
    state, roles = step_forms.others_review(subject, Action.HOLD_MEETING)
    opens = owns(roles) or (is_asked() and "place" not in request.form)
    said = words_of_review(subject, state, roles) if opens else None
    who, top = reader_of(state), state.path[-1]
    mine = [unit for unit in state.venues_left() if who.hand_for((unit, top), Step.MEETING)]
    return step_forms.show_form(
        "meeting.html",
        subject,
        state,
        typed,
        refusal,
        rulebook=rules_of(state).rulebook,
        choices=sorted(names.of_units(mine).items(), key=lambda each: each[1]),
        said=said,
        marks=own_marks(said, rules_of(state).rulebook),
        own=own_words(state, said),
        due_at=state.deadlines.due_at("meeting"),
        then=request.values.get("then", ""),
    )


def _reopening_form(subject: Subject, typed: Fields, refusal: Refusal | None = None) -> Response:
    state, _ = step_forms.others_review(subject, Action.REOPEN_REVIEW)
    proposal = state.proposal.version if state.proposal else None
    store, opened = system().store, opened_review(state)
    since = year_counts.disciplines_since(store, store.events, opened, proposal)
    there = {Needs.LATE_DISCIPLINE: since.late, Needs.DISCIPLINE_LIFTED: since.lifted}
    theirs = list(grounds.open_to_reader(state))
    open_now = [each for each in theirs if there.get(each.needs, (each.id,))]
    return step_forms.show_form(
        "reopening.html",
        subject,
        state,
        typed,
        refusal,
        grounds=[(each.id, grounds.called_until(state, each)) for each in open_now],
        asks_discipline=any(each.needs in there for each in theirs),
        has_discipline=bool(since.late or since.lifted),  # whose number nobody is shown here
    )
