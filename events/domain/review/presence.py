"""What does not go on while who is reviewed is away, and which steps wait for them meanwhile.

Whether they are away is told by `events.domain.organisation.presence`; that a deadline which runs
out on them is settled, by `events.domain.year.deadlines`.
"""

from collections.abc import Mapping

from events.definitions.deadline import Excuse
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review import review
from events.domain.steps import Step, Turn

AWAY: Mapping[Excuse, Rejection] = {
    Excuse.ABSENT: Rejection.AWAY_ABSENT,
    Excuse.EXEMPT: Rejection.AWAY_EXEMPT,
    Excuse.LEFT: Rejection.AWAY_LEFT,
}


def require_present(state: review.State, away: Excuse | None) -> None:
    """Raise CommandRejected where who is reviewed is away.

    A reopened review is rated anew wherever they are: it puts right what was decided of them.
    """
    if away and not state.reopening:
        raise CommandRejected(AWAY[away])


def may_be_away(state: review.State, step: Step) -> bool:
    """Tell whether a step waits for who is away: their own, or one that `require_present` stops."""
    own = state.turn_of(step) is Turn.MEMBER
    return own or (step.row.needs_presence and not state.reopening)
