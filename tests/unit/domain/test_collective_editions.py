"""Which of our editions review units, and that they ask of units only what units have."""

from datetime import datetime

import pytest

from events.definitions.event import Code, Event, Sealed
from events.definitions.records import Facts, Period
from events.domain.review import collective, counted_facts, rating_steps, review, writing_steps
from events.domain.review.review import State
from events.domain.rulebook.rulebook import Rulebook
from events.domain.year.rules import Rules
from events.identifiers import MemberId
from tests.support.editions import EDITIONS
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
    rejection_of,
)

REVIEWING_UNITS = ["neutral_3", "qd124_hd25", "qd132_hd21", "qd366_hd02", "qd366_hd43"]
OF_ALL = ("disciplines", "disciplines_self_detected")
OF_UNITS = ("leaders_disciplined", "leaders_warned", "units_below", "units_below_disciplined")
AS_UNIT = MemberId(CELL)
WORDS = Sealed[str]("w" * 42 + "A")
TEAMS = Rules(EDITIONS["neutral_3"], RULES.calendar, RULES.source)


def opened(rules: Rules, formed_at: datetime | None = None) -> Event:
    command = collective.OpenCollective(
        period=Period("2026"),
        unit_id=CELL,
        path=(CELL, TOP),
        kinds=("cell", "committee"),
        leaders=(SECRETARYS_HAND,),
        formed_at=formed_at,
    )
    return collective.open_collective(review.EMPTY, command, rules, now=at(1, 10))


def a_team(*events: Event) -> State:
    return review.fold(records(opened(TEAMS), *events))


def written() -> Event:
    command = writing_steps.SubmitSelfCritique(by=AS_UNIT, text=WORDS, hand=SECRETARYS_HAND)
    return writing_steps.submit_self_critique(a_team(), command, TEAMS, now=at(1))


def facts(**counted: int) -> Facts:
    return Facts(
        points={"conduct": 29, "results": 66},
        figures={"tasks_total": 10, "tasks_on_time": 10, "tasks_beyond": 4},
        disciplined=False,
        earlier_faults_open=0,
        group=Code("team"),
        counted=counted,
    )


def test_units_are_reviewed_by_these_editions_and_by_no_other() -> None:
    found = [name for name, rulebook in EDITIONS.items() if rulebook.collectives]

    assert found == REVIEWING_UNITS


@pytest.mark.parametrize("rulebook", EDITIONS.values(), ids=EDITIONS)
def test_an_edition_looks_at_what_is_counted_of_units_and_at_the_rest_of_members(
    rulebook: Rulebook,
) -> None:
    units = rulebook.collectives.group if rulebook.collectives else ""
    seen = {each.id: counted_facts.counts_needed(rulebook, each.id) for each in rulebook.groups}

    assert seen.pop(units, frozenset()) <= {*OF_ALL, *OF_UNITS}
    assert all(names.isdisjoint(OF_UNITS) for names in seen.values())


@pytest.mark.parametrize("name", REVIEWING_UNITS)
def test_a_unit_of_less_than_six_months_is_not_rated_and_an_older_one_is(name: str) -> None:
    rules = Rules(EDITIONS[name], RULES.calendar, RULES.source)

    # the self-critique is due on 7 December: the 5th is a Saturday
    young = review.fold(records(opened(rules, formed_at=at(8, 6))))
    old = review.fold(records(opened(rules, formed_at=at(7, 6))))

    assert ("proposal" in young.steps, "proposal" in old.steps) == (False, True)


def test_a_team_is_rated_from_above_without_a_meeting() -> None:
    command = rating_steps.ProposeRating(by=LEADERS_HAND, facts=facts(units_below=3))

    proposed = rating_steps.propose_rating(a_team(written()), command, TEAMS, now=at(8))

    assert proposed.outcome.level == "excellent"


def test_who_leads_a_team_does_not_propose_its_rating() -> None:
    command = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts())

    rejection_of(
        lambda: rating_steps.propose_rating(a_team(written()), command, TEAMS, now=at(8)),
        "on_oneself",
    )


def test_a_team_is_rated_after_the_teams_below_it() -> None:
    command = rating_steps.ProposeRating(by=LEADERS_HAND, facts=facts(), below_waiting=(TOP,))

    rejection_of(
        lambda: rating_steps.propose_rating(a_team(written()), command, TEAMS, now=at(8)),
        "lower_first",
    )
