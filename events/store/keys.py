"""The key store: one key an owner and scope, in a database of its own, wrapped by a master key.

It is never in the events' database nor in its backups, so that destroying a key here darkens the
words everywhere. A destroyed key leaves a row without a key, so that no late fact brings it back.
It is over 300 lines because making, destroying and wrapping anew rest on one table and its lock.
"""

import time
from collections.abc import Iterable, Iterator
from contextlib import suppress

import sqlalchemy as sa

from events.errors import ConcurrentAppend, TusoiError
from events.identifiers import Chance
from events.store.address import file_at, open_database
from events.store.database import Database, Row, Transaction
from events.store.key_cache import CACHE_SECONDS, KeyCache, Pair
from events.vault import wrapping
from events.vault.sealing import KEY_BYTES

PAGE = 1_000
START: Pair = ("", "")  # before every owner and scope
EVERY_SCOPE = ""  # the scope of the row that says: all of this owner was destroyed
OPEN_ATTEMPTS = 20
OPEN_PAUSE_SECONDS = 0.05
_TABLE_LOCK = 7_563  # of whoever makes the table

table = sa.Table(
    "keys",
    sa.MetaData(),
    sa.Column("owner", sa.Text, primary_key=True),
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("wrapped", sa.LargeBinary),  # none: the key was destroyed
)

_OF_OWNERS = "SELECT owner, scope, wrapped FROM keys WHERE wrapped IS NOT NULL AND owner IN ?"
_DESTROYED_OWNERS = f"""
SELECT owner FROM keys WHERE wrapped IS NULL AND scope = '{EVERY_SCOPE}' AND owner IN ?"""
_BURIED = "SELECT owner, scope FROM keys WHERE wrapped IS NULL AND owner IN ?"
_GRAVES = """
SELECT owner, scope FROM keys
WHERE wrapped IS NULL AND (owner, scope) > (?, ?) ORDER BY owner, scope LIMIT ?"""
_FIRST = """
SELECT owner, scope, wrapped FROM keys WHERE wrapped IS NOT NULL ORDER BY owner, scope LIMIT 1"""
_UNDER_OTHERS = """
SELECT owner, scope, wrapped FROM keys
WHERE wrapped IS NOT NULL AND substr(wrapped, 1, ?) <> ? AND (owner, scope) > (?, ?)
ORDER BY owner, scope LIMIT ?"""
_PAGE = """
SELECT owner, scope, wrapped FROM keys
WHERE wrapped IS NOT NULL AND (owner, scope) > (?, ?) ORDER BY owner, scope LIMIT ?"""


class KeyDestroyed(TusoiError):
    """The key was destroyed on purpose; nothing more is sealed for this owner and scope."""

    code = "key_destroyed"

    def __init__(self, owner: str, scope: str) -> None:
        super().__init__("these words were erased for good: nothing more can be stored with them")
        self.owner = owner
        self.scope = scope


class KeyStoreMissing(TusoiError):
    """There is no key store at the address, and whoever asks is not to make one."""

    code = "key_store_missing"

    def __init__(self) -> None:
        super().__init__(
            "there is no key store at TUSOI_KEYS_URL: correct the address, or restore its backup; "
            "without it no word opens"
        )


