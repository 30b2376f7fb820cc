"""When words may be erased, and what goes along: once nobody needs them to put a rating right.

An appeal that is not decided will be asked for here, once there are appeals.
"""

from collections.abc import Collection

from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation import member, timelines
from events.domain.organisation.timelines import Mark
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


def taken_back(roster: timelines.State, *, everything: bool) -> tuple[int, ...]:
    """Return the versions of what is taken back that waits of a member whose name was erased.

    Of `everything` all that is to begin, and what ends something still does. Of the identity alone
    an enrolment that would bring back somebody without a name; else their year goes on, with all
    that waits.
    """
    begins = (mark for marks in roster.waiting.values() for mark in marks if mark.value)
    taken = {mark.version for mark in begins if everything or _brings_back(roster, mark)}
    return tuple(sorted(taken))


def _brings_back(roster: timelines.State, mark: Mark) -> bool:
    """Tell whether a mark is of an enrolment of whoever will not be a member by then."""
    others = roster.with_ahead(lambda _, e: e.since <= mark.since and e.version != mark.version)
    then = member.view(others.until(mark.since))
    return mark.founding and then.membership != member.ENROLLED
