"""Before a proposal: points of a superior are answered, and the review is held at each place."""

import dataclasses

from events.definitions.event import Code
from events.definitions.records import Hand
from events.definitions.review import PointSuggested
from events.domain.review import meeting_steps, opening, rating_steps, review
from events.domain.review.review import State
from events.domain.steps import Step
from events.identifiers import MemberId, UnitId
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    PEER,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
    rejection_of,
)
from tests.support.law import facts as neutral_facts
from tests.support.party_rules import (
    CRITICISED_ONESELF,
    DEPUTYS_HAND,
    OPENED,
    PARTY,
    POINT,
    POINT_ANSWERED,
    PROPOSED_BY,
    SOON,
    SUGGESTED,
    WORDS,
    appraised,
    facts,
    held,
    opens,
    proposed,
)

NOW = at(8, year=2025)
BOTH_PLACES = opening.open_review(
    review.EMPTY,
    opens(posts=((TOP, "committee_member"),)),
    PARTY,
    now=at(6, 1, year=2025),
)


def reviewed(*events: object) -> State:
    return review.fold(records(OPENED, *events))  # type: ignore[arg-type]


def suggest(state: State, by: Hand = LEADERS_HAND) -> object:
    command = meeting_steps.SuggestPoint(by=by, point_id=POINT, text=WORDS)
    return meeting_steps.suggest_point(state, command, PARTY, now=NOW)


def answer(state: State, by: MemberId = MEMBER, point: str = POINT) -> object:
    command = meeting_steps.AnswerPoint(by=by, point_id=point, text=WORDS)  # type: ignore[arg-type]
    return meeting_steps.answer_point(state, command)


def hold(
    state: State,
    by: Hand = SECRETARYS_HAND,
    place: UnitId = CELL,
    heads: tuple[MemberId, ...] = (),
) -> object:
    command = meeting_steps.HoldMeeting(by=by, place=place, heads_waiting=heads)
    return meeting_steps.hold_meeting(state, command, PARTY, now=NOW)


def propose(state: State) -> object:
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts())
    return rating_steps.propose_rating(state, command, PARTY, now=NOW)


def test_a_superior_suggests_a_point_and_the_person_answers_it() -> None:
    suggested = suggest(reviewed())
    state = reviewed(suggested)

    assert [task.step for task in review.tasks(state)][-1] == "suggestion_answer"
    assert answer(state) == POINT_ANSWERED
    assert not reviewed(suggested, POINT_ANSWERED).points_open()


def test_only_a_superior_suggests_points() -> None:
    rejection_of(lambda: suggest(reviewed(), SECRETARYS_HAND), "not_competent")
    own = Hand(member_id=MEMBER, unit_id=TOP, post=LEADERS_HAND.post)
    rejection_of(lambda: suggest(reviewed(), own), "on_oneself")


def test_points_come_before_the_meeting() -> None:
    rejection_of(lambda: suggest(reviewed(CRITICISED_ONESELF, held())), "too_late")


def test_a_superior_suggests_a_few_points_and_another_one_still_may() -> None:
    many = reviewed(*[SUGGESTED] * meeting_steps.POINTS_EACH_MAX)

    rejection_of(lambda: suggest(many), "enough_written")
    assert isinstance(suggest(many, DEPUTYS_HAND), PointSuggested)


def test_there_is_an_end_of_points() -> None:
    others = dataclasses.replace(SUGGESTED, by=DEPUTYS_HAND)

    rejection_of(lambda: suggest(reviewed(*[others] * meeting_steps.POINTS_MAX)), "too_late")


def test_an_edition_may_know_no_points() -> None:
    command = meeting_steps.SuggestPoint(by=LEADERS_HAND, point_id=POINT, text=WORDS)

    rejection_of(
        lambda: meeting_steps.suggest_point(reviewed(), command, RULES, now=NOW), "no_such_step"
    )


def test_each_point_is_answered_once_and_by_the_person_themselves() -> None:
    rejection_of(lambda: answer(reviewed(SUGGESTED), by=PEER), "not_yours")
    rejection_of(lambda: answer(reviewed(SUGGESTED), point="other"), "unknown_point")
    rejection_of(lambda: answer(reviewed(SUGGESTED, POINT_ANSWERED)), "already_done")


