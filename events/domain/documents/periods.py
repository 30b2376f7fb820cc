"""What a review is about: a year, or one of the quarters that are rated before it ends.

The fourth quarter is no period: it is rated with its year (KL 198-KL/TW).
"""

import re
from datetime import date, timedelta
from enum import StrEnum

from events.definitions.records import PERIOD_PATTERN

_PERIOD = re.compile(PERIOD_PATTERN)
QUARTERS = (1, 2, 3)
YEARS_BACK_MAX = 10  # in which faults still open are looked for


class Cadence(StrEnum):
    """What a rating is about."""

    YEAR = "year"
    QUARTER = "quarter"


def is_period(text: str) -> bool:
    """Tell whether a text names a period: "2026" or "2026-q1"."""
    return _PERIOD.fullmatch(text) is not None


def year_of(period: str) -> int:
    """Return the year that a period is, or lies in.

    >>> year_of("2026-q1")
    2026
    """
    return int(period[:4])


def cadence_of(period: str) -> Cadence:
    """Return what a rating of a period is about.

    >>> cadence_of("2026")
    <Cadence.YEAR: 'year'>
    """
    return Cadence.QUARTER if "-q" in period else Cadence.YEAR


def quarters_of(period: str) -> tuple[str, ...]:
    """Return the quarters of a year that are rated on their own; none of a quarter.

    >>> quarters_of("2026")
    ('2026-q1', '2026-q2', '2026-q3')
    """
    if cadence_of(period) is Cadence.QUARTER:
        return ()
    return tuple(f"{period}-q{number}" for number in QUARTERS)


def days_of(period: str) -> tuple[date, date]:
    """Return the first and the last day of a period.

    >>> [day.isoformat() for day in days_of("2026-q1")]
    ['2026-01-01', '2026-03-31']
    """
    year = year_of(period)
    if cadence_of(period) is Cadence.YEAR:
        return date(year, 1, 1), date(year, 12, 31)
    months = 3 * int(period[-1])  # up to and with the quarter
    return date(year, months - 2, 1), date(year, months + 1, 1) - timedelta(days=1)


def year_before(period: str) -> str:
    """Return the year before the one that a period is, or lies in.

    >>> year_before("2026-q1")
    '2025'
    """
    return str(year_of(period) - 1)


def years_before(period: str) -> tuple[str, ...]:
    """Return the years before the one that a period is, or lies in: the latest first, not all.

    >>> years_before("2026-q1")[:2]
    ('2025', '2024')
    """
    last = year_of(period) - 1
    return tuple(str(year) for year in range(last, last - YEARS_BACK_MAX, -1))
