"""Whose words facts name, and whether a key was destroyed that nobody ordered to be.

Dark words are no finding, so two things must be so: they lie under the key of whom the fact is
about, for its period or the identity, and where a key was destroyed the log holds the order.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.erasure import ErasureOrdered
from events.definitions.escalation import EscalationRaised
from events.definitions.event import Event
from events.identifiers import Stream, erasure_stream
from events.store.keys import EVERY_SCOPE
from events.store.verification import Finding
from services.commands import erasures
from services.context import Context
from services.intake.translation import scope_of

ROSTER = ("member", "unit")


class Place(NamedTuple):
    """Under which key words lie: of somebody, who may be a member or a unit, and a scope."""

    about: str
    scope: str


class OwnerCheck:
    """Whose the words are that facts name, and what was ordered to go dark."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._places = dict[str, Place]()  # by the commitment, as it was named first
        self._others = dict[str, set[Place]]()  # a decision's number is told again in other years
        self._same = dict[Place, Place]()  # one object for words of one place: there are many
        self._escalated = dict[str, str]()  # about which review or plan an escalation is
        self._units = set[str]()
        self._ordered = dict[str, set[str | None]]()

    def see(self, recorded: Recorded) -> None:
        """Remember what one fact tells of whom there is and what is ordered."""
        event, stream = recorded.event, recorded.entry.stream
        if stream.startswith("unit-"):
            self._units.add(stream.partition("-")[2])
        elif isinstance(event, ErasureOrdered):
            self._ordered.setdefault(event.owner, set()).update(erasures.scopes_of(event.scope))
        elif isinstance(event, EscalationRaised):
            self._escalated[stream] = event.subject

    def see_named(self, commitment: str, stream: str, told: Event, since: datetime) -> None:
        """Remember under which key words lie that a fact of a stream names."""
        kind, _, rest = self._escalated.get(stream, stream).partition("-")
        scope, _, about = rest.rpartition("-")
        place = Place(about, scope_of(type(told), since) if kind in ROSTER else scope)
        if self._places.setdefault(commitment, self._same.setdefault(place, place)) != place:
            self._others.setdefault(commitment, set()).add(place)

    def wrong_place(self, commitment: str, owner: str, scope: str) -> str | None:
        """Return what is wrong where words, or a file, are kept under another key than theirs."""
        first = self._places[commitment]
        for about, of in (first, *self._others.get(commitment, ())):
            if (self._owner(about), of) == (owner, scope):
                return None
        told = f"{self._owner(first.about)} for {first.scope}"
        return (
            f"{commitment} is kept under {owner} for {scope}, and is {told}: restore the database"
        )

    def _owner(self, about: str) -> str:
        return f"unit-{about}" if about in self._units else f"member-{about}"

    def graves_wrong(self) -> Iterator[Finding]:
        """Tell of each key that was destroyed and that nobody ordered to be erased."""
        for owner, scope in self._context.keys.graves():
            if not self.is_ordered(owner, scope):
                which = "every scope" if scope == EVERY_SCOPE else scope
                told = "was destroyed, and nobody ordered it: restore the key store"
                yield Finding("the key store", f"the key of {owner} for {which} {told}")

    def is_ordered(self, owner: str, scope: str) -> bool:
        """Tell whether what lies under a key was ordered to be erased, so far or just now."""
        if _covers(self._ordered.get(owner, set()), scope):
            return True
        return _covers(self._orders_without_position(owner), scope)

    def _orders_without_position(self, owner: str) -> set[str | None]:
        """Return what was ordered just now: keys go at once, and the order is numbered later."""
        history = self._context.store.read_stream(erasure_stream(Stream(owner))).events
        told = (each.event for each in history if isinstance(each.event, ErasureOrdered))
        return {scope for each in told for scope in erasures.scopes_of(each.scope)}


def _covers(ordered: set[str | None], scope: str) -> bool:
    return None in ordered or scope in ordered
