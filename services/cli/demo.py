"""The demo: where its files are, and its check, which lives its years over HTTP and judges them.

`showing` beside it tells the story by commands, up to the day that it stands on.
"""

import functools
import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from events.clock import RehearsalClock
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Rulebook
from events.errors import TusoiError
from events.store import reference
from services.access import passwords, tokens
from services.access.tokens import Grants, Token
from services.bootstrap import System
from services.cli import checking, console
from services.cli.checking import Checked
from services.cli.rehearsal.driver import Fact
from services.cli.rehearsal.over_http import OverHttp
from services.cli.rehearsal.play import Play
from services.cli.rehearsal.stage import Stage, time_of, wait_until_quiet
from services.cli.rehearsal.stories import FOLDER, Story, read_stories
from services.commands import rights
from services.read_models import states

HR_FILE = FOLDER / "hr.jsonl"  # 2024 and 2025, and how it was before
HR_FILES = (HR_FILE, FOLDER / "hr-2026.jsonl")
STORY_FILE = FOLDER / "three_years.yaml"
SOURCE = "/hr/suoi-guong-demo"
TOKEN_NAME = "demo HR system"  # noqa: S105 - a name, no secret
BEGINS = datetime(2024, 1, 2, 1, tzinfo=UTC)  # before the first day of the story
CLOCK = "clock"  # the file of the demo's time, in its data folder
GIVEN = {"kiemtra": "auditor", "quantri": "administrator"}  # accounts of nobody who is reviewed
SHOWN = (  # what a story of ours lets everybody look at
    "deadline.missed",
    "escalation.acknowledged",
    "milestone.approved",
    "milestone.extended",
    "milestone.returned",
)
UNITS = "(units)"  # stands beside a period where units are rated as collectives
SETTLE_SECONDS = 30  # for numbering and projecting a few hundred events


class DemoFailed(TusoiError):
    code = "demo_failed"


class Lived(NamedTuple):
    """What came of the years."""

    rules: Rulebook
    members: int
    events: Mapping[str, int]  # by type
    rungs: Mapping[int, int]  # escalations by the rung that they reached
    levels: Mapping[str, Mapping[str, int]]  # that hold, by period
    checked: Checked

    @property
    def misses(self) -> int:
        return self.events.get("deadline.missed", 0)

    @property
    def ratings_decided(self) -> int:
        return self.events.get("review.rating_decided", 0)

    @property
    def passed(self) -> bool:
        """Whether all is as the story wants it: each level and verdict, the last rung, verified."""
        return (
            not self.checked.findings
            and self.ratings_decided == self.checked.ratings > 0
            and {each for found in self.levels.values() for each in found}
            == {level.id for level in self.rules.levels}
            and set(SHOWN) <= self.events.keys()
            and max(self.rungs, default=0) >= len(self.rules.rungs)
            and self.checked.log.checkpoints >= 1
        )

    def as_values(self) -> dict[str, object]:
        """Return what came of the year, for machines."""
        return {
            "members": self.members,
            "events": sum(self.events.values()),
            "misses": self.misses,
            "escalations": sum(self.rungs.values()),
            "levels": self.levels,
            "ratings": self.ratings_decided,
            "verified": self.checked.ratings,
        }


def play(system: System, address: str) -> Lived:
    """Live the years, unless this folder has lived them; tell and return what came of them."""
    password = passwords.drawn_password(system.chance)
    live(system, stage_of(system, address, password), stories(), password)
    settle(system, 0)
    system.signer.sign()
    with console.progress("Verifying", system.store.head().size) as progress:
        checked = checking.check_all(system, progress)
    rules = validity.read(reference.shipped_document("rulebook", stories()[-1].rulebook))
    lived = look_back(system, rules, checked)
    _tell(lived)
    return lived


@functools.cache
def stories() -> tuple[Story, ...]:
    """Return the years that the demo tells."""
    return read_stories(STORY_FILE.read_text(encoding="utf-8"))


def stage_of(system: System, address: str, password: str) -> Stage:
    """Return the stage on which the demo's commune lives over HTTP. Raises DemoFailed."""
    clock = demo_clock(system)
    _, secret = new_token(system)
    driver = OverHttp(system, address, secret=secret, password=password)
    return Stage(system, clock, driver, lambda: wait_until_quiet(system), facts())


