"""Whoever is rated again on some grounds says something to it first, or lets the days go by."""

from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.deadline import DeadlineMissed, Excuse, TimerResumed, TimerSettled
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Due, Label
from events.definitions.reopening import ReviewReopened, StatementMade
from events.definitions.review import RatingProposed, StepWaived
from events.domain.review import rating_steps, reopening, review, waiving
from events.domain.review.presence import may_be_away
from events.domain.review.review import State
from events.domain.steps import Step
from events.domain.verification import rating_checks
from events.domain.year import deadlines
from events.identifiers import MemberId, review_stream
from tests.support import collective_facts
from tests.support.collective_facts import AS_UNIT, DEPUTY_OF_CELL
from tests.support.law import (
    LEADERS_HAND,
    MEMBER,
    PEER,
    SECRETARYS_HAND,
    at,
    records,
    rejection_of,
)
from tests.support.lawful_facts import BY_GROUNDS
from tests.support.party_rules import PARTY, RATED, REOPENED, WORDS, YEAR, appraised, facts
from tests.support.party_rules import decided as decided_on
from tests.support.party_rules import proposed as proposal

DAY = at(10, 3, year=2027)
DUE_AT = datetime.fromisoformat("2027-03-15T16:59:59Z")  # three working days
HEARD = replace(
    REOPENED,
    ground=Code("fault_found"),
    decision=UNSET,
    text=WORDS,
    proposal_due_at=UNSET,
    statement_due_at=DUE_AT,
)
STATED = StatementMade(
    period=YEAR,
    member_id=MEMBER,
    text=WORDS,
    proposal_due_at=datetime.fromisoformat("2027-03-17T16:59:59Z"),
)
SUBJECT = Subject(review_stream(YEAR, MEMBER))
ABOUT: dict[str, Any] = {"subject": SUBJECT, "step": Code("statement"), "item": Label("")}
MISSED = DeadlineMissed(**ABOUT, due_at=DUE_AT)
SETTLED = TimerSettled(**ABOUT, due_at=DUE_AT, reason=Excuse.ABSENT)
WAIVED = StepWaived(
    period=YEAR,
    member_id=MEMBER,
    step=Code("statement"),
    item=Label(""),
    dues=(Due(step=Code("proposal"), due_at=datetime.fromisoformat("2027-03-23T16:59:59Z")),),
)
LATE = at(16, 3, year=2027)


def rated(*more: Event) -> State:
    return review.fold(records(*RATED, *more))


def reopen(ground: str = "fault_found") -> ReviewReopened:
    command = reopening.ReopenReview(
        by=LEADERS_HAND,
        ground=Code(ground),
        decision=REOPENED.decision,
        late=[REOPENED.decision.sealed if REOPENED.decision else ""],
        text=WORDS,
    )
    return reopening.reopen_review(rated(), command, BY_GROUNDS, now=DAY)


def state_it(
    state: State, by: MemberId = MEMBER, now: datetime = DAY, **hand: Any
) -> StatementMade:
    command = reopening.MakeStatement(by=by, text=WORDS, **hand)
    return reopening.make_statement(state, command, BY_GROUNDS, now=now)


def propose(state: State) -> str:
    """Return the level that somebody is proposed anew."""
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts())
    return rating_steps.propose_rating(state, command, BY_GROUNDS, now=LATE).outcome.level


def of_itself(state: State) -> list[StepWaived]:
    return [fact for _, fact in waiving.waived_by_edition(state, BY_GROUNDS, now=LATE)]


def waive(state: State) -> StepWaived:
    command = waiving.WaiveStep(by=LEADERS_HAND, step=Code("statement"), text=WORDS)
    return waiving.waive_step(state, command, BY_GROUNDS, now=LATE)


def due_of(state: State, step: Step) -> datetime | None:
    return state.deadlines.due_at(step)


# When it is asked for


def test_a_ground_that_hears_gives_days_for_a_statement_and_none_yet_for_a_proposal() -> None:
    assert reopen() == HEARD
    state = rated(HEARD)
    assert [(each.step, each.due_at) for each in review.tasks(state)] == [("statement", DUE_AT)]
    assert (review.stage(state), due_of(state, Step.PROPOSAL)) == ("statement", None)


