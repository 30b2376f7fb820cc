"""Whoever asks gets everything held about them, opened, and nothing of anybody else."""

from collections.abc import Iterator
from http import HTTPStatus
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import msgspec
import pytest

from events.definitions.erasure import ErasureGround
from events.definitions.reading import TextOpened
from events.definitions.roster import AbsenceReason
from events.identifiers import member_stream, reading_stream
from services.access import accounts
from services.access.tokens import NotAuthenticated
from services.commands import erasures, readings
from services.queries import holdings, taking_along
from services.safekeeping import drafts
from services.web import exports
from tests.support.sealed import append_absence
from tests.support.world import COMMUNE, Answer
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    GOOD,
    MEMBER,
    MILESTONE,
    OPENED_AT,
    PEER,
    PERIOD,
    POOR,
    SECRETARY,
    TEXT_FILE,
    WORDS,
    YearWorld,
)

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


def held_in(made: bytes) -> Any:
    """Return what the facts' part of a file holds."""
    with ZipFile(BytesIO(made)) as archive:
        return msgspec.json.decode(archive.read(taking_along.FACTS))


def taken_by(year: YearWorld, role: str) -> Any:
    return held_in(take(year, role).data)


def exported(year: YearWorld) -> bytes:
    """Return what an operator takes along of An."""
    held = holdings.holdings_of(year.system, MEMBER, own=False)
    return b"".join(taking_along.pieces(year.system, held))


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

    held = held_in(answer.data)
    types = {each["type"] for each in held["facts"]}
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert held["account"]["login"] == "member"
    assert {"roster.member_enrolled", "review.criticism_given", "review.rating_decided"} <= types
    assert set(words_in(held)) == {WORDS}
    assert "sealed" not in str(held)
    assert all(MEMBER in each["stream"] for each in held["facts"])
    assert PEER not in str(held)  # whoever criticised stays unknown
    assert held["left_out"] == {}


def test_what_somebody_wrote_about_a_peer_is_theirs_and_nothing_else_of_the_peer(
    year: YearWorld,
) -> None:
    typed = {"text": "Nháp"}
    drafts.save(year.system, "peer", "form", owner=OWNER, scope=PERIOD, fields=typed)

    mine, others = taken_by(year, "peer"), taken_by(year, "secretary")

    assert mine["criticisms"] == [{"period": PERIOD, "about": MEMBER, "text": WORDS}]
    assert mine["drafts"] == {"form": typed}
    assert MEMBER not in str(mine["facts"])
    assert (others["criticisms"], others["drafts"]) == ([], {})


def test_only_a_member_who_signed_in_gets_a_file(year: YearWorld) -> None:
    assert take(year, "auditor").status_code == HTTPStatus.FORBIDDEN
    assert take(year, "nobody").status_code != HTTPStatus.OK
    assert year.read("member", "/my/data", **HTML).status_code == HTTPStatus.OK


def test_a_criticism_by_right_of_a_post_elsewhere_is_there_before_any_worker_saw_it(
    year: YearWorld,
) -> None:
    about = f"/api/v1/reviews/{PERIOD}/{SECRETARY}/criticisms"
    headers = year.headers("committee")  # of another cell; nobody carries projections on now

    given = year.ask("POST", about, json={"text": WORDS}, headers=headers)

    assert given.status_code == HTTPStatus.CREATED
    assert taken_by(year, "committee")["criticisms"] == [
        {"period": PERIOD, "about": SECRETARY, "text": WORDS}
    ]


