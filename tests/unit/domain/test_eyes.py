"""What the law bars for somebody it bars for whoever stands in for them, and it binds both later.

Asked of every fact by which somebody acts, wherever a lawful year tells it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args, get_type_hints

import msgspec
import pytest

from events.definitions.catalogue import CATALOGUE
from events.definitions.cycle import CycleClosed, CycleOpened, DocumentPublished
from events.definitions.entry import Recorded
from events.definitions.escalation import EscalationAcknowledged
from events.definitions.event import Code, Event
from events.definitions.notice import NoticeAnswered
from events.definitions.plan import EvidenceHandedIn, PlanMoved, PlanProposed, PlanVoided
from events.definitions.records import Hand, Period
from events.definitions.reopening import ReviewMoved, ReviewVoided, StatementMade
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    PointAnswered,
    RatingDecided,
    RatingProposed,
    SelfCritiqueSubmitted,
)
from events.domain import verification
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.escalation.lateness import Late
from events.domain.review import appraisals, ending, review
from events.domain.steps import Step
from events.domain.verification.four_eyes import judges_of
from events.domain.verification.law import LAWS, wrong_by_law
from events.domain.verification.told import Told
from events.identifiers import MemberId, UnitId
from tests.support.law import CELL, LEADER, LEADERS_HAND, MEMBER, PEER, SECRETARY, TOP
from tests.support.lawful import log_of
from tests.support.lawful_facts import rules_of
from tests.support.lawful_years import A_MEMBERS, A_UNITS, YEARS, history_of
from tests.support.party_rules import DEPUTY, DEPUTYS_HAND

# By these somebody acts in nobody's own matter, or it follows from what was done with a year.
NOBODYS: Mapping[type[Event], str] = {
    CycleOpened: "a year is everybody's",
    CycleClosed: "a year is everybody's",
    DocumentPublished: "an edition is everybody's",
    ReviewMoved: "it follows from a year that was taken over: by that very hand",
    ReviewVoided: "it follows from a year that was voided: by that very hand",
    PlanMoved: "it follows from a year that was taken over: by that very hand",
    PlanVoided: "it follows from a year that was voided: by that very hand",
    EscalationAcknowledged: "no law decides it anew; see the test of who was late",
}


OWN_WORDS = (  # by these a unit's leader writes in its name
    CommitmentMade,
    SelfCritiqueSubmitted,
    CriticismAnswered,
    PointAnswered,
    NoticeAnswered,
    StatementMade,
    PlanProposed,
    EvidenceHandedIn,
)


def is_by_hand(kind: type[Event]) -> bool:
    """Tell whether somebody acts by a fact with a hand."""
    hints = get_type_hints(kind)
    return any(name == "by" and Hand in (hint, *get_args(hint)) for name, hint in hints.items())


BY_HAND = {each for each in CATALOGUE if is_by_hand(each)}


def for_whom(hand: Hand, for_id: str) -> Hand:
    return msgspec.structs.replace(hand, for_id=MemberId(for_id))


def own_to(told: Told, each: Recorded) -> Iterator[MemberId]:
    """Iterate over who is barred from a fact about somebody's year: it is their own."""
    _, _, key = each.entry.stream.partition("-")
    subject = key[5:]
    if not each.entry.stream.startswith(("review-", "plan-")):
        yield MEMBER  # who is reviewed in that year
        return
    reviewed = told.review(Period(key[:4]), subject)
    yield from reviewed.leaders if reviewed.collective else (MemberId(subject),)


def asked(name: str) -> Iterator[tuple[Told, Recorded]]:
    """Iterate over what somebody does by a hand in a year of others, each with what came before."""
    wanted, _ = YEARS[name]
    log = log_of(rules_of)
    for each in history_of(wanted):
        event: Any = each.event
        by = getattr(event, "by", None)
        own = getattr(event, "member_id", "") == getattr(by, "unit_id", None)
        if isinstance(by, Hand) and type(event) in LAWS and not own:
            yield log, each
        log.tell(each)


@pytest.mark.parametrize("name", YEARS)
def test_nobody_acts_for_somebody_in_what_is_that_ones_own_matter(name: str) -> None:
    for log, each in asked(name):
        event: Any = each.event
        for own in () if type(event) in NOBODYS else own_to(log, each):
            forged = replace(event, by=for_whom(event.by, own))
            (first, *_) = wrong_by_law(log, Recorded(each.entry, forged))
            follows = "did not do so with the year" in first  # of the hand that voided it above
            assert "four eyes" in first or follows, first


def test_every_fact_by_which_somebody_acts_is_asked_above_or_is_nobodys_matter() -> None:
    seen = {type(each.event) for name in YEARS for _, each in asked(name)}

    assert BY_HAND - NOBODYS.keys() - {*OWN_WORDS} <= seen


