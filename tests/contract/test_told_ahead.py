"""What HR tells ahead is kept, holds on its day, once, and everything follows on that day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier
from typing import Any

import pytest

from events.definitions.roster import FactTookEffect
from events.domain.organisation import member, unit
from events.domain.organisation.member import Member
from events.domain.organisation.unit import Unit
from events.errors import StoreUnavailable
from events.identifiers import Stream, UnitId
from events.store.sequencing import sequence
from events.store.store import Store
from services.access.tokens import Grants, Principal
from services.context import Context
from services.intake.checks import FUTURE_MAX
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.intake.refusals import FromTheFuture
from services.read_models import backlog, roster, states, tree
from tests.support import hr
from tests.support.fakes import FixedClock, SeededChance
from tests.support.faults import Faulty
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber
from workers.timekeeper import Timekeeper

NOVEMBER = datetime(2026, 11, 20, 2, tzinfo=UTC)
NEW_YEAR = "2027-01-01T00:00:00+07:00"
THE_DAY = datetime(2026, 12, 31, 17, tzinfo=UTC)
A_DAY = timedelta(days=1)
WORKERS, WAIT_SECONDS = 4, 60
HR = Principal("token:t", "t", Grants(sends=("roster.*",), sources=(hr.SOURCE,)))

Tell = Callable[..., list[str]]


class Office:
    """HR tells, lists follow, and time passes."""

    def __init__(self, context: Context, clock: FixedClock) -> None:
        clock.time = NOVEMBER
        self.context, self.clock = context, clock
        projections = PROJECTIONS.values()
        self._lists = [Subscriber(context.store, each, clock=clock) for each in projections]

    def tell(self, *events: dict[str, Any]) -> list[str]:
        """Return whom each fact is about."""
        sent = [parse_event(each, index) for index, each in enumerate(events)]
        outcomes = receive(self.context, HR, sent, correlation_id="c")
        self.project()
        return [each.receipt.stream.partition("-")[2] for each in outcomes]

    def project(self) -> None:
        sequence(self.context.store.database, self.clock)
        for each in self._lists:
            while each.advance().count:
                pass

    def tick(self) -> int:
        told = Timekeeper(self.context).tick()
        self.project()
        return told

    def member(self, member_id: str) -> Member:
        """Return what holds of a member, which must be what lists hold too."""
        history = self.context.store.read_stream(Stream(f"member-{member_id}"))
        holds = member.view(member.fold(history.events))
        database = self.context.store.database
        assert states.current(database, states.MEMBERS, member_id).state == holds
        return holds

    def unit(self, unit_id: str) -> Unit:
        history = self.context.store.read_stream(Stream(f"unit-{unit_id}"))
        return unit.view(unit.fold(history.events))

    def effects(self, stream: str) -> list[FactTookEffect]:
        history = self.context.store.read_stream(Stream(stream)).events
        return [each.event for each in history if isinstance(each.event, FactTookEffect)]


@pytest.fixture
def office(context: Context, clock: FixedClock) -> Office:
    return Office(context, clock)


@pytest.fixture
def moving(office: Office) -> tuple[str, str, str]:
    """Return somebody who will move on New Year's Day, from where, and where to."""
    old, new, who, _ = office.tell(
        hr.formed("U1"),
        hr.formed("U2"),
        hr.enrolled("M1", "U1"),
        hr.moved("M1", "U2", time=NEW_YEAR, id="move"),
    )
    return who, old, new


def corrected(fact: dict[str, Any] | None) -> dict[str, Any]:
    inside = {"fact": {name: fact[name] for name in ("type", "time", "data")}} if fact else {}
    return hr.event("roster.fact_corrected", {"corrects": "move"} | inside)


def test_a_move_told_ahead_holds_on_its_day_and_not_before(
    office: Office, moving: tuple[str, str, str]
) -> None:
    who, old, new = moving

    office.clock.time = THE_DAY - timedelta(microseconds=1)
    assert (office.tick(), office.member(who).unit_id) == (0, old)
    office.clock.time = THE_DAY
    assert (office.tick(), office.member(who).unit_id) == (1, new)
    assert (office.tick(), office.member(who).unit_since) == (0, THE_DAY)


def test_a_timekeeper_that_comes_late_dates_it_by_its_day(
    office: Office, moving: tuple[str, str, str]
) -> None:
    who, *_ = moving

    office.clock.time = THE_DAY + 30 * A_DAY
    office.tick()

    last = office.context.store.read_stream(Stream(f"member-{who}")).events[-1]
    assert (last.entry.time, last.entry.recordedat) == (THE_DAY, THE_DAY + 30 * A_DAY)


