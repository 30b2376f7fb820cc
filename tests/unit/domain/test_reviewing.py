"""A review goes from commitment to announced rating; each step in its order, by the right hand."""

from datetime import datetime
from typing import Any

import pytest

from events.definitions.event import Code
from events.definitions.records import Due, Hand, Label
from events.definitions.review import (
    RatingAnnounced,
    ReviewOpened,
)
from events.definitions.roster import Standing
from events.domain.review import opening, rating_steps, review, writing_steps
from events.domain.review.review import State
from events.domain.steps import Step
from events.identifiers import UnitId
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PEER,
    PERIOD,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
    facts,
    refused,
    told,
)
from tests.support.party_rules import RATED
from tests.support.review_facts import (
    ANSWERED,
    COMMITTED,
    CRITICISED,
    CRITICISED_ONESELF,
    CRITICISM,
    ONE_SECOND,
    OPENED,
    PROPOSED,
    WORDS,
    decide,
    decided,
    mark,
    propose,
    reviewed,
    submit,
)


def test_an_opened_review_pins_its_documents_and_its_deadlines() -> None:
    assert OPENED.rulebook == RULES.source.rulebook
    assert {due.step: due.due_at.date().isoformat() for due in OPENED.dues} == {
        "commitment": "2026-02-02",  # 31 January is a Saturday
        "self_critique": "2026-12-07",  # 5 December is one too
    }


def test_somebody_marks_themselves_within_the_scale_in_as_many_criteria_as_they_like() -> None:
    assert mark({"conduct": 30, "results": 0}, "excellent").marks == WORDS
    assert mark({"results": 70}).marks == WORDS


@pytest.mark.parametrize("points", [{"conduct": 31}, {"conduct": -1}, {"kindness": 5}])
def test_own_points_outside_the_scale_are_refused_as_in_a_proposal(points: dict[str, int]) -> None:
    refused(lambda: mark(points), "facts_out_of_range")


def test_an_own_level_is_one_of_the_rulebook() -> None:
    refused(lambda: mark({}, "superb"), "unknown_level")


def test_a_year_opened_late_leaves_everybody_five_working_days() -> None:
    opened = opening.open_review(
        review.EMPTY,
        opening.OpenReview(
            period=PERIOD, member_id=MEMBER, path=(CELL, TOP), standing=Standing.OFFICIAL
        ),
        RULES,
        now=at(14),
    )

    dates = {due.step: due.due_at.date().isoformat() for due in opened.dues}

    assert dates == {"commitment": "2026-12-21", "self_critique": "2026-12-21"}


def test_a_member_hands_in_their_own_critique() -> None:
    state = reviewed(COMMITTED)

    submitted = submit(state)

    assert submitted == CRITICISED_ONESELF


def test_a_critique_is_taken_without_a_commitment_and_after_its_deadline() -> None:
    assert submit(reviewed()) == CRITICISED_ONESELF


def test_nobody_hands_in_the_critique_of_somebody_else() -> None:
    refused(
        lambda: submit(reviewed(), PEER),
        "not_yours",
    )


def test_the_first_self_critique_counts_and_no_later_one() -> None:
    state = reviewed(CRITICISED_ONESELF)

    refused(lambda: submit(state), "already_done")


def test_without_an_open_review_nothing_is_taken() -> None:
    refused(lambda: submit(review.EMPTY), "not_open")


def test_a_criticism_says_until_when_it_may_be_answered() -> None:
    command = writing_steps.GiveCriticism(
        by=PEER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
    )

    given = writing_steps.give_criticism(reviewed(), command, RULES, now=at(2))

    assert given.answer_due_at == datetime.fromisoformat("2026-12-07T16:59:59Z")
    assert PEER not in repr(given)


def test_of_oneself_one_writes_in_the_self_critique() -> None:
    command = writing_steps.GiveCriticism(
        by=MEMBER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
    )

    refused(
        lambda: writing_steps.give_criticism(reviewed(), command, RULES, now=at(2)), "on_oneself"
    )


