"""Subscribers: rows and checkpoint together, parking, rebuild and takeover, on both databases."""

import threading
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from events.definitions.entry import Sequenced
from events.errors import StoreUnavailable
from events.store import sequencing, subscriptions
from events.store.batch import Batch, EventRow
from events.store.encoding import encode
from events.store.store import Store
from events.store.verification import LogCheck
from services.read_models import states
from services.read_models.states import MEMBERS
from services.read_models.verification import StateCheck
from tests.support import facts
from tests.support.fakes import FixedClock
from tests.support.faults import Faulty
from workers.projections.member_states import MEMBER_STATES
from workers.projections.projection import Projection, Rows
from workers.subscribers import EditionSuperseded, Subscriber, UpgradeNeeded

MEMBERS_COUNT, EVENTS = 4, 3

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


def differences(store: Store) -> list[Any]:
    check = StateCheck(store)
    LogCheck(store.database, store.catalogue, {}, each=check.fold).run()
    return list(check.compare())


def positions(store: Store) -> list[int]:
    return [each.position for each in subscriptions.every(store.database)]


def poisoned_by(stream: str, breaks: Callable[[Rows, Sequenced], None]) -> Projection:
    """Return a projection that cannot deal with the second event of a stream."""

    def apply(rows: Rows, sequenced: Sequenced) -> None:
        if sequenced.entry.stream == stream and sequenced.entry.streamversion == 2:
            breaks(rows, sequenced)
        MEMBER_STATES.apply(rows, sequenced)

    return MEMBER_STATES._replace(apply=apply)


def raises(_rows: Rows, _sequenced: Sequenced) -> None:
    raise ZeroDivisionError


def cannot_be_written(rows: Rows, sequenced: Sequenced) -> None:
    rows.put("poison", ("poison", None, sequenced.position, None, True, b""))


def test_states_are_what_a_fold_from_nothing_gives(log: Store, clock: FixedClock) -> None:
    advanced = subscriber(log, clock).advance()

    assert (advanced.position, advanced.count) == (12, 12)
    assert differences(log) == []
    assert subscriber(log, clock).advance().count == 0


@pytest.mark.parametrize("step", range(1, 9))
def test_a_crash_at_any_step_is_made_good(log: Store, clock: FixedClock, step: int) -> None:
    faulty = Faulty(log.database)
    store = Store(faulty, clock=clock, chance=facts.CHANCE)
    subscriber(store, clock).advance(limit=5)

    faulty.fail_at(step)
    try:
        subscriber(store, clock).advance(limit=5)
    except StoreUnavailable:
        assert positions(log) == [5]
    while subscriber(store, clock).advance(limit=5).count:
        pass

    assert positions(log) == [12]
    assert differences(log) == []


def test_a_crash_after_the_commit_does_nothing_twice(log: Store, clock: FixedClock) -> None:
    faulty = Faulty(log.database)
    store = Store(faulty, clock=clock, chance=facts.CHANCE)
    subscriber(store, clock).advance(limit=1)

    faulty.fail_after_commit()
    with pytest.raises(StoreUnavailable):
        subscriber(store, clock).advance()
    subscriber(store, clock).advance()

    assert positions(log) == [12]
    assert differences(log) == []


@pytest.mark.parametrize("breaks", [raises, cannot_be_written])
def test_a_poisoned_event_parks_its_stream_only(
    log: Store, clock: FixedClock, breaks: Callable[[Rows, Sequenced], None]
) -> None:
    stream = log.read_log(0)[0].entry.stream
    member_id = stream.removeprefix("member-")
    poisoned = subscriber(log, clock, poisoned_by(stream, breaks))

    while poisoned.advance().count:
        pass

    parked = subscriptions.parked_events(log.database)
    assert positions(log) == [12]
    assert {each.stream for each in parked} == {stream}
    assert len(parked) == 2
    assert parked[1].error == subscriptions.BEHIND
    assert states.current(log.database, MEMBERS, member_id).incomplete
    assert states.current(log.database, MEMBERS, member_id).version == 1
    assert differences(log) == []  # those of the parked stream are known to be incomplete

    with pytest.raises(Exception):  # noqa: B017, PT011 - whatever the database or the fold says
        poisoned.retry_parked(stream)
    assert subscriptions.parked_events(log.database) == parked
    assert subscriber(log, clock).retry_parked(stream) == 2

    shown = states.current(log.database, MEMBERS, member_id)
    assert (shown.version, shown.incomplete) == (3, False)
    assert differences(log) == []


