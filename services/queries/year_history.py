"""Everything that was told of one member's year, in the order of the log, and what held when."""

from collections.abc import Sequence
from typing import NamedTuple

from events.definitions.entry import Recorded, Sequenced
from events.definitions.reading import TextOpened
from events.definitions.records import Period
from events.domain.escalation import escalation
from events.domain.plan import plan
from events.domain.review import review
from events.identifiers import MemberId, Stream, plan_stream, reading_stream, review_stream
from events.store import histories
from events.store.store import Store
from services.read_models import states
from services.read_models.states import ESCALATIONS


class YearState(NamedTuple):
    """What held of a member's year at a position."""

    review: review.State
    plan: plan.State
    escalations: tuple[escalation.State, ...]
    openings: int  # how often somebody opened words


def events_of(
    store: Store, period: Period, member_id: MemberId, *, readings: bool = True
) -> list[Sequenced]:
    """Return the facts of a member's year: review, plan, escalations, and who read what.

    Whoever knows the readers by name gets it without `readings`: whoever read right before a
    criticism was given may have given it.
    """
    streams = (
        review_stream(period, member_id),
        plan_stream(period, member_id),
        *([reading_stream(period, member_id)] if readings else []),
        *_escalations(store, period, member_id),
    )
    return [store.sequenced_event(row) for row in histories.rows_in_order(store.database, streams)]


def state_of(events: Sequence[Sequenced]) -> YearState:
    """Return what holds after facts in the order of the log."""
    by_stream: dict[str, list[Recorded]] = {}
    for each in events:
        told = by_stream.setdefault(each.entry.stream, [])
        told.append(Recorded(each.entry, each.event))
    of_kind = {name: _of_kind(by_stream, name) for name in ("review", "plan", "escalation")}
    return YearState(
        review.fold(of_kind["review"][0] if of_kind["review"] else ()),
        plan.fold(of_kind["plan"][0] if of_kind["plan"] else ()),
        tuple(escalation.fold(told) for told in of_kind["escalation"]),
        sum(isinstance(each.event, TextOpened) for each in events),
    )


def _of_kind(by_stream: dict[str, list[Recorded]], kind: str) -> list[list[Recorded]]:
    return [told for stream, told in by_stream.items() if stream.startswith(f"{kind}-")]


def _escalations(store: Store, period: Period, member_id: MemberId) -> list[Stream]:
    if not states.serving_build(store.database, ESCALATIONS.projection):
        return []
    sql = "SELECT id FROM escalation_states WHERE period = ? AND member_id = ? ORDER BY id"
    rows = store.database.rows(sql, (period, member_id))
    return [ESCALATIONS.stream(key) for (key,) in rows]
