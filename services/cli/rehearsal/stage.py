"""Where a story is played: a running service, its clock, and what HR tells as time goes on.

Only the clock, the accounts and the question whether all is quiet go past HTTP, so the same story
is lived by the embedded set-up and by a distributed one.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from datetime import time as time_of_day
from typing import Any

from events.clock import RehearsalClock
from events.domain.documents.working_days import ZONE
from events.errors import TusoiError
from events.identifiers import MemberId
from services.access import accounts
from services.bootstrap import System
from services.cli.rehearsal.people import Browser, Client
from services.intake.numbers import Numbers
from services.read_models import backlog

QUIET_SECONDS = 60  # for workers to do what follows from a day
LOOK_SECONDS = 0.02
MORNING = time_of_day(9, tzinfo=ZONE)
BATCH = 50  # facts of HR in one request
MEMBER_TYPE, UNIT_TYPE = "roster.member_enrolled", "roster.unit_formed"

Fact = Mapping[str, Any]


class NotQuiet(TusoiError):
    code = "not_quiet"

    def __init__(self, waiting: object) -> None:
        super().__init__(
            f"after {QUIET_SECONDS} s the workers are still busy ({waiting}); see `tusoi doctor`"
        )


@dataclass(slots=True)
class Stage:
    """A service in which made-up people live on a driven clock."""

    system: System
    address: str
    clock: RehearsalClock
    hr: Client
    password: str  # of everybody's account
    facts: list[Fact] = field(default_factory=list)  # that HR has not told yet, by their time
    members: list[str] = field(default_factory=list)  # HR's numbers of those who were enrolled
    units: list[str] = field(default_factory=list)  # HR's numbers of those that were formed
    _ids: dict[str, str] = field(default_factory=dict)
    _browsers: dict[str, Browser] = field(default_factory=dict)  # signed in today

    def reach(self, day: date) -> None:
        """Let it be the morning of a day, after all that happened before it."""
        now = datetime.combine(day, MORNING).astimezone(UTC)
        self._browsers.clear()  # nobody stays signed in over night
        self.clock.set(now)
        while due := [each for each in self.facts[:BATCH] if happened(each) <= now]:
            self.hr.send(due)
            self.facts = self.facts[len(due) :]
            self.settle()
            self._welcome(due)
        self.settle()

    def settle(self) -> None:
        """Return when the workers have nothing left to do at this time. Raises NotQuiet."""
        until = time.monotonic() + QUIET_SECONDS
        while not self._waiting().is_quiet:
            if time.monotonic() > until:
                raise NotQuiet(self._waiting())
            time.sleep(LOOK_SECONDS)

    def sign_in(self, number: str) -> Browser:
        """Return a browser in which a member is signed in."""
        if number not in self._browsers:
            browser = Browser(self.address)
            browser.sign_in(number.lower(), self.password)
            self._browsers[number] = browser
        return self._browsers[number]

    def id_of(self, number: str) -> str:
        """Return our id of a member or unit, by HR's number."""
        if number not in self._ids:
            kind = "member" if number.rpartition("-")[2].isdigit() else "unit"
            self._ids[number] = self._found(kind, number)
        return self._ids[number]

    def number_of(self, subject_id: str) -> str:
        """Return HR's number of a member or unit."""
        known = (*self.members, *self.units)
        return next(number for number in known if self.id_of(number) == subject_id)

    def _waiting(self) -> backlog.Waiting:
        return backlog.waiting(self.system.store.database, self.clock.now())

    def _welcome(self, facts: Sequence[Fact]) -> None:
        """Give an account to everybody who was enrolled, and remember units that were formed."""
        for fact in facts:
            if fact["type"] == UNIT_TYPE:
                self.units.append(fact["data"]["number"])
            if fact["type"] == MEMBER_TYPE:
                number = fact["data"]["number"]
                self.members.append(number)
                accounts.new(
                    self.system.store.database,
                    number.lower(),
                    self.password,
                    member_id=MemberId(self.id_of(number)),
                    clock=self.clock,
                    chance=self.system.chance,
                )

    def _found(self, kind: str, number: str) -> str:
        numbers = Numbers(
            self.system.store,
            index_key=self.system.index_key(),
            numbering="hr",
            chance=self.system.chance,
        )
        numbers.look_up([(kind, number)])
        found = numbers.find(kind, number)
        if found is None:
            raise LookupError(f"HR told of no {kind} {number}")
        return found


def happened(fact: Fact) -> datetime:
    """Return when a fact of HR happened."""
    return datetime.fromisoformat(fact["time"])
