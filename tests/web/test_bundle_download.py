"""A rating's bundle over HTTP: without words for auditors, with them for whoever may read them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.identifiers import member_stream
from events.replay.verdict import verify
from tests.support.year_world import AUTHORITY, MEMBER, PERIOD, RATING, REVIEW, WORDS, YearWorld

BUNDLE = f"{RATING}/bundle"
WITH_WORDS = f"{BUNDLE}?words=true"


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which An was criticised, rated, and handed in evidence for a plan."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live()
    yield world
    world.system.close()


def readings(year: YearWorld) -> list[tuple[str, str]]:
    """Return who read An's words, and by which right."""
    told = year.read("member", f"{REVIEW}/readings").json["readings"]
    return [(each["right"], each["reader_id"]) for each in told]


def test_an_auditor_gets_a_file_that_verifies_and_holds_no_words(year: YearWorld) -> None:
    answer = year.read("auditor", BUNDLE)

    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    named = f"attachment; filename=rating-{PERIOD}-{MEMBER}.json"
    assert answer.headers["Content-Disposition"] == named
    verdict = verify(answer.data, year.system.verifier_key)
    assert (verdict.verified, dict(verdict.words)) == (True, {})
    assert WORDS not in answer.data.decode()
    assert readings(year) == []


def test_an_auditor_gets_no_words(year: YearWorld) -> None:
    before = year.size()

    answer = year.send("auditor", WITH_WORDS)

    assert (answer.status_code, answer.json["code"]) == (403, "forbidden")
    assert year.size() == before


def test_members_take_their_words_along_and_nothing_is_told(year: YearWorld) -> None:
    before = year.size()

    verdict = verify(year.send("member", WITH_WORDS).data, year.system.verifier_key)

    assert verdict.verified
    assert {WORDS, "a.txt"} == set(verdict.words.values())  # of the review and of the plan
    assert year.size() == before


def test_who_decided_takes_the_words_along_and_that_is_told(year: YearWorld) -> None:
    verdict = verify(year.send("authority", WITH_WORDS).data, year.system.verifier_key)

    assert verdict.verified
    assert WORDS in verdict.words.values()
    assert readings(year) == [("authority", AUTHORITY)]


def test_a_bundle_verifies_without_the_words_that_were_erased(year: YearWorld) -> None:
    year.system.keys.destroy(member_stream(MEMBER), PERIOD)

    verdict = verify(year.send("authority", WITH_WORDS).data, year.system.verifier_key)

    assert (verdict.verified, dict(verdict.words)) == (True, {})


def test_before_the_decision_it_is_said_what_is_missing(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "undecided")
    world.open_cycle()
    world.live("proposed")

    answer = world.read("auditor", BUNDLE)

    assert (answer.status_code, answer.json["code"]) == (409, "step_missing")
    assert "decided" in answer.json["needed"]
    world.system.close()


@pytest.mark.parametrize("query", ["words=yes", "words=", "texts=true"])
def test_a_wish_that_is_not_understood_is_refused(year: YearWorld, query: str) -> None:
    assert year.read("member", f"{BUNDLE}?{query}").status_code == 422
