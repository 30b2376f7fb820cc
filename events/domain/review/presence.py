"""Whether somebody is there to be reviewed: as the roster tells of a time, by a rulebook's reasons.

A deadline that runs out on whoever is not is settled, and they are neither reviewed nor rated.
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
