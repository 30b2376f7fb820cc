"""Nobody decides what they proposed, none before the edition's first day, none under another's."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import msgspec
import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.domain.documents.periods import Cadence
from events.domain.review import rating_steps, review
from events.domain.rulebook import rating
from events.domain.steps import Step
from events.domain.verification import rating_checks
from events.domain.year.rules import Rules, require_governed
from tests.support.editions import EDITIONS
from tests.support.law import LEADERS_HAND, RULES, SECRETARY, TOP, at, facts, records, rejection_of
from tests.support.rating_facts import STEPS
from tests.support.review_facts import CRITICISED_ONESELF, PROPOSED, WORDS, decide, review_with

PROPOSERS_OTHER_HAND = Hand(member_id=SECRETARY, unit_id=TOP, post=Code("deputy_secretary"))
FIRST_DAY = datetime(2026, 10, 31, 17, tzinfo=UTC)  # midnight of 1 November in Hanoi
DECIDED = STEPS[6]


def under(rules: Rules = RULES, **changed: Any) -> Rules:
    """Return rules with some of the edition changed."""
    return msgspec.structs.replace(
        rules, rulebook=msgspec.structs.replace(rules.rulebook, **changed)
    )


def failures(decision: tuple[datetime, Event], rules: Rules = RULES) -> list[str]:
    state = review.fold(records(*STEPS[:6], decision, *STEPS[7:]))
    return [check.name for check in rating_checks.failed_checks(state, rules)]


def test_a_level_that_a_limit_forbids_is_not_decided_and_found_where_it_was() -> None:
    warned = facts(86, disciplined=True)
    proposal = replace(PROPOSED, facts=warned, outcome=rating.outcome(RULES.rulebook, warned))
    state = review_with(CRITICISED_ONESELF, proposal)

    def decide_as(level: str) -> object:
        return rating_steps.decide_rating(state, decide(level, reason=True), RULES, now=at(18))

    told = rejection_of(lambda: decide_as("good"), "beyond_limits")
    assert told.needed == "the edition's limits allow fair at best here"
    assert decide_as("fair")
    assert decide_as("poor")
    steps = [proposal if each is PROPOSED else each for each in STEPS]
    decided_all_the_same = replace(DECIDED, level=Code("good"), text=WORDS)  # type: ignore[type-var]
    folded = review.fold(records(*steps[:6], decided_all_the_same, *steps[7:]))
    found = [check.name for check in rating_checks.failed_checks(folded, RULES)]
    assert found == ["within_limits"]


@pytest.mark.parametrize("name", sorted(EDITIONS))
def test_nobody_decides_what_they_proposed_in_any_edition(name: str) -> None:
    rules = msgspec.structs.replace(RULES, rulebook=EDITIONS[name])
    state = review_with(CRITICISED_ONESELF, PROPOSED)
    post = Code(EDITIONS[name].posts_for(Step.DECISION)[0])
    command = decide(by=msgspec.structs.replace(PROPOSERS_OTHER_HAND, post=post))

    no = rejection_of(
        lambda: rating_steps.decide_rating(state, command, rules, now=at(18)), "own_proposal"
    )

    assert (no.rule, no.needed) == ("four eyes", "somebody else than who proposed it decides")


def test_nobody_decides_who_proposed_once_whatever_was_proposed_since() -> None:
    other = replace(PROPOSED, by=LEADERS_HAND)
    told = (CRITICISED_ONESELF, PROPOSED, other)
    on_it = replace(DECIDED, proposal_version=4, by=PROPOSERS_OTHER_HAND)  # type: ignore[type-var]

    rejection_of(
        lambda: rating_steps.decide_rating(
            review_with(*told), decide(version=4, by=PROPOSERS_OTHER_HAND), RULES, now=at(18)
        ),
        "own_proposal",
    )

    verdict = rating_checks.failed_checks(review_with(*told, on_it), RULES)
    assert "decided_by_another" in [check.name for check in verdict]


def test_a_rating_decided_by_who_proposed_it_does_not_stand() -> None:
    assert failures((at(18), DECIDED)) == []
    assert failures((at(18), replace(DECIDED, by=PROPOSERS_OTHER_HAND))) == ["decided_by_another"]  # type: ignore[type-var]


@pytest.mark.parametrize(
    "early", [at(30, 10), at(15, 12, year=2025), FIRST_DAY - datetime.resolution]
)
def test_no_rating_is_decided_before_the_editions_first_day(early: datetime) -> None:
    state = review_with(CRITICISED_ONESELF, PROPOSED)

    no = rejection_of(
        lambda: rating_steps.decide_rating(state, decide(), RULES, now=early), "too_early"
    )

    assert no.needed == "ratings of 2026 are decided from 2026-11-01 on"
    assert rating_steps.decide_rating(state, decide(), RULES, now=FIRST_DAY).level == "good"
    assert failures((early, DECIDED)) == ["decided_in_time"]
    assert failures((FIRST_DAY, DECIDED)) == []


@pytest.mark.parametrize(
    ("period", "days", "in_force", "first"),
    [
        ("2026", 0, "2024-01-01", "2026-12-31"),
        ("2026", 60, "2024-01-01", "2026-11-01"),
        ("2026", 60, "2026-12-10", "2026-12-10"),  # an edition that is not in force decides nothing
        ("2026-q1", 30, "2024-01-01", "2026-03-01"),
        ("2026-q3", 30, "2024-01-01", "2026-08-31"),
    ],
)
def test_the_first_day_is_counted_from_the_end_of_the_period(
    period: str, days: int, in_force: str, first: str
) -> None:
    rules = under(decision_days_before_end=days, valid_from=date.fromisoformat(in_force))

    assert rules.rulebook.decided_from(period) == date.fromisoformat(first)


def test_a_decision_is_never_due_before_it_may_be_taken() -> None:
    quarterly = msgspec.structs.replace(RULES, rulebook=EDITIONS["kl198_hd02"])
    early = under(decision_days_before_end=0)

    due = quarterly.due_at(Step.DECISION, period="2026-q2", cause=at(6, 4))

    assert due == datetime(2026, 6, 5, 16, 59, 59, tzinfo=UTC)  # five working days from 31 May
    assert early.due_at(Step.DECISION, period="2026", cause=at(1)) > at(31, hour=17)
    assert RULES.due_at(Step.PROPOSAL, period="2026", cause=at(5, 1)) < at(16)


Change = Callable[[Rules], Rules]


@pytest.mark.parametrize(
    ("period", "change", "code"),
    [
        ("2023", lambda rules: rules, "other_edition"),  # in force from 2024 on
        ("2025", lambda rules: under(rules, first_year=2026), "other_edition"),
        ("2027", lambda rules: under(rules, last_year=2026), "other_edition"),
        ("2026", lambda rules: under(rules, valid_from=date(2027, 1, 1)), "other_edition"),
        ("2026-q1", lambda rules: rules, "wrong_cadence"),
        (
            "2026-q1",
            lambda rules: under(rules, cadence=Cadence.QUARTER, valid_from=date(2026, 4, 1)),
            "other_edition",
        ),
    ],
)
def test_an_edition_is_refused_outside_its_years_and_before_it_is_in_force(
    period: str, change: Change, code: str
) -> None:
    rejection_of(lambda: require_governed(period, change(RULES)), code)


def test_an_edition_that_comes_into_force_on_the_last_day_is_one_for_the_year() -> None:
    require_governed("2026", under(valid_from=date(2026, 12, 31)))


def test_a_rating_under_an_edition_of_other_years_does_not_stand() -> None:
    assert failures((at(18), DECIDED), under(last_year=2025)) == ["edition_governs"]