def test_a_year_is_there_before_any_worker_saw_it(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    year.clock.set(OPENED_AT)
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral"}

    opened = year.ask("POST", "/api/v1/cycles", json=body, headers=year.headers("authority"))

    assert opened.status_code == HTTPStatus.CREATED
    assert "review.opened" in {each["type"] for each in taken_by(year, "member")["facts"]}
    year.system.close()


def test_escalations_about_somebody_are_there(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    year.open_cycle()
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)

    types = {each["type"] for each in taken_by(year, "member")["facts"]}

    assert {"deadline.missed", "escalation.raised"} <= types
    year.system.close()


def test_an_operator_takes_along_neither_what_somebody_wrote_about_others_nor_drafts(
    year: YearWorld,
) -> None:
    year.do("member", f"/api/v1/reviews/{PERIOD}/{PEER}/criticisms", {"text": "Về người khác"})
    typed = {"text": "Nháp"}
    drafts.save(
        year.system, "member", f"criticism-{PERIOD}-{PEER}", owner=OWNER, scope=PERIOD, fields=typed
    )

    held = held_in(exported(year))

    assert taken_by(year, "member")["criticisms"][0]["about"] == PEER
    assert (held["criticisms"], held["drafts"]) == ([], {})
    assert sorted(held["left_out"]) == ["criticisms", "drafts"]
    assert PEER not in str(held)
    assert "Về người khác" not in str(held)


def test_files_that_somebody_handed_in_are_there_and_dark_ones_are_named_only(
    year: YearWorld,
) -> None:
    year.live("handed_in", POOR, since="planned")
    before = take(year, "member").data
    erasures.erase(year.system, OWNER, PERIOD, ErasureGround.REQUEST, principal="operator")

    (there,), (dark,) = held_in(before)["files"], taken_by(year, "member")["files"]

    with ZipFile(BytesIO(before)) as archive:
        assert archive.read(there["path"]) == TEXT_FILE
    assert there["path"].endswith("/a.txt")
    assert dark == there | {"path": None}


def test_files_beyond_the_bound_stay_where_they_are(
    year: YearWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    year.live("handed_in", POOR, since="planned")
    year.hand_in("member", MILESTONE, ("b.txt", TEXT_FILE))
    monkeypatch.setattr(holdings, "FILES_BYTES_MAX", len(TEXT_FILE))

    found = taken_by(year, "member")["files"]

    assert [each["path"] is None for each in found] == [False, True]


def test_looking_at_ones_own_is_told_nobody_and_an_operators_look_is_told(year: YearWorld) -> None:
    stream = reading_stream(PERIOD, MEMBER)
    take(year, "member")
    before = year.version(stream)
    never = year.read("member", "/my/data", **HTML).text

    readings.tell_export(year.system, MEMBER, reader="operator")

    (told,) = year.system.store.read_stream(stream).events
    assert before == 0
    assert isinstance(told.event, TextOpened)
    assert (told.event.right, told.event.reader) == ("operator", "operator")
    assert "người vận hành" in year.read("member", f"/reviews/{PERIOD}/{MEMBER}", **HTML).text
    assert "chưa trích xuất" in never
    assert "chưa trích xuất" not in year.read("member", "/my/data", **HTML).text


def test_an_operators_look_is_told_to_somebody_without_any_year(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    append_absence(year.system, MEMBER, AbsenceReason.SICK, at=year.clock.now())

    readings.tell_export(year.system, MEMBER, reader="operator")

    page = year.read("member", "/my/data", **HTML).text
    assert "chưa trích xuất" not in page
    year.system.close()


def test_erased_words_are_left_empty(year: YearWorld) -> None:
    ground = ErasureGround.REQUEST
    erasures.erase(year.system, OWNER, PERIOD, ground, principal="operator")

    held = held_in(exported(year))

    assert list(words_in(held)) == []
    assert [each["type"] for each in held["facts"][-2:]] == ["erasure.ordered", "erasure.done"]


def test_an_account_takes_one_export_at_once_and_a_process_sends_few(year: YearWorld) -> None:
    first = take(year, "member")  # it is taken once its data is asked for
    again, second = take(year, "member"), take(year, "peer")
    third = take(year, "secretary")

    assert (again.status_code, third.status_code) == (HTTPStatus.TOO_MANY_REQUESTS, 503)
    assert int(again.headers["Retry-After"]) > 0
    assert int(third.headers["Retry-After"]) > 0
    assert held_in(second.data)["member_id"] == PEER
    assert taken_by(year, "secretary")["member_id"] == SECRETARY
    assert held_in(first.data)["member_id"] == taken_by(year, "member")["member_id"] == MEMBER


def test_an_export_that_nobody_takes_keeps_no_place(year: YearWorld) -> None:
    take(year, "member").close()

    assert take(year, "member").status_code == HTTPStatus.OK


def test_an_export_breaks_off_once_its_account_is_disabled(
    year: YearWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exports, "LOOK_SECONDS", 0)
    begun = take(year, "member")
    accounts.disable(year.system, "member")

    with pytest.raises(NotAuthenticated):
        _ = begun.data
