"""A decision beyond a limit: by whom the edition lets weigh it, on a ground, for all to read."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from events.definitions.event import Code
from events.definitions.records import Period
from events.definitions.roster import MemberDisciplined
from tests.support.own_editions import cases_of, own
from tests.support.page_forms import HTML, PAGE, REASON, send, state
from tests.support.sealed import sealed
from tests.support.world import COMMUNE
from tests.support.year_world import GOOD, MEMBER, OPENED_AT, PERIOD, REVIEW, WORDS, YearWorld

LIMIT = "    at_most: fair\n"
WEIGHED = LIMIT + (
    "    discretion:\n"
    "      at_most: good\n"
    "      grounds:\n"
    "        - {id: owned_up, says: {vi: đã tự nhận, en: owned up}, citation: Điều 6}\n"
)
WARNED = MemberDisciplined(
    member_id=MEMBER,
    decision=sealed("12-QĐ"),
    grade=Code("warning"),
    fault_period=Period(PERIOD),
)


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world under the commune's own edition, in which somebody disciplined is proposed."""
    world = YearWorld(tmp_path / "data")
    world.clock.set(OPENED_AT)
    assert LIMIT in own(PERIOD)
    edition = {"document": own(PERIOD).replace(LIMIT, WEIGHED), "cases": cases_of(PERIOD)}
    published = world.do("authority", "/api/v1/rulebooks", {"unit_id": COMMUNE, **edition})
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": published.json["digest"]}
    world.do("authority", "/api/v1/cycles", body)
    world.advance()
    world.tell(WARNED)
    world.live("proposed", GOOD)
    yield world
    world.system.close()


def decision(year: YearWorld, **more: str) -> dict[str, str]:
    proposal = state(year).proposal
    assert proposal
    return {"level": "good", "proposal_version": str(proposal.version), "text": REASON, **more}


def test_a_form_offers_the_grounds_and_the_person_reads_which_was_taken(year: YearWorld) -> None:
    page = year.read("authority", f"{PAGE}/decision", **HTML)
    assert 'name="weighed-discipline"' in page.text

    without = send(year, "authority", f"{PAGE}/decision", **decision(year))
    on_it = {"weighed-discipline": "owned_up"}
    weighing = send(year, "authority", f"{PAGE}/decision", **decision(year, **on_it))

    assert (without.status_code, weighing.status_code) == (409, 303)
    assert "đã tự nhận" in year.read("member", PAGE, **HTML).text


def test_the_api_takes_a_ground_and_tells_it(year: YearWorld) -> None:
    named = [{"limit": "discipline", "ground": "owned_up"}]
    version = int(decision(year)["proposal_version"])
    told = {"level": "good", "proposal_version": version, "text": WORDS, "weighed": named}

    year.do("authority", f"{REVIEW}/decision", told)

    assert year.read("member", REVIEW).json["decision"]["weighed"] == named


def test_a_ground_that_the_edition_does_not_name_is_refused(year: YearWorld) -> None:
    on_it = {"weighed-discipline": "a_friend"}

    refused = send(year, "authority", f"{PAGE}/decision", **decision(year, **on_it))

    assert refused.status_code == 409
    assert not state(year).decision
