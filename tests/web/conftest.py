"""One world a test."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.support.unit_world import UnitWorld
from tests.support.world import World
from tests.support.year_world import AFTER_THE_COMMITMENT_WAS_DUE, YearWorld


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A system whose log is empty."""
    made = World(tmp_path / "data")
    yield made
    made.system.close()


@pytest.fixture
def logged() -> Iterator[list[MutableMapping[str, Any]]]:
    """What is logged meanwhile, with what is bound to each line."""
    with capture_logs(processors=[merge_contextvars]) as lines:
        yield lines


@pytest.fixture(scope="module")
def rated_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[YearWorld]:
    """A world in which An missed a deadline, was rated, and handed in evidence for a plan."""
    world = YearWorld(tmp_path_factory.mktemp("rated") / "data")
    world.open_cycle()
    world.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    world.live()
    yield world
    world.system.close()


@pytest.fixture(scope="module")
def unit_year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[UnitWorld]:
    """A world in which a cell missed a deadline, was rated, and showed evidence for a plan."""
    world = UnitWorld(tmp_path_factory.mktemp("units") / "data")
    world.live_as_units()
    yield world
    world.system.close()
