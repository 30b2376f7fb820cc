"""Keep the tree's hashes in tiles, so that a proof costs a handful of reads in a log of any length.

Tiles only save work: each can be made again from the leaf hashes, and where one is missing, they
are read instead. So they are made beside the sequencing, by anybody, whenever there is time.
"""

import functools
from collections import defaultdict
from collections.abc import Iterable, Sequence

from events.proof.checkpoints import Checkpoint
from events.proof.inclusion import (
    ProofWrong,
    TlogProof,
    inclusion_proof,
    inclusion_stretches,
    verify_inclusion,
)
from events.proof.links import SignedHead
from events.proof.merkle import EMPTY_EDGE, HASH_BYTES, TreeDamaged
from events.proof.subtrees import Subtree
from events.proof.tiles import TILE_HEIGHT, TILE_WIDTH, Tile
from events.store import tables
from events.store.database import Database, Row
from events.store.head import read_head
from events.store.signed_heads import NotCovered, leaf_pages
from events.store.store import Store

TILE_BYTES = TILE_WIDTH * HASH_BYTES
TILES_READ_MAX = 256  # in one statement: 2 MiB
ROOTS_CACHED_MAX = 1_024  # 8 MiB: of all tiles under the right edge of a log of 2**32

_STORED = "SELECT number, hashes FROM tiles WHERE level = {level} AND number IN ?"
_ENTRIES = """
SELECT events.entry FROM log JOIN events ON events.arrival = log.arrival
WHERE log.position > ? AND log.position <= ? ORDER BY log.position"""
_NEXT = "SELECT coalesce(max(number) + 1, 0) FROM tiles WHERE level = ?"

Found = dict[Subtree, bytes]


def extend(database: Database, limit: int) -> int:
    """Make up to `limit` of the full tiles that the log allows and lacks; return how many.

    Each level grows from its first tile on without gaps, a batch in one statement. So a crash
    leaves fewer tiles and nothing else, and of rivals that make the same ones the first is kept.
    """
    size, made, level = read_head(database).size, 0, 0
    while full := size >> TILE_HEIGHT * (level + 1):
        first = database.rows(_NEXT, (level,))[0][0]
        wanted = [Tile(level, number) for number in range(first, min(full, first + limit - made))]
        rows: list[Row] = [(*tile, read(database, tile)) for tile in wanted]
        if rows:
            _keep(database, rows)
        made, level = made + len(rows), level + 1
    return made


def _keep(database: Database, rows: list[Row]) -> None:
    database.transact(lambda t: t.insert(tables.tiles, rows, on_conflict="keep"))


def read(database: Database, tile: Tile, width: int = TILE_WIDTH) -> bytes:
    """Return the first `width` hashes of a tile, stored or not; the tree must reach that far."""
    wanted = tile.subtrees(width)
    found = roots(database, wanted)
    return b"".join(found[subtree] for subtree in wanted)


def entries(database: Database, number: int, width: int) -> bytes:
    """Return the first `width` entries under a tile of level 0, each behind its length (C2SP)."""
    first = number * TILE_WIDTH
    rows = database.rows(_ENTRIES, (first, first + width))
    return b"".join(len(entry).to_bytes(2, "big") + bytes(entry) for (entry,) in rows)


def proofs(store: Store, positions: Sequence[int], checkpoint: SignedHead) -> list[TlogProof]:
    """Return a proof for each of many positions at one checkpoint; what they share is read once.

    Raises:
        NotCovered: a position lies beyond the checkpoint.
        TreeDamaged: what is stored does not lead to the checkpoint's root.
    """
    size, root = checkpoint.size, Checkpoint.parse(checkpoint.text).root
    for position in positions:
        if not 1 <= position <= size:
            raise NotCovered(position, size)
    indexes = [position - 1 for position in positions]
    leaves = [Subtree(0, index) for index in indexes]
    stretches = {each for index in indexes for each in inclusion_stretches(index, size)}
    siblings = [subtree for each in stretches for subtree in each.subtrees()]
    found = roots(store.database, (*leaves, *siblings))
    hashes = [inclusion_proof(index, size, found.__getitem__) for index in indexes]
    for leaf, path in zip(leaves, hashes, strict=True):
        _check(found[leaf], leaf.number, size, path, root)
    return [
        TlogProof(index, path, checkpoint.note) for index, path in zip(indexes, hashes, strict=True)
    ]


def _check(leaf: bytes, index: int, size: int, path: tuple[bytes, ...], root: bytes) -> None:
    """Raise `TreeDamaged` unless the proof holds: none leaves here that its reader would refuse."""
    try:
        verify_inclusion(leaf, index, size, path, root)
    except ProofWrong as error:
        raise TreeDamaged(f"position {index + 1} of {size}: {error.reason}") from error


