"""Forms that were overtaken while somebody typed: one's own words stand, and a no tells why."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.web.saying.languages import COOKIE
from tests.support.overtaken import changes_on, version_on
from tests.support.page_forms import (
    CRITIQUE,
    FIRST,
    HTML,
    PAGE,
    PLAN_STREAM,
    REASON,
    agree,
    evidence_version,
    send,
    state,
)
from tests.support.world import Answer
from tests.support.year_world import MEMBER, PERIOD, REVIEW, TEXT_FILE, WORDS, YearWorld

CRITIQUE_TOLD = {"vi": "Tự kiểm điểm", "en": "Self-critique submitted"}
APPROVED = {"vi": "Duyệt mốc", "en": "Milestone approved"}
languages = pytest.mark.parametrize("language", ["vi", "en"])


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world whose year was opened."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def send_in(language: str, year: YearWorld, role: str, path: str, /, **fields: Any) -> Answer:
    """Send a form as somebody who reads in a language."""
    headers = year.headers(role) | HTML
    headers["Cookie"] += f"; {COOKIE}={language}"
    return year.ask("POST", path, data=fields, headers=headers)


def test_ones_own_words_are_taken_though_a_criticism_came_meanwhile(year: YearWorld) -> None:
    seen = version_on(year.read("member", f"{PAGE}/write/self-critique"))
    year.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})

    answer = send(year, "member", f"{PAGE}/write/self-critique", version=seen, **CRITIQUE)

    assert answer.status_code == 303
    assert state(year).self_critique is not None


@languages
def test_a_critique_handed_in_in_another_window_keeps_these_words_and_says_so(
    year: YearWorld, language: str
) -> None:
    path = f"{PAGE}/write/self-critique"
    seen = version_on(year.read("member", path))
    send(year, "member", path, version=seen, **CRITIQUE)
    before = year.size()

    answer = send_in(
        language,
        year,
        "member",
        path,
        version=seen,
        **CRITIQUE | {"section-measures": REASON, "points-conduct": "27"},
    )

    assert answer.status_code == 409
    assert REASON in answer.text
    assert 'value="27"' in answer.text
    assert CRITIQUE_TOLD[language] in changes_on(answer, language)
    assert year.size() == before


def test_what_came_between_is_told_once(year: YearWorld) -> None:
    path = f"{PAGE}/write/self-critique"
    seen = version_on(year.read("member", path))
    send(year, "member", path, **CRITIQUE)

    first = send(year, "member", path, version=seen, **CRITIQUE)
    second = send(year, "member", path, version=version_on(first), **CRITIQUE)

    assert changes_on(first)
    assert not changes_on(second)
    assert second.status_code == 409


def test_an_answer_given_in_another_window_keeps_these_words_and_says_so(year: YearWorld) -> None:
    year.live("criticised")
    item = state(year).criticisms[0].fact.criticism_id
    seen = version_on(year.read("member", f"{PAGE}/write/answer?item={item}"))
    send(year, "member", f"{PAGE}/write/answer", item=item, text=WORDS)

    answer = send(year, "member", f"{PAGE}/write/answer", item=item, text=REASON, version=seen)

    assert answer.status_code == 409
    assert REASON in answer.text
    assert "Trả lời góp ý" in changes_on(answer)


@languages
def test_a_peer_who_is_too_late_is_told_so_and_not_what_others_did(
    year: YearWorld, language: str
) -> None:
    """Who may not see how a review stands would learn from the list when others criticised."""
    of_peer = year.read("peer", f"{PAGE}/write/criticism")
    seen = version_on(year.read("secretary", f"{PAGE}/write/criticism"))
    year.live("proposed")

    assert 'name="version"' not in of_peer.text
    path = f"{PAGE}/write/criticism"
    of_peer = send_in(language, year, "peer", path, text=REASON, version=seen)
    of_secretary = send_in(language, year, "secretary", path, text=REASON, version=seen)

    for answer in (of_peer, of_secretary):
        assert answer.status_code == 409
        assert REASON in answer.text
    assert not changes_on(of_peer, language)
    assert CRITIQUE_TOLD[language] in changes_on(of_secretary, language)


@languages
def test_evidence_for_a_milestone_that_was_approved_meanwhile_keeps_its_words(
    year: YearWorld, language: str
) -> None:
    agree(year)
    year.hand_in("member", FIRST, ("a.txt", TEXT_FILE))
    path = f"/milestones/{PERIOD}-{MEMBER}-1/evidence"
    seen = version_on(year.read("member", path))
    assert seen == year.version(PLAN_STREAM)
    verdict = {"evidence_version": evidence_version(year, FIRST), "text": WORDS}
    year.do("follower", f"{FIRST}/approval", verdict)

    answer = send_in(language, year, "member", path, text=REASON, version=seen)

    assert answer.status_code == 409
    assert REASON in answer.text
    assert APPROVED[language] in changes_on(answer, language)


def test_a_form_that_lacks_something_still_tells_later_what_came_between(year: YearWorld) -> None:
    """A wrong field, and a trial of points, must not make a form as new as the log."""
    send(year, "member", f"{PAGE}/write/self-critique", **CRITIQUE)
    seen = version_on(year.read("secretary", f"{PAGE}/proposal"))
    year.do("peer", f"{REVIEW}/criticisms", {"text": WORDS})
    typed = {"points-conduct": "31", "version": seen}

    wrong = send(year, "secretary", f"{PAGE}/proposal", **typed)
    tried = send(year, "secretary", f"{PAGE}/proposal", **{"try": "1"} | typed)

    assert (wrong.status_code, tried.status_code) == (422, 422)
    assert version_on(wrong) == version_on(tried) == seen


@languages
def test_a_decision_whose_proposal_is_gone_keeps_its_reason(year: YearWorld, language: str) -> None:
    year.live("proposed")
    page = year.read("authority", f"{PAGE}/decision")
    year.live("announced", since="decided")
    year.do("authority", f"{REVIEW}/reopening", {"ground": "fault_found", "text": WORDS})
    typed = {"level": "good", "proposal_version": 5, "text": REASON, "version": version_on(page)}

    answer = send_in(language, year, "authority", f"{PAGE}/decision", **typed)

    assert answer.status_code == 412
    assert REASON in answer.text
    assert changes_on(answer, language)
