"""Tiles hold what the log's leaves say, whoever makes them and whenever; proofs do without them."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import pytest

from events.definitions.catalogue import CATALOGUE
from events.proof.inclusion import TlogProof, verify
from events.proof.links import SignedHead
from events.proof.merkle import TreeDamaged
from events.proof.notes import SigningKey
from events.proof.subtrees import Subtree
from events.proof.tiles import Tile
from events.store import sequencing, tables, tiles
from events.store.database import Database, Row, Transaction
from events.store.signed_heads import NotCovered
from events.store.store import Store
from events.store.tile_check import TileCheck
from events.store.verification import LogCheck
from services.safekeeping.checkpoints import LogSigner
from tests.support import facts
from tests.support.fakes import FixedClock
from tests.support.faults import Crash, Faulty
from tests.support.tall_logs import entry_at, fill, leaves_of, root_of
from tests.support.tampering import Intruder

T = TypeVar("T")

KEY = SigningKey.generate("test.example/log", b"k" * 32)
TALL = 256 * 256 + 256 + 3  # two levels of full tiles, and a ragged edge
STATEMENTS_MAX = 4  # for any number of proofs: one for each level, and the edge's leaves


class Counting(Faulty):
    """Counts how often it is asked."""

    reads = 0

    def rows(self, sql: str, parameters: Sequence[object] = ()) -> list[Row]:
        self.reads += 1
        return self._database.rows(sql, parameters)

    def read(self, work: Callable[[Transaction], T]) -> T:
        self.reads += 1
        return self._database.read(work)


@pytest.fixture
def signer(store: Store, clock: FixedClock, tmp_path: Path) -> LogSigner:
    return LogSigner(store, KEY, tmp_path / "log.key", clock=clock)


def signed(signer: LogSigner) -> SignedHead:
    newest = signer.sign()
    assert newest
    return newest


def grow(store: Store, clock: FixedClock, count: int) -> None:
    store.append(facts.batch(count))
    while sequencing.sequence(store.database, clock):
        pass


def stored(database: Database) -> dict[Tile, bytes]:
    rows = database.rows("SELECT level, number, hashes FROM tiles ORDER BY level, number")
    return {Tile(level, number): bytes(hashes) for level, number, hashes in rows}


def positions_proven(proofs: list[TlogProof]) -> Iterator[int]:
    """Iterate over the positions of proofs, each of which an auditor has accepted."""
    for proof in proofs:
        entry = entry_at(proof.index + 1)
        yield verify(entry, proof.to_text(), KEY.verifier, KEY.name).position


def test_only_full_tiles_are_made_and_each_once(store: Store) -> None:
    fill(store, 600)

    made = [tiles.extend(store.database, 10) for _ in range(2)]

    leaves = leaves_of(600)
    assert made == [2, 0]
    assert stored(store.database) == {
        Tile(0, 0): b"".join(leaves[:256]),
        Tile(0, 1): b"".join(leaves[256:512]),
    }


def test_tiles_of_an_empty_log_and_of_one_short_of_a_tile_are_none(store: Store) -> None:
    before = tiles.extend(store.database, 10)
    fill(store, 255)

    assert (before, tiles.extend(store.database, 10)) == (0, 0)


def test_a_call_makes_no_more_than_its_limit(store: Store) -> None:
    fill(store, 5 * 256)

    made = [tiles.extend(store.database, 2) for _ in range(4)]

    assert made == [2, 2, 1, 0]
    assert list(stored(store.database)) == [Tile(0, number) for number in range(5)]


def test_higher_tiles_hold_the_roots_of_the_full_ones_below(store: Store) -> None:
    fill(store, TALL)

    while tiles.extend(store.database, 100):
        pass

    leaves, found = leaves_of(TALL), stored(store.database)
    tops = [root_of(leaves, Subtree(8, number)) for number in range(256)]
    assert len(found) == 257 + 1
    assert found[Tile(1, 0)] == b"".join(tops)


def test_every_proof_in_a_tall_log_verifies_with_a_handful_of_reads(
    store: Store, signer: LogSigner
) -> None:
    fill(store, TALL)
    newest = signed(signer)
    while tiles.extend(store.database, 100):
        pass
    positions = [1, 2, 255, 256, 257, 40_000, 65_536, 65_537, 65_793, TALL - 1, TALL]
    counting = Counting(store.database)
    watched = Store(counting, clock=FixedClock(), chance=facts.CHANCE)

    found = tiles.proofs(watched, positions, newest)

    assert list(positions_proven(found)) == positions
    assert counting.reads <= STATEMENTS_MAX


def test_proofs_are_the_same_without_tiles_and_with_some(store: Store, signer: LogSigner) -> None:
    fill(store, TALL)
    newest = signed(signer)
    positions = [3, 300, 65_000, TALL]

    without = tiles.proofs(store, positions, newest)
    tiles.extend(store.database, 100)
    some = tiles.proofs(store, positions, newest)
    while tiles.extend(store.database, 100):
        pass
    whole = tiles.proofs(store, positions, newest)

    assert without == some == whole
    assert list(positions_proven(whole)) == positions


def test_proof_at_an_older_checkpoint_still_verifies(
    store: Store, signer: LogSigner, clock: FixedClock
) -> None:
    fill(store, 300)
    older = signed(signer)
    arrival = "SELECT setval(pg_get_serial_sequence('events', 'arrival'), 300)"
    if store.database.engine.dialect.name == "postgresql":
        store.database.rows(arrival)
    grow(store, clock, 400)
    tiles.extend(store.database, 10)

    assert list(positions_proven(tiles.proofs(store, [1, 256, 300], older))) == [1, 256, 300]
    assert tiles.proofs(store, [], older) == []
    with pytest.raises(NotCovered, match="position 301 is not among the 300"):
        tiles.proofs(store, [301], older)
    with pytest.raises(NotCovered):
        tiles.proofs(store, [0], older)


def test_rivals_make_the_same_tiles(store: Store) -> None:
    fill(store, 40 * 256)

    with ThreadPoolExecutor(4) as pool:
        runs = [pool.submit(tiles.extend, store.database, 10) for _ in range(8)]
        for run in runs:
            run.result()
    tiles.extend(store.database, 40)

    leaves = leaves_of(40 * 256)
    joined = [b"".join(leaves[start : start + 256]) for start in range(0, 40 * 256, 256)]
    assert list(stored(store.database).values()) == joined


@pytest.mark.parametrize("persisted", [False, True])
def test_crash_while_tiles_are_made_costs_nothing(store: Store, persisted: bool) -> None:  # noqa: FBT001
    fill(store, 3 * 256)
    database = Faulty(store.database)

    if persisted:
        database.fail_after_commit()
    else:
        database.fail_at(1)
    with pytest.raises(Crash):
        tiles.extend(database, 2)
    tiles.extend(database, 10)

    assert list(stored(store.database)) == [Tile(0, number) for number in range(3)]


def test_tile_is_read_alike_stored_or_not_and_as_far_as_it_goes(store: Store) -> None:
    fill(store, 600)
    leaves = leaves_of(600)
    tops = [root_of(leaves, Subtree(8, number)) for number in range(2)]

    before = tiles.read(store.database, Tile(1, 0), 2), tiles.read(store.database, Tile(0, 1))
    tiles.extend(store.database, 10)
    after = tiles.read(store.database, Tile(1, 0), 2), tiles.read(store.database, Tile(0, 1))

    assert before == after == (b"".join(tops), b"".join(leaves[256:512]))
    assert tiles.read(store.database, Tile(0, 2), 88) == b"".join(leaves[512:])


def test_no_proof_is_given_that_would_not_hold(store: Store, signer: LogSigner) -> None:
    fill(store, 600)
    newest = signed(signer)
    store.database.transact(lambda t: t.insert(tables.tiles, [(0, 0, bytes(8_192))]))

    with pytest.raises(TreeDamaged, match="position 520 of 600"):
        tiles.proofs(store, [520], newest)


def test_tile_of_another_length_and_missing_positions_are_damage(store: Store) -> None:
    fill(store, 600)
    store.database.transact(lambda t: t.insert(tables.tiles, [(0, 1, b"short")]))

    with pytest.raises(TreeDamaged, match="tile 0/001"):
        tiles.roots(store.database, [Subtree(0, 256)])
    with pytest.raises(TreeDamaged, match="between 513 and 604"):
        tiles.roots(store.database, [Subtree(2, 150)])


def damage(store: Store, tile: Tile) -> None:
    """Change a byte of a stored tile."""
    hashes = bytearray(stored(store.database)[tile])
    hashes[1_000] ^= 1
    sql = "UPDATE tiles SET hashes = ? WHERE level = ? AND number = ?"
    assert Intruder(store).run(sql, (bytes(hashes), *tile)) == 1


def test_tiles_that_nobody_touched_verify_and_missing_ones_are_no_damage(
    store: Store, clock: FixedClock
) -> None:
    grow(store, clock, 600)
    tiles.extend(store.database, 1)

    assert LogCheck(store.database, CATALOGUE, {}).run().findings == ()


def test_changed_byte_of_a_tile_is_named(store: Store, clock: FixedClock) -> None:
    grow(store, clock, 600)
    tiles.extend(store.database, 10)

    damage(store, Tile(0, 1))

    findings = LogCheck(store.database, CATALOGUE, {}).run().findings
    assert [each.where for each in findings] == ["tile 0/001"]


def test_changed_byte_of_a_higher_tile_is_named(store: Store) -> None:
    fill(store, 65_536)
    while tiles.extend(store.database, 100):
        pass

    damage(store, Tile(1, 0))

    check = TileCheck(store.database)
    assert [tile for leaf in leaves_of(65_536) for tile in check.grow(leaf)] == [Tile(1, 0)]


@pytest.mark.parametrize("tile", [(0, 2), (0, -1), (1, 0), (7, 0), (63, 0), (-1, 0)])
def test_tile_that_the_log_does_not_fill_is_named(
    store: Store, clock: FixedClock, tile: tuple[int, int]
) -> None:
    grow(store, clock, 600)
    store.database.transact(lambda t: t.insert(tables.tiles, [(*tile, bytes(8_192))]))

    findings = LogCheck(store.database, CATALOGUE, {}).run().findings

    assert [(each.where, each.what) for each in findings] == [
        (f"tile {Tile(*tile).path()}", "lies beyond the log's full tiles")
    ]
