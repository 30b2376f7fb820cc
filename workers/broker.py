"""The broker and its doorbells: messages that hold a name and never data.

Redis may be emptied at any moment and nothing is lost: facts and checkpoints are in the database,
and every bell is rung once a minute anyway.
"""

import threading
import time
from typing import Any, Protocol

import dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq.middleware import AgeLimit, Callbacks, Retries, ShutdownNotifications, TimeLimit

QUEUE = "projections"
# A bell lost with its worker is forgotten after this, well before the sequencer rings all of them
# again: were both a minute, that ring could come too early by a hair, and cost another minute.
BELL_SECONDS = 30
WAKE_MILLISECONDS = 20  # how long an idle consumer sleeps at most; dramatiq's own default is 1,000
WAKE_MILLISECONDS_HERE = 250  # the same in one process, where a message wakes it
REDIS_SECONDS = 5  # to connect, and to answer


class RungBells(Protocol):
    """Remembers which bells have been rung and not yet been answered."""

    def add(self, name: str) -> bool:
        """Return whether the bell was silent; from now on it waits."""

    def discard(self, name: str) -> None: ...


class RungBellsHere:
    """For one process."""

    def __init__(self) -> None:
        self._rung_at: dict[str, float] = {}
        self._lock = threading.Lock()

    def add(self, name: str) -> bool:
        now = time.monotonic()
        with self._lock:
            waits = now - self._rung_at.get(name, -BELL_SECONDS) < BELL_SECONDS
            if not waits:
                self._rung_at[name] = now
            return not waits

    def discard(self, name: str) -> None:
        with self._lock:
            self._rung_at.pop(name, None)


class RungBellsInRedis:
    """For any number of hosts. Emptied together with the messages, so nothing rings unheard."""

    def __init__(self, client: Any) -> None:  # that of `redis`
        self._client = client

    def add(self, name: str) -> bool:
        return bool(self._client.set(f"tusoi:bell:{name}", b"1", nx=True, ex=BELL_SECONDS))

    def discard(self, name: str) -> None:
        self._client.delete(f"tusoi:bell:{name}")


def middleware() -> list[dramatiq.Middleware]:
    """Return the policies that hold for every message; limits are stated at each actor."""
    return [AgeLimit(), TimeLimit(), ShutdownNotifications(), Callbacks(), Retries()]


def make_broker(redis_url: str | None) -> tuple[dramatiq.Broker, RungBells]:
    """Return a broker and the bells that wait on it: on Redis, or in this process."""
    if redis_url is None:
        return StubBroker(middleware=middleware()), RungBellsHere()
    import redis  # noqa: PLC0415 - most commands ring no bell, and it takes a tenth of a second
    from dramatiq.brokers.redis import RedisBroker  # noqa: PLC0415

    pool = redis.ConnectionPool.from_url(
        redis_url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
    )
    client = redis.Redis(connection_pool=pool)
    return RedisBroker(client=client, middleware=middleware()), RungBellsInRedis(client)
