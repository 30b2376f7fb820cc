"""Units are dissolved in the middle of a year: whoever acts in their successors goes on with it."""

from collections.abc import Iterator
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

import pytest

from events.definitions.event import Event, FactVersion, Subject
from events.definitions.roster import FactCorrected, UnitDissolved, UnitMoved
from events.domain.review import review
from events.identifiers import UnitId, review_stream, unit_stream
from events.replay.verdict import verify
from services.queries.rating_check import check_ratings
from tests.support.world import CELL, COMMUNE, OTHER_CELL, formed
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    CYCLE,
    MEMBER,
    PERIOD,
    PLAN,
    RATING,
    REVIEW,
    STRANGER,
    YearWorld,
    post_given,
)

NEW = UnitId("newcommuneaaaaaaaaaaaaaaaa")
NEWER = UnitId("newercommuneaaaaaaaaaaaaaa")
NOBODY_TOOK_IT_UP = datetime(2026, 11, 20, 2, tzinfo=UTC)


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world with An's year open; a stranger holds an office in a commune that is new."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.tell(formed(NEW, name="Xã mới"), post_given(STRANGER, NEW, "secretary"))
    yield world
    world.system.close()


def dissolved(unit_id: UnitId, successor_id: UnitId) -> Event:
    return UnitDissolved(unit_id=unit_id, successor_id=successor_id)


def waiting(year: YearWorld, role: str) -> set[tuple[str, str]]:
    """Return what waits for somebody of An's year."""
    told = year.read(role, "/api/v1/inbox").json["waiting"]
    return {(each["kind"], each["step"]) for each in told if each["member_id"] == MEMBER}


def decide(year: YearWorld, role: str) -> int:
    proposal = year.read("secretary", REVIEW).json["proposal"]
    body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    return year.send(role, f"{REVIEW}/decision", body).status_code


def verdict(year: YearWorld) -> tuple[bool, int]:
    """Return whether An's rating stands for an auditor, and how much is wrong with it here."""
    shown = verify(year.read("auditor", f"{RATING}/bundle").data, year.system.verifier_key)
    stream = review_stream(PERIOD, MEMBER)
    state = review.fold(year.system.store.read_stream(stream).events)
    key = stream.removeprefix("review-")
    return shown.verified, len(check_ratings(year.system.store, [(key, state)]).findings)


def test_the_successors_authority_decides_and_an_auditor_can_tell_why(year: YearWorld) -> None:
    year.live("proposed")
    year.tell(dissolved(COMMUNE, NEW))

    assert decide(year, "authority") == HTTPStatus.NOT_FOUND
    assert (waiting(year, "authority"), waiting(year, "stranger")) == (
        set(),
        {("review", "decision")},
    )
    assert decide(year, "stranger") == HTTPStatus.CREATED
    by = year.read("member", REVIEW).json["decision"]["by"]
    assert (by["member_id"], by["unit_id"]) == (STRANGER, NEW)
    assert verdict(year) == (True, 0)


def test_a_successor_that_was_dissolved_itself_acts_through_its_own(year: YearWorld) -> None:
    year.live("proposed")
    year.tell(formed(NEWER), post_given(STRANGER, NEWER, "secretary"))
    year.tell(dissolved(COMMUNE, NEW), dissolved(NEW, NEWER))

    assert decide(year, "stranger") == HTTPStatus.CREATED
    assert year.read("member", REVIEW).json["decision"]["by"]["unit_id"] == NEWER
    assert verdict(year) == (True, 0)


def test_in_a_circle_of_successors_nobody_decides(year: YearWorld) -> None:
    year.live("proposed")
    year.tell(dissolved(COMMUNE, NEW), dissolved(NEW, COMMUNE))

    asked = [decide(year, role) for role in ("authority", "stranger")]

    assert asked == [HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND]


def test_what_was_decided_before_or_between_stands_whatever_is_told_of_units_later(
    year: YearWorld,
) -> None:
    year.live("proposed")
    year.tell(dissolved(COMMUNE, NEW))
    decide(year, "stranger")
    told = FactVersion(year.version(unit_stream(COMMUNE)))

    year.tell(FactCorrected(subject=Subject(unit_stream(COMMUNE)), corrects=told))

    assert verdict(year) == (True, 0)
    assert year.read("authority", REVIEW).status_code == HTTPStatus.OK
    assert year.read("stranger", REVIEW).status_code == HTTPStatus.NOT_FOUND


