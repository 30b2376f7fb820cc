"""A party year that was lived once, and is copied for each test that goes on from there."""

import shutil
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from events.store import schema
from events.store.address import open_database
from events.store.keys import KeyStore
from events.store.store import Store
from services.context import Context
from tests.support.databases import hasty_address
from tests.support.fakes import FixedClock, SeededChance
from tests.support.living import BEFORE
from tests.support.party_years import PartyYears

KEYS = "keys.db"


@dataclass(frozen=True, slots=True)
class Lived:
    """Where a year that was lived lies, and how far it went."""

    folder: Path  # with its keys; on SQLite, with its log too
    day: date

    def copy_keys(self, folder: Path) -> None:
        shutil.copy(self.folder / KEYS, folder / KEYS)


def live(address: str, folder: Path, day: date) -> Lived:
    """Live the commune's party year in an empty database, up to and with a day."""
    clock = FixedClock(BEFORE)
    with context_at(address, folder, clock, seed=1) as context:
        PartyYears(context, clock).live(until=day)
    return Lived(folder, day)


@contextmanager
def gone_on(lived: Lived, address: str, folder: Path, clock: FixedClock) -> Iterator[PartyYears]:
    """Give the year on the day that a copy of it was lived to; its keys lie in the folder."""
    clock.time = BEFORE
    with context_at(address, folder, clock, seed=100) as context:
        year = PartyYears(context, clock)
        year.arrive(lived.day)
        yield year


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
