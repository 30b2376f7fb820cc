"""One rating's bundle: made and verified in a running process, and verified by a cold one."""

import itertools
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import date
from pathlib import Path
from typing import NamedTuple

from events.proof.notes import SigningKey
from events.replay.verdict import verify
from events.store import sequencing, tiles
from events.store.keys import KeyStore
from services.context import Context
from services.queries.bundles import make_bundle
from services.safekeeping.checkpoints import LogSigner
from tests.benchmarks.log_measures import open_store
from tests.support import facts
from tests.support.fakes import FixedClock
from tests.support.living import BEFORE, Year
from tests.support.on_forms import OnForms

SIGNING = SigningKey.generate("benchmark.example/log", bytes(32))
KEY = SIGNING.verifier.to_text()
PLANS_UNDER_WAY = date(2026, 1, 8)  # in the story: every rating is decided
OTHERS = 20_000  # entries of others in the log
TILES = 1_000
RATED = ("SG-0041", "SG-0046", "SG-0009")
WARM_SAMPLES, COLD_SAMPLES = 30, 9


class NotMeasured(Exception):
    """A bundle did not verify: its time would mean nothing."""


class Lived(NamedTuple):
    """A commune that has lived its year, with a signer of its log."""

    year: Year
    signer: LogSigner

    def bundle(self, number: str) -> bytes:
        subject = self.year.subject(number)
        return make_bundle(self.year.context.store, self.signer, subject, KEY)


@contextmanager
def lived(folder: Path) -> Iterator[Lived]:
    """Live a commune's year on SQLite, in a log that holds much else; then sign it."""
    folder.mkdir()
    clock = FixedClock(BEFORE)
    store = open_store(f"sqlite:///{folder}/log.db", clock=clock)
    keys = KeyStore(f"sqlite:///{folder}/keys.db", master=bytes(32), chance=facts.CHANCE)
    with closing(store.database), closing(keys):
        context = Context(clock=clock, chance=facts.CHANCE, store=store, keys=keys)
        year = OnForms(context, clock)
        year.live(until=PLANS_UNDER_WAY)
        for _ in range(OTHERS // 500):
            store.append(facts.batch(500))
        while sequencing.sequence(store.database, clock):
            pass
        while tiles.extend(store.database, TILES):
            pass
        signer = LogSigner(store, SIGNING, folder / "log.key", clock=clock)
        signer.sign()
        yield Lived(year, signer)


def warm(commune: Lived) -> list[float]:
    """Return the seconds it takes to make a bundle and to verify it."""
    for number in RATED:
        commune.bundle(number)  # whatever is read once a process is read
    return [_warm(commune, number) for number in itertools.islice(_numbers(), WARM_SAMPLES)]


def cold(commune: Lived, folder: Path) -> list[float]:
    """Return the seconds of `python -m events.replay`, from nothing to the verdict."""
    path = folder / "rating.json"
    return [_cold(commune, path, number) for number in itertools.islice(_numbers(), COLD_SAMPLES)]


def _numbers() -> Iterator[str]:
    return itertools.cycle(RATED)


def _warm(commune: Lived, number: str) -> float:
    begun = time.perf_counter()
    verdict = verify(commune.bundle(number), KEY)
    seconds = time.perf_counter() - begun
    if not verdict.verified:
        raise NotMeasured(verdict.reason)
    return seconds


def _cold(commune: Lived, path: Path, number: str) -> float:
    path.write_bytes(commune.bundle(number))
    begun = time.perf_counter()
    ran = subprocess.run(
        [sys.executable, "-m", "events.replay", str(path), "--key", KEY],
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = time.perf_counter() - begun
    if ran.returncode:
        raise NotMeasured(ran.stdout + ran.stderr)
    return seconds
