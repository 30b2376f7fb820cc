"""An edition may have no notice, and no plans: only to propose and decide is obligatory."""

from dataclasses import replace
from typing import Any

from events.definitions.event import Code, Event
from events.domain.documents.conversion import convert
from events.domain.plan import plan, plan_steps
from events.domain.review import opening, rating_steps, reopening, review
from events.domain.review.state import State
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import IN_EDITIONS, OPTIONAL, Step
from events.domain.year.rules import Rules
from events.store import reference
from tests.support import party_rules
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
    rejection_of,
)
from tests.support.review_facts import decided

WORDS = party_rules.WORDS
LEAST = frozenset((Step.ANSWER, Step.PROPOSAL, Step.DECISION))
NEUTRAL: dict[str, Any] = reference.shipped_document("rulebook", "neutral")


def document(*left: str, plan: bool = False) -> dict[str, Any]:
    """Return the neutral edition with some steps alone, and terms for plans if it has any."""
    steps = {name: NEUTRAL["steps"][name] for name in left}
    found = NEUTRAL | {"steps": steps}
    return found if plan else {name: each for name, each in found.items() if name != "plan"}


def wrong(edition: dict[str, Any]) -> set[tuple[str, str]]:
    found = validity.validate(convert(edition, Rulebook))
    return {(each.path, each.code) for each in found}


BARE = Rules(validity.read(document(*LEAST)), RULES.calendar, RULES.source)


def reviewed(*events: Event) -> State:
    command = replace(party_rules.opens(), period=PERIOD)
    opened = opening.open_review(review.EMPTY, command, BARE, now=at(1, 12))
    return review.fold(records(opened, *events))


def propose(state: State) -> Event:
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts())
    return rating_steps.propose_rating(state, command, BARE, now=at(8))


def decide(state: State, version: int) -> Event:
    command = rating_steps.DecideRating(
        by=LEADERS_HAND, level=decided().level, proposal_version=version
    )
    return rating_steps.decide_rating(state, command, BARE, now=at(10))


def answer(state: State) -> Event:
    return rating_steps.answer_notice(state, rating_steps.AnswerNotice(by=MEMBER, text=WORDS))


def reopen(state: State) -> Event:
    command = reopening.ReopenReview(by=LEADERS_HAND, ground=Code("fault_found"), text=WORDS)
    return reopening.reopen_review(state, command, BARE, now=at(20))


PROPOSED = propose(reviewed())
DECIDED = decide(reviewed(PROPOSED), 2)


# What an edition may leave out


def test_all_but_answer_proposal_and_decision_may_be_left_out() -> None:
    assert set(IN_EDITIONS) - OPTIONAL == LEAST
    assert wrong(document(*LEAST)) == set()


def test_plans_are_there_with_all_their_steps_and_terms_or_not_at_all() -> None:
    planning = ("plan", "plan_agreement", "evidence_review")

    assert wrong(document(*LEAST, *planning, plan=True)) == set()
    assert wrong(document(*LEAST, *planning)) == {("plan", "plan_without_terms")}
    assert wrong(document(*LEAST, plan=True)) == {(f"steps.{e}", "step_missing") for e in planning}
    assert wrong(document(*LEAST, "plan", "plan_agreement", plan=True)) == {
        ("steps.evidence_review", "step_missing")
    }


# A rating without an announcement


def test_what_is_decided_is_known_at_once_and_all_is_done() -> None:
    state = reviewed(PROPOSED, DECIDED)

    assert state.notice == state.decision
    assert review.tasks(state) == ()
    assert state.deadlines.due_at(Step.ANNOUNCEMENT) is None


def test_nothing_is_known_before_the_decision() -> None:
    state = reviewed(PROPOSED)

    assert state.notice is None
    assert rejection_of(lambda: answer(state), "step_missing").needed == "decision comes first"
    rejection_of(lambda: reopen(state), "step_missing")


def test_nobody_announces_what_no_edition_asks_for() -> None:
    command = rating_steps.AnnounceRating(by=LEADERS_HAND)

    rejection_of(
        lambda: rating_steps.announce_rating(reviewed(PROPOSED, DECIDED), command, BARE),
        "no_such_step",
    )


def test_whoever_was_decided_on_answers_once_for_each_decision() -> None:
    answered = answer(reviewed(PROPOSED, DECIDED))
    state = reviewed(PROPOSED, DECIDED, answered)
    rejection_of(lambda: answer(state), "already_done")

    told = (PROPOSED, DECIDED, answered, reopen(state), PROPOSED)
    rejection_of(lambda: answer(reviewed(*told)), "step_missing")
    anew = decide(reviewed(*told), version=6)
    assert answer(reviewed(*told, anew)) == answered


# A year without plans


def test_no_level_demands_a_plan_and_nobody_opens_one() -> None:
    assert not any(BARE.rulebook.demands_plan(each.id) for each in BARE.rulebook.levels)
    assert RULES.rulebook.demands_plan("poor")
    assert not RULES.rulebook.demands_plan(None)

    command = plan_steps.OpenPlan(period=PERIOD, member_id=MEMBER, path=(CELL, TOP), required=False)
    rejection_of(
        lambda: plan_steps.open_plan(plan.EMPTY, command, BARE, now=at(28)), "no_such_step"
    )
