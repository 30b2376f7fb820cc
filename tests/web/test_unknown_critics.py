"""Whoever is criticised finds out from nothing that they get who it was, or at which moment."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import msgspec
import pytest
from structlog.testing import capture_logs

from events.definitions.entry import Entry
from events.definitions.review import CriticismGiven
from events.domain.documents.working_days import ZONE, local_day, start_of_day
from events.identifiers import review_stream
from events.store.sequencing import sequence
from services.web.pages.parts import forms
from tests.support.world import OPERATOR
from tests.support.year_world import (
    CYCLE,
    MEMBER,
    PEER,
    PERIOD,
    REVIEW,
    SECRETARY,
    WORDS,
    YearWorld,
)
from workers.projections.review_states import REVIEW_STATES
from workers.subscribers import Subscriber

HTML = {"Accept": "text/html"}
PAGE = f"/reviews/{PERIOD}/{MEMBER}"
HISTORY = f"/history/{PERIOD}/{MEMBER}"
BUNDLE = f"/api/v1/ratings/{PERIOD}/{MEMBER}/bundle?words=true"
SECONDS = timedelta(hours=7, minutes=13, seconds=29, microseconds=31)  # to the moment of criticism
LATER = timedelta(hours=2, minutes=5)  # whatever others do afterwards


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which the peer criticised An twice, and others did other things at other times."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.clock.set(world.clock.now() + SECONDS)
    for _ in range(2):
        world.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    world.clock.set(world.clock.now() + LATER)
    yield world
    world.system.close()


def criticised_at(year: YearWorld) -> datetime:
    return year.clock.now() - LATER


def moments(when: datetime) -> tuple[str, ...]:
    """Return how a moment may be written, in UTC and here, to the minute."""
    return (f"{when:%H:%M}", f"{when.astimezone(ZONE):%H:%M}")


def given(year: YearWorld) -> list[tuple[Entry, CriticismGiven]]:
    history = year.system.store.read_stream(review_stream(PERIOD, MEMBER)).events
    return [(e.entry, e.event) for e in history if isinstance(e.event, CriticismGiven)]


def all_that_is_given(year: YearWorld) -> dict[str, str]:
    """Return all that An gets in which the criticisms are, by where it comes from."""
    positions = re.findall(r"\?at=(\d+)", year.read("member", HISTORY, **HTML).text)
    told = {
        "page": year.read("member", PAGE, **HTML).text,
        "api": year.read("member", REVIEW).text,
        "readings": year.read("member", f"{REVIEW}/readings").text,
        "words": year.send("member", f"{REVIEW}/words").text,
        "inbox": year.read("member", "/api/v1/inbox").text,
        "waiting": year.read("member", "/inbox", **HTML).text,
        "home": year.read("nobody", "/", **HTML).text,
    }
    told |= {at: year.read("member", f"{HISTORY}?at={at}", **HTML).text for at in positions}
    taken = year.ask("POST", "/my/data", data={}, headers=year.headers("member") | HTML).data
    with ZipFile(BytesIO(taken)) as archive:
        told |= {name: archive.read(name).decode() for name in archive.namelist()}
    return told


def test_nothing_that_the_reviewed_gets_tells_the_moment_or_the_author(year: YearWorld) -> None:
    when = criticised_at(year)

    told = all_that_is_given(year)

    assert len(told) > 8
    assert [name for name, text in told.items() if PEER in text] == []
    for moment in moments(when):
        assert [name for name, text in told.items() if moment in text] == []
    assert year.read("member", REVIEW).json["criticisms"][0]["given_on"] == str(local_day(when))


def test_entry_feed_and_bundle_tell_the_day_alone(year: YearWorld) -> None:
    when = criticised_at(year)
    token = year.token(reads=("review.*",))
    feed = year.ask("GET", "/api/v1/events?type=review.criticism_given", headers=token)
    year.live("critique", since="critique")
    for each in year.read("member", REVIEW).json["criticisms"]:
        year.do("member", f"{REVIEW}/criticisms/{each['id']}/answer", {"text": WORDS})
    year.live("decided", since="proposed")
    bundle = year.read("member", BUNDLE).json

    (first, _), _ = given(year)

    assert (first.time, first.recordedat) == (start_of_day(when), start_of_day(when))
    assert {each["sequencedat"] for each in feed.json["events"]} == {
        f"{start_of_day(when):%Y-%m-%dT%H:%M:%SZ}"
    }
    entries = [msgspec.json.decode(each["entry"]) for each in bundle["entries"]]
    times = {e["recordedat"] for e in entries if e["type"] == "review.criticism_given"}
    assert times == {f"{start_of_day(when):%Y-%m-%dT%H:%M:%SZ}"}


def test_two_criticisms_by_one_author_are_not_seen_to_be_so(year: YearWorld) -> None:
    (one, first), (other, second) = given(year)

    def marks(entry: Entry, fact: CriticismGiven) -> set[str]:
        named = {entry.principal, entry.id, str(entry.correlationid), entry.salt}
        return named | {fact.author, fact.criticism_id, fact.text.sealed}

    assert marks(one, first).isdisjoint(marks(other, second))


@pytest.mark.parametrize("role", ["member", "token"])
def test_a_moment_is_not_found_by_halves(year: YearWorld, role: str) -> None:
    when = criticised_at(year)

    def seen(at: datetime) -> int:
        answer = year.read(role, f"{REVIEW}?as_of={at:%Y-%m-%dT%H:%M:%S}Z")
        return len(answer.json["criticisms"]) if answer.status_code == HTTPStatus.OK else 0

    hours = [start_of_day(when) + timedelta(hours=each) for each in range(-24, 24)]

    assert {seen(each) for each in hours[24:]} == {2}
    assert {seen(each) for each in hours[:24]} == {0}


def test_no_other_state_as_of_a_moment_names_the_position_of_a_criticism(year: YearWorld) -> None:
    when = criticised_at(year)
    year.do("member", f"{REVIEW}/self-critique", {"text": WORDS})

    def position(path: str, at: datetime) -> int:
        answer = year.read("token", f"{path}?as_of={at:%Y-%m-%dT%H:%M:%S.%f}Z")
        return int(answer.json["as_of"])

    for path in (f"/api/v1/members/{MEMBER}", CYCLE):
        before, after = position(path, when - SECONDS), position(path, when + LATER / 2)
        assert before == after
        assert position(path, year.clock.now()) == after + 3


def test_whoever_read_right_before_a_criticism_is_not_seen_beside_it(year: YearWorld) -> None:
    year.send("secretary", f"{REVIEW}/words")
    year.do("secretary", f"{REVIEW}/criticisms", {"text": WORDS})

    own = year.read("member", HISTORY, **HTML).text
    auditors = year.read("auditor", HISTORY, **HTML).text

    assert "Mở đọc nội dung" not in own
    assert "Mở đọc nội dung" in auditors  # who are not told the readers' names
    assert SECRETARY not in auditors


def test_between_which_readings_a_criticism_came_is_told_by_the_day(year: YearWorld) -> None:
    """A reader before it and one after it, by the minute, would tell its minute."""
    reading = year.clock.now() + timedelta(minutes=37)
    year.clock.set(reading)
    year.send("secretary", f"{REVIEW}/words")
    year.clock.set(reading + LATER)

    told = all_that_is_given(year)

    assert year.read("member", f"{REVIEW}/readings").json["readings"][0]["on"] == str(
        local_day(reading)
    )
    for moment in moments(reading):
        assert [name for name, text in told.items() if moment in text] == []


def lines_of(year: YearWorld, role: str, form: str, item: str = "") -> list[tuple[str, str, int]]:
    """Return what is logged of a form that is sent, and of the page to which it leads on."""
    typed = {"text": WORDS, "item": item}
    headers = year.headers(role) | HTML
    with capture_logs() as lines:
        sent = year.ask("POST", f"{PAGE}/write/{form}", data=typed, headers=headers)
        year.ask("GET", sent.headers["Location"], headers=headers)
    return [(line["method"], line["route"], line["status"]) for line in lines]


def test_log_lines_and_counts_of_a_criticism_are_those_of_any_other_step(
    year: YearWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forms, "SETTLE_SECONDS", 0)

    (_, first), _ = given(year)

    others = lines_of(year, "secretary", "criticism")
    own = lines_of(year, "member", "answer", first.criticism_id)

    assert others == own
    assert "peers" not in year.read("nobody", "/metrics", **OPERATOR).text


def test_no_line_of_workers_and_no_gauge_says_that_a_criticism_came(year: YearWorld) -> None:
    def gauges() -> list[str]:
        told = year.read("nobody", "/metrics", **OPERATOR).text.splitlines()
        return [line for line in told if line.startswith("tusoi_") and "http" not in line]

    reviews = Subscriber(year.system.store, REVIEW_STATES, clock=year.clock)
    before = gauges()
    answer = year.ask(
        "POST", f"{REVIEW}/criticisms", json={"text": WORDS}, headers=year.headers("secretary")
    )
    with capture_logs() as lines:
        sequence(year.system.store.database, year.clock)
        advanced = reviews.advance()
        year.advance()
        year.system.signer.sign()

    assert answer.status_code == HTTPStatus.CREATED
    assert (advanced.count, advanced.correlation_ids) == (1, ())  # and with no ids, no line
    assert gauges() == before
    assert [{*line} for line in lines] == [{"event", "log_level"}]  # that a checkpoint was signed


def test_an_unanswered_criticism_still_holds_up_its_author_alone(year: YearWorld) -> None:
    year.clock.set(year.clock.now() + timedelta(days=30))

    again = year.send("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    others = year.send("secretary", f"{REVIEW}/criticisms", {"text": WORDS})

    assert (again.status_code, again.json["code"]) == (HTTPStatus.CONFLICT, "answer_awaited")
    assert others.status_code == HTTPStatus.CREATED
