"""Whoever is in no year, or may be meant otherwise, is told to whoever looks."""

from datetime import timedelta
from typing import Any

import msgspec

from events.definitions.event import Event, stream_of
from events.definitions.records import Period
from events.definitions.roster import (
    MemberAbsent,
    MemberBack,
    MemberLeft,
    UnitDissolved,
    UnitMoved,
)
from events.domain.documents.working_days import Calendar
from events.domain.organisation.doubt import Why
from events.identifiers import MemberId, UnitId, new_event_id, new_id
from events.store import reference
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from services.cli import roster_look
from services.context import Context
from services.intake.numbers import ids_under
from services.queries import roster_doubts, year_doubts
from services.queries.roster_doubts import Lost
from tests.support import hr
from tests.support.fakes import FixedClock, SeededChance
from tests.support.law import RULES
from tests.support.sealed import sealed
from tests.support.senders import send_as
from tests.support.world import enrolled, formed
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

TOP, ONE, TWO, UNTOLD = (UnitId(new_id(SeededChance(number))) for number in range(41, 45))
ME, OTHER = (MemberId(new_id(SeededChance(number))) for number in (51, 52))
A_DAY = timedelta(days=1)


def tell(context: Context, *events: Event) -> None:
    """Append facts a day apart, as a sender that races with another may, and project them."""
    assert isinstance(context.clock, FixedClock)
    for event in events:
        context.clock.time += A_DAY
        stream = stream_of(event)
        new = NewEvent(
            event=event,
            id=new_event_id(context.chance),
            source="/hr",
            time=context.clock.now(),
            principal="token:t",
        )
        version = context.store.versions([stream])[stream]
        context.store.append({stream: Appended(version, (new,))})
    sequence(context.store.database, context.clock)
    for each in PROJECTIONS.values():
        Subscriber(context.store, each, clock=context.clock).advance()


def test_before_anything_is_projected_nothing_is_doubtful(context: Context) -> None:
    assert list(roster_look.doubts_told(context)) == []


def test_units_in_a_circle_are_told_with_whoever_belongs_there(context: Context) -> None:
    circle = (UnitMoved(unit_id=ONE, parent_id=TWO), UnitMoved(unit_id=TWO, parent_id=ONE))
    tell(context, formed(TOP), formed(ONE, TOP, name="Một"), formed(TWO, ONE, name="Hai"))
    tell(context, enrolled(ME, TWO), *circle)

    found = roster_doubts.lost_units(context.store.database)

    assert sorted(found) == sorted([Lost(ONE, "Một", 0), Lost(TWO, "Hai", 1)])
    assert any("Hai hangs below itself" in each for each in roster_look.doubts_told(context))
    assert roster_doubts.lost_units(context.store.database, (TOP,)) == []  # of others it is told
    assert sorted(roster_doubts.lost_units(context.store.database, (ONE,))) == sorted(found)


def test_members_of_a_unit_that_was_never_formed_are_told(context: Context) -> None:
    tell(context, formed(TOP), enrolled(ME, TOP), enrolled(OTHER, UNTOLD))
    tell(context, UnitMoved(unit_id=UNTOLD, parent_id=ONE))

    assert roster_doubts.lost_units(context.store.database) == [Lost(UNTOLD, UNTOLD, 1)]


def test_a_tree_in_order_has_nobody_lost(context: Context) -> None:
    tell(context, formed(TOP), formed(ONE, TOP), enrolled(ME, ONE))

    assert list(roster_look.doubts_told(context)) == []
    assert "of 0 something waits" in roster_look.waiting_told(context)


def test_that_somebody_is_away_still_is_told_until_they_are_back(context: Context) -> None:
    assert isinstance(context.clock, FixedClock)
    tell(context, formed(TOP), enrolled(ME, TOP), MemberAbsent(member_id=ME, reason=sealed("sick")))
    assert list(roster_look.doubts_told(context)) == []

    context.clock.time += 900 * A_DAY
    (told,) = roster_look.doubts_told(context)

    assert told.startswith("away longer than expected, or than a year")
    tell(context, MemberBack(member_id=ME))
    assert list(roster_look.doubts_told(context)) == []


def test_what_is_doubtful_is_told_for_a_year(context: Context) -> None:
    assert isinstance(context.clock, FixedClock)
    left = MemberLeft(member_id=ME, reason=sealed("resigned"))
    tell(context, formed(TOP), enrolled(ME, TOP), left, enrolled(ME, TOP))

    (told,) = roster_look.doubts_told(context)

    assert told == f"{roster_look.SAYS[Why.CAME_BACK]}: 1 (member-{ME})"
    context.clock.time += 400 * A_DAY
    assert list(roster_look.doubts_told(context)) == []


def test_two_of_one_name_in_one_unit_are_told_for_they_may_be_one_person(
    context: Context,
) -> None:
    def told_by_hr(number: str, name: str, where: str) -> dict[str, Any]:
        return hr.event(
            "roster.member_enrolled", {"number": number, "name": name, "unit_id": where}
        )

    first, second, *_ = send_as(context)(
        told_by_hr("1234", "Phạm Thị Hoà", "U1"),
        told_by_hr("1,234", "PHẠM THỊ HÒA", "U1"),
        told_by_hr("7", "Vũ Văn Em", "U1"),
        told_by_hr("8", "Phạm Thị Hoà", "U2"),
        hr.formed("U1"),
        hr.formed("U2"),
    )
    tell(context)

    (told,) = roster_look.doubts_told(context)

    streams = sorted(each.receipt.stream for each in (first, second))
    assert told == f"{roster_look.SAYS_NAMESAKES}: 2 ({', '.join(streams)})"
    top = UnitId(ids_under(context, "hr", [("unit", "U1")])["unit", "U1"])
    calendar = msgspec.convert(reference.shipped_document("calendar", "viet_nam"), Calendar)
    found = year_doubts.before_opening(context, top, Period("2026"), calendar, RULES.rulebook)
    assert [each.named for each in found if each.why == "namesakes"] == [tuple(streams)]


def test_nobody_comes_back_unseen_by_a_list_that_does_not_know_of_an_ending(
    context: Context,
) -> None:
    """Somebody else told it, and the list is told again months later."""
    tell(context, formed(TOP), formed(ONE, TOP), enrolled(ME, ONE))
    tell(context, MemberLeft(member_id=ME, reason=sealed("resigned")))
    tell(context, UnitDissolved(unit_id=ONE, successor_id=TOP))
    assert isinstance(context.clock, FixedClock)
    context.clock.time += 95 * A_DAY

    tell(context, formed(ONE, TOP), enrolled(ME, ONE))

    found = {each.stream: each.doubt.why for each in roster_doubts.standing_doubts(context)}
    assert found == {f"member-{ME}": Why.CAME_BACK, f"unit-{ONE}": Why.FORMED_AGAIN}
