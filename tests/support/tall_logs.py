"""Logs of many leaves, made in a moment: their rows are right as far as the tree is concerned."""

from collections.abc import Iterator, Sequence

from events.proof.merkle import EMPTY_EDGE, leaf_hash
from events.proof.subtrees import Subtree
from events.store import tables
from events.store.database import Transaction
from events.store.store import Store

PAGE = 10_000


def entry_at(position: int) -> bytes:
    """Return what such a log holds at a position."""
    return b"entry %d" % position


def leaves_of(size: int) -> list[bytes]:
    return [leaf_hash(entry_at(position)) for position in range(1, size + 1)]


def fill(store: Store, size: int) -> None:
    """Make an empty log one of `size` entries, none of which is an event."""
    leaves = leaves_of(size)
    edge = EMPTY_EDGE.extend(leaves)
    for start in range(0, size, PAGE):
        page = leaves[start : start + PAGE]
        store.database.transact(lambda t, at=start + 1, page=page: _put(t, at, page))  # type: ignore[misc]
    head = (edge.size, edge.root, edge.to_bytes())
    sql = "UPDATE head SET size = ?, root = ?, edge = ?"
    store.database.transact(lambda t: t.run(sql, head))


def _put(transaction: Transaction, first: int, leaves: Sequence[bytes]) -> None:
    transaction.insert(tables.events, list(_rows(first, leaves)))
    numbered = range(first, first + len(leaves))
    transaction.insert(tables.log, [(position, position, 0) for position in numbered])
    transaction.run("DELETE FROM pending")


def _rows(first: int, leaves: Sequence[bytes]) -> Iterator[tuple[object, ...]]:
    for position, leaf in enumerate(leaves, first):
        name = f"e{position}"
        yield (position, name, 1, "test", name, "test", entry_at(position), leaf, None)


def root_of(leaves: Sequence[bytes], subtree: Subtree) -> bytes:
    """Return the hash over a full subtree of these leaves."""
    start, end = (place << subtree.height for place in (subtree.number, subtree.number + 1))
    return EMPTY_EDGE.extend(leaves[start:end]).root
