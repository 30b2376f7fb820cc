"""What can be done to many things that wait at once, each by what was seen of it."""

from collections.abc import Callable, Mapping

from flask import request

from events.domain.plan import plan
from events.domain.steps import Step
from events.identifiers import UnitId
from services.commands import escalations, meetings, milestones, ratings
from services.commands.milestones import MilestoneOf
from services.commands.work import Asking, Done
from services.read_models.inbox import Waiting
from services.web.asking.visibility import heads_of, see_plan, see_review
from services.web.context import system
from services.web.pages.parts import forms
from services.web.pages.parts.opened import unopened_by_reader
from services.web.pages.parts.waiting import address, subject_of


def _announce(asking: Asking, waiting: Waiting) -> Done:
    return ratings.announce_rating(system(), asking, subject_of(waiting))


def _hold(asking: Asking, waiting: Waiting) -> Done:
    """Tell that the next place's meeting was held; its comment is written on a form of its own."""
    subject = subject_of(waiting)
    state, _ = see_review(subject)
    place = next(iter(state.venues_left()), UnitId(waiting.unit_id))
    return meetings.hold_meeting(system(), asking, subject, place, heads_of, None)


def _take_up(asking: Asking, waiting: Waiting) -> Done:
    return escalations.acknowledge(system(), asking, waiting.id, None)


def _approve(asking: Asking, waiting: Waiting) -> Done:
    """Approve a milestone on the evidence that was there when this was to be confirmed."""
    seen = request.form.get(f"seen {address(waiting)}", "")
    which = MilestoneOf(subject_of(waiting), waiting.item or "")
    version = int(seen) if forms.DIGITS.fullmatch(seen) else 0
    return milestones.approve_milestone(system(), asking, which, version, None)


def left_unopened(waiting: Waiting) -> int:
    """Return how much of what would be approved the reader never opened."""
    milestone = _milestone_of(waiting)
    return unopened_by_reader(subject_of(waiting), milestone) if milestone else 0


def _milestone_of(waiting: Waiting) -> plan.Milestone | None:
    if waiting.step != Step.EVIDENCE_REVIEW:
        return None
    state, _ = see_plan(subject_of(waiting))
    return state.milestone(waiting.item or "")


def evidence_version(waiting: Waiting) -> int:
    """Return the version of the newest evidence for what waits; 0 where there is none."""
    milestone = _milestone_of(waiting)
    return milestone.evidence[-1].version if milestone and milestone.evidence else 0


AT_ONCE: Mapping[str, Callable[[Asking, Waiting], Done]] = {
    Step.MEETING: _hold,
    Step.ANNOUNCEMENT: _announce,
    Step.ACKNOWLEDGEMENT: _take_up,
    Step.EVIDENCE_REVIEW: _approve,
}
