"""A decided review is rated again by its own edition; what was decided stands until then."""

from dataclasses import replace
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened
from events.domain.review import explanation, rating_steps, reopening, review
from events.domain.review.review import State
from events.domain.review.writing_steps import GiveCriticism, give_criticism
from events.domain.verification import rating_checks
from tests.support.law import (
    LEADERS_HAND,
    MEMBER,
    PEER,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
    rejection_of,
)
from tests.support.party_rules import (
    DEPUTYS_HAND,
    PARTY,
    POINT,
    RATED,
    RATED_AGAIN,
    REOPENED,
    WORDS,
    appraised,
    decided,
    facts,
    proposed,
)
from tests.support.sealed import sealed

LATER = at(10, 3, year=2027)


DECISION = sealed("12-QĐ")


def reopen(state: State, **changed: Any) -> ReviewReopened:
    wanted = {
        "by": LEADERS_HAND,
        "ground": Code("late_discipline"),
        "decision": DECISION,
        "late": [DECISION.sealed],
        **changed,
    }
    return reopening.reopen_review(state, reopening.ReopenReview(**wanted), PARTY, now=LATER)


def rated(*more: Event) -> State:
    return review.fold(records(*RATED, *more))


def test_a_late_discipline_of_that_year_has_it_rated_again() -> None:
    reopened = reopen(rated())

    assert (reopened.ground, reopened.decision) == ("late_discipline", DECISION)
    assert reopened.proposal_due_at
    assert reopened.proposal_due_at.date().isoformat() == "2027-03-17"  # five working days


def test_a_discipline_of_another_year_or_one_that_was_counted_has_not() -> None:
    rejection_of(lambda: reopen(rated(), late=[sealed("13-QĐ").sealed]), "no_discipline")


def test_a_discipline_that_was_counted_and_is_lifted_has_it_rated_again() -> None:
    lifted = {"ground": Code("discipline_lifted"), "late": ()}

    rejection_of(lambda: reopen(rated(), **lifted), "no_discipline")

    assert reopen(rated(), **lifted, lifted=[DECISION.sealed]).ground == "discipline_lifted"


def test_a_fault_that_was_found_names_no_decision() -> None:
    found = {"ground": Code("fault_found"), "text": WORDS}

    assert reopen(rated(), **found).decision is UNSET


def test_a_fault_that_was_found_needs_to_be_told() -> None:
    rejection_of(lambda: reopen(rated(), ground=Code("fault_found")), "reason_needed")

    told_of = reopen(rated(), ground=Code("fault_found"), decision=UNSET, text=WORDS)
    assert told_of.ground == "fault_found"


def test_only_the_authority_reopens_and_nobody_their_own() -> None:
    own = Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary"))

    rejection_of(lambda: reopen(rated(), by=SECRETARYS_HAND), "not_competent")
    rejection_of(lambda: reopen(rated(), by=own), "on_oneself")


def test_nothing_is_reopened_before_notice_was_given() -> None:
    rejection_of(lambda: reopen(review.fold(records(*RATED[:-1]))), "step_missing")


def test_there_is_an_end_of_finding_faults_and_none_of_telling_disciplines() -> None:
    fault = {"ground": Code("fault_found"), "decision": UNSET, "text": WORDS}
    found = replace(REOPENED, ground=Code("fault_found"), decision=UNSET, text=WORDS)
    disciplined = rated(*RATED_AGAIN * reopening.FAULTS_MAX)
    blamed = rated(*(found, *RATED_AGAIN[1:]) * reopening.FAULTS_MAX)

    assert reopen(disciplined, **fault).ground == "fault_found"
    rejection_of(lambda: reopen(blamed, **fault), "too_many")
    assert reopen(blamed).ground == "late_discipline"


def test_the_old_level_stands_until_the_new_decision() -> None:
    under_way, decided_again = rated(*RATED_AGAIN[:2]), rated(*RATED_AGAIN)

    assert (review.level(under_way), review.stage(under_way)) == ("excellent", "appraisal")
    assert (review.level(decided_again), review.stage(decided_again)) == ("poor", "announced")


def test_what_is_explained_is_the_rating_that_holds_and_that_it_is_being_given_again() -> None:
    before = explanation.of_rating(rated(), PARTY.rulebook, "en")
    reopened = explanation.of_rating(rated(REOPENED), PARTY.rulebook, "en")
    proposed_anew = explanation.of_rating(rated(*RATED_AGAIN[:2]), PARTY.rulebook, "en")
    decided_anew = explanation.of_rating(rated(*RATED_AGAIN), PARTY.rulebook, "vi")

    assert before[0].startswith("Level: Tasks completed excellently")
    assert reopened == proposed_anew
    assert reopened[:-1] == before
    assert reopened[-1].startswith("Reopened on 2026-12-01 to be rated again")
    assert decided_anew[0].startswith("Mức: Không hoàn thành")
    assert not any("mở lại" in line.lower() for line in decided_anew)


def test_a_reopened_review_waits_for_a_proposal_and_for_nothing_of_its_year() -> None:
    assert [task.step for task in review.tasks(rated(REOPENED))] == ["proposal"]


def test_what_was_due_for_the_earlier_rating_is_due_no_more() -> None:
    state = rated(REOPENED)

    assert {due.step for due in state.deadlines.open_dues(state.done)} == {"commitment", "proposal"}


