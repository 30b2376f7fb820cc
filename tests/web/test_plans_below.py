"""No plan is judged from below; one that a unit below judges follows the year that it is of."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from events.definitions.event import Code, Event
from events.definitions.roster import LeavingReason, MemberLeft, MemberMoved, PostRelieved
from events.domain.plan import plan
from events.identifiers import MemberId, UnitId, plan_stream
from tests.support.following import follow, transfers_of
from tests.support.own_editions import COMPETENCE, cases_of, own
from tests.support.sealed import sealed
from tests.support.unit_world import ABOVE, WARD, UnitWorld
from tests.support.verified import findings
from tests.support.worked_year import WorkedYear
from tests.support.world import CELL, COMMUNE, DISTRICT, Answer
from tests.support.year_world import (
    AUTHORITY,
    CYCLE,
    FIGURES,
    FOLLOWER,
    MEMBER,
    MILESTONE,
    OPENED_AT,
    PERIOD,
    PLAN,
    POOR,
    REVIEW,
    TEXT_FILE,
    WORDS,
    post_given,
)

GONE = MemberLeft(member_id=FOLLOWER, reason=sealed(LeavingReason.RESIGNED))
PLAN_PAGE, MILESTONE_PAGE = f"/plans/{PERIOD}/{MEMBER}", f"/milestones/{PERIOD}-{MEMBER}"

TERMS = """
competence:
  - {proposes: {seat: own}, decides: {seat: own}, at_the_end: colleagues, citation: Điều 1}
