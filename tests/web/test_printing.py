"""Printing has the rights of the pages that show the same, and reading is recorded."""

from http import HTTPStatus
from pathlib import Path

import pytest

from events.identifiers import member_stream
from services.printing import pdf
from tests.support.year_world import MEMBER, PERIOD, REVIEW, YearWorld

HTML = {"Accept": "text/html"}
PAGE = REVIEW.removeprefix("/api/v1")


@pytest.fixture
def world(rated_year: YearWorld) -> YearWorld:
    return rated_year


@pytest.mark.parametrize("role", ["member", "secretary", "authority", "auditor"])
def test_a_notice_is_printed_for_who_sees_the_rating(world: YearWorld, role: str) -> None:
    answer = world.read(role, f"{PAGE}/notice.pdf", **HTML)

    assert (answer.status_code, answer.mimetype) == (HTTPStatus.OK, "application/pdf")
    assert answer.data.startswith(b"%PDF-")
    assert world.read(role, f"{PAGE}/notice.pdf", **HTML).data == answer.data


@pytest.mark.parametrize("role", ["peer", "stranger", "administrator"])
def test_a_notice_is_nobody_elses(world: YearWorld, role: str) -> None:
    assert world.read(role, f"{PAGE}/notice.pdf", **HTML).status_code == HTTPStatus.NOT_FOUND


def test_whoever_prints_the_words_of_others_has_read_them(world: YearWorld) -> None:
    before = len(world.read("member", f"{REVIEW}/readings").json["readings"])

    looked = world.read("secretary", f"{PAGE}/self-review.pdf", **HTML)
    assert looked.status_code == HTTPStatus.METHOD_NOT_ALLOWED
    assert len(world.read("member", f"{REVIEW}/readings").json["readings"]) == before
    printed = world.open_words("secretary", f"{PAGE}/self-review.pdf")

    assert printed.status_code == HTTPStatus.OK
    assert len(world.read("member", f"{REVIEW}/readings").json["readings"]) == before + 1


def test_the_auditor_prints_no_words(world: YearWorld) -> None:
    assert world.read("auditor", f"{PAGE}/self-review.pdf", **HTML).status_code in (403, 404)


@pytest.mark.parametrize("paper", ["a3", "a2", "a9"])
def test_a_catalogue_is_printed_as_a_poster(world: YearWorld, paper: str) -> None:
    answer = world.read("peer", f"/catalogues/nq04.pdf?paper={paper}", **HTML)

    assert answer.mimetype == "application/pdf"
    assert world.read("peer", "/catalogues/none.pdf", **HTML).status_code == HTTPStatus.NOT_FOUND


def test_a_notice_is_printed_once_it_was_given_and_tells_that_it_may_change(
    tmp_path: Path,
) -> None:
    year = YearWorld(tmp_path / "data")
    year.open_cycle()
    year.live("decided")
    early = year.read("member", f"{PAGE}/notice.pdf", **HTML)
    year.live("announced", since="announced")
    given = year.read("member", f"{PAGE}/notice.pdf", **HTML)
    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": "Bỏ sót"})
    reopened = year.read("member", f"{PAGE}/notice.pdf", **HTML)

    assert early.status_code == HTTPStatus.CONFLICT
    assert "Còn một bước phải làm trước" in early.text
    assert (given.status_code, reopened.status_code) == (HTTPStatus.OK, HTTPStatus.OK)
    assert given.data != reopened.data
    year.system.close()


def test_forms_are_printed_when_the_words_were_erased(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    year.open_cycle()
    year.live("announced")
    year.system.keys.destroy(member_stream(MEMBER), PERIOD)

    for form in ("notice", "self-review"):
        answer = year.read("member", f"{PAGE}/{form}.pdf", **HTML)

        assert (answer.status_code, answer.data[:5]) == (HTTPStatus.OK, b"%PDF-")
    year.system.close()


def test_what_is_too_long_to_print_says_where_it_is_read(
    world: YearWorld, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "DATA_BYTES_MAX", 100)

    for path in ("self-review.pdf", "notice.pdf"):
        answer = world.read("member", f"{PAGE}/{path}", Accept_Language="vi", **HTML)

        assert answer.status_code == HTTPStatus.CONFLICT
        assert "quá dài để in" in answer.text