def test_the_successor_of_a_cell_agrees_to_plans_and_is_shown_its_members(year: YearWorld) -> None:
    year.live("planned")
    year.tell(post_given(STRANGER, OTHER_CELL, "secretary"), dissolved(CELL, OTHER_CELL))

    assert waiting(year, "secretary") == set()
    assert waiting(year, "stranger") == {("plan", "plan_agreement")}
    version = year.read("stranger", PLAN).json["proposal_version"]
    agreed = {"proposal_version": version, "follower_id": "followeraaaaaaaaaaaaaaaaaa"}
    assert year.send("stranger", f"{PLAN}/agreement", agreed).status_code == HTTPStatus.CREATED
    assert year.read("stranger", f"/units/{CELL}/{PERIOD}").status_code == HTTPStatus.OK


def test_what_was_missed_lies_before_the_successor_and_climbs_to_the_next(year: YearWorld) -> None:
    year.tell(post_given(STRANGER, OTHER_CELL, "secretary"), dissolved(CELL, OTHER_CELL))
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    path = f"/api/v1/escalations/{year.cause()}"
    first = year.read("auditor", path).json

    year.tell(dissolved(COMMUNE, NEW))
    year.reach(NOBODY_TOOK_IT_UP)
    second = year.read("auditor", path).json
    taken_up = [
        year.send(role, f"{path}/acknowledgement").status_code for role in ("authority", "stranger")
    ]

    assert [(each["rung"], each["unit_id"]) for each in (first, second)] == [
        (1, OTHER_CELL),
        (2, NEW),
    ]
    assert taken_up == [HTTPStatus.NOT_FOUND, HTTPStatus.CREATED]  # a peer, as they belong there


def test_what_lay_before_a_unit_is_taken_up_by_its_successor(year: YearWorld) -> None:
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    year.tell(post_given(STRANGER, OTHER_CELL, "secretary"), dissolved(CELL, OTHER_CELL))
    path = f"/api/v1/escalations/{year.cause()}/acknowledgement"

    taken_up = [year.send(role, path).status_code for role in ("secretary", "stranger")]

    assert taken_up == [HTTPStatus.NOT_FOUND, HTTPStatus.CREATED]  # a peer still


def test_the_successor_closes_the_year_that_a_unit_opened_and_opens_none_for_it(
    year: YearWorld,
) -> None:
    year.tell(dissolved(COMMUNE, NEW))
    begun = {"period": "2027", "unit_id": COMMUNE, "rulebook": "neutral"}

    opened = year.send("stranger", "/api/v1/cycles", begun)
    closed = [year.send(role, f"{CYCLE}/closing").status_code for role in ("authority", "stranger")]

    assert (opened.status_code, opened.json["code"]) == (HTTPStatus.CONFLICT, "not_competent")
    assert closed == [HTTPStatus.NOT_FOUND, HTTPStatus.CREATED]


@pytest.mark.parametrize(
    ("role", "told"),
    [
        ("secretary", dissolved(CELL, OTHER_CELL)),
        ("superior", UnitMoved(unit_id=COMMUNE, parent_id=NEW)),
    ],
)
def test_words_do_not_open_by_an_office_that_a_list_still_shows(
    year: YearWorld, role: str, told: Event
) -> None:
    assert year.send(role, f"{REVIEW}/words").status_code == HTTPStatus.OK

    year.append(told)  # and nothing carries the lists along

    opened = year.ask("POST", f"{REVIEW}/words", headers=year.headers(role))
    assert opened.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


def test_who_succeeded_a_unit_by_mistake_opens_no_words_there_while_a_list_still_shows_it(
    year: YearWorld,
) -> None:
    year.tell(dissolved(COMMUNE, NEW))
    assert year.send("stranger", f"{REVIEW}/words").status_code == HTTPStatus.OK
    told = FactVersion(year.version(unit_stream(COMMUNE)))

    year.append(FactCorrected(subject=Subject(unit_stream(COMMUNE)), corrects=told))

    opened = year.ask("POST", f"{REVIEW}/words", headers=year.headers("stranger"))
    assert opened.status_code in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
