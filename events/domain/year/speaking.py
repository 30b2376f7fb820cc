"""Which editions speak for a unit where no year does: who may open one, and who may publish.

A unit is bound to the issuers whose names it or a unit above it holds, and to the one under which a
year was opened there last. Whoever publishes elsewhere, under a name of their own, makes nobody an
officer here (decision 0094). Who is asked tells the service and whoever verifies by one rule.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

from events.definitions.cycle import CycleOpened, DocumentKind, DocumentPublished
from events.domain.documents.issuers import OURS
from events.domain.rulebook.rulebook import Rulebook
from events.domain.year import cycle
from events.identifiers import UnitId


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What is told of units, years and editions by the moment at which somebody asks."""

    way_up: Callable[[UnitId], Sequence[UnitId]]  # a unit and those above it, the next first
    issuers_of: Callable[[UnitId], Collection[str]]  # the names that a unit holds
    years_of: Callable[[UnitId], Iterable[cycle.State]]  # the newest first
    published_under: Callable[[str], Iterable[DocumentPublished]]  # a name, while it is in force
    published_by_nobody: Callable[[], Iterable[DocumentPublished]]  # but the operator; in force
    rulebook: Callable[[str], Rulebook]  # by its digest
    shipped: Callable[[], Iterable[Rulebook]]


def editions_for(unit_id: UnitId, known: Known) -> tuple[Rulebook, ...]:
    """Return the editions that speak for a unit; with none of its own, ours and the operator's."""
    way = known.way_up(unit_id)
    named = {name for each in way for name in known.issuers_of(each)}
    last = next(filter(None, (_opened_last(known.years_of(each)) for each in way)), None)
    if last:
        named.add(known.rulebook(last.rulebook).issuer)
    own = [each for name in sorted(named) for each in _under(name, known)]
    return tuple(own or _of_nobody(known))


def _opened_last(years: Iterable[cycle.State]) -> CycleOpened | None:
    """Return how a unit opened its newest year; one from below brings nobody's editions."""
    own = (each.opened.fact for each in years if each.opened and not each.began_below)
    return next(own, None)


def _under(issuer: str, known: Known) -> Iterator[Rulebook]:
    if issuer == OURS:
        yield from known.shipped()
    yield from _rulebooks(known.published_under(issuer), known)


def _of_nobody(known: Known) -> Iterator[Rulebook]:
    yield from known.shipped()
    yield from _rulebooks(known.published_by_nobody(), known)


def _rulebooks(published: Iterable[DocumentPublished], known: Known) -> Iterator[Rulebook]:
    return (known.rulebook(each.digest) for each in published if each.kind is DocumentKind.RULEBOOK)
