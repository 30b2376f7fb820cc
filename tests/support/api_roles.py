"""Every route of the year's API: which action of the one role table it stands for."""

from collections.abc import Collection, Mapping
from http import HTTPStatus
from typing import Any, NamedTuple

from services.access.roles import Action, Role, may
from tests.support.world import CELL, COMMUNE, Answer
from tests.support.year_world import (
    CYCLE,
    FIGURES,
    FOLLOWER,
    MILESTONE,
    PERIOD,
    PLAN,
    POOR,
    RATING,
    REVIEW,
    TEXT_FILE,
    WORDS,
    YearWorld,
)

REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)
GRANTED_TO_TOKENS = (Action.SEE_STATE, Action.SEE_UNIT)
# What each person of the world is towards An's year, towards the same as An's follower, and
# towards the unit that decides on it.
TOWARDS: Mapping[str, frozenset[Role]] = {
    "member": frozenset((Role.MEMBER,)),
    "peer": frozenset((Role.PEER,)),
    "secretary": frozenset((Role.PEER, Role.SECRETARY, Role.PROPOSER, Role.COMMITTEE)),
    "committee": frozenset((Role.COMMITTEE,)),
    "follower": frozenset((Role.FOLLOWER,)),
    "authority": frozenset(
        (Role.PROPOSER, Role.COMMITTEE, Role.AUTHORITY, Role.APPRAISER, Role.DECIDER)
    ),
    "superior": frozenset((Role.SUPERIOR,)),
    "auditor": frozenset((Role.AUDITOR,)),
    "administrator": frozenset((Role.ADMINISTRATOR,)),
    "stranger": frozenset(),
}
TOWARDS_THE_TOP = {
    "committee": TOWARDS["committee"],
    "authority": TOWARDS["authority"],
    "superior": TOWARDS["superior"],
    "auditor": TOWARDS["auditor"],
    "administrator": TOWARDS["administrator"],
}


class Route(NamedTuple):
    """One route of the API, and what somebody does who asks for it."""

    action: Action | None  # none: everybody has one of their own
    path: str
    body: Any = None  # of a command
    listed: str = ""  # what a list holds for those who may see it; the others get one without
    of_top: bool = False  # asked of the unit that decides, and not of An
    hides: bool = True  # whether who has nothing to do with it is told that it is not there


def ask_route(year: YearWorld, name: str, role: str) -> Answer:
    """Return the answer to a route of the table, asked by somebody in a role."""
    route = ROUTES[name]
    path = filled(year, route.path)
    if name.startswith("GET"):
        return year.read(role, path)
    if route.body == "form":
        return year.hand_in(role, path, ("a.txt", TEXT_FILE))
    return year.send(role, path, route.body)


def filled(year: YearWorld, template: str) -> str:
    """Return a path in which what the world made up is filled in."""
    if "<file>" in template:
        evidence = year.read("member", MILESTONE).json["evidence"]
        template = template.replace("<file>", evidence[0]["files"][0]["commitment"])
    if "<digest>" in template:
        (known,) = year.read("member", "/api/v1/rulebooks").json["editions"]
        template = template.replace("<digest>", known["digest"])
    return template.replace("<cause>", year.cause()) if "<cause>" in template else template


