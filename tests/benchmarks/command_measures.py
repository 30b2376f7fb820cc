"""Commands, all in: load, decide, seal, append; beside the bare append of just such events."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from events.definitions.event import Code
from events.definitions.records import Period
from events.definitions.roster import Standing
from events.domain.review.opening import OpenReview
from events.identifiers import MemberId, Stream, UnitId, member_stream, new_id
from events.store.batch import Appended, Receipt
from events.store.keys import KeyStore
from events.store.store import Store
from events.vault.sealing import SealedText
from services.access.roles import Person
from services.commands import cycles, reviews, rulebooks, units
from services.commands.work import Asking
from services.context import Context
from services.read_models.openings import ToOpen
from services.subject import Subject
from tests.benchmarks.log_measures import open_store
from tests.benchmarks.measuring import THREADS, Contender, Measure, in_threads
from tests.support import facts
from tests.support.fakes import FixedClock

PERIOD = Period("2026")
REVIEWED = 20 * THREADS  # so all that is said of one person is said in one thread, as in life
PEERS = 4  # who criticise each of them
COMMITTEE, CELL = UnitId(new_id(facts.CHANCE)), UnitId(new_id(facts.CHANCE))


class Criticism(NamedTuple):
    """A command that is to be carried out."""

    asking: Asking
    subject: Subject


class Told(NamedTuple):
    """What a command appended."""

    streams: Mapping[Stream, Appended]
    texts: tuple[SealedText, ...]


class RecordingStore(Store):
    """A store that remembers what was appended to it, so that it can be appended elsewhere."""

    def __init__(self, store: Store) -> None:
        super().__init__(store.database, clock=FixedClock(facts.WHEN), chance=facts.CHANCE)
        self.told: list[Told] = []

    def append(
        self, streams: Mapping[Stream, Appended], *, texts: Iterable[SealedText] = (), **more: Any
    ) -> tuple[Receipt, ...]:
        told = Told(streams, tuple(texts))
        self.told.append(told)
        return super().append(streams, texts=told.texts, **more)


class Commune:
    """A store in which a year is open."""

    def __init__(self, store: Store, keys: KeyStore) -> None:
        self._context = Context(
            clock=FixedClock(facts.WHEN), chance=facts.CHANCE, store=store, keys=keys
        )
        rules = rulebooks.rules_by_name(
            self._context, "neutral", "viet_nam", principal="account:benchmark"
        )
        units.authorise(self._context, COMMITTEE)
        cycles.open_cycle(self._context, _asking(office=COMMITTEE), PERIOD, COMMITTEE, rules)

    def open(self, subjects: Iterable[Subject]) -> None:
        """Open reviews, and make the keys under which their first words would have been sealed."""
        wanted = [
            OpenReview(
                period=PERIOD,
                member_id=each.member_id,
                path=(CELL, COMMITTEE),
                standing=Standing.OFFICIAL,
            )
            for each in subjects
        ]
        sum(cycles.open_reviews(self._context, COMMITTEE, ToOpen(wanted, {}), "benchmark"))
        self._context.keys.ensure([(member_stream(each.member_id), PERIOD) for each in wanted])

    def carry_out(self, command: Criticism) -> None:
        reviews.criticise(self._context, command.asking, command.subject, facts.WORDS)


def measures(postgresql: str, folder: Path) -> list[Measure]:
    """Return the measures of commands; `postgresql` is the address of an empty database."""
    keys = KeyStore(f"sqlite:///{folder}/command_keys.db", master=bytes(32), chance=facts.CHANCE)
    rehearsed = RecordingStore(open_store(f"sqlite:///{folder}/rehearsed.db"))
    rehearsal = Commune(rehearsed, keys)

    def rehearse(subjects: list[Subject]) -> list[Told]:
        rehearsal.open(subjects)
        rehearsed.told.clear()
        for each in _criticisms(subjects):
            rehearsal.carry_out(each)
        return list(rehearsed.told)

    stores = {
        "PostgreSQL": open_store(postgresql),
        "SQLite": open_store(f"sqlite:///{folder}/commands.db"),
    }
    return [
        _commands(name, store, Commune(store, keys), rehearse) for name, store in stores.items()
    ]


def _commands(
    where: str, store: Store, commune: Commune, rehearse: Callable[[list[Subject]], list[Told]]
) -> Measure:
    """Ours carries out commands; the floor appends what they came to in a rehearsal elsewhere."""

    def opened() -> list[Subject]:
        subjects = [Subject(PERIOD, MemberId(new_id(facts.CHANCE))) for _ in range(REVIEWED)]
        commune.open(subjects)
        return subjects

    def append(told: Told) -> None:
        store.append(told.streams, texts=told.texts)

    return Measure(
        f"{where}, commands beside the bare append",
        "reported",
        (
            Contender("floor", lambda: rehearse(opened()), lambda told: in_threads(append, told)),
            Contender(
                "ours",
                lambda: _criticisms(opened()),
                lambda asked: in_threads(commune.carry_out, asked),
            ),
        ),
    )


def _criticisms(subjects: Sequence[Subject]) -> list[Criticism]:
    """Return the commands: one peer after the other criticises everybody."""
    peers = [_asking() for _ in range(PEERS)]
    return [Criticism(peer, subject) for peer in peers for subject in subjects]


def _asking(*, office: UnitId | None = None) -> Asking:
    """Return somebody of the cell who asks, by an office where one is named."""
    member = MemberId(new_id(facts.CHANCE))
    person = Person(
        account_id=f"account-{member}",
        member_id=member,
        unit_id=CELL,
        posts=((office, Code("secretary")),) if office else (),
    )
    return Asking(person=person, correlation_id="benchmark")
