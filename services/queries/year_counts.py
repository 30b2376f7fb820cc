"""What a rating is computed from, gathered from the streams that tell it, as it is now."""

from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from events.definitions.deadline import Excuse
from events.definitions.entry import Recorded
from events.definitions.plan import PlanOpened
from events.definitions.records import Facts, Outcome, Period
from events.definitions.review import RatingProposed, ReviewOpened
from events.domain.aggregate.folding import Taken
from events.domain.documents.periods import quarters_of, years_before
from events.domain.documents.working_days import local_day
from events.domain.organisation import member, presence, unit
from events.domain.organisation.disciplines import Discipline
from events.domain.organisation.timelines import State
from events.domain.plan import plan
from events.domain.review import counted_facts, review
from events.domain.rulebook import rating
from events.domain.rulebook.rulebook import Rulebook
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    member_stream,
    plan_stream,
    review_stream,
    unit_stream,
)
from events.store import histories, reference
from events.store.database import Database
from events.store.store import Store
from services.access import words
from services.context import Context

Read = Callable[[Stream], Iterable[Recorded]]
Pinned = ReviewOpened | PlanOpened


class Counted(msgspec.Struct, frozen=True):
    """What a unit lays down of a year; the rest of the facts comes from the log."""

    points: dict[str, int]
    figures: dict[str, int]


def facts(
    context: Context, read: Read, opened: ReviewOpened, counted: Counted, *, today: date
) -> Facts:
    """Return all that a rating is computed from, by what `read` finds; absences up to `today`."""
    database = context.store.database
    found = (
        _of_collective(database, read, opened)
        if opened.collective
        else _of_member(context, read, opened, today)
    )
    return Facts(
        points=counted.points,
        figures=_figures(database, read, opened, counted, today),
        disciplined=bool(disciplines(read, opened)),
        earlier_faults_open=sum(_faults_open(database, read, opened)),
        group=opened.group,
        counted=found or UNSET,
    )


def streams_counted(opened: ReviewOpened) -> tuple[Stream, ...]:
    """Return where what is counted of somebody's year is looked up whatever was told of them."""
    if opened.collective:
        return (unit_stream(UnitId(opened.member_id)),)
    years = years_before(opened.period)
    quarters = (review_stream(each, opened.member_id) for each in quarters_of(opened.period))
    plans = (plan_stream(each, opened.member_id) for each in years)
    return (member_stream(MemberId(opened.member_id)), *plans, *quarters)


def facts_since(
    context: Context, read: Read, opened: ReviewOpened, proposal: Taken[RatingProposed]
) -> Facts:
    """Return what the log tells by now of what a proposal counted, up to its day.

    Points and figures that a unit laid down are its own, so they are those of the proposal.
    """
    proposed = proposal.fact.facts
    laid = {name: n for name, n in proposed.figures.items() if name not in counted_facts.TOLD}
    counted = Counted(dict(proposed.points), laid)
    return facts(context, read, opened, counted, today=local_day(proposal.at))


def trial_of(context: Context, opened: ReviewOpened, counted: Counted) -> tuple[Facts, Outcome]:
    """Return what the rulebook would make of points and figures now; nothing is appended.

    Raises:
        FactsOutOfRange: they are not what this rulebook asks for.
    """
    today = local_day(context.clock.now())
    store = context.store
    found = facts(context, store.events, opened, counted, today=today)
    rules = reference.rules_of(store.database, opened)
    return found, rating.outcome(rules.rulebook, found)


def _figures(
    database: Database, read: Read, opened: ReviewOpened, counted: Counted, today: date
) -> dict[str, int]:
    """Return the figures laid down, with those that the log tells. Raises CommandRejected."""
    if opened.collective:
        return counted.figures
    rulebook, group = _rulebook(database, opened), opened.group or ""
    headed = counted_facts.units_headed(
        _roster(read, opened), rulebook.heads_counted, opened.period, today
    )
    return counted_facts.figures(rulebook, group, counted.figures, heads=bool(headed))


