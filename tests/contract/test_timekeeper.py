"""What ran out is told once, by its own date, whoever notices and however late."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from threading import Barrier

import pytest

from events.definitions.deadline import DeadlineMissed, Excuse, TimerSettled
from events.definitions.event import Event
from events.definitions.roster import (
    AbsenceReason,
    LeavingReason,
    MemberAbsent,
    MemberBack,
    MemberExempted,
    MemberLeft,
    UnitDissolved,
)
from events.errors import StoreUnavailable
from events.identifiers import MemberId, Stream, UnitId
from events.store.keys import KeyStore
from events.store.store import History, Store
from tests.support.deadlines import DUE_AT, OPENED_AT, Reviews
from tests.support.fakes import FixedClock, SeededChance
from tests.support.faults import Faulty
from tests.support.rivals import Interrupted
from tests.support.sealed import append_absence, sealed
from workers import timekeeper

A_DAY = timedelta(days=1)
JUST_AFTER = timedelta(microseconds=1)
WORKERS, WAIT_SECONDS = 4, 60
STEPS_MAX = 8  # of a timekeeper that tells one deadline


@pytest.fixture
def reviews(store: Store, tmp_path: Path, clock: FixedClock) -> Iterator[Reviews]:
    address = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Reviews(store, keys, clock)


class Unreadable(Store):
    """A store on which one stream cannot be read, or none of them."""

    def __init__(self, store: Store, *, streams: frozenset[Stream], error: Exception) -> None:
        super().__init__(store.database, clock=FixedClock(), chance=SeededChance(5))
        self._streams = streams
        self._error = error
        self.tried = 0

    def read_stream(self, stream: Stream, *, after: int = 0, as_of: int | None = None) -> History:
        if stream in self._streams:
            self.tried += 1
            raise self._error
        return super().read_stream(stream, after=after, as_of=as_of)


def test_at_the_very_deadline_nothing_is_missed_yet(reviews: Reviews) -> None:
    (member_id,) = reviews.open()

    reviews.clock.time = DUE_AT
    assert reviews.timekeeper().tick() == 0
    reviews.clock.time = DUE_AT + JUST_AFTER
    assert reviews.timekeeper().tick() == 1

    assert [event.due_at for event in reviews.deadline_facts(member_id)] == [DUE_AT]


def test_a_miss_is_dated_by_the_rule_and_not_by_the_worker_that_noticed(reviews: Reviews) -> None:
    (member_id,) = reviews.open()

    reviews.clock.time = DUE_AT + 90 * A_DAY
    reviews.timekeeper().tick()

    entry = reviews.store.read_stream(reviews.stream(member_id)).events[-1].entry
    assert (entry.time, entry.recordedat) == (DUE_AT, DUE_AT + 90 * A_DAY)
    assert entry.principal == "worker:timekeeper"


def test_rows_that_are_not_projected_yet_tell_nothing_twice(reviews: Reviews) -> None:
    (member_id,) = reviews.open()
    reviews.clock.time = DUE_AT + A_DAY

    counts = [reviews.timekeeper().tick() for _ in range(3)]

    assert counts == [1, 0, 0]
    assert len(reviews.deadline_facts(member_id)) == 1


def test_a_deed_that_is_not_projected_yet_is_not_missed(reviews: Reviews) -> None:
    (member_id,) = reviews.open()
    reviews.clock.time = DUE_AT + A_DAY
    reviews.commit(member_id)

    assert reviews.timekeeper().tick() == 0
    assert reviews.deadline_facts(member_id) == []


def test_clock_that_jumps_forward_and_back_tells_each_deadline_once(reviews: Reviews) -> None:
    (member_id,) = reviews.open()

    for days in (400, -500, 100, 1, -2, 600):
        reviews.clock.time = OPENED_AT + days * A_DAY
        reviews.timekeeper().tick()
        reviews.project()

    assert len(reviews.deadline_facts(member_id)) == 1


def test_timekeepers_at_once_tell_each_deadline_once(reviews: Reviews) -> None:
    members = reviews.open(30)
    reviews.clock.time = DUE_AT + A_DAY
    together = Barrier(WORKERS)

    def work() -> int:
        mine = reviews.timekeeper()
        together.wait(WAIT_SECONDS)
        return mine.tick() + mine.tick()

    with ThreadPoolExecutor(WORKERS) as pool:
        counts = [each.result(WAIT_SECONDS) for each in [pool.submit(work) for _ in range(WORKERS)]]

    assert [len(reviews.deadline_facts(each)) for each in members] == [1] * 30
    assert sum(counts) == 30


@pytest.mark.parametrize("step", range(1, STEPS_MAX + 1))
def test_a_rival_between_any_two_steps_changes_nothing(reviews: Reviews, step: int) -> None:
    (member_id,) = reviews.open()
    reviews.clock.time = DUE_AT + A_DAY
    rival = reviews.timekeeper()
    database = Interrupted(reviews.store.database, before_step=step, rival=rival.tick)
    slow = Store(database, clock=reviews.clock, chance=SeededChance(7))

    reviews.timekeeper(slow).tick()

    assert len(reviews.deadline_facts(member_id)) == 1


def test_a_crash_after_the_append_tells_nothing_twice(reviews: Reviews) -> None:
    members = reviews.open(2)  # two, so that they are appended in a transaction
    reviews.clock.time = DUE_AT + A_DAY
    faulty = Faulty(reviews.store.database)
    store = Store(faulty, clock=reviews.clock, chance=SeededChance(8))
    faulty.fail_after_commit()

    with pytest.raises(StoreUnavailable):
        reviews.timekeeper(store).tick()
    reviews.timekeeper().tick()

    assert [len(reviews.deadline_facts(each)) for each in members] == [1, 1]


def test_a_poisoned_stream_does_not_stop_the_rest(
    reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeper, "STREAMS_MAX", 2)
    poisoned = frozenset(reviews.stream(each) for each in reviews.open(5))
    healthy = reviews.open(3)  # they come later in every list of what is due
    reviews.clock.time = DUE_AT + A_DAY
    store = Unreadable(reviews.store, streams=poisoned, error=ZeroDivisionError())

    keeper = reviews.timekeeper(store)
    told = sum(keeper.tick() for _ in range(3))

    assert told == 3
    assert [len(reviews.deadline_facts(each)) for each in healthy] == [1] * 3


def test_without_a_database_it_waits_and_does_not_try_every_stream(reviews: Reviews) -> None:
    streams = frozenset(reviews.stream(each) for each in reviews.open(5))
    reviews.clock.time = DUE_AT + A_DAY
    store = Unreadable(reviews.store, streams=streams, error=StoreUnavailable("away"))

    with pytest.raises(StoreUnavailable):
        reviews.timekeeper(store).tick()

    assert store.tried == 1


def absent(member_id: MemberId) -> MemberAbsent:
    return MemberAbsent(member_id=member_id, reason=sealed(AbsenceReason.SICK))


def test_who_is_absent_exempt_or_gone_missed_nothing(reviews: Reviews) -> None:
    sick, exempt, gone, present = reviews.open(4)
    facts: dict[MemberId, Event] = {
        sick: absent(sick),
        exempt: MemberExempted(member_id=exempt),
        gone: MemberLeft(member_id=gone, reason=sealed(LeavingReason.RESIGNED)),
    }
    reviews.tell(*facts.values(), at=DUE_AT - A_DAY)
    reviews.clock.time = DUE_AT + A_DAY

    reviews.timekeeper().tick()

    told = {each: reviews.deadline_facts(each)[0] for each in (sick, exempt, gone)}
    settled = {
        each: event.reason for each, event in told.items() if isinstance(event, TimerSettled)
    }
    assert settled == {sick: Excuse.ABSENT, exempt: Excuse.EXEMPT, gone: Excuse.LEFT}
    assert isinstance(reviews.deadline_facts(present)[0], DeadlineMissed)


def test_a_dissolved_unit_missed_none_of_its_own_steps_nor_its_own_meeting(
    reviews: Reviews,
) -> None:
    dissolved, standing = reviews.open_collective(), reviews.open_collective()
    reviews.tell(UnitDissolved(unit_id=dissolved, successor_id=standing), at=DUE_AT - A_DAY)
    reviews.clock.time = DUE_AT + A_DAY

    reviews.timekeeper().tick()

    assert reasons(reviews, dissolved) == [Excuse.LEFT, Excuse.LEFT]
    assert reasons(reviews, standing) == [None, None]


def reasons(reviews: Reviews, unit_id: UnitId) -> list[Excuse | None]:
    """Return why each step of a unit that ran out is excused; None where it was missed."""
    told = reviews.deadline_facts(MemberId(unit_id))
    return [each.reason if isinstance(each, TimerSettled) else None for each in told]


def test_an_absence_that_the_rulebook_does_not_accept_excuses_nobody(reviews: Reviews) -> None:
    (member_id,) = reviews.open()
    append_absence(reviews.context, member_id, AbsenceReason.OTHER, at=DUE_AT - A_DAY)
    reviews.clock.time = DUE_AT + A_DAY

    reviews.timekeeper().tick()

    assert isinstance(reviews.deadline_facts(member_id)[0], DeadlineMissed)


def test_who_was_absent_at_the_deadline_is_excused_however_late_a_worker_looks(
    reviews: Reviews,
) -> None:
    (member_id,) = reviews.open()
    reviews.tell(absent(member_id), at=DUE_AT - A_DAY)
    reviews.tell(MemberBack(member_id=member_id), at=DUE_AT + A_DAY)
    reviews.clock.time = DUE_AT + 3 * A_DAY

    reviews.timekeeper().tick()

    assert isinstance(reviews.deadline_facts(member_id)[0], TimerSettled)


def test_who_left_or_fell_sick_after_the_deadline_missed_it(reviews: Reviews) -> None:
    gone, sick = reviews.open(2)
    left = MemberLeft(member_id=gone, reason=sealed(LeavingReason.TRANSFERRED))
    reviews.tell(left, absent(sick), at=DUE_AT + A_DAY)
    reviews.clock.time = DUE_AT + 3 * A_DAY

    reviews.timekeeper().tick()

    assert [type(reviews.deadline_facts(each)[0]) for each in (gone, sick)] == [DeadlineMissed] * 2


def test_more_deadlines_than_one_append_holds_are_all_told(
    reviews: Reviews, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timekeeper, "STREAMS_MAX", 3)
    members = reviews.open(10)
    reviews.clock.time = DUE_AT + A_DAY

    assert reviews.timekeeper().tick() == 10

    assert [len(reviews.deadline_facts(each)) for each in members] == [1] * 10


def test_who_left_by_what_was_told_ahead_missed_nothing_though_both_are_told_late(
    reviews: Reviews,
) -> None:
    """The day of the leaving and the deadline passed while no timekeeper ran."""
    (member_id,) = reviews.open()
    left = MemberLeft(member_id=member_id, reason=sealed(LeavingReason.RESIGNED))
    reviews.tell_ahead(left, DUE_AT - A_DAY)
    reviews.project()

    reviews.clock.time = DUE_AT + A_DAY
    reviews.timekeeper().tick()

    (told,) = reviews.deadline_facts(member_id)
    assert isinstance(told, TimerSettled)
