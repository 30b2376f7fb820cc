"""A year under an edition with weights: the grade stands wherever a rating is explained."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.officers_rules import officers_document
from tests.support.officers_world import OfficersWorld
from tests.support.verified import findings, reason_of_bundle
from tests.support.year_world import MEMBER, PERIOD, RATING

GRADE = {
    "label": {"vi": "Điểm sĩ quan", "en": "Officer's grade"},
    "least": 1,
    "most": 10,
    "citation": "Điều 4.2",
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[OfficersWorld]:
    criteria = [each | {"weight": n + 1} for n, each in enumerate(officers_document()["criteria"])]
    made = OfficersWorld(tmp_path / "data", criteria=criteria, grade=GRADE)
    made.report()  # 26 of 30 points, and 60 of 70 that count twice: 146 of 170
    yield made
    made.system.close()


def page(world: OfficersWorld, role: str, address: str) -> str:
    return world.read(role, address, Accept="text/html").text


def test_a_grade_is_told_with_the_reasons_on_pages_and_to_programs(world: OfficersWorld) -> None:
    world.appraise("reviewing")
    for role, address in (
        ("member", f"/reviews/{PERIOD}/{MEMBER}"),
        ("accepting", f"/reviews/{PERIOD}/{MEMBER}/decision"),
        ("accepting", f"/history/{PERIOD}/{MEMBER}"),
    ):
        assert "Điểm sĩ quan: <b>8,73 (742/85)</b>" in page(world, role, address), address
    world.accept()

    told = world.read("member", RATING).json["explanation"]["grade"]
    assert (told["numerator"], told["denominator"]) == (742, 85)
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_an_edition_shows_its_weights_and_grade(world: OfficersWorld) -> None:
    shown = page(world, "accepting", f"/rulebooks/{world.edition}")

    assert "tối đa 70 điểm, hệ số 2" in shown
    assert "Điểm sĩ quan" in shown
