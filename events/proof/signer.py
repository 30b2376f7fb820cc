"""The signer's memory: what it signed last, so that it never signs a log that contradicts it.

A log that signs two trees of which one does not grow out of the other has lied to somebody. The
database may be restored from an old backup, or a replica may lag; this memory lies beside the
key, outside the database, and notices. Nor can the newest checkpoint be deleted there: the memory
has it, and it names the one before. It is the one module of `events.proof` that reads and writes
files.
"""

import os
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from events.errors import TusoiError
from events.proof.links import SignedHead
from events.proof.merkle import EMPTY_EDGE, RightEdge, TreeDamaged
from events.proof.notes import VerifierKey

MEMORY_BYTES_MAX = 16_384  # an edge of 63 hashes takes about 3,000

NEW_ORIGIN = "go on as a new log by giving it a new name in TUSOI_LOG_ORIGIN"


class LogRolledBack(TusoiError):
    """The log is shorter than what was signed: entries are missing."""

    code = "log_rolled_back"

    def __init__(self, *, signed_size: int, size: int) -> None:
        super().__init__(
            f"{signed_size} entries were signed and the log has {size}: an old backup was "
            f"restored, or a replica lags. Restore the missing events, or {NEW_ORIGIN}"
        )
        self.signed_size = signed_size
        self.size = size


class LogInconsistent(TusoiError):
    """The log does not grow out of what was signed: its history was changed."""

    code = "log_inconsistent"

    def __init__(self, *, signed_size: int, size: int, root: bytes, grown: RightEdge) -> None:
        super().__init__(
            f"the {signed_size} entries that were signed grow by the stored leaf hashes to "
            f"{grown.size} entries with root {grown.root.hex()}, but the log's head says {size} "
            f"entries with root {root.hex()}: history was rewritten, or another backup restored. "
            f"Find the change with `tusoi verify` and restore the events that were signed, "
            f"or {NEW_ORIGIN}"
        )
        self.signed_size = signed_size
        self.size = size
        self.root = root
        self.grown = grown


class MemoryDamaged(TusoiError):
    """What was signed last cannot be read: signing on could contradict it."""

    code = "signer_memory_damaged"

    def __init__(self, path: Path) -> None:
        super().__init__(
            f"{path} does not hold what was signed last. Restore the file from a copy, "
            f"or {NEW_ORIGIN}"
        )
        self.path = path


@dataclass(frozen=True, slots=True)
class LastSigned:
    """The largest tree that was signed, or was about to be."""

    size: int  # entries
    root: bytes
    edge: RightEdge  # says size and root a second time; a damaged file disagrees with itself

    def __post_init__(self) -> None:
        if (self.size, self.root) != (self.edge.size, self.edge.root):
            raise ValueError("size and root are not those of the edge")


@dataclass(frozen=True, slots=True)
class Memory:
    """What lies beside the key."""

    signed: LastSigned
    kept: SignedHead | None  # the newest checkpoint that is surely in the database


def advance(
    last: LastSigned | None, new_leaves: Iterable[Sequence[bytes]], head: tuple[int, bytes]
) -> LastSigned:
    """Return what may be signed next: the tree at `head`, grown out of the last one signed.

    Args:
        last: what `load` gave; None when nothing was signed yet.
        new_leaves: the stored leaf hashes after `last` up to the head, in order, in batches.
        head: the committed head's size and root.

    Raises:
        LogRolledBack: the head is smaller than the last tree signed.
        LogInconsistent: the leaves do not lead from the last tree signed to the head.
        TreeDamaged: a stored leaf hash is none.
    """
    edge = EMPTY_EDGE if last is None else last.edge
    signed_size = edge.size
    size, root = head
    if size < signed_size:
        raise LogRolledBack(signed_size=signed_size, size=size)
    for leaves in new_leaves:
        edge = edge.extend(leaves)
    if (edge.size, edge.root) != head:
        raise LogInconsistent(signed_size=signed_size, size=size, root=root, grown=edge)
    return LastSigned(size, root, edge)


def memory_path(key_file: Path, key: VerifierKey) -> Path:
    """Return where the memory of `key` lies: beside its file, under a name with the key's id.

    The id depends on the log's name, so a new origin begins with an empty memory.
    """
    return key_file.with_name(f"{key_file.name}.{key.key_id.hex()}.signed.json")


def load(path: Path) -> Memory | None:
    """Return what is remembered; None when nothing was signed.

    Raises:
        MemoryDamaged: the file is there, but is not what `save` writes.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MEMORY_BYTES_MAX + 1)
    except FileNotFoundError:
        return None
    if len(data) > MEMORY_BYTES_MAX:
        raise MemoryDamaged(path)
    try:
        return msgspec.json.decode(data, type=Memory)
    except (msgspec.DecodeError, TreeDamaged):
        raise MemoryDamaged(path) from None


def save(path: Path, memory: Memory) -> None:
    """Remember, durably, what is signed before it is published, and what is kept when it is.

    A crash before this returns leaves the old memory or the new one, never a part. A crash after
    it, before the checkpoint is out, does no harm: the same tree gives the same signed bytes.
    """
    write_durably(path, msgspec.json.encode(memory))


def write_durably(path: Path, data: bytes) -> None:
    """Put data into a file that is there whole, or as it was before, whatever crashes."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 0600
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    # The rename is a change of the folder, and is lost with the power unless that is synced too.
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