"""


@pytest.mark.parametrize("what", ["takeover", "voiding"])
def test_a_plan_that_the_own_cell_judges_goes_with_the_year_of_the_commune(
    tmp_path: Path, what: str
) -> None:
    world = WorkedYear(tmp_path / "data")
    world.tell(post_given(FOLLOWER, CELL, "deputy_secretary"))
    world.clock.set(OPENED_AT)
    edition = {"document": own(PERIOD) + TERMS, "cases": cases_of(PERIOD)}
    published = world.do("authority", "/api/v1/rulebooks", {"unit_id": COMMUNE, **edition}).json
    year = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": published["digest"]}
    world.do("authority", "/api/v1/cycles", year)
    world.do("member", f"{REVIEW}/self-critique", {"text": WORDS})
    rated = {"points": POOR, "figures": FIGURES, "text": WORDS}
    world.do("secretary", f"{REVIEW}/proposal", rated)
    proposal = world.read("auditor", REVIEW).json["proposal"]
    seen = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    world.do("follower", f"{REVIEW}/decision", seen)
    world.do("secretary", f"{REVIEW}/announcement")
    path = world.read("auditor", PLAN).json["path"]

    world.do("superior", f"{CYCLE}/{what}", {"text": WORDS})

    assert path == [CELL]
    assert findings(world) == {}
    world.system.close()


@pytest.fixture
def planned(tmp_path: Path) -> Iterator[UnitWorld]:
    """A plan that a member of a cell below a ward below a commune handed in."""
    world = UnitWorld(tmp_path / "data")
    world.clock.set(OPENED_AT)
    edition = {"document": own(PERIOD) + COMPETENCE, "cases": cases_of(PERIOD)}
    published = world.do("authority", "/api/v1/rulebooks", {"unit_id": COMMUNE, **edition}).json
    year = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": published["digest"]}
    world.do("authority", "/api/v1/cycles", year)
    world.live("planned")
    yield world
    world.system.close()


def agrees(world: UnitWorld, role: str, follower_id: MemberId = FOLLOWER) -> Answer:
    version = world.read("auditor", PLAN).json["proposal_version"]
    body = {"proposal_version": version, "follower_id": follower_id}
    return world.send(role, f"{PLAN}/agreement", body)


def judges(world: UnitWorld) -> tuple[UnitId, ...]:
    stream = plan_stream(PERIOD, MEMBER)
    return plan.fold(world.system.store.read_stream(stream).events).path


def test_whoever_asks_first_is_told_that_the_plan_goes_on_before_a_unit_above(
    planned: UnitWorld,
) -> None:
    planned.tell(post_given(MEMBER, WARD, "deputy_secretary"))  # and no worker runs

    below = agrees(planned, "secretary", AUTHORITY)
    headed = agrees(planned, "above", AUTHORITY)
    above = agrees(planned, "deputy", AUTHORITY)

    refused = [(each.status_code, each.json["code"]) for each in (below, headed)]
    assert refused == [(HTTPStatus.NOT_FOUND, "unknown_plan")] * 2
    assert above.status_code == HTTPStatus.CREATED
    assert judges(planned) == (COMMUNE,)
    moved = next(
        each.entry
        for each in planned.system.store.read_stream(plan_stream(PERIOD, MEMBER)).events
        if each.entry.type == "plan.moved"
    )
    assert moved.principal == "worker:transfers"
    assert findings(planned) == {}


def test_nothing_is_told_by_whoever_may_not_judge_it(planned: UnitWorld) -> None:
    planned.tell(post_given(MEMBER, WARD, "deputy_secretary"))
    before = planned.size()

    refused = [agrees(planned, role).status_code for role in ("member", "other", "peer")]

    assert refused == [HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.NOT_FOUND]
    assert planned.size() == before


def test_a_worker_lets_it_go_on_up_and_those_who_judge_it_find_it(planned: UnitWorld) -> None:
    transfers = transfers_of(planned)
    planned.tell(post_given(MEMBER, CELL, "deputy_secretary"))
    follow(planned, transfers)
    one_up = judges(planned)
    planned.tell(
        PostRelieved(member_id=MEMBER, unit_id=CELL, post=Code("deputy_secretary")),
    )
    follow(planned, transfers)

    waiting = {
        role: [each["step"] for each in planned.read(role, "/api/v1/inbox").json["waiting"]]
        for role in ("secretary", "above")
    }

    assert (one_up, judges(planned)) == ((WARD, COMMUNE), (WARD, COMMUNE)), "only ever up"
    assert "plan_agreement" in waiting["above"]
    assert "plan_agreement" not in waiting["secretary"]
    assert findings(planned) == {}


def test_colleagues_judge_who_heads_the_unit_whose_year_it_is(planned: UnitWorld) -> None:
    planned.tell(post_given(MEMBER, COMMUNE, "deputy_secretary"))

    agreed = agrees(planned, "authority", planned.accounts["deputy"].member_id or FOLLOWER)

    assert agreed.status_code == HTTPStatus.CREATED
    assert judges(planned) == (COMMUNE,)
    assert findings(planned) == {}


@pytest.mark.parametrize("what", ["takeover", "voiding"])
def test_who_came_above_that_is_judged_there_and_goes_along_with_the_year(
    planned: UnitWorld, what: str
) -> None:
    planned.tell(post_given(MEMBER, DISTRICT, "deputy_secretary"))

    below = agrees(planned, "authority")
    above = agrees(planned, "superior", planned.accounts["superior"].member_id or FOLLOWER)
    planned.do("superior", f"{CYCLE}/{what}", {"text": WORDS})
    planned.reach(planned.clock.now() + timedelta(days=2))
    planned.tell(post_given(FOLLOWER, DISTRICT, "deputy_secretary"))  # long after that

    assert (below.status_code, above.status_code) == (HTTPStatus.NOT_FOUND, HTTPStatus.CREATED)
    assert judges(planned) == ((DISTRICT,) if what == "takeover" else ())
    assert findings(planned) == {}


def test_nobody_below_follows_a_plan_but_a_colleague_does(planned: UnitWorld) -> None:
    planned.tell(post_given(MEMBER, WARD, "deputy_secretary"))

    below = agrees(planned, "deputy", FOLLOWER)
    colleague = agrees(planned, "deputy", AUTHORITY)

    assert (below.status_code, below.json["code"]) == (HTTPStatus.CONFLICT, "followed_from_below")
    assert colleague.status_code == HTTPStatus.CREATED
    assert findings(planned) == {}


def for_evidence(world: UnitWorld, role: str) -> list[tuple[str, str | None]]:
    """Return the evidence of An's plan that waits for somebody, each with why it is not judged."""
    return [
        (each["item"], each.get("unfollowed"))
        for each in world.read(role, "/api/v1/inbox").json["waiting"]
        if (each["step"], each["member_id"]) == ("evidence_review", MEMBER)
    ]


def page(world: UnitWorld, role: str, path: str) -> str:
    return world.read(role, path, Accept="text/html").text


