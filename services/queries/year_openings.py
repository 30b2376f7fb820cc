"""Which reviews a committee's year takes in, and how an edition opens each.

Asked when a year is opened, when it is only looked at before that, and when somebody joins it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from events.definitions.records import Period
from events.definitions.review import ReviewOpened
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation import unit
from events.domain.organisation.succession import Read
from events.domain.review import collective, opening, review
from events.domain.review.collective import OpenCollective
from events.domain.review.opening import OpenReview
from events.domain.rulebook.rulebook import Rulebook
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.identifiers import UnitId, cycle_stream, unit_stream
from services.context import Context
from services.read_models import openings, tree
from services.read_models.openings import Below, ToOpen


def reviews_wanted(
    context: Context, period: Period, top: UnitId, below: Below, rulebook: Rulebook
) -> ToOpen:
    """Return the reviews of a committee's cycle: those below it that no other cycle holds.

    Of another cycle's those whom it leaves to this one, as its edition says who rates whom.
    """
    held = units_held(period, top, context.store.events)
    others = _held_elsewhere(context, period, top)
    offices = rulebook.offices if rulebook.competence else ()
    wanted = openings.reviews_to_open(context, period, top, below, held=others, offices=offices)
    reviews = [each for each in wanted.reviews if not held.isdisjoint(_units_rating(each))]
    return wanted._replace(reviews=reviews)


def _units_rating(wanted: OpenReview | OpenCollective) -> tuple[UnitId, ...]:
    """Return the units of which one holds the year of a review: none reviews itself."""
    return wanted.path[1:] if isinstance(wanted, OpenCollective) else wanted.path


def _held_elsewhere(context: Context, period: Period, top: UnitId) -> frozenset[UnitId]:
    """Return of which units below one other cycles hold whoever belongs to them."""
    below = tree.units_below(context.store.database, [top]) - {top}
    streams = {cycle_stream(period, UnitId(each)): UnitId(each) for each in sorted(below)}
    versions, found = context.store.versions(streams), set[UnitId]()
    for stream, unit_id in streams.items():
        state = cycle.fold(context.store.events(stream)) if versions[stream] else cycle.EMPTY
        over = state.taken_over.fact.by.unit_id if state.taken_over else None
        if state.holds or (over and over != top and over not in below):
            found |= units_held(period, unit_id, context.store.events)
    return frozenset(found)


def is_held(period: Period, unit_id: UnitId, above: Sequence[UnitId], read: Read) -> bool:
    """Tell whether a unit above holds a period for everybody in a unit."""
    return any(
        cycle.fold(read(cycle_stream(period, each))).holds
        and not units_held(period, each, read).isdisjoint((unit_id, *above))
        for each in above
    )


def units_held(period: Period, unit_id: UnitId, read: Read) -> frozenset[UnitId]:
    def year_of(each: UnitId) -> cycle.State:
        return cycle.fold(read(cycle_stream(period, each)))

    return cycle.units_held(unit_id, year_of, partial(decides, read=read))


def decides(unit_id: UnitId, read: Read) -> bool:
    """Tell whether HR or the operator says that a unit decides."""
    return bool(unit.view(unit.fold(read(unit_stream(unit_id)))).authority_since)


def opening_of(
    command: OpenReview | OpenCollective, rules: Rules, now: datetime
) -> ReviewOpened | Rejection:
    """Return the opening of a review; why there is none of whom, or what, an edition leaves out."""
    try:
        if isinstance(command, OpenCollective):
            return collective.open_collective(review.EMPTY, command, rules, now=now)
        return opening.open_review(review.EMPTY, command, rules, now=now)
    except CommandRejected as rejection:
        if rejection.why in opening.LEFT_OUT:
            return rejection.why
        raise
