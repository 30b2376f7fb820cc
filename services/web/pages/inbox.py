"""What waits for the reader: a list with the item beside it, many at once, and the next one after.

Urgent first. The item shows what is needed to decide; the deed itself is a form of its own page or
stands right here.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Response, request

from events.domain.escalation import escalation
from events.domain.steps import Step, Turn
from events.identifiers import escalation_stream
from services.access.roles import Action, may
from services.commands import escalations
from services.commands.work import Done
from services.read_models import inbox
from services.read_models.inbox import Waiting
from services.read_models.states import YEAR
from services.safekeeping.media_types import TAKEN
from services.subject import Subject
from services.web.asking import person, session
from services.web.asking.visibility import see_plan, see_review
from services.web.context import system
from services.web.pages.parts import forms, step_pages
from services.web.pages.parts.at_once import AT_ONCE
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import pages, show, true_at
from services.web.pages.parts.opened import is_asked, unopened_by_reader, words_of_plan
from services.web.pages.parts.people import actor
from services.web.pages.parts.rules import rules_of
from services.web.pages.parts.waiting import address, all_waiting, dues_of, rows_of, subject_of

ROWS_MAX = inbox.ROWS_MAX
SHOWN_MAX = 50  # of them on one page: what is most urgent is there at once
OF_THE_REVIEWED = frozenset(step for step in Step if step.row.turn is Turn.MEMBER)
PLAN_SHOWS = {Step.PLAN_AGREEMENT: "whole_plan"}  # as what the steps of a plan are shown

Chosen = tuple[str, str, str, str]  # an item by its kind, id, step and part


@pages.get("/inbox")
def show_inbox() -> Response:
    """Return what waits for the reader, and the first item beside it."""
    return _show(None)


@pages.get("/inbox/<kind>/<key>/<step>")
def show_item(kind: str, key: str, step: str) -> Response:
    """Return the list with one of its items."""
    return _show((kind, key, step, request.args.get("item", "")))


@pages.post("/inbox/<kind>/<key>/<step>")
def open_item_words(kind: str, key: str, step: str) -> Response:
    """Return the list with the words of one of its items; that they were read is recorded."""
    return _show((kind, key, step, request.args.get("item", "")))


@pages.post("/escalations/<cause>/acknowledgement")
def take_up(cause: str) -> Response:
    """Take up an escalation that lies before the reader."""

    def do() -> Done:
        text = forms.read_text("text", needed=False)
        return escalations.acknowledge(system(), forms.asking(), cause, text or None)

    def again(refusal: Refusal) -> Response:
        chosen = ("escalation", cause, Step.ACKNOWLEDGEMENT, "")
        return _show(chosen, refusal=refusal, typed=request.form)

    then = session.local_path(request.form.get("then") or "/inbox")
    return forms.send(do, then=then, says="acknowledgement", again=again)


def _show(
    chosen: Chosen | None,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    found = all_waiting()
    place = _index_shown(found, chosen)
    begin = (place or 0) // SHOWN_MAX * SHOWN_MAX
    rows = rows_of(found[begin : begin + SHOWN_MAX])
    at = None if place is None else rows[place - begin]
    dues = dues_of(found)
    tones = [dues[each.due_at].tone for each in found if each.due_at]
    following = _next_item(found, place)
    return show(
        "inbox.html",
        status=refusal.status if refusal else 200,
        count=len(found),
        begin=begin,
        shown_max=SHOWN_MAX,
        rows=rows,
        at=at,
        me=person.person().member_id,
        chosen=chosen is not None,
        gone=chosen is not None and at is None,
        item=_item(at.waiting) if at else {},
        late=tones.count("late"),
        soon=tones.count("soon"),
        actor=actor,
        pickable={r.address for r in rows if _may_be_picked(r.waiting)},
        then=address(following) if following else "/inbox",
        refusal=refusal,
        typed=typed or {},
        media_types=TAKEN,
        undo=_undo(),
        full=len(found) >= ROWS_MAX,
        position=true_at(*YEAR),
    )


def _may_be_picked(waiting: Waiting) -> bool:
    return waiting.step in AT_ONCE and not waiting.away and not waiting.unfollowed


def _index_shown(found: Sequence[Waiting], chosen: Chosen | None) -> int | None:
    """Return which of all that waits is shown beside the list; without a choice the first.

    The first of what is shown: `from` says how many more urgent ones are not.
    """
    if chosen is not None:
        return next((place for place, each in enumerate(found) if _is(each, chosen)), None)
    begin = request.args.get("from", "")
    place = int(begin) if forms.DIGITS.fullmatch(begin) else 0
    return min(place, len(found) - 1) if found else None


def _is(waiting: Waiting, chosen: Chosen) -> bool:
    kind, key, step, item = chosen
    named = (waiting.kind, waiting.id, waiting.step) == (kind, key, step)
    return named and (not item or item == waiting.item)


def _next_item(found: Sequence[Waiting], place: int | None) -> Waiting | None:
    """Return the item that opens after this one was decided."""
    if place is None or len(found) == 1:
        return None
    return found[place + 1 if place + 1 < len(found) else place - 1]


def _item(waiting: Waiting) -> dict[str, Any]:
    """Return what is shown of one thing that waits, and where it may be read and done."""
    subject = subject_of(waiting)
    return _shown_of(waiting, subject) | {
        "goes": step_pages.address(Step(waiting.step), subject, waiting.item or ""),
        "review_address": step_pages.of_review(subject),
        "plan_address": step_pages.of_plan(subject),
        "milestone_address": step_pages.of_milestone(subject, waiting.item or ""),
    }


def _shown_of(waiting: Waiting, subject: Subject) -> dict[str, Any]:
    """Return what is shown of one thing that waits; `shows` says as which of the page's items."""
    match waiting.kind:
        case "plan":
            return _of_plan(waiting, subject)
        case "escalation":
            return _of_escalation(waiting)
        case _:
            state, _ = see_review(subject)
            shows = "own" if waiting.step in OF_THE_REVIEWED else "office"
            return {"shows": shows, "state": state, "rules": rules_of(state).rulebook}


def _of_plan(waiting: Waiting, subject: Subject) -> dict[str, Any]:
    state, roles = see_plan(subject)
    opens = may(Action.READ_PLAN, roles) and is_asked()
    milestone = state.milestone(waiting.item or "")
    reviews = waiting.step == Step.EVIDENCE_REVIEW and not waiting.unfollowed
    judged = reviews and milestone is not None
    said = words_of_plan(subject, state, roles) if opens else None
    return {
        "shows": "evidence" if judged else _shown_as(waiting),
        "state": state,
        "milestone": milestone,
        "count": len(state.milestones),
        "said": said,
        "unopened": unopened_by_reader(subject, milestone) if judged and milestone else 0,
    }


def _shown_as(waiting: Waiting) -> str:
    """Return as what a step of a plan is shown in which no evidence is to be judged here."""
    return "unfollowed" if waiting.unfollowed else PLAN_SHOWS.get(Step(waiting.step), "own")


def _of_escalation(waiting: Waiting) -> dict[str, Any]:
    state = escalation.fold(system().store.read_stream(escalation_stream(waiting.id)).events)
    return {"shows": "escalation", "state": state}


def _undo() -> str:
    """Return the plan in which the reader's last verdict may be taken back, after it was given."""
    given = request.args.get("undo", "")
    return given if session.local_path(given) == given and given.startswith("/plans/") else ""
