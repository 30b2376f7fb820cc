"""A member's review, fact by fact: opened, written, criticised, proposed and decided."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from msgspec import UNSET

from events.definitions.event import Code, Event, Sealed
from events.definitions.records import Hand, Label
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    RatingDecided,
    RatingProposed,
    SelfCritiqueSubmitted,
)
from events.definitions.roster import Standing
from events.domain.review import opening, rating_steps, review, writing_steps
from events.domain.review.review import State
from events.domain.rulebook import rating
from events.identifiers import MemberId
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PERIOD,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
    facts,
    records,
)

WORDS = Sealed[str]("w" * 42 + "A")
CRITICISM = Label("criticismaaaaaaaaaaaaaaaaa")
ONE_SECOND = timedelta(seconds=1)
OPENED = opening.open_review(
    review.EMPTY,
    opening.OpenReview(
        period=PERIOD, member_id=MEMBER, path=(CELL, TOP), standing=Standing.OFFICIAL
    ),
    RULES,
    now=at(5, 1),
)
COMMITTED = CommitmentMade(period=PERIOD, member_id=MEMBER, text=WORDS)
CRITICISED_ONESELF = SelfCritiqueSubmitted(
    period=PERIOD,
    member_id=MEMBER,
    text=WORDS,
    proposal_due_at=datetime.fromisoformat("2026-12-15T16:59:59Z"),
)
CRITICISED = CriticismGiven(
    period=PERIOD,
    member_id=MEMBER,
    criticism_id=CRITICISM,
    author=Label("someone"),
    text=WORDS,
    answer_due_at=at(9, hour=16),
)
ANSWERED = CriticismAnswered(period=PERIOD, member_id=MEMBER, criticism_id=CRITICISM, text=WORDS)
PROPOSED = RatingProposed(
    period=PERIOD,
    member_id=MEMBER,
    facts=facts(86),
    outcome=rating.outcome(RULES.rulebook, facts(86)),
    by=SECRETARYS_HAND,
    decision_due_at=datetime.fromisoformat("2026-12-25T16:59:59Z"),
)


def decided(level: str = "good", *, version: int = 3) -> RatingDecided:
    return RatingDecided(
        period=PERIOD,
        member_id=MEMBER,
        level=Code(level),
        proposal_version=version,
        by=LEADERS_HAND,
        announcement_due_at=at(31),
    )


def review_with(*events: Event) -> State:
    return review.fold(records(OPENED, *events))


def submit(state: State, by: MemberId = MEMBER, *, day: int = 4) -> SelfCritiqueSubmitted:
    command = writing_steps.SubmitSelfCritique(by=by, text=WORDS)
    return writing_steps.submit_self_critique(state, command, RULES, now=at(day))


def propose(by: Hand = SECRETARYS_HAND, total: int = 86) -> rating_steps.ProposeRating:
    return rating_steps.ProposeRating(by=by, facts=facts(total))


def decide(
    level: str = "good", *, version: int = 3, by: Hand = LEADERS_HAND, reason: bool = False
) -> rating_steps.DecideRating:
    return rating_steps.DecideRating(
        by=by, level=Code(level), proposal_version=version, text=WORDS if reason else UNSET
    )


def mark(points: Mapping[str, int], level: str = "") -> SelfCritiqueSubmitted:
    command = writing_steps.SubmitSelfCritique(
        by=MEMBER, text=WORDS, marks=WORDS, points=points, level=level
    )
    return writing_steps.submit_self_critique(review_with(), command, RULES, now=at(4))