def test_after_the_proposal_no_criticism_is_taken() -> None:
    command = writing_steps.GiveCriticism(
        by=PEER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
    )
    state = reviewed(CRITICISED_ONESELF, PROPOSED)

    refused(lambda: writing_steps.give_criticism(state, command, RULES, now=at(2)), "too_late")


def test_nobody_holds_up_a_proposal_by_criticism_after_criticism() -> None:
    """A proposal waits for the answer to each, until its day: one that lapsed is the last."""
    same, other = (
        writing_steps.GiveCriticism(by=PEER, criticism_id=CRITICISM, author=author, text=WORDS)
        for author in (CRITICISED.author, Label("other"))
    )
    lapsed = CRITICISED.answer_due_at
    waiting, answered = reviewed(CRITICISED), reviewed(CRITICISED, ANSWERED)

    refused(
        lambda: writing_steps.give_criticism(waiting, same, RULES, now=lapsed), "answer_awaited"
    )
    for state, command, now in (
        (waiting, same, lapsed - ONE_SECOND),
        (waiting, other, lapsed),
        (answered, same, lapsed),
    ):
        given = writing_steps.give_criticism(state, command, RULES, now=now)
        assert given.author == command.author


def test_a_criticism_is_answered_once_and_by_the_person() -> None:
    answer = writing_steps.AnswerCriticism(by=MEMBER, criticism_id=CRITICISM, text=WORDS)

    assert writing_steps.answer_criticism(reviewed(CRITICISED), answer) == ANSWERED
    refused(
        lambda: writing_steps.answer_criticism(reviewed(CRITICISED, ANSWERED), answer),
        "already_done",
    )
    refused(lambda: writing_steps.answer_criticism(reviewed(), answer), "unknown_criticism")


def test_no_proposal_while_an_answer_may_still_come() -> None:
    state = reviewed(CRITICISED_ONESELF, CRITICISED)

    told_no = refused(
        lambda: rating_steps.propose_rating(state, propose(), RULES, now=at(9)), "answer_pending"
    )

    assert "2026-12-09 16:00Z" in told_no.needed
    answered = reviewed(CRITICISED_ONESELF, CRITICISED, ANSWERED)
    assert rating_steps.propose_rating(answered, propose(), RULES, now=at(9)).facts == facts(86)
    assert rating_steps.propose_rating(state, propose(), RULES, now=at(10)).facts == facts(86)


def test_a_proposal_is_what_the_rulebook_makes_of_the_facts() -> None:
    proposed = rating_steps.propose_rating(
        reviewed(CRITICISED_ONESELF), propose(total=64), RULES, now=at(9)
    )

    assert (proposed.outcome.level, proposed.outcome.total) == ("fair", 64)


def test_nobody_is_rated_without_a_self_critique() -> None:
    refused(
        lambda: rating_steps.propose_rating(reviewed(COMMITTED), propose(), RULES, now=at(9)),
        "step_missing",
    )


def test_nobody_rates_themselves() -> None:
    own = Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary"))
    leading = Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary"))
    state = reviewed(CRITICISED_ONESELF, PROPOSED)

    refused(
        lambda: rating_steps.propose_rating(state, propose(own), RULES, now=at(9)), "on_oneself"
    )
    refused(
        lambda: rating_steps.decide_rating(state, decide(by=leading), RULES, now=at(9)),
        "on_oneself",
    )
    announce = rating_steps.AnnounceRating(by=own)
    after = reviewed(CRITICISED_ONESELF, PROPOSED, decided())
    refused(lambda: rating_steps.announce_rating(after, announce, RULES), "on_oneself")


@pytest.mark.parametrize(
    "hand",
    [
        Hand(member_id=PEER, unit_id=CELL, post=Code("committee_member")),
        Hand(member_id=PEER, unit_id=CELL, post=Code("secretary")),  # proposes, does not decide
    ],
)
def test_only_an_office_in_the_deciding_unit_decides(hand: Hand) -> None:
    state = reviewed(CRITICISED_ONESELF, PROPOSED)

    refused(
        lambda: rating_steps.decide_rating(state, decide(by=hand), RULES, now=at(18)),
        "not_competent",
    )


