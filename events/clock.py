"""Time comes from one source that is handed in, so that a simulation can drive it."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from events.errors import TusoiError


class Clock(Protocol):
    """Tells the time, in UTC."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's own clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class TimeUnreadable(TusoiError):
    """The file of a rehearsal's clock says no time."""

    code = "time_unreadable"

    def __init__(self, file: Path) -> None:
        super().__init__(
            f"{file}, which TUSOI_REHEARSAL_CLOCK names, says no time: write one in ISO 8601 into "
            "it, such as 2026-12-04T08:00:00+07:00, or remove it and go by the system's time"
        )


class RehearsalClock:
    """For rehearsals: time is what a file says, and stands still until the file says otherwise.

    While there is no such file, it is the system's time. Every process of a rehearsal reads the
    same file, so a whole year can be lived in a minute.
    """

    def __init__(self, file: Path) -> None:
        self._file = file
        self._system = SystemClock()

    def now(self) -> datetime:
        """Return the time of the file. Raises TimeUnreadable."""
        try:
            return datetime.fromisoformat(self._file.read_text().strip()).astimezone(UTC)
        except FileNotFoundError:
            return self._system.now()
        except (ValueError, OverflowError, OSError):
            raise TimeUnreadable(self._file) from None

    @property
    def is_driven(self) -> bool:
        """Whether somebody has set it."""
        return self._file.exists()

    def set(self, now: datetime) -> None:
        """Let it be another time, for every process at once."""
        following = self._file.with_suffix(".next")
        following.write_text(now.astimezone(UTC).isoformat())
        following.replace(self._file)

    def release(self) -> None:
        """Let it be the system's time again."""
        self._file.unlink(missing_ok=True)
