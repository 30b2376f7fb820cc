"""The key store: one key an owner and scope, in a database of its own, wrapped by a master key.

It is never in the events' database nor in its backups, so that destroying a key here darkens the
words everywhere. A destroyed key leaves a row without a key, so that no late fact brings it back.
"""

import os
import threading
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from pathlib import Path

import sqlalchemy as sa

from events.errors import TusoiError
from events.identifiers import Chance
from events.store.database import Database, Row, Transaction
from events.store.postgresql import PostgresDatabase
from events.store.sqlite import SqliteDatabase
from events.vault import wrapping
from events.vault.sealing import KEY_BYTES

CACHED_KEYS_MAX = 10_000
PAGE = 1_000

Pair = tuple[str, str]  # owner and scope

table = sa.Table(
    "keys",
    sa.MetaData(),
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary),  # none: the key was destroyed
)

_OF_OWNERS = "SELECT owner, scope, wrapped FROM keys WHERE owner IN ?"
_PAGE = """
SELECT owner, scope, wrapped FROM keys
WHERE wrapped IS NOT NULL AND (owner > ? OR (owner = ? AND scope > ?))
ORDER BY owner, scope LIMIT ?"""


class KeyDestroyed(TusoiError):
    """The key was destroyed on purpose; nothing more is sealed for this owner and scope."""

    code = "key_destroyed"

    def __init__(self, owner: str, scope: str) -> None:
        super().__init__(f"the key of {owner} for {scope} was destroyed: its words were erased")
        self.owner = owner
        self.scope = scope


class KeyStore:
    """The keys of one installation."""

    def __init__(self, url: str, *, master: bytes, chance: Chance) -> None:
        wrapping.master_id(master)  # a master key of the wrong length fails here and not later
        self._database = _open(url)
        self._master = master
        self._chance = chance
        # A key destroyed by another process stays in this cache. So whoever destroys a key tells
        # the processes by restarting them; the boxes that the key opened are deleted with it.
        self._cache: OrderedDict[Pair, bytes] = OrderedDict()
        self._lock = threading.Lock()

    def keys(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        """Return the keys that there are; a destroyed one is not among them."""
        wanted = set(pairs)
        found = self._cached(wanted)
        for pair, wrapped in self._stored(wanted - found.keys()).items():
            if wrapped is not None:
                found[pair] = self._unwrap(pair, wrapped)
        self._remember(found)
        return found

    def ensure(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        """Return a key for each pair, making those that are new, durably, in one transaction.

        Two processes that make the same pair at once get the same key: the first one's.

        Raises:
            KeyDestroyed: a pair had a key and lost it on purpose.
            StoreUnavailable: no key was made.
        """
        wanted = set(pairs)
        found = self.keys(wanted)
        missing = sorted(wanted - found.keys())
        if missing:
            self._database.transact(lambda t: self._make(t, missing))
            found |= self.keys(missing)
        for pair in missing:
            if pair not in found:
                raise KeyDestroyed(*pair)
        return found

    def destroy(self, owner: str, scope: str | None = None) -> int:
        """Destroy the keys of an owner, of one scope or of all, and return how many there were."""
        sql = "UPDATE keys SET wrapped = NULL WHERE owner = ? AND wrapped IS NOT NULL"
        parameters = [owner] if scope is None else [owner, scope]
        sql += "" if scope is None else " AND scope = ?"
        destroyed = self._database.transact(lambda t: t.run(sql, parameters))
        with self._lock:
            for pair in [
                each for each in self._cache if each[0] == owner and scope in {None, each[1]}
            ]:
                del self._cache[pair]
        return destroyed

    def rewrap_all(self, new_master: bytes) -> int:
        """Wrap every key under another master key, all or none, and return how many."""
        count = self._database.transact(lambda t: self._rewrap(t, new_master))
        self._master = new_master
        return count

    def count(self) -> int:
        """Return how many keys there are, destroyed ones not counted."""
        sql = "SELECT count(*) FROM keys WHERE wrapped IS NOT NULL"
        return int(self._database.rows(sql)[0][0])

    def check(self) -> tuple[int, list[Pair]]:
        """Return how many keys open under the master key, and which do not."""
        good, bad = 0, []
        for owner, scope, wrapped in self._pages():
            try:
                self._unwrap((owner, scope), bytes(wrapped))
                good += 1
            except (wrapping.WrongMasterKey, wrapping.KeyDamaged):
                bad.append((owner, scope))
        return good, bad

    def close(self) -> None:
        self._database.close()

    def _make(self, transaction: Transaction, pairs: list[Pair]) -> None:
        drawn = self._chance.bytes(KEY_BYTES * len(pairs))
        keys = (drawn[start : start + KEY_BYTES] for start in range(0, len(drawn), KEY_BYTES))
        rows = [
            (*pair, self._wrap(pair, key, self._master))
            for pair, key in zip(pairs, keys, strict=True)
        ]
        transaction.insert(table, rows, on_conflict="keep")

    def _rewrap(self, transaction: Transaction, new_master: bytes) -> int:
        rows = [
            (
                owner,
                scope,
                self._wrap((owner, scope), self._unwrap((owner, scope), wrapped), new_master),
            )
            for owner, scope, wrapped in transaction.rows(
                "SELECT owner, scope, wrapped FROM keys WHERE wrapped IS NOT NULL"
            )
        ]
        transaction.insert(table, rows, on_conflict="replace")
        return len(rows)

    def _pages(self) -> Iterator[Row]:
        last: Pair = ("", "")
        while rows := self._database.rows(_PAGE, (last[0], *last, PAGE)):
            yield from rows
            last = rows[-1][:2]

    def _stored(self, pairs: set[Pair]) -> dict[Pair, bytes | None]:
        if not pairs:
            return {}
        owners = sorted({owner for owner, _ in pairs})
        rows = self._database.read(lambda t: t.rows_in(_OF_OWNERS, owners))
        found = {(row[0], row[1]): row[2] for row in rows}
        return {pair: found[pair] for pair in pairs & found.keys()}

    def _cached(self, pairs: set[Pair]) -> dict[Pair, bytes]:
        with self._lock:
            return {pair: self._cache[pair] for pair in pairs if pair in self._cache}

    def _remember(self, keys: dict[Pair, bytes]) -> None:
        with self._lock:
            self._cache.update(keys)
            while len(self._cache) > CACHED_KEYS_MAX:
                self._cache.popitem(last=False)

    def _wrap(self, pair: Pair, key: bytes, master: bytes) -> bytes:
        owner, scope = pair
        return wrapping.wrap(key, master=master, owner=owner, scope=scope, chance=self._chance)

    def _unwrap(self, pair: Pair, wrapped: bytes) -> bytes:
        owner, scope = pair
        return wrapping.unwrap(bytes(wrapped), master=self._master, owner=owner, scope=scope)


def _open(url: str) -> Database:
    """Open the key store's database, with its one table."""
    parsed = sa.make_url(url)
    database: Database
    if parsed.get_backend_name() == "sqlite":
        path = Path(parsed.database or "")
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))  # before SQLite makes it wider
        database = SqliteDatabase(path)
    else:
        database = PostgresDatabase(url)
    database.transact(
        lambda t: t.connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
    )
    return database