@pytest.mark.parametrize("kind", sorted(BY_HAND, key=str))
def test_whoever_judged_is_asked_about_with_whom_they_stood_in_for(kind: type[Event]) -> None:
    hand = for_whom(LEADERS_HAND, PEER)
    for name in YEARS:
        for _, each in asked(name):
            if type(each.event) is kind and judges_of(each.event):
                event: Any = each.event
                assert {*hand.eyes} <= {*judges_of(replace(event, by=hand))}


# What was done binds both


def state_until(kind: type[Event], **by: Hand) -> review.State:
    """Return a review before the first fact of a kind, with other hands in earlier ones."""
    found = review.EMPTY
    for each in history_of(A_MEMBERS):
        if isinstance(each.event, kind):
            break
        event: Any = each.event
        acted = by.get(type(event).__name__)
        changed = replace(event, by=acted) if acted else event
        if each.entry.stream.startswith("review-"):
            found = review.evolve(found, Recorded(each.entry, changed))
    return found


X, Y = DEPUTY, MemberId("standsinaaaaaaaaaaaaaaaaaa")
OWN = DEPUTYS_HAND
FOR = Hand(member_id=Y, unit_id=TOP, post=OWN.post, for_id=X)
YS_OWN = Hand(member_id=Y, unit_id=TOP, post=Code("secretary"))
OTHERS = Hand(member_id=PEER, unit_id=TOP, post=Code("secretary"), for_id=LEADER)


@pytest.mark.parametrize(("done", "then"), [(OWN, FOR), (FOR, OWN), (FOR, FOR), (FOR, YS_OWN)])
def test_nobody_decides_what_they_proposed_or_appraised_nor_through_whom_stands_in(
    done: Hand, then: Hand
) -> None:
    for name in ("RatingProposed", "RatingAppraised"):
        state = state_until(RatingDecided, **{name: done})

        with pytest.raises(CommandRejected) as refused:
            appraisals.require_not_barred(state, then, Step.DECISION)
        assert refused.value.why in (Rejection.OWN_PROPOSAL, Rejection.OWN_APPRAISAL)
        appraisals.require_not_barred(state, OTHERS, Step.DECISION)


def test_nobody_ends_a_year_for_want_of_an_answer_to_a_point_of_whom_they_stand_in_for() -> None:
    state = state_until(RatingProposed, PointSuggested=FOR)

    assert {each.fact.by for each in state.points} == {FOR}
    assert not ending.may_end_unrated(state, OWN.eyes)


@pytest.mark.parametrize("by", [for_whom(LEADERS_HAND, MEMBER), for_whom(LEADERS_HAND, SECRETARY)])
def test_who_stands_in_for_whoever_was_late_takes_nothing_up(by: Hand) -> None:
    late = Late(members=frozenset({MEMBER}), units=(CELL,))

    assert late.is_one(by, () if by.for_id == MEMBER else (UnitId(CELL),))
    assert not late.is_one(LEADERS_HAND, ())


def test_who_stands_in_for_a_leader_writes_nothing_for_their_unit() -> None:
    for log, each in _written(A_UNITS):
        event: Any = each.event
        forged = replace(event, by=for_whom(event.by, LEADER))
        (first, *_) = wrong_by_law(log, Recorded(each.entry, forged))
        assert "writes in its name" in first


def _written(wanted: Any) -> Iterator[tuple[Told, Recorded]]:
    log = log_of(rules_of)
    for each in history_of(wanted):
        if type(each.event) in OWN_WORDS and getattr(each.event, "by", None):
            yield log, each
        log.tell(each)


# Where one of two eyes is asked about alone, and why that is no bar.
ONE_EYE: Mapping[str, str] = {
    "events/domain/verification/law.py": "words",
    "events/domain/verification/left_behind.py": "words",
    "events/domain/verification/principals.py": "by whose account it is told",
    "events/domain/verification/speaking_checks.py": "words",
    "events/domain/verification/tellers.py": "by whose account what follows is told",
    "events/domain/verification/told.py": "in which posts who acts does",
    "events/domain/verification/year_law.py": "words",
    "services/commands/takeovers.py": "who asked has what follows told",
    "services/read_models/stand_ins.py": "in which order they are listed",
}


def test_nowhere_else_is_asked_who_acted_without_whom_they_stood_in_for() -> None:
    root = Path(verification.__file__).parents[3]
    rooms = ("events/domain", "services/access", "services/commands", "services/queries")
    found = {
        path.relative_to(root).as_posix()
        for room in (*rooms, "services/read_models", "workers")
        for path in (root / room).rglob("*.py")
        if "by.member_id" in path.read_text(encoding="utf-8")
    }

    assert found == ONE_EYE.keys()