@pytest.fixture
def shown(planned: UnitWorld) -> UnitWorld:
    """That plan, which somebody follows, for whom evidence waits."""
    agrees(planned, "secretary", FOLLOWER)
    planned.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE))
    return planned


def test_a_task_leaves_at_once_whoever_came_below_and_lies_before_those_who_name_another(
    shown: UnitWorld,
) -> None:
    transfers = transfers_of(shown)
    assert for_evidence(shown, "follower") == [("1", None)]

    shown.tell(post_given(MEMBER, WARD, "deputy_secretary"))
    follow(shown, transfers)

    assert for_evidence(shown, "follower") == []
    assert shown.read("follower", PLAN).status_code == HTTPStatus.NOT_FOUND
    assert page(shown, "follower", PLAN_PAGE).count(MILESTONE_PAGE) == 0
    assert for_evidence(shown, "deputy") == [("1", "below")]
    assert for_evidence(shown, "secretary") == []
    told = shown.read("deputy", PLAN).json
    assert ("follower_id" in told, told["unfollowed"]) == (False, "below")

    assert "Cử người theo dõi (mốc 1 chờ duyệt)" in page(shown, "deputy", "/inbox")
    item = page(shown, "deputy", f"/inbox/plan/{PERIOD}-{MEMBER}/evidence_review?item=1")
    assert "nay là cấp dưới của người có kế hoạch" in item
    assert "nay là cấp dưới của người có kế hoạch" in page(shown, "deputy", PLAN_PAGE)
    review = page(shown, "deputy", f"/reviews/{PERIOD}/{MEMBER}")
    assert f'href="{PLAN_PAGE}#follower"' in review

    shown.do("deputy", f"{PLAN}/follower", {"follower_id": AUTHORITY})
    shown.advance()
    assert for_evidence(shown, "deputy") == []
    assert for_evidence(shown, "authority") == [("1", None)]
    assert "unfollowed" not in shown.read("deputy", PLAN).json
    assert findings(shown) == {}


@pytest.mark.parametrize(
    ("fact", "reason"),
    [
        (GONE, "left"),
        (MemberMoved(member_id=FOLLOWER, unit_id=WARD), None),
    ],
)
def test_what_became_of_a_follower_is_asked_as_soon_as_it_is_told(
    shown: UnitWorld, fact: Event, reason: str | None
) -> None:
    transfers = transfers_of(shown)
    shown.tell(fact)
    follow(shown, transfers)

    assert for_evidence(shown, "secretary") == ([("1", reason)] if reason else [])
    assert for_evidence(shown, "follower") == ([] if reason else [("1", None)])
    assert findings(shown) == {}


def test_a_follower_who_came_below_before_evidence_came_is_never_asked_for_it(
    planned: UnitWorld,
) -> None:
    agrees(planned, "secretary", FOLLOWER)
    transfers = transfers_of(planned)
    planned.tell(GONE)
    follow(planned, transfers)
    planned.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE))
    follow(planned, transfers)

    assert for_evidence(planned, "secretary") == [("1", "left")]
    assert findings(planned) == {}


def test_a_follower_below_whom_it_is_of_by_now_judges_nothing_until_another_is_named(
    planned: UnitWorld,
) -> None:
    agrees(planned, "secretary", FOLLOWER)
    planned.hand_in("member", MILESTONE, ("a.txt", TEXT_FILE))
    planned.tell(post_given(MEMBER, WARD, "deputy_secretary"))
    seen = {"evidence_version": planned.version(plan_stream(PERIOD, MEMBER)), "text": WORDS}
    more = {"day": "2027-09-01", "text": WORDS}

    verdicts = [
        planned.send("follower", f"{MILESTONE}/{path}", body)
        for path, body in (
            *((each, seen) for each in ("approval", "request", "return")),
            ("extension", more),
        )
    ]
    below = planned.send("deputy", f"{PLAN}/follower", {"follower_id": ABOVE})
    planned.do("deputy", f"{PLAN}/follower", {"follower_id": AUTHORITY})
    planned.do("authority", f"{MILESTONE}/approval", seen)

    refused = {(each.status_code, each.json["code"]) for each in (*verdicts, below)}
    assert refused == {(HTTPStatus.CONFLICT, "followed_from_below")}
    assert findings(planned) == {}