def test_no_meeting_before_the_self_critique() -> None:
    rejection_of(lambda: hold(reviewed()), "step_missing")


def test_no_meeting_before_every_point_is_answered_however_long_that_takes() -> None:
    rejection_of(lambda: hold(reviewed(SUGGESTED, CRITICISED_ONESELF)), "step_missing")

    assert hold(reviewed(SUGGESTED, POINT_ANSWERED, CRITICISED_ONESELF)) == held()


def test_a_meeting_is_held_once_in_a_place_where_it_is_to_be() -> None:
    rejection_of(lambda: hold(reviewed(CRITICISED_ONESELF, held())), "already_done")
    rejection_of(lambda: hold(reviewed(CRITICISED_ONESELF), place=TOP), "no_such_place")


def test_a_meeting_is_told_by_an_office_there_and_never_by_the_person() -> None:
    by_member = Hand(member_id=MEMBER, unit_id=CELL, post=SECRETARYS_HAND.post)

    rejection_of(lambda: hold(reviewed(CRITICISED_ONESELF), by=by_member), "on_oneself")
    other = Hand(member_id=PEER, unit_id=UnitId("x" * 26), post=SECRETARYS_HAND.post)
    rejection_of(lambda: hold(reviewed(CRITICISED_ONESELF), by=other), "not_competent")


def test_the_head_is_reviewed_first() -> None:
    rejection_of(lambda: hold(reviewed(CRITICISED_ONESELF), heads=(LEADER,)), "head_first")


def test_where_the_edition_knows_no_meeting_none_is_held() -> None:
    opened = opening.open_review(review.EMPTY, opens(), RULES, now=at(6, 1, year=2025))
    state = review.fold(records(opened, CRITICISED_ONESELF))

    rejection_of(lambda: hold(state), "no_such_step")


def test_a_meeting_is_due_once_the_self_critique_is_there_and_a_proposal_after_the_last_place() -> (
    None
):
    opened = review.fold(records(BOTH_PLACES))
    waits = review.fold(records(BOTH_PLACES, CRITICISED_ONESELF))
    once = review.fold(records(BOTH_PLACES, CRITICISED_ONESELF, held(CELL)))
    twice = review.fold(records(BOTH_PLACES, CRITICISED_ONESELF, held(CELL), held(TOP)))

    due = [
        (state.deadlines.due_at("meeting"), state.deadlines.due_at("proposal"))
        for state in (opened, waits, once, twice)
    ]
    assert due == [(None, None), (SOON, None), (SOON, None), (SOON, PROPOSED_BY)]


def test_whoever_is_reviewed_at_two_places_is_proposed_after_both() -> None:
    once = review.fold(records(BOTH_PLACES, CRITICISED_ONESELF, held(CELL)))
    twice = review.fold(records(BOTH_PLACES, CRITICISED_ONESELF, held(CELL), held(TOP)))

    assert (review.stage(once), once.venues_left()) == ("meeting", (TOP,))
    rejection_of(lambda: propose(once), "step_missing")
    assert (review.stage(twice), twice.done_at(Step.MEETING)) == ("proposal", at(1))


def test_a_proposal_waits_for_the_meeting_and_for_every_answer_to_a_point() -> None:
    rejection_of(lambda: propose(reviewed(CRITICISED_ONESELF)), "step_missing")
    rejection_of(lambda: propose(reviewed(SUGGESTED, CRITICISED_ONESELF, held())), "step_missing")

    assert propose(reviewed(CRITICISED_ONESELF, held()))


def test_whoever_is_not_rated_gets_no_proposal() -> None:
    unrated = dataclasses.replace(OPENED, unrated=Code("new"))
    state = review.fold(records(unrated, CRITICISED_ONESELF, held()))

    rejection_of(lambda: propose(state), "not_rated")


def test_facts_of_another_group_are_refused() -> None:
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=neutral_facts())
    state = reviewed(CRITICISED_ONESELF, held())

    rejection_of(
        lambda: rating_steps.propose_rating(state, command, PARTY, now=NOW), "facts_out_of_range"
    )


def test_a_proposal_that_replaces_another_is_appraised_anew() -> None:
    state = reviewed(CRITICISED_ONESELF, held(), proposed(), appraised(4), proposed())

    assert (state.appraisals, review.stage(state)) == ((), "appraisal")
