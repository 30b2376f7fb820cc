"""Units are reviewed as collectives in the commune's party year, on both databases."""

from collections.abc import Collection
from datetime import date

import pytest

from events.domain.aggregate.rejections import CommandRejected
from events.identifiers import MemberId, UnitId
from services.commands import meetings, reviews
from services.queries.answers import Marks
from tests.support.lived import Reached
from tests.support.party_years import PartyYears
from tests.support.unit_years import asking, told_by_hr

UNITS_WROTE = date(2025, 11, 16)  # their meetings wait
CELL, OTHER_CELL = "SG-CB02", "SG-CB01"
HEAD, ABOVE = "SG-0021", "SG-0038"  # of the cell; of the committee


@pytest.fixture
def year(reached: Reached) -> PartyYears:
    """The demo's commune in its party year, once its units wrote."""
    return reached(PartyYears, UNITS_WROTE)


def test_members_of_a_dissolved_unit_are_reviewed_without_it(year: PartyYears) -> None:
    head, place = year.subject(HEAD), UnitId(year.id_of(CELL))
    written = "Tôi còn nể nang."
    reviews.submit_self_critique(year.context, asking(year, HEAD), head, written, Marks())
    above = asking(year, ABOVE)

    with pytest.raises(CommandRejected) as refused:
        meetings.hold_meeting(year.context, above, head, place, year.heads_of, None)
    told_by_hr(year, "unit_dissolved", unit_id=CELL, successor_id=OTHER_CELL)
    meetings.hold_meeting(year.context, above, head, place, year.heads_of, None)

    assert refused.value.code == "collective_first"
    assert place not in year.review(head).venues_left()


def test_a_unit_asks_for_nobodys_turn_before_its_own_meeting(year: PartyYears) -> None:
    subject, place = year.subject(CELL), UnitId(year.id_of(CELL))

    def asked_in_vain(_place: UnitId, _top: UnitId, _posts: Collection[str]) -> list[MemberId]:
        raise AssertionError("nobody is waited for")

    meetings.hold_meeting(
        year.context, asking(year, HEAD), subject, place, asked_in_vain, "Đã kiểm điểm."
    )

    assert year.review(subject).venues_left() == ()
