"""What a worker decides by streams that moved is decided anew, by what is told by then."""

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events.definitions.deadline import TimerResumed, TimerSettled
from events.definitions.event import Event, Sealed
from events.definitions.reopening import ReviewMoved
from events.definitions.review import CommitmentMade
from events.definitions.roster import AbsenceReason, MemberAbsent, MemberBack, MemberMoved
from events.errors import ConcurrentAppend
from events.identifiers import MemberId, Stream, UnitId, member_stream, new_id
from events.store.batch import NewEvent
from events.store.keys import KeyStore
from events.store.store import History, Store
from services.commands.executor import SteadyReads
from services.context import Context
from tests.support.deadlines import CELL, DUE_AT, PERIOD, TOP, Reviews
from tests.support.fakes import FixedClock, SeededChance
from tests.support.sealed import sealed
from tests.support.world import formed
from workers.reacting import Reaction, Reactor
from workers.reactions.returns import Returns
from workers.reactions.transfers import Transfers
from workers.timekeeper import Timekeeper

SECOND, THIRD = (UnitId(new_id(SeededChance(number))) for number in (11, 12))
A_DAY = timedelta(days=1)


class Overtaken(Store):
    """A way to the log on which a rival has its turn just after a stream was read, once."""

    def __init__(self, reviews: Reviews, stream: Stream, rival: Callable[[], object]) -> None:
        context = reviews.context
        super().__init__(context.store.database, clock=context.clock, chance=context.chance)
        self._stream, self._rival = stream, rival
        self.met = False

    def read_stream(self, stream: Stream, **where: Any) -> History:
        history = super().read_stream(stream, **where)
        if stream == self._stream and not self.met:
            self.met = True
            self._rival()
        return history


@pytest.fixture
def reviews(store: Store, tmp_path: Path, clock: FixedClock) -> Iterator[Reviews]:
    address = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        reviews = Reviews(store, keys, clock)
        reviews.tell(formed(TOP), *(formed(each, TOP) for each in (CELL, SECOND, THIRD)))
        yield reviews


def overtaken(reviews: Reviews, member: MemberId, told: Event) -> Context:
    """Return what a worker works with whom a rival overtakes, who tells a fact of this moment."""
    at, context = reviews.clock.now(), reviews.context
    store = Overtaken(reviews, member_stream(member), lambda: reviews.tell_ahead(told, at))
    return Context(clock=context.clock, chance=context.chance, store=store, keys=context.keys)


def react(reviews: Reviews, reaction: Reaction, *told: Event) -> None:
    """Let a reaction, which is at the log's end, react to some facts."""
    reactor = Reactor(reviews.store, reaction, clock=reviews.clock)
    reactor.advance()
    reviews.tell(*told)
    reviews.project()
    while reactor.advance():
        pass


def facts_of(reviews: Reviews, member: MemberId, kind: type[Event]) -> list[Any]:
    told = [each.event for each in reviews.store.read_stream(reviews.stream(member)).events]
    return [each for each in told if isinstance(each, kind)]


def away(member: MemberId) -> MemberAbsent:
    return MemberAbsent(member_id=member, reason=sealed(AbsenceReason.SICK))


def test_nothing_is_appended_by_what_moved_since_it_was_read(reviews: Reviews) -> None:
    (member,) = reviews.open()
    reads = SteadyReads(reviews.store)
    reads.events(member_stream(member))
    reads.events(reviews.stream(member))
    made = CommitmentMade(period=PERIOD, member_id=member, text=Sealed("c" * 42 + "A"))
    now = reviews.clock.now()
    new = NewEvent(event=made, id="1", source="urn:test", time=now, principal="account:test")
    reviews.tell(away(member))

    with pytest.raises(ConcurrentAppend):
        reads.append({reviews.stream(member): (new,)})


def test_who_was_told_to_be_away_while_a_deadline_was_looked_at_did_not_miss_it(
    reviews: Reviews,
) -> None:
    (member,) = reviews.open()
    reviews.clock.time = DUE_AT - A_DAY
    context = overtaken(reviews, member, away(member))
    reviews.clock.time = DUE_AT + A_DAY

    Timekeeper(context).tick()

    (fact,) = reviews.deadline_facts(member)
    assert isinstance(fact, TimerSettled)


def test_who_is_away_again_while_their_return_is_looked_at_is_due_nothing(
    reviews: Reviews,
) -> None:
    (member,) = reviews.open()
    reviews.tell(away(member))
    reviews.clock.time = DUE_AT + A_DAY
    reviews.project()
    reviews.timekeeper().tick()
    context = overtaken(reviews, member, away(member))

    react(reviews, Returns(context), MemberBack(member_id=member))

    assert facts_of(reviews, member, TimerResumed) == []


def test_who_moves_on_while_their_move_is_looked_at_goes_to_the_last_unit(
    reviews: Reviews,
) -> None:
    (member,) = reviews.open()
    on = MemberMoved(member_id=member, unit_id=THIRD)
    context = overtaken(reviews, member, on)

    react(reviews, Transfers(context), MemberMoved(member_id=member, unit_id=SECOND))

    assert [each.path for each in facts_of(reviews, member, ReviewMoved)] == [(THIRD, TOP)]
