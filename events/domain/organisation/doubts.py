"""What was told of a member or unit and may be meant otherwise: it holds, and is shown.

A feed that repeats what it knew tells somebody enrolled after they left. Nothing is refused for
that, and nothing ends by it; but somebody ought to look.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, groupby

from events.domain.documents.working_days import local_day
from events.domain.organisation import ends, member
from events.domain.organisation.delegations import DELEGATION
from events.domain.organisation.disciplines import DISCIPLINE, LIFTED, Decisions, year_of
from events.domain.organisation.doubt import Doubt, Why
from events.domain.organisation.timelines import Mark, State

AWAY_MAX = timedelta(days=366)  # who is away longer, and not said until when, may be back
# Timelines of which one thing holds at a time, told in the clear; of both, a member and a unit.
_OF_MEMBER = (member.UNIT, member.STANDING, "state_rating ", DELEGATION)
_OF_UNIT = ("name", "kind", "parent", "successor")
# Of what is told of a discipline, which no decision ever changes.
_OF_DECISION = (DISCIPLINE, "decided ", "fault ", "self_detected ")
# Timelines of what changes.
_CHANGE = (member.UNIT, member.STANDING, "name", "kind", "parent")


def of_member(state: State) -> tuple[Doubt, ...]:
    """Return what is doubtful of a member, the oldest first."""
    told_after = ends.told_after_leaving(state)
    state = member.without_outlived(state)
    found = (
        _of_membership(state),
        _of_both(state, _OF_MEMBER),
        ends.ended_before(state),
        ends.ended_at_once(state),
        told_after,
    )
    return tuple(sorted({*chain(*found)}))


def of_places(state: State, gone: Mapping[str, datetime]) -> tuple[Doubt, ...]:
    """Return whether a member is told to be, or to act, in a unit since after it was dissolved.

    With when each unit was dissolved that is.
    """
    holds = member.view(state)
    if holds.membership == member.LEFT:
        return ()
    told = [(each.unit_id, each.since) for each in holds.posts]
    if holds.unit_id and holds.unit_since:
        told.append((holds.unit_id, holds.unit_since))
    late = [since for unit_id, since in told if unit_id in gone and since > gone[unit_id]]
    return (Doubt(min(late), Why.TOLD_AFTER),) if late else ()


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
    found = (
        _of_existence(state),
        _another_unit(state),
        _of_both(state, _OF_UNIT),
        ends.ended_before(state),
        ends.ended_at_once(state),
        ends.told_after_dissolving(state),
    )
    return tuple(sorted({*chain(*found)}))


def _of_membership(state: State) -> Iterator[Doubt]:
    spells = list(state.spells(member.MEMBERSHIP))
    yield from (Doubt(at, Why.NEVER_CAME) for at in ends.ended_by_beginning(spells))
    yield from ends.ended_again(spells)
    yield from ends.ended_by_leaving(state, spells)
    yield from ends.ended_elsewhere(spells, state.marks(member.UNIT))
    if len(spells) > 1 and _goes_on(spells):
        left, back = spells[-2][1], spells[-1][0]
        units = [mark.value for mark in state.marks("unit") if mark.since < back]
        to_the_same = units[-1:] == [state.until(back).value("unit")]
        late = _since_told_before(state, state.marks(member.MEMBERSHIP), ends.goes)
        if left and to_the_same and (late or back - left <= ends.LIST_MAX):
            yield Doubt(back, Why.CAME_BACK)


def _of_existence(state: State) -> Iterator[Doubt]:
    spells = list(state.spells("existence"))
    yield from (Doubt(at, Why.NEVER_STOOD) for at in ends.ended_by_beginning(spells))
    yield from ends.ended_again(spells)
    yield from ends.ended_elsewhere(spells, state.marks("parent"))
    if _goes_on(spells) and any(mark.value is None for mark in state.marks("existence")):
        yield Doubt(spells[-1][0], Why.FORMED_AGAIN)


def _another_unit(state: State) -> Iterator[Doubt]:
    """Give a doubt where a unit that stood was told anew with another name and another parent."""
    for name in _changes_by_founding(state.marks("name")):
        if any(
            each.version == name.version for each in _changes_by_founding(state.marks("parent"))
        ):
            yield Doubt(name.since, Why.TOLD_ANOTHER)


def _changes_by_founding(marks: Sequence[Mark]) -> Iterator[Mark]:
    return (mark for mark in ends.changes(marks) if mark.founding)


def _of_both(state: State, plain: tuple[str, ...]) -> Iterator[Doubt]:
    for corrected in state.corrected.values():
        if corrected.is_tied:
            yield Doubt(corrected.made_at, Why.CONTRADICTED)
        elif not corrected.came_last:
            yield Doubt(corrected.made_at, Why.CORRECTED_TO_NO_EFFECT)
    told = Decisions(state)
    for name in state.timelines:
        marks = state.marks(name)
        if name.startswith(plain) and (at := _contradiction_of(marks)):
            yield Doubt(at, Why.CONTRADICTED)
        if name.startswith((*ends.BEGIN_AND_END, *ends.COURSE)):
            yield from ends.ended_that_day(marks)
        if name.startswith(ends.BEGIN_AND_END):
            yield from _doubt_of_undone(state, marks, ends.goes)
        elif name in _CHANGE and name in plain:
            yield from _doubt_of_undone(state, marks, _value)
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
    told_of = (f"{name}{decision}" for name in _OF_DECISION)
    for mark in [*chain(*(ends.changes(state.marks(each)) for each in told_of))][:1]:
        yield Doubt(mark.since, Why.TOLD_OTHERWISE)
    if not lifted and told.was_put_right(decision):
        yield Doubt(marks[0].since, Why.TOLD_AS_BEFORE)


def _without_year(state: State, decision: str, marks: Sequence[Mark]) -> Iterator[Doubt]:
    """Give a doubt where a decision was told in another year again, by a fact that says no day."""
    said = state.marks(f"decided {decision}")
    year = int(year_of(said[-1].value or "")) if said else local_day(marks[0].since).year
    with_day = {mark.version for mark in said}
    for mark in marks:
        if mark.version not in with_day and local_day(mark.since).year != year:
            yield Doubt(mark.since, Why.YEAR_UNSAID)
            break


def _doubt_of_undone(
    state: State, marks: Sequence[Mark], of: Callable[[Mark], object]
) -> Iterator[Doubt]:
    """Give a doubt where what holds was told before that which it undoes."""
    if again := _since_told_before(state, marks, of):
        yield Doubt(again, Why.UNDONE)


def _since_told_before(
    state: State, marks: Sequence[Mark], of: Callable[[Mark], object]
) -> datetime | None:
    """Return since when something is again as it was, by what was told before what it undoes.

    What was told at once says in no order what its sender knew: a file may tell of years. What was
    told after an end begins anew, be it on that day: a term follows another.
    """
    runs = [list(alike) for _, alike in groupby(marks, key=of)][-3:]
    before, other, again = [[], [], [], *runs][-3:]
    if not before or of(before[0]) != of(again[0]) or not of(again[0]):
        return None
    was_told_before = again[0].version < min(state.first_beside(each.version) for each in other)
    return again[0].since if was_told_before else None


def _since(mark: Mark) -> datetime:
    return mark.since


def _value(mark: Mark) -> str | None:
    return mark.value


def _goes_on(spells: Sequence[ends.Spell]) -> bool:
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
