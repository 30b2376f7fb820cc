"""Units are reviewed as collectives in the commune's party year, on both databases."""

from datetime import date

import pytest

from events.domain.rejections import CommandRejected
from events.identifiers import MemberId, UnitId
from services.commands import meetings, reviews
from services.commands.context import Context
from services.commands.work import Asking
from services.intake.parser import parse_event
from services.intake.receive import receive
from tests.support.fakes import FixedClock
from tests.support.living import BEFORE, HR, HR_SOURCE
from tests.support.party_years import PartyYears

UNITS_WROTE = date(2025, 11, 16)  # their meetings wait
CELL, OTHER_CELL = "SG-CB02", "SG-CB01"
HEAD, ABOVE = "SG-0021", "SG-0038"  # of the cell; of the committee


@pytest.fixture
def year(context: Context, clock: FixedClock) -> PartyYears:
    """The demo's commune, before its party year."""
    clock.time = BEFORE
    return PartyYears(context, clock)


def asked_by(year: PartyYears, number: str) -> Asking:
    return Asking(person=year.person(number), correlation_id="test")


def dissolve(year: PartyYears, number: str, successor: str) -> None:
    """Let HR tell that a unit is no more."""
    fact = {
        "specversion": "1.0",
        "id": f"dissolved-{number}",
        "source": HR_SOURCE,
        "type": "roster.unit_dissolved",
        "time": year.clock.now().isoformat(),
        "data": {"unit_id": number, "successor_id": successor},
    }
    receive(year.context, HR, [parse_event(fact, 0)], correlation_id="hr")


def test_members_of_a_dissolved_unit_are_reviewed_without_it(year: PartyYears) -> None:
    year.live(until=UNITS_WROTE)
    head, place = year.subject(HEAD), UnitId(year.id_of(CELL))
    written = "Tôi còn nể nang."
    reviews.submit_self_critique(year.context, asked_by(year, HEAD), head, written, None)
    above = asked_by(year, ABOVE)

    with pytest.raises(CommandRejected) as refused:
        meetings.hold_meeting(year.context, above, head, place, year.heads_of, None)
    dissolve(year, CELL, OTHER_CELL)
    meetings.hold_meeting(year.context, above, head, place, year.heads_of, None)

    assert refused.value.code == "collective_first"
    assert place not in year.review(head).places_left()


def test_a_unit_asks_for_nobodys_turn_before_its_own_meeting(year: PartyYears) -> None:
    year.live(until=UNITS_WROTE)
    subject, place = year.subject(CELL), UnitId(year.id_of(CELL))

    def asked_in_vain(_place: UnitId) -> list[MemberId]:
        raise AssertionError("nobody is waited for")

    meetings.hold_meeting(
        year.context, asked_by(year, HEAD), subject, place, asked_in_vain, "Đã kiểm điểm."
    )

    assert year.review(subject).places_left() == ()
