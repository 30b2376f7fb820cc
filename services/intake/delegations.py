"""Who stands in for whom is refused where it says nothing: for oneself, or on no days.

Whether it counts is asked whenever somebody acts by it: whoever tells everybody again every night
tells of posts that ended since, and of delegations that are over, and is not refused for that.
"""

from collections.abc import Iterable

from events.definitions.roster import PostDelegated
from events.domain.aggregate.rejections import CommandRejected
from events.domain.organisation import standing_in
from events.domain.organisation.corrections import fact_of
from events.store.store import Store
from services.intake.course import Given
from services.intake.refusals import NotDelegable


def require_sound(store: Store, batch: Iterable[Given]) -> None:
    """Refuse what says of nobody, or of no days, that they stand in; unless it was told before.

    Raises:
        NotDelegable
    """
    for given in batch:
        told, since = fact_of(given.event, given.fact.time)
        if isinstance(told, PostDelegated):
            try:
                standing_in.require_sound(told, since)
            except CommandRejected as rejected:
                if told not in (each.event for each in store.events(given.stream)):
                    raise NotDelegable(rejected, index=given.fact.index) from rejected
