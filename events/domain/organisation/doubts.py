"""What was told of a member or unit and may be meant otherwise: it holds, and is shown.

A feed that repeats what it knew tells somebody enrolled after they left. Nothing is refused for
that, and nothing ends by it; but somebody ought to look.
"""

import enum
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, groupby, pairwise

import msgspec

from events.domain.documents.working_days import local_day, start_of_day
from events.domain.organisation import member
from events.domain.organisation.disciplines import DISCIPLINE, LIFTED, Decisions
from events.domain.organisation.timelines import Mark, State

AGAIN_MAX = timedelta(days=31)  # what ends so soon after it began may have been told again alone
LIST_MAX = timedelta(days=366)  # between two lists, of which the later may know of no leaving
AWAY_MAX = timedelta(days=366)  # who is away longer, and not said until when, may be back
# Timelines of which one thing holds at a time, told in the clear; of both, a member and a unit.
_OF_DISCIPLINE = (DISCIPLINE, "fault ", "self_detected ", "decided ")
_OF_MEMBER = (member.UNIT, member.STANDING, "state_rating ", *_OF_DISCIPLINE)
_OF_UNIT = ("name", "kind", "parent", "successor", *_OF_DISCIPLINE)
# Timelines of what begins and ends, whatever its value, and of what changes: told late, what ended
# or changed may stand again, for it was told meanwhile as it was before.
_BEGIN_AND_END = (member.POST, member.EXEMPTION, member.ABSENCE, "authority", "issuer ")
_COURSE = (member.MEMBERSHIP, "existence")
_CHANGE = (member.UNIT, member.STANDING, "name", "kind", "parent")

Spell = tuple[datetime, datetime | None]  # from when until when; None while it goes on


class Why(enum.StrEnum):
    CAME_BACK = "came_back"  # to the same unit, by a list that may not know of the leaving
    NEVER_CAME = "never_came"  # came and left at one moment
    ENDED_AGAIN = "ended_again"  # shortly after coming back: it may have been told again
    ENDED_ANEW = "ended_anew"  # shortly after being told elsewhere, or anew of that day by no hour
    ENDED_BEFORE = "ended_before"  # it began: it was told ahead, and begins nonetheless
    FORMED_AGAIN = "formed_again"  # after it was dissolved
    NEVER_STOOD = "never_stood"  # formed and dissolved at one moment
    LIFTED_BEFORE = "lifted_before"  # its number, issuer or year was put right: it stays so
    TOLD_AS_BEFORE = "told_as_before"  # told again as it was before that: taken for two disciplines
    DISCIPLINED_AGAIN = "disciplined_again"  # by a decision that was lifted, and stays so
    YEAR_UNSAID = (
        "year_unsaid"  # disciplined in two years by one number without its day: taken as one
    )
    UNDONE = "undone"  # what ended or changed is again as it was, by what was told before that
    TOLD_ANOTHER = "told_another"  # a unit, told anew under another name and another parent
    STILL_AWAY = "still_away"  # longer than was expected, or than a year: nobody told them back
    CONTRADICTED = "contradicted"  # at one moment by two facts of one kind; the later told holds


class Doubt(msgspec.Struct, frozen=True, order=True):
    since: datetime  # when what is doubtful began to hold
    why: Why


def of_member(state: State) -> tuple[Doubt, ...]:
    """Return what is doubtful of a member, the oldest first."""
    state = member.without_outlived(state)
    found = (_of_membership(state), _of_both(state, _OF_MEMBER), _ended_before(state))
    return tuple(sorted({*chain(*found)}))


def of_absence(state: State, today: date) -> tuple[Doubt, ...]:
    """Return whether it is doubtful, as of a day, that a member is away still."""
    away_since = member.view(state).absent_since if member.ABSENCE in state.timelines else None
    if not away_since:
        return ()
    told = [mark for mark in state.marks(member.EXPECTED_BACK) if mark.since >= away_since]
    until = local_day(away_since) + AWAY_MAX
    if told:
        until = date.fromisoformat(told[-1].value or "")
    return (Doubt(away_since, Why.STILL_AWAY),) if until < today else ()


