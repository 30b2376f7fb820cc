"""Whoever is in no year, or may be meant otherwise, is told to whoever looks."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from events.definitions.event import Code, Event, stream_of
from events.definitions.records import Period
from events.definitions.roster import (
    MemberAbsent,
    MemberBack,
    MemberLeft,
    MemberStateRated,
    UnitDissolved,
    UnitMoved,
)
from events.domain.documents.working_days import Calendar
from events.domain.organisation.doubt import Why
from events.identifiers import MemberId, Stream, UnitId, new_event_id, new_id, unit_stream
from events.store import reference
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from events.vault.sealing import IDENTITY
from services.cli import roster_look
from services.context import Context
from services.intake.numbers import ids_under
from services.queries import roster_doubts, year_doubts, year_preview
from services.queries.roster_doubts import Lost
from tests.support import hr
from tests.support.dead_ends import ALONE_AT_THE_TOP
from tests.support.fakes import FixedClock, SeededChance
from tests.support.law import RULES
from tests.support.sealed import sealed
from tests.support.senders import send_as
from tests.support.simulated_years import SimulatedYear
from tests.support.world import enrolled, formed, moved
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


def told_of(number: str, **more: Any) -> dict[str, Any]:
    data = {"number": number, "name": "Phạm Thị Hoà", "unit_id": "U1"}
    return hr.event("roster.member_enrolled", data | more, time="2026-01-02T00:00:00+07:00")


def whys(context: Context) -> list[Why]:
    tell(context)
    return [each.doubt.why for each in roster_doubts.standing_doubts(context)]


REPEATED = (
    ("member_disciplined", {"decision": "05-QĐ", "grade": "warning"}),
    ("member_absent", {"reason": "sick"}),
    ("post_given", {"unit_id": "U1", "post": "deputy_secretary"}),
)


@pytest.mark.parametrize(("kind", "data"), REPEATED)
@pytest.mark.parametrize("order", ["abc", "bac", "acb"])
def test_what_was_corrected_and_is_told_still_is_doubtful(
    context: Context, kind: str, data: dict[str, str], order: str
) -> None:
    send = send_as(context)
    fact = hr.event(f"roster.{kind}", {"member_id": "1"} | data)
    told = {
        "a": fact,
        "b": fact | {"id": f"{fact['id']}-again"},
        "c": hr.event("roster.fact_corrected", {"corrects": fact["id"]}),
    }
    send(hr.formed("U1"), told_of("1"))

    for each in order:
        send(told[each])

    goes_on = order != "abc"  # told again before it was corrected, it was corrected with it
    assert whys(context) == [Why.CORRECTED_TO_NO_EFFECT] * goes_on


@pytest.mark.parametrize(
    "other",
    [{"time": "2026-01-06T08:00:00+07:00"}, {"data": {"member_id": "1", "reason": "maternity"}}],
)
def test_what_was_corrected_and_is_told_otherwise_or_of_another_time_is_no_doubt(
    context: Context, other: dict[str, Any]
) -> None:
    send = send_as(context)
    fact = hr.event("roster.member_absent", {"member_id": "1", "reason": "sick"})
    send(hr.formed("U1"), told_of("1"), fact)

    send(hr.event("roster.fact_corrected", {"corrects": fact["id"]}))
    send(fact | {"id": "another"} | other, hr.moved("1", "U1"))

    assert whys(context) == []


def test_of_old_facts_that_came_lately_it_is_told_what_is_doubtful(context: Context) -> None:
    """A first import tells of years, and of each what its day made of it."""
    assert isinstance(context.clock, FixedClock)
    tell(context, formed(TOP), formed(ONE, TOP))
    context.clock.time += 900 * A_DAY
    stream, told = stream_of(enrolled(ME, TOP)), context.clock.time - 500 * A_DAY
    facts = (enrolled(ME, TOP), MemberLeft(member_id=ME, reason=sealed("moved")), moved(ME, ONE))
    new = [
        NewEvent(
            event=event,
            id=new_event_id(context.chance),
            source="/hr",
            time=told + number * 3 * A_DAY,
            principal="token:t",
        )
        for number, event in enumerate(facts)
    ]
    context.store.append({stream: Appended(0, tuple(new))})

    assert whys(context) == [Why.TOLD_AFTER]
    context.clock.time += 400 * A_DAY
    assert whys(context) == []
    tell(context, MemberStateRated(member_id=ME, period=Period("2025"), level=Code("good")))
    assert whys(context) == []  # what is told of them later does not make it new


def left(number: str) -> dict[str, Any]:
    return hr.event("roster.member_left", {"member_id": number, "reason": "other"})


def whys_after_nights(context: Context, *listed: dict[str, Any], nights: int = 12) -> list[Why]:
    """Return what is doubtful after nights in which a list told facts again."""
    assert isinstance(context.clock, FixedClock)
    for _ in range(nights):
        context.clock.time += A_DAY
        night = context.clock.time.date()
        send_as(context)(*(each | {"id": f"{each['id']}-{night}"} for each in listed))
    return whys(context)


def test_who_left_and_goes_on_being_listed_is_doubtful_until_that_is_put_right(
    context: Context,
) -> None:
    here, gone = told_of("1"), left("1")
    send_as(context)(hr.formed("U1"), here)
    (outcome,) = send_as(context)(gone)
    stream = Stream(outcome.receipt.stream)

    assert whys_after_nights(context, here, nights=7) == []  # lists are days old at times
    assert whys_after_nights(context, here, nights=2) == [Why.TOLD_AFTER]

    assert context.store.versions([stream]) == {stream: outcome.receipt.version}
    send_as(context)(hr.event("roster.fact_corrected", {"corrects": gone["id"]}))
    assert whys_after_nights(context, here) == []


def test_who_is_listed_with_the_leaving_or_no_more_or_of_old_is_no_doubt(context: Context) -> None:
    assert isinstance(context.clock, FixedClock)
    people, gone = [told_of("1"), told_of("2", name="Vũ Văn Em")], [left("1"), left("2")]
    send_as(context)(hr.formed("U1"), *people)
    assert whys_after_nights(context, *people) == []

    send_as(context)(*gone)

    assert whys_after_nights(context, people[0], gone[0]) == []
    context.clock.time += 400 * A_DAY
    assert whys_after_nights(context, people[1]) == []  # somebody could have looked at it


def renamed_lines(context: Context) -> list[str]:
    tell(context)
    told = roster_look.doubts_told(context)
    return [each for each in told if each.startswith(roster_look.SAYS_RENAMED)]


def test_who_is_told_under_a_name_that_may_be_somebody_elses_is_doubtful(context: Context) -> None:
    """Half of a swap, a chain of new numbers, a newcomer told ahead: each looks so."""
    assert isinstance(context.clock, FixedClock)
    send = send_as(context)
    first, *_ = send(told_of("1"), told_of("2", name="Vũ Văn Em"), hr.formed("U1"))
    assert renamed_lines(context) == []
    ahead = (context.clock.time + 90 * A_DAY).isoformat()

    send(told_of("1", name="Phạm Văn Giang") | {"time": ahead})

    stream = first.receipt.stream
    assert renamed_lines(context) == [f"{roster_look.SAYS_RENAMED}: 1 ({stream})"]
    top = UnitId(ids_under(context, "hr", [("unit", "U1")])["unit", "U1"])
    calendar = msgspec.convert(reference.shipped_document("calendar", "viet_nam"), Calendar)
    found = year_doubts.before_opening(context, top, Period("2026"), calendar, RULES.rulebook)
    assert [each.named for each in found if each.why == "renamed"] == [(stream,)]
    context.clock.time += 400 * A_DAY
    assert len(renamed_lines(context)) == 1
    context.clock.time += 400 * A_DAY
    assert renamed_lines(context) == []


def test_a_name_told_of_old_and_lately_is_doubtful_and_one_whose_words_were_erased_is_not(
    context: Context,
) -> None:
    assert isinstance(context.clock, FixedClock)
    context.clock.time += 900 * A_DAY
    renaming = told_of("1", name="Vũ Văn Em") | {"time": "2026-01-03T00:00:00+07:00"}
    first, *_ = send_as(context)(told_of("1"), hr.formed("U1"))
    send_as(context)(renaming)
    assert len(renamed_lines(context)) == 1

    context.keys.destroy(first.receipt.stream, IDENTITY)

    assert renamed_lines(context) == []


def test_the_preview_tells_of_posts_for_want_of_which_a_simulated_year_comes_to_no_end(
    context: Context,
) -> None:
    year = SimulatedYear(ALONE_AT_THE_TOP)
    top, hands = year.organisation.authority, year.organisation.hands
    tell(context, *year.organisation.facts())

    found = year_preview.before_opening(context, top, Period("2025"), year.rules)

    named = {each.why: each.named for each in found.doubts}
    assert named["too_few"] == (unit_stream(top),)
    vacant = {*year.organisation.parents} - {each.unit_id for each in hands}
    assert {*named.get("vacant", ())} == {*map(unit_stream, sorted(vacant)[:3])}
