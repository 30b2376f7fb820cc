"""A year in which its subject does nothing ends without a level, and may go on after that."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from events.domain.documents.working_days import local_day
from tests.support.unit_world import OPENED_AT, UnitWorld
from tests.support.verified import findings
from tests.support.world import CELL, COMMUNE
from tests.support.year_world import FIGURES, GOOD, MEMBER, PERIOD, REVIEW, WORDS, YearWorld

PAGE = f"/reviews/{PERIOD}/{MEMBER}"
HTML = {"Accept": "text/html"}
OVER = datetime(2026, 12, 8, 2, tzinfo=UTC)  # the self-critique was due by the 7th of December
REASON = "Đã nhắc ba lần, không viết."


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def page(year: YearWorld, role: str, address: str = PAGE) -> str:
    return " ".join(year.read(role, address, **HTML).text.split())


def send(year: YearWorld, path: str, role: str = "authority") -> int:
    return year.send(role, f"{REVIEW}/{path}", {"text": REASON}).status_code


def test_it_ends_only_once_they_are_late_and_only_those_who_decide_end_it(year: YearWorld) -> None:
    assert send(year, "end") == 409
    assert f"{PAGE}/end" not in page(year, "authority")
    assert "Chỉ kết thúc được khi" in page(year, "authority", f"{PAGE}/end")

    year.reach(OVER)

    assert [send(year, "end", role) for role in ("member", "secretary", "superior")] == [403] * 3
    assert f"{PAGE}/end" in page(year, "authority")
    assert send(year, "end") == 201


def test_who_is_reviewed_sees_that_it_ended_and_why_and_nothing_climbs(year: YearWorld) -> None:
    year.reach(OVER)
    assert send(year, "end") == 201

    told = page(year, "member")

    assert "cấp quyết định kết thúc không xếp loại" in told
    assert REASON in told
    open_ones = year.read("authority", "/api/v1/escalations").json["escalations"]
    assert not [each for each in open_ones if each["member_id"] == MEMBER]
    assert year.send("member", f"{REVIEW}/self-critique", {"text": WORDS}).status_code == 409


def test_days_to_answer_a_criticism_do_not_run_out_while_it_has_ended(year: YearWorld) -> None:
    year.reach(OVER)
    year.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    year.do("authority", f"{REVIEW}/end", {"text": REASON})
    before = year.read("member", REVIEW).json["criticisms"][0]["answer_due_at"]
    year.reach(datetime(2026, 12, 28, 2, tzinfo=UTC))
    year.do("authority", f"{REVIEW}/resumption", {"text": REASON})
    year.do("member", f"{REVIEW}/self-critique", {"text": WORDS})

    criticism = year.read("member", REVIEW).json["criticisms"][0]
    body = {"points": GOOD, "figures": FIGURES, "text": WORDS}
    hurried = year.send("secretary", f"{REVIEW}/proposal", body)
    answer = f"{REVIEW}/criticisms/{criticism['id']}/answer"
    answered = year.send("member", answer, {"text": WORDS}).status_code

    assert before < "2026-12-28" < criticism["answer_due_at"]
    assert (hurried.status_code, hurried.json["code"]) == (409, "answer_pending")
    assert (answered, year.send("secretary", f"{REVIEW}/proposal", body).status_code) == (201, 201)
    assert findings(year) == {}


def test_a_point_tells_the_day_that_it_got_when_the_year_went_on_everywhere(
    tmp_path: Path,
) -> None:
    world = UnitWorld(tmp_path / "party")
    world.clock.set(OPENED_AT)
    year = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "qd366_hd02"}
    world.do("authority", "/api/v1/cycles", year)
    world.do("authority", f"{REVIEW}/points", {"text": WORDS})
    world.reach(datetime(2026, 12, 28, 2, tzinfo=UTC))
    world.do("authority", f"{REVIEW}/end", {"text": REASON})
    before = world.read("member", REVIEW).json["points"][0]["answer_due_at"]
    world.do("authority", f"{REVIEW}/resumption", {"text": REASON})

    told = world.read("member", REVIEW).json
    point = told["points"][0]
    inbox = world.read("member", "/api/v1/inbox").json["waiting"]
    waiting = [e for e in (*told["tasks"], *inbox) if e["step"] == "suggestion_answer"]
    day = local_day(datetime.fromisoformat(point["answer_due_at"])).strftime("%d/%m")

    assert before < "2026-12-28" < point["answer_due_at"]
    assert [each["due_at"] for each in waiting] == [point["answer_due_at"]] * 2
    for address in (PAGE, f"{PAGE}/write/point-answer?item={point['id']}"):
        assert day in page(world, "member", address)
    world.system.close()


def test_a_form_lets_it_go_on_and_then_they_are_rated_like_anybody(year: YearWorld) -> None:
    year.reach(OVER)
    assert send(year, "end") == 201
    form = page(year, "authority", f"{PAGE}/end")
    assert f'action="{PAGE}/resumption"' in form

    version = form.split('name="version" value="')[1].split('"')[0]
    sent = year.ask(
        "POST",
        f"{PAGE}/resumption",
        data={"text": REASON, "version": version},
        headers=year.headers("authority") | HTML,
    )
    year.advance()

    assert sent.status_code == 303, sent.text
    year.live("critique", since="critique")
    year.live("announced", since="proposed")
    verified = page(year, "auditor", f"/history/{PERIOD}/{MEMBER}?verify=1")
    assert "✓ trùng khớp" in verified


def test_unit_and_cycle_show_who_ended_among_the_others(year: YearWorld) -> None:
    year.reach(OVER)
    assert send(year, "end") == 201

    assert "Đã kết thúc" in page(year, "secretary", f"/units/{CELL}/{PERIOD}")
    assert year.read("authority", f"/cycles/{PERIOD}/{COMMUNE}", **HTML).status_code == 200