def test_a_ground_that_hears_nobody_goes_on_at_once() -> None:
    again = reopen("late_discipline")

    assert again.statement_due_at is UNSET
    assert again.proposal_due_at
    assert [each.step for each in review.tasks(rated(again))] == ["proposal"]
    rejection_of(lambda: state_it(rated(again)), "no_such_step")


def test_nobody_states_anything_in_a_year_that_is_rated_for_the_first_time() -> None:
    rejection_of(lambda: state_it(rated()), "no_such_step")
    assert Step.STATEMENT not in rated().steps


def test_nothing_of_the_year_waits_where_its_meeting_was_the_first_step() -> None:
    opened: Any = RATED[0]
    bare = replace(opened, steps=tuple(e for e in opened.steps if e != "self_critique"))
    state = review.fold(records(bare, *RATED[1:], HEARD))

    assert [each.step for each in review.tasks(state)] == ["statement"]


# What follows from it


def test_the_proposal_waits_for_the_statement_and_has_its_days_from_then_on() -> None:
    told = rejection_of(lambda: propose(rated(HEARD)), "step_missing")
    assert told.needed == "statement comes first"

    assert state_it(rated(HEARD)) == STATED
    state = rated(HEARD, STATED)
    assert (review.stage(state), due_of(state, Step.PROPOSAL)) == (
        "proposal",
        STATED.proposal_due_at,
    )
    assert [each.step for each in review.tasks(state)] == ["proposal"]
    assert propose(state)


def test_a_statement_is_made_once_for_each_reopening_and_by_nobody_else() -> None:
    rejection_of(lambda: state_it(rated(HEARD, STATED)), "already_done")
    rejection_of(lambda: state_it(rated(HEARD), by=PEER), "not_yours")

    again = rated(HEARD, STATED, proposal(), appraised(10), decided_on(10), RATED[-1], HEARD)
    assert state_it(again) == STATED
    assert again.acts_of(Step.STATEMENT) == ()


def test_a_second_statement_that_somebody_put_there_changes_nothing() -> None:
    once, twice, unasked = rated(HEARD, STATED), rated(HEARD, STATED, STATED), rated(STATED)

    assert twice.statements == once.statements
    assert unasked.statements == ()


def test_whoever_leads_a_unit_states_in_its_name_and_answers_for_it_from_then_on() -> None:
    of_unit: list[Any] = [replace(each, member_id=AS_UNIT) for each in _UNIT]
    state = collective_facts.review_with(*of_unit)

    made = state_it(state, by=AS_UNIT, hand=DEPUTY_OF_CELL)

    assert made.by == DEPUTY_OF_CELL
    since = replace(made, by=replace_member(DEPUTY_OF_CELL, PEER))
    assert PEER in collective_facts.review_with(*of_unit, since).leaders
    rejection_of(lambda: state_it(state, by=AS_UNIT), "not_yours")


_UNIT: tuple[Any, ...] = (RATED[-2], RATED[-1], HEARD)


def replace_member(hand: Any, member_id: MemberId) -> Any:
    return type(hand)(member_id=member_id, unit_id=hand.unit_id, post=hand.post)


# Without it


def test_whoever_is_silent_is_waited_for_until_the_deadline_and_no_longer() -> None:
    assert of_itself(rated(HEARD)) == []
    assert of_itself(rated(HEARD, MISSED)) == [WAIVED]

    state = rated(HEARD, MISSED, WAIVED)
    assert propose(state)
    assert (review.stage(state), due_of(state, Step.PROPOSAL)) == (
        "proposal",
        WAIVED.dues[0].due_at,
    )
    assert of_itself(state) == []


