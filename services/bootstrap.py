"""The one place where things are wired: settings in, a system out."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from events.clock import Clock, RehearsalClock, SystemClock
from events.errors import TusoiError
from events.identifiers import Chance, SystemChance
from events.proof.notes import SigningKey
from events.store import schema
from events.store.address import file_at, open_database
from events.store.database import Database
from events.store.keys import KeyStore, make_key_store
from events.store.store import Store
from services.commands.executor import attempt
from services.commands.index_key import IndexKeyWatch
from services.context import Context
from services.safekeeping.checkpoints import LogSigner
from services.secret_files import (
    FOLDER_MODE,
    PlaceUnusable,
    make_secrets,
    read_log_key,
    read_master,
)
from services.settings import Settings

PAUSE_SECONDS, PAUSE_SECONDS_MAX = 0.5, 5.0  # between two tries of what may pass
PRIVATE_UMASK = 0o077  # whatever a process of ours writes is nobody else's to read


class InstallationMissing(TusoiError):
    """Nobody began an installation there; only what begins one makes it."""

    code = "installation_missing"

    def __init__(self, missing: Path) -> None:
        super().__init__(
            f"there is no installation here, {missing} is not there: name the folder of yours in "
            "TUSOI_DATA_DIR (the demo's is data/demo), or begin one with `tusoi up`"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Context):
    """Everything that requests and workers need, opened once a process."""

    settings: Settings
    signer: LogSigner
    verifier_key: str  # by which anybody checks the log's checkpoints

    def close(self) -> None:
        self.store.database.close()
        self.keys.close()


class FolderInUse(TusoiError):
    """Another process of ours works in this folder alone."""

    code = "folder_in_use"

    def __init__(self, folder: Path) -> None:
        super().__init__(
            f"another `tusoi up` runs in {folder}: stop it first, or name another folder in "
            "TUSOI_DATA_DIR"
        )


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Hold a folder, which is made if it is not there; a process that dies holds it no more.

    The folder itself is held and no file in it, so its name may change meanwhile.
    """
    _make_folder(folder)
    opened = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUse(folder) from None
        yield
    finally:
        os.close(opened)


def keep_private() -> None:
    """Let whatever this process writes from now on be nobody else's to read."""
    os.umask(PRIVATE_UMASK)


def open_system(
    settings: Settings,
    *,
    clock: Clock | None = None,
    chance: Chance | None = None,
    begin: bool = True,
) -> System:
    """Return the system that the settings describe.

    Embedded, whoever may `begin` an installation makes folder, tables and secrets; beside facts
    nothing is made, for there it was lost. With PostgreSQL no secret is made here: one that one
    host made would be missing on the next.

    Raises:
        InstallationMissing: there is nothing yet, and this is not to begin it.
        SecretMissing, SecretUnsafe, SecretDamaged, KeyStoreMissing, SchemaOutdated,
            StoreUnavailable, TimeUnreadable: the message says what to do.
    """
    clock, chance = clock or _clock(settings), chance or SystemChance()
    if not begin:
        _require_begun(settings)
    elif settings.embedded:
        _make_folder(settings.data_dir)
    database = open_database(settings.database_url)
    try:
        new = _lay_tables(settings, database, begin=begin)
        if new and settings.embedded:
            make_secrets(settings, chance)
        return _wire(settings, database, clock, chance, new=new)
    except BaseException:
        database.close()
        raise


def pause_after(failures: int) -> float:
    """Return for how many seconds to wait after that many failures in a row, of what may pass.

    >>> [pause_after(failures) for failures in (1, 2, 5, 10_000)]
    [0.5, 1.0, 5.0, 5.0]
    """
    return min(PAUSE_SECONDS * 2.0 ** min(failures - 1, 30), PAUSE_SECONDS_MAX)


def migrate(settings: Settings) -> str:
    """Bring the database to the tables that this program needs, and return its revision.

    What a new installation lacks besides is made; with PostgreSQL not its secrets.
    """
    if settings.embedded:
        open_system(settings).close()
        return schema.needed_revision()
    with closing(open_database(settings.database_url)) as database:
        revision = schema.migrate(database)
        if _is_new(database):
            make_key_store(settings.keys_url)
    return revision


def _require_begun(settings: Settings) -> None:
    """Raise InstallationMissing if the embedded database is not there."""
    file = file_at(settings.database_url)
    if file and not file.is_file():
        raise InstallationMissing(file)


def _lay_tables(settings: Settings, database: Database, *, begin: bool) -> bool:
    """Return whether the installation is new, so that what lacks may be made."""
    if begin and settings.embedded:
        attempt(lambda: schema.migrate(database))  # two processes may open a new file at once
    else:
        schema.require_current(database)
    return begin and _is_new(database)


def _is_new(database: Database) -> bool:
    """Return whether the log holds no fact."""
    return not database.rows("SELECT 1 FROM events LIMIT 1")


def _wire(
    settings: Settings, database: Database, clock: Clock, chance: Chance, *, new: bool
) -> System:
    master = read_master("TUSOI_MASTER_KEY_FILE", settings.master_key_file)
    log_key = read_log_key(settings)
    if log_key.name != settings.log_origin:
        # The same private key under a new origin: how a log goes on after a rollback.
        log_key = SigningKey(settings.log_origin, log_key.private)
    store = Store(database, clock=clock, chance=chance)
    system = System(
        settings=settings,
        clock=clock,
        chance=chance,
        store=store,
        keys=KeyStore(settings.keys_url, master=master, chance=chance, make=new),
        signer=LogSigner(store, log_key, settings.log_key_file, clock=clock),
        verifier_key=log_key.verifier.to_text(),
    )
    store.require_writable = IndexKeyWatch(system).require
    return system


def _clock(settings: Settings) -> Clock:
    file = settings.rehearsal_clock
    clock = RehearsalClock(file) if file else SystemClock()
    clock.now()  # a file that says no time is told of at once, and by no thread
    return clock


def _make_folder(folder: Path) -> None:
    """Make the folder of the data, nobody else's to enter; one that holds something stays as it is.

    It may be somebody's who keeps other things in it; `tusoi doctor` says when others can enter.
    """
    try:
        folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        if not any(folder.iterdir()):
            folder.chmod(FOLDER_MODE)
    except OSError as error:
        raise PlaceUnusable(folder, error) from error
