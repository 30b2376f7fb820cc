"""Nobody decides on a proposal that counts otherwise than the log tells by now; it goes back."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.definitions.event import Code
from events.definitions.records import Period
from events.definitions.roster import MemberDisciplined
from events.domain.review import review
from events.domain.steps import Step
from tests.support.page_forms import HTML, PAGE, REASON, send, state
from tests.support.sealed import sealed
from tests.support.year_world import MEMBER, PERIOD, REVIEW, WORDS, YearWorld

WARNED = MemberDisciplined(
    member_id=MEMBER, decision=sealed("12-QĐ"), grade=Code("warning"), fault_period=Period(PERIOD)
)


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which a level was proposed, and then a discipline was told."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live("proposed")
    world.tell(WARNED)
    world.advance()
    yield world
    world.system.close()


def proposal_of(year: YearWorld) -> int:
    proposal = state(year).proposal
    assert proposal
    return proposal.version


def test_a_decision_on_what_moved_since_is_refused_and_says_what_to_do(year: YearWorld) -> None:
    body = {"level": "fair", "proposal_version": proposal_of(year), "text": WORDS}

    refused = year.send("authority", f"{REVIEW}/decision", body)

    assert refused.status_code == 409
    assert refused.json["code"] == "proposal_outdated"
    assert "disciplined" in refused.json["needed"]
    assert not state(year).decision


def test_the_page_of_the_decision_says_what_moved_and_lets_the_proposal_be_given_back(
    year: YearWorld,
) -> None:
    page = year.read("authority", f"{PAGE}/decision", **HTML)

    assert 'name="level"' not in page.text
    assert "Đã thay đổi từ khi đề xuất" in page.text
    given_back = send(
        year, "authority", f"{PAGE}/return", proposal_version=proposal_of(year), text=REASON
    )
    assert given_back.status_code == 303
    year.advance()
    assert "Đề xuất mức" in year.read("secretary", "/inbox", **HTML).text


def test_after_a_return_the_unit_proposes_anew_and_the_year_verifies(year: YearWorld) -> None:
    body = {"proposal_version": proposal_of(year), "text": WORDS}
    year.do("authority", f"{REVIEW}/return", body)

    assert [each.step for each in review.tasks(state(year))] == [Step.PROPOSAL]
    year.live("decided", since="proposed")

    proposal = state(year).proposal
    assert proposal
    assert proposal.fact.facts.disciplined
    assert state(year).decision
    year.advance()


def test_why_a_proposal_was_given_back_is_read_by_whom_it_is_about(year: YearWorld) -> None:
    send(year, "authority", f"{PAGE}/return", proposal_version=proposal_of(year), text=REASON)

    page = year.read("member", PAGE, **HTML)

    assert REASON in page.text


@pytest.mark.parametrize("role", ["secretary", "member", "peer"])
def test_nobody_but_the_authority_gives_a_proposal_back(year: YearWorld, role: str) -> None:
    body = {"proposal_version": proposal_of(year), "text": WORDS}

    assert year.send(role, f"{REVIEW}/return", body).status_code in (403, 404)
    assert state(year).proposal
