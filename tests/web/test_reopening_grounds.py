"""On which ground, by whom and until when a rating is given again, an edition says."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.store import reference
from services.commands import rulebooks
from tests.support.world import COMMUNE
from tests.support.year_world import MEMBER, OPENED_AT, PERIOD, REVIEW, WORDS, YearWorld

PAGE = f"/reviews/{PERIOD}/{MEMBER}"
HTML = {"Accept": "text/html"}
GROUNDS: list[dict[str, Any]] = [
    {
        "id": "petition_upheld",
        "label": {"vi": "kiến nghị được chấp nhận", "en": "a petition was upheld"},
        "needs": "words",
        "who": ["superior"],
        "within_days": 30,
        "citation": "Điều 7",
    },
    {
        "id": "improved",
        "label": {"vi": "hết thời hạn khắc phục", "en": "an improvement period is over"},
        "needs": "words",
        "citation": "Điều 8",
    },
]
PETITION = {"ground": "petition_upheld", "text": WORDS}
TOO_LATE = datetime(2026, 12, 3, 2, tzinfo=UTC)  # announced on the 2nd of November


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """Return a world in which An was rated by an edition that names its grounds."""
    world = YearWorld(tmp_path / "data")
    world.clock.set(OPENED_AT)
    edition: Any = copy.deepcopy(reference.shipped_document("rulebook", "neutral"))
    edition |= {"issuer": "operators", "reopening": GROUNDS}
    digest = rulebooks.publish(world.system, edition, principal="operator")
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": digest}
    world.do("authority", "/api/v1/cycles", body)
    world.live("announced")
    yield world
    world.system.close()


def reopen(world: YearWorld, role: str, **body: str) -> tuple[int, str]:
    answer = world.send(role, f"{REVIEW}/reopening", PETITION | body)
    return answer.status_code, "" if answer.status_code == 201 else answer.json["code"]


def test_a_unit_above_has_a_review_rated_again_where_the_edition_says_so(year: YearWorld) -> None:
    assert reopen(year, "authority") == (409, "not_competent")
    assert [reopen(year, each)[0] for each in ("member", "secretary", "committee")] == [403] * 3
    assert f"{PAGE}/reopening" in year.read("superior", PAGE, **HTML).text

    form = year.read("superior", f"{PAGE}/reopening", **HTML).text
    assert "kiến nghị được chấp nhận (chậm nhất 02/12/2026)" in form
    assert "hết thời hạn khắc phục" not in form, "that is the deciding authority's"
    assert "kỷ luật" not in form, "no ground of this edition asks for one"
    assert reopen(year, "superior") == (201, "")

    said = year.read("member", PAGE, **HTML).text
    assert "kiến nghị được chấp nhận" in said
    assert WORDS in said
    year.live("announced", since="proposed")
    history = year.read("auditor", f"/history/{PERIOD}/{MEMBER}?verify=1", **HTML).text
    assert "✓ trùng khớp" in history


def test_after_its_days_nobody_reopens_and_the_day_is_told(year: YearWorld) -> None:
    year.reach(TOO_LATE)

    answer = year.send("superior", f"{REVIEW}/reopening", PETITION)
    assert (answer.status_code, answer.json["code"]) == (409, "reopened_too_late")
    assert "2026-12-02" in answer.json["detail"]
    assert f"{PAGE}/reopening" not in year.read("superior", PAGE, **HTML).text
    assert reopen(year, "authority", ground="improved") == (201, "")


def test_a_ground_that_the_edition_has_not_is_refused_with_those_that_it_has(
    year: YearWorld,
) -> None:
    answer = year.send("authority", f"{REVIEW}/reopening", PETITION | {"ground": "fault_found"})

    assert (answer.status_code, answer.json["code"]) == (409, "unknown_ground")
    assert "petition_upheld, improved" in answer.json["detail"]


def test_a_form_wants_the_reason_that_proves_a_ground(year: YearWorld) -> None:
    def sent(**typed: str) -> int:
        version = str(year.read("authority", REVIEW).json["version"])
        return year.ask(
            "POST",
            f"{PAGE}/reopening",
            data={"version": version, **typed},
            headers=year.headers("authority") | HTML,
        ).status_code

    assert sent(ground="fault_found", text=WORDS) == 422
    assert sent(ground="improved", text="") == 422
    assert sent(ground="improved", text=WORDS) == 303


def test_everybody_reads_the_grounds_on_the_editions_page(year: YearWorld) -> None:
    digest = year.read("member", REVIEW).json["rulebook"]
    page = year.read("member", f"/rulebooks/{digest}", **HTML).text

    for said in ("kiến nghị được chấp nhận", "cấp trên của cấp quyết định", "trong 30 ngày"):
        assert said in page
