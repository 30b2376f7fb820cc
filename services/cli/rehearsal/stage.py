"""Where a story is played: a service, its driven clock, and what HR tells as time goes on."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import Protocol

from events.clock import Clock
from events.domain.documents.working_days import ZONE, local_day
from events.domain.organisation import member
from events.errors import TusoiError
from events.identifiers import MemberId
from services.cli.rehearsal.driver import Driver, Fact
from services.context import Context
from services.intake.numbers import ids_under
from services.queries.speaking import every_rulebook
from services.read_models import backlog
from services.read_models.states import MEMBERS

QUIET_SECONDS = 60  # for workers to do what follows from a day
LOOK_SECONDS = 0.02
MORNING = time_of_day(9, tzinfo=ZONE)
BATCH = 50  # facts of HR in one request
MEMBER_TYPE, UNIT_TYPE = "roster.member_enrolled", "roster.unit_formed"


class DrivenClock(Clock, Protocol):
    """Stands until it is set."""

    def set(self, now: datetime) -> None: ...


class NotQuiet(TusoiError):
    code = "not_quiet"

    def __init__(self, waiting: object) -> None:
        super().__init__(
            f"after {QUIET_SECONDS} s the workers are still busy ({waiting}); see `tusoi doctor`"
        )


@dataclass(slots=True)
class Stage:
    """A service in which made-up people live on a driven clock."""

    context: Context
    clock: DrivenClock
    driver: Driver
    settle: Callable[[], None]  # returns when workers have nothing left to do at this time
    facts: Sequence[Fact] = ()  # that HR has not told yet, by their time
    members: list[str] = field(default_factory=list)  # HR's numbers of those who were enrolled
    units: list[str] = field(default_factory=list)  # HR's numbers of those that were formed
    _ids: dict[str, str] = field(default_factory=dict)

    def reach(self, day: date) -> None:
        """Let it be the morning of a day, after all that happened before it.

        HR tells of each day on that day. Deadlines end with days, and workers of another process
        look at the clock when they like: what was told by then must not depend on who is first.
        """
        now = _morning_of(day)
        while due := self._next_of_one_day(now):
            self.clock.set(max(self.clock.now(), time_of(due[-1])))
            self.driver.tell(due)
            self.facts = self.facts[len(due) :]
            self.settle()
            self._welcome(due)
        self.clock.set(now)
        self.settle()

    def skip(self, day: date) -> None:
        """Let it be the morning of a day whose facts, and all before them, were told already."""
        now = _morning_of(day)
        self.clock.set(now)
        self._welcome([each for each in self.facts if time_of(each) <= now])
        self.facts = [each for each in self.facts if time_of(each) > now]

    def id_of(self, number: str) -> str:
        """Return our id of a member or unit, by HR's number."""
        if number not in self._ids:
            kind = "member" if number.rpartition("-")[2].isdigit() else "unit"
            self._ids[number] = self._find_id(kind, number)
        return self._ids[number]

    def number_of(self, subject_id: str) -> str:
        """Return HR's number of a member or unit."""
        known = (*self.members, *self.units)
        return next(number for number in known if self.id_of(number) == subject_id)

    def officers(self) -> Mapping[str, frozenset[str]]:
        """Return who holds an office of any edition now, by HR's number, each with the units."""
        acting = {post for each in every_rulebook(self.context) for post in each.offices}
        sql = "SELECT member_id, state FROM member_states WHERE enrolled"
        offices = {
            self.number_of(row[0]): frozenset(
                post.unit_id
                for post in member.view(MEMBERS.state_in(row)).posts
                if post.post in acting
            )
            for row in self.context.store.database.rows(sql)
        }
        return {number: offices[number] for number in sorted(offices) if offices[number]}

    def _next_of_one_day(self, now: datetime) -> list[Fact]:
        """Return what HR tells next, up to a time: facts of one day, as many as go in a request."""
        due = [each for each in self.facts[:BATCH] if time_of(each) <= now]
        return [each for each in due if local_day(time_of(each)) == local_day(time_of(due[0]))]

    def _welcome(self, facts: Sequence[Fact]) -> None:
        """Get to know everybody who was enrolled, and remember units that were formed."""
        for fact in facts:
            if fact["type"] == UNIT_TYPE:
                self.units.append(fact["data"]["number"])
            if fact["type"] == MEMBER_TYPE:
                number = fact["data"]["number"]
                self.members.append(number)
                self.driver.welcome(number, MemberId(self.id_of(number)))

    def _find_id(self, kind: str, number: str) -> str:
        found = ids_under(self.context, "hr", [(kind, number)]).get((kind, number))
        if found is None:
            raise LookupError(f"HR told of no {kind} {number}")
        return found


def wait_until_quiet(context: Context) -> None:
    """Return when the workers, wherever they run, have nothing left to do. Raises NotQuiet."""
    until = time.monotonic() + QUIET_SECONDS
    while not (found := backlog.work_left(context.store.database, context.clock.now())).is_quiet:
        if time.monotonic() > until:
            raise NotQuiet(found)
        time.sleep(LOOK_SECONDS)


def _morning_of(day: date) -> datetime:
    return datetime.combine(day, MORNING).astimezone(UTC)


def time_of(fact: Fact) -> datetime:
    """Return when a fact of HR happened."""
    return datetime.fromisoformat(fact["time"])
