"""Whoever is rated again is heard on the ground first; who is silent holds up nobody."""

import copy
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.definitions.roster import AbsenceReason, MemberAbsent
from events.identifiers import member_stream
from events.store import reference
from services.commands import rulebooks
from services.web.saying.languages import COOKIE
from tests.support.sealed import sealed
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
FORM = f"{PAGE}/write/statement"
HTML = {"Accept": "text/html"}
FAULT = "Phát hiện khai không đúng."
STATEMENT = "Tôi khai theo sổ của chi bộ."
OVER = datetime(2026, 11, 6, 2, tzinfo=UTC)  # the day after the third working day
LABEL = {"vi": "phát hiện khuyết điểm", "en": "a fault was found"}
GROUND = {"id": "fault_found", "label": LABEL, "needs": "words", "hears": 3, "citation": "Điều 7"}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """Return a world in which An is rated again, on a ground to which An may say something."""
    world = YearWorld(tmp_path / "data")
    world.clock.set(OPENED_AT)
    edition: Any = copy.deepcopy(reference.shipped_document("rulebook", "neutral"))
    edition |= {"issuer": "operators", "reopening": [GROUND]}
    digest = rulebooks.publish(world.system, edition, principal="operator")
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": digest}
    world.do("authority", "/api/v1/cycles", body)
    world.live("announced")
    world.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": FAULT})
    yield world
    world.system.close()


def propose(world: YearWorld) -> int:
    body = {"points": dict(POOR), "figures": FIGURES, "text": WORDS}
    return world.send("secretary", f"{REVIEW}/proposal", body).status_code


def state(world: YearWorld, role: str = "member") -> int:
    return world.send(role, f"{REVIEW}/statement", {"text": STATEMENT}).status_code


def tasks(world: YearWorld) -> list[tuple[str, str]]:
    found = world.read("member", REVIEW).json["tasks"]
    return [(each["step"], each["due_at"][:10]) for each in found]


def history(world: YearWorld) -> str:
    return world.read("auditor", f"/history/{PERIOD}/{MEMBER}?verify=1", **HTML).text


def test_who_is_rated_again_says_something_and_is_proposed_anew(year: YearWorld) -> None:
    assert tasks(year) == [("statement", "2026-11-05")]
    assert "Giải trình" in year.read("member", "/inbox", **HTML).text
    assert propose(year) == 409

    assert [state(year, each) for each in ("secretary", "authority", "peer")] == [403] * 3
    assert (state(year), state(year)) == (201, 409)
    assert [step for step, _ in tasks(year)] == ["proposal"]
    assert STATEMENT in year.open_words("secretary", f"{PAGE}/proposal").text
    year.live("announced", since="proposed")
    assert year.read("member", REVIEW).json["statements"][0]["version"]
    assert "✓ trùng khớp" in history(year)
    assert "Giải trình" in history(year)


def test_in_silence_the_year_goes_on_and_only_by_a_proposal(year: YearWorld) -> None:
    year.reach(OVER)

    page = year.read("member", PAGE, **HTML).text
    assert "Đi tiếp khi thiếu bước “Giải trình” từ ngày 06/11/2026 theo quy chế" in page
    assert FORM in page, "they may still write"
    assert year.read("member", REVIEW).json["level"] == "poor", "the old level holds"
    open_now = year.read("authority", "/api/v1/escalations").json["escalations"]
    assert "statement" not in {each["step"] for each in open_now}
    assert propose(year) == 201
    assert state(year) == 201, "until the new decision"
    year.live("announced", since="decided")
    assert state(year) == 409
    assert "✓ trùng khớp" in history(year)


def test_whoever_writes_sees_the_ground_and_its_reason_and_keeps_a_draft(year: YearWorld) -> None:
    form = year.read("member", FORM, **HTML).text
    for said in ("phát hiện khuyết điểm", FAULT, "05/11"):
        assert said in form
    cookie = f"{year.headers('member')['Cookie']}; {COOKIE}=en"
    assert "a fault was found" in year.read("member", FORM, Cookie=cookie, **HTML).text

    def send(**typed: str) -> int:
        version = str(year.read("member", REVIEW).json["version"])
        data = {"version": version, **typed}
        headers = year.headers("member") | HTML
        return year.ask("POST", FORM, data=data, headers=headers).status_code

    assert send(text=STATEMENT, save="1") == 303
    assert STATEMENT in year.read("member", FORM, **HTML).text
    assert (send(text=""), send(text=STATEMENT)) == (422, 303)
    year.advance()
    assert STATEMENT in year.read("member", PAGE, **HTML).text
    assert STATEMENT.encode() not in year.read("auditor", f"/history/{PERIOD}/{MEMBER}").data


def test_whoever_is_away_is_waited_for_unless_those_who_decide_say_why_not(
    year: YearWorld,
) -> None:
    year.tell(MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.SICK)))
    year.reach(OVER)

    assert propose(year) == 409
    assert "Giải trình (" in year.read("authority", f"{PAGE}/waiver", **HTML).text
    body = {"step": "statement", "text": WORDS}
    assert year.send("secretary", f"{REVIEW}/waivers", body).status_code == 403
    assert year.send("authority", f"{REVIEW}/waivers", body).status_code == 201
    assert propose(year) == 201
    year.live("announced", since="decided")
    assert "✓ trùng khớp" in history(year)


def test_a_cycle_counts_who_is_to_be_heard(year: YearWorld) -> None:
    page = year.read("authority", f"/cycles/{PERIOD}/{COMMUNE}", **HTML).text

    assert "Giải trình" in page


def test_what_they_said_goes_with_the_key_of_the_year(year: YearWorld) -> None:
    assert state(year) == 201
    year.system.keys.destroy(member_stream(MEMBER), PERIOD)

    page = year.read("member", PAGE, **HTML)

    assert page.status_code == 200
    assert STATEMENT not in page.text
