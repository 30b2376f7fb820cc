"""Days that the government swaps in the middle of a year: whoever it concerns sees the new day."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.definitions.deadline import CalendarSupplemented
from events.definitions.event import Subject
from events.identifiers import review_stream
from events.replay.verdict import verify
from events.store import documents, reference
from services.cli.checking import check_all
from services.commands import rulebooks
from tests.support.page_forms import HTML
from tests.support.year_world import MEMBER, PERIOD, RATING, REVIEW, YearWorld
from workers.reacting import Reactor
from workers.reactions.calendars import Calendars

SHIPPED = reference.shipped_document("calendar", "viet_nam")
DECEMBER = range(14, 31)
DAY_OFF = {"date": "2026-12-07", "name": {"vi": "Nghỉ hoán đổi", "en": "Day off in exchange"}}
SWAPPED = SHIPPED | {"edition": "3", "holidays": [*SHIPPED["holidays"], DAY_OFF]}


NEXT = SHIPPED | {
    "edition": "4",
    "holidays": [*SWAPPED["holidays"], *({**DAY_OFF, "date": f"2026-12-{n}"} for n in DECEMBER)],
}
SUBJECT = Subject(review_stream(PERIOD, MEMBER))


def moved_wrongly(year: YearWorld) -> list[str]:
    """Return what `tusoi verify` finds of deadlines that a newer calendar moved."""
    found = check_all(year.system, lambda _count: None).findings
    return [each.what for each in found if "calendar.supplemented" in each.what]


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which 7 December became a day off, when self-critiques were due on it."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    reactor = reaction(world)
    rulebooks.publish(world.system, SWAPPED, principal="operator")
    follow(world, reactor)
    yield world
    world.system.close()


def reaction(world: YearWorld) -> Reactor:
    """Return the reaction to calendars, which begins at the log's end."""
    reactor = Reactor(world.system.store, Calendars(world.system), clock=world.clock)
    reactor.advance()
    return reactor


def follow(world: YearWorld, reactor: Reactor) -> None:
    world.advance()
    while reactor.advance():
        world.advance()


def test_who_writes_sees_the_later_day_and_the_history_says_why(year: YearWorld) -> None:
    steps = {each["step"]: each for each in year.read("member", REVIEW).json["steps"]}
    inbox = year.read("member", "/inbox", **HTML).text
    history = year.read("auditor", f"/history/{PERIOD}/{MEMBER}", **HTML).text

    assert steps["self_critique"]["due_at"] == "2026-12-08T16:59:59Z"
    assert "08/12" in inbox
    assert "Tính hạn theo lịch mới" in history
    assert "bản 3" in history


def test_a_rating_under_two_calendars_verifies_in_its_bundle_and_in_the_log(
    year: YearWorld,
) -> None:
    year.live()

    bundle = year.read("auditor", f"{RATING}/bundle").data

    verdict = verify(bundle, year.system.verifier_key)
    assert verdict.verified, verdict.reason
    assert "law" in {check.name for check in verdict.checks if check.passed}
    assert moved_wrongly(year) == []


def test_a_newer_calendar_that_moved_nothing_is_found_in_the_log(year: YearWorld) -> None:
    year.live("proposed")
    digest = rulebooks.publish(year.system, NEXT, principal="operator")

    year.tell(CalendarSupplemented(subject=SUBJECT, calendar=digest, dues=()))

    found = moved_wrongly(year)  # that it was told by no worker, too
    assert any("calendar.supplemented is refused by the law" in each for each in found)


def test_what_was_over_goes_by_the_newest_calendar_once_it_is_opened_again(
    year: YearWorld,
) -> None:
    year.live("announced")
    reactor = reaction(year)
    rulebooks.publish(year.system, NEXT, principal="operator")
    follow(year, reactor)
    before = year.read("member", REVIEW).json["calendar"]

    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": "Sai sót"})
    follow(year, reactor)

    after = year.read("member", REVIEW).json["calendar"]
    assert before == documents.digest_of(SWAPPED)
    assert after == documents.digest_of(NEXT)
