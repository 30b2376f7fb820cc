"""Which plans are where their review is no more, long after that was told of it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.plan import PlanMoved, PlanVoided
from events.definitions.records import Hand
from events.definitions.reopening import ReviewMoved, ReviewVoided
from events.domain.plan import plan
from events.domain.verification.told import Told
from events.domain.verification.year_law import FOLLOWS_MAX
from events.identifiers import Stream, plan_stream


class LeftBehind:
    """The plans that are where their review is no more: voided, or before who took its year over.

    Both is told of them at once with it; they follow a review in nothing else (decision 0099).
    """

    def __init__(self) -> None:
        self._left = dict[Stream, _Awaited]()

    def tell(self, told: Told, each: Recorded | Sequenced) -> None:
        """Take one fact in, by what was told before: a plan follows before its review, or after."""
        event = each.event
        if isinstance(event, ReviewVoided | ReviewMoved) and event.by:
            stream = plan_stream(event.period, event.member_id)
            awaited = _Awaited(FOLLOWS[type(event)], event.by, each.entry.recordedat)
            if _is_awaited(told.state(stream), awaited):
                self._left[stream] = awaited
        elif isinstance(event, PlanVoided | PlanMoved) and event.by:
            stream = plan_stream(event.period, event.member_id)
            if stream in self._left and type(event) in (PlanVoided, self._left[stream].fact):
                del self._left[stream]

    def findings(self, until: datetime) -> Iterator[tuple[Stream, str]]:
        """Iterate over the plans of which nothing was told long after it was of their review."""
        for stream, (fact, by, since) in self._left.items():
            if until - since > FOLLOWS_MAX:
                did = "voided" if fact is PlanVoided else "took over"
                yield stream, f"nothing followed in {stream}: {by.member_id} {did} its review"


class _Awaited(NamedTuple):
    """What is to be told of a plan, by whose hand, and since when."""

    fact: type[PlanVoided | PlanMoved]
    by: Hand
    since: datetime


FOLLOWS: Mapping[type[Event], type[PlanVoided | PlanMoved]] = {
    ReviewVoided: PlanVoided,
    ReviewMoved: PlanMoved,
}


def _is_awaited(state: plan.State, awaited: _Awaited) -> bool:
    """Tell whether there is a plan, of which that was not told just before, nor is so already."""
    moved = state.moved is not None and state.moved.fact.by == awaited.by
    there = awaited.by.unit_id in state.pinned_path  # where who it is of heads a unit above
    return state.opened is not None and not (awaited.fact is PlanMoved and (moved or there))