def test_the_authority_decides_on_the_proposal_that_it_saw() -> None:
    state = reviewed(CRITICISED_ONESELF, PROPOSED)

    assert rating_steps.decide_rating(state, decide(), RULES, now=at(18)).level == "good"
    refused(
        lambda: rating_steps.decide_rating(state, decide(version=2), RULES, now=at(18)), "stale"
    )


def test_a_level_that_leaves_the_proposal_needs_a_reason() -> None:
    state = reviewed(CRITICISED_ONESELF, PROPOSED)

    refused(
        lambda: rating_steps.decide_rating(state, decide("fair"), RULES, now=at(18)),
        "reason_needed",
    )
    leaving = decide("fair", reason=True)
    assert rating_steps.decide_rating(state, leaving, RULES, now=at(18)).text == WORDS


def test_a_level_that_the_rulebook_has_not_is_refused() -> None:
    state = reviewed(CRITICISED_ONESELF, PROPOSED)

    refused(
        lambda: rating_steps.decide_rating(state, decide("superb", reason=True), RULES, now=at(18)),
        "unknown_level",
    )


def test_a_rating_is_decided_once_and_after_a_proposal() -> None:
    state = reviewed(CRITICISED_ONESELF)
    after = reviewed(CRITICISED_ONESELF, PROPOSED, decided())

    refused(lambda: rating_steps.decide_rating(state, decide(), RULES, now=at(18)), "step_missing")
    refused(
        lambda: rating_steps.decide_rating(after, decide(), RULES, now=at(18)), "already_decided"
    )
    refused(
        lambda: rating_steps.propose_rating(after, propose(), RULES, now=at(18)), "already_decided"
    )


def test_notice_is_given_of_a_decided_rating_once() -> None:
    announce = rating_steps.AnnounceRating(by=SECRETARYS_HAND)
    announced = RatingAnnounced(period=PERIOD, member_id=MEMBER, by=SECRETARYS_HAND)
    state = reviewed(CRITICISED_ONESELF, PROPOSED, decided())

    assert rating_steps.announce_rating(state, announce, RULES) == announced
    refused(
        lambda: rating_steps.announce_rating(reviewed(CRITICISED_ONESELF), announce, RULES),
        "step_missing",
    )
    after = reviewed(CRITICISED_ONESELF, PROPOSED, decided(), announced)
    refused(lambda: rating_steps.announce_rating(after, announce, RULES), "already_done")


def test_a_deadline_is_moved_with_its_ground_and_runs_anew() -> None:
    command = writing_steps.MoveDeadline(
        by=SECRETARYS_HAND, step=Code("self_critique"), due_at=at(20), text=WORDS
    )

    moved = writing_steps.move_deadline(reviewed(), command, RULES, now=at(8))

    state = reviewed(moved)
    assert state.deadlines.due_at("self_critique") == at(20)
    refused(
        lambda: writing_steps.move_deadline(reviewed(), command, RULES, now=at(20)), "not_later"
    )
    refused(
        lambda: writing_steps.move_deadline(
            reviewed(CRITICISED_ONESELF), command, RULES, now=at(8)
        ),
        "already_done",
    )


def test_deadlines_of_others_can_be_moved_until_they_are_kept() -> None:
    def steps(state: State, *offices: UnitId) -> list[str]:
        return [due.step for due in writing_steps.movable(state, offices)]

    assert steps(reviewed()) == ["commitment", "self_critique"]
    decided_next = reviewed(CRITICISED_ONESELF, PROPOSED)
    assert "self_critique" not in steps(decided_next)
    assert Step.DECISION in steps(decided_next)
    assert Step.DECISION not in steps(decided_next, *decided_next.takers(Step.DECISION))


def move(state: State, step: str, day: int, by: Hand = SECRETARYS_HAND, **more: Any) -> object:
    due_at = at(day, hour=17)
    command = writing_steps.MoveDeadline(by=by, step=Code(step), due_at=due_at, text=WORDS, **more)
    return writing_steps.move_deadline(state, command, RULES, now=at(1))


