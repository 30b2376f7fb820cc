"""When the words of a year may be erased: once nobody needs them to put a rating right.

An appeal that is not decided will be asked for here, once there are appeals.
"""

from collections.abc import Collection

from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review.state import State


def require_closed(state: State, disciplines: Collection[str], *, waits: bool) -> None:
    """Raise CommandRejected while a rating is given, or a discipline is still to be counted.

    Args:
        state: the review of the year.
        disciplines: of that year, those that no rating counted yet, by their decisions.
        waits: for whoever is reviewed. It does for nobody who left or is exempt, nor once the
            edition keeps the words no longer.
    """
    if state.pending_reopening:
        raise CommandRejected(Rejection.BEING_RATED_AGAIN)
    if waits and state.opened and not (state.ending or state.decision):
        raise CommandRejected(Rejection.YEAR_GOES_ON)  # without words nobody brings it to an end
    if disciplines:
        raise CommandRejected(Rejection.DISCIPLINE_OPEN)
