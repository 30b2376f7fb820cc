"""A dissolved unit acts through its successor, from when that was told on."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import pairwise

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.review import RatingDecided
from events.definitions.roster import UnitDissolved
from events.domain.organisation import succession
from events.domain.organisation.succession import SUCCESSIONS_MAX
from events.domain.review import review
from events.domain.review.rating_steps import DecideRating, decide_rating
from events.domain.verification import rating_checks
from events.identifiers import MemberId, Stream, UnitId, review_stream
from tests.support.history import correction, day, history
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PERIOD,
    RULES,
    TOP,
    at,
    records,
    rejection_of,
)
from tests.support.plan_facts import OPENED as PLAN_OPENED
from tests.support.rating_facts import STEPS
from tests.support.review_facts import OPENED, PROPOSED, decided

NEW = UnitId("newaaaaaaaaaaaaaaaaaaaaaaa")
NEWER = UnitId("neweraaaaaaaaaaaaaaaaaaaaa")
NEW_BOSS = MemberId("newbossaaaaaaaaaaaaaaaaaaa")
NEW_HAND = Hand(member_id=NEW_BOSS, unit_id=NEW, post=Code("secretary"))
BEFORE_THE_DECISION = STEPS[:6]


def dissolved(unit_id: UnitId, successor_id: UnitId, *more: Event) -> list[Recorded]:
    first = UnitDissolved(unit_id=unit_id, successor_id=successor_id)
    return history((day(5), first), *((day(6), each) for each in more))


def reading(*streams: list[Recorded]) -> succession.Read:
    known: Mapping[Stream, Iterable[Recorded]] = {
        Stream(each[0].entry.stream): each for each in streams
    }
    return lambda stream: known.get(stream, ())


# Who acts


def test_a_unit_that_stands_acts_for_itself() -> None:
    assert succession.acting_unit(TOP, {}) == TOP


def test_a_dissolved_unit_acts_through_the_first_after_it_that_stands() -> None:
    successors = succession.successors(
        [CELL, TOP], reading(dissolved(TOP, NEW), dissolved(NEW, NEWER))
    )

    assert successors == {TOP: NEW, NEW: NEWER}
    assert succession.acting_unit(TOP, successors) == NEWER


def test_in_a_circle_of_successors_nobody_acts_for_another() -> None:
    successors = succession.successors([TOP], reading(dissolved(TOP, NEW), dissolved(NEW, TOP)))

    assert succession.acting_unit(TOP, successors) == TOP


def test_a_chain_of_successors_ends_somewhere() -> None:
    units = [UnitId(f"unit{n}") for n in range(SUCCESSIONS_MAX + 2)]
    streams = [dissolved(one, other) for one, other in pairwise(units)]

    successors = succession.successors(units[:1], reading(*streams))

    assert len(successors) == SUCCESSIONS_MAX
    assert succession.acting_unit(units[0], successors) == units[0]


def test_a_dissolution_that_was_corrected_away_is_none_but_was_one_once() -> None:
    read = reading(dissolved(TOP, NEW, correction(1)))

    assert succession.successors([TOP], read) == {}
    assert succession.units_once_dissolved([CELL, TOP], read) == {TOP}


# In a review


def test_the_way_up_names_who_acts_for_a_dissolved_unit() -> None:
    state = review.fold(records(*BEFORE_THE_DECISION))

    after = succession.after_units(state, state.path, reading(dissolved(TOP, NEW)))

    assert (state.path, after.path) == ((CELL, TOP), (CELL, NEW))


def test_what_is_told_again_of_a_successor_changes_nothing() -> None:
    state = review.fold(records(*BEFORE_THE_DECISION)).with_successor(TOP, NEW)

    assert state.with_successor(TOP, NEW) is state
    assert state.with_successor(TOP, None).path == (CELL, TOP)


def test_a_collective_stays_who_it_is_and_never_acts_above_itself() -> None:
    opened = replace(OPENED, member_id=MemberId(CELL), collective=True, rated_by=(TOP,))
    unit_year = review.fold(records(opened))

    assert unit_year.with_successor(CELL, NEW).path == (CELL, TOP)
    assert unit_year.with_successor(TOP, CELL).units_above == (TOP,)


def test_the_successors_authority_decides_and_the_old_one_no_more() -> None:
    state = review.fold(records(*BEFORE_THE_DECISION)).with_successor(TOP, NEW)

    def decide(by: Hand) -> RatingDecided:
        command = DecideRating(by=by, level=PROPOSED.outcome.level, proposal_version=6)
        return decide_rating(state, command, RULES, now=at(20))

    rejection_of(lambda: decide(LEADERS_HAND), "not_competent")
    assert decide(NEW_HAND).by == NEW_HAND


# What an auditor finds


def failures(*told_of_units: tuple[int, Recorded], by: Hand) -> list[str]:
    """Return what does not stand, where things were told of units before steps of the review."""
    steps = [*BEFORE_THE_DECISION, replace(decided(version=6), by=by)]
    log = [
        *records(*steps),
        *records(PLAN_OPENED),
    ]  # the plan is of the same year, and of no account
    for place, fact in told_of_units:
        log.insert(place, fact)
    state = rating_checks.review_with_successions(log, review_stream(PERIOD, MEMBER))
    return [check.name for check in rating_checks.failed_checks(state, RULES)]


def test_a_rating_stands_that_the_successor_decided_after_it_came_to_be_that() -> None:
    (fact,) = dissolved(TOP, NEW)

    assert failures((6, fact), by=NEW_HAND) == []
    assert failures((7, fact), by=NEW_HAND) == ["decider"]
    assert failures(by=NEW_HAND) == ["decider"]


def test_what_the_old_authority_decided_before_its_unit_ended_stands() -> None:
    (fact,) = dissolved(TOP, NEW)

    assert failures((7, fact), by=LEADERS_HAND) == []
    assert failures((6, fact), by=LEADERS_HAND) == ["decider"]
