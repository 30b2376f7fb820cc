"""Decisions on somebody as facts told of them: by issuer, number and year, all sealed."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from events.definitions.characters import plain
from events.definitions.entry import Recorded
from events.definitions.event import Decision, Event, Sealed
from events.definitions.roster import (
    MemberDisciplined,
    MemberDisciplineLifted,
    UnitDisciplined,
    UnitDisciplineLifted,
)
from events.domain.documents.working_days import local_day
from events.domain.organisation import timelines
from events.vault.sealing import commit, decision_salt
from services.access import words
from services.context import Context

DECIDING: tuple[type[Event], ...] = (MemberDisciplined, UnitDisciplined)
LIFTING: tuple[type[Event], ...] = (MemberDisciplineLifted, UnitDisciplineLifted)

_Disciplined: TypeAlias = MemberDisciplined | UnitDisciplined


class DecisionName(NamedTuple):
    """By what a decision on somebody is known."""

    number: str
    issuer: str  # folded; empty where none was told
    year: int  # in which it was taken

    def commitment_under(self, key: bytes) -> str:
        return commit(self.salt_under(key), self.number)

    def salt_under(self, key: bytes) -> bytes:
        return decision_salt(key, self.number, self.issuer, str(self.year))


class ToldDecision(NamedTuple):
    """A decision as facts told of it."""

    sealed: str  # the commitment to its number
    number: str | None  # None: it was erased
    issuer: str  # folded; empty where none was told
    day: date | None  # on which it was taken, if that was told
    told_on: date  # the day of the fact: it was taken by then

    @property
    def year(self) -> int:
        return (self.day or self.told_on).year

    def may_be(self, issuer: str, day: date | None) -> bool:
        """Tell whether it may be the decision of that issuer and day, as far as those are told."""
        by = not issuer or not self.issuer or issuer == self.issuer
        return by and (day is None or (day.year == self.year if self.day else day <= self.told_on))

    def is_certainly(self, issuer: str, day: date | None) -> bool:
        return self.may_be(issuer, day) and (
            (not issuer or issuer == self.issuer) and (day is None or day.year == self.year)
        )


def name_of(values: Mapping[str, Any], time: datetime) -> DecisionName:
    """Return by what a decision is known that a fact of some time tells of."""
    day = values.get("decided_on")
    year = day.year if day else local_day(time).year
    return DecisionName(values["decision"], issuer_key(values.get("issuer", "")), year)


def issuer_key(issuer: str) -> str:
    """Return the name of a body as it is compared."""
    return plain(issuer).casefold()


def decision_under(context: Context, owner: str, name: DecisionName) -> Sealed[Decision] | None:
    """Return how facts name a decision on somebody; None where it was never told, or was erased.

    The owner is the stream of whom it is about. It was told first in one of their years.
    """
    years = context.keys.keys((owner, each) for each in context.keys.scopes(owner))
    named = [name.commitment_under(key) for key in years.values()]
    told = context.store.sealed_texts(named)
    return next((Sealed(each) for each in named if each in told), None)


def decisions_told(
    context: Context, history: Iterable[Recorded], *, but: Collection[int] = ()
) -> list[ToldDecision]:
    """Return the decisions that the standing facts of a history tell of, with what was told.

    What stands at the versions `but` is passed over.
    """
    told = [
        (event, time)
        for version, (event, time) in timelines.standing_facts(history).items()
        if isinstance(event, _Disciplined) and version not in but
    ]
    sealed = [each.sealed for event, _ in told for each in (event.decision, event.issuer) if each]
    opened = words.open_all(context, sealed).words if sealed else {}
    return [
        _decision_of(event, time, {each: word.text for each, word in opened.items()})
        for event, time in told
    ]


def meant(
    told: Iterable[ToldDecision], number: str, issuer: str = "", day: date | None = None
) -> list[ToldDecision]:
    """Return the decisions that somebody may mean who says a number, and perhaps issuer and day.

    Those that fit all that is said come before those of which less was told.
    """
    known: dict[str, ToldDecision] = {}
    for each in told:
        if each.number == plain(number):
            known[each.sealed] = _join(known.get(each.sealed), each)
    by = issuer_key(issuer)
    fits = [each for each in known.values() if each.may_be(by, day)]
    certain = [each for each in fits if each.is_certainly(by, day)]
    return certain if len(certain) == 1 else fits


def _decision_of(event: _Disciplined, time: datetime, opened: Mapping[str, str]) -> ToldDecision:
    issuer = opened.get(event.issuer.sealed, "") if event.issuer else ""
    return ToldDecision(
        event.decision.sealed,
        opened.get(event.decision.sealed),
        issuer_key(issuer),
        event.decided_on or None,
        local_day(time),
    )


def _join(one: ToldDecision | None, other: ToldDecision) -> ToldDecision:
    """Return what two facts tell of one decision."""
    if one is None:
        return other
    return one._replace(day=one.day or other.day, told_on=min(one.told_on, other.told_on))
