"""A year of a service that gives no notice: the decision makes known, and opens the plan."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from events.domain.steps import Step
from tests.support.officers_rules import officers_document
from tests.support.officers_world import OfficersWorld
from tests.support.verified import findings, reason_of_bundle
from tests.support.world import CELL
from tests.support.year_world import MEMBER, PERIOD, PLAN, REVIEW, WORDS

Made = Callable[..., OfficersWorld]
PAGE = f"/reviews/{PERIOD}/{MEMBER}"
PLANNING = (Step.PLAN, Step.PLAN_AGREEMENT, Step.EVIDENCE_REVIEW)


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Made]:
    """What makes a service without some steps of its own."""
    worlds = list[OfficersWorld]()

    def make(*left_out: str, **changed: Any) -> OfficersWorld:
        steps = {n: e for n, e in officers_document()["steps"].items() if n not in left_out}
        worlds.append(OfficersWorld(tmp_path / "data", steps=steps, **changed))
        return worlds[-1]

    yield make
    for each in worlds:
        each.system.close()


def decide(world: OfficersWorld, **changed: Any) -> None:
    """Let An write, and the officers come to a decision."""
    world.report()
    world.appraise("reviewing")
    world.do("accepting", f"{REVIEW}/decision", world.judged("accepting") | changed)


def page(world: OfficersWorld, role: str, address: str) -> str:
    return world.read(role, address, Accept="text/html").text


def test_whoever_was_decided_on_sees_it_at_once_answers_and_it_verifies(made: Made) -> None:
    world = made(Step.ANNOUNCEMENT, *PLANNING, plan=None)
    decide(world)

    assert world.read("member", REVIEW).json["stage"] == "announced"
    assert f"{PAGE}/write/notice-answer" in page(world, "member", PAGE)
    assert f"{PAGE}/notice.pdf" in page(world, "member", PAGE)
    world.do("member", f"{REVIEW}/notice-answer", {"text": WORDS})
    assert f"{PAGE}/write/notice-answer" not in page(world, "member", PAGE)

    refused = world.send("initiating", f"{REVIEW}/announcement")
    assert (refused.status_code, refused.json["code"]) == (409, "no_such_step")
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_an_edition_without_plans_shows_none_and_takes_none(made: Made) -> None:
    world = made(*PLANNING, plan=None)
    decide(world, level="poor", text=WORDS)
    world.do("initiating", f"{REVIEW}/announcement")

    assert "Kế hoạch khắc phục" not in page(world, "member", PAGE)
    wanted = {"text": WORDS, "milestones": [{"due_on": "2027-06-30", "words": WORDS}]}
    refused = world.send("member", PLAN, wanted)
    assert (refused.status_code, refused.json["code"]) == (409, "no_such_step")
    assert findings(world) == {}


def test_a_decision_that_is_the_notice_opens_the_plan_that_it_demands(made: Made) -> None:
    world = made(Step.ANNOUNCEMENT)
    decide(world, level="poor", text=WORDS)

    assert world.read("member", PLAN).json["stage"] == "proposal"
    assert "Chưa có quyết định" not in page(world, "member", PAGE)
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_what_is_decided_again_opens_no_second_plan(made: Made) -> None:
    world = made(Step.ANNOUNCEMENT)
    decide(world, level="poor", text=WORDS)
    world.do("accepting", f"{REVIEW}/reopening", {"ground": "fault_found", "text": WORDS})
    world.propose()
    world.appraise("reviewing")
    world.do(
        "accepting",
        f"{REVIEW}/decision",
        world.judged("accepting") | {"level": "poor", "text": WORDS},
    )

    assert world.read("member", PLAN).json["version"] == 1
    assert findings(world) == {}
    assert reason_of_bundle(world) == ""


def test_pages_of_unit_edition_and_history_tell_such_a_year(made: Made) -> None:
    world = made(Step.ANNOUNCEMENT, *PLANNING, plan=None)
    decide(world)

    assert "Chấp nhận" in page(world, "accepting", f"/history/{PERIOD}/{MEMBER}")
    assert "Chấp nhận" in page(world, "accepting", f"/rulebooks/{world.edition}")
    unit = page(world, "initiating", f"/units/{CELL}/{PERIOD}")
    assert "Đã thông báo" not in unit
