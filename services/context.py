"""What commands and queries need at hand: the store, the keys, the time and chance."""

from dataclasses import dataclass

from events.clock import Clock
from events.definitions.access import IndexKeyMade
from events.definitions.records import Label
from events.errors import StoreUnavailable
from events.identifiers import Chance, Stream
from events.store.keys import KeyStore
from events.store.store import Store
from events.vault.wrapping import derive

INDEX_KEY = ("server", "index")  # owner and scope of the key for keyed digests
INDEX_KEY_STREAM = Stream("key-index")
FINGERPRINT_BYTES = 16


class IndexKeyLost(StoreUnavailable):
    """The key store is not the one by which this log's numbers are found: nothing is written."""

    code = "index_key_lost"

    def __init__(self, *, other: bool) -> None:
        found = "another index key than the log" if other else "not the index key that the log"
        super().__init__(
            f"the key store at TUSOI_KEYS_URL has {found} tells of: "
            "under it HR's next event would double people; correct the address, or restore the "
            "key store's newest backup"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Handed in by `bootstrap`, so that a simulation can hand in others."""

    clock: Clock
    chance: Chance
    store: Store
    keys: KeyStore

    def index_key(self) -> bytes:
        """Return the key under which numbers are found and repeated requests are compared.

        Raises:
            IndexKeyLost: the log tells of a key, and there is none; none is made.
        """
        found = self.keys.keys([INDEX_KEY])
        if not found:
            if self.index_key_told():
                raise IndexKeyLost(other=False)
            found = self.keys.ensure([INDEX_KEY])
        return found[INDEX_KEY]

    def index_key_told(self) -> IndexKeyMade | None:
        """Return what the log tells of the index key."""
        told = [each.event for each in self.store.read_stream(INDEX_KEY_STREAM).events]
        return next((each for each in told if isinstance(each, IndexKeyMade)), None)

    def check_index_key(self) -> None:
        """Raise unless the index key is the one that the log tells of, if it tells of one.

        Raises:
            IndexKeyLost: it is another one, or there is none.
            WrongMasterKey, KeyDamaged: it does not open.
        """
        if told := self.index_key_told():
            found = self.keys.keys([INDEX_KEY])
            if not found or fingerprint_of(found[INDEX_KEY]) != told.fingerprint:
                raise IndexKeyLost(other=bool(found))


def fingerprint_of(index_key: bytes) -> Label:
    """Return by which a key is told from another; nobody learns the key, or a digest, from it."""
    return Label(derive(index_key, "fingerprint")[:FINGERPRINT_BYTES].hex())
