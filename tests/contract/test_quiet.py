"""Workers have nothing left to do only when nothing waits anywhere on its way."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from events.store import subscriptions
from events.store.keys import KeyStore
from events.store.sequencing import sequence
from events.store.store import Store
from services.read_models import backlog
from services.read_models.backlog import WorkLeft
from services.read_models.states import KINDS
from tests.support.deadlines import DUE_AT, Reviews
from tests.support.fakes import FixedClock, SeededChance
from workers.projections.review_states import REVIEW_STATES
from workers.subscribers import Subscriber

A_DAY = timedelta(days=1)


@pytest.fixture
def reviews(store: Store, tmp_path: Path, clock: FixedClock) -> Iterator[Reviews]:
    address = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Reviews(store, keys, clock)


def left(reviews: Reviews) -> WorkLeft:
    return backlog.work_left(reviews.store.database, reviews.clock.now())


def test_an_empty_log_is_quiet_before_any_worker_began(reviews: Reviews) -> None:
    waiting = left(reviews)

    assert waiting.is_quiet
    assert waiting.behind == {kind.projection: 0 for kind in KINDS}


def test_what_no_worker_has_begun_on_is_behind_by_the_whole_log(reviews: Reviews) -> None:
    reviews.commit(next(iter(reviews.open())))  # projected, but for the last fact
    reviews.store.database.transact(
        lambda t: subscriptions.drop(t, subscriptions.builds(t, "unit_states")[0])
    )

    waiting = left(reviews)

    assert (waiting.size, waiting.pending) == (2, 1)
    assert waiting.behind["unit_states"] == 2
    assert not waiting.is_quiet


def test_a_miss_is_waited_for_until_its_escalation_is_in_the_states(reviews: Reviews) -> None:
    reviews.reactor().advance()
    reviews.open()
    reviews.reactor().advance()
    assert left(reviews).is_quiet

    reviews.clock.time = DUE_AT + A_DAY
    steps = [left(reviews)]
    reviews.timekeeper().tick()
    steps.append(left(reviews))
    sequence(reviews.store.database, reviews.clock)
    steps.append(left(reviews))
    reviews.project()
    steps.append(left(reviews))
    reviews.reactor().advance()
    steps.append(left(reviews))

    assert [each.is_quiet for each in steps] == [False] * 5
    assert (steps[0].timers_due, steps[1].pending) == (1, 1)
    assert (steps[3].timers_due, steps[3].behind["escalation"], steps[4].pending) == (0, 1, 1)
    reviews.project()
    reviews.reactor().advance()
    assert left(reviews).is_quiet


def test_a_build_that_is_being_filled_keeps_nobody_waiting(reviews: Reviews) -> None:
    reviews.open()

    Subscriber(reviews.store, REVIEW_STATES, clock=reviews.clock).start_rebuild()

    assert left(reviews).is_quiet
