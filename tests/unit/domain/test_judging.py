"""A rating stands if its history, recomputed under the pinned rules, comes to it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.event import Code, Event
from events.definitions.records import Digest, Due, Facts, Hand, Label
from events.definitions.reopening import ReviewEnded, ReviewResumed
from events.domain.documents.document import Language
from events.domain.review import explanation, review
from events.domain.review.review import State
from events.domain.verification import rating_checks
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    RULES,
    TOP,
    at,
    facts,
    records,
)
from tests.support.rating_facts import STEPS
from tests.support.review_facts import (
    ANSWERED,
    CRITICISED,
    CRITICISED_ONESELF,
    OPENED,
    PROPOSED,
    decided,
)


def failures(*events: Event | tuple[datetime, Event]) -> list[str]:
    return [
        check.name for check in rating_checks.failed_checks(review.fold(records(*events)), RULES)
    ]


def changed(n: int, change: Callable[[Any], Event]) -> list[Event]:
    """Return the steps with one of them changed."""
    return [change(event) if place == n else event for place, event in enumerate(STEPS)]


def test_a_rating_that_came_about_by_the_rules_stands() -> None:
    assert failures(*STEPS) == []
    assert [
        check.name for check in rating_checks.check_rating(review.fold(records(*STEPS)), RULES)
    ] == [
        "documents",
        "edition_governs",
        "order",
        "right_to_answer",
        "proposal_recomputed",
        "proposer",
        "decider",
        "decided_by_another",
        "decided_in_time",
        "proposal_seen",
        "level_known",
        "within_limits",
        "reasoned",
    ]


def test_without_a_self_critique_no_rating_stands() -> None:
    without = [event for event in STEPS if event is not CRITICISED_ONESELF]

    assert "order" in failures(*without)


def test_a_proposal_before_the_self_critique_does_not_stand() -> None:
    hurried = (OPENED, PROPOSED, CRITICISED_ONESELF, decided(version=2))

    assert failures(*hurried) == ["order"]


def test_points_changed_behind_the_outcome_are_found() -> None:
    dearer = changed(5, lambda event: replace(event, facts=facts(64)))

    assert failures(*dearer) == ["proposal_recomputed"]


def test_a_reason_turned_round_is_found() -> None:
    first, *others = PROPOSED.outcome.reasons
    turned = (msgspec.structs.replace(first, held=not first.held), *others)
    outcome = msgspec.structs.replace(PROPOSED.outcome, reasons=turned)

    assert failures(*changed(5, lambda event: replace(event, outcome=outcome))) == [
        "proposal_recomputed"
    ]


@pytest.mark.parametrize(
    ("by", "check"),
    [
        (Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary")), "decider"),
        (Hand(member_id=LEADER, unit_id=CELL, post=Code("secretary")), "decider"),
        (Hand(member_id=LEADER, unit_id=TOP, post=Code("committee_member")), "decider"),
    ],
)
def test_a_decider_who_is_the_person_or_not_competent_is_found(by: Hand, check: str) -> None:
    assert failures(*changed(6, lambda event: replace(event, by=by))) == [check]


def test_a_level_that_leaves_the_proposal_without_reason_is_found() -> None:
    assert failures(*changed(6, lambda _: decided("excellent", version=6))) == ["reasoned"]


def test_a_level_that_no_rulebook_has_is_found() -> None:
    assert "level_known" in failures(*changed(6, lambda _: decided("superb", version=6)))


def test_a_decision_on_another_proposal_is_found() -> None:
    assert failures(*changed(6, lambda _: decided(version=5))) == ["proposal_seen"]


def test_a_criticism_without_time_for_an_answer_is_found() -> None:
    unanswered = [event for event in STEPS if event is not ANSWERED]
    hurried = [decided(version=5) if n == 5 else event for n, event in enumerate(unanswered)]
    patient = [(at(10), event) if n >= 4 else (at(1), event) for n, event in enumerate(hurried)]

    assert failures(*hurried) == ["right_to_answer"]
    assert failures(*patient) == []


def test_a_criticism_whose_days_were_given_anew_is_not_passed_over() -> None:
    critique, criticised = STEPS[STEPS.index(CRITICISED_ONESELF)], CRITICISED
    gone = ReviewEnded(period=OPENED.period, member_id=MEMBER, reason=Code("left"))
    due = Due(step=Code("answer"), item=criticised.criticism_id, due_at=at(20))
    back = ReviewResumed(period=OPENED.period, member_id=MEMBER, dues=(due,))
    told = (OPENED, critique, criticised, gone, back, PROPOSED, decided(version=6))

    def proposed_on(day: int) -> list[str]:
        return failures(*((at(day if n > 4 else 1), event) for n, event in enumerate(told)))

    assert "right_to_answer" in proposed_on(19)
    assert "right_to_answer" not in proposed_on(21)


def test_other_documents_than_those_pinned_are_found() -> None:
    other = changed(0, lambda event: replace(event, rulebook=Digest("00" * 32)))

    assert failures(*other) == ["documents"]


@given(st.sets(st.integers(0, len(STEPS) - 1)), st.permutations(range(len(STEPS))))
def test_whatever_is_missing_or_out_of_order_is_judged_and_never_raises(
    left_out: set[int], order: list[int]
) -> None:
    shuffled = [STEPS[n] for n in order if n not in left_out]

    checks = rating_checks.check_rating(review.fold(records(*shuffled)), RULES)

    assert checks
    assert isinstance(review.fold(records(*shuffled)), State)


@given(st.integers(0, 30), st.integers(0, 70), st.integers(0, 10))
def test_no_other_facts_pass_for_the_proposals_outcome_unless_they_come_to_it(
    conduct: int, results: int, late: int
) -> None:
    other = Facts(
        points={"conduct": conduct, "results": results},
        figures={"tasks_total": 10, "tasks_on_time": 10 - late, "tasks_beyond": 0},
        disciplined=False,
        earlier_faults_open=0,
    )

    found = failures(*changed(5, lambda event: replace(event, facts=other)))

    same = conduct + results == PROPOSED.outcome.total and late == 0
    assert found == ([] if same else ["proposal_recomputed"])
    assert LEADERS_HAND.unit_id == TOP
    assert Label("1") == PROPOSED.outcome.calculus


def test_facts_that_the_rulebook_does_not_know_are_found() -> None:
    beyond = msgspec.structs.replace(facts(86), points={"conduct": 31, "results": 55})
    history = changed(5, lambda event: replace(event, facts=beyond))

    (found,) = rating_checks.failed_checks(review.fold(records(*history)), RULES)

    assert (found.name, found.passed) == ("proposal_recomputed", False)
    assert "tell conduct as 0 to 30" in found.detail


def test_without_a_decision_there_is_nothing_that_stands() -> None:
    assert failures(*STEPS[:6]) == ["steps"]


@pytest.mark.parametrize(
    ("language", "left"),
    [
        ("vi", "Quyết định: Đạt, khác với đề xuất"),
        ("en", "Decided: Fair, which leaves the proposal"),
    ],
)
def test_a_rating_is_explained_with_where_the_decision_left_the_proposal(
    language: Language, left: str
) -> None:
    *steps, decision, _ = STEPS
    kept = explanation.of_rating(review.fold(records(*steps, decision)), RULES.rulebook, language)
    other = decided("fair", version=6)
    moved = explanation.of_rating(review.fold(records(*steps, other)), RULES.rulebook, language)

    assert moved[:-1] == kept
    assert moved[-1].startswith(left)


def test_nothing_is_explained_before_anything_is_proposed() -> None:
    assert explanation.of_rating(review.fold(records(OPENED)), RULES.rulebook, "vi") == []