def _faults_open(database: Database, read: Read, opened: ReviewOpened) -> Iterator[int]:
    """Iterate over how many faults earlier years left open, by the ratings that stand now."""
    for year in years_before(opened.period):
        planned = plan.fold(read(plan_stream(year, opened.member_id)))
        if planned.opened:
            rated = review.fold(read(review_stream(year, opened.member_id)))
            rulebook = _rulebook(database, planned.opened.fact)
            demanded = rulebook.demands_plan(review.level(rated))
            yield plan.faults_open(planned, demanded=demanded)


def disciplines(read: Read, opened: ReviewOpened) -> tuple[Discipline, ...]:
    """Return the disciplines of a member, or of a collective, that are counted in a year."""
    if opened.collective:
        return counted_facts.unit_disciplines(_unit_state(read, opened), opened.period)
    return counted_facts.disciplines(_roster(read, opened), opened.period)


class Since(NamedTuple):
    """What became of disciplines since a rating was proposed, by their decisions."""

    late: tuple[str, ...]  # it did not count them
    lifted: tuple[str, ...]  # it counted them


def disciplines_since(
    store: Store, read: Read, opened: ReviewOpened, proposal: int | None
) -> Since:
    """Return what the proposal at a version of a review did not know of disciplines yet."""
    before = frozenset[str]()
    if proposal:
        stream = review_stream(opened.period, opened.member_id)
        rows = histories.page(store.database, stream, proposal - 1, 1)
        at = rows[0][1] if rows else None  # not in the log's order yet: nothing came after it
        then = disciplines(lambda each: store.read_stream(each, as_of=at).events, opened)
        before = frozenset(each.decision for each in then)
    now = frozenset(each.decision for each in disciplines(read, opened))
    return Since(tuple(sorted(now - before)), tuple(sorted(before - now)))


def excuse_of(context: Context, read: Read, pinned: Pinned, *, at: datetime) -> Excuse | None:
    """Return why who a year is about is not there at a time, as `presence` tells; None if they are.

    A unit counts as away once it is dissolved. An early plan does not tell that it is a unit's.
    """
    formed = unit.fold(read(unit_stream(UnitId(pinned.member_id))))
    if formed.version:
        return presence.of_unit(formed.with_due(at).until(at))
    roster = member.fold(read(member_stream(pinned.member_id))).with_due(at).until(at)
    accepted = reference.rulebook_of(context.store.database, pinned.rulebook).absence.excuses
    return presence.of_member(member.view(roster), accepted, words.reasons_in(context, [roster]))


def units_led(roster: State, offices: Iterable[str]) -> tuple[UnitId, ...]:
    """Return the units in which a member holds one of some offices, by their ids."""
    held = {each.unit_id for each in member.view(roster).posts if each.post in offices}
    return tuple(UnitId(unit_id) for unit_id in sorted(held))


def units_waited_for(
    read: Read, opened: ReviewOpened, rulebook: Rulebook, *, today: date
) -> tuple[UnitId, ...]:
    """Return the units that a member leads, or is held to, as far as their year is not decided."""
    if opened.collective:
        return ()
    roster = _roster(read, opened)
    bounding = _bounding_units(roster, opened, rulebook, today)
    units = {*units_led(roster, rulebook.offices), *bounding}
    return tuple(each for each in sorted(units) if _is_undecided(read, opened.period, each))


def stands(read: Read, unit_id: UnitId) -> bool:
    """Tell whether a unit was not dissolved: nobody waits for the year of one that was."""
    return not unit.view(unit.fold(read(unit_stream(unit_id)))).dissolved_at


def below_waiting(read: Read, opened: ReviewOpened) -> tuple[UnitId, ...]:
    """Return the units directly below a collective, as far as their year is not decided yet."""
    return tuple(unit_id for unit_id in opened.below if _is_undecided(read, opened.period, unit_id))


