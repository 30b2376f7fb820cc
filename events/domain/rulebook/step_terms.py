"""What an edition says of a step: which it is, who takes it, by when, and what holds without."""

from datetime import date
from enum import StrEnum
from typing import Annotated

import msgspec

from events.domain.documents.document import Bilingual, Line, Name, Part
from events.domain.steps import SEVERAL, At, Step, Turn

WORKING_DAYS_MAX = 500

MonthDay = Annotated[str, msgspec.Meta(pattern="^[0-9]{2}-[0-9]{2}$")]
WorkingDays = Annotated[int, msgspec.Meta(ge=1, le=WORKING_DAYS_MAX)]


class Without(StrEnum):
    """What holds of a step that was not taken in time."""

    WAITS = "waits"  # nobody goes on without it: it climbs the ladder
    AUTHORITY = "authority"  # likewise, until those who decide waive it, with a reason
    WAIVED = "waived"  # the year goes on without it


class StepTerms(Part, frozen=True, kw_only=True):
    """One step: by when it is taken, by a day or so long after its cause, and by whom.

    Under a step's own name it is that step. Under another id it says which `kind` it is.
    """

    kind: Step | None = None
    label: Bilingual | None = None  # what it is called here
    after: Name | None = None  # of several of a kind, the one that it waits for
    place: At | None = None  # in which of the units that rate it is taken
    posts: tuple[Name, ...] = ()  # which of those with its role take it; all, where there are none
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

    def address_under(self, id_: str) -> tuple[str, str]:
        """Return which step this is, and of several of a kind which of them, as facts name it."""
        kind = self.kind.value if self.kind else id_
        return kind, id_ if kind in SEVERAL and id_ != kind else ""
