"""A year in which people, HR and units above do by chance what comes next, and much that may not.

What the service refuses is refused: only that what it told verifies is of interest.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from events.definitions.event import Code, Event
from events.definitions.roster import (
    AbsenceReason,
    MemberAbsent,
    MemberBack,
    PostRelieved,
    UnitAuthorityEnded,
    UnitDissolved,
    UnitMoved,
)
from events.domain.rulebook.grounds import GROUNDS_UNNAMED
from events.identifiers import UnitId
from tests.support.fakes import SeededChance
from tests.support.sealed import sealed
from tests.support.worked_year import WorkedYear
from tests.support.world import (
    CELL,
    COMMUNE,
    DISTRICT,
    OTHER_CELL,
    authorised,
    enrolled,
    formed,
    moved,
)
from tests.support.year_world import (
    CYCLE,
    FIGURES,
    FOLLOWER,
    GOOD,
    MEMBER,
    PERIOD,
    PLAN,
    POOR,
    REVIEW,
    SECRETARY,
    WORDS,
    post_given,
)

T = TypeVar("T")

NEW = UnitId("newaaaaaaaaaaaaaaaaaaaaaaa")
UNITS = (CELL, OTHER_CELL, COMMUNE, NEW, DISTRICT)
OFFICES = ("secretary", "authority", "committee", "superior", "follower")
DAYS = (1, 1, 5, 20)  # that go by at once


class RandomYear(WorkedYear):
    """An's year, and what becomes of their cell and its commune, as a seed has it."""

    def __init__(self, folder: Path, seed: int) -> None:
        super().__init__(folder)
        self._chance = SeededChance(seed)
        self.tell(formed(NEW, DISTRICT), post_given(FOLLOWER, OTHER_CELL, "secretary"))
        self.open_cycle()

    def go_by(self, deeds: int) -> None:
        """Let so many things be done, one after the other."""
        ways = (self._go_on, self._go_on, self._go_on, self._above, self._roster, self._wait)
        for _ in range(deeds):
            self._pick(ways)()

    def _pick(self, among: Sequence[T]) -> T:
        return among[int.from_bytes(self._chance.bytes(4)) % len(among)]

    def _go_on(self) -> None:
        """Let whoever may take the next step of An's year, or by chance give it again."""
        critique = self.send("member", f"{REVIEW}/self-critique", {"text": WORDS})
        if critique.status_code == 201:
            return
        proposal = self.read("authority", REVIEW).json.get("proposal")
        rating = {"points": self._pick((POOR, GOOD)), "figures": FIGURES, "text": WORDS}
        steps = [("announcement", {}), ("proposal", rating)]
        if proposal:
            verdict = {"level": proposal["outcome"]["level"], "text": WORDS}
            steps.insert(0, ("decision", verdict | {"proposal_version": proposal["version"]}))
        if not any(self._anybody(f"{REVIEW}/{name}", body) for name, body in steps):
            self._go_on_with_plan()

    def _go_on_with_plan(self) -> None:
        milestones = [{"words": WORDS, "due_on": "2027-06-30"}]
        self.send("member", PLAN, {"text": WORDS, "milestones": milestones})
        version = self.read("member", PLAN).json.get("proposal_version")
        agreed = {"proposal_version": version, "follower_id": FOLLOWER}
        again = {"ground": self._pick(GROUNDS_UNNAMED).id, "text": WORDS}
        if not self._anybody(f"{PLAN}/agreement", agreed):
            self._anybody(f"{REVIEW}/reopening", again)

    def _anybody(self, path: str, body: object) -> bool:
        """Tell whether one of those who hold offices did something."""
        return any(self.send(each, path, body).status_code == 201 for each in OFFICES)

    def _above(self) -> None:
        """Let the district do something with the commune's year, or that be opened again."""
        what = self._pick(("takeover", "voiding", "opening"))
        if what == "opening":
            opening = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral"}
            self.send("authority", "/api/v1/cycles", opening)
        else:
            self.send("superior", f"{CYCLE}/{what}", {"text": WORDS})

    def _roster(self) -> None:
        """Let HR tell something of now, of before or of later."""
        days = self._pick((0, 0, 0, -20, 20))
        told: Callable[[], Event] = self._pick((self._of_units, self._of_units, self._of_people))
        self.append(told(), time=self.clock.now() + timedelta(days=days))
        self.advance()

    def _of_units(self) -> Event:
        unit_id, other = self._pick(UNITS[:3]), self._pick(UNITS)
        return self._pick(
            (
                UnitDissolved(unit_id=unit_id, successor_id=other),
                UnitDissolved(unit_id=unit_id, successor_id=other),
                UnitMoved(unit_id=unit_id, parent_id=other),
                formed(unit_id, self._pick((COMMUNE, DISTRICT))),
                authorised(unit_id),
                UnitAuthorityEnded(unit_id=unit_id),
            )
        )

    def _of_people(self) -> Event:
        who, unit_id = self._pick((MEMBER, SECRETARY)), self._pick(UNITS)
        post = Code("secretary")
        return self._pick(
            (
                moved(who, unit_id),
                enrolled(who, unit_id),
                MemberAbsent(member_id=who, reason=sealed(AbsenceReason.TRAINING)),
                MemberBack(member_id=who),
                post_given(FOLLOWER, unit_id, post),
                PostRelieved(member_id=SECRETARY, unit_id=CELL, post=post),
            )
        )

    def _wait(self) -> None:
        self.reach(self.clock.now() + timedelta(days=self._pick(DAYS)))
