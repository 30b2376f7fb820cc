"""Units in a quarter: an edition for quarters with terms for units opens theirs, others do not."""

from datetime import date
from typing import Any

import pytest

from events.definitions.records import Period, Source
from events.domain.review import review
from events.domain.steps import Step
from events.identifiers import UnitId
from events.store import reference
from services.commands import cycles, ratings, reviews, rulebooks
from services.context import Context
from services.queries.answers import Marks
from services.queries.rating_check import check_ratings
from services.queries.year_counts import Counted
from services.read_models import cycle_lists
from services.subject import Subject
from tests.support.fakes import FixedClock
from tests.support.law import rejection_of
from tests.support.living import BEFORE
from tests.support.party_years import QUARTER, PartyYears
from tests.support.unit_years import (
    ABOVE,
    DECIDES,
    FAULTS,
    ITS_HEAD,
    UNIT,
    asking,
    write_for,
)

AT_QUARTERS_END = date(2026, 3, 17)
POINTS = {"conduct": 20, "results": 55}
GOOD = Counted(POINTS, {"tasks_total": 10, "tasks_on_time": 10, "tasks_beyond": 1})
WELL = Counted(
    {"conduct": 29, "results": 66}, {"tasks_total": 10, "tasks_on_time": 10, "tasks_beyond": 4}
)


@pytest.fixture
def year(context: Context, clock: FixedClock) -> PartyYears:
    """The demo's commune at the end of a quarter, before anybody's review is opened."""
    clock.time = BEFORE
    year = PartyYears(context, clock)
    year.reach(AT_QUARTERS_END)
    year.turn_to(QUARTER)
    return year


def quarterly() -> dict[str, Any]:
    """Return an edition of somebody's own: the neutral one with teams, for quarters."""
    shipped: dict[str, Any] = reference.shipped_document("rulebook", "neutral_3")
    steps = {
        name: {"who": step["who"], "working_days": 5, "citation": step["citation"]}
        for name, step in shipped["steps"].items()
        if name != Step.COMMITMENT
    }
    own: dict[str, Any] = {
        "id": "team_quarters",
        "issuer": "test",
        "cadence": "quarter",
        "decision_days_before_end": 30,
        "steps": steps,
    }
    return shipped | own


def open_quarter(year: PartyYears, document: dict[str, Any]) -> None:
    """Open the quarter of the commune, and every review in it."""
    calendar = reference.shipped_document("calendar", "viet_nam")
    rulebook, days = (
        rulebooks.publish(year.context, each, principal="account:test")
        for each in (document, calendar)
    )
    rules = reference.rules_of(
        year.context.store.database, Source(rulebook=rulebook, calendar=days)
    )
    top = UnitId(year.id_of("SG-DU"))
    cycles.open_cycle(year.context, asking(year, DECIDES), year.period, top, rules)
    cycles.open_all(year.context, year.period, top, "test")
    year.settle()


def propose(year: PartyYears, number: str, counted: Counted) -> None:
    subject = year.subject(number)
    ratings.propose_rating(year.context, asking(year, ABOVE), subject, counted, FAULTS)


def rate(year: PartyYears, number: str, counted: Counted) -> str | None:
    """Return the level that somebody's, or a unit's, quarter comes to."""
    propose(year, number, counted)
    subject = year.subject(number)
    proposal = year.review(subject).proposal
    assert proposal is not None
    level = proposal.fact.outcome.level
    ratings.decide_rating(
        year.context, asking(year, DECIDES), subject, level, proposal.version, None
    )
    year.settle()
    return review.level(year.review(subject))


def units_of(year: PartyYears) -> list[str]:
    """Return the units that are reviewed in the quarter, as lists tell it."""
    top = UnitId(year.id_of("SG-DU"))
    found = cycle_lists.collectives(year.context.store.database, year.period, top)
    return [each.member_id for each in found]


def test_an_edition_for_quarters_that_has_no_terms_for_units_opens_leaders_reviews_only(
    year: PartyYears,
) -> None:
    open_quarter(year, reference.shipped_document("rulebook", "kl198_hd02"))

    assert units_of(year) == []
    assert year.review(year.subject(UNIT)).opened is None
    assert year.review(year.subject(ITS_HEAD)).opened is not None


def test_an_edition_for_years_opens_no_quarter_of_units(year: PartyYears) -> None:
    document = reference.shipped_document("rulebook", "qd366_hd02")

    rejection_of(lambda: open_quarter(year, document), "wrong_cadence")

    assert cycle_lists.every_period(year.context.store.database) == []


def test_units_are_reviewed_in_a_quarter_before_who_leads_them(year: PartyYears) -> None:
    open_quarter(year, quarterly())
    assert len(units_of(year)) == 3
    write_for(year, UNIT, ITS_HEAD)
    own = asking(year, ITS_HEAD)
    reviews.submit_self_critique(year.context, own, year.subject(ITS_HEAD), FAULTS, Marks())

    rejection_of(lambda: propose(year, ITS_HEAD, WELL), "collective_first")
    levels = [rate(year, UNIT, GOOD), rate(year, ITS_HEAD, WELL)]

    assert levels == ["good", "good"]  # whoever heads a good team is good at most
    store = year.context.store
    states = [(each, year.review(year.subject(each))) for each in (UNIT, ITS_HEAD)]
    assert check_ratings(store, states).findings == ()


def test_a_units_quarter_is_late_by_itself(year: PartyYears) -> None:
    open_quarter(year, quarterly())

    year.reach(date(2026, 4, 1))

    missed = year.review(year.subject(UNIT)).deadlines.missed
    assert [due.step for due in missed] == ["self_critique"]
    in_year = Subject(Period("2026"), year.subject(UNIT).member_id)
    assert year.review(in_year).opened is None
