"""A committee opens its year under an edition and a calendar that it chooses."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.domain.year import cycle
from events.identifiers import UnitId, cycle_stream
from events.store import reference
from services.commands import rulebooks
from tests.support.page_forms import HTML, send
from tests.support.world import COMMUNE
from tests.support.year_world import PERIOD, YearWorld

NEW = "/cycles/new"
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
