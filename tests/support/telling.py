"""A log of which many systems of HR tell, each under a numbering and a source of its own."""

import itertools
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from events.domain.organisation import member
from events.domain.organisation.timelines import State
from events.identifiers import MemberId, Stream, member_stream
from events.store.address import open_database
from events.store.keys import KeyStore
from events.store.store import Store
from services.access.tokens import Grants, Principal
from services.context import Context
from services.intake.numbers import Numbers
from services.intake.parser import parse_event
from services.intake.receive import receive
from tests.support.databases import hasty_address, lay_tables
from tests.support.fakes import FixedClock, SeededChance
from tests.support.senders import Sent

BEGAN = datetime(2025, 1, 5, 1, tzinfo=UTC)

_numberings = (f"n{number}" for number in itertools.count())


@contextmanager
def open_log(folder: Path) -> Iterator[Context]:
    """Open an empty log on which some years have passed since systems began to tell."""
    clock = FixedClock()
    clock.set(BEGAN + timedelta(days=1_000))
    lay_tables(folder / "log.db")
    with (
        closing(open_database(hasty_address(folder / "log.db"))) as database,
        closing(
            KeyStore(hasty_address(folder / "keys.db"), master=bytes(32), chance=SeededChance(2))
        ) as keys,
    ):
        store = Store(database, clock=clock, chance=SeededChance(1))
        yield Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)


class Teller:
    """A system of HR that tells under a numbering and a source of its own."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._numbering = next(_numberings)
        self._source = f"/hr/{self._numbering}"
        grants = Grants(sends=("roster.*",), sources=(self._source,), numbering=self._numbering)
        self._principal = Principal("token:t", "t", grants)

    def tell(self, *events: Sent) -> None:
        parsed = [
            parse_event(each | {"source": self._source}, index) for index, each in enumerate(events)
        ]
        if parsed:
            receive(self._context, self._principal, parsed, correlation_id="c")

    def id_of(self, kind: str, number: str) -> str:
        numbers = Numbers(
            self._context.store,
            index_key=self._context.index_key(),
            numbering=self._numbering,
            chance=self._context.chance,
        )
        numbers.look_up([(kind, number)])
        return numbers.find(kind, number) or ""

    def stream_of(self, number: str) -> Stream:
        return member_stream(MemberId(self.id_of("member", number)))

    def member(self, number: str) -> State:
        return member.fold(self._context.store.read_stream(self.stream_of(number)).events)
