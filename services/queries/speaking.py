"""Which editions speak for a unit where no year does: who may open one, and who may publish.

A unit is bound to the issuers whose names it or a unit above it holds, and to the one under which a
year was opened there last. Whoever publishes elsewhere, under a name of their own, makes nobody an
officer here (decision 0094).
"""

import functools
from collections.abc import Iterable, Iterator

from events.definitions.cycle import CycleOpened, DocumentKind
from events.definitions.entry import Recorded
from events.definitions.records import Period
from events.domain.documents import issuers
from events.domain.documents.periods import quarters_of, year_of
from events.domain.organisation import succession, unit
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Rulebook
from events.domain.year import cycle
from events.identifiers import UnitId, cycle_stream, unit_stream
from events.store import reference
from services.access.roles import Actor, Person
from services.context import Context
from services.queries import publications
from services.read_models import cycle_lists

AHEAD = 2  # years after this one that a cycle may be opened for


def under_speaking(context: Context, person: Person, unit_id: UnitId) -> Actor:
    """Return somebody as who acts in a unit by the editions that speak for it."""
    holds_post = person.acting_in(unit_id) in {each for each, _ in person.posts}
    return person.under(*(editions_for(context, unit_id) if holds_post else ()))


def units_spoken_for(
    context: Context, person: Person, units: Iterable[UnitId] | None = None
) -> list[UnitId]:
    """Return in which units, of all or some, somebody holds an office by what speaks for them."""
    held = dict.fromkeys(unit_id for unit_id, _ in person.posts)
    asked = held if units is None else [each for each in units if each in held]
    return [each for each in asked if each in under_speaking(context, person, each).office_units]


def editions_for(context: Context, unit_id: UnitId) -> tuple[Rulebook, ...]:
    """Return the editions that speak for a unit; with none of its own, ours and the operator's."""
    now, read = context.clock.now(), context.store.events
    way = (unit_id, *succession.units_above(unit_id, read, now=now))
    named = {name for each in way for name in unit.view(unit.fold(read(unit_stream(each)))).issuers}
    last = next(filter(None, (_opened_last(context, each) for each in way)), None)
    if last:
        named.add(reference.rulebook_of(context.store.database, last.rulebook).issuer)
    own = [each for name in sorted(named) for each in _published_by(context, name)]
    return tuple(own or every_rulebook(context, of_units=False))


def edition_of_year(context: Context, history: Iterable[Recorded]) -> tuple[Rulebook, ...]:
    """Return under which edition a cycle was opened last, also if it was voided; none if never."""
    opened = [each.event for each in history if isinstance(each.event, CycleOpened)]
    return tuple(reference.rulebook_of(context.store.database, e.rulebook) for e in opened[-1:])


def _opened_last(context: Context, unit_id: UnitId) -> CycleOpened | None:
    """Return how a unit opened its newest year; None where it never did."""
    this = year_of(context.clock.now().date().isoformat())
    coming = [str(this + n) for n in range(AHEAD + 1)]
    told = cycle_lists.every_period(context.store.database)
    periods = {*told, *coming, *(each for year in coming for each in quarters_of(year))}
    streams = {cycle_stream(Period(each), unit_id): each for each in periods}
    versions = context.store.versions(streams)
    for stream in sorted(filter(versions.get, streams), key=streams.__getitem__, reverse=True):
        state = cycle.fold(context.store.events(stream))
        if state.opened and not state.began_below:  # a year from below brings nobody's editions
            return state.opened.fact
    return None


def _published_by(context: Context, issuer: str) -> Iterator[Rulebook]:
    if issuer == issuers.OURS:
        yield from shipped_rulebooks()
    for each in publications.of_issuer(context, issuer)[0]:
        if each.kind is DocumentKind.RULEBOOK:
            yield reference.rulebook_of(context.store.database, each.digest)


def every_rulebook(context: Context, *, of_units: bool = True) -> Iterator[Rulebook]:
    """Iterate over editions: what we ship and the operator published, and what units did."""
    yield from shipped_rulebooks()
    for each in publications.published_rulebooks(context):
        if of_units or not each.by:
            yield reference.rulebook_of(context.store.database, each.digest)


@functools.cache
def shipped_rulebooks() -> tuple[Rulebook, ...]:
    """Return the rulebooks that we ship, by name."""
    names = reference.shipped_names("rulebook")
    return tuple(validity.read(reference.shipped_document("rulebook", each)) for each in names)
