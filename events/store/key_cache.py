"""Keys in memory, so that a text costs no question to the key store."""

import threading
import time
from collections import OrderedDict
from collections.abc import Iterable

CACHED_KEYS_MAX = 10_000
CACHE_SECONDS = 0.5  # so that what is erased anywhere is dark everywhere within a second

Pair = tuple[str, str]  # owner and scope


class KeyCache:
    """The keys used last, opened, for at most CACHE_SECONDS after they were read.

    Another process that destroys a key cannot reach in here, and to ask the database before each
    text would cost a round trip. So everything is dropped twice a second. Until then this process
    may still open what was erased elsewhere; what it seals meanwhile is dark afterwards.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._stale_at = 0.0
        self._keys: OrderedDict[Pair, bytes] = OrderedDict()
        self._drops = 0
        self._lock = threading.Lock()

    def get(self, pairs: Iterable[Pair]) -> tuple[dict[Pair, bytes], int]:
        """Return what is known, and what `put` wants to hear of the time before reading."""
        with self._lock:
            if time.monotonic() >= self._stale_at:
                self._keys.clear()
                self._drops += 1
                self._stale_at = time.monotonic() + self._seconds
            found = {pair: self._keys[pair] for pair in pairs if pair in self._keys}
            for pair in found:
                self._keys.move_to_end(pair)
            return found, self._drops

    def put(self, keys: dict[Pair, bytes], drops: int) -> None:
        """Take in keys, unless some were dropped since `get`: then these too may be destroyed."""
        with self._lock:
            if drops != self._drops:
                return
            self._keys.update(keys)
            while len(self._keys) > CACHED_KEYS_MAX:
                self._keys.popitem(last=False)

    def drop(self, owner: str, scope: str | None) -> None:
        """Forget the keys of an owner, of one scope or of all."""
        with self._lock:
            self._drops += 1
            for pair in [key for key in self._keys if key[0] == owner and scope in {None, key[1]}]:
                del self._keys[pair]
