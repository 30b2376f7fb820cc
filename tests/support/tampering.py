"""A log to be tampered with, somebody who does, and what `verify` says of it."""

from pathlib import Path

from events.clock import Clock
from events.definitions.catalogue import CATALOGUE
from events.identifiers import Stream
from events.proof.notes import SigningKey
from events.store import sequencing
from events.store.database import Transaction
from events.store.store import Store
from events.store.tables import IMMUTABLE
from events.store.verification import Finding, LogCheck
from services.read_models.verification import StateCheck
from services.safekeeping.checkpoints import LogSigner
from tests.support import facts
from tests.support.databases import let_change
from workers.projections.every import PROJECTIONS
from workers.projections.member_states import MEMBER_STATES
from workers.subscribers import Subscriber

KEY = SigningKey.generate("test.example/log", b"k" * 32)
MEMBERS, EVENTS = 5, 3  # of each member
STATES = MEMBER_STATES.tables_of(1)[0].name  # the table behind the view


def signed_log(store: Store, key_file: Path, *, clock: Clock) -> Store:
    """Return a log of fifteen events, projected, and signed at ten and at fifteen."""
    for streams in facts.histories(MEMBERS, EVENTS - 1):
        store.append(streams)
    signer = LogSigner(store, KEY, key_file, clock=clock)
    sequencing.sequence(store.database, clock)
    assert signer.sign()
    for stream in {Stream(each.entry.stream) for each in store.read_log(0)}:
        facts.append_one(store, stream, EVENTS - 1)
    sequencing.sequence(store.database, clock)
    assert signer.sign()
    for projection in PROJECTIONS.values():
        Subscriber(store, projection, clock=clock).advance()
    return store


def findings_of(store: Store) -> tuple[Finding, ...]:
    """Return what `tusoi verify` finds."""
    states = StateCheck(store)
    keys = {KEY.name: KEY.verifier}
    run = LogCheck(store.database, CATALOGUE, keys, each=states.fold).run()
    return run.findings + tuple(states.compare())


class Intruder:
    """Somebody with the database's password, whom no trigger hinders."""

    def __init__(self, store: Store) -> None:
        self._store = store
        store.database.transact(self._disarm)

    def run(self, sql: str, parameters: tuple[object, ...] = ()) -> int:
        return self._store.database.transact(lambda t: t.run(sql, parameters))

    @staticmethod
    def _disarm(transaction: Transaction) -> None:
        let_change(transaction, *IMMUTABLE)


def entry_at(store: Store, position: int) -> tuple[int, bytes]:
    """Return arrival and bytes of the event at a position."""
    sql = """
    SELECT events.arrival, events.entry FROM events JOIN log ON log.arrival = events.arrival
    WHERE log.position = ?"""
    arrival, entry = store.database.rows(sql, (position,))[0]
    return arrival, bytes(entry)
