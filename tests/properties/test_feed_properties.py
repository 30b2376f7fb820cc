"""Whatever a feed ends that goes on is doubtful by name, and nobody's year ends in silence.

A life is drawn, and a feed that tells of it as feeds do. Of members only: what is told of one says
nothing of another, but for numbers that change hands, of which the intake's properties tell.
"""

from collections.abc import Iterator
from contextlib import suppress

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.domain.aggregate.rejections import CommandRejected
from events.domain.documents.working_days import start_of_day
from events.domain.organisation import doubts, member
from events.domain.organisation.corrections import standing_facts
from events.domain.organisation.disciplines import DISCIPLINE
from events.domain.organisation.doubt import Doubt
from events.domain.organisation.timelines import EMPTY, Kept, State
from events.domain.review import following, opening, review
from events.domain.year.heading import Tree
from events.identifiers import UnitId
from tests.support.drawn_feeds import (
    DAY,
    OFFICIAL,
    THINGS,
    Life,
    feed_of,
    in_words,
    life_of,
    plainly,
    told_again,
)
from tests.support.drawn_organisations import Dice
from tests.support.effort import fewer
from tests.support.history import NOON, record
from tests.support.party_rules import PARTY, opens
from tests.support.roster_facts import LEFT, OLD, enrolled

LIVES = 30  # an example: a silent end is rare, and a life cheap to draw
drawn = st.integers(0, 2**32).map(Dice)
few = fewer(3)  # an example here is thirty lives
PLACES = (member.MEMBERSHIP, member.UNIT)
RULES = msgspec.structs.replace(
    PARTY, rulebook=msgspec.structs.replace(PARTY.rulebook, competence=())
)
TREE = Tree(way_up=lambda each: (each, OLD) if each != OLD else (OLD,), kind_of=lambda _: "cell")


def going_on(state: State) -> set[str]:
    """Return what goes on of all that begins and ends, by its timelines."""
    holds = member.view(state)
    found = {f"{member.POST}{each.unit_id} {each.post}" for each in holds.posts}
    found |= {f"{DISCIPLINE}{each.decision}" for each in holds.disciplines}
    so = {
        member.ABSENCE: holds.absent,
        member.EXEMPTION: holds.exempt_since,
        member.STANDING: holds.standing == "probationary",
    }
    return found | {each for each, holds_so in so.items() if holds_so}


def doubts_about(state: State, thing: str) -> set[Doubt]:
    """Return what is doubtful of one thing: shown, and not there where nothing is told of it."""
    shown = {each.why for each in doubts.of_member(state)}
    found = set[Doubt]()
    for beside in (PLACES, PLACES[:1]):
        found |= _doubts_of(state, (*beside, thing)) - _doubts_of(state, beside)
    return {each for each in found if each.why in shown}


def _doubts_of(state: State, things: tuple[str, ...]) -> set[Doubt]:
    """Return what is doubtful of some things, and of nothing beside them.

    That something was told of all others stays: it says that somebody was there.
    """
    decisions = tuple(f" {each.removeprefix(DISCIPLINE)}" for each in things)

    def of_these(timelines: Kept) -> Kept:
        kept = {
            name: tuple(msgspec.structs.replace(mark, value=None) for mark in marks)
            for name, marks in timelines.items()
            if member.is_of_belonging(name) and name not in PLACES
        }
        return kept | {
            name: marks
            for name, marks in timelines.items()
            if name in things or name.endswith(decisions)
        }

    timelines, waiting = of_these(state.timelines), of_these(state.waiting)
    only = msgspec.structs.replace(state, timelines=timelines, waiting=waiting)
    return {*doubts.of_member(only)}


def doubts_about_belonging(state: State) -> set[Doubt]:
    timelines = {k: v for k, v in state.timelines.items() if k != member.MEMBERSHIP}
    without = msgspec.structs.replace(state, timelines=timelines)
    return {*doubts.of_member(state)} - {*doubts.of_member(without)}


def told_of(dice: Dice, *, ahead: bool = True) -> Iterator[tuple[Life, list[Recorded], State]]:
    """Iterate over lives, what a feed tells of each, and what that comes to."""
    for _ in range(LIVES):
        life = life_of(dice)
        feed = feed_of(dice, life, ahead=ahead)
        yield life, feed, member.fold(feed)