def demo_clock(system: System) -> RehearsalClock:
    """Return the clock on which the demo lives, which begins here. Raises DemoFailed."""
    if not isinstance(system.clock, RehearsalClock):
        raise DemoFailed("the demo lives on a driven clock: set TUSOI_REHEARSAL_CLOCK to a file")
    if not system.clock.is_driven:  # a fact of today would date all that the story tells after it
        system.clock.set(BEGINS)
    return system.clock


def facts() -> list[Fact]:
    """Return all that HR tells in the demo's years, by the time when it happened."""
    lines = [line for each in HR_FILES for line in each.read_text(encoding="utf-8").splitlines()]
    return sorted((json.loads(line) for line in lines), key=time_of)


def live(system: System, stage: Stage, stories: Sequence[Story], password: str) -> None:
    """Live stories side by side, day by day."""
    give_accounts(system, password)
    play = Play(stage, stories)
    days = len(play.days_left)
    with console.progress("Living the years", days) as progress:
        while play.days_left:
            play.play_day()
            progress(days - len(play.days_left))


def give_accounts(system: System, password: str | None) -> None:
    """Give accounts to those of nobody who is reviewed."""
    for login, role in GIVEN.items():
        rights.make_account(system, login, password, roles=(role,))


def look_back(system: System, rules: Rulebook, checked: Checked) -> Lived:
    """Return what came of the year, as the log and the projections tell."""
    database = system.store.database
    kinds = database.rows("SELECT type, count(*) FROM events GROUP BY type")
    members = database.rows("SELECT count(*) FROM member_states WHERE enrolled")
    sql = (
        "SELECT period, member_id = unit_id, level, count(*) FROM review_states "
        "WHERE level IS NOT NULL GROUP BY 1, 2, 3 ORDER BY 1, 2"
    )
    levels: dict[str, dict[str, int]] = {}
    for period, is_unit, level, count in database.rows(sql):
        levels.setdefault(f"{period} {UNITS}" if is_unit else period, {})[level] = count
    return Lived(
        rules=rules,
        members=members[0][0],
        events=dict(sorted(kinds)),
        rungs=Counter(_rungs(system)),
        levels=levels,
        checked=checked,
    )


def settle(system: System, count: int) -> None:
    """Wait until every event, and at least so many, has its place and is in the states."""
    until = time.monotonic() + SETTLE_SECONDS
    while time.monotonic() < until:
        size = system.store.head().size
        reached = [
            states.serving_position(system.store.database, each.projection) for each in states.KINDS
        ]
        if size >= count and min(reached) == size:
            return
        time.sleep(0.05)
    raise DemoFailed(f"after {SETTLE_SECONDS} s not everything is projected; see `tusoi doctor`")


def new_token(system: System) -> tuple[Token, str]:
    """Return a token for the demo's HR system, and its secret."""
    grants = Grants(sends=("roster.*",), sources=(SOURCE,), reads=("roster.*",), states=True)
    made = tokens.make(system, TOKEN_NAME, grants)
    rights.tell_token(system, made[0])
    return made


def _rungs(system: System) -> Iterator[int]:
    """Iterate over the rung that each escalation reached."""
    for row in system.store.database.rows("SELECT state FROM escalation_states"):
        yield states.ESCALATIONS.state_in(row).laid[-1].rung


def _tell(lived: Lived) -> None:
    rules = lived.rules
    console.say()
    console.show_table(("fact", "how often"), list(lived.events.items()), empty="nothing happened")
    console.say()
    third = lived.rungs.get(len(rules.rungs), 0)
    rows = [
        ("members", lived.members),
        ("events", sum(lived.events.values())),
        ("deadlines missed", lived.misses),
        ("escalations", f"{sum(lived.rungs.values())}, up to the last rung: {third}"),
        ("rated again", lived.events.get("review.reopened", 0)),
    ]
    console.show_table(("the years", ""), rows, empty="")
    console.say()
    rated = [
        (period, *(found.get(level.id, 0) for level in rules.levels))
        for period, found in lived.levels.items()
    ]
    console.show_table(("rated", *(level.id for level in rules.levels)), rated, empty="nobody")
    console.say()
    checking.report(lived.checked)
    console.say(
        f"{lived.checked.ratings} of {lived.ratings_decided} ratings verified from history."
    )
