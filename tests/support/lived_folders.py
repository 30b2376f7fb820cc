"""Data folders of a commune on days of its years: lived once in a run, copied for whoever goes on.

All processes of a run share them: the first that needs one lives its year, the others wait for it.
"""

import fcntl
import shutil
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from events.domain.documents.working_days import local_day
from services.bootstrap import open_system
from services.settings import from_environment
from tests.support.databases import hasty
from tests.support.fakes import FixedClock, SeededChance
from tests.support.lived import copy_file
from tests.support.living import BEFORE, Year
from tests.support.party_years import PartyYears

SEED = 1_000  # of a life; whoever goes on draws by another, for no id may come twice
REACHED = "reached"  # the file that says on which day of the story a folder was kept
DAYS: Mapping[type[Year], Sequence[date]] = {  # on which somebody goes on, in their order
    Year: (
        *(date(2025, 2, 5), date(2025, 12, 5), date(2025, 12, 22), date(2025, 12, 23)),
        *(date(2026, 1, 6), date(2026, 1, 8), date(2026, 4, 2), date(2026, 5, 16)),
    ),
    PartyYears: (
        *(date(2025, 1, 20), date(2025, 11, 12), date(2025, 11, 16), date(2025, 11, 19)),
        *(date(2025, 11, 25), date(2025, 12, 16), date(2026, 3, 18)),
    ),
}


class LivedFolders:
    """Years that were lived in a folder of all processes of this run."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def copy(self, years: type[Year], day: date, folder: Path) -> date:
        """Lay the data of a commune on a day into a folder; return the story's last day by then."""
        assert day in DAYS[years], f"let {day} be one of DAYS"
        lived = self._root / years.__name__
        lived.mkdir(exist_ok=True)
        with (lived / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not (lived / "over").exists():
                _live(years, lived)
                (lived / "over").touch()
        shutil.copytree(lived / str(day), folder, dirs_exist_ok=True)
        reached = folder / REACHED
        told = date.fromisoformat(reached.read_text())
        reached.unlink()
        return told


def _live(years: type[Year], lived: Path) -> None:
    clock, folder = FixedClock(BEFORE), lived / "data"
    settings = from_environment(hasty(folder))
    system = open_system(settings, clock=clock, chance=SeededChance(SEED))
    year = years(system, clock)
    for day in DAYS[years]:
        year.live(until=day)
        _keep(folder, lived / str(day))
        (lived / str(day) / REACHED).write_text(local_day(clock.now()).isoformat())
    system.close()


def _keep(folder: Path, kept: Path) -> None:
    """Copy a data folder whose databases are open, while nobody writes."""
    shutil.copytree(folder, kept, ignore=shutil.ignore_patterns("*.db*"))
    for each in folder.glob("*.db"):
        copy_file(each, kept / each.name)
