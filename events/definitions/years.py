"""In which years anything may be dated: what is told of others is refused when it is sent.

Such a date is a slip; and near the ends of what a computer counts, in years 1 and 9999, no zone
and no month can be added to one any more.
"""

FIRST_YEAR = 1900
LAST_YEAR = 2199
YEARS = range(FIRST_YEAR, LAST_YEAR + 1)
YEAR_PATTERN = "(?:19|2[01])[0-9]{2}"
SPAN = f"from {FIRST_YEAR} to {LAST_YEAR}"
