"""What a fact changes of whom it is about: since when, which timelines, and which posts.

Before it is told and after: what it takes away is changed as what it gives.
"""

from collections.abc import Collection, Iterator
from datetime import date, datetime
from itertools import chain
from typing import NamedTuple

from events.definitions.event import Event
from events.definitions.roster import FactCorrected
from events.domain.documents.periods import days_of, is_period
from events.domain.documents.working_days import end_of_day, start_of
from events.domain.organisation import member, timelines, unit
from events.domain.organisation.corrections import fact_of
from events.domain.organisation.delegations import DELEGATION
from events.domain.organisation.disciplines import DISCIPLINE, LIFTED, year_of
from events.domain.organisation.timelines import State, Telling
from events.identifiers import Stream
from services.intake.tree import Span

UNIT, MEMBER = "unit-", "member-"
_DECIDED = "decided "
_RATED = "state_rating "
_COUNTED = ("fault ", _DECIDED)  # by whose value a discipline counts in a year
# With its decision each is one timeline.
_DISCIPLINE = (DISCIPLINE, LIFTED, "self_detected ", *_COUNTED)


class Written(NamedTuple):
    """A fact that is about to be appended."""

    nth: int  # in the batch, from 0
    id: str
    stream: Stream
    event: Event
    time: datetime
    recorded_at: datetime


class Touched(NamedTuple):
    """What is told of somebody before a fact and after it, and what differs."""

    before: State
    after: State
    since: datetime  # the earliest moment, or end of a period, of which anything changes
    timelines: frozenset[str]

    def posts(self) -> Iterator[Span]:
        """Iterate over the units where a post is told of, or changes by what else is told."""
        for name in self.timelines:
            if name.startswith(member.OF_A_UNIT):
                yield Span(member.unit_of(name), self.since, self._last_of(name))
        leaves = member.MEMBERSHIP in self.timelines  # by which all of them may end
        touched = None if leaves else self.timelines
        before, after = _posts(self.before, touched), _posts(self.after, touched)
        yield from before ^ after
        if leaves and _memberships(self.before) != _memberships(self.after):
            yield from (e for e in before | after if e.until is None or e.until > self.since)

    def _last_of(self, name: str) -> datetime | None:
        """Return when a delegation is over that is touched, at the latest; of a post, nothing."""
        if not name.startswith(DELEGATION):
            return None
        told = chain(self.before.timelines.get(name, ()), self.after.timelines.get(name, ()))
        days = [date.fromisoformat(each.value) for each in told if each.value]
        return max(self.since, end_of_day(start_of(max(days)))) if days else None


def after(state: State, written: Written) -> State:
    """Return what will be told of whom a fact is about once it is appended."""
    marks_of = unit.marks_of if written.stream.startswith(UNIT) else member.marks_of
    told = Telling(state.version + 1, written.time, written.recorded_at, written.id)
    return timelines.after(state, written.event, told, marks_of)


def size_of(state: State) -> int:
    """Return how many marks are looked at where one fact more is told."""
    return sum(map(len, chain(state.timelines.values(), state.waiting.values())))


def view_of(state: State, *, ahead: bool) -> State:
    """Return what is told of a day to come as well, or what holds."""
    return member.without_outlived(state.with_all_ahead() if ahead else state)


def touched_by(written: Written, before: State, *, ahead: bool) -> Touched:
    """Return what a fact changes, given what was told before it: also ahead, or what holds."""
    then, before = view_of(after(before, written), ahead=ahead), view_of(before, ahead=ahead)
    told = chain(_marks_of(written), _marks_gone(written.event, before))
    marks = dict[str, datetime]()
    for name, since in told:
        marks[name] = min(since, marks.get(name, since))
    counted = (day for state in (before, then) for day in times_counted(state, frozenset(marks)))
    since = min(chain(marks.values(), counted), default=written.time)  # none: it takes what waits
    return Touched(before, then, since, frozenset(marks))


def _marks_of(written: Written) -> Iterator[tuple[str, datetime]]:
    """Iterate over the timelines on which a fact tells something, and since when."""
    event, time = fact_of(written.event, written.time)
    for name, _ in member.marks_of(event) or unit.marks_of(event):
        yield name, time


def _marks_gone(event: Event, before: State) -> Iterator[tuple[str, datetime]]:
    """Iterate over the timelines from which a correction takes something, and since when."""
    if isinstance(event, FactCorrected):
        for name, marks in before.timelines.items():
            yield from ((name, mark.since) for mark in marks if mark.version == event.corrects)


def times_counted(state: State, touched: frozenset[str]) -> Iterator[datetime]:
    """Iterate over when what counts in years began, and over the ends of the periods it counts in.

    A discipline told again, or lifted, changes the year in which it was told first.
    """
    decisions = {e.removeprefix(k) for e in touched for k in _DISCIPLINE if e.startswith(k)}
    ratings = {each for each in touched if each.startswith(_RATED)}
    for name in ratings | {f"{kind}{decision}" for decision in decisions for kind in _DISCIPLINE}:
        for mark in state.timelines.get(name, ()):
            yield mark.since
            period = mark.value if name.startswith(_COUNTED) else name.removeprefix(_RATED)
            period = year_of(period) if period and name.startswith(_DECIDED) else period
            if period and is_period(period):
                yield end_of_day(start_of(days_of(period)[1]))


def _posts(state: State, touched: Collection[str] | None) -> set[Span]:
    """Return in which units somebody held posts, of some timelines, and when; leaving ends them.

    What they stand in for ends by itself: whoever tells of them tells nothing of whose post it is.
    """
    ends = member.Ends(state)
    names = state.timelines.keys() if touched is None else state.timelines.keys() & touched
    return {
        Span(member.unit_of(name), since, until)
        for name in names
        if name.startswith(member.POST)
        for since, until in state.spells(name, ends=ends.of(name))
    }


def _memberships(state: State) -> list[tuple[datetime, datetime | None]]:
    """Return when somebody was a member."""
    return list(state.spells(member.MEMBERSHIP))