@pytest.mark.parametrize(
    "schema",
    [
        "urn:tusoi:schemas/roster.invented_later/1.json",
        "urn:tusoi:schemas/roster.member_moved/2.json",
    ],
)
def test_what_a_newer_program_wrote_is_waited_for_and_not_parked(
    log: Store, clock: FixedClock, schema: str
) -> None:
    _append_from_a_newer_program(log, schema)
    sequencing.sequence(log.database, clock)

    assert subscriber(log, clock).advance().position == 12
    with pytest.raises(UpgradeNeeded):
        subscriber(log, clock).advance()

    assert positions(log) == [12]
    assert subscriptions.parked_events(log.database) == []


def test_two_workers_at_once_never_run_backwards(log: Store, clock: FixedClock) -> None:
    for _ in range(20):
        log.append(facts.batch(10))
    sequencing.sequence(log.database, clock)
    seen: list[int] = []

    def work() -> None:
        mine = subscriber(log, clock)
        while mine.advance(limit=9).count:
            seen.extend(positions(log))

    subscriber(log, clock).advance(limit=1)
    workers = [threading.Thread(target=work) for _ in range(3)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)

    assert positions(log) == [212]
    assert differences(log) == []


def test_a_rebuild_fills_beside_and_takes_over_when_it_has_caught_up(
    log: Store, clock: FixedClock
) -> None:
    subscriber(log, clock).advance()

    begun = subscriber(log, clock).start_rebuild()
    subscriber(log, clock).advance_build(begun.build, limit=5)
    before = [(each.build, each.serving) for each in subscriptions.every(log.database)]
    log.append(facts.batch(2))
    sequencing.sequence(log.database, clock)
    while subscriber(log, clock).advance().count:
        assert log.database.rows("SELECT count(*) FROM member_states")[0][0] >= MEMBERS_COUNT
    after = [(each.build, each.serving) for each in subscriptions.every(log.database)]

    assert before == [(1, True), (2, False)]
    assert after == [(2, True)]
    assert differences(log) == []
    for table in MEMBER_STATES.tables_of(1):
        with pytest.raises(Exception, match=table.name):
            log.database.rows(f"SELECT * FROM {table.name}")


def test_a_new_edition_takes_over_and_an_older_program_does_not_take_it_back(
    log: Store, clock: FixedClock
) -> None:
    old, new = subscriber(log, clock), subscriber(log, clock, NEWER)
    old.advance()

    while new.advance().count:
        pass
    new.advance()

    (serving,) = subscriptions.every(log.database)
    assert (serving.edition, serving.serving, serving.position) == (NEWER.edition, True, 12)
    assert differences(log) == []
    with pytest.raises(EditionSuperseded):
        old.advance()


def _append_from_a_newer_program(store: Store, schema: str) -> None:
    """Append an entry in a form that this program does not know."""
    row = encode(facts.single(), (), (), now=facts.WHEN, chance=facts.CHANCE).rows[0]
    entry = msgspec.json.decode(row.entry) | {"dataschema": schema, "type": schema.split("/")[1]}
    encoded = msgspec.json.encode(entry, order="sorted")
    newer = EventRow(*row[:5], encoded, *row[6:])
    batch = Batch((newer,), ((row.stream, 0),), (), (), ())
    store.database.append(batch)
