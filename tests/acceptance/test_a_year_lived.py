"""A year through processes on PostgreSQL and Redis, and by commands: same states, same ratings.

The embedded set-up is lived over HTTP beside the same commands in test_three_years_lived.py.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.clock import RehearsalClock
from events.domain.steps import Step
from services.bootstrap import System, open_system
from services.cli import checking, demo
from services.cli.rehearsal.stage import Stage
from services.cli.rehearsal.stories import FOLDER, Story, read_stories
from services.commands import rights
from services.read_models import states
from services.settings import from_environment
from tests.support.by_commands import stage_of
from tests.support.databases import hasty
from tests.support.installation import Installation

PASSWORD = "of-everybody-in-the-test"
BEFORE = datetime(2025, 1, 2, 1, tzinfo=UTC)  # HR told the first facts, nothing else happened


@pytest.fixture
def story() -> Story:
    (only,) = read_stories((FOLDER / "year.yaml").read_text(encoding="utf-8"))
    return only


@pytest.fixture
def by_commands(tmp_path: Path, story: Story) -> Iterator[tuple[System, Stage]]:
    """The year as it is lived in one thread on SQLite, where nothing waits for anything."""
    clock = tmp_path / "commands-clock"
    RehearsalClock(clock).set(BEFORE)
    environment = hasty(tmp_path / "c") | {"TUSOI_REHEARSAL_CLOCK": str(clock)}
    system = open_system(from_environment(environment))
    stage = stage_of(
        system, lambda number, who: rights.make_account(system, number, None, member_id=who).id
    )
    demo.live(system, stage, [story], PASSWORD)
    yield system, stage
    system.close()


@pytest.fixture
def distributed(postgresql_url: str, valkey_url: str, tmp_path: Path) -> Iterator[Installation]:
    """A server and two workers, each a process, on PostgreSQL and Redis."""
    clock = tmp_path / "distributed-clock"
    RehearsalClock(clock).set(BEFORE)
    folder = tmp_path / "d"
    made = Installation(postgresql_url, valkey_url, folder, source=demo.SOURCE, rehearsal=clock)
    with made.running("serve"), made.running("work"), made.running("work"):
        made.wait_until_serving()
        yield made
    made.system.close()


def test_a_distributed_year_comes_to_the_states_and_ratings_that_the_commands_alone_come_to(
    by_commands: tuple[System, Stage], distributed: Installation, story: Story
) -> None:
    alone, here = by_commands
    address = f"http://127.0.0.1:{distributed.port}"
    there = demo.stage_of(distributed.system, address, PASSWORD)
    demo.live(distributed.system, there, [story], PASSWORD)

    assert _states(there) == _states(here)
    assert _ratings(there) == _ratings(here)
    assert len(_ratings(here)) > 40
    for system in (alone, distributed.system):
        checked = checking.check_all(system, lambda _position: None)
        assert checked.findings == ()
        assert checked.ratings == len(_ratings(here))


def _states(stage: Stage) -> dict[Any, Any]:
    """Return where every review, plan and escalation stands, by whom it is about."""
    columns = "id, member_id, stage, level, task, due_at, timer_at, late, state"
    found: dict[Any, Any] = {}
    for kind in states.YEAR:
        for row in stage.context.store.database.rows(f"SELECT {columns} FROM {kind.projection}"):
            state = kind.state_in(row)
            raised = getattr(state, "raised", None)
            missed = (raised.fact.step, raised.fact.item) if raised else ("", "")
            item = missed if missed[0] != Step.ANSWER else (missed[0], "")  # ids are random
            key = (kind.name, stage.number_of(row[1]), *item)
            found[key] = (state.version, *row[2:7], bool(row[7]))
    return found


def _ratings(stage: Stage) -> dict[str, Any]:
    """Return what every decided rating rests on and came to."""
    found = {}
    for row in stage.context.store.database.rows("SELECT member_id, state FROM review_states"):
        state = states.REVIEWS.state_in(row)
        if state.decision:
            proposed, decided = state.proposal.fact, state.decision.fact
            found[stage.number_of(row[0])] = (proposed.facts, proposed.outcome, decided.level)
    return found
