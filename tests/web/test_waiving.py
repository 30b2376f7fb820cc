"""Whoever writes nothing holds up nobody for ever: the year goes on, and everybody sees why."""

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from events.store import reference
from services.commands import rulebooks
from tests.support.world import COMMUNE
from tests.support.year_world import (
    FIGURES,
    MEMBER,
    OPENED_AT,
    PERIOD,
    POOR,
    REVIEW,
    WORDS,
    YearWorld,
)

PAGE = f"/reviews/{PERIOD}/{MEMBER}"
HTML = {"Accept": "text/html"}
NOTHING_LATE = "Không có bước quá hạn nào mà quy chế cho đi tiếp."
OVER = datetime(2026, 12, 8, 2, tzinfo=UTC)  # the self-critique was due by the 5th of December
LATER = datetime(2026, 12, 10, 2, tzinfo=UTC)


@pytest.fixture
def begin(tmp_path: Path) -> Iterator[Callable[[str], YearWorld]]:
    """Return what opens a year whose edition says what holds without a self-critique."""
    world = YearWorld(tmp_path / "data")

    def opened(without: str) -> YearWorld:
        world.clock.set(OPENED_AT)
        edition: Any = copy.deepcopy(reference.shipped_document("rulebook", "neutral"))
        edition["issuer"] = "operators"
        edition["steps"]["self_critique"]["without"] = without
        digest = rulebooks.publish(world.system, edition, principal="operator")
        body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": digest}
        world.do("authority", "/api/v1/cycles", body)
        world.reach(OVER)
        return world

    yield opened
    world.system.close()


def open_escalations(world: YearWorld) -> list[dict[str, str]]:
    told = world.read("authority", "/api/v1/escalations").json["escalations"]
    return [each for each in told if each["member_id"] == MEMBER]


def escalated(world: YearWorld) -> set[str]:
    return {each["step"] for each in open_escalations(world)}


def propose(world: YearWorld) -> int:
    body = {"points": dict(POOR), "figures": FIGURES, "text": WORDS}
    return world.send("secretary", f"{REVIEW}/proposal", body).status_code


def waive(world: YearWorld, role: str = "authority", **changed: str) -> int:
    body = {"step": "self_critique", "text": WORDS} | changed
    return world.send(role, f"{REVIEW}/waivers", body).status_code


def test_where_the_edition_says_so_the_year_goes_on_of_itself(
    begin: Callable[[str], YearWorld],
) -> None:
    world = begin("waived")

    page = world.read("member", PAGE, **HTML).text
    assert "Đi tiếp khi thiếu bước “Tự kiểm điểm” từ ngày 08/12/2026 theo quy chế" in page
    assert f"{PAGE}/write/self-critique" in page, "they may still write"
    assert escalated(world) == {"commitment"}
    assert propose(world) == 201


def test_where_it_says_nothing_a_late_step_climbs_and_nobody_is_rated_without(
    begin: Callable[[str], YearWorld],
) -> None:
    world = begin("waits")

    assert escalated(world) == {"commitment", "self_critique"}
    assert propose(world) == 409
    assert waive(world) == 409
    assert NOTHING_LATE in world.read("authority", f"{PAGE}/waiver", **HTML).text
    assert "/waiver" not in world.read("authority", PAGE, **HTML).text


def test_those_who_decide_let_it_go_on_and_say_why(begin: Callable[[str], YearWorld]) -> None:
    world = begin("authority")
    assert propose(world) == 409
    assert [waive(world, role) for role in ("member", "secretary", "superior")] == [403] * 3

    form = world.read("authority", f"{PAGE}/waiver", **HTML)
    assert "Tự kiểm điểm (" in form.text
    sent = world.ask(
        "POST",
        f"{PAGE}/waiver",
        data={"step": "self_critique", "text": WORDS, "version": "3"},
        headers=world.headers("authority") | HTML,
    )
    world.advance()

    assert sent.status_code == 303, sent.text
    said = world.read("member", PAGE, **HTML).text
    assert WORDS in said, "the person reviewed reads the reason"
    assert propose(world) == 201
    assert waive(world) == 409
    assert [each["step"] for each in open_escalations(world)] == ["commitment"]


@pytest.mark.parametrize("without", ["waived", "authority"])
def test_a_year_without_a_self_critique_is_verified_like_any_other(
    begin: Callable[[str], YearWorld], without: str
) -> None:
    world = begin(without)
    if without == "authority":
        assert waive(world) == 201

    world.live("announced", since="proposed")

    world.reach(LATER + timedelta(days=30))
    history = world.read("auditor", f"/history/{PERIOD}/{MEMBER}?verify=1", **HTML).text
    assert "Cho đi tiếp khi thiếu: Tự kiểm điểm" in history
    assert "✓ trùng khớp" in history
