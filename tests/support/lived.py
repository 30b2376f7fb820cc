"""Years that were lived once, and are copied for each test that goes on from one of their days."""

import abc
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import date
from pathlib import Path
from typing import Protocol, TypeVar

from events.domain.documents.working_days import local_day
from events.store import schema
from events.store.address import open_database
from events.store.keys import KeyStore
from events.store.store import Store
from services.context import Context
from tests.support.databases import hasty_address
from tests.support.fakes import FixedClock, SeededChance
from tests.support.living import BEFORE, Year
from tests.support.servers import PostgreSQL

Y = TypeVar("Y", bound=Year)

LOG, KEYS = "log.db", "keys.db"
STOPS = (  # days on which a year that is lived is kept as it is, in their order
    *(date(2025, 1, 6), date(2025, 1, 20), date(2025, 2, 3), date(2025, 2, 11), date(2025, 2, 20)),
    *(date(2025, 11, 16), date(2025, 11, 19)),
    *(date(2025, 12, 9), date(2025, 12, 10), date(2025, 12, 12), date(2025, 12, 22)),
    *(date(2025, 12, 24), date(2026, 1, 8)),
)


class Reached(Protocol):
    """Gives a commune's year on one of the days, to go on from there."""

    def __call__(self, years: type[Y], day: date) -> Y: ...


class Place(abc.ABC):
    """An empty database to live in, of which what was kept is copied. Keys lie beside, in files."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    @abc.abstractmethod
    def address(self) -> str: ...

    @abc.abstractmethod
    def keep(self, context: Context, day: date) -> None:
        """Keep the database as it is on a day, while nobody writes."""

    @abc.abstractmethod
    def copied(self, day: date, folder: Path) -> AbstractContextManager[str]:
        """Give the address of a copy of what was kept on a day."""

    def keep_keys(self, day: date) -> None:
        copy_file(self.folder / KEYS, self.folder / f"{day}-{KEYS}")

    def copy_keys(self, day: date, folder: Path) -> None:
        shutil.copy(self.folder / f"{day}-{KEYS}", folder / KEYS)


class InFile(Place):
    """On SQLite."""

    @property
    def address(self) -> str:
        return hasty_address(self.folder / LOG)

    def keep(self, context: Context, day: date) -> None:  # noqa: ARG002 - it may stay open
        copy_file(self.folder / LOG, self.folder / f"{day}-{LOG}")

    @contextmanager
    def copied(self, day: date, folder: Path) -> Iterator[str]:
        shutil.copy(self.folder / f"{day}-{LOG}", folder / LOG)
        yield hasty_address(folder / LOG)


class OnServer(Place):
    """On PostgreSQL, in a database of a name of its own."""

    def __init__(self, folder: Path, server: PostgreSQL, name: str) -> None:
        super().__init__(folder)
        self._server, self._name = server, name
        self._run(f"CREATE DATABASE {name}")

    @property
    def address(self) -> str:
        return self._server.url_of(self._name)

    def keep(self, context: Context, day: date) -> None:
        context.store.database.engine.dispose()  # whoever is connected keeps others from copying
        self._run(f"CREATE DATABASE {self._kept(day)} TEMPLATE {self._name}")

    @contextmanager
    def copied(self, day: date, folder: Path) -> Iterator[str]:  # noqa: ARG002 - not in a file
        copy = f"{self._name}_again"
        self._run(f"CREATE DATABASE {copy} TEMPLATE {self._kept(day)}")
        yield self._server.url_of(copy)
        self._run(f"DROP DATABASE {copy} WITH (FORCE)")

    def _kept(self, day: date) -> str:
        return f"{self._name}_{day:%Y%m%d}"

    def _run(self, sql: str) -> None:
        with self._server.connect() as connection:
            connection.execute(sql)


class Life:
    """A commune whose year is lived once, as far as somebody asked for, and kept at each stop."""

    def __init__(self, place: Place, years: type[Year]) -> None:
        self._place, self._years = place, years
        self._open = ExitStack()
        clock = FixedClock(BEFORE)
        given = context_at(place.address, place.folder, clock, seed=1)
        self._context = self._open.enter_context(given)
        self._year = years(self._context, clock)
        self._reached: dict[date, date] = {}  # by stop: the day of the story then

    def whole(self) -> Year:
        """Return the year when it is over, for whoever only looks at it."""
        self._live(date.max)
        self._year.live()
        return self._year

    @contextmanager
    def gone_on(self, day: date, folder: Path, clock: FixedClock) -> Iterator[Year]:
        """Give a copy of the year, as it was on one of the stops, in a folder."""
        assert day in STOPS, f"let {day} be one of STOPS"
        self._live(day)
        self._place.copy_keys(day, folder)
        clock.time = BEFORE
        with (
            self._place.copied(day, folder) as address,
            context_at(address, folder, clock, seed=100) as context,
        ):
            year = self._years(context, clock)
            year.arrive(self._reached[day])
            yield year

    def close(self) -> None:
        self._open.close()

    def _live(self, day: date) -> None:
        for stop in STOPS[len(self._reached) :]:
            if stop > day:
                return
            self._year.live(until=stop)
            self._reached[stop] = local_day(self._year.clock.now())
            self._place.keep(self._context, stop)
            self._place.keep_keys(stop)


class Lives:
    """The lives on one kind of database, one for each kind of years."""

    def __init__(self, folder: Path, server: PostgreSQL | None = None) -> None:
        self._folder, self._server = folder, server
        self._lives: dict[type[Year], Life] = {}

    def of(self, years: type[Year]) -> Life:
        if years not in self._lives:
            self._lives[years] = Life(self._place(years.__name__.lower()), years)
        return self._lives[years]

    def close(self) -> None:
        for each in self._lives.values():
            each.close()

    def _place(self, name: str) -> Place:
        folder = self._folder / name
        folder.mkdir()
        return OnServer(folder, self._server, name) if self._server else InFile(folder)


def copy_file(source: Path, target: Path) -> None:
    """Copy a database on SQLite that may be open, with what lies in its write-ahead log."""
    with closing(sqlite3.connect(source)) as found, closing(sqlite3.connect(target)) as made:
        found.backup(made)


@contextmanager
def context_at(address: str, folder: Path, clock: FixedClock, *, seed: int) -> Iterator[Context]:
    """Give what commands need; a copy draws by another seed, for no id may come twice."""
    with ExitStack() as stack:
        database = stack.enter_context(closing(open_database(address)))
        schema.migrate(database)
        address = hasty_address(folder / KEYS)
        keys = KeyStore(address, master=bytes(32), chance=SeededChance(seed + 1))
        stack.enter_context(closing(keys))
        store = Store(database, clock=clock, chance=SeededChance(seed))
        yield Context(clock=clock, chance=SeededChance(seed + 2), store=store, keys=keys)
