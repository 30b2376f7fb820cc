"""A committee opens its year under an edition and a calendar that it chooses."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events.definitions.event import Code
from events.definitions.roster import (
    LeavingReason,
    MemberDisciplined,
    MemberExempted,
    MemberLeft,
    MemberMoved,
    PostGiven,
)
from events.domain.organisation.doubt import Why
from events.domain.year import cycle
from events.identifiers import MemberId, UnitId, cycle_stream, new_id
from events.store import reference
from services.commands import rulebooks
from services.queries import year_doubts
from services.web.saying.languages import phrases
from tests.support.fakes import SeededChance
from tests.support.page_forms import HTML, send
from tests.support.sealed import sealed
from tests.support.world import CELL, COMMUNE, OTHER_CELL, enrolled, formed
from tests.support.year_world import COMMITTEE, MEMBER, PEER, PERIOD, YearWorld, post_given

NEW = "/cycles/new"
NEUTRAL = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral"}
FORM = {"unit": COMMUNE, "year": PERIOD, "rulebook": "neutral"}
LONGER = reference.shipped_document("calendar", "viet_nam") | {
    "issuer": "committee",
    "valid_until": "2033-12-31",
}
NEWER = reference.shipped_document("calendar", "viet_nam") | {"edition": "3"}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    world = YearWorld(tmp_path / "data")
    yield world
    world.system.close()


def calendars_in(page: str) -> list[str]:
    """Return what is offered, in its order."""
    field = page.partition('<select id="calendar"')[2].partition("</select>")[0]
    return re.findall(r'value="([^"]+)"', field)


def test_what_we_ship_is_offered_alone_until_another_one_is_published(year: YearWorld) -> None:
    assert calendars_in(year.read("authority", NEW, **HTML).text) == ["viet_nam"]

    longer = rulebooks.publish(year.system, LONGER, principal="account:operator")

    assert calendars_in(year.read("authority", NEW, **HTML).text) == [longer, "viet_nam"]


def test_a_year_that_one_calendar_does_not_know_is_opened_under_one_that_does(
    year: YearWorld,
) -> None:
    longer = rulebooks.publish(year.system, LONGER, principal="account:operator")
    wanted = {"unit": COMMUNE, "year": "2032", "rulebook": "neutral"}

    short = send(year, "authority", NEW, calendar="viet_nam", **wanted)
    opened = send(year, "authority", NEW, calendar=longer, **wanted)

    assert short.status_code == 409
    assert "Lịch ngày nghỉ chưa tới hết các hạn của năm này" in short.text
    assert opened.status_code == 303
    state = cycle.fold(year.system.store.read_stream(cycle_stream("2032", UnitId(COMMUNE))).events)
    assert state.opened
    assert state.opened.fact.calendar == longer


def test_an_edition_whose_place_a_newer_one_took_is_not_offered_and_stands_for_it(
    year: YearWorld,
) -> None:
    newer = rulebooks.publish(year.system, NEWER, principal="account:operator")

    page = year.read("authority", NEW, **HTML).text
    send(year, "authority", NEW, unit=COMMUNE, year=PERIOD, rulebook="neutral")

    assert calendars_in(page) == [newer]
    assert "bản 3: tới 31/12/2031, đã công bố tới 31/12/2026" in page
    state = cycle.fold(year.system.store.read_stream(cycle_stream(PERIOD, UnitId(COMMUNE))).events)
    assert state.opened
    assert state.opened.fact.calendar == newer
    opened = year.read("authority", f"/cycles/{PERIOD}/{COMMUNE}", **HTML).text
    assert "Ngày nghỉ sau 31/12/2026 chưa được công bố" in opened


def test_without_a_choice_ours_is_taken(year: YearWorld) -> None:
    opened = send(year, "authority", NEW, unit=COMMUNE, year=PERIOD, rulebook="neutral")

    assert opened.status_code == 303


LATELY = timedelta(days=9)


@pytest.fixture
def doubtful(year: YearWorld) -> YearWorld:
    """A commune of which HR told what it may have meant otherwise, and another one beside it."""
    cell, lost = OTHER_CELL, UnitId(new_id(SeededChance(41)))
    before = year.clock.now()
    now = before + 3 * LATELY
    year.clock.set(now)
    outside = formed(UnitId(new_id(SeededChance(42))))
    year.append(formed(lost, lost), outside, time=now - LATELY)
    year.append(PostGiven(member_id=PEER, unit_id=cell, post=Code("secretry")), time=now - LATELY)
    year.append(PostGiven(member_id=PEER, unit_id=cell, post=Code("treasurer")), time=now - LATELY)
    left = MemberLeft(member_id=PEER, reason=sealed(LeavingReason.OTHER))
    year.append(left, time=now - 2 * LATELY)
    year.append(enrolled(PEER, CELL), time=now - 2 * LATELY + timedelta(days=1))
    year.append(PostGiven(member_id=PEER, unit_id=cell, post=Code("secretry")), time=now - LATELY)
    year.append(MemberMoved(member_id=MEMBER, unit_id=cell), time=now + LATELY)
    year.advance()
    return year


def test_a_dry_run_tells_what_is_doubtful_in_order_and_opens_nothing(doubtful: YearWorld) -> None:
    before = doubtful.system.store.head().size
    wanted = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral", "dry_run": True}

    told = doubtful.send("authority", "/api/v1/cycles", wanted)

    assert told.status_code == 200
    assert told.json["reviews"] == 0
    found = [(each["why"], each["count"]) for each in told.json["doubts"]]
    assert [why for why, _ in found] == [
        *("vacant", "too_few", "unused_word", "ahead", "calendar", "came_back"),
    ]
    vacant, too_few, words = (told.json["doubts"][n]["named"] for n in range(3))
    assert (vacant, too_few) == ([f"unit-{OTHER_CELL}"], [f"unit-{COMMUNE}"])
    assert words == ["secretry (secretary?)", "treasurer"]
    assert doubtful.system.store.head().size == before


def begins(year: YearWorld, rulebook: str) -> Any:
    """Return what the commune's year would begin with."""
    wanted = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": rulebook, "dry_run": True}
    return year.send("authority", "/api/v1/cycles", wanted).json["begins"]


