"""A committee's year is opened under the edition that governs it."""

from datetime import UTC, date, datetime

import msgspec
import pytest

from events.definitions.records import Period
from events.domain.documents import periods
from events.domain.documents.periods import Cadence
from events.domain.rulebook import validity
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.store import reference
from tests.support.law import LEADERS_HAND, RULES, SECRETARYS_HAND, TOP, records, rejection_of
from tests.support.party_rules import PARTY

NOW = datetime(2025, 1, 2, tzinfo=UTC)
QUARTERLY = msgspec.structs.replace(
    RULES, rulebook=validity.read(reference.shipped_document("rulebook", "kl198_hd02"))
)


def opened(period: str, rules: Rules, *, now: datetime = NOW) -> object:
    command = cycle.OpenCycle(period=Period(period), unit_id=TOP, by=LEADERS_HAND, authorised=True)
    return cycle.open_cycle(cycle.EMPTY, command, rules, now=now)


def test_a_year_is_opened_under_the_edition_of_that_year() -> None:
    assert opened("2025", PARTY)

    rejection_of(lambda: opened("2024", PARTY), "other_edition")
    rejection_of(lambda: opened("2026", PARTY), "other_edition")


def test_a_quarter_is_opened_under_an_edition_for_quarters() -> None:
    assert opened("2026-q1", QUARTERLY)

    rejection_of(lambda: opened("2026", QUARTERLY), "wrong_cadence")
    rejection_of(lambda: opened("2025-q1", PARTY), "wrong_cadence")


def test_a_cycle_is_opened_and_closed_once_by_an_office_of_its_unit() -> None:
    first = opened("2025", PARTY)
    state = cycle.fold(records(first))  # type: ignore[arg-type]
    command = cycle.OpenCycle(period=Period("2025"), unit_id=TOP, by=LEADERS_HAND, authorised=True)
    rejection_of(lambda: cycle.open_cycle(state, command, PARTY, now=NOW), "already_open")
    close = cycle.CloseCycle(by=LEADERS_HAND)

    closed = cycle.close_cycle(state, close, PARTY)

    rejection_of(lambda: cycle.close_cycle(cycle.EMPTY, close, PARTY), "not_open")
    again = cycle.fold(records(first, closed, closed))  # type: ignore[arg-type]
    rejection_of(lambda: cycle.close_cycle(again, close, PARTY), "already_done")
    other = cycle.CloseCycle(by=SECRETARYS_HAND)
    rejection_of(lambda: cycle.close_cycle(state, other, PARTY), "not_competent")


def test_a_year_is_opened_where_its_own_days_are_known_and_nobody_asks_for_later_ones() -> None:
    ends = msgspec.structs.replace(PARTY.calendar, valid_until=date(2025, 12, 31))
    rules = msgspec.structs.replace(PARTY, calendar=ends)

    assert opened("2025", rules)
    late = datetime(2025, 12, 29, tzinfo=UTC)
    no = rejection_of(lambda: opened("2025", rules, now=late), "calendar_ends")

    assert "2025-01-01 to 2026-01-0" in no.needed


@pytest.mark.parametrize(
    ("first", "last"), [("2025-02-01", "2027-12-31"), ("2024-01-01", "2025-12-30")]
)
def test_a_year_whose_holidays_are_not_known_is_not_opened(first: str, last: str) -> None:
    known = msgspec.structs.replace(
        PARTY.calendar,
        valid_from=date.fromisoformat(first),
        valid_until=date.fromisoformat(last),
    )
    command = cycle.OpenCycle(period=Period("2025"), unit_id=TOP, by=LEADERS_HAND, authorised=True)
    rules = msgspec.structs.replace(PARTY, calendar=known)

    no = rejection_of(
        lambda: cycle.open_cycle(cycle.EMPTY, command, rules, now=NOW), "calendar_ends"
    )

    assert (
        f"{first} to {last}: publish an edition of it that knows those of 2025-01-01 to"
        in no.needed
    )


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("2026", True),
        ("2026-q1", True),
        ("2026-q3", True),
        ("2026-q4", False),
        ("2026-Q1", False),
        ("26", False),
        ("2026-", False),
    ],
)
def test_a_period_is_a_year_or_one_of_its_first_three_quarters(text: str, *, is_one: bool) -> None:
    assert periods.is_period(text) is is_one


def test_faults_are_looked_for_in_the_ten_years_before() -> None:
    earlier = periods.years_before("2026")

    assert (earlier[0], earlier[-1], len(earlier)) == ("2025", "2016", periods.YEARS_BACK_MAX)


def test_a_quarter_belongs_to_its_year_and_has_none_of_its_own() -> None:
    assert periods.year_of("2026-q2") == 2026
    assert periods.year_before("2026-q2") == periods.year_before("2026") == "2025"
    assert periods.years_before("2026-q2") == periods.years_before("2026")
    assert periods.cadence_of("2026-q2") is Cadence.QUARTER
    assert periods.quarters_of("2026-q2") == ()
    assert periods.quarters_of("2026") == ("2026-q1", "2026-q2", "2026-q3")
