"""How long a session was not used: told by its cookie, and by nothing that is kept here.

A row that says when somebody asked last would, in the order of transactions, name who wrote what
(decision 0077). So a browser keeps a session's secret with a stamp: when it was used, and a MAC by
which nobody else makes one. Each answer brings a newer one. It tells whose session it is, also once
that ended: what was being written then is given back to nobody else.
"""

import hmac
from datetime import datetime, timedelta

from events.store.database import microseconds, moment
from events.vault.wrapping import derive

STAMPED_EVERY = timedelta(minutes=1)  # not each answer brings a stamp
BETWEEN = "."


def stamp(secret: str, account_id: str, *, index_key: bytes, now: datetime) -> str:
    """Return what a browser keeps of a session that is used now: its secret with a stamp."""
    told = str(microseconds(now))
    return BETWEEN.join((secret, told, _signature(secret, account_id, told, index_key)))


def secret_in(kept: str) -> str:
    """Return the secret of what a browser keeps.

    >>> secret_in("the-secret.17.signature")
    'the-secret'
    """
    return kept.partition(BETWEEN)[0]


def used_at(kept: str, account_id: str, *, index_key: bytes) -> datetime | None:
    """Return when a session was used, by the stamp that we gave it; None: it has none of ours."""
    secret, _, rest = kept.partition(BETWEEN)
    told, _, signature = rest.partition(BETWEEN)
    expected = _signature(secret, account_id, told, index_key)
    if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
        return None
    return moment(int(told))


def is_used(
    kept: str, account_id: str, *, index_key: bytes, now: datetime, within: timedelta
) -> bool:
    """Tell whether a session was used since some time ago, by a stamp of ours."""
    used = used_at(kept, account_id, index_key=index_key)
    return used is not None and now - used < within


def _signature(secret: str, account_id: str, told: str, index_key: bytes) -> str:
    whose = (secret.encode(errors="replace"), account_id, told.encode(errors="replace"))
    return derive(index_key, "session used", *whose).hex()
