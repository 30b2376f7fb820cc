"""What was so of a member over some months, and how a feed of HR's tells of it.

Left out of what is drawn is what no feed tells apart: two transfers within days, a member or an
absence that came, went and came again on one day, an end that is told again once the same thing
began anew, and a list that tells of a unit that was left before.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Subject
from events.definitions.roster import (
    FactTookEffect,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberEnrolled,
    MemberMoved,
    MemberStandingChanged,
    PostGiven,
    PostRelieved,
    Standing,
)
from events.domain.documents.working_days import local_day, start_of_day
from events.domain.organisation import member
from events.domain.organisation.disciplines import DISCIPLINE
from tests.support.drawn_organisations import Dice
from tests.support.history import correction, day, record
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
    SECRETARY,
    Told,
    enrolled,
)
from tests.support.sealed import sealed

COURSE = member.MEMBERSHIP  # whose steps are of belonging itself
UNITS = (OLD, NEW, ABOVE)
DECISIONS = (sealed("1-QĐ"), sealed("2-QĐ"))
PROBATION, OFFICIAL = (
    MemberStandingChanged(member_id=ME, standing=each)
    for each in (Standing.PROBATIONARY, Standing.OFFICIAL)
)
THINGS: dict[str, tuple[Event, Event]] = {  # that begin and end, by their timelines
    **{
        f"{member.POST}{each} {SECRETARY}": (
            PostGiven(member_id=ME, unit_id=each, post=SECRETARY),
            PostRelieved(member_id=ME, unit_id=each, post=SECRETARY),
        )
        for each in UNITS
    },
    member.ABSENCE: (ABSENT, BACK),
    member.EXEMPTION: (EXEMPTED, EXEMPTION_ENDED),
    member.STANDING: (PROBATION, OFFICIAL),
    **{
        f"{DISCIPLINE}{each.sealed}": (
            MemberDisciplined(member_id=ME, decision=each, grade=Code("warning")),
            MemberDisciplineLifted(member_id=ME, decision=each),
        )
        for each in DECISIONS
    },
}

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
BEGINNING = start_of_day(day(1))
APART = 4 * DAY  # of what tells of one transfer
STEPS_MAX = 6
HALF, SELDOM = 50, 15  # in a hundred
DAYS, HOURS = (0, 0, 1, 1, 2, 3, 5, 12, 25), (8, 17)  # between two steps, and of a day
AHEAD = 20 * DAY  # of its day something may be told
WRONG = (-2, 1, 9)  # by how many days a fact is told wrongly
LATER = (0 * HOUR, 4 * HOUR, DAY, 2 * DAY, 7 * DAY)  # by which something is told a second time
# When the leaving and the coming of a transfer are told, from when it was.
SIDES = ((0, 0), (-1, 0), (0, 1), (-3, 0), (0, 3), (1, 0), (2, 0))  # in days


class Fact(NamedTuple):
    at: datetime
    event: Event
    thing: str

    def later(self, by: timedelta) -> "Fact":
        return self._replace(at=self.at + by)

    def of_day(self) -> "Fact":
        return self._replace(at=start_of_day(self.at))


class Life:
    """What was so: of each step when it was, what a plain feed tells, and what goes on in the end.

    Of a post in a unit that was left nobody says whether it goes on: it is in neither.
    """

    def __init__(self) -> None:
        self.facts: list[Fact] = []
        self.unit_id = OLD
        self.is_here = True
        self.goes_on = set[str]()
        self.unsaid = set[str]()

    def what_may_turn(self, at: datetime) -> list[str]:
        """Return what may begin or end at a time: a decision once, absences once a day."""
        once = (member.ABSENCE, member.EXEMPTION)
        told = {(e.thing, local_day(e.at)) for e in self.facts}
        begun = {e.thing for e in self.facts if e.thing.startswith(DISCIPLINE)}
        return [
            thing
            for thing in THINGS
            if thing in self.goes_on
            or not (thing in begun or (thing in once and (thing, local_day(at)) in told))
        ]

    def came_before(self, at: datetime) -> timedelta:
        comings = [e.at for e in self.facts if e.thing == COURSE and e.event != LEFT]
        return at - comings[-1]

    def come(self, at: datetime, unit_id: str) -> None:
        self.unit_id, self.is_here = unit_id, True  # type: ignore[assignment]
        self.facts.append(Fact(at, enrolled(self.unit_id), COURSE))

    def leave(self, at: datetime) -> None:
        self.is_here = False
        self.goes_on = {each for each in self.goes_on if each.startswith(DISCIPLINE)}
        self.unsaid.clear()
        self.facts.append(Fact(at, LEFT, COURSE))

    def move(self, at: datetime, unit_id: str) -> None:
        self.unsaid |= {
            each for each in self.goes_on if each.startswith(f"{member.POST}{self.unit_id}")
        }
        self.unit_id = unit_id  # type: ignore[assignment]
        self.facts.append(Fact(at, MemberMoved(member_id=ME, unit_id=self.unit_id), COURSE))

    def turn(self, at: datetime, thing: str) -> None:
        """Let something begin that does not go on, or end."""
        self.unsaid.discard(thing)
        self.facts.append(Fact(at, THINGS[thing][thing in self.goes_on], thing))
        self.goes_on ^= {thing}


def life_of(dice: Dice, *, leaves: bool = True) -> Life:
    """Return a member who came on the first day, and what befell them in some months."""
    life, at = Life(), BEGINNING + 8 * HOUR
    life.come(at, dice.pick(UNITS))
    for _ in range(dice.pick(range(1, STEPS_MAX + 1))):
        at = _later_than(dice, at)
        what = dice.pick(("turn", "turn", "turn", "move", "leave"))
        if not life.is_here:
            life.come(at, dice.pick(UNITS))
        elif what == "move" and life.came_before(at) >= APART:
            life.move(at, dice.pick([each for each in UNITS if each != life.unit_id]))
        elif what == "leave" and leaves and life.came_before(at) >= DAY:
            life.leave(at)
        else:
            life.turn(at, dice.pick(life.what_may_turn(at)))
    return life


def _later_than(dice: Dice, at: datetime) -> datetime:
    """Return a later hour of that day, or one of a later day."""
    later = start_of_day(at) + dice.pick(DAYS) * DAY + dice.pick(HOURS) * HOUR
    return later if later > at else at + HOUR


def feed_of(dice: Dice, life: Life, *, ahead: bool = True) -> list[Recorded]:
    """Return what a feed with the usual habits tells of a life.

    It writes a transfer by its two sides, each of its own day; of some facts it knows days alone;
    it tells some twice, and one of them wrongly, which it corrects; in any order, or all at once.
    """
    told = [each for fact in life.facts for each in _sides(dice, fact)]
    kinds = sorted({type(each.event) for each in told}, key=str)
    of_days = [each for each in kinds if dice.often(HALF)]
    told = [each.of_day() if type(each.event) in of_days else each for each in told]
    for _ in range(dice.pick(range(3))):
        again, by = dice.pick(told), dice.pick(LATER)
        if not _is_undone_by(told, again, by):
            told.append(again.later(by))
    facts: list[tuple[Fact, Fact | None]] = [(each, None) for each in told]
    if dice.often(HALF):
        place = dice.pick(range(len(told)))
        facts[place] = (told[place].later(dice.pick(WRONG) * DAY), told[place])
    facts = dice.shuffled(facts)
    if dice.often(HALF):
        facts.sort(key=lambda each: each[0].at)
    return list(_recorded(dice, facts, ahead=ahead))


def _sides(dice: Dice, fact: Fact) -> list[Fact]:
    """Return how a fact is told: a move also by a coming, or by a leaving and a coming."""
    if not isinstance(fact.event, MemberMoved):
        return [fact]
    came = fact._replace(event=enrolled(fact.event.unit_id))
    left, back = dice.pick(SIDES)
    both = [fact._replace(event=LEFT).later(left * DAY), came.later(back * DAY)]
    return dice.pick(([fact], [came], both, both))


def _is_undone_by(told: list[Fact], again: Fact, by: timedelta) -> bool:
    """Tell whether a second telling would undo something else that was of that thing meanwhile.

    That a leaving is told again by the other unit is usual, and doubtful.
    """
    if again.event == LEFT:
        return False
    near = APART if isinstance(again.event, MemberEnrolled | MemberMoved) else DAY
    return any(
        each.thing == again.thing
        and each.event != again.event
        and again.at - near < each.at < again.at + by + near
        for each in told
    )


def _recorded(
    dice: Dice, facts: list[tuple[Fact, Fact | None]], *, ahead: bool
) -> Iterator[Recorded]:
    """Iterate over facts as recorded: at once, or one by one, some ahead of their day."""
    last = max(each.at for each, _ in facts) + 10 * DAY
    afterwards, hours = last + 99 * DAY, dice.pick((0, 1))
    version, waiting = 0, list[int]()
    corrections = list[Event]()
    for version, (fact, right) in enumerate(facts, start=1):
        told_at = last + version * hours * HOUR
        if right:
            corrections.append(correction(version, (right.at, right.event)))
        elif ahead and dice.often(SELDOM):
            waiting.append(version)
            told_at = fact.at - AHEAD
        yield record(fact.event, version=version, time=fact.at, told_at=told_at)
    if waiting:
        subject = Subject(f"member-{ME}")
        corrections.append(FactTookEffect(subject=subject, versions=tuple(waiting)))
    for number, event in enumerate(corrections, start=version + 1):
        yield record(event, version=number, time=last, told_at=afterwards)


def plainly(life: Life) -> list[Recorded]:
    """Return what a feed tells that tells all as it was, in order, by the hour."""
    return [
        record(fact.event, version=version, time=fact.at, told_at=fact.at)
        for version, fact in enumerate(life.facts, start=1)
    ]


def told_again(feed: list[Recorded], facts: Sequence[Told]) -> list[Recorded]:
    """Return a feed, and facts that it tells after that, one by one."""
    version, last = feed[-1].entry.streamversion, feed[-1].entry.recordedat
    return [
        *feed,
        *(
            record(event, version=version + hours, time=at, told_at=last + hours * HOUR)
            for hours, (at, event) in enumerate(facts, start=1)
        ),
    ]


def in_words(life: Life, feed: list[Recorded]) -> str:
    """Return a life and what was told of it, for whoever is to see what was wrong."""
    lived = [_line(each.at, each.event) for each in life.facts]
    told = [
        f"{_line(each.entry.time, each.event)}, told {each.entry.recordedat:%m-%d %H}"
        for each in feed
    ]
    return "\n".join(("It was:", *lived, "It was told, in UTC:", *told))


def _line(at: datetime, event: Event) -> str:
    words = (getattr(event, name, "") for name in ("unit_id", "standing", "corrects", "versions"))
    return " ".join([f"{at:%m-%d %H}", type(event).__name__, *(f"{each}"[:13] for each in words)])
