"""An issuer's name belongs to the unit that HR or the operator gave it; squatting is refused."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.definitions.event import Code
from events.definitions.roster import IssuerNamed, IssuerNameEnded, UnitDissolved
from events.domain.aggregate.rejections import CommandRejected
from events.domain.year import cycle
from events.store import reference
from services.commands import editions, units
from tests.support.law import rejection_of
from tests.support.own_editions import cases_of, own
from tests.support.unit_world import WARD, UnitWorld
from tests.support.verified import findings
from tests.support.world import COMMUNE, Answer
from tests.support.year_world import OPENED_AT, PERIOD

WARDS = Code("phuong_goc_de")


@pytest.fixture
def world(tmp_path: Path) -> Iterator[UnitWorld]:
    """A world in which the commune was given the name `suoi_guong`, and the ward none."""
    made = UnitWorld(tmp_path / "data")
    made.clock.set(OPENED_AT)
    yield made
    made.system.close()


def publish(
    world: UnitWorld, role: str, unit_id: str, issuer: str, edition: str = "2026", **more: Any
) -> Answer:
    document = own(edition, issuer=issuer)
    body = {"unit_id": unit_id, "document": document, "cases": cases_of(edition), **more}
    return world.send(role, "/api/v1/rulebooks", body)


def opens(world: UnitWorld, rulebook: str) -> Answer:
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": rulebook}
    return world.send("authority", "/api/v1/cycles", body)


@pytest.mark.parametrize("issuer", ["suoi_guong", "ban_to_chuc", WARDS])
@pytest.mark.parametrize("tried", [{}, {"dry_run": True}])
def test_nobody_squats_on_a_name_that_their_unit_was_not_given(
    world: UnitWorld, issuer: str, tried: dict[str, Any]
) -> None:
    before = world.size()

    no = publish(world, "above", WARD, issuer, **tried)

    assert (no.status_code, no.json["code"]) == (409, "issuer_not_given")
    assert no.json["needed"] == f"HR or the operator gives this unit the name {issuer} first"
    assert world.size() == before


def test_hr_gives_a_unit_its_name_and_takes_it_back(world: UnitWorld) -> None:
    world.tell(IssuerNamed(unit_id=WARD, issuer=WARDS))
    assert publish(world, "above", WARD, WARDS).status_code == 201

    world.tell(IssuerNameEnded(unit_id=WARD, issuer=WARDS))

    assert publish(world, "above", WARD, WARDS, "2027").json["code"] == "issuer_not_given"


def test_a_name_that_hr_gives_to_another_unit_is_that_ones_and_never_of_both(
    world: UnitWorld,
) -> None:
    world.tell(IssuerNamed(unit_id=WARD, issuer=WARDS))
    assert publish(world, "above", WARD, WARDS).status_code == 201
    world.tell(IssuerNamed(unit_id=COMMUNE, issuer=WARDS))
    assert publish(world, "authority", COMMUNE, WARDS, "2027").json["code"] == "issuer_taken"

    world.tell(IssuerNameEnded(unit_id=WARD, issuer=WARDS))

    assert publish(world, "authority", COMMUNE, WARDS, "2027").status_code == 201
    assert publish(world, "above", WARD, WARDS, "2028").json["code"] == "issuer_taken"


def test_for_a_unit_that_was_dissolved_its_successor_publishes_under_its_own_name(
    world: UnitWorld,
) -> None:
    world.tell(IssuerNamed(unit_id=WARD, issuer=WARDS))
    assert publish(world, "above", WARD, WARDS).status_code == 201
    world.tell(UnitDissolved(unit_id=WARD, successor_id=COMMUNE))

    done = publish(world, "authority", WARD, "suoi_guong")
    no = publish(world, "authority", WARD, WARDS, "2027")

    assert done.status_code == 201
    assert no.json["code"] == "issuer_taken"
    assert findings(world) == {}


def test_the_operator_gives_a_name_to_one_unit_only(world: UnitWorld) -> None:
    assert units.name_issuer(world.system, WARD, WARDS)
    assert not units.name_issuer(world.system, WARD, WARDS)
    world.advance()

    rejection_of(lambda: units.name_issuer(world.system, COMMUNE, WARDS), "issuer_taken")
    rejection_of(lambda: units.name_issuer(world.system, WARD, "tusoi"), "issuer_taken")
    assert publish(world, "above", WARD, WARDS).status_code == 201
    assert units.name_issuer(world.system, WARD, WARDS, holds=False)


def test_the_operator_publishes_under_no_units_name(world: UnitWorld) -> None:
    ours = reference.shipped_document("rulebook", "neutral")

    with pytest.raises(CommandRejected, match="another issuer"):
        editions.publish_as_operator(
            world.system, ours | {"issuer": "suoi_guong"}, principal="operator"
        )


def test_the_operator_frees_a_name_nothing_was_opened_under(world: UnitWorld) -> None:
    world.tell(IssuerNamed(unit_id=WARD, issuer=Code("nham")))
    digest = publish(world, "above", WARD, "nham").json["digest"]
    world.tell(IssuerNameEnded(unit_id=WARD, issuer=Code("nham")))

    units.free_issuer(world.system, "nham")

    assert opens(world, digest).status_code == 422
    listed = world.read("peer", "/api/v1/rulebooks").json["editions"]
    assert digest not in {each["digest"] for each in listed}
    world.tell(IssuerNamed(unit_id=COMMUNE, issuer=Code("nham")))
    assert publish(world, "authority", COMMUNE, "nham").status_code == 201


def test_the_operator_publishes_again_what_was_freed(world: UnitWorld) -> None:
    document = reference.shipped_document("rulebook", "neutral") | {"issuer": "nham"}

    def publish_it() -> str:
        return editions.publish_as_operator(world.system, document, principal="operator")

    first = publish_it()
    units.free_issuer(world.system, "nham")
    again = publish_it()

    assert first == again == publish_it()
    assert opens(world, again).status_code == 201
    assert findings(world) == {}


def test_no_year_is_opened_under_a_document_that_is_freed_meanwhile(
    world: UnitWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = publish(world, "authority", COMMUNE, "suoi_guong").json["digest"]
    decide = cycle.open_cycle
    freeing = ["suoi_guong"]

    def overtaken(*asked: Any, **more: Any) -> Any:
        while freeing:
            units.free_issuer(world.system, freeing.pop())
        return decide(*asked, **more)

    monkeypatch.setattr(cycle, "open_cycle", overtaken)

    no = opens(world, digest)

    assert (no.status_code, no.json["code"]) == (422, "unknown_document")
    assert findings(world) == {}


def test_a_name_under_which_a_year_was_opened_stays(world: UnitWorld) -> None:
    digest = publish(world, "authority", COMMUNE, "suoi_guong").json["digest"]
    assert opens(world, digest).status_code == 201

    rejection_of(lambda: units.free_issuer(world.system, "suoi_guong"), "issuer_used")


def test_no_year_is_opened_under_a_document_that_nobody_published(world: UnitWorld) -> None:
    stored = reference.shipped_document("rulebook", "neutral") | {"edition": "secret"}
    digest = reference.publish(world.system.store.database, stored)

    no = opens(world, digest)

    assert (no.status_code, no.json["code"]) == (422, "unknown_document")
