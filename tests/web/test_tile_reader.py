"""A reader of tiles that others wrote reads the log over HTTP, and agrees with every hash of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tlog_scales.reader import TilesReader
from tlog_scales.signing import Vkey
from tlog_scales.tiles import leaf_hash
from tlog_scales.tlog import InclusionProofInvalid

from events.store import sequencing, tiles
from tests.support import facts
from tests.support.world import World

SIZE = 600  # two full tiles and a part of one
EARLIER = 300


class Service:
    """What the reader fetches from: a client of ours, with an auditor's token."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._token = world.token(reads=("all",))

    def get(self, *path: str) -> bytes | None:
        # C2SP writes a partial tile as `000.p/5`: the reader joins the parts by slashes.
        answer = self._world.get("/log/" + "/".join(path), self._token)
        return bytes(answer.data) if answer.status_code == 200 else None


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A log that was signed at two sizes; the tiles up to the first are stored."""
    world = World(tmp_path / "data")
    store = world.system.store
    for size in (EARLIER, SIZE):
        store.append(facts.batch(size - store.head().size))
        while sequencing.sequence(store.database, world.clock):
            pass
        world.system.signer.sign()
        if size == EARLIER:
            tiles.extend(store.database, SIZE)
    yield world
    world.system.close()


def test_another_reader_finds_the_log_that_was_signed(world: World) -> None:
    reader, key = TilesReader(Service(world)), Vkey.from_string(world.system.verifier_key)

    checkpoint = reader.get_checkpoint()
    checkpoint.verify(key)

    assert (checkpoint.origin, checkpoint.size) == (world.system.signer.origin, SIZE)
    assert reader.calculate_root_hash() == checkpoint.root_hash


def test_another_reader_proves_every_entry_and_that_the_log_only_grew(world: World) -> None:
    reader = TilesReader(Service(world))
    root = reader.get_checkpoint().root_hash

    for index in range(0, SIZE, 37):
        proof = reader.get_inclusion_proof(index, SIZE)
        proof.check(leaf_hash(reader.get_entry(index)), root)
        with pytest.raises(InclusionProofInvalid):
            proof.check(leaf_hash(reader.get_entry((index + 1) % SIZE)), root)
    for earlier in (1, 256, EARLIER, SIZE):
        reader.get_consistency_proof(earlier, SIZE).check(reader.mth(0, earlier), root)
