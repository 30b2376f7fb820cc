"""Each thing that time brings about has a loop of its own, and holds up no other one."""

import itertools
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from events.definitions.entry import Sequenced
from events.definitions.escalation import EscalationRaised
from events.definitions.roster import MemberMoved
from events.errors import StoreUnavailable
from events.store import subscriptions
from services.context import Context
from tests.support.deadlines import CELL, DUE_AT, Reviews
from tests.support.fakes import FixedClock
from tests.support.world import World
from workers.loops import Loop
from workers.main import Workplace
from workers.reacting import Reaction
from workers.steps import REACTIONS, TIMEKEEPING, steps_of_time

WAIT_SECONDS = 30.0
A_DAY = timedelta(days=1)
SLOW, QUICK = "slow", "quick"


class Waiting:
    """A reaction that has much to do: it comes to no end before the test lets it."""

    name = SLOW

    def __init__(self) -> None:
        self.begun, self.may_end = threading.Event(), threading.Event()
        self.handled = 0

    def handle(self, sequenced: Sequenced) -> None:
        if isinstance(sequenced.event, MemberMoved):
            self.begun.set()
            self.may_end.wait(WAIT_SECONDS)
        self.handled += 1


class Noting:
    """A reaction that notes which facts came to it."""

    name = QUICK

    def __init__(self) -> None:
        self.seen: list[Sequenced] = []

    def handle(self, sequenced: Sequenced) -> None:
        self.seen.append(sequenced)


def given(reaction: Reaction) -> Callable[[Context], Reaction]:
    return lambda _context: reaction


def until(holds: Callable[[], object]) -> bool:
    """Return whether something came about in time."""
    give_up_at = time.monotonic() + WAIT_SECONDS
    while not holds() and time.monotonic() < give_up_at:
        time.sleep(0.01)
    return bool(holds())


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.system.close()


@contextmanager
def working(world: World, *reactions: Reaction) -> Iterator[Workplace]:
    """Run workers with reactions of the test's beside that which escalates."""
    others = {each.name: given(each) for each in reactions}
    workplace = Workplace(world.system, others | {"escalation": REACTIONS["escalation"]})
    workplace.start()
    try:
        yield workplace
    finally:
        workplace.stop()


def reviews_of(world: World) -> Reviews:
    return Reviews(world.system.store, world.system.keys, world.clock)


def test_a_reaction_that_has_all_night_to_do_delays_no_deadline_and_no_other_reaction(
    world: World,
) -> None:
    reviews, slow, quick = reviews_of(world), Waiting(), Noting()
    (late,) = reviews.open()
    with working(world, slow, quick):
        assert until(lambda: len(subscriptions.every(world.system.store.database)) >= 8)
        reviews.tell(MemberMoved(member_id=late, unit_id=CELL))
        assert slow.begun.wait(WAIT_SECONDS)

        world.clock.time = DUE_AT + A_DAY

        assert until(lambda: reviews.deadline_facts(late))
        assert until(lambda: any(isinstance(e.event, EscalationRaised) for e in quick.seen))
        assert slow.handled == 0
        slow.may_end.set()
        assert until(lambda: slow.handled == len(quick.seen))


def test_what_stops_finishes_the_fact_in_hand_and_goes_on_there_the_next_time(
    world: World,
) -> None:
    reviews, slow, quick = reviews_of(world), Waiting(), Noting()
    (mover,) = reviews.open()
    with working(world, slow):
        assert until(lambda: len(subscriptions.every(world.system.store.database)) >= 7)
        reviews.tell(*[MemberMoved(member_id=mover, unit_id=CELL)] * 5)
        assert slow.begun.wait(WAIT_SECONDS)
        threading.Timer(0.1, slow.may_end.set).start()

    quick.name = SLOW
    with working(world, quick):
        assert until(lambda: slow.handled + len(quick.seen) >= 5)
    moves = [each.entry.streamversion for each in quick.seen]
    assert slow.handled in {1, 2}
    assert moves == list(range(2 + slow.handled, 7))


def test_whatever_step_comes_first_all_reactions_begin_before_it(world: World) -> None:
    reviews = reviews_of(world)
    reviews.open()
    world.clock.time = DUE_AT + A_DAY
    steps = steps_of_time(reviews.context)

    steps[TIMEKEEPING]()

    begun = {each.name: each.position for each in subscriptions.every(reviews.store.database)}
    assert {name: begun[name] for name in REACTIONS} == dict.fromkeys(REACTIONS, 2)
    reviews.project()
    assert steps["escalation"]() == 1


def test_what_fails_is_tried_again_later_each_time_and_told_once() -> None:
    tried = list[float]()

    def fail() -> int:
        tried.append(time.monotonic())
        if len(tried) == 3:
            loop.stop()
        raise StoreUnavailable("away")

    loop = Loop("test", fail, 0.0)
    loop.run()

    gaps = [later - earlier for earlier, later in itertools.pairwise(tried)]
    assert len(gaps) == 2
    assert gaps[0] >= 0.5
    assert gaps[1] >= 1.0


def test_a_loop_is_woken_by_a_clock_that_moves() -> None:
    clock, seen = FixedClock(), list[datetime]()

    def look() -> int:
        seen.append(clock.time)
        if len(seen) == 2:
            loop.stop()
        return 0

    loop = Loop("test", look, WAIT_SECONDS, driven=clock)
    moving = threading.Timer(0.1, lambda: setattr(clock, "time", DUE_AT))
    moving.start()
    loop.run()
    moving.join()

    assert seen[1:] == [DUE_AT]
