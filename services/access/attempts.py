"""How often somebody tried to sign in: who guesses has to wait, longer each time.

Three are counted side by side: tries with one login from one address, with one login from
anywhere, and from one address with any login. Browsers in which the account's owner signed in
before are counted by themselves, so strangers' tries keep its owner from nothing (decision 0056).
"""

import hashlib
import hmac
import ipaddress
import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from events.clock import Clock
from events.errors import TusoiError
from events.store.database import Database, Transaction, microseconds, moment
from services.settings import SIGN_IN_TRIES, SIGN_IN_TRIES_ADDRESS, SIGN_IN_TRIES_LOGIN

ATTEMPTS_FREE = SIGN_IN_TRIES  # before anybody has to wait
WAIT_SECONDS_MAX = 15 * 60
FORGOTTEN_AFTER = timedelta(days=1)
ROWS_MAX = 100_000  # beyond it, housekeeping forgets the oldest
IPV6_PREFIX = 64  # bits of an address that one household or office has to itself
WRITTEN_ANEW_AFTER = 4  # a refused try begins the wait anew once a quarter of it is over

ADDRESS_WITH_PORT = re.compile(r"(?:\[([^]]+)\]|([^:]+))(?::[0-9]+)?")

# It makes the row or changes nothing in it; either way nobody else can until the commit.
_HOLD = """INSERT INTO attempts (name, count, lastat) VALUES (?, 0, ?)
ON CONFLICT (name) DO UPDATE SET count = attempts.count"""
_FORGET = "DELETE FROM attempts WHERE name = ?"
_FORGET_OLD = "DELETE FROM attempts WHERE lastat < ?"
_UNCOUNT = "UPDATE attempts SET count = count - 1 WHERE name = ? AND count > 0"


class TooManyAttempts(TusoiError):
    """Others failed with this login or from this address before, or the same person did."""

    code = "too_many_attempts"
    retryable = True

    def __init__(self, seconds: int) -> None:
        super().__init__(f"too many attempts: wait {seconds} seconds, and do not try before")
        self.seconds = seconds


class Bucket(NamedTuple):
    """Under which name tries are counted, and how many of them nobody has to wait for."""

    name: str
    free: int
    is_shared: bool = False  # by others who sign in rightly: that clears nothing here


class Limits(NamedTuple):
    """How many tries nobody has to wait for; the settings say so."""

    free: int = ATTEMPTS_FREE
    login_free: int = SIGN_IN_TRIES_LOGIN
    address_free: int = SIGN_IN_TRIES_ADDRESS


LIMITS = Limits()


class Client(NamedTuple):
    """Where a try comes from."""

    address: str | None = None  # None: that is not known
    mark: str | None = None  # by which a browser may be known

    @property
    def network(self) -> str | None:
        """Return what this client has to itself of its address."""
        return None if self.address is None else network_of(self.address)


UNKNOWN = Client()


def buckets_of(
    login: str, client: Client, known: str | None, *, index_key: bytes, limits: Limits = LIMITS
) -> tuple[Bucket, ...]:
    """Return where tries with a login are counted.

    What people type into a login field may be anything, even a password, and an address leads to
    somebody, so both are kept under a key.

    Args:
        login: the digest of what was typed.
        client: where the try comes from.
        known: whose browser it is, the account's; None: an unknown one.
        index_key: the key for keyed digests.
        limits: how many tries nobody waits for.
    """
    network = client.network
    if known is not None:
        return (Bucket(_name(index_key, "browser", known), limits.free),)
    if network is None:
        return (Bucket(_name(index_key, "login", login, ""), limits.free),)
    return (
        Bucket(_name(index_key, "login", login, network), limits.free),
        Bucket(_name(index_key, "login", login), limits.login_free, is_shared=True),
        Bucket(_name(index_key, "address", network), limits.address_free, is_shared=True),
    )


def bucket_of_account(account_id: str, *, index_key: bytes, limits: Limits = LIMITS) -> Bucket:
    """Return where tries by whoever is signed in are counted."""
    return Bucket(_name(index_key, "account", account_id), limits.free)


def network_of(address: str) -> str:
    """Return what one client has to itself: an IPv4 address, or 64 bits of an IPv6 one.

    >>> network_of("2001:db8::1") == network_of("2001:db8::ffff:0:2")
    True
    >>> network_of("::ffff:192.0.2.1"), network_of("192.0.2.1:4711"), network_of("[fe80::1%e0]:80")
    ('192.0.2.1', '192.0.2.1', 'fe80::')
    >>> network_of("unix:")
    ''
    """
    with_port = ADDRESS_WITH_PORT.fullmatch(address.strip())  # some proxies and servers tell it
    bare = (with_port[1] or with_port[2]) if with_port else address.strip()
    try:
        found = ipaddress.ip_address(bare.partition("%")[0])
    except ValueError:
        return ""  # all of these count as one
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, IPV6_PREFIX), strict=False).network_address)


