"""What is held about a member as one file: a ZIP of the facts and of the files handed in.

It is made piece by piece, so that it never lies in memory or on a disk as a whole.
"""

import io
import zipfile
from collections.abc import Iterator

from services.context import Context
from services.queries import holdings
from services.queries.holdings import Holdings
from services.safekeeping import evidence

FACTS = "held.json"


class _Tape(io.RawIOBase):
    """What a ZIP is written onto, and taken from as it grows."""

    def __init__(self) -> None:
        self._written: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override] # the only kind that comes
        self._written.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        taken, self._written = b"".join(self._written), []
        return taken


def pieces(context: Context, held: Holdings) -> Iterator[bytes]:
    """Iterate over the file's bytes.

    Raises:
        FileDamaged: a file is not what was stored; what came so far is no whole export.
    """
    tape = _Tape()
    with zipfile.ZipFile(tape, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(_entry(FACTS), holdings.encode(held))
        yield tape.take()
        for each in held.files:
            if each.path is None:
                continue
            with archive.open(_entry(each.path), "w") as there:
                for piece in evidence.open_file(context, each.file).pieces:
                    there.write(piece)
                    yield tape.take()
    yield tape.take()


def _entry(path: str) -> zipfile.ZipInfo:
    """Return an entry without a time: when a file was packed says nothing about it."""
    named = zipfile.ZipInfo(path)
    named.compress_type = zipfile.ZIP_DEFLATED
    return named
