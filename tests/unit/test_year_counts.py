"""Units are rated before the one above and before those who lead them, as long as they stand."""

from datetime import date

import pytest

from events.definitions.event import Code, Event, Number
from events.definitions.reopening import ReviewEnded
from events.definitions.roster import PostGiven, UnitDissolved, UnitFormed
from events.identifiers import MemberId, Stream, UnitId, member_stream, review_stream, unit_stream
from services.queries.year_counts import Read, below_waiting, units_waited_for
from tests.support.collective_facts import opening_under
from tests.support.law import CELL, RULES, TOP, records
from tests.support.party_rules import OPENED as OF_MEMBER
from tests.support.party_rules import YEAR, decided

HIGHER = UnitId("higheraaaaaaaaaaaaaaaaaaaa")
OF_CELL = opening_under()
NOT_RATED = opening_under(formed_at=OF_CELL.dues[-1].due_at)
ABOVE = opening_under(unit_id=TOP, path=(TOP, HIGHER), below=(CELL,))
ENDED = ReviewEnded(period=YEAR, member_id=MemberId(CELL), reason=Code("unrated"))
FORMED = UnitFormed(unit_id=CELL, number=Number("CB-01"), name="Chi bộ 1", kind=Code("cell"))
DISSOLVED = UnitDissolved(unit_id=CELL, successor_id=TOP)
TODAY = date(2025, 12, 10)
LEADS = PostGiven(member_id=OF_MEMBER.member_id, unit_id=CELL, post=Code("secretary"))


def reading(*, review: tuple[Event, ...] = (OF_CELL,), unit: tuple[Event, ...] = (FORMED,)) -> Read:
    """Return what reads a log in which a cell stands and is reviewed, and a member leads it."""
    streams: dict[Stream, tuple[Event, ...]] = {
        review_stream(YEAR, CELL): review,
        unit_stream(CELL): unit,
        member_stream(OF_MEMBER.member_id): (LEADS,),
    }
    return lambda stream: records(*streams[stream])


def test_a_unit_that_is_not_rated_yet_is_waited_for_above_it_and_by_who_leads_it() -> None:
    assert below_waiting(reading(), ABOVE) == (CELL,)
    assert units_waited_for(reading(), OF_MEMBER, RULES.rulebook, today=TODAY) == (CELL,)


@pytest.mark.parametrize(
    "read",
    [
        reading(review=(OF_CELL, decided(2))),
        reading(review=()),
        reading(review=(NOT_RATED,)),
        reading(review=(OF_CELL, ENDED)),
        reading(unit=(FORMED, DISSOLVED)),
    ],
    ids=["rated", "not reviewed", "too new to be rated", "ended unrated", "dissolved"],
)
def test_nobody_waits_for_a_unit_whose_rating_is_there_or_never_will_be(read: Read) -> None:
    assert below_waiting(read, ABOVE) == ()
    assert units_waited_for(read, OF_MEMBER, RULES.rulebook, today=TODAY) == ()
