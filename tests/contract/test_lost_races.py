"""A connection on which a race was lost is as good as any other afterwards."""

import pytest

from events.errors import ConcurrentAppend
from events.store.database import Transaction
from events.store.store import Store
from tests.benchmarks import facts


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
