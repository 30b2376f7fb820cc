"""What waits for the reader: a list with the item beside it, many at once, and the next one after.

Urgent first. The item shows what is needed to decide; the deed itself is a form of its own page or
stands right here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from flask import Response, request
from markupsafe import Markup

from events.definitions.records import Period
from events.domain import escalation, plan, review
from events.errors import TusoiError
from events.identifiers import MemberId, UnitId, escalation_stream
from services.access.roles import Action, may
from services.access.tokens import NotAuthenticated
from services.commands import escalations, meetings, milestones, ratings
from services.commands.media_types import TAKEN
from services.commands.milestones import MilestoneOf
from services.commands.reviews import Subject
from services.commands.work import Asking, Done
from services.read_models import desk
from services.read_models.desk import Waiting
from services.read_models.states import YEAR
from services.web import names, person, session
from services.web.api.asked import heads_of, plan_seen, review_seen
from services.web.context import system
from services.web.languages import say
from services.web.moments import Due, due
from services.web.pages import forms
from services.web.pages.forms import Refusal
from services.web.pages.frame import pages, redirect, show, true_at, typed_back
from services.web.pages.plan import opened_words
from services.web.pages.review import OPEN_WORDS, rules_of

ROWS_MAX = desk.ROWS_MAX


class Row(NamedTuple):
    """One thing that waits, as the list shows it."""

    address: str  # of the item beside the list
    waiting: Waiting
    name: str | Markup
    unit: str
    due: Due | None


class Outcome(NamedTuple):
    """What became of one row of many."""

    row: Row
    refusal: Refusal | None  # None: it is done


@pages.get("/inbox")
def show_inbox() -> Response:
    """Return what waits for the reader, and the first item beside it."""
    return _shown(None)


@pages.get("/inbox/<kind>/<key>/<step>")
def show_item(kind: str, key: str, step: str) -> Response:
    """Return the list with one of its items."""
    return _shown((kind, key, step, request.args.get("item", "")))


@pages.post("/escalations/<cause>/acknowledgement")
def take_up(cause: str) -> Response:
    """Take up an escalation that lies before the reader."""

    def do() -> Done:
        text = forms.words("text", needed=False)
        return escalations.acknowledge(system(), forms.asking(), cause, text or None)

    def again(refusal: Refusal) -> Response:
        chosen = ("escalation", cause, escalation.ACKNOWLEDGEMENT, "")
        return _shown(chosen, refusal=refusal, typed=request.form)

    then = session.local_path(request.form.get("then") or "/inbox")
    return forms.send(do, then=then, says="acknowledgement", again=again)


@pages.post("/inbox/many")
def act_on_many() -> Response:
    """Show what would be done to the rows that were picked; when it is confirmed, do it.

    Each row is a command of its own: one that is refused stops no other.
    """
    picked = set(request.form.getlist("row"))
    rows = [row for row in _rows() if row.address in picked and row.waiting.step in AT_ONCE]
    if not rows:
        return redirect("/inbox")
    outcomes = None
    if "confirmed" in request.form:
        outcomes = [Outcome(row, _tried(row.waiting)) for row in rows]
    return show(
        "inbox_many.html",
        rows=rows,
        outcomes=outcomes,
        seen={row.address: _evidence_version(row.waiting) for row in rows},
        position=true_at(*YEAR),
    )


def _shown(
    chosen: tuple[str, str, str, str] | None,
    *,
    refusal: Refusal | None = None,
    typed: Mapping[str, str] | None = None,
) -> Response:
    rows = _rows()
    at = next((row for row in rows if chosen and _is(row.waiting, chosen)), None)
    if chosen is None and rows:
        at = rows[0]
    tones = [row.due.tone for row in rows if row.due]
    following = _following(rows, at)
    return show(
        "inbox.html",
        status=refusal.status if refusal else 200,
        rows=rows,
        at=at,
        me=person.person().member_id,
        chosen=chosen is not None,
        gone=chosen is not None and at is None,
        item=_item(at.waiting) if at else {},
        late=tones.count("late"),
        soon=tones.count("soon"),
        at_once=AT_ONCE,
        then=following.address if following else "/inbox",
        refusal=refusal,
        typed=typed or {},
        typed_back=typed_back,
        media_types=TAKEN,
        undo=_undo(),
        full=len(rows) >= ROWS_MAX,
        position=true_at(*YEAR),
    )


def _rows() -> list[Row]:
    """Return what waits for the reader, with names; the most urgent first."""
    who = person.person()
    if who.member_id is None:
        return []
    units = {unit_id for unit_id, _ in who.offices}
    found = desk.inbox(system().store.database, who.member_id, units)
    called = names.of_subjects(each.member_id for each in found)
    units_called = names.of_units(each.unit_id for each in found)
    return [
        Row(
            _address(each),
            each,
            called.get(each.member_id, say("year.somebody")),
            units_called.get(each.unit_id, ""),
            due(each.due_at) if each.due_at else None,
        )
        for each in found
    ]


def _is(waiting: Waiting, chosen: tuple[str, str, str, str]) -> bool:
    kind, key, step, item = chosen
    named = (waiting.kind, waiting.id, waiting.step) == (kind, key, step)
    return named and (not item or item == waiting.item)


def _address(waiting: Waiting) -> str:
    item = f"?item={waiting.item}" if waiting.item else ""
    return f"/inbox/{waiting.kind}/{waiting.id}/{waiting.step}{item}"


def _following(rows: Sequence[Row], at: Row | None) -> Row | None:
    """Return the item that opens after this one was decided."""
    others = [row for row in rows if row is not at]
    if at is None or not others:
        return None
    place = rows.index(at)
    return others[min(place, len(others) - 1)]


def _subject(waiting: Waiting) -> Subject:
    return Subject(Period(waiting.period), MemberId(waiting.member_id))


def _item(waiting: Waiting) -> dict[str, Any]:
    """Return what is shown of one thing that waits."""
    subject = _subject(waiting)
    match waiting.kind:
        case "plan":
            return _of_plan(waiting, subject)
        case "escalation":
            return _of_escalation(waiting)
        case _:
            state, roles = review_seen(subject)
            criticised = may(Action.READ_WORDS, roles) and bool(state.criticisms)
            return {"subject": subject, "state": state, "rules": rules_of(state).rulebook} | {
                "criticised": criticised
            }


def _of_plan(waiting: Waiting, subject: Subject) -> dict[str, Any]:
    state, roles = plan_seen(subject)
    opens = may(Action.READ_PLAN, roles) and request.args.get("words") == OPEN_WORDS
    return {
        "subject": subject,
        "state": state,
        "milestone": state.milestone(waiting.item or ""),
        "count": len(state.milestones),
        "said": opened_words(subject, state, roles) if opens else None,
    }


def _of_escalation(waiting: Waiting) -> dict[str, Any]:
    state = escalation.fold(system().store.read_stream(escalation_stream(waiting.id)).events)
    return {"subject": _subject(waiting), "state": state, "laid": state.laid}


def _undo() -> str:
    """Return the plan in which the reader's last verdict may be taken back, after it was given."""
    given = request.args.get("undo", "")
    return given if session.local_path(given) == given and given.startswith("/plans/") else ""


