"""Browsers in which an account's owner signed in before: known by a mark that they keep.

The mark opens nothing. Whoever comes with it is counted apart from strangers who try the same
login, so that these cannot lock its owner out. It is signed and kept nowhere: no row, no secret.
"""

import hashlib
import hmac
from datetime import timedelta

from events.clock import Clock
from events.identifiers import Chance, new_id
from events.store.database import microseconds, moment

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


def mark(
    before: str | None, account_id: str, *, index_key: bytes, clock: Clock, chance: Chance
) -> str:
    """Return by what a browser is known from now on, as one in which this account's owner is.

    Where several people use one browser it keeps the marks of the last few.
    """
    told = f"{new_id(chance)}.{microseconds(clock.now())}"
    others = [
        each for each in _marks(before) if not _browser_in(each, account_id, index_key, clock)
    ]
    return BETWEEN.join((f"{told}.{_signature(told, account_id, index_key)}", *others)[:MARKS_MAX])


def recognise(given: str | None, account_id: str, *, index_key: bytes, clock: Clock) -> str | None:
    """Return which known browser of an account this is; None: none, or too long ago."""
    found = (_browser_in(each, account_id, index_key, clock) for each in _marks(given))
    return next((each for each in found if each), None)


def _marks(given: str | None) -> list[str]:
    return given.split(BETWEEN)[:MARKS_MAX] if given and len(given) <= LENGTH_MAX else []


def _browser_in(mark_: str, account_id: str, index_key: bytes, clock: Clock) -> str | None:
    told, _, signature = mark_.rpartition(".")
    expected = _signature(told, account_id, index_key)
    if not hmac.compare_digest(signature.encode(errors="replace"), expected.encode()):
        return None
    browser, _, marked = told.partition(".")
    return browser if clock.now() < moment(int(marked)) + LASTS else None


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


def _signature(told: str, account_id: str, index_key: bytes) -> str:
    text = f"known browser\0{account_id}\0{told}".encode(errors="replace")
    return hmac.new(index_key, text, hashlib.sha256).hexdigest()
