"""An edition may have no written self-critique: then a proposal waits for nothing of the member."""

from dataclasses import replace
from typing import Any

from events.definitions.event import Event
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened
from events.definitions.review import RatingDecided, RatingProposed
from events.domain.documents.working_days import local_day
from events.domain.review import opening, rating_steps, review, writing_steps
from events.domain.review.state import State
from events.domain.rulebook import validity
from events.domain.steps import Step
from events.domain.verification import rating_checks
from events.domain.year.rules import Rules
from events.store import reference
from tests.support import party_rules
from tests.support.firm_rules import firm_document
from tests.support.law import (
    LEADERS_HAND,
    MEMBER,
    PERIOD,
    RULES,
    SECRETARYS_HAND,
    at,
    facts,
    records,
    rejection_of,
)
from tests.support.party_rules import WORDS
from tests.support.review_facts import COMMITTED, decided


def without(document: dict[str, Any], *left_out: str) -> Rules:
    """Return the rules of an edition without some of its steps."""
    steps = {name: each for name, each in document["steps"].items() if name not in left_out}
    return Rules(validity.read(document | {"steps": steps}), RULES.calendar, RULES.source)


def neutral(*left_out: str) -> Rules:
    document = reference.shipped_document("rulebook", "neutral")
    return without(document, Step.SELF_CRITIQUE, *left_out)


UNWRITTEN, BARE = neutral(), neutral(Step.COMMITMENT)


def opened(rules: Rules) -> Event:
    command = replace(party_rules.opens(), period=PERIOD)
    return opening.open_review(review.EMPTY, command, rules, now=at(1, 12))


def reviewed(*events: Event, rules: Rules = UNWRITTEN) -> State:
    return review.fold(records(opened(rules), *events))


def propose(state: State, rules: Rules = UNWRITTEN, by: Hand = SECRETARYS_HAND) -> RatingProposed:
    command = rating_steps.ProposeRating(by=by, facts=facts())
    return rating_steps.propose_rating(state, command, rules, now=at(8))


def decide(state: State, version: int, rules: Rules = UNWRITTEN) -> RatingDecided:
    command = rating_steps.DecideRating(
        by=LEADERS_HAND, level=decided().level, proposal_version=version
    )
    return rating_steps.decide_rating(state, command, rules, now=at(10))


def waiting(state: State) -> list[Step]:
    return [each.step for each in review.tasks(state)]


def test_the_turn_of_who_proposes_is_from_the_opening_on_and_has_a_day() -> None:
    assert waiting(reviewed(rules=BARE)) == [Step.PROPOSAL]
    assert waiting(reviewed()) == [Step.COMMITMENT, Step.PROPOSAL]
    assert waiting(reviewed(COMMITTED)) == [Step.PROPOSAL]

    due_at = reviewed().deadlines.due_at(Step.PROPOSAL)
    assert due_at is not None
    assert local_day(due_at).isoformat() == "2026-12-15"


def test_with_a_meeting_it_is_that_of_who_meets() -> None:
    rules = without(firm_document(), Step.SELF_CRITIQUE)
    state = reviewed(rules=rules)

    assert waiting(state) == [Step.COMMITMENT, Step.MEETING]
    assert state.deadlines.due_at(Step.MEETING) is not None
    assert state.deadlines.due_at(Step.PROPOSAL) is None
    rejection_of(lambda: propose(state, rules), "not_competent")  # a post of the firm proposes


def test_nobody_writes_what_no_edition_asks_for() -> None:
    command = writing_steps.SubmitSelfCritique(by=MEMBER, text=WORDS)

    rejection_of(
        lambda: writing_steps.submit_self_critique(reviewed(), command, UNWRITTEN, now=at(4)),
        "no_such_step",
    )


def test_such_a_rating_verifies_and_not_out_of_its_order() -> None:
    proposed = propose(reviewed(rules=BARE), BARE)
    state = reviewed(proposed, rules=BARE)
    told = decide(state, 2, BARE)

    def failed(*events: Event) -> list[str]:
        found = rating_checks.failed_checks(reviewed(*events, rules=BARE), BARE)
        return [each.name for each in found]

    assert failed(proposed, told) == []
    assert "order" in failed(told, proposed)


def test_who_is_rated_again_is_proposed_though_they_never_committed() -> None:
    proposed = propose(reviewed())
    told = decide(reviewed(proposed), 2)
    again = ReviewReopened(
        period=PERIOD,
        member_id=MEMBER,
        ground=party_rules.REOPENED.ground,
        by=LEADERS_HAND,
        proposal_due_at=at(28),
        text=WORDS,
    )

    assert waiting(
        reviewed(proposed, told, replace(party_rules.ANNOUNCED, period=PERIOD), again)
    ) == [Step.PROPOSAL]


def test_others_criticise_until_a_proposal_is_due_and_who_came_by_then_is_new() -> None:
    state = reviewed()

    closes = writing_steps.criticism_closes_at(state, UNWRITTEN)
    assert local_day(closes).isoformat() == "2026-12-15"
    day = opening.review_day(PERIOD, UNWRITTEN, at(1, 12))
    assert day.isoformat() == "2026-12-15"
    assert opening.review_day(PERIOD, RULES, at(1, 11)).isoformat() == "2026-12-07"
