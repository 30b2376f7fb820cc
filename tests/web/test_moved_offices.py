"""Who loses a post while they ask reads and writes nothing more by it, and no line tells who."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from events.definitions.event import Code, Event
from events.definitions.reading import TextOpened
from events.definitions.records import Period
from events.definitions.roster import MemberMoved, PostRelieved
from events.errors import ConcurrentAppend
from events.identifiers import member_stream, reading_stream, review_stream
from services.access.roles import Person, Role
from services.commands import readings, reviews
from services.commands.work import Asking
from services.queries.people import person_as
from services.subject import Subject
from tests.support.world import CELL, OTHER_CELL
from tests.support.year_world import (
    MEMBER,
    PEER,
    PERIOD,
    REVIEW,
    SECRETARY,
    WORDS,
    YearWorld,
)

SUBJECT = Subject(Period(PERIOD), MEMBER)


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    yield world
    world.system.close()


def asking(year: YearWorld, role: str) -> Asking:
    """Return somebody as they are at the beginning of a request."""
    whose = year.accounts[role].member_id
    assert whose is not None
    person: Person = person_as(year.system, role, whose)
    return Asking(person=person, correlation_id="test")


def criticise(year: YearWorld, asks: Asking) -> object:
    return reviews.criticise(year.system, asks, SUBJECT, WORDS)


def read(year: YearWorld, asks: Asking) -> object:
    (text,) = year.system.store.database.rows("SELECT commitment FROM texts LIMIT 1")[0]
    return readings.open_words(year.system, asks, SUBJECT, [text], roles={Role.SECRETARY})


RELIEVED = PostRelieved(member_id=SECRETARY, unit_id=CELL, post=Code("secretary"))


@pytest.mark.parametrize(
    ("role", "deed", "moves"),
    [
        ("peer", criticise, MemberMoved(member_id=PEER, unit_id=OTHER_CELL)),
        ("secretary", read, RELIEVED),
    ],
)
def test_whose_post_changes_while_they_ask_does_nothing_by_it(
    year: YearWorld, role: str, deed: Callable[[YearWorld, Asking], object], moves: Event
) -> None:
    before = asking(year, role)
    year.tell(moves)
    streams = [review_stream(PERIOD, MEMBER), reading_stream(PERIOD, MEMBER)]
    versions = year.system.store.versions(streams)

    with pytest.raises(ConcurrentAppend), capture_logs() as lines:
        deed(year, before)

    assert year.system.store.versions(streams) == versions
    assert str(before.person.member_id) not in str(lines)


def test_who_keeps_their_post_reads_and_criticises_and_moves_no_stream_of_their_own(
    year: YearWorld,
) -> None:
    own = [member_stream(PEER), member_stream(SECRETARY)]
    versions = year.system.store.versions(own)

    criticise(year, asking(year, "peer"))
    read(year, asking(year, "secretary"))

    assert year.system.store.versions(own) == versions
    told = year.system.store.read_stream(reading_stream(PERIOD, MEMBER)).events
    assert [each.event.reader for each in told if isinstance(each.event, TextOpened)] == [
        "secretary"
    ]


def test_a_line_of_a_lost_race_names_nobody(
    year: YearWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lose(*_: object, **__: object) -> None:
        raise ConcurrentAppend(member_stream(PEER))

    monkeypatch.setattr(reviews, "perform", lose)

    with capture_logs() as lines:
        answer = year.send("peer", f"{REVIEW}/criticisms", {"text": WORDS})

    assert answer.status_code == 503
    assert "request_not_served" in {each["event"] for each in lines}
    assert PEER not in str(lines)
