"""Answers to notices, on pages and over HTTP: offered once notice was given, kept and read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.identifiers import member_stream
from tests.support.overtaken import changes_on, version_on
from tests.support.page_forms import HTML, PAGE, REASON, send, state
from tests.support.year_world import MEMBER, PERIOD, REVIEW, SECRETARY, WORDS, YearWorld

FORM = f"{PAGE}/write/notice-answer"
ANSWER = f"{REVIEW}/notice-answer"
OFFER = f'href="{FORM}"'
TEXT = {"text": WORDS}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which An was given notice."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live("announced")
    yield world
    world.system.close()


def rate_again(year: YearWorld) -> None:
    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": REASON})
    year.live("announced", since="proposed")


def test_an_answer_is_offered_to_the_person_while_their_notice_has_none(year: YearWorld) -> None:
    offered = [OFFER in year.read(role, PAGE, **HTML).text for role in ("member", "secretary")]
    send(year, "member", FORM, **TEXT)
    answered = year.read("member", PAGE, **HTML).text
    rate_again(year)
    told_again = year.read("member", PAGE, **HTML).text

    assert offered == [True, False]
    assert OFFER not in answered
    assert OFFER in told_again


def test_the_form_says_what_it_answers_and_what_it_is_not(year: YearWorld) -> None:
    page = year.read("member", FORM, **HTML).text

    assert "chưa phải đơn khiếu nại" in page
    assert '<p class="said">Chưa đạt</p>' in page


def test_a_draft_of_an_answer_goes_when_it_is_sent(year: YearWorld) -> None:
    send(year, "member", f"{PAGE}/draft/notice-answer", text=REASON)
    drafted = year.read("member", FORM, **HTML).text

    sent = send(year, "member", FORM, **TEXT)

    assert REASON in drafted
    assert sent.status_code == 303
    assert REASON not in year.read("member", FORM, **HTML).text


def test_an_answer_given_in_another_window_keeps_these_words_and_says_so(year: YearWorld) -> None:
    seen = version_on(year.read("member", FORM, **HTML))
    send(year, "member", FORM, **TEXT)

    answer = send(year, "member", FORM, text=REASON, version=seen)

    assert answer.status_code == 409
    assert REASON in answer.text
    assert "Ý kiến về thông báo xếp loại" in changes_on(answer)


def test_each_notice_is_answered_once_and_all_answers_are_kept(year: YearWorld) -> None:
    first = year.do("member", ANSWER, TEXT).json["version"]
    again = year.send("member", ANSWER, {"text": REASON})
    rate_again(year)
    second = year.do("member", ANSWER, {"text": REASON}).json["version"]

    assert (again.status_code, again.json["code"]) == (409, "already_done")
    shown = year.read("secretary", REVIEW).json["notice_answers"]
    assert [each["version"] for each in shown] == [first, second]
    page = year.open_words("authority", f"{PAGE}/words").text
    assert page.count(">Ý kiến về thông báo xếp loại</h3>") == 2
    history = year.read("auditor", f"/history/{PERIOD}/{MEMBER}?verify=1", **HTML).text
    assert "Ý kiến về thông báo" in history
    assert "trùng khớp" in history


def test_an_answer_with_a_key_is_given_once_and_to_what_was_looked_at(year: YearWorld) -> None:
    version = year.read("member", REVIEW).json["version"]

    stale = year.send("member", ANSWER, TEXT, If_Match=f'"{version - 1}"')
    first = year.send("member", ANSWER, TEXT, If_Match=f'"{version}"', Idempotency_Key="one")
    again = year.send("member", ANSWER, TEXT, If_Match=f'"{version}"', Idempotency_Key="one")

    assert [each.status_code for each in (stale, first, again)] == [412, 201, 200]
    assert len(state(year).notice_answers) == 1


def test_who_reads_an_answer_is_told_and_erased_it_is_gone(year: YearWorld) -> None:
    version = year.do("member", ANSWER, TEXT).json["version"]

    words = year.send("secretary", f"{REVIEW}/words").json["words"]
    readings = year.read("member", f"{REVIEW}/readings").json["readings"]
    year.system.keys.destroy(member_stream(MEMBER), PERIOD)
    erased = year.read("member", PAGE, **HTML)

    (answer,) = (each for each in words if each["of"] == "notice_answer")
    assert answer == {
        "of": "notice_answer",
        "item": str(version),
        "version": version,
        "text": WORDS,
    }
    assert [each["reader_id"] for each in readings] == [SECRETARY]
    assert erased.status_code == 200
    assert WORDS not in erased.text


def test_who_rates_again_reads_the_answer_beside_the_form(year: YearWorld) -> None:
    year.do("member", ANSWER, {"text": REASON})
    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": WORDS})

    page = year.open_words("secretary", f"{PAGE}/proposal").text

    assert REASON in page.partition(">Ý kiến về thông báo xếp loại ")[2]
