"""What the operator says of a unit where HR does not: that it decides, and its issuer's name.

Both are the same facts that HR tells, and HR may correct them.
"""

from events.definitions.event import Code, Event
from events.definitions.roster import (
    IssuerNamed,
    IssuerNameEnded,
    UnitAuthorised,
    UnitAuthorityEnded,
)
from events.domain.documents import issuers
from events.domain.organisation import unit
from events.domain.organisation.unit import Unit
from events.identifiers import Stream, UnitId, unit_stream
from events.store.batch import Appended
from services.commands.executor import OPERATOR, attempt, new_event
from services.context import Context
from services.queries import publications
from services.read_models import roster

SOURCE = "/operator"


def authorise(context: Context, unit_id: UnitId, *, decides: bool = True) -> bool:
    """Tell that a unit decides, and may open periods, or no more; False if it is so already."""

    def once() -> bool:
        holds, version = _unit(context, unit_id)
        if bool(holds.authority_since) is decides:
            return False
        fact = UnitAuthorised if decides else UnitAuthorityEnded
        _append(context, unit_stream(unit_id), version, fact(unit_id=unit_id))
        return True

    return attempt(once)


def name_issuer(context: Context, unit_id: UnitId, issuer: str, *, holds: bool = True) -> bool:
    """Tell that a unit publishes under a name, or no more; False if it is so already.

    Raises:
        CommandRejected: the name is ours, or another unit's.
    """
    holders = set(roster.holders_of_issuer(context.store.database, issuer)) - {unit_id}
    if issuer == issuers.OURS or (holds and holders):
        raise issuers.issuer_taken(issuer)

    def once() -> bool:
        known, version = _unit(context, unit_id)
        if (issuer in known.issuers) is holds:
            return False
        fact = IssuerNamed if holds else IssuerNameEnded
        _append(context, unit_stream(unit_id), version, fact(unit_id=unit_id, issuer=Code(issuer)))
        return True

    return attempt(once)


def free_issuer(context: Context, issuer: str) -> None:
    """Free a name under which something was published, and nothing was opened.

    Raises:
        CommandRejected: it is ours, nobody's, or a year was opened under what was published.
    """

    def once() -> None:
        published, version = publications.of_issuer(context, issuer)
        freed = issuers.free(published, issuer, publications.used_rulebooks(context))
        _append(context, publications.stream_of(issuer), version, freed)

    attempt(once)


def _unit(context: Context, unit_id: UnitId) -> tuple[Unit, int]:
    """Return what holds of a unit, and its stream's version."""
    history = context.store.read_stream(unit_stream(unit_id))
    state = unit.fold(history.events).with_due(context.clock.now())
    return unit.view(state), history.version


def _append(context: Context, stream: Stream, version: int, event: Event) -> None:
    new = new_event(context, event, source=SOURCE, principal=OPERATOR)
    context.store.append({stream: Appended(version, (new,))})
