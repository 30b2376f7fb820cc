"""Each fact of a committee's year, and of what a document's issuer tells, decided anew."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from events.definitions.cycle import (
    CycleClosed,
    CycleOpened,
    CycleTakenOver,
    CycleVoided,
    DocumentPublished,
    IssuerFreed,
)
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.records import Hand, Period
from events.domain.aggregate.rejections import CommandRejected
from events.domain.documents import issuers
from events.domain.organisation import succession
from events.domain.review import review
from events.domain.verification.told import NotSo, Told
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.identifiers import Stream, UnitId, cycle_stream

FOLLOWS_MAX = timedelta(days=1)  # until which a review has followed its year


def decide_again(told: Told, each: Recorded | Sequenced) -> Event:
    """Return what the law tells where a fact of a year was told."""
    event: Any = each.event
    at = each.entry.time
    return AGAIN[type(event)](told, event, at)


def _open(told: Told, event: CycleOpened, at: datetime) -> Event:
    state = told.year(event.period, event.unit_id)
    if event.taken_from:
        below = told.year(event.period, event.taken_from).opened
        taken = _require_taken_over(told, event.period, event.taken_from, event.by)
        if below is None:
            raise NotSo(f"{event.taken_from} had no year open")
        return cycle.open_above(state, taken, below.fact)
    above = told.way_up(event.unit_id)[1:]
    command = cycle.OpenCycle(
        period=event.period,
        unit_id=event.unit_id,
        by=event.by,
        authorised=told.decides(event.unit_id),
        held_above=any(
            told.year(event.period, each).holds
            and not told.units_held(event.period, each).isdisjoint((event.unit_id, *above))
            for each in above
        ),
    )
    return cycle.open_cycle(state, command, told.rules(event), now=at)


def _close(told: Told, event: CycleClosed, _: datetime) -> Event:
    state, rules = _under_way(told, event.period, event.unit_id)
    state = told.after_units(state, (event.unit_id,))
    return cycle.close_cycle(state, cycle.CloseCycle(by=event.by), rules)


def _take_over(told: Told, event: CycleTakenOver, _: datetime) -> Event:
    state, rules = _under_way(told, event.period, event.unit_id)
    above, own = told.way_up(event.unit_id)[1:], _is_own(told, event, rules)
    command = cycle.TakeOverCycle(by=event.by, above=above, text=event.text, own=own)
    return cycle.take_over(state, command, rules)


def _void(told: Told, event: CycleVoided, _: datetime) -> Event:
    state, rules = _under_way(told, event.period, event.unit_id)
    if state.taken_over:
        begun = told.order_of(cycle_stream(event.period, event.unit_id), state.taken_over)
        there = state.taken_over.fact.by.unit_id
        voided = require_voided(told, event.period, there, event.by, since=begun)
        return cycle.void_below(event.unit_id, voided)
    above, own = told.way_up(event.unit_id)[1:], _is_own(told, event, rules)
    command = cycle.VoidCycle(by=event.by, above=above, text=event.text, own=own)
    return cycle.void(state, command, rules)


def _under_way(told: Told, period: Period, unit_id: UnitId) -> tuple[cycle.State, Rules]:
    state = told.year(period, unit_id)
    if state.opened is None:
        raise NotSo(f"{unit_id} had no year open")
    return state, told.rules(state.opened.fact)


def _is_own(told: Told, event: CycleTakenOver | CycleVoided, rules: Rules) -> bool:
    """Tell whether somebody, or a unit for which they act, is reviewed in the year they touch."""
    own = (*event.by.eyes, *told.offices_of(event.by, rules))
    paths = (told.review(event.period, each).pinned_path for each in own)
    return any(path[-1:] == (event.unit_id,) for path in paths)


def _publish(told: Told, event: DocumentPublished, _: datetime) -> Event:
    before = told.published.of_issuer(event.issuer)
    found = (
        issuers.publish_as_unit(before, event, lambda each: told.holds_of(each).issuers)
        if event.by
        else issuers.publish(before, event)
    )
    if found is None:
        raise NotSo("it was published already")
    return found


def _free(told: Told, event: IssuerFreed, _: datetime) -> Event:
    published = told.published
    return issuers.free(published.of_issuer(event.issuer), event.issuer, published.used)


def path_over(
    told: Told, period: Period, pinned: Sequence[UnitId], by: Hand, *, among: Sequence[UnitId] = ()
) -> tuple[UnitId, ...]:
    """Return how a path goes on up to who took its year over; raises NotSo unless they did.

    Of a plan it is the year of one `among` the units of its review's path: it ends below that
    where an edition lets a unit below decide.
    """
    if by.unit_id in pinned:
        raise NotSo(f"it goes on before {by.unit_id} already")
    years = (each for each in among if _is_taken_over(told, period, each, by))
    top = next(years, pinned[-1])
    _require_taken_over(told, period, top, by)
    return (*pinned, *succession.up_to(told.way_up(top)[1:], by.unit_id))


def _require_taken_over(told: Told, period: Period, unit_id: UnitId, by: Hand) -> CycleTakenOver:
    """Return how somebody took a unit's year over; raises NotSo unless they did."""
    taken = told.year(period, unit_id).taken_over
    if taken is None or not _is_taken_over(told, period, unit_id, by):
        raise _not_done(by, unit_id)
    return taken.fact


