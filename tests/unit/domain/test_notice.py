"""Whoever was told their rating may answer it: once each time, and no rating changes by it."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event
from events.definitions.notice import NoticeAnswered
from events.domain.review import rating_steps, review
from events.domain.review.rating_steps import AnswerNotice
from events.domain.review.reopening import ReopenReview, reopen_review
from events.domain.review.review import State
from events.domain.verification import rating_checks
from events.identifiers import MemberId
from tests.support import collective_facts as collective
from tests.support.collective_facts import AS_UNIT
from tests.support.law import LEADERS_HAND, MEMBER, PEER, SECRETARYS_HAND, at, records, rejection_of
from tests.support.party_rules import (
    ANNOUNCED,
    NOTICE_ANSWERED,
    OPENED,
    PARTY,
    RATED,
    RATED_AGAIN,
    REOPENED,
    WORDS,
)
from tests.support.unit_plan_facts import ACTINGS_HAND, SINCE_ABOVE

UNIT_ANNOUNCED = replace(ANNOUNCED, member_id=AS_UNIT, by=LEADERS_HAND)
UNIT_ANSWERED = replace(NOTICE_ANSWERED, member_id=AS_UNIT, by=ACTINGS_HAND)
UNIT_TOLD = collective.review_with(UNIT_ANNOUNCED)


def rated(*more: Event) -> State:
    return review.fold(records(*RATED, *more))


def answer(state: State, by: MemberId = MEMBER) -> NoticeAnswered:
    return rating_steps.answer_notice(state, AnswerNotice(by=by, text=WORDS))


def answer_for_unit(state: State, hand: Any) -> NoticeAnswered:
    return rating_steps.answer_notice(state, AnswerNotice(by=AS_UNIT, text=WORDS, hand=hand))


# When it may be given


def test_a_notice_may_be_answered() -> None:
    assert answer(rated()) == NOTICE_ANSWERED


def test_nothing_is_answered_before_notice_was_given() -> None:
    before = review.fold(records(*RATED[:-1]))

    assert rejection_of(lambda: answer(before), "step_missing").needed == "announcement comes first"


def test_a_notice_is_answered_once() -> None:
    rejection_of(lambda: answer(rated(NOTICE_ANSWERED)), "already_done")


def test_a_review_that_was_announced_anew_is_answered_anew() -> None:
    again = rated(NOTICE_ANSWERED, *RATED_AGAIN)

    assert answer(again) == NOTICE_ANSWERED
    rejection_of(
        lambda: answer(rated(NOTICE_ANSWERED, *RATED_AGAIN, NOTICE_ANSWERED)), "already_done"
    )


def test_while_a_review_is_rated_again_its_earlier_notice_is_answered_no_more() -> None:
    rejection_of(lambda: answer(rated(REOPENED)), "step_missing")


def test_who_is_not_rated_gets_no_notice_to_answer() -> None:
    new = collective.opening_under(formed_at=at(7, 7, year=2025))

    assert new.unrated == "new"
    rejection_of(
        lambda: answer_for_unit(review.fold(records(new)), SECRETARYS_HAND), "no_such_step"
    )


def test_without_an_opening_there_is_no_notice() -> None:
    rejection_of(lambda: answer(review.EMPTY), "not_open")


# By whom


@pytest.mark.parametrize("by", [PEER, SECRETARYS_HAND.member_id])
def test_nobody_answers_the_notice_of_somebody_else(by: MemberId) -> None:
    rejection_of(lambda: answer(rated(), by=by), "not_yours")


def test_nobody_answers_for_a_member_by_an_office() -> None:
    command = AnswerNotice(by=MEMBER, text=WORDS, hand=SECRETARYS_HAND)

    rejection_of(lambda: rating_steps.answer_notice(rated(), command), "not_yours")


def test_who_answers_for_a_unit_is_told() -> None:
    assert answer_for_unit(UNIT_TOLD, ACTINGS_HAND) == UNIT_ANSWERED


@pytest.mark.parametrize("hand", [UNSET, LEADERS_HAND])
def test_nobody_else_answers_for_a_unit(hand: Any) -> None:
    rejection_of(lambda: answer_for_unit(UNIT_TOLD, hand), "not_yours")


def test_who_answered_for_a_unit_does_not_have_it_rated_again() -> None:
    command = ReopenReview(by=SINCE_ABOVE, ground=Code("fault_found"), text=WORDS)
    state = collective.review_with(UNIT_ANNOUNCED, UNIT_ANSWERED)

    rejection_of(lambda: reopen_review(state, command, PARTY, now=collective.NOW), "on_oneself")


# What comes of it


def test_an_answer_changes_no_rating_and_nobody_waits_for_one() -> None:
    before, after = rated(), rated(NOTICE_ANSWERED)

    assert review.tasks(before) == review.tasks(after)
    assert review.stage(before) == review.stage(after) == "announced"
    assert review.level(before) == review.level(after) == "excellent"
    assert before.deadlines == after.deadlines
    assert rating_checks.check_rating(before, PARTY) == rating_checks.check_rating(after, PARTY)


def test_every_answer_is_kept_when_a_review_is_rated_again() -> None:
    state = rated(NOTICE_ANSWERED, *RATED_AGAIN, NOTICE_ANSWERED)

    assert [each.version for each in state.notice_answers] == [8, 14]
    first, last = rating_checks.ratings(state)
    assert (first.notice_answers, last.notice_answers) == ((), state.notice_answers)


def test_an_answer_to_no_notice_or_to_an_answered_one_changes_nothing() -> None:
    early = review.fold(records(OPENED, NOTICE_ANSWERED))
    twice = rated(NOTICE_ANSWERED, NOTICE_ANSWERED)

    assert early.notice_answers == ()
    assert [each.version for each in twice.notice_answers] == [8]
