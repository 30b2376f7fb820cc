"""When a decided review is rated again: by its own edition, however late.

A discipline that comes to light later belongs to the year of the fault (QĐ 124, Điều 12.4.5), and
a level may be taken back where a fault was found that it does not fit (Điều 15.3). A discipline
that was found wrong is lifted with all that followed from it, so also what a rating made of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Decision, Sealed
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review.state import State
from events.domain.review.writing_steps import require_made_known, under_way
from events.domain.steps import Step
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.rules import Rules

FAULTS_MAX = 20  # for which one review is reopened; as a ground, a discipline bounds itself


class Ground(StrEnum):
    """Why a review is rated again."""

    LATE_DISCIPLINE = "late_discipline"
    DISCIPLINE_LIFTED = "discipline_lifted"
    FAULT_FOUND = "fault_found"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenReview:
    by: Hand
    ground: Ground
    decision: Sealed[Decision] | UnsetType = UNSET  # of the discipline
    late: Collection[str] = ()  # decisions of the year that the rating did not count, sealed
    lifted: Collection[str] = ()  # those that it counted and that are lifted since
    text: Sealed[str] | UnsetType = UNSET


def reopen_review(
    state: State, command: ReopenReview, rules: Rules, *, now: datetime
) -> ReviewReopened:
    """Return that a review is rated again; what was decided stands until it is."""
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by.member_id))
    require_competent(command.by, state.deciding, rules)
    require_made_known(state)
    _require_ground(command)
    if command.ground is Ground.FAULT_FOUND and _faults_found(state) >= FAULTS_MAX:
        raise CommandRejected(Rejection.TOO_MANY_REOPENINGS, most=FAULTS_MAX)
    return ReviewReopened(
        period=opened.period,
        member_id=opened.member_id,
        ground=Code(command.ground),
        by=command.by,
        proposal_due_at=rules.after(now, rules.notice_of(Step.PROPOSAL)),
        decision=UNSET if command.ground is Ground.FAULT_FOUND else command.decision,
        text=command.text,
    )


def _require_ground(command: ReopenReview) -> None:
    """Raise CommandRejected unless the ground is there: a discipline of that year, or words.

    A discipline is a ground once: after a rating counted it, or left it out as lifted, no more.
    """
    late, lifted = Ground.LATE_DISCIPLINE, Ground.DISCIPLINE_LIFTED
    decision = command.decision.sealed if command.decision else ""
    if command.ground is late and decision not in command.late:
        raise CommandRejected(Rejection.NO_LATE_DISCIPLINE)
    if command.ground is lifted and decision not in command.lifted:
        raise CommandRejected(Rejection.NO_LIFTED_DISCIPLINE)
    if command.ground is Ground.FAULT_FOUND and command.text is UNSET:
        raise CommandRejected(Rejection.FAULT_UNNAMED)


def _faults_found(state: State) -> int:
    """Return for how many faults a review was reopened."""
    reopenings = (*(each.reopening for each in state.superseded), state.reopening)
    return [each.fact.ground for each in reopenings if each].count(Code(Ground.FAULT_FOUND))
