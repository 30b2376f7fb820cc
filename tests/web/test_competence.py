"""Who rates whom over HTTP: nobody is proposed or decided by those below them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.definitions.event import Code
from events.definitions.roster import PostRelieved
from events.identifiers import MemberId, UnitId
from tests.support.following import follow, state_of, transfers_of
from tests.support.unit_world import ABOVE, DEPUTY, OPENED_AT, WARD, UnitWorld
from tests.support.verified import findings
from tests.support.world import CELL, COMMUNE, DISTRICT, Answer, authorised
from tests.support.year_world import AUTHORITY, MEMBER, PERIOD, SECRETARY, WORDS, post_given

RULEBOOK = "qd366_hd02"
COUNTED: dict[str, Any] = {
    "points": {"conduct": 20, "results": 50},
    "figures": {
        "tasks_total": 10,
        "tasks_done": 10,
        "tasks_on_time": 10,
        "tasks_beyond": 0,
        "degradation_concluded": 0,
    },
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[UnitWorld]:
    """A cell below a ward below a commune below a district; ward, commune and district decide."""
    made = UnitWorld(tmp_path / "data")
    made.clock.set(OPENED_AT)
    made.tell(authorised(WARD), authorised(DISTRICT))
    yield made
    made.system.close()


def opens(world: UnitWorld, role: str, unit_id: UnitId) -> int:
    body = {"period": PERIOD, "unit_id": unit_id, "rulebook": RULEBOOK}
    reviews: int = world.do(role, "/api/v1/cycles", body).json["reviews"]
    return reviews


def proposes(world: UnitWorld, role: str, member_id: MemberId) -> Answer:
    return world.send(role, f"/api/v1/reviews/{PERIOD}/{member_id}/proposal", COUNTED)


def test_the_head_of_a_cell_is_proposed_by_the_unit_above_and_a_member_by_the_cell(
    world: UnitWorld,
) -> None:
    opens(world, "authority", COMMUNE)

    assert state_of(world, MEMBER).units_above == (CELL, WARD, COMMUNE)
    assert state_of(world, SECRETARY).units_above == (WARD, COMMUNE)
    assert findings(world) == {}


def test_whoever_heads_a_unit_that_has_a_year_is_rated_in_that_of_the_unit_above(
    world: UnitWorld,
) -> None:
    opens(world, "above", WARD)
    below = state_of(world, ABOVE).opened
    opens(world, "authority", COMMUNE)
    above, higher = state_of(world, ABOVE), state_of(world, AUTHORITY).opened
    opens(world, "superior", DISTRICT)

    assert below is None
    assert (above.path[-1], above.units_above) == (COMMUNE, (COMMUNE,))
    assert higher is None
    assert state_of(world, AUTHORITY).units_above == (DISTRICT,)
    assert state_of(world, MEMBER).path[-1] == WARD
    assert findings(world) == {}


def test_no_deputy_below_proposes_who_came_to_stand_above_them(world: UnitWorld) -> None:
    opens(world, "authority", COMMUNE)
    transfers = transfers_of(world)
    world.do("member", f"/api/v1/reviews/{PERIOD}/{MEMBER}/self-critique", {"text": WORDS})
    world.tell(post_given(MEMBER, WARD, "deputy_secretary"))
    follow(world, transfers)

    moved = state_of(world, MEMBER)
    refused = [proposes(world, role, MEMBER) for role in ("secretary", "above")]

    assert (moved.path[0], moved.units_above) == (CELL, (COMMUNE,))
    assert [each.status_code for each in refused] == [403, 403]
    assert {each.json["code"] for each in refused} == {"forbidden"}

    world.tell(PostRelieved(member_id=MEMBER, unit_id=WARD, post=Code("deputy_secretary")))
    follow(world, transfers)
    assert state_of(world, MEMBER).units_above == (CELL, WARD, COMMUNE)
    assert findings(world) == {}


def test_a_deputy_of_the_commune_is_no_matter_of_its_secretary_s_year(world: UnitWorld) -> None:
    opens(world, "authority", COMMUNE)
    opens(world, "superior", DISTRICT)

    assert state_of(world, DEPUTY).units_above == (DISTRICT,)
