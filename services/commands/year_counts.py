"""What a rating is computed from, gathered from the streams that tell it, as it is now."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime

import msgspec
from msgspec import UNSET

from events.definitions.deadline import Excuse
from events.definitions.entry import Recorded
from events.definitions.plan import PlanOpened
from events.definitions.records import Facts, Period
from events.definitions.review import ReviewOpened
from events.domain import member, plan, presence, review, unit, year_facts
from events.domain.periods import quarters_of, year_before
from events.domain.rulebook import OFFICES, Rulebook
from events.domain.timelines import State
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    member_stream,
    plan_stream,
    review_stream,
    unit_stream,
)
from events.store import reference
from events.store.database import Database

Read = Callable[[Stream], Iterable[Recorded]]
Pinned = ReviewOpened | PlanOpened


class Counted(msgspec.Struct, frozen=True):
    """What a unit lays down of a year; the rest of the facts comes from the log."""

    points: dict[str, int]
    figures: dict[str, int]


def facts(
    database: Database, read: Read, opened: ReviewOpened, counted: Counted, *, today: date
) -> Facts:
    """Return all that a rating is computed from, by what `read` finds; absences up to `today`."""
    before = plan_stream(year_before(opened.period), opened.member_id)
    found = (
        _of_collective(database, read, opened)
        if opened.collective
        else _of_member(database, read, opened, today)
    )
    return Facts(
        points=counted.points,
        figures=counted.figures,
        disciplined=bool(disciplines(read, opened)),
        earlier_faults_open=plan.faults_open(plan.fold(read(before))),
        group=opened.group,
        counted=found or UNSET,
    )


def disciplines(read: Read, opened: ReviewOpened) -> tuple[member.Discipline, ...]:
    """Return the disciplines of a member, or of a collective, that are counted in a year."""
    if opened.collective:
        return year_facts.unit_disciplines(_formed(read, opened), opened.period)
    return year_facts.disciplines(_roster(read, opened), opened.period)


def away(database: Database, read: Read, pinned: Pinned, *, at: datetime) -> Excuse | None:
    """Return why who a year is about is not there at a time, as `presence` tells; None if they are.

    A unit counts as away once it is dissolved. An early plan does not tell that it is a unit's.
    """
    formed = unit.fold(read(unit_stream(UnitId(pinned.member_id))))
    if formed.version:
        return presence.of_unit(formed.until(at))
    roster = member.fold(read(member_stream(pinned.member_id)))
    accepted = reference.rulebook_of(database, pinned.rulebook).absence.excuses
    return presence.of_member(roster.until(at), accepted)


def led(roster: State, offices: Iterable[str]) -> tuple[UnitId, ...]:
    """Return the units in which a member holds one of some offices, by their ids."""
    held = {each.unit_id for each in member.view(roster).posts if each.post in offices}
    return tuple(UnitId(unit_id) for unit_id in sorted(held))


def led_waiting(read: Read, opened: ReviewOpened) -> tuple[UnitId, ...]:
    """Return the units that a member leads, as far as their year is not decided yet."""
    units = () if opened.collective else led(_roster(read, opened), OFFICES)
    return tuple(unit_id for unit_id in units if _undecided(read, opened.period, unit_id))


def stands(read: Read, unit_id: UnitId) -> bool:
    """Tell whether a unit was not dissolved: nobody waits for the year of one that was."""
    return not unit.view(unit.fold(read(unit_stream(unit_id)))).dissolved_at


def below_waiting(read: Read, opened: ReviewOpened) -> tuple[UnitId, ...]:
    """Return the units directly below a collective, as far as their year is not decided yet."""
    return tuple(unit_id for unit_id in opened.below if _undecided(read, opened.period, unit_id))


def _of_member(database: Database, read: Read, opened: ReviewOpened, today: date) -> dict[str, int]:
    """Return what is counted of a member, besides points and figures."""
    rulebook, group = _rulebook(database, opened), opened.group or ""
    roster, looked_at = _roster(read, opened), year_facts.looked_at(rulebook, group)
    quarterly = not year_facts.QUARTERLY.isdisjoint(looked_at)
    return year_facts.counted(
        rulebook,
        group,
        roster,
        opened.period,
        today=today,
        quarters_failed=tuple(_quarters_failed(database, read, opened)) if quarterly else (),
        unit_level=_unit_level(database, read, opened) if "unit_level" in looked_at else 0,
    )


def _of_collective(database: Database, read: Read, opened: ReviewOpened) -> dict[str, int]:
    """Return what `_of_member` does of a unit, whose leaders and lower units count too."""
    leaders = sorted({each.member_id for each in opened.leaders})
    return year_facts.of_collective(
        _rulebook(database, opened),
        opened.group or "",
        _formed(read, opened),
        opened.period,
        leaders=[member.fold(read(member_stream(each))) for each in leaders],
        below=[unit.fold(read(unit_stream(each))) for each in opened.below],
    )


def _quarters_failed(database: Database, read: Read, opened: ReviewOpened) -> Iterator[bool]:
    """Iterate over the quarters of a year that were rated: whether each came to the last level."""
    for quarter in quarters_of(opened.period):
        state = review.fold(read(review_stream(quarter, opened.member_id)))
        if state.opened and (level := review.level(state)):
            yield level == _rulebook(database, state.opened.fact).levels[-1].id


def _unit_level(database: Database, read: Read, opened: ReviewOpened) -> int:
    """Return the worst level of the units that a member heads, from 1 for the best; 0 for none."""
    found = [0]
    for unit_id in led(_roster(read, opened), OFFICES[:1]):
        state = review.fold(read(review_stream(opened.period, unit_id)))
        if state.opened and (level := review.level(state)):
            found.append(_rulebook(database, state.opened.fact).rank(level) + 1)
    return max(found)


def _undecided(read: Read, period: Period, unit_id: UnitId) -> bool:
    """Tell whether a unit is to be rated in a period and was not yet."""
    state = review.fold(read(review_stream(period, unit_id)))
    wanted = state.opened is not None and not state.opened.fact.unrated
    return wanted and not review.level(state) and stands(read, unit_id)


def _roster(read: Read, opened: ReviewOpened) -> State:
    return member.fold(read(member_stream(MemberId(opened.member_id))))


def _formed(read: Read, opened: ReviewOpened) -> State:
    return unit.fold(read(unit_stream(UnitId(opened.member_id))))


def _rulebook(database: Database, opened: ReviewOpened) -> Rulebook:
    return reference.rulebook_of(database, opened.rulebook)
