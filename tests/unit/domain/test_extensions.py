"""How often a deadline is moved, and how far, an edition bounds."""

from datetime import datetime
from typing import Any

import msgspec
import pytest

from events.definitions.event import Code, Event
from events.definitions.plan import MilestoneExtended
from events.domain.documents.conversion import convert
from events.domain.plan import milestone_steps
from events.domain.review import review, writing_steps
from events.domain.review.review import State
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.terms import Extensions
from events.domain.year.rules import Rules
from events.store import reference
from tests.support.law import LEADERS_HAND, RULES, SECRETARY, at, records, rejection_of
from tests.support.plan_facts import AGREED, FIRST, PROPOSED, plan_with
from tests.support.review_facts import CRITICISED_ONESELF, OPENED, WORDS

TWICE = Extensions(times=2, working_days=10, citation="Điều 3.7")
BOUND = Rules(
    msgspec.structs.replace(RULES.rulebook, extensions=TWICE), RULES.calendar, RULES.source
)


def wrong(**extensions: Any) -> set[tuple[str, str]]:
    document = reference.shipped_document("rulebook", "neutral")
    own = {"times": 2, "working_days": 10, "citation": "Điều 3.7"} | extensions
    found = validity.validate(convert(document | {"extensions": own}, Rulebook))
    return {(each.path, each.code) for each in found}


# A step of a review


def reviewed(*events: Event) -> State:
    return review.fold(records(OPENED, CRITICISED_ONESELF, *events))


def due(state: State) -> datetime:
    found = state.deadlines.due_at("proposal")
    assert found
    return found


def moved(state: State, days: int, rules: Rules = BOUND) -> Event:
    """Return that the proposal is due so many working days later."""
    command = writing_steps.MoveDeadline(
        by=LEADERS_HAND, step=Code("proposal"), due_at=rules.after(due(state), days), text=WORDS
    )
    return writing_steps.move_deadline(state, command, rules, now=at(4))


def test_a_deadline_is_moved_as_often_as_the_edition_lets() -> None:
    once = moved(reviewed(), 10)
    twice = moved(reviewed(once), 10)
    state = reviewed(once, twice)

    told = rejection_of(lambda: moved(state, 10), "extended_too_often")
    assert told.needed == "this edition lets a deadline be moved 2 times, and this one was"
    assert state.times_moved("proposal") == 2
    assert state.times_moved("decision") == 0


def test_it_is_moved_no_further_than_so_many_days_each_time() -> None:
    told = rejection_of(lambda: moved(reviewed(), 11), "extended_too_far")

    latest = BOUND.after(due(reviewed()), 10)
    assert told.needed == f"{latest:%Y-%m-%d} at the latest: 10 working days at a time"


def test_without_bounds_it_is_moved_as_before() -> None:
    last = moved(reviewed(), 60, RULES)

    assert due(reviewed(last)) == RULES.after(due(reviewed()), 60)


# A milestone


def extended(*before: Event, days: int = 10, rules: Rules = BOUND) -> MilestoneExtended:
    state = plan_with(PROPOSED, AGREED, *before)
    milestone = state.milestone(FIRST)
    assert milestone
    command = milestone_steps.ExtendMilestone(
        by=SECRETARY, milestone_id=FIRST, due_at=rules.after(milestone.due_at, days), text=WORDS
    )
    return milestone_steps.extend_milestone(state, command, rules, now=at(1, 2, year=2027))


def test_a_milestone_is_given_more_time_within_the_same_bounds() -> None:
    once = extended()
    twice = extended(once)

    rejection_of(lambda: extended(once, twice), "extended_too_often")
    rejection_of(lambda: extended(days=11), "extended_too_far")
    assert extended(days=60, rules=RULES).due_at > twice.due_at


def test_what_is_over_is_moved_from_today_on() -> None:
    late, today = at(1, 6, year=2027), at(3, 6, year=2027)

    BOUND.require_extension(BOUND.after(today, 10), known=late, moved=0, now=today)


# The edition


@pytest.mark.parametrize(
    ("extensions", "found"),
    [
        ({}, set()),
        ({"working_days": 4}, {("extensions.working_days", "shorter_than_notice")}),
        ({"citation": " "}, {("extensions.citation", "no_citation")}),
    ],
)
def test_bounds_leave_the_notice_that_everybody_is_given(
    extensions: dict[str, Any], found: set[tuple[str, str]]
) -> None:
    assert wrong(**extensions) == found
