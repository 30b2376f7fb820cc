"""Several workers, programs of several editions and readers at once, on both databases."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from events.definitions.entry import Sequenced
from events.errors import ConcurrentAppend
from events.store import sequencing, subscriptions
from events.store.store import Store
from events.store.subscriptions import Subscription
from events.store.verification import LogCheck
from services.read_models import states
from services.read_models.states import MEMBERS
from services.read_models.verification import StateCheck
from tests.support import facts
from tests.support.fakes import FixedClock
from tests.support.rivals import Interrupted
from workers.projections.member_states import MEMBER_STATES
from workers.projections.projection import Projection, Rows
from workers.subscribers import EditionSuperseded, Subscriber

MEMBERS_COUNT, EVENTS = 4, 3
CULPRIT = 5  # the second event of the first member
WORKERS, ROUNDS = 4, 10
STEPS_MAX = 20  # of a worker that goes through the log event by event
WAIT_SECONDS = 60
A_MOMENT_SECONDS = 0.3  # long enough for a worker that nobody keeps waiting

NEWER = MEMBER_STATES._replace(edition=MEMBER_STATES.edition + 1)


@pytest.fixture
def log(store: Store, clock: FixedClock) -> Store:
    """Four members with three events each, numbered."""
    for streams in facts.histories(MEMBERS_COUNT, EVENTS):
        store.append(streams)
    sequencing.sequence(store.database, clock)
    return store


def subscriber(
    store: Store, clock: FixedClock, projection: Projection = MEMBER_STATES
) -> Subscriber:
    return Subscriber(store, projection, clock=clock)


def apply_poisoned(rows: Rows, sequenced: Sequenced) -> None:
    if sequenced.position == CULPRIT:
        raise ZeroDivisionError
    MEMBER_STATES.apply(rows, sequenced)


POISONED = MEMBER_STATES._replace(apply=apply_poisoned)


def differences(store: Store) -> list[Any]:
    check = StateCheck(store)
    LogCheck(store.database, store.catalogue, {}, each=check.fold).run()
    return list(check.compare())


def reached(store: Store) -> int:
    return states.serving_position(store.database, MEMBERS.projection)


def caught_up(worker: Subscriber, *, limit: int) -> list[int]:
    """Advance to the end of the log, past lost races, and return the positions come to."""
    positions: list[int] = []
    while True:
        try:
            advanced = worker.advance(limit=limit)
        except ConcurrentAppend:
            continue
        if not advanced.count:
            return positions
        positions.append(advanced.position)


@pytest.mark.parametrize("step", range(1, STEPS_MAX + 1))
def test_worker_that_met_the_poison_parks_nothing_else_when_a_rival_was_faster(
    log: Store, clock: FixedClock, step: int
) -> None:
    subscriber(log, clock).advance(limit=1)
    rival = subscriber(log, clock, POISONED)

    def go_past_the_culprit() -> None:
        while reached(log) < CULPRIT:
            rival.advance(limit=1)

    database = Interrupted(log.database, before_step=step, rival=go_past_the_culprit)
    slow = Store(database, clock=clock, chance=facts.CHANCE)

    caught_up(subscriber(slow, clock, POISONED), limit=100)

    assert [each.position for each in subscriptions.parked_events(log.database)] == [CULPRIT, 9]
    assert reached(log) == MEMBERS_COUNT * EVENTS
    assert differences(log) == []


@pytest.mark.parametrize("build", [1, 2])
def test_workers_that_start_at_once_begin_one_build(
    log: Store, clock: FixedClock, build: int
) -> None:
    edition = MEMBER_STATES.edition + build - 1
    names = [f"{MEMBERS.projection}_{number}" for number in range(ROUNDS)]
    for name in names if build > 1 else []:
        subscriber(log, clock, MEMBER_STATES.with_name(name)).advance()
    together = threading.Barrier(WORKERS)

    def work() -> None:
        for name in names:
            mine = subscriber(log, clock, MEMBER_STATES.with_name(name)._replace(edition=edition))
            together.wait()
            caught_up(mine, limit=100)

    with ThreadPoolExecutor(WORKERS) as pool:
        for each in [pool.submit(work) for _ in range(WORKERS)]:
            each.result(WAIT_SECONDS)

    begun = subscriptions.every(log.database)
    last = MEMBERS_COUNT * EVENTS
    assert begun == [
        Subscription(name, build, edition, serving=True, position=last) for name in names
    ]


def test_slow_worker_keeps_a_fast_one_waiting_so_that_nothing_runs_backwards(
    log: Store, clock: FixedClock
) -> None:
    subscriber(log, clock).advance(limit=1)
    begun, go_on = threading.Event(), threading.Event()

    def apply_slowly(rows: Rows, sequenced: Sequenced) -> None:
        begun.set()
        go_on.wait(WAIT_SECONDS)
        MEMBER_STATES.apply(rows, sequenced)

    slow = subscriber(log, clock, MEMBER_STATES._replace(apply=apply_slowly))
    with ThreadPoolExecutor(2) as pool:
        slows = pool.submit(slow.advance, limit=2)
        begun.wait(WAIT_SECONDS)
        fasts = pool.submit(subscriber(log, clock).advance, limit=5)
        waited = wait([fasts], A_MOMENT_SECONDS).not_done
        go_on.set()

    assert waited
    assert (slows.result().position, fasts.result().position) == (3, 8)
    assert reached(log) == 8


def test_no_worker_sees_a_projection_run_backwards(log: Store, clock: FixedClock) -> None:
    for _ in range(20):
        log.append(facts.batch(10))
    sequencing.sequence(log.database, clock)
    subscriber(log, clock).advance(limit=1)

    def work() -> list[int]:
        mine, seen = subscriber(log, clock), []
        while mine.advance(limit=9).count:
            seen.append(reached(log))
        return seen

    with ThreadPoolExecutor(3) as pool:
        seen_by_each = [each.result(WAIT_SECONDS) for each in [pool.submit(work) for _ in range(3)]]

    assert all(seen == sorted(seen) for seen in seen_by_each)
    assert reached(log) == 212
    assert differences(log) == []


def test_older_program_cannot_rebuild_what_a_newer_one_fills(log: Store, clock: FixedClock) -> None:
    old, new = subscriber(log, clock), subscriber(log, clock, NEWER)
    old.advance()
    new.advance(limit=1)

    with pytest.raises(EditionSuperseded):
        old.start_rebuild()
    caught_up(new, limit=100)
    with pytest.raises(EditionSuperseded):
        old.start_rebuild()

    (only,) = subscriptions.every(log.database)
    assert (only.edition, only.serving) == (NEWER.edition, True)


def test_older_program_goes_on_serving_until_the_newer_one_has_caught_up(
    log: Store, clock: FixedClock
) -> None:
    old, new = subscriber(log, clock), subscriber(log, clock, NEWER)
    old.advance()
    new.advance(limit=1)
    log.append(facts.batch(2))
    sequencing.sequence(log.database, clock)

    old.advance()

    assert reached(log) == 14
    caught_up(new, limit=100)
    assert [each.edition for each in subscriptions.every(log.database)] == [NEWER.edition]
    assert differences(log) == []


def test_readers_find_every_state_at_every_moment_of_rebuilds(
    log: Store, clock: FixedClock
) -> None:
    worker = subscriber(log, clock)
    worker.advance()
    member_ids = [row[0] for row in log.database.rows("SELECT member_id FROM member_states")]
    done = threading.Event()

    def read() -> int:
        count = 0
        while not done.is_set() or not count:
            for member_id in member_ids:
                assert states.current(log.database, MEMBERS, member_id).version == EVENTS
                count += 1
        return count

    with ThreadPoolExecutor(3) as pool:
        readers = [pool.submit(read) for _ in range(3)]
        try:
            for _ in range(8):
                worker.start_rebuild()
                caught_up(worker, limit=4)
        finally:
            done.set()
        counts = [each.result(WAIT_SECONDS) for each in readers]

    assert min(counts) >= MEMBERS_COUNT
    assert [each.build for each in subscriptions.every(log.database)] == [9]


def test_rebuild_interrupted_at_any_step_by_a_whole_other_rebuild_ends_with_one_build(
    log: Store, clock: FixedClock
) -> None:
    subscriber(log, clock).advance()

    def rebuild(store: Store) -> None:
        mine = subscriber(store, clock)
        mine.start_rebuild()
        caught_up(mine, limit=5)

    for step in range(1, 9):
        database = Interrupted(log.database, before_step=step, rival=lambda: rebuild(log))
        rebuild(Store(database, clock=clock, chance=facts.CHANCE))
        caught_up(subscriber(log, clock), limit=100)

        assert database.met
        assert [each.serving for each in subscriptions.every(log.database)] == [True]
        assert differences(log) == []
