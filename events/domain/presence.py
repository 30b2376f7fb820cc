"""Whether somebody is there to be reviewed: as the roster tells of a time, by a rulebook's reasons.

A deadline that runs out on whoever is not is settled, and they are neither reviewed nor rated.
"""

from collections.abc import Collection, Mapping

from events.definitions.deadline import Excuse
from events.definitions.roster import AbsenceReason
from events.domain import member, review, unit
from events.domain.rejections import CommandRejected
from events.domain.timelines import State

AWAITED = (review.MEETING, review.PROPOSAL, review.APPRAISAL, review.DECISION)  # those who are away
NEEDED: Mapping[Excuse, str] = {
    Excuse.ABSENT: "whoever is absent is reviewed and rated once they are back",
    Excuse.EXEMPT: "an exempt member is reviewed and rated once the exemption ended",
    Excuse.LEFT: "whoever left, or a unit that was dissolved, is neither reviewed nor rated",
}


def of_member(roster: State, excuses: Collection[AbsenceReason]) -> Excuse | None:
    """Return why a member is not there; None where they are, or no reason excuses it."""
    holds = member.view(roster)
    if holds.membership != member.ENROLLED:
        return Excuse.LEFT
    if holds.exempt_since:
        return Excuse.EXEMPT
    return Excuse.ABSENT if holds.absent in excuses else None


def of_unit(formed: State) -> Excuse | None:
    return Excuse.LEFT if unit.view(formed).dissolved_at else None


def require_present(state: review.State, away: Excuse | None) -> None:
    """Raise CommandRejected where who is reviewed is away.

    A reopened review is rated anew wherever they are: it puts right what was decided of them.
    """
    if away and not state.reopening:
        raise CommandRejected(away.value, rule="presence", needed=NEEDED[away])


def may_be_away(state: review.State, step: str) -> bool:
    """Tell whether a step waits for who is away: their own, or one that `require_present` stops."""
    own = review.who(state, step) == "member"
    return own or (step in AWAITED and not state.reopening)