def _tried(waiting: Waiting) -> Refusal | None:
    """Do to one row what is legal for it; return what stands against it, if anything does."""
    asking = person.asking_for({"many": _address(waiting)}, seen=None, key=_key_of(waiting))
    try:
        forms.settle(AT_ONCE[waiting.step](asking, waiting))
    except NotAuthenticated:
        raise
    except TusoiError as error:
        return forms.refusal(error)
    return None


def _key_of(waiting: Waiting) -> str | None:
    """Return the key of one row: the form's own, so that it is done once however often sent."""
    key = request.form.get("key")
    return f"{key}-{_address(waiting)}"[:200] if key else None


def _announce(asking: Asking, waiting: Waiting) -> Done:
    return ratings.announce_rating(system(), asking, _subject(waiting))


def _hold(asking: Asking, waiting: Waiting) -> Done:
    """Tell that the next place's meeting was held; its comment is written on a form of its own."""
    subject = _subject(waiting)
    state, _ = review_seen(subject)
    place = next(iter(state.places_left()), UnitId(waiting.unit_id))
    return meetings.hold_meeting(system(), asking, subject, place, heads_of(place), None)


def _take_up(asking: Asking, waiting: Waiting) -> Done:
    return escalations.acknowledge(system(), asking, waiting.id, None)


def _approve(asking: Asking, waiting: Waiting) -> Done:
    """Approve a milestone on the evidence that was there when this was to be confirmed."""
    seen = request.form.get(f"seen {_address(waiting)}", "")
    which = MilestoneOf(_subject(waiting), waiting.item or "")
    version = int(seen) if forms.DIGITS.fullmatch(seen) else 0
    return milestones.approve_milestone(system(), asking, which, version, None)


def _evidence_version(waiting: Waiting) -> int:
    """Return the version of the newest evidence for what waits; 0 where there is none."""
    if waiting.step != plan.EVIDENCE_REVIEW:
        return 0
    state, _ = plan_seen(_subject(waiting))
    milestone = state.milestone(waiting.item or "")
    return milestone.evidence[-1].version if milestone and milestone.evidence else 0


AT_ONCE: Mapping[str, Callable[[Asking, Waiting], Done]] = {
    review.MEETING: _hold,
    review.ANNOUNCEMENT: _announce,
    escalation.ACKNOWLEDGEMENT: _take_up,
    plan.EVIDENCE_REVIEW: _approve,
}
