"""Every fact of ours is decided anew by whoever verifies, and what the law told is found right."""

from datetime import UTC, datetime

import pytest

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Event, Origin
from events.domain.verification.law import BELIEVED, LAWS, check_law
from tests.support.law import MEMBER
from tests.support.lawful import bundle_of, found_in
from tests.support.lawful_facts import rules_of
from tests.support.lawful_years import A_MEMBERS, YEARS, history_of
from tests.support.party_rules import YEAR

LATER = datetime(2027, 1, 1, tzinfo=UTC)
OURS = [each for each in CATALOGUE if each.definition.origin is Origin.OURS]
FROM_OUTSIDE = [each for each in CATALOGUE if each.definition.origin is Origin.OUTSIDE]
EACH_YEAR = pytest.mark.parametrize("name", YEARS)


@pytest.mark.parametrize("kind", OURS, ids=lambda each: each.definition.type)
def test_of_each_fact_of_ours_the_law_decides_or_a_reason_says_why_it_is_believed(
    kind: type[Event],
) -> None:
    assert (kind in LAWS) != (kind in BELIEVED)
    assert kind in LAWS or BELIEVED[kind]


@pytest.mark.parametrize("kind", FROM_OUTSIDE, ids=lambda each: each.definition.type)
def test_what_other_systems_tell_no_law_of_ours_decides(kind: type[Event]) -> None:
    assert kind not in LAWS
    assert kind not in BELIEVED


def test_the_years_below_tell_every_fact_that_the_law_decides() -> None:
    told = {type(each.event) for wanted, _ in YEARS.values() for each in history_of(wanted)}

    assert LAWS.keys() <= told


@EACH_YEAR
def test_in_the_whole_log_a_lawful_year_is_found_right(name: str) -> None:
    wanted, _ = YEARS[name]

    history = history_of(wanted)

    assert found_in(history, rules_of) == []


@EACH_YEAR
def test_in_a_bundle_a_lawful_year_is_found_right(name: str) -> None:
    wanted, subject = YEARS[name]

    bundle = bundle_of(history_of(wanted), YEAR, subject)

    assert found_in(bundle, rules_of, whole=False) == []
    assert check_law(bundle, rules_of, LATER).passed


def test_the_verdict_tells_how_many_facts_were_decided_anew_or_where_one_is_not_lawful() -> None:
    bundle = bundle_of(history_of(A_MEMBERS), YEAR, MEMBER)
    proposed = next(each for each in bundle if each.entry.type == "review.rating_proposed")
    without = [each for each in bundle if each is not proposed]

    right, wrong = (check_law(each, rules_of, LATER) for each in (bundle, without))

    judged = sum(type(each.event) in LAWS for each in bundle)
    assert right.detail == f"{judged} facts, each as the law decides it"
    assert wrong.name == "law"
    assert not wrong.passed
    assert wrong.detail.startswith(
        f"review-2025-{MEMBER} at 11: review.rating_appraised is refused by the law: "
    )
