"""Live the demo's year: its HR facts and its story, by the commands and the workers' steps."""

import json
from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from events.definitions.records import Period
from events.domain.plan import plan
from events.domain.review import review
from events.identifiers import MemberId, UnitId
from services.access.roles import Person
from services.access.tokens import Grants, Principal
from services.cli.rehearsal.by_commands import ByCommands
from services.cli.rehearsal.play import Play
from services.cli.rehearsal.stage import MORNING, Stage, time_of
from services.cli.rehearsal.stories import Act, Story, read_stories
from services.context import Context
from services.subject import Subject
from tests.support.fakes import FixedClock
from tests.support.people import account_of, give_token
from workers.simulation import Simulation
from workers.steps import REACTIONS, Reactions

__all__ = ["MORNING", "Act"]

DEMO = Path(__file__).resolve().parents[2] / "deploy" / "demo"
HR_SOURCE = "/hr/suoi-guong-demo"
HR = Principal("token:hr", "hr", Grants(sends=("roster.*",), sources=(HR_SOURCE,)))
BEFORE = datetime(2025, 1, 2, 1, tzinfo=UTC)  # HR told the first facts, nothing else happened


class Year:
    """The made-up commune, in one thread: every day what HR tells, then what people do."""

    drives: type[ByCommands] = ByCommands
    reactions: Reactions = REACTIONS

    def __init__(self, context: Context, clock: FixedClock) -> None:
        self.context = context
        self.clock = clock
        give_token(context, "hr", HR.grants)
        self.driver = self.drives(
            context, hr=HR, account_of=lambda number, who: account_of(context, who, number.lower())
        )
        lines = (DEMO / "hr.jsonl").read_text("utf-8").splitlines()
        facts = sorted((json.loads(each) for each in lines), key=time_of)
        settle = Simulation(context, self.reactions).settle
        self._play = Play(Stage(context, clock, self.driver, settle, facts), self.stories())
        self.players = {each.period: each for each in self._play.players}
        self.player = self._play.players[0]

    def stories(self) -> Sequence[Story]:
        return read_stories((DEMO / "year.yaml").read_text("utf-8"))

    @property
    def story(self) -> Story:
        return self.player.story

    @property
    def period(self) -> Period:
        return self.player.period

    @property
    def enrolled(self) -> list[str]:
        """Return HR's numbers of everybody enrolled so far."""
        return self._play.stage.members

    def live(self, until: date = date.max) -> None:
        """Live on day by day, up to and with a day."""
        while (days := self._play.days_left) and days[0] <= until:
            self._play.play_day()

    def arrive(self, day: date) -> None:
        """Go on after a day that was lived in this database already: of it, nothing is done again.

        Words and figures are dealt from the beginning.
        """
        self._play.skip(day)

    def reach(self, day: date) -> None:
        """Let it be the morning of a day, after all that happened before."""
        self._play.stage.reach(day)

    def settle(self) -> None:
        """Let workers do what follows, until nothing does any more."""
        self._play.stage.settle()

    def do(self, act: Act) -> None:
        """Do one act, and nothing of what follows. Raises when the law forbids it."""
        self.player.play(act)

    def id_of(self, number: str) -> str:
        """Return our id of a member or unit, by HR's number."""
        return self._play.stage.id_of(number)

    def subject(self, number: str) -> Subject:
        return self.player.subject(number)

    def person(self, number: str) -> Person:
        return self.driver.person(number)

    def review(self, subject: Subject) -> review.State:
        return self.player.review(subject)

    def plan(self, subject: Subject) -> plan.State:
        return self.player.plan_of(subject)

    def heads_of(self, place: UnitId, top: UnitId, posts: Collection[str]) -> list[MemberId]:
        """Return who heads a unit, as projected."""
        return self.driver.heads_of(place, top, posts)

    def open_year(self, period: Period, rulebook: str, who: str) -> None:
        """Open a year under an edition that we ship, and everybody's review in it."""
        top = UnitId(self.id_of(self.story.unit))
        self.driver.open_cycle(who, period, top, rulebook)
