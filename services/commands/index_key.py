"""The index key of an installation: made once, told in the log, and from then on required."""

import time

from events.definitions.access import IndexKeyMade
from events.definitions.records import Label
from events.errors import StoreUnavailable
from events.store.batch import Appended
from events.vault.wrapping import WrongMasterKey
from services.commands.executor import OPERATOR, attempt, new_event
from services.context import INDEX_KEY, INDEX_KEY_STREAM, Context, IndexKeyLost, fingerprint_of

SOURCE = "/keys"
LOOK_SECONDS = 1.0  # between two looks of a process that writes


class IndexKeyWatch:
    """Looks after the index key while a process runs, for a key store is exchanged under it too."""

    def __init__(self, context: Context, seconds: float = LOOK_SECONDS) -> None:
        self._context = context
        self._seconds = seconds  # between two looks, while the key is the log's own
        self._look_at = 0.0

    def require(self) -> None:
        """Raise unless the key store is the log's own; looks only now and then while it is.

        A key store that does not answer says nothing: what needs no key is written all the same.

        Raises:
            IndexKeyLost, WrongMasterKey, KeyDamaged: nothing may be written.
        """
        if time.monotonic() < self._look_at:
            return
        try:
            self._context.check_index_key()
        except (IndexKeyLost, WrongMasterKey):
            raise
        except StoreUnavailable:
            return
        self._look_at = time.monotonic() + self._seconds


def require_index_key(context: Context) -> None:
    """Raise unless the index key is the one that the log tells of; the first one is told.

    For whatever is going to write: under another key everybody whom HR names would be new.

    Raises:
        IndexKeyLost: it is another one, or there is none.
        WrongMasterKey, KeyDamaged: it does not open.
    """
    attempt(lambda: _tell_first(context))
    context.check_index_key()


def _tell_first(context: Context) -> None:
    """Tell of the index key, if the log does not yet. Of two at once one loses and looks again."""
    if context.index_key_told():
        return
    made = IndexKeyMade(key_id=Label(INDEX_KEY[1]), fingerprint=fingerprint_of(context.index_key()))
    new = new_event(context, made, source=SOURCE, principal=OPERATOR)
    context.store.append({INDEX_KEY_STREAM: Appended(0, (new,))})
