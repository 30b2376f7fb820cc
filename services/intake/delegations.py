"""Who stands in for whom is refused where it says nothing: for oneself, or on no days.

Whether it counts is asked whenever somebody acts by it: whoever tells everybody again every night
tells of posts that ended since, and is not refused for that.
"""

from collections.abc import Iterable

from events.definitions.roster import PostDelegated
from events.domain.aggregate.rejections import CommandRejected
from events.domain.organisation import standing_in
from events.domain.organisation.corrections import fact_of
from services.intake.course import Given
from services.intake.refusals import NotDelegable


def require_sound(batch: Iterable[Given]) -> None:
    """Refuse what says of nobody, or of no days, that they stand in.

    Raises:
        NotDelegable
    """
    for given in batch:
        told, since = fact_of(given.event, given.fact.time)
        if isinstance(told, PostDelegated):
            try:
                standing_in.require_sound(told, since)
            except CommandRejected as rejected:
                raise NotDelegable(rejected, index=given.fact.index) from rejected