def test_a_dry_run_tells_how_many_reviews_would_be_opened_and_who_would_rate_whom(
    year: YearWorld,
) -> None:
    told = begins(year, "neutral")

    assert told["shares"] == [
        {"unit_id": CELL, "reviews": 3, "unrated": 0}
        | {"proposes": CELL, "proposers": 1, "decides": COMMUNE, "deciders": 1, "stuck": 1},
        {"unit_id": OTHER_CELL, "reviews": 4, "unrated": 0}
        | {"proposes": OTHER_CELL, "proposers": 0, "decides": COMMUNE, "deciders": 1, "stuck": 4},
    ]
    assert told["reviews"] == 7
    opened = year.send("authority", "/api/v1/cycles", NEUTRAL)
    assert opened.json["reviews"] == told["reviews"]


def test_what_is_told_to_begin_is_by_the_groups_of_the_edition(year: YearWorld) -> None:
    told = begins(year, "qd366_hd02")

    reviews = {(each["unit_id"], each["group"]): each["reviews"] for each in told["shares"]}
    assert [reviews[CELL, group] for group in ("collective", "leader", "member")] == [1, 1, 2]


def test_whom_an_edition_leaves_out_is_counted_by_why(year: YearWorld) -> None:
    year.tell(MemberExempted(member_id=PEER))

    told = begins(year, "neutral")

    assert (told["reviews"], told["left_out"]) == (6, {"exempt": 1})


def test_who_may_not_judge_themselves_needs_two_others(year: YearWorld) -> None:
    """With a second officer all are rated but the two themselves, who belong to the other cell."""
    year.tell(post_given(COMMITTEE, COMMUNE, "deputy_secretary"))

    stuck = {each["unit_id"]: each["stuck"] for each in begins(year, "neutral")["shares"]}

    assert stuck == {CELL: 0, OTHER_CELL: 2}


def test_the_form_shows_what_would_begin_by_the_names_of_units(year: YearWorld) -> None:
    fields = {"unit": COMMUNE, "year": PERIOD, "rulebook": "qd366_hd02", "preview": "1"}

    page = send(year, "authority", NEW, **fields).text

    shown = page.partition('id="begins"')[2]
    assert "Nếu mở bây giờ: 8 hồ sơ" in shown
    assert "1 hồ sơ thiếu người" in shown
    assert CELL not in shown


