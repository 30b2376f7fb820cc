"""What several resources show: tasks, a rating as proposed and decided, a milestone."""

from msgspec import UNSET

from events.definitions.review import RatingDecided, RatingProposed
from events.domain.aggregate.folding import Taken
from events.domain.plan import plan
from events.domain.steps import Step
from events.domain.year.deadlines import Task
from services.web.api.schemas.year import (
    DecidedRating,
    EvidenceFile,
    EvidenceState,
    MilestoneState,
    ProposedRating,
    TaskState,
    Verdict,
)


def task_states(tasks: tuple[Task, ...]) -> tuple[TaskState, ...]:
    """Return tasks as they are shown."""
    return tuple(
        TaskState(
            step=each.step,
            who=each.turn,
            item=each.item or UNSET,
            due_at=each.due_at or UNSET,
        )
        for each in tasks
    )


def proposed_rating(proposal: Taken[RatingProposed] | None) -> ProposedRating | None:
    if proposal is None:
        return None
    fact = proposal.fact
    return ProposedRating(
        version=proposal.version,
        at=proposal.at,
        facts=fact.facts,
        outcome=fact.outcome,
        by=fact.by,
    )


def decided_rating(decision: Taken[RatingDecided] | None) -> DecidedRating | None:
    if decision is None:
        return None
    fact = decision.fact
    return DecidedRating(
        at=decision.at,
        level=fact.level,
        proposal_version=fact.proposal_version,
        by=fact.by,
        weighed=fact.weighed,
    )


def milestone_state(
    state: plan.State, milestone: plan.Milestone, position: int | None
) -> MilestoneState:
    """Return where a milestone of a plan stands."""
    assert state.opened is not None, "only an open plan is seen"
    opened = state.opened.fact
    late = {
        due.item for due in state.deadlines.overdue(state.done) if due.step == Step.MILESTONE.value
    }
    return MilestoneState(
        id=f"{opened.period}-{opened.member_id}-{milestone.id}",
        status=milestone.status,
        due_at=milestone.due_at,
        late=milestone.id in late,
        evidence=tuple(
            EvidenceState(
                version=each.version,
                at=each.at,
                files=tuple(
                    EvidenceFile(commitment=f.file, size=f.size, media_type=f.media_type)
                    for f in each.fact.files
                ),
                by=each.fact.by,
            )
            for each in milestone.evidence
        ),
        verdicts=tuple(
            Verdict(
                version=each.version,
                at=each.at,
                status=each.status,
                evidence_version=each.evidence_version,
                by=each.by,
            )
            for each in milestone.decisions
        ),
        extensions=len(milestone.extensions),
        version=state.version,
        as_of=UNSET if position is None else position,
    )
