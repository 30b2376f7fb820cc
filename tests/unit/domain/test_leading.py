"""Who led a unit, or wrote in its name, answers for it: others judge its review and its plan."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event, Sealed
from events.definitions.records import Hand, Label
from events.domain.plan import plan, plan_steps
from events.domain.review import meeting_steps, rating_steps, writing_steps
from tests.support import plan_facts as of_members
from tests.support.collective_facts import AS_UNIT, DEPUTY_OF_CELL, NOW, WRITTEN, facts, review_with
from tests.support.collective_facts import OPENED as REVIEW_OPENED
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PEER,
    RULES,
    SECRETARY,
    SECRETARYS_HAND,
    TOP,
    records,
    rejection_of,
)
from tests.support.party_rules import PARTY, WORDS, YEAR, held
from tests.support.unit_plan_facts import (
    ACTING,
    ACTINGS_HAND,
    AGREED,
    ANSWERED,
    CRITICISED,
    CRITICISM,
    PEER_ABOVE,
    POINT,
    POINT_ANSWERED,
    PROPOSED,
    SHOWN,
    SINCE_ABOVE,
    SUGGESTED,
    agree,
    approve,
    extend,
    plan_with,
    propose,
    send_back,
    show,
    withdraw,
)

# Who wrote for a unit is told


def test_who_answers_a_criticism_or_a_point_for_a_unit_is_told() -> None:
    state = review_with(CRITICISED, SUGGESTED)
    answer = writing_steps.AnswerCriticism(
        by=AS_UNIT, criticism_id=CRITICISM, text=WORDS, hand=ACTINGS_HAND
    )
    to_point = meeting_steps.AnswerPoint(by=AS_UNIT, point_id=POINT, text=WORDS, hand=ACTINGS_HAND)

    assert writing_steps.answer_criticism(state, answer) == ANSWERED
    assert meeting_steps.answer_point(state, to_point) == POINT_ANSWERED


@pytest.mark.parametrize("hand", [UNSET, LEADERS_HAND])
def test_nobody_else_answers_for_a_unit(hand: Any) -> None:
    state = review_with(CRITICISED, SUGGESTED)
    answer = writing_steps.AnswerCriticism(
        by=AS_UNIT, criticism_id=CRITICISM, text=WORDS, hand=hand
    )
    to_point = meeting_steps.AnswerPoint(by=AS_UNIT, point_id=POINT, text=WORDS, hand=hand)

    rejection_of(lambda: writing_steps.answer_criticism(state, answer), "not_yours")
    rejection_of(lambda: meeting_steps.answer_point(state, to_point), "not_yours")


def test_who_plans_for_a_unit_and_shows_what_was_done_is_told() -> None:
    assert propose(plan_with(), ACTINGS_HAND).by == ACTINGS_HAND
    assert show(plan_with(PROPOSED, AGREED), ACTINGS_HAND).by == ACTINGS_HAND


@pytest.mark.parametrize("hand", [UNSET, LEADERS_HAND])
def test_nobody_else_plans_for_a_unit(hand: Any) -> None:
    rejection_of(lambda: propose(plan_with(), hand), "not_yours")
    rejection_of(lambda: show(plan_with(PROPOSED, AGREED), hand), "not_yours")


def test_nobody_leads_when_a_member_plans() -> None:
    command = replace(of_members.proposing(*of_members.MILESTONES), hand=SECRETARYS_HAND)

    rejection_of(
        lambda: plan_steps.propose_plan(of_members.plan_with(), command, RULES, now=of_members.NOW),
        "not_yours",
    )


# Who answers for it from then on


@pytest.mark.parametrize("fact", [ANSWERED, POINT_ANSWERED])
def test_who_answered_for_a_unit_neither_criticises_nor_rates_it(fact: Event) -> None:
    state = review_with(WRITTEN, CRITICISED, SUGGESTED, fact)
    criticism = writing_steps.GiveCriticism(
        by=ACTING, criticism_id=Label("two"), author=Label("pseudonym"), text=Sealed("c" * 43)
    )
    rating = rating_steps.ProposeRating(by=SINCE_ABOVE, facts=facts())

    rejection_of(
        lambda: writing_steps.give_criticism(state, criticism, PARTY, now=NOW), "on_oneself"
    )
    rejection_of(lambda: rating_steps.propose_rating(state, rating, PARTY, now=NOW), "on_oneself")


@pytest.mark.parametrize(("by", "leads"), [(ACTINGS_HAND, True), (SINCE_ABOVE, False)])
def test_who_told_of_a_units_meeting_wrote_for_it_if_by_an_office_in_it(
    by: Hand, *, leads: bool
) -> None:
    state = review_with(WRITTEN, replace(held(), member_id=AS_UNIT, by=by))

    assert state.is_of(ACTING) is leads


def test_a_units_plan_pins_who_answered_for_it_in_its_review() -> None:
    told_ = review_with(CRITICISED, ANSWERED, WRITTEN)
    command = plan_steps.OpenPlan(
        period=YEAR,
        member_id=AS_UNIT,
        path=(TOP,),
        required=True,
        collective=told_.collective,
        leaders=told_.hands(),
    )

    fact = plan_steps.open_plan(plan.EMPTY, command, RULES, now=of_members.NOW)

    assert fact.collective
    assert fact.leaders == (*REVIEW_OPENED.leaders, ACTINGS_HAND)
    assert plan.fold(records(fact)).leaders == {SECRETARY, PEER, ACTING}


def test_a_members_plan_has_no_leaders() -> None:
    assert not of_members.OPENED.collective
    assert of_members.OPENED.leaders == ()
    assert of_members.plan_with().leaders == set()
    assert not plan.EMPTY.is_of(MEMBER)


def test_nobody_pinned_agrees_to_a_units_plan_returns_it_or_follows_it() -> None:
    """The plan's own facts say so: no command tells who leads the unit."""
    rejection_of(lambda: agree(plan_with(PROPOSED), PEER_ABOVE), "on_oneself")
    rejection_of(lambda: send_back(plan_with(PROPOSED), PEER_ABOVE), "on_oneself")
    rejection_of(lambda: agree(plan_with(PROPOSED), follower=SECRETARY), "on_oneself")
    assert agree(plan_with(PROPOSED)) == AGREED


def test_who_wrote_a_plan_that_was_replaced_does_not_agree_to_the_next() -> None:
    state = plan_with(replace(PROPOSED, by=ACTINGS_HAND), PROPOSED, PROPOSED)

    rejection_of(lambda: agree(state, SINCE_ABOVE), "on_oneself")
    rejection_of(lambda: agree(state, follower=ACTING), "on_oneself")


@pytest.mark.parametrize("step", [approve, extend, withdraw])
@pytest.mark.parametrize("wrote", [True, False])
def test_a_follower_who_came_to_lead_the_unit_judges_no_more(
    step: Callable[..., object], *, wrote: bool
) -> None:
    """They showed evidence for it, or the command tells that they lead it by now."""
    hand = Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary")) if wrote else DEPUTY_OF_CELL
    state = plan_with(PROPOSED, AGREED, replace(SHOWN, by=hand))
    who = {} if wrote else {"answering": (MEMBER,)}

    rejection_of(lambda: step(state, **who), "on_oneself")
