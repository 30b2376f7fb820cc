"""A review goes from commitment to announced rating; each step in its order, by the right hand."""

from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any

import pytest

from events.definitions.event import Code
from events.definitions.records import Due, Hand, Label
from events.definitions.reopening import ReviewEnded
from events.definitions.review import (
    CriticismGiven,
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
    records,
    rejection_of,
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
    review_with,
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
    rejection_of(lambda: mark(points), "facts_out_of_range")


def test_an_own_level_is_one_of_the_rulebook() -> None:
    rejection_of(lambda: mark({}, "superb"), "unknown_level")


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
    state = review_with(COMMITTED)

    submitted = submit(state)

    assert submitted == CRITICISED_ONESELF


def test_a_critique_is_taken_without_a_commitment_and_after_its_deadline() -> None:
    assert submit(review_with()) == CRITICISED_ONESELF


def test_nobody_hands_in_the_critique_of_somebody_else() -> None:
    rejection_of(
        lambda: submit(review_with(), PEER),
        "not_yours",
    )


def test_the_first_self_critique_counts_and_no_later_one() -> None:
    state = review_with(CRITICISED_ONESELF)

    rejection_of(lambda: submit(state), "already_done")


def test_without_an_open_review_nothing_is_taken() -> None:
    rejection_of(lambda: submit(review.EMPTY), "not_open")


def test_a_criticism_says_until_when_it_may_be_answered() -> None:
    command = writing_steps.GiveCriticism(
        by=PEER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
    )

    given = writing_steps.give_criticism(review_with(), command, RULES, now=at(2))

    assert given.answer_due_at == datetime.fromisoformat("2026-12-07T16:59:59Z")
    assert PEER not in repr(given)


def test_of_oneself_one_writes_in_the_self_critique() -> None:
    command = writing_steps.GiveCriticism(
        by=MEMBER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
    )

    rejection_of(
        lambda: writing_steps.give_criticism(review_with(), command, RULES, now=at(2)), "on_oneself"
    )


def test_after_the_proposal_no_criticism_is_taken() -> None:
    command = writing_steps.GiveCriticism(
        by=PEER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
    )
    state = review_with(CRITICISED_ONESELF, PROPOSED)

    rejection_of(lambda: writing_steps.give_criticism(state, command, RULES, now=at(2)), "too_late")


def test_nobody_holds_up_a_proposal_by_criticism_after_criticism() -> None:
    """A proposal waits for the answer to each, until its day: one that lapsed is the last."""
    same, other = (
        writing_steps.GiveCriticism(
            by=PEER, criticism_id=Label("new"), author=Label("new"), earlier=earlier, text=WORDS
        )
        for earlier in (frozenset((CRITICISM,)), frozenset[Label]())
    )
    lapsed = CRITICISED.answer_due_at
    waiting, answered = review_with(CRITICISED), review_with(CRITICISED, ANSWERED)

    rejection_of(
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

    assert writing_steps.answer_criticism(review_with(CRITICISED), answer) == ANSWERED
    rejection_of(
        lambda: writing_steps.answer_criticism(review_with(CRITICISED, ANSWERED), answer),
        "already_done",
    )
    rejection_of(lambda: writing_steps.answer_criticism(review_with(), answer), "unknown_criticism")


def test_no_proposal_while_an_answer_may_still_come() -> None:
    state = review_with(CRITICISED_ONESELF, CRITICISED)

    told_no = rejection_of(
        lambda: rating_steps.propose_rating(state, propose(), RULES, now=at(9)), "answer_pending"
    )

    assert "2026-12-09 16:00Z" in told_no.needed
    answered = review_with(CRITICISED_ONESELF, CRITICISED, ANSWERED)
    assert rating_steps.propose_rating(answered, propose(), RULES, now=at(9)).facts == facts(86)
    assert rating_steps.propose_rating(state, propose(), RULES, now=at(10)).facts == facts(86)


def test_a_proposal_is_what_the_rulebook_makes_of_the_facts() -> None:
    proposed = rating_steps.propose_rating(
        review_with(CRITICISED_ONESELF), propose(total=64), RULES, now=at(9)
    )

    assert (proposed.outcome.level, proposed.outcome.total) == ("fair", 64)


def test_nobody_is_rated_without_a_self_critique() -> None:
    rejection_of(
        lambda: rating_steps.propose_rating(review_with(COMMITTED), propose(), RULES, now=at(9)),
        "step_missing",
    )


def test_nobody_rates_themselves() -> None:
    own = Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary"))
    leading = Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary"))
    state = review_with(CRITICISED_ONESELF, PROPOSED)

    rejection_of(
        lambda: rating_steps.propose_rating(state, propose(own), RULES, now=at(9)), "on_oneself"
    )
    rejection_of(
        lambda: rating_steps.decide_rating(state, decide(by=leading), RULES, now=at(9)),
        "on_oneself",
    )
    announce = rating_steps.AnnounceRating(by=own)
    after = review_with(CRITICISED_ONESELF, PROPOSED, decided())
    rejection_of(lambda: rating_steps.announce_rating(after, announce, RULES), "on_oneself")


@pytest.mark.parametrize(
    "hand",
    [
        Hand(member_id=PEER, unit_id=CELL, post=Code("committee_member")),
        Hand(member_id=PEER, unit_id=CELL, post=Code("secretary")),  # proposes, does not decide
    ],
)
def test_only_an_office_in_the_deciding_unit_decides(hand: Hand) -> None:
    state = review_with(CRITICISED_ONESELF, PROPOSED)

    rejection_of(
        lambda: rating_steps.decide_rating(state, decide(by=hand), RULES, now=at(18)),
        "not_competent",
    )


def test_the_authority_decides_on_the_proposal_that_it_saw() -> None:
    state = review_with(CRITICISED_ONESELF, PROPOSED)

    assert rating_steps.decide_rating(state, decide(), RULES, now=at(18)).level == "good"
    rejection_of(
        lambda: rating_steps.decide_rating(state, decide(version=2), RULES, now=at(18)), "stale"
    )


def test_a_level_that_leaves_the_proposal_needs_a_reason() -> None:
    state = review_with(CRITICISED_ONESELF, PROPOSED)

    rejection_of(
        lambda: rating_steps.decide_rating(state, decide("fair"), RULES, now=at(18)),
        "reason_needed",
    )
    leaving = decide("fair", reason=True)
    assert rating_steps.decide_rating(state, leaving, RULES, now=at(18)).text == WORDS


def test_a_level_that_the_rulebook_has_not_is_refused() -> None:
    state = review_with(CRITICISED_ONESELF, PROPOSED)

    rejection_of(
        lambda: rating_steps.decide_rating(state, decide("superb", reason=True), RULES, now=at(18)),
        "unknown_level",
    )


def test_a_rating_is_decided_once_and_after_a_proposal() -> None:
    state = review_with(CRITICISED_ONESELF)
    after = review_with(CRITICISED_ONESELF, PROPOSED, decided())

    rejection_of(
        lambda: rating_steps.decide_rating(state, decide(), RULES, now=at(18)), "step_missing"
    )
    rejection_of(
        lambda: rating_steps.decide_rating(after, decide(), RULES, now=at(18)), "already_decided"
    )
    rejection_of(
        lambda: rating_steps.propose_rating(after, propose(), RULES, now=at(18)), "already_decided"
    )


def test_notice_is_given_of_a_decided_rating_once() -> None:
    announce = rating_steps.AnnounceRating(by=SECRETARYS_HAND)
    announced = RatingAnnounced(period=PERIOD, member_id=MEMBER, by=SECRETARYS_HAND)
    state = review_with(CRITICISED_ONESELF, PROPOSED, decided())

    assert rating_steps.announce_rating(state, announce, RULES) == announced
    rejection_of(
        lambda: rating_steps.announce_rating(review_with(CRITICISED_ONESELF), announce, RULES),
        "step_missing",
    )
    after = review_with(CRITICISED_ONESELF, PROPOSED, decided(), announced)
    rejection_of(lambda: rating_steps.announce_rating(after, announce, RULES), "already_done")


def test_a_deadline_is_moved_with_its_ground_and_runs_anew() -> None:
    command = writing_steps.MoveDeadline(
        by=SECRETARYS_HAND, step=Code("self_critique"), due_at=at(20), text=WORDS
    )

    moved = writing_steps.move_deadline(review_with(), command, RULES, now=at(8))

    state = review_with(moved)
    assert state.deadlines.due_at("self_critique") == at(20)
    rejection_of(
        lambda: writing_steps.move_deadline(review_with(), command, RULES, now=at(20)), "not_later"
    )
    rejection_of(
        lambda: writing_steps.move_deadline(
            review_with(CRITICISED_ONESELF), command, RULES, now=at(8)
        ),
        "already_done",
    )


def test_deadlines_of_others_can_be_moved_until_they_are_kept() -> None:
    def steps(state: State, *offices: UnitId) -> list[str]:
        return [due.step for due in writing_steps.movable(state, offices)]

    assert steps(review_with()) == ["commitment", "self_critique"]
    decided_next = review_with(CRITICISED_ONESELF, PROPOSED)
    assert "self_critique" not in steps(decided_next)
    assert Step.DECISION in steps(decided_next)
    assert Step.DECISION not in steps(decided_next, *decided_next.takers(Step.DECISION))


def move(state: State, step: str, day: int, by: Hand = SECRETARYS_HAND, **more: Any) -> object:
    due_at = at(day, hour=17)
    command = writing_steps.MoveDeadline(by=by, step=Code(step), due_at=due_at, text=WORDS, **more)
    return writing_steps.move_deadline(state, command, RULES, now=at(1))


def test_a_deadline_is_moved_to_a_later_day_with_notice_and_never_forward() -> None:
    assert move(review_with(), "self_critique", 8)
    rejection_of(lambda: move(review_with(), "self_critique", 7), "not_later")  # as it is
    rejection_of(lambda: move(review_with(), "self_critique", 2), "not_later")
    rejection_of(lambda: move(review_with(), "commitment", 7), "not_later")  # four working days
    assert move(review_with(), "commitment", 8)


def test_nobody_moves_the_deadline_of_a_step_that_they_have_to_take() -> None:
    late = review_with(COMMITTED, CRITICISED_ONESELF)

    rejection_of(lambda: move(late, "proposal", 20), "own_deadline")
    rejection_of(
        lambda: move(late, "proposal", 20, by=LEADERS_HAND, offices=(CELL,)), "own_deadline"
    )
    assert move(late, "proposal", 20, by=LEADERS_HAND, offices=(TOP,))
    decides = review_with(CRITICISED_ONESELF, PROPOSED)
    rejection_of(lambda: move(decides, "decision", 30, by=LEADERS_HAND), "own_deadline")


def test_the_units_that_hold_a_meeting_are_those_whose_deadline_it_is() -> None:
    state = review.fold(records(*RATED[:2]))

    assert state.takers(Step.MEETING) == (CELL,)


def test_what_waits_follows_the_order_of_steps() -> None:
    assert [(t.step, t.turn) for t in review.tasks(review_with())] == [
        ("commitment", "member"),
        ("self_critique", "member"),
    ]
    answering = review_with(COMMITTED, CRITICISED_ONESELF, CRITICISED)
    assert [t.step for t in review.tasks(answering)] == ["proposal", "answer"]
    assert [t.turn for t in review.tasks(review_with(CRITICISED_ONESELF, PROPOSED))] == [
        "authority"
    ]
    assert review.tasks(review.EMPTY) == ()


def test_without_commitment_the_year_still_goes_on() -> None:
    assert review.stage(review_with(CRITICISED_ONESELF)) == "proposal"
    assert review.stage(review_with(CRITICISED_ONESELF, PROPOSED, decided())) == "announcement"


def test_a_deadline_runs_once_the_turn_has_come_and_leaves_five_working_days() -> None:
    late = submit(review_with(), day=14)

    assert [due.step for due in review_with().deadlines.open_dues(lambda *_: False)] == [
        "commitment",
        "self_critique",
    ]
    assert late.proposal_due_at.date().isoformat() == "2026-12-21"


def test_deadlines_of_steps_taken_run_no_more() -> None:
    state = review_with(COMMITTED, CRITICISED_ONESELF)

    running = [due.step for due in state.deadlines.open_dues(state.done)]

    assert running == ["proposal"]
    assert isinstance(OPENED, ReviewOpened)
    assert Due in {type(due) for due in OPENED.dues}


def test_a_member_commits_themselves_once_and_before_the_decision() -> None:
    command = writing_steps.MakeCommitment(by=MEMBER, text=WORDS)
    anothers = writing_steps.MakeCommitment(by=PEER, text=WORDS)
    over = review_with(CRITICISED_ONESELF, PROPOSED, decided())

    assert writing_steps.make_commitment(review_with(), command) == COMMITTED
    rejection_of(lambda: writing_steps.make_commitment(review_with(), anothers), "not_yours")
    rejection_of(
        lambda: writing_steps.make_commitment(review_with(COMMITTED), command), "already_done"
    )
    rejection_of(lambda: writing_steps.make_commitment(over, command), "already_decided")


def criticise(state: State, *earlier: Label) -> CriticismGiven:
    """Return another criticism by the author of some."""
    command = writing_steps.GiveCriticism(
        by=PEER,
        criticism_id=CRITICISM,
        author=Label("someone"),
        earlier=frozenset(earlier),
        text=WORDS,
    )
    return writing_steps.give_criticism(state, command, RULES, now=at(2))


def test_an_author_criticises_a_few_times_and_others_still_may() -> None:
    written = [Label(f"criticism{n}") for n in range(writing_steps.CRITICISMS_EACH_MAX)]
    state = review_with(*(replace(CRITICISED, criticism_id=each) for each in written))

    rejection_of(lambda: criticise(state, *written), "enough_written")
    assert criticise(state, *written[1:]).criticism_id == CRITICISM
    assert criticise(state).criticism_id == CRITICISM


def test_whatever_closed_the_criticism_is_told_alike() -> None:
    """Whoever criticises may be nobody who sees how the year stands."""
    ended = ReviewEnded(period=PERIOD, member_id=MEMBER, reason=Code("dissolved"))
    closed = (
        review_with(*[CRITICISED] * writing_steps.CRITICISMS_MAX),
        review_with(CRITICISED_ONESELF, PROPOSED),
        review_with(ended),
    )

    told = {str(rejection_of(partial(criticise, each), "too_late")) for each in closed}
    drafted = {
        str(rejection_of(partial(writing_steps.require_criticism_in_time, each), "too_late"))
        for each in closed
    }
    erased = partial(writing_steps.require_criticism_in_time, review_with(), erased=True)

    assert told == drafted == {str(rejection_of(erased, "too_late"))}


def test_only_a_deadline_that_runs_is_moved() -> None:
    command = writing_steps.MoveDeadline(
        by=SECRETARYS_HAND, step=Code("decision"), due_at=at(20), text=WORDS
    )

    rejection_of(
        lambda: writing_steps.move_deadline(review_with(), command, RULES, now=at(8)), "no_deadline"
    )


def test_criticism_closes_on_the_day_a_proposal_is_due_whatever_was_done_since() -> None:
    def criticised_on(day: datetime, state: State) -> CriticismGiven:
        command = writing_steps.GiveCriticism(
            by=PEER, criticism_id=CRITICISM, author=Label("someone"), text=WORDS
        )
        return writing_steps.give_criticism(state, command, RULES, now=day)

    for state in (review_with(), review_with(CRITICISED_ONESELF)):
        assert criticised_on(at(15, hour=16), state).text == WORDS
        rejection_of(partial(criticised_on, at(16), state), "too_late")


def test_where_a_year_opens_late_others_have_their_days_to_criticise() -> None:
    late = review.fold(records((at(20), OPENED)))

    assert writing_steps.criticism_closes_at(late, RULES) > at(30)
    nobodys = partial(writing_steps.criticism_closes_at, review.EMPTY, RULES)
    rejection_of(nobodys, "not_open")


def test_whoever_wrote_as_often_as_they_may_is_told_so_however_the_year_stands() -> None:
    earlier = frozenset(Label(str(n)) for n in range(writing_steps.CRITICISMS_EACH_MAX))
    command = writing_steps.GiveCriticism(
        by=PEER, criticism_id=CRITICISM, author=Label("someone"), earlier=earlier, text=WORDS
    )

    for state in (review_with(), review_with(CRITICISED_ONESELF, PROPOSED)):
        refused = partial(writing_steps.give_criticism, state, command, RULES, now=at(20))
        rejection_of(refused, "enough_written")
