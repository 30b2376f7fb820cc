"""What somebody missed is no business of their own, whatever other posts they hold."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from events.definitions.event import Code
from events.definitions.roster import PostRelieved
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    AUTHORITY,
    MEMBER,
    PEER,
    REVIEW,
    SECRETARY,
    WORDS,
    YearWorld,
    post_given,
)

NOBODY_TOOK_IT_UP = datetime(2026, 11, 20, 2, tzinfo=UTC)
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
    path = f"/api/v1/escalations/{cause_of(year, 'proposal', MEMBER)}/acknowledgement"

    own, others = (year.send(role, path) for role in ("secretary", "authority"))

    assert (own.status_code, own.json["code"]) == (HTTPStatus.CONFLICT, "on_oneself")
    assert others.status_code == HTTPStatus.CREATED


def test_what_a_secretary_missed_lies_at_once_before_the_next_above_them(year: YearWorld) -> None:
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)

    own, others = (laid(year, member_id) for member_id in (SECRETARY, MEMBER))

    assert own == (2, COMMUNE)
    assert others == (1, CELL)


def test_where_another_holds_an_office_too_it_lies_before_them(year: YearWorld) -> None:
    year.tell(post_given(PEER, CELL, "deputy_secretary"))

    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)

    assert laid(year, SECRETARY) == (1, CELL)


def laid(year: YearWorld, member_id: str) -> tuple[int, str]:
    """Return on which rung the escalation of somebody's commitment lies, and before which unit."""
    path = f"/api/v1/escalations/{cause_of(year, 'commitment', member_id)}"
    told = year.read("auditor", path).json
    return told["rung"], told["unit_id"]


def test_a_rung_above_is_passed_over_where_they_alone_hold_an_office_there_too(
    year: YearWorld,
) -> None:
    year.tell(PostRelieved(member_id=AUTHORITY, unit_id=COMMUNE, post=Code("secretary")))
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    year.reach(NOBODY_TOOK_IT_UP)

    assert laid(year, MEMBER)[1] == COMMUNE  # somebody else's goes the whole way
    assert laid(year, SECRETARY) == (3, COMMUNE)  # and theirs lies on the last rung, to be seen
