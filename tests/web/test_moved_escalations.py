"""Whoever moves to another cell takes along what they missed: the new one sees it and acts."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import pytest

from events.definitions.roster import MemberMoved
from tests.support.world import OTHER_CELL
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    MEMBER,
    PERIOD,
    STRANGER,
    WORDS,
    YearWorld,
    post_given,
)
from workers.reacting import Reactor
from workers.reactions.transfers import Transfers

HTML = {"Accept": "text/html"}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A year in which An missed a deadline, beside a cell with a secretary: the stranger."""
    world = YearWorld(tmp_path / "data")
    world.tell(post_given(STRANGER, OTHER_CELL, "secretary"))
    world.open_cycle()
    world.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    yield world
    world.system.close()


def move(year: YearWorld) -> None:
    """Let An move to the other cell, and their review with them."""
    transfers = Reactor(year.system.store, Transfers(year.system), clock=year.clock)
    while transfers.advance():
        pass  # it begins at the end of the log
    year.tell(MemberMoved(member_id=MEMBER, unit_id=OTHER_CELL))
    while transfers.advance():
        year.advance()


def escalation(year: YearWorld, what: str = "") -> str:
    return f"/api/v1/escalations/{year.cause()}{what}"


def listed(year: YearWorld, role: str) -> list[str]:
    found = year.read(role, "/api/v1/escalations").json["escalations"]
    return [each["id"] for each in found if each["member_id"] == MEMBER]


def waiting(year: YearWorld, role: str) -> list[str]:
    """Return which steps wait for somebody in what is about An."""
    found = year.read(role, "/api/v1/inbox").json["waiting"]
    return [each["step"] for each in found if each["member_id"] == MEMBER]


def test_the_new_place_sees_it_and_the_old_one_no_more(year: YearWorld) -> None:
    earlier = year.size()
    before = [bool(listed(year, role)) for role in ("secretary", "stranger")]

    move(year)

    assert before == [True, False]
    for role, sees in (("secretary", False), ("stranger", True)):
        status = HTTPStatus.OK if sees else HTTPStatus.NOT_FOUND
        assert bool(listed(year, role)) is sees
        assert year.read(role, escalation(year)).status_code == status
        assert year.read(role, escalation(year, f"?as_of={earlier}")).status_code == status
        assert ("acknowledgement" in waiting(year, role)) is sees
    assert MEMBER in year.read("stranger", f"/units/{OTHER_CELL}/{PERIOD}", **HTML).text


def test_the_new_place_takes_it_up_and_the_old_one_does_not(year: YearWorld) -> None:
    move(year)

    old, new = (
        year.send(role, escalation(year, "/acknowledgement"), {"text": WORDS})
        for role in ("secretary", "stranger")
    )

    assert (old.status_code, old.json["code"]) == (HTTPStatus.NOT_FOUND, "unknown_escalation")
    assert new.status_code == HTTPStatus.CREATED
    assert year.read("stranger", escalation(year)).json["stage"] == "acknowledged"


def test_who_decides_on_both_cells_goes_on_to_see_it(year: YearWorld) -> None:
    move(year)

    assert listed(year, "authority") == [year.cause()]


def test_what_nobody_takes_up_there_climbs_by_the_new_way(year: YearWorld) -> None:
    move(year)
    due_at = year.read("stranger", escalation(year)).json["acknowledge_due_at"]

    year.clock.time = year.clock.time.fromisoformat(due_at)
    year.clock.tick(1)
    year.advance()

    assert year.read("stranger", escalation(year)).json["rung"] == 2
    assert "acknowledgement" in waiting(year, "authority")