def of_unit(state: State) -> tuple[Doubt, ...]:
    """Return what is doubtful of a unit, the oldest first."""
    found = (_of_existence(state), _another_unit(state), _of_both(state, _OF_UNIT))
    return tuple(sorted({*chain(*found, _ended_before(state))}))


def _of_membership(state: State) -> Iterator[Doubt]:
    spells = list(state.spells(member.MEMBERSHIP))
    if spells and spells[-1][0] == spells[-1][1]:
        yield Doubt(spells[-1][0], Why.NEVER_CAME)
    yield from _ended_again(spells)
    yield from _ended_elsewhere(spells, state.marks(member.UNIT))
    if len(spells) > 1 and _goes_on(spells):
        left, back = spells[-2][1], spells[-1][0]
        units = [mark.value for mark in state.marks("unit") if mark.since < back]
        to_the_same = units[-1:] == [state.until(back).value("unit")]
        late = _since_told_before(state.marks(member.MEMBERSHIP), _goes)
        if left and to_the_same and (late or back - left <= LIST_MAX):
            yield Doubt(back, Why.CAME_BACK)


def _of_existence(state: State) -> Iterator[Doubt]:
    spells = list(state.spells("existence"))
    if spells and spells[-1][0] == spells[-1][1]:
        yield Doubt(spells[-1][0], Why.NEVER_STOOD)
    yield from _ended_again(spells)
    yield from _ended_elsewhere(spells, state.marks("parent"))
    if _goes_on(spells) and any(mark.value is None for mark in state.marks("existence")):
        yield Doubt(spells[-1][0], Why.FORMED_AGAIN)


def _ended_again(spells: Sequence[Spell]) -> Iterator[Doubt]:
    """Give a doubt where what had ended once began again and ended shortly after that."""
    for begun, ended in spells[1:][-1:]:
        if ended and begun < ended <= begun + AGAIN_MAX:
            yield Doubt(ended, Why.ENDED_AGAIN)


def _ended_elsewhere(spells: Sequence[Spell], places: Sequence[Mark]) -> Iterator[Doubt]:
    """Give a doubt where what ended had come elsewhere shortly before: a transfer has two sides.

    One of them may tell the day of the coming, the other a later hour or day as that of the going.
    """
    for begun, ended in spells[-1:]:
        if ended and any(
            begun < mark.since <= ended <= mark.since + AGAIN_MAX for mark in _changes(places)
        ):
            yield Doubt(ended, Why.ENDED_ANEW)


def _ended_that_day(marks: Sequence[Mark]) -> Iterator[Doubt]:
    """Give a doubt where what went on ended on a day of which it was told anew without an hour."""
    end, the_day = marks[-1], start_of_day(marks[-1].since)
    went_on = any(_goes(mark) for mark in [m for m in marks if m.since < the_day][-1:])
    anew = any(_goes(mark) for mark in marks if mark.since == the_day != end.since)
    if went_on and anew and not _goes(end):
        yield Doubt(end.since, Why.ENDED_ANEW)


def _ended_before(state: State) -> Iterator[Doubt]:
    """Give a doubt where an end ended nothing but came before what was told ahead until then."""
    told = state.with_all_ahead()
    for name in told.timelines:
        if name.startswith((*_BEGIN_AND_END, *_COURSE)):
            marks = told.marks(name)
            for before, end, mark in zip((None, *marks), marks, marks[1:], strict=False):
                has_ended = _goes(end) or (before is not None and _goes(before))
                if _goes(mark) and mark.foretold and mark.foretold <= end.since and not has_ended:
                    yield Doubt(mark.since, Why.ENDED_BEFORE)


def _another_unit(state: State) -> Iterator[Doubt]:
    """Give a doubt where a unit that stood was told anew with another name and another parent."""
    for name in _changes_by_founding(state.marks("name")):
        if any(
            each.version == name.version for each in _changes_by_founding(state.marks("parent"))
        ):
            yield Doubt(name.since, Why.TOLD_ANOTHER)


def _changes_by_founding(marks: Sequence[Mark]) -> Iterator[Mark]:
    return (mark for mark in _changes(marks) if mark.founding)


