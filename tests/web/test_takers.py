"""A page says who may take the step that waits, and where nobody there can, who else may."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.definitions.event import Code
from events.definitions.roster import PostRelieved
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import (
    COMMITTEE,
    FIGURES,
    MEMBER,
    PERIOD,
    POOR,
    SECRETARY,
    YearWorld,
    post_given,
)

PAGE = f"/reviews/{PERIOD}/{MEMBER}"
NAME = "(đã xóa tên)"  # nobody's name is kept in this world
HTML = {"Accept": "text/html"}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def page(year: YearWorld, role: str = "member") -> str:
    return " ".join(year.read(role, PAGE, **HTML).text.split())


def relieve(year: YearWorld, member_id: str, unit_id: str) -> None:
    year.tell(PostRelieved(member_id=member_id, unit_id=unit_id, post=Code("secretary")))  # type: ignore[arg-type]
    year.advance()


def test_whose_turn_it_is_is_told_by_name_and_what_comes_waits_for_what_is_before(
    year: YearWorld,
) -> None:
    year.live("answered")

    told = page(year)

    assert f"Đang chờ bí thư đơn vị ({NAME}): Đề xuất mức." in told
    assert "Quyết định<small> sau Đề xuất mức</small>" in told


def test_who_took_a_step_by_an_office_stands_beside_it(year: YearWorld) -> None:
    year.live("proposed")

    assert f" · {NAME}</small>" in page(year)


def test_where_nobody_can_take_a_step_it_says_who_else_may(year: YearWorld) -> None:
    year.live("answered")
    relieve(year, SECRETARY, CELL)

    assert f"chưa có ai làm được bước này; {NAME} ở cấp quyết định" in page(year)


def test_where_those_who_could_decide_had_proposed_somebody_else_is_needed(year: YearWorld) -> None:
    year.live("answered")
    body = {"points": dict(POOR), "figures": FIGURES}
    year.do("authority", f"/api/v1{PAGE}/proposal", body)

    assert "cần cử thêm người giữ chức vụ ở đó" in page(year)

    year.tell(post_given(COMMITTEE, COMMUNE, "deputy_secretary"))
    year.advance()
    assert f"Đang chờ cấp quyết định ({NAME}): Quyết định." in page(year)