def simplest(wrong: list[tuple[Life, list[Recorded]]]) -> str:
    """Return in words where a law does not hold, by the shortest feed; none where it does."""
    return in_words(*min(wrong, key=lambda each: len(each[1]))) if wrong else ""


def is_silent(life: Life, state: State) -> bool:
    """Tell whether something ended that goes on, and no doubt is about that."""
    if member.view(state).membership == member.LEFT:
        return life.is_here and not doubts_about_belonging(state)
    ended = life.goes_on - life.unsaid - going_on(state)
    return life.is_here and not all(doubts_about(state, each) for each in ended)


@given(dice=drawn)
def test_whatever_ended_that_goes_on_is_doubtful_by_itself(dice: Dice) -> None:
    assert not simplest([(a, b) for a, b, state in told_of(dice) if is_silent(a, state)])


@few
@given(dice=drawn)
def test_nothing_is_doubtful_where_all_is_told_as_it_was(dice: Dice) -> None:
    for _ in range(LIVES):
        life = life_of(dice, leaves=False)
        state = member.fold(plainly(life))

        assert doubts.of_member(state) == ()
        assert life.goes_on - life.unsaid <= going_on(state)


@few
@given(dice=drawn)
def test_of_who_left_and_came_back_nothing_is_doubtful_but_that(dice: Dice) -> None:
    for _ in range(LIVES):
        life = life_of(dice)
        state = member.fold(plainly(life))

        assert {*doubts.of_member(state)} == doubts_about_belonging(state)
        assert life.goes_on - life.unsaid <= going_on(state)


@few
@given(dice=drawn)
def test_all_that_was_told_is_told_again_of_its_moment_to_no_effect(dice: Dice) -> None:
    wrong = []
    for life, feed, state in told_of(dice, ahead=False):
        again = [(at, event) for event, at in standing_facts(feed).values()]
        then = member.fold(told_again(feed, dice.shuffled(again)))
        if meaning(then) != meaning(state):
            wrong.append((life, feed))

    assert not simplest(wrong)


@few
@given(dice=drawn)
def test_a_night_that_tells_all_that_holds_and_has_ended_silences_no_doubt(dice: Dice) -> None:
    wrong = []
    for life, feed, state in told_of(dice):
        night = start_of_day(feed[-1].entry.recordedat + dice.pick((1, 9)) * DAY)
        export = [(night, event) for event in as_of_now(state)]
        then = member.fold(told_again(feed, dice.shuffled(export)))
        if (going_on(then), doubts.of_member(then)) != (going_on(state), doubts.of_member(state)):
            wrong.append((life, feed))

    assert not simplest(wrong)


@few
@given(dice=drawn)
def test_a_year_ends_with_belonging_alone_and_of_who_is_there_not_silently(dice: Dice) -> None:
    wrong = []
    for life, feed, state in told_of(dice):
        year, left = year_along(feed), member.view(state).membership == member.LEFT
        is_otherwise = year.opened and (year.ending is not None) != left
        if is_otherwise or (year.ending and life.is_here and not doubts_about_belonging(state)):
            wrong.append((life, feed))

    assert not simplest(wrong)


def meaning(state: State) -> tuple[object, ...]:
    return member.view(state), doubts.of_member(state)


def as_of_now(state: State) -> Iterator[Event]:
    """Iterate over what a system tells that exports all that holds, and all that it ended."""
    holds, goes_on = member.view(state), going_on(state)
    if holds.membership == member.LEFT:
        yield LEFT
    elif holds.own_unit:
        yield enrolled(UnitId(holds.own_unit))
        if state.value(member.STANDING) == OFFICIAL.standing:
            yield OFFICIAL
    for thing, (begins, ends) in THINGS.items():
        if thing in goes_on:
            yield begins
        elif thing in state.timelines and state.value(thing) is None:
            yield ends


def year_along(feed: list[Recorded]) -> review.State:
    """Return the review of a member's year after all that followed for it, fact by fact."""
    roster, year = EMPTY, review.EMPTY
    for recorded in feed:
        roster = member.evolve(roster, recorded)
        holds = member.view(roster)
        with suppress(CommandRejected):
            if year.opened:
                follows: Event = following.follow(year, holds, TREE, RULES, now=NOON)
            elif holds.own_unit:
                follows = opening.open_review(year, opens(path=(OLD,)), RULES, now=NOON)
            else:
                continue
            year = review.evolve(year, record(follows, version=year.version + 1))
    return year
