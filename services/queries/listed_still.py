"""Who left, and goes on being listed: the leaving may be a slip, or the list out of date.

A list that tells what it told before the leaving tells nothing new, so no fact says that it came.
Its ids are kept beside the log for some weeks, and that is what is asked here.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta

from events.definitions.roster import FactCorrected, MemberEnrolled, MemberLeft
from events.domain.organisation import member
from events.domain.organisation.doubt import Doubt, Why
from events.domain.organisation.timelines import State
from events.identifiers import Stream
from services.context import Context

LAG_MAX = timedelta(days=7)  # of a list, which may be as old as that


def listed_still(
    context: Context, stream: Stream, state: State, *, since: datetime
) -> Iterator[Doubt]:
    """Iterate over doubts about a leaving told since then, after which a list told the member.

    A feed that tells every night that they came, and that they left, lists nobody.
    """
    left = state.last(member.MEMBERSHIP)
    if left is None or left.value:
        return
    last = context.store.last_retold(stream)
    listed = last.get(MemberEnrolled.definition.type)
    told = last.get(MemberLeft.definition.type, left.since)
    if listed is None or listed <= told + LAG_MAX:
        return
    told = max(
        each.entry.recordedat
        for each in context.store.events(stream)
        if isinstance(each.event, MemberLeft | FactCorrected)
    )
    if since <= told < listed - LAG_MAX:
        yield Doubt(left.since, Why.TOLD_AFTER)