def _is_taken_over(told: Told, period: Period, unit_id: UnitId, by: Hand) -> bool:
    taken = told.year(period, unit_id).taken_over
    return taken is not None and taken.fact.by == by


def require_voided(
    told: Told, period: Period, unit_id: UnitId, by: Hand, *, since: int
) -> CycleVoided:
    """Return how somebody voided a unit's year; raises NotSo unless after another fact's order."""
    voided = told.year(period, unit_id).voided
    if voided is None or not is_voided(told, period, unit_id, by, since=since):
        raise _not_done(by, unit_id)
    return voided.fact


def is_voided(told: Told, period: Period, unit_id: UnitId, by: Hand, *, since: int) -> bool:
    voided = told.year(period, unit_id).voided
    order = told.order_of(cycle_stream(period, unit_id), voided)
    return voided is not None and voided.fact.by == by and order >= since


def _not_done(by: Hand, unit_id: UnitId) -> NotSo:
    return NotSo(f"{by.member_id} did not do so with the year of {unit_id}")


def require_of_year(told: Told, period: Period, reviewed: review.State, stream: Stream) -> None:
    """Raise CommandRejected where the year of a review was voided or taken over since it came."""
    top = reviewed.pinned_path[-1]
    year = told.year(period, top)
    voided = told.order_of(cycle_stream(period, top), year.voided)
    came = told.order_of(stream, reviewed.into_year)
    cycle.require_of_year(year, pinned=reviewed.pinned_path, voided_since=voided > came)


def why_left_behind(told: Told, reviewed: review.State, stream: Stream, until: datetime) -> str:
    """Return why a review is not where its year is, long after that was told; else empty.

    Whoever voids a year or takes it over has it follow at once, or a worker does.
    """
    if reviewed.opened is None or not reviewed.pinned_path:
        return ""
    period = reviewed.opened.fact.period
    year = told.year(period, reviewed.pinned_path[-1])
    try:
        require_of_year(told, period, reviewed, stream)
    except CommandRejected as refusal:
        since = max(each.at for each in (year.taken_over, year.voided) if each)
        return f"nothing followed in {stream}: {refusal}" if until - since > FOLLOWS_MAX else ""
    return ""


AGAIN: Mapping[type[Event], Callable[[Told, Any, datetime], Event]] = {
    CycleOpened: _open,
    CycleClosed: _close,
    CycleTakenOver: _take_over,
    CycleVoided: _void,
    DocumentPublished: _publish,
    IssuerFreed: _free,
}