def test_a_deadline_is_moved_to_a_later_day_with_notice_and_never_forward() -> None:
    assert move(reviewed(), "self_critique", 8)
    refused(lambda: move(reviewed(), "self_critique", 7), "not_later")  # as it is
    refused(lambda: move(reviewed(), "self_critique", 2), "not_later")
    refused(lambda: move(reviewed(), "commitment", 7), "not_later")  # four working days
    assert move(reviewed(), "commitment", 8)


def test_nobody_moves_the_deadline_of_a_step_that_they_have_to_take() -> None:
    late = reviewed(COMMITTED, CRITICISED_ONESELF)

    refused(lambda: move(late, "proposal", 20), "own_deadline")
    refused(lambda: move(late, "proposal", 20, by=LEADERS_HAND, offices=(CELL,)), "own_deadline")
    assert move(late, "proposal", 20, by=LEADERS_HAND, offices=(TOP,))
    decides = reviewed(CRITICISED_ONESELF, PROPOSED)
    refused(lambda: move(decides, "decision", 30, by=LEADERS_HAND), "own_deadline")


def test_the_units_that_hold_a_meeting_are_those_whose_deadline_it_is() -> None:
    state = review.fold(told(*RATED[:2]))

    assert state.takers(Step.MEETING) == (CELL,)


def test_what_waits_follows_the_order_of_steps() -> None:
    assert [(t.step, t.turn) for t in review.tasks(reviewed())] == [
        ("commitment", "member"),
        ("self_critique", "member"),
    ]
    answering = reviewed(COMMITTED, CRITICISED_ONESELF, CRITICISED)
    assert [t.step for t in review.tasks(answering)] == ["proposal", "answer"]
    assert [t.turn for t in review.tasks(reviewed(CRITICISED_ONESELF, PROPOSED))] == ["authority"]
    assert review.tasks(review.EMPTY) == ()


def test_without_commitment_the_year_still_goes_on() -> None:
    assert review.stage(reviewed(CRITICISED_ONESELF)) == "proposal"
    assert review.stage(reviewed(CRITICISED_ONESELF, PROPOSED, decided())) == "announcement"


def test_a_deadline_runs_once_the_turn_has_come_and_leaves_five_working_days() -> None:
    late = submit(reviewed(), day=14)

    assert [due.step for due in reviewed().deadlines.open_dues(lambda *_: False)] == [
        "commitment",
        "self_critique",
    ]
    assert late.proposal_due_at.date().isoformat() == "2026-12-21"


def test_deadlines_of_steps_taken_run_no_more() -> None:
    state = reviewed(COMMITTED, CRITICISED_ONESELF)

    running = [due.step for due in state.deadlines.open_dues(state.done)]

    assert running == ["proposal"]
    assert isinstance(OPENED, ReviewOpened)
    assert Due in {type(due) for due in OPENED.dues}


def test_a_member_commits_themselves_once_and_before_the_decision() -> None:
    command = writing_steps.MakeCommitment(by=MEMBER, text=WORDS)
    anothers = writing_steps.MakeCommitment(by=PEER, text=WORDS)
    over = reviewed(CRITICISED_ONESELF, PROPOSED, decided())

    assert writing_steps.make_commitment(reviewed(), command) == COMMITTED
    refused(lambda: writing_steps.make_commitment(reviewed(), anothers), "not_yours")
    refused(lambda: writing_steps.make_commitment(reviewed(COMMITTED), command), "already_done")
    refused(lambda: writing_steps.make_commitment(over, command), "already_decided")


def test_nobody_is_criticised_without_end() -> None:
    command = writing_steps.GiveCriticism(
        by=PEER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
    )
    crowded = reviewed(*[CRITICISED] * writing_steps.CRITICISMS_MAX)

    refused(lambda: writing_steps.give_criticism(crowded, command, RULES, now=at(2)), "too_many")


def test_only_a_deadline_that_runs_is_moved() -> None:
    command = writing_steps.MoveDeadline(
        by=SECRETARYS_HAND, step=Code("decision"), due_at=at(20), text=WORDS
    )

    refused(
        lambda: writing_steps.move_deadline(reviewed(), command, RULES, now=at(8)), "no_deadline"
    )
