"""Who is away since their review was opened is not rated; the review goes on when they are back."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from events.definitions.deadline import DeadlineMissed, TimerSettled
from events.definitions.event import Event
from events.definitions.roster import (
    AbsenceReason,
    LeavingReason,
    MemberAbsent,
    MemberBack,
    MemberExempted,
    MemberExemptionEnded,
    MemberLeft,
)
from events.identifiers import review_stream
from tests.support.sealed import append_absence, sealed
from tests.support.world import CELL, COMMUNE, Answer
from tests.support.year_world import FIGURES, GOOD, MEMBER, PERIOD, REVIEW, YearWorld

SICK = MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.SICK))
EXEMPT = MemberExempted(member_id=MEMBER)
EXPELLED = MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.EXPELLED))
AWAY = [
    (SICK, "absent"),
    (MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.SUSPENDED)), "absent"),
    (EXEMPT, "exempt"),
    (EXPELLED, "left"),
]
STREAM = review_stream(PERIOD, MEMBER)
HTML = {"Accept": "text/html"}


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world in which An criticised themselves and a peer criticised them."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


def propose(year: YearWorld) -> Answer:
    return year.send("secretary", f"{REVIEW}/proposal", {"points": GOOD, "figures": FIGURES})


def decide(year: YearWorld) -> Answer:
    proposal = year.read("authority", REVIEW).json["proposal"]
    body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    return year.send("authority", f"{REVIEW}/decision", body)


def waiting(year: YearWorld, role: str) -> list[dict[str, Any]]:
    found = year.read(role, "/api/v1/inbox").json["waiting"]
    return [each for each in found if each["member_id"] == MEMBER]


@pytest.mark.parametrize(("fact", "code"), AWAY)
def test_nobody_proposes_or_decides_on_who_is_away(year: YearWorld, fact: Event, code: str) -> None:
    year.live("proposed", GOOD)
    year.tell(fact)
    before = year.size()

    answers = [propose(year), decide(year)]

    assert [(each.status_code, each.json["code"]) for each in answers] == [(409, code)] * 2
    assert year.size() == before


def test_no_meeting_is_told_of_who_is_absent(tmp_path: Path) -> None:
    year = YearWorld(tmp_path / "data")
    year.reach(datetime(2026, 11, 2, 2, tzinfo=UTC))
    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "qd366_hd02"}
    year.do("authority", "/api/v1/cycles", body)
    year.tell(SICK)

    answer = year.send("secretary", f"{REVIEW}/meetings", {"place": CELL})

    assert (answer.status_code, answer.json["code"]) == (409, "absent")
    year.system.close()


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        (SICK, MemberBack(member_id=MEMBER)),
        (EXEMPT, MemberExemptionEnded(member_id=MEMBER)),
    ],
)
def test_the_review_goes_on_when_they_are_back(year: YearWorld, gone: Event, back: Event) -> None:
    year.live("answered")
    year.tell(gone)
    refused = propose(year)
    year.tell(back)

    answer = propose(year)

    assert (refused.status_code, answer.status_code) == (409, 201)


def test_an_absence_that_the_rulebook_does_not_excuse_keeps_nobody_from_being_rated(
    year: YearWorld,
) -> None:
    year.live("answered")
    append_absence(year.system, MEMBER, AbsenceReason.OTHER, at=year.system.clock.now())
    year.advance()

    assert propose(year).status_code == 201


def test_a_list_says_who_is_absent(year: YearWorld) -> None:
    year.live("answered")
    year.tell(SICK)

    (found,) = waiting(year, "secretary")
    page = year.read("secretary", "/inbox", **HTML).text

    assert (found["step"], found["away"]) == ("proposal", "absent")
    assert '<span class="tag plain">vắng mặt</span>' in page


@pytest.mark.parametrize("fact", [EXEMPT, EXPELLED])
def test_the_review_of_who_left_or_is_exempt_waits_for_nobody(year: YearWorld, fact: Event) -> None:
    year.live("answered")
    before = waiting(year, "secretary")

    year.tell(fact)

    assert [each["step"] for each in before] == ["proposal"]
    assert waiting(year, "secretary") == []


def test_what_was_decided_before_somebody_left_is_still_announced(year: YearWorld) -> None:
    year.live("decided", GOOD)
    year.tell(EXPELLED)

    assert [each["step"] for each in waiting(year, "secretary")] == ["announcement"]


def test_whoever_waits_for_an_absent_person_is_late_with_nothing(year: YearWorld) -> None:
    year.live("answered")
    year.tell(SICK)

    year.reach(datetime(2027, 2, 1, 2, tzinfo=UTC))

    told = [each.event for each in year.system.store.read_stream(STREAM).events]
    assert "proposal" in [each.step for each in told if isinstance(each, TimerSettled)]
    assert not any(isinstance(each, DeadlineMissed) for each in told)
