"""The rules of a service in which officers rate up the line: one reports, one accepts."""

from typing import Any

from events.definitions.event import Code
from events.definitions.records import Digest, Hand, Source
from events.domain.rulebook import validity
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from events.store import reference
from tests.support.law import CELL, LEADER, RULES, SECRETARY, TOP

POSTS = {
    "initiating_officer": {"vi": "sĩ quan nhận xét", "en": "initiating officer"},
    "reviewing_officer": {"vi": "sĩ quan xem xét", "en": "reviewing officer"},
    "countersigning_officer": {"vi": "sĩ quan tiếp ký", "en": "countersigning officer"},
    "accepting_officer": {"vi": "sĩ quan chấp nhận", "en": "accepting officer"},
}
ROLES = {
    "head": ["initiating_officer", "accepting_officer"],
    "proposer": ["initiating_officer"],
    "appraiser": ["reviewing_officer", "countersigning_officer"],
    "decider": ["accepting_officer"],
}
REVIEWING = {
    "kind": "appraisal",
    "label": {"vi": "Xem xét báo cáo", "en": "Review of the report"},
    "who": "authority",
    "place": "next",
    "posts": ["reviewing_officer"],
    "working_days": 5,
    "citation": "Điều 3.5",
}
COUNTERSIGNING = REVIEWING | {
    "label": {"vi": "Tiếp ký", "en": "Countersignature"},
    "after": "reviewing",
    "place": "authority",
    "posts": ["countersigning_officer"],
    "working_days": 3,
    "without": "authority",
    "citation": "Điều 3.6",
}
LABELS = {
    "proposal": {"vi": "Báo cáo của sĩ quan nhận xét", "en": "Report of the initiating officer"},
    "decision": {"vi": "Chấp nhận", "en": "Acceptance"},
}
REVIEWING_AGAIN = COUNTERSIGNING | {"place": "next", "posts": ["reviewing_officer"]}
IN_A_ROW = {
    "reviewing": REVIEWING,
    "countersigning": COUNTERSIGNING,
    "reviewing_again": REVIEWING_AGAIN,
}


def officers_document(*more: str, **changed: Any) -> dict[str, Any]:
    """Return the service's edition as plain values, with more appraisals or some of it changed.

    What is None is left out.
    """
    document: dict[str, Any] = reference.shipped_document("rulebook", "neutral")
    del document["offices"]
    steps = document["steps"] | {"reviewing": REVIEWING} | {each: IN_A_ROW[each] for each in more}
    for each, label in LABELS.items():
        steps[each] = steps[each] | {"label": label}
    rungs = [
        {"place": "unit", "post": "initiating_officer", "working_days": 3},
        {"place": "authority", "post": "accepting_officer", "working_days": 3},
    ]
    own = {
        "id": "officers",
        "issuer": "officers",
        "title": {"vi": "Quy chế đánh giá sĩ quan", "en": "How officers are rated"},
        "posts": POSTS,
        "roles": ROLES,
        "steps": steps,
        "rungs": rungs,
    }
    told = document | own | changed
    return {name: each for name, each in told.items() if each is not None}


def _rules(*more: str, digest: str) -> Rules:
    source = Source(rulebook=Digest(digest * 32), calendar=RULES.source.calendar)
    return Rules(validity.read(officers_document(*more)), RULES.calendar, source)


OFFICERS = _rules(digest="0f")
COUNTERSIGNED = _rules("countersigning", digest="1f")  # two appraisals in a row

MIDDLE = UnitId("middleaaaaaaaaaaaaaaaaaaaa")
WAY = (CELL, MIDDLE, TOP)


def _hand(member_id: str, unit_id: UnitId, post: str) -> Hand:
    return Hand(member_id=MemberId(member_id), unit_id=unit_id, post=Code(post))


INITIATES = _hand(SECRETARY, CELL, "initiating_officer")
REVIEWS = _hand("revieweraaaaaaaaaaaaaaaaaa", MIDDLE, "reviewing_officer")
COUNTERSIGNS = _hand("counteraaaaaaaaaaaaaaaaaaa", TOP, "countersigning_officer")
ACCEPTS = _hand(LEADER, TOP, "accepting_officer")
