"""Disciplines of members and units, as facts tell of them: which stand, and which were lifted.

They are known by their decision. A slip in its number, issuer or year that is put right makes the
same facts tell of another decision, and what was said of the old one is meant of that.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime
from typing import NamedTuple

import msgspec

from events.definitions.roster import (
    MemberDisciplined,
    MemberDisciplineLifted,
    UnitDisciplined,
    UnitDisciplineLifted,
)
from events.domain.documents.working_days import local_day
from events.domain.organisation.timelines import EVER, Mark, State

DISCIPLINE = "discipline "  # begins the timelines of disciplines: then comes the decision
LIFTED = "lifted "  # likewise
TOLD_BY = f"{EVER}discipline "  # likewise: by which facts, also before they were corrected
DETECTED, UNDETECTED = "yes", "no"  # by whom a discipline is about


class Discipline(msgspec.Struct, frozen=True):
    decision: str  # the commitment to its number: the same for each fact that speaks of it
    grade: str
    since: datetime
    period: str = ""  # in which it is counted
    self_detected: bool = False  # told and fully remedied by whom it is about


def discipline_marks(
    event: MemberDisciplined | MemberDisciplineLifted | UnitDisciplined | UnitDisciplineLifted,
) -> list[tuple[str, str | None]]:
    """Return the marks of a discipline of a member or unit, told by its decision."""
    decision = event.decision.sealed
    if isinstance(event, MemberDisciplineLifted | UnitDisciplineLifted):
        return [(f"{LIFTED}{decision}", "lifted")]
    return [
        (f"{DISCIPLINE}{decision}", event.grade),
        (f"{TOLD_BY}{decision}", event.grade),
        (f"self_detected {decision}", DETECTED if event.self_detected else UNDETECTED),
        *([(f"fault {decision}", event.fault_period)] if event.fault_period else ()),
        *([(f"decided {decision}", event.decided_on.isoformat())] if event.decided_on else ()),
    ]


def disciplines_of(state: State) -> tuple[Discipline, ...]:
    """Return the disciplines of a member or unit that stand, by decision.

    What was lifted stays lifted, though it be told again: what decides anew has another number.
    """
    told = Decisions(state)
    standing = (each for each in state.open_marks(DISCIPLINE) if not told.lifting_of(each[0]))
    return tuple(_discipline(state, *each) for each in standing)


def _discipline(state: State, decision: str, mark: Mark) -> Discipline:
    """Return a discipline with the period in which it is counted."""
    day = state.value(f"decided {decision}") or local_day(mark.since).isoformat()
    return Discipline(
        decision,
        mark.value or "",
        mark.since,
        period=state.value(f"fault {decision}") or year_of(day),
        self_detected=state.value(f"self_detected {decision}") == DETECTED,
    )


def year_of(day: str) -> str:
    """Return the year of a day, as `decided` timelines have it, as a period."""
    return str(date.fromisoformat(day).year)


class _Lifting(NamedTuple):
    """A lifting of what a fact told of before it was corrected, or tells of still."""

    mark: Mark
    is_alone: bool  # nothing tells of that decision any more


class Decisions:
    """The decisions that a state tells of, by their facts: all are looked at once, not for each."""

    def __init__(self, state: State) -> None:
        self._state = state
        self._liftings = defaultdict[int, list[_Lifting]](list)  # by the version of the fact
        self._grades = dict[int, str | None]()  # of what a fact tells now, likewise
        for name, marks in state.timelines.items():
            if name.startswith(TOLD_BY):
                self._add_lifting(name.removeprefix(TOLD_BY), marks)
            elif name.startswith(DISCIPLINE):
                self._grades.update((mark.version, mark.value) for mark in marks)

    def _add_lifting(self, decision: str, marks: tuple[Mark, ...]) -> None:
        if lifted := self._state.last(f"{LIFTED}{decision}"):
            lifting = _Lifting(lifted, f"{DISCIPLINE}{decision}" not in self._state.timelines)
            for version in {mark.version for mark in marks}:
                self._liftings[version].append(lifting)

    def lifting_of(self, decision: str) -> Mark | None:
        """Return since when a discipline is lifted; None where it stands.

        A lifting of what the same facts told before their number, issuer or year was put right
        means this one: if that came later, or there is nothing else for it to lift.
        """
        own = self._state.last(f"{LIFTED}{decision}")
        return own or min(self._liftings_before(decision), default=None, key=_order)

    def _liftings_before(self, decision: str) -> Iterator[Mark]:
        for mark in self._state.timelines.get(f"{DISCIPLINE}{decision}", ()):
            made = self._state.correction_of(mark.version)
            for lifted, is_alone in self._liftings.get(mark.version, ()):
                if is_alone or (made and made.made_at > lifted.since):
                    yield lifted

    def was_put_right(self, decision: str) -> bool:
        """Tell whether a fact told of a discipline that tells now of another one of its grade."""
        told = self._state.timelines.get(f"{TOLD_BY}{decision}", ())
        marks = self._state.marks(f"{DISCIPLINE}{decision}")
        here, grade = {mark.version for mark in marks}, marks[-1].value
        gone = {mark.version for mark in told} - here
        return any(self._grades.get(version) == grade for version in gone)


def _order(mark: Mark) -> tuple[datetime, int]:
    return mark.since, mark.version
