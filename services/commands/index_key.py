"""The index key of an installation: made once, told in the log, and from then on required."""

from events.definitions.access import IndexKeyMade
from events.definitions.records import Label
from events.store.batch import Appended
from services.commands.executor import OPERATOR, attempt, new_event
from services.context import INDEX_KEY, INDEX_KEY_STREAM, Context, fingerprint_of

SOURCE = "/keys"


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