def counts_erased(
    context: Context, read: Read, opened: ReviewOpened, *, today: date
) -> frozenset[str]:
    """Return what a rating counted and nobody can count again: it rests on words erased since."""
    if opened.collective:
        return frozenset()
    roster = _roster(read, opened)
    erased = words.open_all(context, member.absence_reasons(roster)).erased
    return counted_facts.counts_erased(
        _rulebook(context.store.database, opened),
        opened.group or "",
        roster,
        opened.period,
        today=today,
        erased=erased,
    )


def _of_member(context: Context, read: Read, opened: ReviewOpened, today: date) -> dict[str, int]:
    """Return what is counted of a member, besides points and figures."""
    database = context.store.database
    rulebook, group = _rulebook(database, opened), opened.group or ""
    roster, looked_at = _roster(read, opened), counted_facts.counts_needed(rulebook, group)
    quarterly = not counted_facts.QUARTERLY.isdisjoint(looked_at)
    return counted_facts.counts_of_member(
        rulebook,
        group,
        roster,
        opened.period,
        today=today,
        reasons=words.reasons_in(context, [roster]),
        quarters_failed=tuple(quarters_failed(database, read, opened)) if quarterly else (),
        unit_level=_unit_level(database, read, opened, today) if "unit_level" in looked_at else 0,
    )


def _of_collective(database: Database, read: Read, opened: ReviewOpened) -> dict[str, int]:
    """Return what `_of_member` does of a unit, whose leaders and lower units count too."""
    leaders = sorted({each.member_id for each in opened.leaders})
    return counted_facts.counts_of_collective(
        _rulebook(database, opened),
        opened.group or "",
        _unit_state(read, opened),
        opened.period,
        leaders=[member.fold(read(member_stream(each))) for each in leaders],
        below=[unit.fold(read(unit_stream(each))) for each in opened.below],
    )


def quarters_failed(database: Database, read: Read, opened: ReviewOpened) -> Iterator[bool]:
    """Iterate over the quarters of a year: whether each was rated, and with the last level."""
    for quarter in quarters_of(opened.period):
        state = review.fold(read(review_stream(quarter, opened.member_id)))
        level = review.level(state)
        lasts = _rulebook(database, state.opened.fact).levels[-1:] if state.opened else ()
        yield level in [each.id for each in lasts]


def _bounding_units(
    roster: State, opened: ReviewOpened, rulebook: Rulebook, today: date
) -> tuple[UnitId, ...]:
    """Return the units whose level bounds a member: those that they headed long enough."""
    return counted_facts.units_headed(roster, rulebook.roles.head, opened.period, today)


def _unit_level(database: Database, read: Read, opened: ReviewOpened, today: date) -> int:
    """Return the worst level of the units that a member headed, from 1 for the best; 0 for none."""
    found, rulebook = [0], _rulebook(database, opened)
    for unit_id in _bounding_units(_roster(read, opened), opened, rulebook, today):
        state = review.fold(read(review_stream(opened.period, unit_id)))
        if state.opened and (level := review.level(state)):
            found.append(_rulebook(database, state.opened.fact).rank(level) + 1)
    return max(found)


def _is_undecided(read: Read, period: Period, unit_id: UnitId) -> bool:
    """Tell whether a unit is to be rated in a period and was not yet."""
    state = review.fold(read(review_stream(period, unit_id)))
    return review.is_level_awaited(state) and stands(read, unit_id)


def _roster(read: Read, opened: ReviewOpened) -> State:
    return member.fold(read(member_stream(MemberId(opened.member_id))))


def _unit_state(read: Read, opened: ReviewOpened) -> State:
    return unit.fold(read(unit_stream(UnitId(opened.member_id))))


def rulebook_of(context: Context, pinned: Pinned) -> Rulebook:
    """Return the edition by which somebody's year goes, which says who acts in it."""
    return _rulebook(context.store.database, pinned)


def _rulebook(database: Database, pinned: Pinned) -> Rulebook:
    return reference.rulebook_of(database, pinned.rulebook)
