"""Which editions speak for a unit, by what streams tell now: the law's rule, and where it looks.

A command hands in how it reads, so that what it was allowed by stands until it is appended.
"""

import functools
from collections.abc import Iterable, Iterator

from events.definitions.cycle import CycleOpened, DocumentPublished
from events.definitions.entry import Recorded
from events.definitions.records import Period
from events.domain.documents.periods import quarters_of, year_of
from events.domain.organisation import succession, unit
from events.domain.organisation.succession import Read
from events.domain.rulebook.rulebook import Rulebook
from events.domain.year import cycle, speaking
from events.identifiers import UnitId, cycle_stream, unit_stream
from events.store import reference
from services.access.roles import Actor, Person
from services.context import Context
from services.queries import publications
from services.read_models import cycle_lists

AHEAD = 2  # years after this one that a cycle may be opened for


def under_speaking(
    context: Context, person: Person, unit_id: UnitId, read: Read | None = None
) -> Actor:
    """Return somebody as who acts in a unit by the editions that speak for it."""
    acts = person.acting_in(unit_id) in person.units
    return person.under(*(editions_for(context, unit_id, read) if acts else ()))


def units_spoken_for(
    context: Context, person: Person, units: Iterable[UnitId] | None = None
) -> list[UnitId]:
    """Return in which units, of all or some, somebody holds an office by what speaks for them."""
    held = [each for each in person.units if each not in person.acts_for]
    asked = held if units is None else [each for each in units if each in held]
    return [each for each in asked if each in under_speaking(context, person, each).acting_units]


def editions_for(
    context: Context, unit_id: UnitId, read: Read | None = None
) -> tuple[Rulebook, ...]:
    """Return the editions that speak for a unit; with none of its own, ours and the operator's."""
    return speaking.editions_for(unit_id, _knowledge(context, read or context.store.events))


def _knowledge(context: Context, read: Read) -> speaking.Known:
    now = context.clock.now()

    def way_up(unit_id: UnitId) -> tuple[UnitId, ...]:
        return (unit_id, *succession.units_above(unit_id, read, now=now))

    def issuers_of(unit_id: UnitId) -> tuple[str, ...]:
        return unit.view(unit.fold(read(unit_stream(unit_id))).with_due(now)).issuers

    def published_under(issuer: str) -> Iterator[DocumentPublished]:
        told = read(publications.stream_of(issuer))
        return (each.fact for each in publications.in_force(told))

    return speaking.Known(
        way_up=way_up,
        issuers_of=issuers_of,
        years_of=lambda unit_id: _years_of(context, unit_id, read),
        published_under=published_under,
        published_by_nobody=lambda: (
            each for each in publications.published_rulebooks(context) if not each.by
        ),
        rulebook=functools.partial(reference.rulebook_of, context.store.database),
        shipped=reference.shipped_rulebooks,
    )


def edition_of_year(context: Context, history: Iterable[Recorded]) -> tuple[Rulebook, ...]:
    """Return under which edition a cycle was opened last, also if it was voided; none if never."""
    opened = [each.event for each in history if isinstance(each.event, CycleOpened)]
    return tuple(reference.rulebook_of(context.store.database, e.rulebook) for e in opened[-1:])


def _years_of(context: Context, unit_id: UnitId, read: Read) -> Iterator[cycle.State]:
    """Iterate over the years of a unit, the newest first."""
    this = year_of(context.clock.now().date().isoformat())
    coming = [str(this + n) for n in range(AHEAD + 1)]
    told = cycle_lists.every_period(context.store.database)
    periods = {*told, *coming, *(each for year in coming for each in quarters_of(year))}
    streams = {cycle_stream(Period(each), unit_id): each for each in periods}
    versions = context.store.versions(streams)
    begun = sorted(filter(versions.get, streams), key=streams.__getitem__, reverse=True)
    return (cycle.fold(read(stream)) for stream in begun)


def every_rulebook(context: Context) -> Iterator[Rulebook]:
    """Iterate over editions: what we ship and the operator published, and what units did."""
    yield from reference.shipped_rulebooks()
    for each in publications.published_rulebooks(context):
        yield reference.rulebook_of(context.store.database, each.digest)
