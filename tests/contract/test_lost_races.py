"""Who loses a race decides anew, and the connection is as good as any other afterwards."""

import pytest

from events.definitions.roster import UnitRenamed
from events.errors import ConcurrentAppend
from events.identifiers import Stream, UnitId, unit_stream
from events.store.batch import Appended, NewEvent
from events.store.database import Transaction
from events.store.store import Store
from services.access.roles import Person
from services.commands.work import Asking, Work, perform
from services.context import Context
from tests.support import facts
from tests.support.living import BEFORE

UNIT = UnitId("cellaaaaaaaaaaaaaaaaaaaaaa")
ASKING = Asking(person=Person(account_id="test"), correlation_id="test")


def test_a_transaction_after_a_lost_race_is_undone_as_a_whole(store: Store) -> None:
    streams = facts.single()
    store.append(streams)
    with pytest.raises(ConcurrentAppend):
        store.append(streams)

    def half_done(transaction: Transaction) -> None:
        transaction.run("DELETE FROM pending")
        raise InterruptedError

    with pytest.raises(InterruptedError):
        store.database.transact(half_done)

    assert store.database.rows("SELECT count(*) FROM pending")[0][0] == 1


def test_what_moved_between_two_reads_of_one_command_is_decided_anew(context: Context) -> None:
    rival = context.store
    stream = unit_stream(UNIT)
    rival.append({stream: Appended(0, (renamed("first"),))})
    seen: list[int] = []

    def decide(work: Work) -> Stream:
        seen.append(work.load(stream).version)
        if len(seen) == 1:
            rival.append({stream: Appended(1, (renamed("rival's"),))})
        work.load(stream)
        work.tell(stream, UnitRenamed(unit_id=UNIT, name="ours"))
        return stream

    done = perform(context, ASKING, decide)

    assert (seen, done.version) == ([1, 2], 3)


def renamed(name: str) -> NewEvent:
    """Return that the unit has another name; names are ids too, as no two come twice."""
    return NewEvent(
        event=UnitRenamed(unit_id=UNIT, name=name),
        id=name,
        source="/test",
        time=BEFORE,
        principal="token:test",
    )
