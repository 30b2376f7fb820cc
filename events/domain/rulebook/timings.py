"""By when a step is taken, and what holds once its time is over and nobody took it."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from events.domain.documents.document import Line, Part
from events.domain.steps import Turn

WORKING_DAYS_MAX = 500

MonthDay = Annotated[str, msgspec.Meta(pattern="^[0-9]{2}-[0-9]{2}$")]
WorkingDays = Annotated[int, msgspec.Meta(ge=1, le=WORKING_DAYS_MAX)]


class Without(StrEnum):
    """What holds of a step that was not taken in time."""

    WAITS = "waits"  # nobody goes on without it: it climbs the ladder
    AUTHORITY = "authority"  # likewise, until those who decide waive it, with a reason
    WAIVED = "waived"  # the year goes on without it


class Timing(Part, frozen=True, kw_only=True):
    """By when a step is taken, by a day or so long after its cause; and what holds without it."""

    who: Turn  # as the table of steps has it: competence is not an edition's to give away
    by: MonthDay | None = None
    year_after: bool = False  # `by` is a day of the year after the one under review
    working_days: WorkingDays | None = None
    without: Without = Without.WAITS
    citation: Line

    def day_in(self, year: int) -> date:
        """Return the day on which a step with a date is due, for the year under review."""
        assert self.by is not None, "this step is due some time after its cause"
        month, day = map(int, self.by.split("-"))
        return date(year + self.year_after, month, day)