def test_no_day_of_its_year_binds_a_reopened_review() -> None:
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts(disciplines=1))

    again = rating_steps.propose_rating(rated(REOPENED), command, PARTY, now=LATER)

    assert again.decision_due_at > LATER
    assert again.outcome.level == "poor"


def test_every_rating_of_a_review_is_judged_as_it_was() -> None:
    ratings = list(rating_checks.ratings(rated(*RATED_AGAIN)))

    assert [each.decision.fact.level for each in ratings if each.decision] == ["excellent", "poor"]
    assert [rating_checks.failed_checks(each, PARTY) for each in ratings] == [(), ()]
    assert next(rating_checks.ratings(rated(REOPENED))).decision is not None


def test_a_fact_of_reopening_where_nothing_was_decided_changes_nothing() -> None:
    state = review.fold(records(*RATED[:3], REOPENED))

    assert (state.reopening, state.superseded) == (None, ())


@pytest.mark.parametrize(
    ("events", "check"),
    [
        ((*RATED[:2], *RATED[3:]), "meetings"),
        ((*RATED[:4], *RATED[5:]), "appraised"),
        ((*RATED[:4], appraised(4, by=LEADERS_HAND), *RATED[5:]), "appraised"),
        ((*RATED[:4], appraised(4, by=SECRETARYS_HAND), *RATED[5:]), "appraised"),
    ],
)
def test_a_rating_that_left_out_a_step_does_not_stand(
    events: tuple[Event, ...], check: str
) -> None:
    failed = [
        each.name for each in rating_checks.failed_checks(review.fold(records(*events)), PARTY)
    ]

    assert check in failed


def decide(state: State, by: Hand = LEADERS_HAND, version: int = 4) -> object:
    command = rating_steps.DecideRating(by=by, level=Code("excellent"), proposal_version=version)
    return rating_steps.decide_rating(state, command, PARTY, now=LATER)


def appraise(state: State, **changed: Any) -> object:
    told_of = {"by": DEPUTYS_HAND, "level": Code("excellent"), "proposal_version": 4, **changed}
    return rating_steps.appraise_rating(
        state, rating_steps.AppraiseRating(**told_of), PARTY, now=at(8)
    )


def test_a_proposal_is_appraised_before_the_decision_and_by_somebody_else() -> None:
    proposal = review.fold(records(*RATED[:4]))

    rejection_of(lambda: decide(proposal), "step_missing")
    assert appraise(proposal) == RATED[4]
    assert decide(review.fold(records(*RATED[:5])))
    rejection_of(lambda: decide(review.fold(records(*RATED[:5])), DEPUTYS_HAND), "own_appraisal")


def test_whose_appraisal_was_of_a_proposal_replaced_since_does_not_decide_either() -> None:
    told = (*RATED[:5], proposed(), appraised(6, by=LEADERS_HAND))
    state = review.fold(records(*told))
    verdict = rating_checks.failed_checks(
        review.fold(records(*told, replace(decided(6), by=DEPUTYS_HAND))), PARTY
    )

    rejection_of(lambda: decide(state, DEPUTYS_HAND, version=6), "own_appraisal")
    assert "decided_by_another" in [check.name for check in verdict]


def test_a_proposal_is_appraised_once() -> None:
    appraised_once = review.fold(records(*RATED[:5]))

    rejection_of(lambda: appraise(appraised_once, by=LEADERS_HAND), "already_done")
    assert appraise(review.fold(records(*RATED[:5], proposed())), proposal_version=6)


def test_a_rating_given_again_bars_those_alone_who_propose_and_appraise_it() -> None:
    again = (*RATED, REOPENED, proposed(), appraised(9, by=LEADERS_HAND))
    state = review.fold(records(*again))

    assert decide(state, DEPUTYS_HAND, version=9)  # who appraised the first one
    rejection_of(lambda: decide(state, version=9), "own_appraisal")


def test_nobody_criticises_a_year_that_is_rated_again_or_learns_that_it_is() -> None:
    criticism = GiveCriticism(by=PEER, criticism_id=POINT, author=POINT, text=WORDS)
    decided_once, again = (review.fold(records(*RATED, *more)) for more in ((), (REOPENED,)))

    rejection_of(lambda: give_criticism(decided_once, criticism, PARTY, now=LATER), "too_late")
    rejection_of(lambda: give_criticism(again, criticism, PARTY, now=LATER), "too_late")


def test_an_appraisal_sees_the_last_proposal_and_says_why_it_leaves_it() -> None:
    proposal = review.fold(records(*RATED[:4]))

    rejection_of(lambda: appraise(review.fold(records(*RATED[:3]))), "step_missing")
    rejection_of(lambda: appraise(review.fold(records(*RATED[:4], proposed()))), "stale")
    rejection_of(lambda: appraise(proposal, level=Code("great")), "unknown_level")
    rejection_of(lambda: appraise(proposal, level=Code("good")), "reason_needed")
    rejection_of(lambda: appraise(proposal, by=SECRETARYS_HAND), "not_competent")
    rejection_of(lambda: appraise(review.fold(records(*RATED))), "already_decided")


def test_while_a_review_is_rated_again_its_earlier_rating_is_the_only_one() -> None:
    ratings = list(rating_checks.ratings(rated(REOPENED)))

    assert [each.decision.fact.level for each in ratings if each.decision] == ["excellent"]
