"""What somebody missed is no business of their own, whatever other posts they hold."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from tests.web.world import COMMUNE
from tests.web.year_world import REVIEW, SECRETARY, WORDS, YearWorld, post_given

PROPOSAL_WAS_DUE = datetime(2026, 12, 17, 2, tzinfo=UTC)


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose secretary of An's cell is also a deputy in the commune."""
    world = YearWorld(tmp_path / "data")
    world.tell(post_given(SECRETARY, COMMUNE, "deputy_secretary"))
    world.open_cycle()
    yield world
    world.system.close()


def cause_of(year: YearWorld, step: str, member_id: str) -> str:
    """Return the id of the escalation of somebody's step."""
    told = year.read("auditor", "/api/v1/escalations").json["escalations"]
    (found,) = (e["id"] for e in told if (e["step"], e["member_id"]) == (step, member_id))
    return str(found)


def test_who_did_not_propose_in_time_does_not_take_that_up_by_a_post_above(
    year: YearWorld,
) -> None:
    year.clock.time = datetime(2026, 12, 1, 2, tzinfo=UTC)
    year.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    year.reach(PROPOSAL_WAS_DUE)
    path = f"/api/v1/escalations/{cause_of(year, 'proposal', REVIEW[-26:])}/acknowledgement"

    own, others = (year.send(role, path) for role in ("secretary", "authority"))

    assert (own.status_code, own.json["code"]) == (HTTPStatus.CONFLICT, "on_oneself")
    assert others.status_code == HTTPStatus.CREATED
