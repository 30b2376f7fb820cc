"""What was told of a member or unit and may be meant otherwise: it holds, and is shown.

A feed that repeats what it knew tells somebody enrolled after they left. Nothing is refused for
that, and nothing ends by it; but somebody ought to look.
"""

import enum
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import msgspec

from events.domain.organisation import member
from events.domain.organisation.timelines import Mark, State

AGAIN_MAX = timedelta(days=31)  # who comes back to the same unit so soon may never have left
# Timelines of which one thing holds at a time, told in the clear.
PLAIN = ("unit", "parent", "successor", "kind", "standing", "discipline ", "state_rating ")

Spell = tuple[datetime, datetime | None]  # from when until when; None while it goes on


class Why(enum.StrEnum):
    CAME_BACK = "came_back"  # to the same unit, shortly after leaving it
    NEVER_CAME = "never_came"  # came and left at one moment
    ENDED_AGAIN = "ended_again"  # shortly after coming back: it may have been told again
    FORMED_AGAIN = "formed_again"  # after it was dissolved
    NEVER_STOOD = "never_stood"  # formed and dissolved at one moment
    DISCIPLINED_AGAIN = "disciplined_again"  # by a decision that was lifted, and stays so
    CONTRADICTED = "contradicted"  # at one moment by two facts of one kind; the later told holds


class Doubt(msgspec.Struct, frozen=True, order=True):
    since: datetime  # when what is doubtful began to hold
    why: Why


def of_member(state: State) -> tuple[Doubt, ...]:
    """Return what is doubtful of a member, the oldest first."""
    state = member.without_outlived(state)
    return tuple(sorted({*_of_membership(state), *_of_both(state)}))


def of_unit(state: State) -> tuple[Doubt, ...]:
    """Return what is doubtful of a unit, the oldest first."""
    return tuple(sorted({*_of_existence(state), *_of_both(state)}))


def _of_membership(state: State) -> Iterator[Doubt]:
    spells = list(state.spells(member.MEMBERSHIP))
    if spells and spells[-1][0] == spells[-1][1]:
        yield Doubt(spells[-1][0], Why.NEVER_CAME)
    yield from _ended_again(spells)
    if len(spells) > 1 and _goes_on(spells):
        left, back = spells[-2][1], spells[-1][0]
        units = [mark.value for mark in state.marks("unit") if mark.since < back]
        to_the_same = units[-1:] == [state.until(back).value("unit")]
        if left and to_the_same and back - left <= AGAIN_MAX:
            yield Doubt(back, Why.CAME_BACK)


def _of_existence(state: State) -> Iterator[Doubt]:
    spells = list(state.spells("existence"))
    if spells and spells[-1][0] == spells[-1][1]:
        yield Doubt(spells[-1][0], Why.NEVER_STOOD)
    yield from _ended_again(spells)
    if _goes_on(spells) and any(mark.value is None for mark in state.marks("existence")):
        yield Doubt(spells[-1][0], Why.FORMED_AGAIN)


def _ended_again(spells: Sequence[Spell]) -> Iterator[Doubt]:
    """Give a doubt where what had ended once began again and ended shortly after that."""
    for begun, ended in spells[1:][-1:]:
        if ended and begun < ended <= begun + AGAIN_MAX:
            yield Doubt(ended, Why.ENDED_AGAIN)


def _of_both(state: State) -> Iterator[Doubt]:
    for name in state.timelines:
        marks = state.marks(name)
        if name.startswith(PLAIN) and _contradict(marks):
            yield Doubt(marks[-1].since, Why.CONTRADICTED)
        lifted = state.last(f"lifted {name.removeprefix('discipline ')}")
        if name.startswith("discipline ") and lifted and marks[-1].since > lifted.since:
            again = next(mark.since for mark in marks if mark.since > lifted.since)
            yield Doubt(again, Why.DISCIPLINED_AGAIN)


def _goes_on(spells: Sequence[Spell]) -> bool:
    return bool(spells) and spells[-1][1] is None


def _contradict(marks: tuple[Mark, ...]) -> bool:
    """Tell whether of the moment since which something holds, another thing was told alike."""
    told = defaultdict[bool, set[str]](set)
    for mark in marks:
        if mark.since == marks[-1].since and mark.value is not None:
            told[mark.founding].add(mark.value)
    return any(len(values) > 1 for values in told.values())