def test_lists_know_only_what_holds(office: Office, moving: tuple[str, str, str]) -> None:
    who, old, new = moving
    database, units = office.context.store.database, (UnitId(old), UnitId(new))

    before = [roster.members_of(database, [each]) for each in units]
    office.clock.time = THE_DAY
    office.tick()

    assert before == [[who], []]
    assert [roster.members_of(database, [each]) for each in units] == [[], [who]]


@pytest.mark.usefixtures("moving")
def test_whoever_waits_for_workers_to_be_done_waits_for_this_too(office: Office) -> None:
    database = office.context.store.database

    assert backlog.work_left(database, NOVEMBER).timers_due == 0
    assert backlog.work_left(database, THE_DAY).timers_due == 1


@pytest.mark.parametrize("day", [NOVEMBER, THE_DAY + A_DAY], ids=["before", "after"])
def test_a_move_that_was_told_wrongly_is_taken_back_before_its_day_and_after(
    office: Office, moving: tuple[str, str, str], day: datetime
) -> None:
    who, old, _ = moving
    office.clock.time = day
    office.tick()

    office.tell(corrected(None))

    office.clock.time = THE_DAY + 2 * A_DAY
    assert (office.tick(), office.member(who).unit_id) == (0, old)


def test_a_move_may_be_put_off_even_when_it_holds_already(
    office: Office, moving: tuple[str, str, str]
) -> None:
    who, old, new = moving
    office.clock.time = THE_DAY
    office.tick()

    office.tell(corrected(hr.moved("M1", "U2", time="2027-02-01T00:00:00+07:00")))

    assert office.member(who).unit_id == old
    office.clock.time = THE_DAY + 40 * A_DAY
    assert (office.tick(), office.member(who).unit_id) == (1, new)


def test_a_unit_founded_ahead_and_those_enrolled_in_it_come_the_same_day(office: Office) -> None:
    top, new, who = office.tell(
        hr.formed("U1"),
        hr.formed("U2", parent="U1", time=NEW_YEAR),
        hr.enrolled("M1", "U2", time=NEW_YEAR),
    )
    database = office.context.store.database

    assert tree.units_below(database, [top]) == {top}
    office.clock.time = THE_DAY
    assert office.tick() == 2
    assert tree.units_below(database, [top]) == {top, new}
    assert office.member(who).membership == "enrolled"
    first, second = office.context.store.read_log(office.context.store.head().size - 2, 2)
    assert (first.entry.stream, second.entry.stream) == (f"unit-{new}", f"member-{who}")


def test_timekeepers_at_once_let_it_hold_once(office: Office, moving: tuple[str, str, str]) -> None:
    who, *_ = moving
    office.clock.time = THE_DAY
    together = Barrier(WORKERS)

    def work() -> int:
        mine = Timekeeper(office.context)
        together.wait(WAIT_SECONDS)
        return mine.tick() + mine.tick()

    with ThreadPoolExecutor(WORKERS) as pool:
        counts = [each.result(WAIT_SECONDS) for each in [pool.submit(work) for _ in range(WORKERS)]]

    assert sum(counts) == 1
    assert len(office.effects(f"member-{who}")) == 1


def test_a_crash_after_the_commit_lets_it_hold_once(
    office: Office, moving: tuple[str, str, str]
) -> None:
    who, *_ = moving
    office.clock.time = THE_DAY
    faulty = Faulty(office.context.store.database)
    store = Store(faulty, clock=office.clock, chance=SeededChance(8))
    faulty.fail_after_commit()

    with suppress(StoreUnavailable):
        Timekeeper(replace(office.context, store=store)).tick()
    office.tick()

    assert len(office.effects(f"member-{who}")) == 1


def test_what_lies_too_far_ahead_is_refused_in_words(office: Office) -> None:
    day = (NOVEMBER + FUTURE_MAX).isoformat()
    too_far = (NOVEMBER + FUTURE_MAX + A_DAY).isoformat()
    office.tell(hr.formed("U1"), hr.enrolled("M1", "U1"), hr.moved("M1", "U1", id="move"))

    office.tell(hr.moved("M1", "U1", time=day))
    for refused, pointer in (
        (hr.moved("M1", "U1", time=too_far), "/time"),
        (corrected(hr.moved("M1", "U1", time=too_far)), "/data/fact/time"),
    ):
        with pytest.raises(FromTheFuture, match="400 days") as told:
            office.tell(hr.formed("U2"), refused)

        assert (told.value.index, told.value.pointer) == (1, pointer)


def test_a_unit_dissolved_ahead_acts_until_its_day(office: Office) -> None:
    one, other, _ = office.tell(
        hr.formed("U1"),
        hr.formed("U2"),
        hr.event("roster.unit_dissolved", {"unit_id": "U1", "successor_id": "U2"}, time=NEW_YEAR),
    )
    before = office.unit(one)
    office.clock.time = THE_DAY
    office.tick()

    assert (before.dissolved_at or None, office.unit(one).successor_id) == (None, other)
