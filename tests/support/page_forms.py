"""Forms of An's pages, as browsers send them."""

from typing import Any

from events.domain.review import review
from events.identifiers import review_stream
from tests.support.world import Answer
from tests.support.year_world import (
    FIGURES,
    FOLLOWER,
    GOOD,
    MEMBER,
    PERIOD,
    WORDS,
    YearWorld,
)
from tests.support.year_world import PLAN as PLAN_API

PAGE = f"/reviews/{PERIOD}/{MEMBER}"
PLAN = f"/plans/{PERIOD}/{MEMBER}"
COUNTED = {f"points-{name}": str(count) for name, count in GOOD.items()} | {
    f"figures-{name}": str(count) for name, count in FIGURES.items()
}
HTML = {"Accept": "text/html"}
PLAN_STREAM = f"plan-{PERIOD}-{MEMBER}"
FIRST, SECOND = (f"/api/v1/milestones/{PERIOD}-{MEMBER}-{n}" for n in (1, 2))
REASON = "Chưa có chữ ký của người chứng kiến."
NEEDED = ("results", "commitment_kept", "limitations", "measures")
DEGREES = {"degree-results": "good", "degree-commitment_kept": "good"}
CRITIQUE = {f"section-{name}": f"{WORDS} ({name})" for name in NEEDED} | DEGREES


def send(year: YearWorld, role: str, path: str, /, **fields: Any) -> Answer:
    answer = year.ask("POST", path, data=fields, headers=year.headers(role) | HTML)
    year.advance()
    return answer


def state(year: YearWorld) -> review.State:
    return review.fold(year.system.store.read_stream(review_stream(PERIOD, MEMBER)).events)


def agree(year: YearWorld, *, since: str = "") -> None:
    """Let the plan be agreed to, with two milestones that a follower judges."""
    year.live("announced", since=since)
    milestones = [{"words": WORDS, "due_on": "2027-06-30"}] * 2
    year.do("member", PLAN_API, {"text": WORDS, "milestones": milestones})
    body = {"proposal_version": 2, "follower_id": FOLLOWER}
    year.do("secretary", f"{PLAN_API}/agreement", body)


def evidence_version(year: YearWorld, milestone: str) -> int:
    return int(year.read("follower", milestone).json["evidence"][-1]["version"])