class KeyStore:
    """The keys of one installation."""

    def __init__(
        self,
        url: str,
        *,
        master: bytes,
        chance: Chance,
        cache_seconds: float = CACHE_SECONDS,
        make: bool = True,
    ) -> None:
        wrapping.master_id(master)  # a master key of the wrong length fails here and not later
        self._database = _open(url) if make else _open_made(url)
        self._master = master
        self._chance = chance
        self._cache = KeyCache(cache_seconds)

    def keys(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        """Return the keys that there are; a destroyed one is not among them.

        Raises:
            WrongMasterKey, KeyDamaged: a key does not open.
        """
        wanted = set(pairs)
        found, drops = self._cache.get(wanted)
        if missing := wanted - found.keys():
            read = {
                pair: self._unwrap(pair, key) for pair, key in self._read_boxes(missing).items()
            }
            self._cache.put(read, drops)
            found |= read
        return found

    def ensure(self, pairs: Iterable[Pair]) -> dict[Pair, bytes]:
        """Return a key for each pair, making those that are new, durably, in one transaction.

        Two processes that make the same pair at once get the same key: the first one's.

        Raises:
            KeyDestroyed: a pair had a key and lost it on purpose.
            WrongMasterKey: the store's keys are wrapped under another one; no key was made.
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
        """Destroy the keys of an owner, of one scope or of all, and return how many there were.

        From then on the scope, or the owner, gets no key again, even if it never had one.

        SQLite's files hold no byte of them, unless somebody reads on and on (then until the next
        checkpoint). PostgreSQL's old pages and its own log, and backups of this store, still do,
        wrapped: `rewrap_all`, and then losing the old master key, ends that.
        """
        destroyed = self._database.transact(lambda t: _bury(t, owner, scope))
        self._cache.drop(owner, scope)
        self._database.scrub()
        return destroyed

    def rewrap_all(self, new_master: bytes) -> int:
        """Wrap every key under another master key, a page at a time, and return how many.

        Broken off, it goes on where it was when it is called again; until then neither master key
        opens all. It begins with the first key, so that who is left behind makes no key meanwhile.

        Raises:
            WrongMasterKey, KeyDamaged: a key opens under neither; nothing was changed.
        """
        wrapping.master_id(new_master)
        for owner, scope, wrapped in self._pages():
            self._unwrap_under_either((owner, scope), bytes(wrapped), new_master)
        count, last = 0, START
        while (page := self._rewrap_page(new_master, last)) or last != START:
            count += len(page)
            last = page[-1] if page else START  # until a whole pass finds nothing more
        self._master = new_master
        return count

    def scopes(self, owner: str) -> tuple[str, ...]:
        """Return the scopes for which an owner has a key that was not destroyed, in their order."""
        sql = "SELECT scope FROM keys WHERE wrapped IS NOT NULL AND owner = ? ORDER BY scope"
        return tuple(row[0] for row in self._database.rows(sql, (owner,)))

    def losses(self, pairs: Iterable[Pair]) -> set[Pair]:
        """Return which pairs have no key though nobody destroyed one: the store is not whole."""
        wanted = set(pairs)
        owners = sorted({owner for owner, _ in wanted}, key=str)  # rows may hold anything
        there = self._read_boxes(wanted).keys()
        buried = set(self._database.read(lambda t: t.rows_in(_BURIED, owners)))
        dark = {(owner, scope) for owner, scope in wanted if (owner, EVERY_SCOPE) in buried}
        return wanted - there - dark - {(row[0], row[1]) for row in buried}

    def graves(self) -> Iterator[Pair]:
        """Iterate over whose keys were destroyed; with `EVERY_SCOPE`, all that they ever have."""
        last = START
        while rows := self._database.rows(_GRAVES, (*last, PAGE)):
            yield from ((row[0], row[1]) for row in rows)
            last = rows[-1][:2]

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
        """Make keys, but none for a destroyed owner, and none under a master key out of use."""
        transaction.lock_table(table, alone=False)
        for owner, scope, wrapped in transaction.rows(_FIRST):  # a rotation begins with it
            with suppress(wrapping.KeyDamaged):  # `check` tells of it; here only the master counts
                self._unwrap((owner, scope), wrapped)
        owners = sorted({owner for owner, _ in pairs})
        destroyed = {row[0] for row in transaction.rows_in(_DESTROYED_OWNERS, owners)}
        rows = [
            (*pair, self._wrap(pair, self._chance.bytes(KEY_BYTES), self._master))
            for pair in pairs
            if pair[0] not in destroyed
        ]
        transaction.insert(table, rows, on_conflict="keep")

    def _rewrap_page(self, new_master: bytes, after: Pair) -> list[Pair]:
        return self._database.transact(lambda t: self._rewrap(t, new_master, after))

    def _rewrap(self, transaction: Transaction, new_master: bytes, after: Pair) -> list[Pair]:
        """Wrap a page of keys anew that are not yet, and return whose."""
        transaction.lock_table(table, alone=True)  # else a key destroyed meanwhile would come back
        head = wrapping.head_of(new_master)
        found = transaction.rows(_UNDER_OTHERS, (len(head), head, *after, PAGE))
        rows = [
            (*pair, self._wrap(pair, self._unwrap(pair, wrapped), new_master))
            for *names, wrapped in found
            for pair in [(names[0], names[1])]
        ]
        transaction.insert(table, rows, on_conflict="replace")
        return [(row[0], row[1]) for row in rows]

    def _unwrap_under_either(self, pair: Pair, wrapped: bytes, new_master: bytes) -> None:
        new = wrapped.startswith(wrapping.head_of(new_master))
        owner, scope = pair
        master = new_master if new else self._master
        wrapping.unwrap(wrapped, master=master, owner=owner, scope=scope)

    def _pages(self) -> Iterator[Row]:
        last = START
        while rows := self._database.rows(_PAGE, (*last, PAGE)):
            yield from rows
            last = rows[-1][:2]

    def _read_boxes(self, pairs: set[Pair]) -> dict[Pair, bytes]:
        owners = sorted({owner for owner, _ in pairs})
        rows = self._database.read(lambda t: t.rows_in(_OF_OWNERS, owners))
        return {(row[0], row[1]): row[2] for row in rows if (row[0], row[1]) in pairs}

    def _wrap(self, pair: Pair, key: bytes, master: bytes) -> bytes:
        owner, scope = pair
        return wrapping.wrap(key, master=master, owner=owner, scope=scope, chance=self._chance)

    def _unwrap(self, pair: Pair, wrapped: bytes) -> bytes:
        owner, scope = pair
        return wrapping.unwrap(bytes(wrapped), master=self._master, owner=owner, scope=scope)


def _bury(transaction: Transaction, owner: str, scope: str | None) -> int:
    """Take the keys out of their rows, which stay, and return how many keys there were."""
    # A key that is being made now is made before, or not at all.
    transaction.lock_table(table, alone=True)
    every = "UPDATE keys SET wrapped = NULL WHERE wrapped IS NOT NULL AND owner = ?"
    if scope is None:
        destroyed = transaction.run(every, (owner,))
    else:
        destroyed = transaction.run(f"{every} AND scope = ?", (owner, scope))
    grave = EVERY_SCOPE if scope is None else scope
    transaction.insert(table, [(owner, grave, None)], on_conflict="keep")
    return destroyed


def make_key_store(url: str) -> None:
    """Make the key store at an address, if it is not there."""
    _open(url).close()


def _open(url: str) -> Database:
    """Open the key store's database, with its one table."""
    database = open_database(url, setting="TUSOI_KEYS_URL")
    try:
        for _ in range(OPEN_ATTEMPTS - 1):
            # SQLite does not wait for a rival that turns a new file into WAL: it refuses at once.
            with suppress(ConcurrentAppend):
                database.transact(_make_table)
                return database
            time.sleep(OPEN_PAUSE_SECONDS)
        database.transact(_make_table)
    except BaseException:
        database.close()
        raise
    return database


def _open_made(url: str) -> Database:
    """Open the key store's database, if it is there. Raises KeyStoreMissing."""
    file = file_at(url)
    if file and not file.is_file():
        raise KeyStoreMissing
    database = open_database(url, setting="TUSOI_KEYS_URL")
    if not database.read(_has_table):
        database.close()
        raise KeyStoreMissing
    return database


def _has_table(transaction: Transaction) -> bool:
    return sa.inspect(transaction.connection).has_table(table.name)


def _make_table(transaction: Transaction) -> None:
    transaction.lead(_TABLE_LOCK)  # two at once would collide in spite of IF NOT EXISTS
    transaction.connection.execute(sa.schema.CreateTable(table, if_not_exists=True))
