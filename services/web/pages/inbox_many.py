"""Many things at once that wait for the reader: summed up first, then done, each by itself."""

from collections.abc import Callable, Mapping
from typing import NamedTuple

from flask import Response, request

from events.domain.steps import Step
from events.errors import TusoiError
from events.identifiers import UnitId
from services.access.tokens import NotAuthenticated
from services.commands import escalations, meetings, milestones, ratings
from services.commands.milestones import MilestoneOf
from services.commands.work import Asking, Done
from services.read_models.inbox import Waiting
from services.read_models.states import YEAR
from services.web.asking import person
from services.web.asking.visibility import heads_of, plan_seen, review_seen
from services.web.context import system
from services.web.pages.parts import forms
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import pages, redirect, show, true_at
from services.web.pages.parts.waiting import Row, address, all_waiting, concerned, rows_of


class Outcome(NamedTuple):
    """What became of one row of many."""

    row: Row
    refusal: Refusal | None  # None: it is done


@pages.post("/inbox/many")
def act_on_many() -> Response:
    """Show what would be done to the rows that were picked; when it is confirmed, do it.

    Each row is a command of its own: one that is refused stops no other.
    """
    picked = set(request.form.getlist("row"))
    found = [each for each in all_waiting() if each.step in AT_ONCE and address(each) in picked]
    rows = rows_of(found)
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


def _tried(waiting: Waiting) -> Refusal | None:
    """Do to one row what is legal for it; return what stands against it, if anything does."""
    asking = person.asking_for({"many": address(waiting)}, seen=None, key=_key_of(waiting))
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
    return f"{key}-{address(waiting)}"[:200] if key else None


def _announce(asking: Asking, waiting: Waiting) -> Done:
    return ratings.announce_rating(system(), asking, concerned(waiting))


def _hold(asking: Asking, waiting: Waiting) -> Done:
    """Tell that the next place's meeting was held; its comment is written on a form of its own."""
    subject = concerned(waiting)
    state, _ = review_seen(subject)
    place = next(iter(state.places_left()), UnitId(waiting.unit_id))
    return meetings.hold_meeting(system(), asking, subject, place, heads_of, None)


def _take_up(asking: Asking, waiting: Waiting) -> Done:
    return escalations.acknowledge(system(), asking, waiting.id, None)


def _approve(asking: Asking, waiting: Waiting) -> Done:
    """Approve a milestone on the evidence that was there when this was to be confirmed."""
    seen = request.form.get(f"seen {address(waiting)}", "")
    which = MilestoneOf(concerned(waiting), waiting.item or "")
    version = int(seen) if forms.DIGITS.fullmatch(seen) else 0
    return milestones.approve_milestone(system(), asking, which, version, None)


def _evidence_version(waiting: Waiting) -> int:
    """Return the version of the newest evidence for what waits; 0 where there is none."""
    if waiting.step != Step.EVIDENCE_REVIEW:
        return 0
    state, _ = plan_seen(concerned(waiting))
    milestone = state.milestone(waiting.item or "")
    return milestone.evidence[-1].version if milestone and milestone.evidence else 0


AT_ONCE: Mapping[str, Callable[[Asking, Waiting], Done]] = {
    Step.MEETING: _hold,
    Step.ANNOUNCEMENT: _announce,
    Step.ACKNOWLEDGEMENT: _take_up,
    Step.EVIDENCE_REVIEW: _approve,
}
