"""One world a test."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.web.world import World


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A system whose log is empty."""
    made = World(tmp_path)
    yield made
    made.system.close()
