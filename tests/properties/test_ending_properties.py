"""Nobody's year, and no unit, ends without a word where anything was told of a day after that."""

from datetime import datetime, timedelta

from hypothesis import assume, given
from hypothesis import strategies as st

from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.roster import (
    MemberMoved,
    MemberStandingChanged,
    Standing,
    UnitAuthorised,
    UnitAuthorityEnded,
    UnitMoved,
    UnitRenamed,
)
from events.domain.documents.working_days import start_of_day
from events.domain.organisation import doubts, member, unit
from events.domain.organisation.timelines import State
from tests.support.effort import fewer
from tests.support.history import NOON, day, record
from tests.support.roster_facts import (
    ABOVE,
    ABSENT,
    BACK,
    DISSOLVED,
    EXEMPTED,
    EXEMPTION_ENDED,
    GIVEN,
    LEFT,
    ME,
    NEW,
    OLD,
    RELIEVED,
    Told,
    enrolled,
    formed,
)

DAYS, OTHERS_MAX = 9, 6
HOURS = (0, 8, 17)  # of a day; the first is that of whoever knows none
AHEAD = timedelta(days=20)  # before its time something may be told


OF_MEMBER: tuple[Event, ...] = (
    GIVEN,
    ABSENT,
    EXEMPTED,
    MemberMoved(member_id=ME, unit_id=NEW),
    MemberMoved(member_id=ME, unit_id=OLD),
    MemberStandingChanged(member_id=ME, standing=Standing.OFFICIAL),
)
OTHERS_OF_MEMBER = (*OF_MEMBER, RELIEVED, BACK, EXEMPTION_ENDED, LEFT, enrolled(NEW), enrolled(OLD))
OF_UNIT: tuple[Event, ...] = (
    UnitMoved(unit_id=OLD, parent_id=NEW),
    UnitRenamed(unit_id=OLD, name="B"),
    UnitAuthorised(unit_id=OLD),
)
OTHERS_OF_UNIT = (*OF_UNIT, UnitAuthorityEnded(unit_id=OLD), DISSOLVED, formed(ABOVE))


@st.composite
def feeds(
    draw: st.DrawFn,
    founded: Event,
    ended: Event,
    later: tuple[Event, ...],
    others: tuple[Event, ...],
) -> list[Recorded]:
    """Facts in any order: a founding, an ending, something of a later day, and others anywhere."""
    last = draw(st.integers(2, DAYS))
    told: list[Told] = [
        (day(1), founded),
        (draw(moments(2, last)), ended),
        (draw(moments(last + 1, DAYS + 1)), draw(st.sampled_from(later))),
    ]
    some = st.tuples(moments(1, DAYS), st.sampled_from(others))
    told += draw(st.lists(some, max_size=OTHERS_MAX))
    return [
        record(event, version=version, time=at, told_at=draw(tellings(at)))
        for version, (at, event) in enumerate(draw(st.permutations(told)), start=1)
    ]


@st.composite
def moments(draw: st.DrawFn, first: int, last: int) -> datetime:
    at = start_of_day(day(draw(st.integers(first, last))))
    return at + timedelta(hours=draw(st.sampled_from(HOURS)))


def tellings(at: datetime) -> st.SearchStrategy[datetime]:
    """When something was told: ahead, or once it was."""
    return st.sampled_from((at - AHEAD, at, NOON))


def ends_otherwise(state: State, timelines: tuple[str, ...]) -> bool:
    """Tell whether the last that is told of some timelines, be it ahead, is no ending."""
    told = [
        mark
        for name, marks in state.with_all_ahead().timelines.items()
        if name.startswith(timelines)
        for mark in marks
    ]
    last = max(mark.since for mark in told)
    return all(mark.value is not None for mark in told if mark.since == last)


@fewer(2)
@given(feed=feeds(enrolled(OLD), LEFT, OF_MEMBER, OTHERS_OF_MEMBER))
def test_nobody_who_is_told_of_after_they_left_is_in_no_year_without_a_doubt(
    feed: list[Recorded],
) -> None:
    told = (member.MEMBERSHIP, member.UNIT, member.STANDING, member.ABSENCE, member.EXEMPTION)
    state = member.fold(feed)
    assume(member.view(state.with_all_ahead()).membership == member.LEFT)
    assume(ends_otherwise(state, (*told, member.POST)))

    assert doubts.of_member(state)


@fewer(2)
@given(feed=feeds(formed(ABOVE), DISSOLVED, OF_UNIT, OTHERS_OF_UNIT))
def test_no_unit_that_is_told_of_after_it_was_dissolved_is_gone_without_a_doubt(
    feed: list[Recorded],
) -> None:
    state = unit.fold(feed)
    assume(unit.view(state.with_all_ahead()).dissolved_at)
    assume(ends_otherwise(state, ("existence", "name", "parent", "authority")))

    assert doubts.of_unit(state)