def count(database: Database, buckets: Iterable[Bucket], *, clock: Clock) -> None:
    """Count an attempt, before it is known how it ends: so guesses side by side are counted too.

    One that comes too early is not looked at, and begins its wait anew. That is written down
    rarely, so a flood of tries costs reads and hardly a write.

    Raises:
        TooManyAttempts: it comes too early.
    """
    now, wanted = clock.now(), sorted(buckets)  # in one order, or two tries wait for each other
    early = database.read(lambda transaction: _early(transaction, wanted, now))
    if not early:
        early = database.transact(lambda transaction: _count_in(transaction, wanted, now))
    if early:
        _begin_anew(database, early, now)
        raise TooManyAttempts(max(each.seconds for each in early))


def clear(database: Database, buckets: Iterable[Bucket]) -> None:
    """Forget the attempts in somebody's own buckets, and the last one in shared ones: it was right.

    So nobody who signs in rightly in between makes others' failures forgotten.
    """

    def forget(transaction: Transaction) -> None:
        for each in sorted(buckets):
            transaction.run(_UNCOUNT if each.is_shared else _FORGET, (each.name,))

    database.transact(forget)


def forget(database: Database, login: str, account_id: str, *, index_key: bytes) -> None:
    """Forget how often somebody tried to sign in with a login, as far as no address is in it."""
    of_account = (("account", account_id), ("browser", account_id))
    names = (("login", login, ""), ("login", login), *of_account)
    clear(database, [Bucket(_name(index_key, *each), 0) for each in names])


def sweep(database: Database, *, clock: Clock, rows_max: int = ROWS_MAX) -> int:
    """Forget what is old, and the oldest beyond a bound; return how many rows that were."""

    def forget(transaction: Transaction) -> int:
        gone = transaction.run(_FORGET_OLD, (_oldest_kept(clock.now()),))
        newest = "SELECT lastat FROM attempts ORDER BY lastat DESC LIMIT 1 OFFSET ?"
        for (last,) in transaction.rows(newest, (rows_max,)):
            gone += transaction.run(_FORGET_OLD, (last + 1,))
        return gone

    return database.transact(forget)


class _Wait(NamedTuple):
    """A bucket in which tries have to wait."""

    name: str
    last_at: datetime
    whole: timedelta
    seconds: int  # still to wait


def _name(index_key: bytes, *parts: str) -> str:
    told = "\0".join(parts).encode(errors="replace")
    return hmac.new(index_key, told, hashlib.sha256).hexdigest()


def _count_in(transaction: Transaction, buckets: Iterable[Bucket], now: datetime) -> list[_Wait]:
    """Count an attempt in all buckets, or, where it comes too early for one, in none."""
    transaction.run(_FORGET_OLD, (_oldest_kept(now),))
    for each in buckets:
        transaction.run(_HOLD, (each.name, microseconds(now)))
    early = _early(transaction, buckets, now)
    if not early:
        for each in buckets:
            sql = "UPDATE attempts SET count = count + 1, lastat = ? WHERE name = ?"
            transaction.run(sql, (microseconds(now), each.name))
    return early


def _early(transaction: Transaction, buckets: Iterable[Bucket], now: datetime) -> list[_Wait]:
    """Return for which buckets an attempt comes too early, and how long each has to wait."""
    found = []
    for bucket in buckets:
        sql = "SELECT count, lastat FROM attempts WHERE name = ? AND lastat >= ?"
        for failed, last in transaction.rows(sql, (bucket.name, _oldest_kept(now))):
            whole = _wait(failed - bucket.free)
            left = moment(last) + whole - now
            if failed >= bucket.free and left > timedelta():
                seconds = -(-left // timedelta(seconds=1))
                found.append(_Wait(bucket.name, moment(last), whole, seconds))
    return found


def _begin_anew(database: Database, early: Iterable[_Wait], now: datetime) -> None:
    """Let waits that ran for a while begin anew: whoever does not wait gets nowhere."""
    names = [e.name for e in early if now - e.last_at >= e.whole / WRITTEN_ANEW_AFTER]

    def write(transaction: Transaction) -> None:
        for name in names:
            sql = "UPDATE attempts SET lastat = ? WHERE name = ? AND lastat < ?"
            transaction.run(sql, (microseconds(now), name, microseconds(now)))

    if names:
        database.transact(write)


def _wait(beyond: int) -> timedelta:
    """Return how long to wait after failures beyond the free ones: 1 s, then twice that each."""
    doublings = min(max(beyond, 0), WAIT_SECONDS_MAX.bit_length())
    return timedelta(seconds=min(2**doublings, WAIT_SECONDS_MAX))


def _oldest_kept(now: datetime) -> int:
    return microseconds(now - FORGOTTEN_AFTER)
