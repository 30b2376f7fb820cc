"""A reaction does each thing once, whatever crashes; one poisoned stream stops nobody."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from datetime import date, timedelta
from pathlib import Path
from threading import Barrier

import msgspec
import pytest

from events.definitions.catalogue import UnknownType
from events.definitions.entry import Sequenced
from events.definitions.escalation import EscalationRaised, Resolution
from events.identifiers import Stream
from events.store import subscriptions
from events.store.batch import Batch, EventRow
from events.store.encoding import encode
from events.store.keys import KeyStore
from events.store.sequencing import sequence
from events.store.store import Store
from tests.support import facts
from tests.support.deadlines import DUE_AT, Reviews
from tests.support.fakes import FixedClock, SeededChance
from tests.support.lived import Reached
from tests.support.living import Year
from tests.support.rivals import Interrupted
from workers.reacting import Reactor
from workers.reactions.escalation import Escalation
from workers.timekeeper import missed_event_id


class Poisoned:
    """A reaction that fails on one stream until it is mended."""

    name = "poisoned"

    def __init__(self) -> None:
        self.poison: str | None = None
        self.handled: list[tuple[str, int]] = []

    def handle(self, sequenced: Sequenced) -> None:
        if sequenced.entry.stream == self.poison:
            raise ValueError(self.poison)
        self.handled.append((sequenced.entry.stream, sequenced.entry.streamversion))


@contextmanager
def reviewing(store: Store, folder: Path, clock: FixedClock) -> Iterator[Reviews]:
    address = f"sqlite:///{folder}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Reviews(store, keys, clock)


def number(year: Year) -> None:
    while sequence(year.context.store.database, year.clock):
        pass


def raised(year: Year) -> list[str]:
    found = year.context.store.read_log(0) + year.context.store.read_log(1_000)
    return [each.entry.stream for each in found if isinstance(each.event, EscalationRaised)]


def test_a_new_reaction_begins_at_the_end_of_the_log(reached: Reached) -> None:
    year = reached(Year, date(2025, 1, 6))
    reaction = Poisoned()

    Reactor(year.context.store, reaction, clock=year.clock).advance()

    assert reaction.handled == []


def test_a_crash_before_the_checkpoint_moved_raises_nothing_twice(reached: Reached) -> None:
    year = reached(Year, date(2025, 1, 20))
    year.reach(date(2025, 2, 4))
    before = raised(year)
    store = year.context.store
    (mine,) = [each for each in subscriptions.every(store.database) if each.name == "escalation"]

    store.database.transact(lambda t: subscriptions.save(t, mine._replace(position=0)))
    rival = Reactor(store, Escalation(year.context, missed_event_id), clock=year.clock)
    while rival.advance():
        pass
    number(year)

    assert raised(year) == before
    assert len(before) == len(set(before)) > 0


def test_a_poisoned_stream_is_set_aside_and_the_rest_goes_on(year: Year) -> None:
    reaction = Poisoned()
    reactor = Reactor(year.context.store, reaction, clock=year.clock)
    reactor.advance()
    begun = year.context.store.head().size  # a new reaction starts at the log's end
    year.reach(date(2025, 1, 3))
    reaction.poison = f"member-{year.id_of('SG-0041')}"

    while reactor.advance():
        pass

    parked = [
        e for e in subscriptions.parked_events(year.context.store.database) if e.name == "poisoned"
    ]
    assert {event.stream for event in parked} == {reaction.poison}
    assert [event.error for event in parked] == [
        "ValueError",
        *[subscriptions.BEHIND] * (len(parked) - 1),
    ]
    log = year.context.store.read_log(begun)
    others = {each.entry.stream for each in log} - {reaction.poison}
    assert {stream for stream, _ in reaction.handled} == others


def test_what_was_set_aside_is_handled_in_its_order_once_it_is_mended(year: Year) -> None:
    reaction = Poisoned()
    reactor = Reactor(year.context.store, reaction, clock=year.clock)
    reactor.advance()
    year.reach(date(2025, 1, 3))
    poison = f"member-{year.id_of('SG-0041')}"
    reaction.poison = poison
    while reactor.advance():
        pass
    reaction.poison, reaction.handled = None, []

    count = reactor.retry_parked(poison)

    assert reaction.handled == [(poison, version) for version in range(1, count + 1)]
    assert not subscriptions.parked_events(year.context.store.database)


def test_a_reaction_begun_before_the_first_miss_raises_it_after_any_pause(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    with reviewing(store, tmp_path, clock) as reviews:
        reviews.reactor().advance()
        reviews.open()
        clock.time = DUE_AT + timedelta(days=30)
        reviews.timekeeper().tick()
        reviews.project()

        while reviews.reactor().advance():
            pass
        reviews.project()

        ((_, state),) = reviews.escalations()
        assert state.raised is not None
        assert (state.raised.fact.step, len(state.laid)) == ("commitment", 1)


def test_a_late_reaction_does_what_a_prompt_one_does(
    store: Store, tmp_path: Path, clock: FixedClock
) -> None:
    with reviewing(store, tmp_path, clock) as reviews:
        reviews.reactor().advance()
        (member_id,) = reviews.open()
        clock.time = DUE_AT + timedelta(days=1)
        reviews.timekeeper().tick()
        reviews.commit(member_id)
        reviews.project()

        while reviews.reactor().advance():
            pass
        reviews.project()

        ((key, state),) = reviews.escalations()
        deed = store.read_stream(reviews.stream(member_id)).events[-1].entry
        ended = store.read_stream(Stream(f"escalation-{key}")).events[-1].entry
        assert state.resolved is not None
        assert state.resolved.fact.resolution is Resolution.DONE
        assert ended.causationid == deed.id  # the deed ended it, and not the miss


def test_a_fact_for_a_newer_program_is_waited_for_after_all_that_came_before(
    store: Store, clock: FixedClock
) -> None:
    reaction = Poisoned()
    reactor = Reactor(store, reaction, clock=clock)
    reactor.advance()
    for _ in range(3):
        store.append(facts.single())
    row = encode(facts.single(), (), (), now=facts.WHEN, chance=facts.CHANCE).rows[0]
    entry = msgspec.json.decode(row.entry) | {"dataschema": "urn:tusoi:schemas/roster.later/1.json"}
    newer = EventRow(*row[:5], msgspec.json.encode(entry, order="sorted"), *row[6:])
    store.database.append(Batch((newer,), ((row.stream, 0),), (), (), ()))
    sequence(store.database, clock)

    counts = [reactor.advance() for _ in range(3)]
    with pytest.raises(UnknownType):
        reactor.advance()

    assert counts == [1, 1, 1]
    assert len(reaction.handled) == 3
    assert subscriptions.parked_events(store.database) == []


def test_rivals_raise_each_escalation_once(store: Store, tmp_path: Path, clock: FixedClock) -> None:
    with reviewing(store, tmp_path, clock) as reviews:
        reviews.reactor().advance()
        reviews.open(12)
        reviews.project()
        clock.time = DUE_AT + timedelta(days=1)
        reviews.timekeeper().tick()
        reviews.project()
        together = Barrier(3)

        def work() -> None:
            mine = reviews.reactor()
            together.wait(60)
            while mine.advance():
                pass

        with ThreadPoolExecutor(3) as pool:
            for each in [pool.submit(work) for _ in range(3)]:
                each.result(60)
        reviews.project()

        assert [len(state.laid) for _, state in reviews.escalations()] == [1] * 12


@pytest.mark.parametrize("step", range(1, 12))
def test_a_rival_between_any_two_steps_passes_an_escalation_on_by_one_rung(
    store: Store, tmp_path: Path, clock: FixedClock, step: int
) -> None:
    with reviewing(store, tmp_path, clock) as reviews:
        reviews.reactor().advance()
        reviews.open()
        clock.time = DUE_AT + timedelta(days=1)
        for days in (0, 10):  # the miss, and then its acknowledgement's
            clock.time += timedelta(days=days)
            reviews.timekeeper().tick()
            reviews.project()
            if not days:
                reviews.reactor().advance()
                reviews.project()
        rival = reviews.reactor()
        database = Interrupted(store.database, before_step=step, rival=rival.advance)

        reviews.reactor(Store(database, clock=clock, chance=SeededChance(7))).advance()
        reviews.project()

        ((_, state),) = reviews.escalations()
        assert [each.rung for each in state.laid] == [1, 2]
