"""The rules of 2025 by QĐ 366, and a leader's and a member's year under them."""

from datetime import datetime

from msgspec import UNSET

from events.definitions.event import Code, Event, Sealed
from events.definitions.notice import NoticeAnswered
from events.definitions.records import Digest, Facts, Hand, Label, Period, Source
from events.definitions.reopening import ReviewReopened
from events.definitions.review import (
    MeetingHeld,
    PointAnswered,
    PointSuggested,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    SelfCritiqueSubmitted,
)
from events.definitions.roster import Standing
from events.domain.review import opening, review
from events.domain.review.opening import OpenReview
from events.domain.rulebook import rating, validity
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from events.store import reference
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
)
from tests.support.sealed import sealed

YEAR = Period("2025")
WORDS = Sealed[str]("w" * 42 + "A")
POINT = Label("pointaaaaaaaaaaaaaaaaaaaaa")
DEPUTY = MemberId("deputyaaaaaaaaaaaaaaaaaaaa")
DEPUTYS_HAND = Hand(member_id=DEPUTY, unit_id=TOP, post=Code("deputy_secretary"))
PARTY = Rules(
    validity.read(reference.shipped_document("rulebook", "qd366_hd43")),
    RULES.calendar,
    Source(rulebook=Digest("36" * 32), calendar=RULES.source.calendar),
)
SOON = datetime.fromisoformat("2025-12-31T16:59:59Z")
PROPOSED_BY = datetime.fromisoformat("2025-12-15T16:59:59Z")


def opens(**changed: object) -> OpenReview:
    """Return the opening of a member's year, with some of it changed."""
    told = {
        "period": YEAR,
        "member_id": MEMBER,
        "path": (CELL, TOP),
        "standing": Standing.OFFICIAL,
        **changed,
    }
    return OpenReview(**told)  # type: ignore[arg-type]


def facts(**counted: int) -> Facts:
    """Return the facts of a member who did well, with what the log counts besides."""
    return Facts(
        points={"conduct": 28, "results": 64},
        figures={
            "tasks_total": 10,
            "tasks_done": 10,
            "tasks_on_time": 10,
            "tasks_beyond": 4,
            "degradation_concluded": 0,
        },
        disciplined="disciplines" in counted,
        earlier_faults_open=0,
        group=Code("member"),
        counted=counted or UNSET,
    )


def proposed(**counted: int) -> RatingProposed:
    return RatingProposed(
        period=YEAR,
        member_id=MEMBER,
        facts=facts(**counted),
        outcome=rating.outcome(PARTY.rulebook, facts(**counted)),
        by=SECRETARYS_HAND,
        decision_due_at=SOON,
        appraisal_due_at=SOON,
    )


def appraised(version: int, level: str = "excellent", by: Hand = DEPUTYS_HAND) -> RatingAppraised:
    return RatingAppraised(
        period=YEAR,
        member_id=MEMBER,
        level=Code(level),
        proposal_version=version,
        item=Label(""),
        by=by,
    )


def decided(version: int, level: str = "excellent") -> RatingDecided:
    return RatingDecided(
        period=YEAR,
        member_id=MEMBER,
        level=Code(level),
        proposal_version=version,
        by=LEADERS_HAND,
        announcement_due_at=SOON,
    )


def held(place: UnitId = CELL) -> MeetingHeld:
    return MeetingHeld(
        period=YEAR, member_id=MEMBER, place=place, by=SECRETARYS_HAND, proposal_due_at=PROPOSED_BY
    )


OPENED = opening.open_review(review.EMPTY, opens(), PARTY, now=at(6, 1, year=2025))
CRITICISED_ONESELF = SelfCritiqueSubmitted(
    period=YEAR,
    member_id=MEMBER,
    text=WORDS,
    proposal_due_at=SOON,
    meeting_due_at=SOON,
)
SUGGESTED = PointSuggested(
    period=YEAR,
    member_id=MEMBER,
    point_id=POINT,
    by=LEADERS_HAND,
    text=WORDS,
    answer_due_at=SOON,
)
POINT_ANSWERED = PointAnswered(period=YEAR, member_id=MEMBER, point_id=POINT, text=WORDS)
ANNOUNCED = RatingAnnounced(period=YEAR, member_id=MEMBER, by=SECRETARYS_HAND)
NOTICE_ANSWERED = NoticeAnswered(period=YEAR, member_id=MEMBER, text=WORDS)
REOPENED = ReviewReopened(
    period=YEAR,
    member_id=MEMBER,
    ground=Code("late_discipline"),
    by=LEADERS_HAND,
    proposal_due_at=SOON,
    decision=sealed("12-QĐ"),
)
RATED: tuple[Event, ...] = (  # versions 1 to 7
    OPENED,
    CRITICISED_ONESELF,
    held(),
    proposed(),
    appraised(4),
    decided(4),
    ANNOUNCED,
)
RATED_AGAIN: tuple[Event, ...] = (  # 8 to 12
    REOPENED,
    proposed(disciplines=1),
    appraised(9, "poor"),
    decided(9, "poor"),
    ANNOUNCED,
)
assert LEADERS_HAND.member_id == LEADER
