"""Nobody is reviewed in a unit before whoever heads it now, on both databases."""

from datetime import date

import pytest

from events.definitions.event import Code
from events.definitions.reopening import ReviewEnded
from events.identifiers import UnitId, new_event_id
from events.store.batch import Appended, NewEvent
from services.commands import meetings
from tests.support.law import rejection_of
from tests.support.lived import Reached
from tests.support.party_years import PartyYears
from tests.support.unit_years import asking, told_by_hr

EVERYBODY_WROTE = date(2025, 12, 9)  # and every unit met; the members' meetings wait
COMMITTEE, ITS_HEAD, ITS_DEPUTY = "SG-DU", "SG-0036", "SG-0043"
CELL, HEAD, DEPUTY, MEMBER = "SG-CB02", "SG-0021", "SG-0022", "SG-0023"
OTHER_CELL, OTHER_HEAD, OF_OTHER = "SG-CB03", "SG-0042", "SG-0041"


@pytest.fixture
def year(reached: Reached) -> PartyYears:
    """The demo's commune, as its members' meetings begin."""
    return reached(PartyYears, EVERYBODY_WROTE)


def hold(year: PartyYears, whom: str, where: str, *, by: str = ITS_DEPUTY) -> None:
    place = UnitId(year.id_of(where))
    meetings.hold_meeting(
        year.context, asking(year, by), year.subject(whom), place, year.heads_of, None
    )
    year.settle()


def appoint(year: PartyYears, whom: str, unit: str, *, instead_of: str) -> None:
    """Let HR tell that somebody heads a unit now."""
    told_by_hr(year, "post_relieved", member_id=instead_of, unit_id=unit, post="secretary")
    told_by_hr(year, "post_given", member_id=whom, unit_id=unit, post="secretary")


def end(year: PartyYears, whom: str) -> None:
    """Let somebody's year end without a level."""
    subject = year.subject(whom)
    ended = ReviewEnded(period=subject.period, member_id=subject.member_id, reason=Code("unrated"))
    told = NewEvent(
        event=ended,
        id=new_event_id(year.context.chance),
        source="/test",
        time=year.clock.now(),
        principal="account:test",
    )
    version = year.context.store.versions([subject.stream])[subject.stream]
    year.context.store.append({subject.stream: Appended(version, (told,))})
    year.settle()


def is_held(year: PartyYears, whom: str, where: str) -> bool:
    return year.id_of(where) not in year.review(year.subject(whom)).venues_left()


def test_a_committees_deputy_waits_for_its_head_though_both_belong_to_cells(
    year: PartyYears,
) -> None:
    rejection_of(lambda: hold(year, ITS_DEPUTY, COMMITTEE, by=ITS_HEAD), "head_first")

    hold(year, ITS_HEAD, COMMITTEE)
    hold(year, ITS_DEPUTY, COMMITTEE, by=ITS_HEAD)

    assert is_held(year, ITS_DEPUTY, COMMITTEE)


def test_a_head_from_another_unit_who_was_appointed_in_mid_year_is_waited_for(
    year: PartyYears,
) -> None:
    appoint(year, OF_OTHER, CELL, instead_of=HEAD)
    assert year.id_of(CELL) in year.review(year.subject(OF_OTHER)).venues

    rejection_of(lambda: hold(year, MEMBER, CELL), "head_first")

    hold(year, OF_OTHER, CELL)
    hold(year, MEMBER, CELL)
    assert is_held(year, MEMBER, CELL)


def test_who_heads_a_unit_no_more_is_waited_for_no_more(year: PartyYears) -> None:
    rejection_of(lambda: hold(year, MEMBER, CELL), "head_first")

    told_by_hr(year, "post_relieved", member_id=HEAD, unit_id=CELL, post="secretary")
    hold(year, MEMBER, CELL)

    assert is_held(year, MEMBER, CELL)


@pytest.mark.parametrize("reason", ["maternity", "sick"])
def test_a_head_who_is_away_for_long_holds_up_nobody_and_is_reviewed_when_back(
    year: PartyYears, reason: str
) -> None:
    rejection_of(lambda: hold(year, MEMBER, CELL), "head_first")
    told_by_hr(year, "member_absent", member_id=HEAD, reason=reason)

    hold(year, MEMBER, CELL)
    rejection_of(lambda: hold(year, HEAD, CELL), "absent")
    told_by_hr(year, "member_back", member_id=HEAD)
    rejection_of(lambda: hold(year, DEPUTY, CELL), "head_first")
    hold(year, HEAD, CELL)
    hold(year, DEPUTY, CELL)

    assert is_held(year, MEMBER, CELL)
    assert is_held(year, HEAD, CELL)


def test_a_head_whose_year_has_ended_holds_up_nobody(year: PartyYears) -> None:
    rejection_of(lambda: hold(year, MEMBER, CELL), "head_first")

    end(year, HEAD)
    hold(year, MEMBER, CELL)

    assert is_held(year, MEMBER, CELL)


def test_a_head_without_a_review_in_the_period_holds_up_nobody(year: PartyYears) -> None:
    told_by_hr(
        year,
        "member_enrolled",
        number="SG-0099",
        name="Lò Văn Pán",
        unit_id=CELL,
        standing="official",
    )
    appoint(year, "SG-0099", CELL, instead_of=HEAD)

    hold(year, MEMBER, CELL)

    assert is_held(year, MEMBER, CELL)


def test_two_heads_who_belong_to_each_others_units_do_not_wait_for_each_other(
    year: PartyYears,
) -> None:
    appoint(year, OF_OTHER, CELL, instead_of=HEAD)
    appoint(year, MEMBER, OTHER_CELL, instead_of=OTHER_HEAD)

    rejection_of(lambda: hold(year, OF_OTHER, OTHER_CELL), "head_first")

    hold(year, OF_OTHER, CELL)
    hold(year, MEMBER, OTHER_CELL)
    hold(year, OF_OTHER, OTHER_CELL)
    hold(year, MEMBER, CELL)

    assert is_held(year, OF_OTHER, OTHER_CELL)
    assert is_held(year, MEMBER, CELL)


def test_two_heads_of_one_unit_do_not_wait_for_each_other(year: PartyYears) -> None:
    told_by_hr(year, "post_given", member_id=DEPUTY, unit_id=CELL, post="secretary")

    hold(year, HEAD, CELL)
    hold(year, DEPUTY, CELL)

    assert is_held(year, DEPUTY, CELL)
