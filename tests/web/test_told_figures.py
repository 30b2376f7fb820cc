"""What the log tells is typed by nobody, and nobody types it otherwise."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.world import COMMUNE
from tests.support.year_world import SECRETARY, WORDS, YearWorld

QUARTER = f"/api/v1/reviews/2026-q1/{SECRETARY}"
TOP = {"conduct": 30, "results": 68}
BELOW_SEVENTY = {"unit_tasks_total": 20, "unit_tasks_done": 13}


@pytest.fixture
def quarter(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in a quarter, in which who heads An's cell criticised themselves."""
    world = YearWorld(tmp_path / "data")
    world.reach(datetime(2026, 3, 16, 2, tzinfo=UTC))
    begun = {"period": "2026-q1", "unit_id": COMMUNE, "rulebook": "kl198_hd02"}
    world.do("authority", "/api/v1/cycles", begun)
    world.do("secretary", f"{QUARTER}/self-critique", {"text": WORDS})
    yield world
    world.system.close()


def proposing(**more: int) -> dict[str, Any]:
    return {"points": TOP, "figures": BELOW_SEVENTY | more}


def test_a_head_cannot_be_told_to_head_no_unit(quarter: YearWorld) -> None:
    refused = quarter.send("authority", f"{QUARTER}/proposal", proposing(heads_unit=0))

    assert (refused.status_code, refused.json["code"]) == (409, "log_tells")


def test_left_out_it_is_told_by_the_log(quarter: YearWorld) -> None:
    quarter.do("authority", f"{QUARTER}/proposal", proposing())

    proposal = quarter.read("authority", QUARTER).json["proposal"]
    assert proposal["facts"]["figures"] == BELOW_SEVENTY | {"heads_unit": 1}
    assert proposal["outcome"]["level"] == "poor"


def test_no_page_asks_for_it(quarter: YearWorld) -> None:
    page = quarter.read("authority", f"/reviews/2026-q1/{SECRETARY}/proposal")

    assert "figures-unit_tasks_done" in page.text
    assert "figures-heads_unit" not in page.text
