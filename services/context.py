"""What commands and queries need at hand: the store, the keys, the time and chance."""

from dataclasses import dataclass

from events.clock import Clock
from events.identifiers import Chance
from events.store.keys import KeyStore
from events.store.store import Store

INDEX_KEY = ("server", "index")  # owner and scope of the key for keyed digests


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Handed in by `bootstrap`, so that a simulation can hand in others."""

    clock: Clock
    chance: Chance
    store: Store
    keys: KeyStore

    def index_key(self) -> bytes:
        """Return the key under which numbers are found and repeated requests are compared."""
        return self.keys.ensure([INDEX_KEY])[INDEX_KEY]
