"""One world a test."""

from collections.abc import Iterator, MutableMapping
from pathlib import Path
from typing import Any

import pytest
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from tests.web.world import World


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