OPENING = (Action.READ_WORDS, Action.READ_PLAN, Action.AUDIT)  # asked with POST, and no commands
TEXT = {"text": WORDS}
ON_EVIDENCE = {"evidence_version": 4, "text": WORDS}
_R, _P, _M = "/reviews/<period>/<member_id>", "/plans/<period>/<member_id>", "/milestones/<id>"
ROUTES: Mapping[str, Route] = {
    "GET /log/tile/entries/<path:path>": Route(
        Action.READ_LOG, "/log/tile/entries/000.p/1", hides=False
    ),
    "GET /rulebooks": Route(None, "/api/v1/rulebooks"),
    "GET /rulebooks/<digest>": Route(None, "/api/v1/rulebooks/<digest>"),
    "GET /rulebooks/<digest>/differences": Route(
        None, "/api/v1/rulebooks/<digest>/differences?from=<digest>"
    ),
    "POST /rulebooks": Route(
        Action.PUBLISH,
        "/api/v1/rulebooks",
        {"unit_id": COMMUNE, "document": "kind: rulebook"},
        of_top=True,
        hides=False,
    ),
    "GET /cycles/<period>": Route(Action.SEE_UNIT, f"/api/v1/cycles/{PERIOD}", listed=CELL),
    "GET /cycles/<period>/<unit_id>": Route(Action.SEE_UNIT, CYCLE),
    "POST /cycles": Route(
        Action.OPEN_CYCLE,
        "/api/v1/cycles",
        {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral"},
        of_top=True,
        hides=False,
    ),
    "POST /cycles/<period>/<unit_id>/reviews": Route(
        Action.OPEN_CYCLE, f"{CYCLE}/reviews", {}, of_top=True
    ),
    "POST /cycles/<period>/<unit_id>/closing": Route(
        Action.OPEN_CYCLE, f"{CYCLE}/closing", {}, of_top=True
    ),
    "POST /cycles/<period>/<unit_id>/takeover": Route(
        Action.TAKE_OVER, f"{CYCLE}/takeover", {}, of_top=True
    ),
    "POST /cycles/<period>/<unit_id>/voiding": Route(
        Action.TAKE_OVER, f"{CYCLE}/voiding", {}, of_top=True
    ),
    f"GET {_R}": Route(Action.SEE_STATE, REVIEW),
    f"GET {_R}/words": Route(Action.READ_WORDS, f"{REVIEW}/words"),
    f"POST {_R}/words": Route(Action.READ_WORDS, f"{REVIEW}/words"),
    f"GET {_R}/readings": Route(Action.SEE_READERS, f"{REVIEW}/readings"),
    f"GET {_R}/forms/<step>": Route(Action.SEE_STATE, f"{REVIEW}/forms/commitment"),
    f"POST {_R}/commitment": Route(Action.COMMIT, f"{REVIEW}/commitment", TEXT),
    f"POST {_R}/self-critique": Route(Action.SUBMIT_SELF_CRITIQUE, f"{REVIEW}/self-critique", TEXT),
    f"POST {_R}/criticisms": Route(Action.CRITICISE, f"{REVIEW}/criticisms", TEXT),
    f"POST {_R}/criticisms/<criticism_id>/answer": Route(
        Action.ANSWER, f"{REVIEW}/criticisms/{'a' * 26}/answer", TEXT
    ),
    f"POST {_R}/points": Route(Action.SUGGEST_POINT, f"{REVIEW}/points", TEXT),
    f"POST {_R}/points/<point_id>/answer": Route(
        Action.ANSWER, f"{REVIEW}/points/{'a' * 26}/answer", TEXT
    ),
    f"POST {_R}/meetings": Route(Action.HOLD_MEETING, f"{REVIEW}/meetings", {"place": CELL}),
    f"POST {_R}/appraisal": Route(
        Action.APPRAISE_RATING, f"{REVIEW}/appraisal", {"level": "poor", "proposal_version": 6}
    ),
    f"POST {_R}/return": Route(
        Action.RETURN_RATING, f"{REVIEW}/return", {"proposal_version": 6, "text": WORDS}
    ),
    f"POST {_R}/notice-answer": Route(Action.ANSWER_NOTICE, f"{REVIEW}/notice-answer", TEXT),
    f"POST {_R}/statement": Route(Action.MAKE_STATEMENT, f"{REVIEW}/statement", TEXT),
    f"POST {_R}/reopening": Route(
        Action.REOPEN_REVIEW, f"{REVIEW}/reopening", {"ground": "fault_found", "text": WORDS}
    ),
    f"POST {_R}/proposal": Route(
        Action.PROPOSE_RATING, f"{REVIEW}/proposal", {"points": POOR, "figures": FIGURES}
    ),
    f"POST {_R}/decision": Route(
        Action.DECIDE_RATING, f"{REVIEW}/decision", {"level": "poor", "proposal_version": 6}
    ),
    f"POST {_R}/announcement": Route(Action.ANNOUNCE_RATING, f"{REVIEW}/announcement", {}),
    f"POST {_R}/deadlines": Route(
        Action.MOVE_DEADLINE,
        f"{REVIEW}/deadlines",
        {"step": "self_critique", "day": "2026-12-01", "text": WORDS},
    ),
    f"POST {_R}/end": Route(Action.END_REVIEW, f"{REVIEW}/end", {"text": WORDS}),
    f"POST {_R}/resumption": Route(Action.END_REVIEW, f"{REVIEW}/resumption", {"text": WORDS}),
    f"POST {_R}/waivers": Route(
        Action.WAIVE_STEP, f"{REVIEW}/waivers", {"step": "self_critique", "text": WORDS}
    ),
    "GET /ratings/<period>/<member_id>": Route(Action.SEE_STATE, RATING),
    "GET /ratings/<period>/<member_id>/bundle": Route(Action.AUDIT, f"{RATING}/bundle"),
    "POST /ratings/<period>/<member_id>/bundle": Route(Action.AUDIT, f"{RATING}/bundle"),
    f"GET {_P}": Route(Action.SEE_STATE, PLAN),
    f"GET {_P}/words": Route(Action.READ_PLAN, f"{PLAN}/words"),
    f"POST {_P}/words": Route(Action.READ_PLAN, f"{PLAN}/words"),
    f"POST {_P}": Route(
        Action.PROPOSE_PLAN,
        PLAN,
        {"text": WORDS, "milestones": [{"words": WORDS, "due_on": "2027-06-30"}]},
    ),
    f"POST {_P}/follower": Route(Action.JUDGE_PLAN, f"{PLAN}/follower", {"follower_id": FOLLOWER}),
    f"POST {_P}/agreement": Route(
        Action.JUDGE_PLAN, f"{PLAN}/agreement", {"proposal_version": 2, "follower_id": FOLLOWER}
    ),
    f"POST {_P}/return": Route(
        Action.JUDGE_PLAN, f"{PLAN}/return", {"proposal_version": 2, "text": WORDS}
    ),
    f"GET {_M}": Route(Action.SEE_STATE, MILESTONE),
    f"GET {_M}/evidence/<commitment>": Route(Action.READ_PLAN, f"{MILESTONE}/evidence/<file>"),
    f"POST {_M}/evidence/<commitment>": Route(Action.READ_PLAN, f"{MILESTONE}/evidence/<file>"),
    f"POST {_M}/evidence": Route(Action.HAND_IN_EVIDENCE, MILESTONE, "form"),
    f"POST {_M}/approval": Route(Action.JUDGE_EVIDENCE, f"{MILESTONE}/approval", ON_EVIDENCE),
    f"POST {_M}/request": Route(Action.JUDGE_EVIDENCE, f"{MILESTONE}/request", ON_EVIDENCE),
    f"POST {_M}/return": Route(Action.JUDGE_EVIDENCE, f"{MILESTONE}/return", ON_EVIDENCE),
    f"POST {_M}/extension": Route(
        Action.JUDGE_EVIDENCE, f"{MILESTONE}/extension", {"day": "2027-09-01", "text": WORDS}
    ),
    f"POST {_M}/withdrawal": Route(Action.JUDGE_EVIDENCE, f"{MILESTONE}/withdrawal", {}),
    "GET /escalations": Route(Action.SEE_STATE, "/api/v1/escalations", listed="<cause>"),
    "GET /escalations/<cause>": Route(Action.SEE_STATE, "/api/v1/escalations/<cause>"),
    "POST /escalations/<cause>/acknowledgement": Route(
        Action.ACKNOWLEDGE, "/api/v1/escalations/<cause>/acknowledgement", {}
    ),
    "GET /inbox": Route(None, "/api/v1/inbox"),
}


def without_account(route: Route, role: str, *, is_command: bool) -> int | None:
    """Return with which status a system or nobody is refused; None where a system is not."""
    if role == "nobody":
        return HTTPStatus.UNAUTHORIZED
    granted = not is_command and route.action in GRANTED_TO_TOKENS
    return None if granted else HTTPStatus.FORBIDDEN


def refusal_of(route: Route, roles: Collection[Role], *, is_command: bool) -> int | None:
    """Return with which status somebody with these roles is refused; None for whom it is not."""
    if route.action is None or may(route.action, roles):
        return None
    changes = is_command and route.action not in OPENING
    hidden = route.hides and not _knows(route, roles, is_command=changes)
    return HTTPStatus.NOT_FOUND if hidden else HTTPStatus.FORBIDDEN


def _knows(route: Route, roles: Collection[Role], *, is_command: bool) -> bool:
    """Return whether somebody is to know of what they ask for, though they may not do this."""
    if not is_command:
        return route.action is not Action.SEE_UNIT and may(Action.SEE_STATE, roles)
    if set(roles) == {Role.FOLLOWER} and route.path.startswith("/api/v1/reviews/"):
        return False  # who follows a plan is nothing to the steps of the review before it
    if not route.path.startswith("/api/v1/reviews/"):  # who may criticise knows of the review only
        return may(Action.SEE_STATE, roles) or may(Action.SEE_UNIT, roles)
    return any(may(each, roles) for each in Action)
