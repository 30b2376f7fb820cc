"""The rules of a firm whose posts have names of their own: nobody there is a secretary."""

from typing import Any

from events.definitions.event import Code
from events.definitions.records import Digest, Hand, Source
from events.domain.rulebook import validity
from events.domain.year.rules import Rules
from events.identifiers import MemberId
from events.store import reference
from tests.support.law import CELL, LEADER, RULES, SECRETARY, TOP

POSTS = {
    "director": {"vi": "giám đốc", "en": "director"},
    "deputy_director": {"vi": "phó giám đốc", "en": "deputy director"},
    "head_of_team": {"vi": "trưởng nhóm", "en": "head of team"},
    "clerk": {"vi": "thư ký cuộc họp", "en": "clerk"},
}
ROLES = {
    "head": ["director", "head_of_team"],
    "proposer": ["head_of_team", "deputy_director"],
    "decider": ["director", "deputy_director"],
    "appraiser": ["deputy_director"],
    "meeting_secretary": ["clerk", "head_of_team"],
}


def firm_document(**changed: Any) -> dict[str, Any]:
    """Return the firm's edition as plain values, with some of it changed."""
    document: dict[str, Any] = reference.shipped_document("rulebook", "neutral")
    del document["offices"]
    steps = document["steps"] | {
        "meeting": {"who": "secretary", "by": "12-10", "citation": "Điều 3.3"},
        "appraisal": {"who": "authority", "by": "12-20", "citation": "Điều 3.4"},
    }
    rungs = [
        {"place": "unit", "post": "head_of_team", "working_days": 3},
        {"place": "authority", "post": "director", "working_days": 3},
    ]
    own = {
        "id": "firm",
        "issuer": "firm",
        "title": {"vi": "Quy chế đánh giá của công ty", "en": "How the firm reviews"},
        "posts": POSTS,
        "roles": ROLES,
        "steps": steps,
        "meetings": {"head_first": True, "citation": "Điều 3.3", "verified": True},
        "rungs": rungs,
    }
    return document | own | changed


FIRM = Rules(
    validity.read(firm_document()),
    RULES.calendar,
    Source(rulebook=Digest("f1" * 32), calendar=RULES.source.calendar),
)


def _hand(member_id: MemberId, unit_id: Any, post: str) -> Hand:
    return Hand(member_id=member_id, unit_id=unit_id, post=Code(post))


HEAD = _hand(SECRETARY, CELL, "head_of_team")
CLERK = _hand(MemberId("clerkaaaaaaaaaaaaaaaaaaaaa"), CELL, "clerk")
DIRECTOR = _hand(LEADER, TOP, "director")
DEPUTY_DIRECTOR = _hand(MemberId("deputyaaaaaaaaaaaaaaaaaaaa"), TOP, "deputy_director")
NO_OFFICE_THERE = _hand(MemberId("secondaaaaaaaaaaaaaaaaaaaa"), TOP, "secretary")
