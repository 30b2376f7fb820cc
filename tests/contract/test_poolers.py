"""A pooler between us and PostgreSQL is refused in words, at once, whatever it lets through."""

import time
from contextlib import closing

import pytest

from events.errors import DatabaseRefuses, StoreUnavailable
from events.store.address import open_database
from events.store.postgresql import PoolerBetween
from tests.support.poolers import pooler
from tests.support.servers import PostgreSQL


@pytest.mark.parametrize("ignores_options", [False, True])
def test_a_pooler_is_refused_and_told_what_to_do(
    postgresql: PostgreSQL, *, ignores_options: bool
) -> None:
    with pooler(postgresql.port, ignores_options=ignores_options) as between:
        address = f"postgresql://postgres@127.0.0.1:{between.port}/postgres"
        with closing(open_database(address)) as database:
            for use in (database.read, database.transact):
                with pytest.raises(PoolerBetween, match="name PostgreSQL itself"):
                    use(lambda t: t.rows("SELECT 1"))
            with pytest.raises(PoolerBetween):
                database.rows("SELECT 1")

    assert between.connections == 3
    assert not PoolerBetween.retryable


def test_who_is_known_to_nobody_there_is_refused_and_does_not_wait(postgresql: PostgreSQL) -> None:
    with closing(open_database(postgresql.url_of("nobodys"))) as database:
        began = time.monotonic()
        with pytest.raises(DatabaseRefuses, match='database "nobodys" does not exist'):
            database.rows("SELECT 1")

    assert time.monotonic() - began < 5


def test_what_the_driver_says_in_lines_is_told_in_one() -> None:
    address, refusal = "postgresql://nobody@127.0.0.1:9/none", "Connection refused"
    with (
        closing(open_database(address)) as database,
        pytest.raises(StoreUnavailable, match=refusal) as refused,
    ):
        database.rows("SELECT 1")

    assert "\n" not in str(refused.value)
    assert refused.value.retryable
