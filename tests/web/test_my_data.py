"""Whoever asks gets everything held about them, opened, and nothing of anybody else."""

from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.definitions.erasure import ErasureGround
from events.definitions.reading import TextOpened
from events.identifiers import member_stream, reading_stream
from services.commands import erasures, readings
from services.queries import holdings
from services.safekeeping import drafts
from tests.support.world import Answer
from tests.support.year_world import GOOD, MEMBER, PEER, PERIOD, WORDS, YearWorld

OWNER = member_stream(MEMBER)
HTML = {"Accept": "text/html"}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which An was rated."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live("announced", GOOD)
    yield world
    world.system.close()


def take(year: YearWorld, role: str) -> Answer:
    return year.ask("POST", "/my/data", data={}, headers=year.headers(role) | HTML)


def words_in(value: Any) -> Iterator[str]:
    """Iterate over the words in a file, however deep they stand."""
    match value:
        case dict():
            for name, each in value.items():
                yield from [each] if name == "text" and each else words_in(each)
        case list():
            for each in value:
                yield from words_in(each)


def test_the_file_holds_every_fact_of_a_member_with_its_words(year: YearWorld) -> None:
    answer = take(year, "member")

    held = answer.json
    types = {each["type"] for each in held["facts"]}
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert held["account"]["login"] == "member"
    assert {"roster.member_enrolled", "review.criticism_given", "review.rating_decided"} <= types
    assert set(words_in(held)) == {WORDS}
    assert "sealed" not in answer.text
    assert all(MEMBER in each["stream"] for each in held["facts"])
    assert PEER not in answer.text  # whoever criticised stays unknown


def test_what_somebody_wrote_about_a_peer_is_theirs_and_nothing_else_of_the_peer(
    year: YearWorld,
) -> None:
    typed = {"text": "Nháp"}
    drafts.save(year.system, "peer", "form", owner=OWNER, scope=PERIOD, fields=typed)

    mine, others = take(year, "peer").json, take(year, "secretary").json

    assert mine["criticisms"] == [{"period": PERIOD, "about": MEMBER, "text": WORDS}]
    assert mine["drafts"] == {"form": typed}
    assert MEMBER not in str(mine["facts"])
    assert (others["criticisms"], others["drafts"]) == ([], {})


def test_only_a_member_who_signed_in_gets_a_file(year: YearWorld) -> None:
    assert take(year, "auditor").status_code == HTTPStatus.FORBIDDEN
    assert take(year, "nobody").status_code != HTTPStatus.OK
    assert year.read("member", "/my/data", **HTML).status_code == HTTPStatus.OK


def test_looking_at_ones_own_is_told_nobody_and_an_operators_look_is_told(year: YearWorld) -> None:
    stream = reading_stream(PERIOD, MEMBER)
    take(year, "member")
    before = year.version(stream)

    readings.tell_export(year.system, MEMBER, reader="operator")

    (told,) = year.system.store.read_stream(stream).events
    assert before == 0
    assert isinstance(told.event, TextOpened)
    assert (told.event.right, told.event.reader) == ("operator", "operator")
    assert "người vận hành" in year.read("member", f"/reviews/{PERIOD}/{MEMBER}", **HTML).text


def test_erased_words_are_left_empty(year: YearWorld) -> None:
    ground = ErasureGround.REQUEST
    erasures.erase(year.system, OWNER, PERIOD, ground, principal="operator")

    held = msgspec.json.decode(holdings.encode(holdings.holdings_of(year.system, MEMBER)))

    assert list(words_in(held)) == []
    assert [each["type"] for each in held["facts"][-2:]] == ["erasure.ordered", "erasure.done"]
