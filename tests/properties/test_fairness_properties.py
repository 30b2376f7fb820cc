"""What peers say, how often and in which order, changes no rating; time rates nobody."""

import dataclasses
from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from events.definitions.event import Code, Event
from events.definitions.records import Label
from events.definitions.review import (
    CriticismAnswered,
    CriticismGiven,
    RatingProposed,
    ReviewOpened,
    SelfCritiqueSubmitted,
)
from events.domain.review import rating_steps, review
from events.domain.year.deadlines import run_out
from tests.support.law import CELL, MEMBER, RULES, SECRETARYS_HAND, TOP, at, facts, records
from tests.support.year_examples import YEAR

ANSWERED_BY = at(12)


def example(kind: type[Event], **values: object) -> Event:
    """Return the made-up fact of a type, about the law's member, with some values of its own."""
    found = next(each for each in YEAR if isinstance(each, kind))
    return dataclasses.replace(found, member_id=MEMBER, **values)  # type: ignore[type-var]


OPENED = example(ReviewOpened, path=(CELL, TOP), rated_by=(CELL, TOP))
CRITIQUE = example(SelfCritiqueSubmitted)

peers = st.lists(st.integers(0, 5), max_size=6)  # who criticises, one after the other


def said_by(authors: Sequence[int]) -> list[Event]:
    """Return a criticism of each author, answered at once."""
    return [
        fact
        for number, author in enumerate(authors)
        for fact in (
            example(CriticismGiven, criticism_id=Label(f"c{number}"), author=Label(f"a{author}")),
            example(CriticismAnswered, criticism_id=Label(f"c{number}")),
        )
    ]


def proposal_after(criticised: Sequence[Event], total: int) -> RatingProposed:
    state = review.fold(records(OPENED, CRITIQUE, *criticised))
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts(total))
    return rating_steps.propose_rating(state, command, RULES, now=ANSWERED_BY)


@given(peers, st.integers(0, 100))
def test_what_peers_say_changes_no_rating(authors: list[int], total: int) -> None:
    alone, criticised = proposal_after([], total), proposal_after(said_by(authors), total)

    assert criticised.outcome == alone.outcome


@given(peers.flatmap(lambda authors: st.tuples(st.just(authors), st.permutations(authors))))
def test_the_order_in_which_peers_speak_changes_no_rating(
    orders: tuple[list[int], list[int]],
) -> None:
    first, second = (proposal_after(said_by(each), 86) for each in orders)

    assert first == second


@given(st.integers(0, 400))
def test_no_lapse_of_time_rates_anybody(days: int) -> None:
    state = review.fold(records(OPENED))
    now = at(1, 1, year=2027 + days // 365)

    over = run_out(state.deadlines.open_dues(state.done), "review", now=now, excuse=lambda _: None)

    assert {type(each).definition.type for each in over} <= {"deadline.missed"}
    later = review.fold(records(OPENED, *over))
    assert (later.proposal, later.decision, review.level(later)) == (None, None, None)
    assert Code(review.stage(later)) == "commitment"
