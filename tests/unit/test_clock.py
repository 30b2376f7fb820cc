"""A rehearsal's time is what its file says; without the file it is the system's."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from events.clock import RehearsalClock, SystemClock, TimeUnreadable

NOON = datetime(2025, 12, 5, 5, tzinfo=UTC)


def test_every_clock_of_a_rehearsal_tells_the_time_that_one_was_set_to(tmp_path: Path) -> None:
    one, other = RehearsalClock(tmp_path / "clock"), RehearsalClock(tmp_path / "clock")

    one.set(NOON)

    assert other.now() == one.now() == NOON


def test_a_released_rehearsal_has_the_systems_time(tmp_path: Path) -> None:
    clock = RehearsalClock(tmp_path / "clock")
    clock.set(NOON)

    clock.release()
    clock.release()

    assert abs(clock.now() - SystemClock().now()) < timedelta(seconds=10)


@pytest.mark.parametrize("told", [b"", b"tomorrow", b"\xff", b"0001-01-01T00:00:00+14:00"])
def test_a_file_that_says_no_time_is_told_of_in_words(tmp_path: Path, told: bytes) -> None:
    (tmp_path / "clock").write_bytes(told)

    with pytest.raises(TimeUnreadable, match="TUSOI_REHEARSAL_CLOCK names, says no time"):
        RehearsalClock(tmp_path / "clock").now()