def test_a_late_statement_is_taken_until_the_new_decision_and_moves_no_day() -> None:
    state = rated(HEARD, MISSED, WAIVED)
    assert "statement" in [each.step for each in review.tasks(state)], "it is theirs still"

    made = state_it(state, now=LATE)
    assert due_of(rated(HEARD, MISSED, WAIVED, made), Step.PROPOSAL) == WAIVED.dues[0].due_at
    proposed = rated(HEARD, MISSED, WAIVED, proposal())
    assert state_it(proposed, now=LATE).text == WORDS
    over = rated(HEARD, MISSED, WAIVED, proposal(), appraised(11), decided_on(11))
    rejection_of(lambda: state_it(over, now=LATE), "already_decided")


def test_what_was_waived_of_one_reopening_says_nothing_of_the_next() -> None:
    over = (HEARD, MISSED, WAIVED, proposal(), appraised(11), decided_on(11), RATED[-1])

    rejection_of(lambda: propose(rated(*over, HEARD)), "step_missing")
    assert not rated(*over).is_left(Step.STATEMENT)


def test_a_proposal_that_is_given_back_asks_for_no_other_statement() -> None:
    state = rated(HEARD, STATED, proposal())
    command = rating_steps.ReturnRating(by=LEADERS_HAND, proposal_version=10, text=WORDS)
    back = rating_steps.return_rating(state, command, BY_GROUNDS, now=LATE)

    assert propose(rated(HEARD, STATED, proposal(), back))
    assert propose(rated(HEARD, MISSED, WAIVED, proposal(), replace(back, proposal_version=11)))


# Who is away


def test_whoever_is_away_is_excused_and_has_days_once_they_are_back() -> None:
    state = rated(HEARD, SETTLED)
    assert may_be_away(state, Step.STATEMENT)
    assert of_itself(state) == []
    rejection_of(lambda: propose(state), "step_missing")

    (back,) = deadlines.resume(
        state.deadlines.excused_dues(review.tasks(state)), SUBJECT, BY_GROUNDS, back_at=LATE
    )
    assert back.step == "statement"
    assert due_of(rated(HEARD, SETTLED, back), Step.STATEMENT) == back.due_at


def test_those_who_decide_go_on_without_whoever_may_be_away_for_ever() -> None:
    state = rated(HEARD, SETTLED)
    waived = waive(state)

    assert (waived.by, waived.dues) == (LEADERS_HAND, WAIVED.dues)
    assert propose(rated(HEARD, SETTLED, waived))
    assert waiving.left_to_authority(rated(HEARD, SETTLED, waived), BY_GROUNDS.rulebook) == ()


@pytest.mark.parametrize(
    "told",
    [
        (HEARD,),
        (HEARD, MISSED),  # the year goes on of itself
        (HEARD, SETTLED, TimerResumed(**ABOUT, due_at=LATE)),
        (HEARD, STATED),
    ],
)
def test_nobody_goes_on_without_whoever_has_days_left(told: tuple[Event, ...]) -> None:
    rejection_of(lambda: waive(rated(*told)), "not_late")


# As it is verified


@pytest.mark.parametrize(
    ("told", "heard"),
    [
        ((HEARD, STATED, proposal()), True),
        ((HEARD, MISSED, WAIVED, proposal()), True),
        ((REOPENED, proposal()), True),
        ((HEARD, proposal(), STATED), False),
        ((HEARD, MISSED, proposal(), WAIVED), False),
        ((HEARD, proposal()), False),
    ],
)
def test_a_rating_stands_where_a_statement_was_waited_for(
    told: tuple[Event, ...], *, heard: bool
) -> None:
    at_version = 8 + next(n for n, each in enumerate(told) if isinstance(each, RatingProposed))
    state = rated(*told, appraised(at_version), decided_on(at_version))
    checks = {each.name: each for each in rating_checks.check_rating(state, PARTY)}

    assert checks["right_to_answer"].passed is heard
    assert ("nobody waited for a statement" in checks["right_to_answer"].detail) is not heard


def test_only_an_edition_with_a_ground_that_hears_has_anybody_stand_at_a_statement() -> None:
    assert BY_GROUNDS.rulebook.may_reach(Step.STATEMENT)
    assert not PARTY.rulebook.may_reach(Step.STATEMENT)
    assert PARTY.rulebook.may_reach(Step.MEETING)
    assert not BY_GROUNDS.rulebook.has(Step.STATEMENT), "no review is opened with one"