def _changes(marks: Sequence[Mark]) -> Iterator[Mark]:
    return (mark for before, mark in pairwise(marks) if mark.value != before.value)


def _of_both(state: State, plain: tuple[str, ...]) -> Iterator[Doubt]:
    for corrected in state.corrected.values():
        if corrected.is_tied:
            yield Doubt(corrected.made_at, Why.CONTRADICTED)
    told = Decisions(state)
    for name in state.timelines:
        marks = state.marks(name)
        if name.startswith(plain) and (at := _contradiction_of(marks)):
            yield Doubt(at, Why.CONTRADICTED)
        if name.startswith((*_BEGIN_AND_END, *_COURSE)):
            yield from _ended_that_day(marks)
        if name.startswith(_BEGIN_AND_END):
            yield from _doubt_of_undone(marks, _goes)
        elif name in _CHANGE and name in plain:
            yield from _doubt_of_undone(marks, _value)
        if name.startswith(DISCIPLINE):
            yield from _of_discipline(state, told, name.removeprefix(DISCIPLINE))


def _of_discipline(state: State, told: Decisions, decision: str) -> Iterator[Doubt]:
    lifted, marks = told.lifting_of(decision), state.marks(f"{DISCIPLINE}{decision}")
    if lifted and not state.last(f"{LIFTED}{decision}"):
        yield Doubt(lifted.since, Why.LIFTED_BEFORE)
    if lifted and marks[-1].since > lifted.since:
        again = next(mark.since for mark in marks if mark.since > lifted.since)
        yield Doubt(again, Why.DISCIPLINED_AGAIN)
    else:
        yield from _without_year(state, decision, marks)
    if not lifted and told.was_put_right(decision):
        yield Doubt(marks[0].since, Why.TOLD_AS_BEFORE)


def _without_year(state: State, decision: str, marks: Sequence[Mark]) -> Iterator[Doubt]:
    """Give a doubt where a decision was told in another year again, by a fact that says no day."""
    said = state.marks(f"decided {decision}")
    year = int(said[-1].value or 0) if said else local_day(marks[0].since).year
    with_day = {mark.version for mark in said}
    for mark in marks:
        if mark.version not in with_day and local_day(mark.since).year != year:
            yield Doubt(mark.since, Why.YEAR_UNSAID)
            break


def _doubt_of_undone(marks: Sequence[Mark], of: Callable[[Mark], object]) -> Iterator[Doubt]:
    """Give a doubt where what holds was told before that which it undoes, or of one moment."""
    if again := _since_told_before(marks, of):
        yield Doubt(again, Why.UNDONE)


def _since_told_before(marks: Sequence[Mark], of: Callable[[Mark], object]) -> datetime | None:
    """Return since when something is again as it was, by what was told before what it undoes."""
    runs = [list(alike) for _, alike in groupby(marks, key=of)][-3:]
    before, other, again = [[], [], [], *runs][-3:]
    if not before or of(before[0]) != of(again[0]) or not of(again[0]):
        return None
    was_told_before = again[0].version < min(each.version for each in other)
    at_once = of is _goes and again[0].since == other[0].since  # what changes contradicts itself
    return again[0].since if was_told_before or at_once else None


def _goes(mark: Mark) -> bool:
    return mark.value is not None


def _since(mark: Mark) -> datetime:
    return mark.since


def _value(mark: Mark) -> str | None:
    return mark.value


def _goes_on(spells: Sequence[Spell]) -> bool:
    return bool(spells) and spells[-1][1] is None


def _contradiction_of(marks: Sequence[Mark]) -> datetime | None:
    """Return of which moment two facts tell different things that say what holds, or since when.

    Of an earlier one they do where what holds is one of them: it holds since then, or only later.
    """
    holds = marks[-1].value
    for at, those in groupby(reversed(marks), key=_since):
        here, told = list(those), defaultdict[bool, set[str | None]](set)
        for mark in here:
            told[mark.founding].add(mark.value)
        is_last = at == marks[-1].since
        if any(len(each) > 1 and (is_last or holds in each) for each in told.values()):
            return at
        if any(mark.value != holds for mark in here):
            return None
    return None
