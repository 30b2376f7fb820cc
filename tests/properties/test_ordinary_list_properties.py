"""Whoever is told of in order and of whom nothing odd is told, of them nothing is doubtful."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.records import Period
from events.definitions.roster import (
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberMoved,
    MemberStandingChanged,
    MemberStateRated,
    PostGiven,
    PostRelieved,
    Standing,
)
from events.domain.documents.working_days import local_day
from events.domain.organisation import doubts, ends, member
from tests.support.history import NOON, record
from tests.support.roster_facts import (
    ABOVE,
    ABSENT,
    BACK,
    EXEMPTED,
    EXEMPTION_ENDED,
    LEFT,
    ME,
    NEW,
    OLD,
    Told,
    enrolled,
)
from tests.support.sealed import sealed

UNITS = (OLD, NEW, ABOVE)
DAYS_BETWEEN = st.integers(3, 150)
STEPS_MIN, STEPS_MAX = 4, 16
POSTS = [(unit_id, Code("secretary")) for unit_id in UNITS]
OFFICIAL = MemberStandingChanged(member_id=ME, standing=Standing.OFFICIAL)
SWITCHES = ((ABSENT, BACK), (EXEMPTED, EXEMPTION_ENDED))
NIGHT = timedelta(hours=9)

Step = list[Told]  # what is told before anybody looks


class Life:
    """What a system tells of a member, who is in one unit and holds some posts."""

    def __init__(self) -> None:
        self.now = NOON
        self.unit = OLD
        self.goes_on: dict[object, Event] = {}  # what the night's list tells, and ends one day
        self.decided = 0

    def come(self) -> Step:
        return [(self.now, enrolled(OLD, Standing.PROBATIONARY))]

    def move(self, draw: st.DrawFn) -> Step:
        self.unit = draw(st.sampled_from([each for each in UNITS if each != self.unit]))
        return [(self.now, MemberMoved(member_id=ME, unit_id=self.unit))]

    def be_transferred(self, draw: st.DrawFn) -> Step:
        """Leave, and come elsewhere by the next day; what holds of who was moved goes on."""
        left, unit_left = self.now, self.unit
        self.move(draw)
        self.goes_on = {
            key: e for key, e in self.goes_on.items() if key not in _posts_in(unit_left)
        }
        self.now += draw(st.sampled_from([timedelta(), timedelta(hours=12), timedelta(days=1)]))
        return [(left, LEFT), (self.now, enrolled(self.unit))]

    def turn_post(self, draw: st.DrawFn) -> Step:
        unit_id, post = key = draw(st.sampled_from(POSTS))
        if self.goes_on.pop(key, None):
            return [(self.now, PostRelieved(member_id=ME, unit_id=unit_id, post=post))]
        self.goes_on[key] = PostGiven(member_id=ME, unit_id=unit_id, post=post)
        return [(self.now, self.goes_on[key])]

    def turn_switch(self, draw: st.DrawFn) -> Step:
        begins, ended = draw(st.sampled_from(SWITCHES))
        if self.goes_on.pop(type(begins), None):
            return [(self.now, ended)]
        self.goes_on[type(begins)] = begins
        return [(self.now, begins)]

    def be_official(self, _draw: st.DrawFn) -> Step:
        return [(self.now, OFFICIAL)]

    def be_rated(self, draw: st.DrawFn) -> Step:
        period, level = Period(str(local_day(self.now).year - 1)), draw(st.sampled_from("ab"))
        rated = MemberStateRated(member_id=ME, period=period, level=Code(level))
        return [(self.now, rated)]

    def turn_discipline(self, _draw: st.DrawFn) -> Step:
        if told := self.goes_on.pop(MemberDisciplined, None):
            assert isinstance(told, MemberDisciplined)
            return [(self.now, MemberDisciplineLifted(member_id=ME, decision=told.decision))]
        self.decided += 1
        self.goes_on[MemberDisciplined] = disciplined = MemberDisciplined(
            member_id=ME,
            decision=sealed(f"{self.decided}-QĐ"),
            grade=Code("warning"),
            decided_on=local_day(self.now),
        )
        return [(self.now, disciplined)]

    def be_listed(self, _draw: st.DrawFn) -> Step:
        """Tell all that holds as of that night."""
        return [(self.now, each) for each in (enrolled(self.unit), *self.goes_on.values())]


def _posts_in(unit_id: str) -> list[object]:
    return [each for each in POSTS if each[0] == unit_id]


ORDINARY = (
    Life.move,
    *(Life.be_transferred, Life.turn_post) * 3,  # what one does to the other is most of it
    Life.turn_switch,
    Life.be_official,
    Life.be_rated,
    Life.turn_discipline,
    Life.be_listed,
)


@st.composite
def lives(draw: st.DrawFn) -> list[Step]:
    """What befalls a member step by step, days lying between; in the end they may leave."""
    life = Life()
    steps = [life.come()]
    for step in draw(st.lists(st.sampled_from(ORDINARY), min_size=STEPS_MIN, max_size=STEPS_MAX)):
        life.now += timedelta(days=draw(DAYS_BETWEEN)) + NIGHT * draw(st.integers(0, 1))
        steps.append(step(life, draw))
    if draw(st.booleans()):
        life.now += ends.LIST_MAX + timedelta(days=2)
        steps.append([(life.now, LEFT)])
        steps.append([(life.now + NIGHT, LEFT)])  # as every night's list of who left
    return steps


def one_by_one(told: Sequence[Told]) -> Iterator[Recorded]:
    numbered = enumerate(told, start=1)
    return (record(e, version=n, time=at, told_at=at) for n, (at, e) in numbered)


def at_once(told: Sequence[Told]) -> Iterator[Recorded]:
    """Iterate over facts of a first file, in which founding facts come before what they found."""
    ordered = sorted(told, key=lambda each: each[1].definition.founds is None)
    last = max(at for at, _ in told)
    numbered = enumerate(ordered, start=1)
    return (record(e, version=n, time=at, told_at=last) for n, (at, e) in numbered)


@given(lives())
def test_nothing_is_doubtful_of_whom_lists_tell_in_order_or_a_first_file_at_once(
    life: list[Step],
) -> None:
    told = list[Told]()
    for step in life:
        told += step
        assert doubts.of_member(member.fold(one_by_one(told))) == ()

    assert doubts.of_member(member.fold(at_once(told))) == ()
