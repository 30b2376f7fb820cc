"""Where what ended may go on, and what goes on may have ended: an end told beside something else.

A transfer has two sides, lists know days without hours, and much is told ahead. What ended has
ended nonetheless (decision 0092).
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import chain, groupby, pairwise

from events.domain.documents.working_days import local_day, start_of_day
from events.domain.organisation import member
from events.domain.organisation.doubt import Doubt, Why
from events.domain.organisation.timelines import Mark, State, is_short_break

LIST_MAX = timedelta(days=366)  # between two lists, of which the later may know of no leaving
HARDLY_AWAY = timedelta(days=31)  # who is back by then may have been transferred
# Timelines of what begins and ends, whatever its value.
BEGIN_AND_END = (member.POST, member.EXEMPTION, member.ABSENCE, "authority", "issuer ")
_OF_DAYS = (member.EXEMPTION, member.ABSENCE)
COURSE = (member.MEMBERSHIP, "existence")
_OF_STANDING = ("name", "kind", "parent", "authority", "issuer ")  # of a unit, until its end

Spell = tuple[datetime, datetime | None]  # from when until when; None while it goes on


def ended_by_beginning(spells: Sequence[Spell]) -> Iterator[datetime]:
    """Iterate over when something began last that is hardly told to have been.

    It ended at that moment; or had never been there before, and ended by the next day.
    """
    for begun, ended in spells[-1:]:
        if ended and (begun == ended or (len(spells) == 1 and is_short_break(begun, ended))):
            yield begun


def ended_again(spells: Sequence[Spell]) -> Iterator[Doubt]:
    """Give a doubt where what had ended once began again and ended shortly after that."""
    for begun, ended in spells[1:][-1:]:
        if ended and begun < ended <= begun + LIST_MAX:
            yield Doubt(ended, Why.ENDED_AGAIN)


def ended_elsewhere(spells: Sequence[Spell], places: Sequence[Mark]) -> Iterator[Doubt]:
    """Give a doubt where what ended had come elsewhere shortly before: a transfer has two sides.

    One of them may tell the day of the coming, the other a later hour or day as that of the going.
    """
    for begun, ended in spells[-1:]:
        here = [mark for mark in places if mark.since >= begun]
        if ended and any(each.since <= ended <= each.since + LIST_MAX for each in changes(here)):
            yield Doubt(ended, Why.ENDED_ANEW)


def told_after_leaving(state: State) -> Iterator[Doubt]:
    """Give a doubt where anything of belonging is told of a day after somebody had left.

    Whoever tells of it knows of no leaving: it may be one side of a transfer. What was told ahead
    of the leaving is not forgotten by it without a word either.
    """
    every = state.with_all_ahead()
    holds = member.without_outlived(every)
    end = holds.last(member.MEMBERSHIP)
    late = list(_outlived_times(every, holds))
    if end and not goes(end):
        late += _after(end.since, every)
    if late:
        yield Doubt(min(late), Why.TOLD_AFTER)


def _outlived_times(every: State, holds: State) -> Iterator[datetime]:
    """Iterate over when what was told began that is left out of what holds."""
    for name, marks in every.timelines.items():
        kept = {*holds.timelines.get(name, ())}
        yield from (mark.since for mark in filter(goes, marks) if mark not in kept)


def _after(left: datetime, every: State) -> Iterator[datetime]:
    """Iterate over when what was told of belonging began after a leaving; a post, on that day."""
    for name, marks in every.timelines.items():
        if member.is_of_belonging(name):
            yield from (mark.since for mark in filter(goes, marks) if mark.since > left)
        if name.startswith(member.POST):
            begun = (since for since, _ in every.spells(name))
            yield from (since for since in begun if local_day(since) == local_day(left))


def told_after_dissolving(state: State) -> Iterator[Doubt]:
    """Give a doubt where a unit is told to change, or to decide, after it was dissolved."""
    every = state.with_all_ahead()
    end = every.last("existence")
    if end and not goes(end):
        told = (marks for name, marks in every.timelines.items() if name.startswith(_OF_STANDING))
        late = [mark.since for mark in filter(goes, chain(*told)) if mark.since > end.since]
        yield from (Doubt(at, Why.TOLD_AFTER) for at in sorted(late)[:1])


def ended_at_once(state: State) -> Iterator[Doubt]:
    """Give a doubt where what began ended with that, by what may have come first.

    That may be an end of the same moment, or of the day of which its beginning was told without an
    hour; or a leaving of that day, of whoever came back. Absences and exemptions of a day are
    usual: only where another ended that day, the end may be meant of that.
    """
    course, ends = state.last(member.MEMBERSHIP), member.Ends(state)
    if course and not goes(course):
        return  # of which `told_after_leaving` tells
    for name in state.timelines:
        if name.startswith(BEGIN_AND_END):
            leavings = ends.of(name)
            spells = [*state.spells(name, ends=leavings)]
            for begun, ended in spells[-1:]:
                if ended and local_day(begun) == local_day(ended):
                    by_leaving = any(each.at == ended for each in leavings)
                    at_once = begun in (ended, start_of_day(begun))
                    if by_leaving or (at_once and not _is_of_a_day(name, spells)):
                        yield Doubt(begun, Why.ENDED_AT_ONCE)


def _is_of_a_day(name: str, spells: Sequence[Spell]) -> bool:
    """Tell whether what goes on for a day at times did so, and nothing before it ended that day."""
    day, before = local_day(spells[-1][0]), [ended for _, ended in spells[:-1] if ended]
    return name.startswith(_OF_DAYS) and all(local_day(ended) != day for ended in before)


def ended_by_leaving(state: State, course: Sequence[Spell]) -> Iterator[Doubt]:
    """Give a doubt where nothing but a leaving ended something, and the member was soon back.

    Who left on a Friday and came elsewhere on Monday was transferred, yet they are away, exempt
    and on probation no more, and hold no post; a list that repeats what it knew says nothing
    against it. A post in the unit that they left is meant to end, unless they came back to it or
    it was given since. A leaving that is told again, by the other unit, ends what was told between
    the two as well. Of one that was doubtful by itself it is no matter when they were back.
    """
    if not course[1:] or course[-1][1]:
        return  # as nearly always
    undone = dict(_undone_leavings(state, course))
    leavings = member.Ends(state)
    for name in state.timelines:
        if name.startswith((*BEGIN_AND_END, member.STANDING)) and _is_told_to_go_on(state, name):
            for begun, ended in [*state.spells(name, ends=leavings.of(name))][-1:]:
                if not ended or ended not in undone:
                    continue
                if name.startswith(BEGIN_AND_END) and local_day(begun) == local_day(ended):
                    continue  # of which `ended_at_once` tells
                first, back = undone[ended]
                if begun > first or not _is_of_unit_left(state, name, ended, back):
                    yield Doubt(back, Why.ENDED_BY_LEAVING)


def _undone_leavings(
    state: State, course: Sequence[Spell]
) -> Iterator[tuple[datetime, tuple[datetime, datetime]]]:
    """Iterate over leavings that may have been none, with the first of each and the coming back.

    They were doubtful by themselves, or the member was soon back. Both units may tell of one.
    """
    places = state.marks(member.UNIT)
    for number, (spell, following) in enumerate(pairwise(course), start=1):
        first, back = spell[1], following[0]
        so_far = course[:number]
        is_doubtful = any(chain(ended_again(so_far), ended_elsewhere(so_far, places)))
        if first and (is_doubtful or _is_hardly_away(state, back)):
            for left in state.marks(member.MEMBERSHIP):
                if first <= left.since <= back and not goes(left):
                    yield left.since, (first, back)


def _is_hardly_away(state: State, back: datetime) -> bool:
    """Tell whether a member left, or was told of, shortly before they came back."""
    belonging = (m for name, m in state.timelines.items() if member.is_of_belonging(name))
    return any(timedelta() < back - each.since <= HARDLY_AWAY for each in chain(*belonging))


def _is_told_to_go_on(state: State, name: str) -> bool:
    """Tell whether something goes on, but for a leaving, that is not so of whoever comes."""
    return state.value(name) not in (None, member.OFFICIAL)


def _is_of_unit_left(state: State, name: str, left: datetime, back: datetime) -> bool:
    """Tell whether a timeline is of a post in a unit that its member left for another one."""
    if not name.startswith(member.POST):
        return False
    unit_id = member.unit_left(state.marks(member.UNIT), left)
    return member.unit_of(name) == unit_id != state.until(back).value(member.UNIT)


def ended_that_day(marks: Sequence[Mark]) -> Iterator[Doubt]:
    """Give a doubt where what went on ended on a day of which it was told anew without an hour."""
    end, *_ = [[*alike] for _, alike in groupby(marks, key=goes)][-1]  # lists tell it again
    the_day = start_of_day(end.since)
    went_on = any(goes(mark) for mark in [m for m in marks if m.since < the_day][-1:])
    anew = any(goes(mark) for mark in marks if mark.since == the_day != end.since)
    if went_on and anew and not goes(end):
        yield Doubt(end.since, Why.ENDED_ANEW)


def ended_before(state: State) -> Iterator[Doubt]:
    """Give a doubt where an end ended nothing but came before what was told ahead until then."""
    told = state.with_all_ahead()
    for name in told.timelines:
        if name.startswith((*BEGIN_AND_END, *COURSE)):
            marks = told.marks(name)
            once = [next(alike) for _, alike in groupby(marks, key=_moment)]
            for before, end, mark in zip((None, *once), once, once[1:], strict=False):
                has_ended = goes(end) or (before is not None and goes(before))
                if goes(mark) and _was_foretold_by(mark, end.since) and not has_ended:
                    yield Doubt(mark.since, Why.ENDED_BEFORE)
            yield from _ended_nothing(marks, is_course=name in COURSE)


def _was_foretold_by(mark: Mark, at: datetime) -> bool:
    return mark.foretold is not None and mark.foretold <= at


def _ended_nothing(marks: Sequence[Mark], *, is_course: bool) -> Iterator[Doubt]:
    """Give a doubt where an end ended nothing but lies just before what began and goes on.

    Told without its hour it lies before what began that day by the hour. Of who belongs where only
    the first is asked: lists of all who left tell of each leaving again.
    """
    runs = [[*alike] for _, alike in groupby(marks, key=goes)]
    if len(runs) > 1 and goes(runs[-1][0]):
        before, told, began = runs[:-2], runs[-2], runs[-1][0]
        has_ended = bool(before) and (is_course or told[0].since == told[-1].since)
        near = is_short_break(told[-1].since, began.since)
        if near and not has_ended and not _was_foretold_by(began, told[-1].since):
            yield Doubt(began.since, Why.ENDED_NOTHING)


def changes(marks: Sequence[Mark]) -> Iterator[Mark]:
    return (mark for before, mark in pairwise(marks) if mark.value != before.value)


def _moment(mark: Mark) -> tuple[datetime, bool]:
    return mark.since, goes(mark)


def goes(mark: Mark) -> bool:
    return mark.value is not None
