"""Decisions on somebody as facts told of them: by issuer, number and year, all sealed."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from events.definitions.characters import alike, alike_number
from events.definitions.entry import Recorded
from events.definitions.event import Decision, Event, Sealed
from events.definitions.roster import (
    MemberDisciplined,
    MemberDisciplineLifted,
    UnitDisciplined,
    UnitDisciplineLifted,
)
from events.domain.documents.working_days import local_day
from events.domain.organisation.corrections import standing_facts
from events.vault.sealing import commit, decision_salt
from services.access import words
from services.context import Context

DECIDING: tuple[type[Event], ...] = (MemberDisciplined, UnitDisciplined)
LIFTING: tuple[type[Event], ...] = (MemberDisciplineLifted, UnitDisciplineLifted)

Sees: TypeAlias = Callable[[str], bool]  # whether a decision is, by its commitment
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
    grade: str = ""

    @property
    def year(self) -> int:
        return (self.day or self.told_on).year

    def may_be(self, issuer: str, day: date | None) -> bool:
        """Tell whether it may be the decision of that issuer and day, as far as those are told."""
        by = not issuer or not self.issuer or issuer == self.issuer
        return by and (day is None or (day.year == self.year if self.day else day <= self.told_on))

    def is_told_again_by(self, other: "ToldDecision") -> bool:
        """Tell whether another fact tells of this decision, if they are of one number and issuer.

        In another year it does where one does not say its day, the other is of no later one, and
        both say one grade: systems tell everything again every night.
        """
        if self.year == other.year:
            return True
        if self.grade != other.grade or (self.day and other.day):
            return False
        unsaid = self if other.day else other
        said = other if other.day else self
        return not said.day or said.day <= unsaid.told_on

    def is_certainly(self, issuer: str, day: date | None) -> bool:
        return self.may_be(issuer, day) and (
            (not issuer or issuer == self.issuer) and (day is None or day.year == self.year)
        )


def _freely(_looks: int) -> None:
    """Let whoever looks look at all."""


class DecisionsTold:
    """The decisions told of somebody, found by their numbers however these are written.

    Each stands there once, with all that was told of it. Somebody may be told of thousands of
    times: how a number is compared is found out once, and what has another one is not looked at.
    """

    def __init__(self, told: Iterable[ToldDecision] = ()) -> None:
        self._by_number: dict[str, dict[str, ToldDecision]] = {}  # then by the commitment
        self.commitments = set[str]()  # also of those that were erased
        self.some_erased = False
        self.spend: Callable[[int], None] = _freely  # to look at those of one number
        for each in told:
            self.add(each)

    def __iter__(self) -> Iterator[tuple[ToldDecision, ...]]:
        """Iterate over the decisions, those of one number together."""
        return (tuple(each.values()) for each in self._by_number.values())

    def add(self, told: ToldDecision) -> None:
        self.commitments.add(told.sealed)
        if told.number is None:
            self.some_erased = True
            return
        same = self._by_number.setdefault(alike_number(told.number), {})
        same[told.sealed] = _join(same.get(told.sealed), told)

    def of_number(self, number: str) -> Collection[ToldDecision]:
        found = self._by_number.get(alike_number(number), {}).values()
        self.spend(len(found))
        return found

    def meant(
        self, number: str, issuer: str = "", day: date | None = None, *, by: date | None = None
    ) -> list[ToldDecision]:
        """Return the decisions that somebody may mean who says a number, perhaps issuer and day.

        Those that fit all that is said come before those of which less was told. Without a day
        they mean none that was taken after the day `by` which they speak.
        """
        key = issuer_key(issuer)
        fits = [each for each in self.of_number(number) if each.may_be(key, day)]
        if day is None and by is not None:
            fits = [each for each in fits if (each.day or each.told_on) <= by]
        certain = [each for each in fits if each.is_certainly(key, day)]
        return certain if len(certain) == 1 else fits

    def told_again_by(self, new: ToldDecision) -> ToldDecision | None:
        """Return the decision of which another fact tells, however it is written; None if none."""
        known = self.of_number(new.number or "")
        found = [e for e in known if e.issuer == new.issuer and e.is_told_again_by(new)]
        return max(found, key=lambda e: (e.year == new.year, e.day or e.told_on), default=None)


def name_of(values: Mapping[str, Any], time: datetime) -> DecisionName:
    """Return by what a decision is known that a fact of some time tells of."""
    day = values.get("decided_on")
    year = day.year if day else local_day(time).year
    return DecisionName(values["decision"], issuer_key(values.get("issuer", "")), year)


def issuer_key(issuer: str) -> str:
    """Return the name of a body as it is compared."""
    return alike(issuer)


def decision_under(context: Context, owner: str, name: DecisionName) -> Sealed[Decision] | None:
    """Return how facts name a decision on somebody; None where it was never told, or was erased.

    The owner is the stream of whom it is about. It was told first in one of their years.
    """
    years = context.keys.keys((owner, each) for each in context.keys.scopes(owner))
    named = [name.commitment_under(key) for key in years.values()]
    told = context.store.sealed_texts(named)
    return next((Sealed(each) for each in named if each in told), None)


def decisions_told(
    context: Context,
    history: Iterable[Recorded],
    *,
    but: Collection[int] = (),
    sees: Sees | None = None,
) -> DecisionsTold:
    """Return the decisions that the standing facts of a history tell of, with what was told.

    What stands at the versions `but` is passed over, and what whoever asks does not see.
    """
    told = [
        (event, time)
        for version, (event, time) in standing_facts(history).items()
        if isinstance(event, _Disciplined) and version not in but
        if sees is None or sees(event.decision.sealed)
    ]
    sealed = [each.sealed for event, _ in told for each in (event.decision, event.issuer) if each]
    opened = words.open_all(context, sealed).words if sealed else {}
    clear = {each: word.text for each, word in opened.items()}
    return DecisionsTold(_decision_of(event, time, clear) for event, time in told)


def _decision_of(event: _Disciplined, time: datetime, opened: Mapping[str, str]) -> ToldDecision:
    issuer = opened.get(event.issuer.sealed, "") if event.issuer else ""
    return ToldDecision(
        event.decision.sealed,
        opened.get(event.decision.sealed),
        issuer_key(issuer),
        event.decided_on or None,
        local_day(time),
        event.grade,
    )


def _join(one: ToldDecision | None, other: ToldDecision) -> ToldDecision:
    """Return what two facts tell of one decision."""
    if one is None:
        return other
    return one._replace(day=one.day or other.day, told_on=min(one.told_on, other.told_on))
