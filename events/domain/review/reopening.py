"""When a decided review is rated again, by its own edition; and what is said to the ground first.

A discipline that comes to light later belongs to the year of the fault (QĐ 124, Điều 12.4.5), and
a level may be taken back where a fault was found that it does not fit (Điều 15.3). A discipline
that was found wrong is lifted with all that followed from it, so also what a rating made of it.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import assert_never

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Decision, Sealed
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened, StatementMade
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import local_day
from events.domain.review.state import State
from events.domain.review.writing_steps import (
    require_before_decision,
    require_made_known,
    require_not_yet,
    require_step,
    under_way,
)
from events.domain.rulebook.grounds import Needs, Reopener, ReopeningGround
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.domain.year.competence import require_competent, require_four_eyes
from events.domain.year.leadership import require_own
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId

FAULTS_MAX = 20  # times on one ground of words; as a ground, a discipline bounds itself


@dataclass(frozen=True, slots=True, kw_only=True)
class ReopenReview:
    by: Hand
    ground: Code
    above: Collection[UnitId] = ()  # the units above the one whose year it is
    decision: Sealed[Decision] | UnsetType = UNSET  # of the discipline
    late: Collection[str] = ()  # decisions of the year that the rating did not count, sealed
    lifted: Collection[str] = ()  # those that it counted and that are lifted since
    text: Sealed[str] | UnsetType = UNSET


@dataclass(frozen=True, slots=True, kw_only=True)
class MakeStatement:
    by: MemberId
    text: Sealed[str]
    hand: Hand | UnsetType = UNSET  # who writes for a collective


def reopen_review(
    state: State, command: ReopenReview, rules: Rules, *, now: datetime
) -> ReviewReopened:
    """Return that a review is rated again; what was decided stands until it is."""
    opened = under_way(state)
    require_four_eyes(own=state.is_of(command.by))
    ground = require_ground(rules.rulebook, command.ground)
    require_competent(command.by, reopeners(state, ground, command.above), rules)
    require_made_known(state)
    _require_in_time(state, ground, now)
    _require_proven(state, ground, command)
    return ReviewReopened(
        period=opened.period,
        member_id=opened.member_id,
        ground=command.ground,
        by=command.by,
        proposal_due_at=UNSET if ground.hears else _proposal_due_at(rules, now),
        statement_due_at=rules.after(now, ground.hears) if ground.hears else UNSET,
        decision=UNSET if ground.needs is Needs.WORDS else command.decision,
        text=command.text,
    )


def make_statement(
    state: State, command: MakeStatement, rules: Rules, *, now: datetime
) -> StatementMade:
    """Return what whoever is rated again says to the ground: once, until it is decided anew.

    After its deadline too: it went on without, and whoever decides reads it all the same.
    """
    opened = under_way(state)
    require_own(opened, command.by, command.hand)
    require_step(state, Step.STATEMENT)
    require_not_yet(state, Step.STATEMENT)
    require_before_decision(state)
    return StatementMade(
        period=opened.period,
        member_id=opened.member_id,
        text=command.text,
        proposal_due_at=_proposal_due_at(rules, now),
        by=command.hand,
    )


def _proposal_due_at(rules: Rules, now: datetime) -> datetime:
    """Return by when a rating is proposed anew: no day of its year binds any more."""
    return rules.after(now, rules.notice_of(Step.PROPOSAL))


def require_ground(rulebook: Rulebook, ground: str) -> ReopeningGround:
    """Return a ground of an edition. Raises CommandRejected where it has none such."""
    found = rulebook.reopening_on(ground)
    if found is None:
        known = ", ".join(each.id for each in rulebook.reopening)
        raise CommandRejected(Rejection.UNKNOWN_GROUND, known=known)
    return found


def reopeners(
    state: State, ground: ReopeningGround, above: Collection[UnitId] = ()
) -> tuple[UnitId, ...]:
    """Return the units by an office in which somebody reopens a review on a ground.

    `above` are the units above the one whose year it is.
    """
    return tuple(unit_id for who in ground.who for unit_id in _units_of(state, who, above))


def _units_of(state: State, who: Reopener, above: Collection[UnitId]) -> tuple[UnitId, ...]:
    match who:
        case Reopener.AUTHORITY:
            return state.deciding
        case Reopener.SUPERIOR:
            return (*state.beyond, *above)
        case never:
            assert_never(never)


def last_day(state: State, ground: ReopeningGround) -> date | None:
    """Return the last day on which a review is reopened on a ground; None where there is none."""
    if state.notice is None or ground.within_days is None:
        return None
    return local_day(state.notice.at) + timedelta(days=ground.within_days)


def _require_in_time(state: State, ground: ReopeningGround, now: datetime) -> None:
    last = last_day(state, ground)
    if last and local_day(now) > last:
        raise CommandRejected(Rejection.REOPENED_TOO_LATE, last=last)


def _require_proven(state: State, ground: ReopeningGround, command: ReopenReview) -> None:
    """Raise CommandRejected unless the ground is there: a discipline of that year, or words.

    A discipline is a ground once: after a rating counted it, or left it out as lifted, no more.
    """
    decision = command.decision.sealed if command.decision else ""
    match ground.needs:
        case Needs.LATE_DISCIPLINE:
            if decision not in command.late:
                raise CommandRejected(Rejection.NO_LATE_DISCIPLINE)
        case Needs.DISCIPLINE_LIFTED:
            if decision not in command.lifted:
                raise CommandRejected(Rejection.NO_LIFTED_DISCIPLINE)
        case Needs.WORDS:
            if command.text is UNSET:
                raise CommandRejected(Rejection.GROUND_UNNAMED)
            if _times_reopened(state, ground.id) >= FAULTS_MAX:
                raise CommandRejected(Rejection.TOO_MANY_REOPENINGS, most=FAULTS_MAX)
        case never:
            assert_never(never)


def _times_reopened(state: State, ground: str) -> int:
    """Return how often a review was reopened on a ground."""
    reopenings = (*(each.reopening for each in state.superseded), state.reopening)
    return [each.fact.ground for each in reopenings if each].count(Code(ground))