def test_a_dry_run_tells_of_who_seems_to_have_left_and_of_who_is_to_come(
    year: YearWorld,
) -> None:
    now = year.clock.now() + LATELY
    year.clock.set(now)
    newcomer = MemberId(new_id(SeededChance(43)))
    elsewhere = MemberLeft(member_id=PEER, reason=sealed(LeavingReason.TRANSFERRED))
    year.append(enrolled(PEER, OTHER_CELL), time=now - timedelta(days=2))
    year.append(elsewhere, time=now - timedelta(days=1))
    year.append(MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.OTHER)), time=now)
    year.append(enrolled(MEMBER, CELL), enrolled(newcomer, CELL), time=now + LATELY)
    year.advance()
    wanted = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral", "dry_run": True}

    told = year.send("authority", "/api/v1/cycles", wanted)

    found = {each["why"]: (each["count"], each["named"]) for each in told.json["doubts"]}
    assert found["ended_anew"] == (1, [f"member-{PEER}"])
    assert found["ahead"] == (2, [])  # they are not of this unit yet, and it is not told who is


def test_a_dry_run_counts_what_is_doubtful_of_disciplines_and_names_nobody(
    year: YearWorld,
) -> None:
    year.tell(MemberDisciplined(member_id=PEER, decision=sealed("05-QĐ"), grade=Code("reprimandd")))

    told = year.send(
        "authority", "/api/v1/cycles", NEUTRAL | {"rulebook": "qd366_hd02", "dry_run": True}
    )

    words = [each for each in told.json["doubts"] if each["why"] == "unused_word"]
    assert [(each["count"], each["named"]) for each in words] == [(1, [])]
    assert PEER not in told.text
    page = send(year, "authority", NEW, **FORM | {"rulebook": "qd366_hd02"}, preview="1").text
    assert "mà không quy định nào dùng (1)." in page


def test_whoever_could_not_open_a_year_now_is_shown_none_of_it(year: YearWorld) -> None:
    """A cell decides nothing, and a year that is open is not opened again."""
    cell = year.send("secretary", "/api/v1/cycles", NEUTRAL | {"unit_id": CELL, "dry_run": True})
    year.do("authority", "/api/v1/cycles", NEUTRAL)
    again = year.send("authority", "/api/v1/cycles", NEUTRAL | {"dry_run": True})
    page = send(year, "authority", NEW, **FORM, preview="1")

    assert [each.json["code"] for each in (cell, again)] == ["no_authority", "already_open"]
    assert page.status_code == 409
    assert 'id="begins"' not in page.text


def test_whoever_may_open_no_year_is_told_no_doubts_of_it(doubtful: YearWorld) -> None:
    wanted = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral", "dry_run": True}

    assert doubtful.send("peer", "/api/v1/cycles", wanted).status_code == 403
    fields = {"unit": COMMUNE, "year": PERIOD, "rulebook": "neutral", "preview": "1"}
    assert send(doubtful, "peer", NEW, **fields).status_code == 403
    unknown = wanted | {"calendar": "nowhere"}
    assert doubtful.send("authority", "/api/v1/cycles", unknown).status_code == 422


@pytest.mark.parametrize(
    ("language", "says"),
    [("vi", "chưa mở gì"), ("en", "nothing was opened yet")],
)
def test_the_form_shows_them_in_the_readers_language_before_anything_is_opened(
    doubtful: YearWorld, language: str, says: str
) -> None:
    fields = {"unit": COMMUNE, "year": PERIOD, "rulebook": "neutral", "preview": "1"}
    headers = doubtful.headers("authority") | HTML
    chosen = doubtful.ask("POST", "/language", data={"language": language}, headers=headers)
    kept = chosen.headers["Set-Cookie"].partition(";")[0]

    both = headers | {"Cookie": f"{headers['Cookie']}; {kept}"}
    shown = doubtful.ask("POST", NEW, data=fields, headers=both)

    assert shown.status_code == 200
    assert says in shown.text
    assert "secretry (secretary?)" in shown.text
    stream = cycle_stream(PERIOD, UnitId(COMMUNE))
    assert doubtful.system.store.versions([stream]) == {stream: 0}


def test_what_a_form_lacks_is_told_before_a_preview(year: YearWorld) -> None:
    shown = send(year, "authority", NEW, unit="", year=PERIOD, preview="1")

    assert shown.status_code == 422
    assert 'id="doubts"' not in shown.text


def test_what_is_doubtful_is_said_with_no_place_that_nobody_fills() -> None:
    """A page names whom it is about beside what it says; but for two, that name them within."""
    for why in {*year_doubts.ORDER, *Why} - {*year_doubts.SINGLE}:
        assert all("{" not in said for said in phrases()[f"cycle.doubts.{why}"].values()), why