def roots(database: Database, wanted: Iterable[Subtree]) -> Found:
    """Return the hashes over full subtrees, which must lie within the log.

    From the highest level down, one statement each: where a tile is not there, the hashes that it
    would hold are looked for as the roots of the tiles below it, and at last as leaf hashes.
    """
    looked_for: defaultdict[int, set[Subtree]] = defaultdict(set)
    for subtree in wanted:
        looked_for[subtree.height // TILE_HEIGHT].add(subtree)
    found: Found = {}
    joined: list[tuple[Subtree, list[Subtree]]] = []
    for level in range(max(looked_for, default=0), 0, -1):
        for subtree in _find_in_tiles(database, level, looked_for[level], found):
            parts = _parts(subtree, level)
            looked_for[level - 1].update(parts)
            joined.append((subtree, parts))
    _find_in_leaves(database, _find_in_tiles(database, 0, looked_for[0], found), found)
    for subtree, parts in reversed(joined):  # the lowest first
        found[subtree] = _root(b"".join(found[part] for part in parts))
    return found


def _find_in_tiles(
    database: Database, level: int, wanted: Iterable[Subtree], found: Found
) -> list[Subtree]:
    """Add what stored tiles of a level tell to `found`; return what they do not."""
    by_tile = _by_tile(wanted, level)
    numbers, missing = sorted(by_tile), list[Subtree]()
    for start in range(0, len(numbers), TILES_READ_MAX):
        page = numbers[start : start + TILES_READ_MAX]
        stored = read_stored(database, level, page)
        for number in page:
            if number not in stored:
                missing += by_tile[number]
                continue
            if len(stored[number]) != TILE_BYTES:
                raise TreeDamaged(f"tile {Tile(level, number).path()} is not {TILE_BYTES} bytes")
            for subtree in by_tile[number]:
                found[subtree] = _root_in(stored[number], subtree, level)
    return missing


def _find_in_leaves(database: Database, wanted: Iterable[Subtree], found: Found) -> None:
    """Add what leaf hashes tell to `found`."""
    for number, subtrees in _by_tile(wanted, 0).items():
        start = number * TILE_WIDTH
        end = start + max(_slice_of(subtree, 0)[2] for subtree in subtrees)
        leaves = [leaf for page in leaf_pages(database, start, end) for leaf in page]
        if len(leaves) != end - start:
            raise TreeDamaged(f"positions are missing between {start + 1} and {end}")
        hashes = b"".join(leaves)
        for subtree in subtrees:
            found[subtree] = _root_in(hashes, subtree, 0)


def read_stored(database: Database, level: int, numbers: Sequence[int]) -> dict[int, bytes]:
    """Return those tiles of a level that are stored, by number."""
    rows = database.read(lambda t: t.rows_in(_STORED.format(level=level), numbers))
    return {number: bytes(hashes) for number, hashes in rows}


def _by_tile(subtrees: Iterable[Subtree], level: int) -> dict[int, list[Subtree]]:
    grouped = defaultdict[int, list[Subtree]](list)
    for subtree in subtrees:
        grouped[_slice_of(subtree, level)[0]].append(subtree)
    return grouped


def _slice_of(subtree: Subtree, level: int) -> tuple[int, int, int]:
    """Return in which tile of a level the hashes under a subtree are, from where, up to where."""
    rise = subtree.height - TILE_HEIGHT * level
    number, start = divmod(subtree.number << rise, TILE_WIDTH)
    return number, start, start + (1 << rise)


def _parts(subtree: Subtree, level: int) -> list[Subtree]:
    """Return the subtrees, each as high as a tile below the level, that make one up."""
    rise = subtree.height - TILE_HEIGHT * level
    first = subtree.number << rise
    return [Subtree(TILE_HEIGHT * level, first + place) for place in range(1 << rise)]


def _root_in(hashes: bytes, subtree: Subtree, level: int) -> bytes:
    _, start, end = _slice_of(subtree, level)
    return _root(hashes[start * HASH_BYTES : end * HASH_BYTES])


def _root(hashes: bytes) -> bytes:
    """Return the root over hashes joined, of which there are a power of two."""
    if len(hashes) == HASH_BYTES:
        return hashes
    return _tile_root(hashes) if len(hashes) == TILE_BYTES else root_over(hashes)


def root_over(hashes: bytes) -> bytes:
    """Return the root of the tree whose leaves are `hashes`, joined."""
    starts = range(0, len(hashes), HASH_BYTES)
    return EMPTY_EDGE.extend([hashes[start : start + HASH_BYTES] for start in starts]).root


# Every proof near the right edge needs the roots of the same few hundred tiles. They are kept by
# what the tiles hold, so that a cached one can never be that of other hashes.
_tile_root = functools.lru_cache(maxsize=ROOTS_CACHED_MAX)(root_over)
