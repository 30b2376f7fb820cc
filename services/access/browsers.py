"""Browsers in which an account's owner signed in before: known by a mark that they keep.

The mark opens nothing. Whoever comes with it is counted apart from strangers who try the same
login, so that these cannot lock its owner out. It is signed and kept nowhere: no row, no secret.
All marks of an account are counted as one, and all end with its password: whoever knew that one
takes along no number of places to guess the next from.
"""

import hmac
from datetime import timedelta

from events.clock import Clock
from events.store.database import microseconds, moment
from events.vault.wrapping import derive
from services.access.account_rows import Account

LASTS = timedelta(days=180)
MARKS_MAX = 5
LENGTH_MAX = 1_000  # characters of all of them
BETWEEN = "~"
NAMES = (  # of browsers, by what they call themselves; those that pose as others come first
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("coc_coc", "Cốc Cốc"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def mark(before: str | None, account: Account, *, index_key: bytes, clock: Clock) -> str:
    """Return by what a browser is known from now on, as one in which this account's owner is.

    Where several people use one browser it keeps the marks of the last few.
    """
    told = str(microseconds(clock.now()))
    others = [each for each in _marks(before) if not _is_known(each, account, index_key, clock)]
    return BETWEEN.join((f"{told}.{_signature(told, account, index_key)}", *others)[:MARKS_MAX])


def recognise(
    given: str | None, account: Account | None, *, index_key: bytes, clock: Clock
) -> bool:
    """Return whether this is a known browser of an account; not, where that was too long ago."""
    marks = _marks(given) if account else ()
    return any(_is_known(each, account, index_key, clock) for each in marks if account)


def _marks(given: str | None) -> list[str]:
    return given.split(BETWEEN)[:MARKS_MAX] if given and len(given) <= LENGTH_MAX else []


def _is_known(mark_: str, account: Account, index_key: bytes, clock: Clock) -> bool:
    told, _, signature = mark_.partition(".")
    expected = _signature(told, account, index_key)
    if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
        return False
    return clock.now() < moment(int(told)) + LASTS


def name_of(user_agent: str) -> str:
    """Return what to call a browser, of a few words, whatever it says of itself.

    >>> name_of("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537 Chrome/126 Safari/537")
    'Chrome · Windows'
    >>> name_of("curl/8.5.0 <script>")
    ''
    """
    found = (
        next((name for sign, name in known if sign in user_agent), "") for known in (NAMES, SYSTEMS)
    )
    return " · ".join(each for each in found if each)


def _signature(told: str, account: Account, index_key: bytes) -> str:
    """Return what ends with the password, and with whatever else ends the account's sessions."""
    whose = (account.id, str(account.generation), told.encode(errors="replace"))
    return derive(index_key, "known browser", *whose).hex()
