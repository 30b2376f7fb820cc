"""Evidence files, sealed: written with the event that names them, read chunk by chunk.

A file's rows ride the append's transaction, so a file is there when its event is, and never
without it: a crash or a refused command leaves nothing behind, and nothing has to be swept.
It costs the one writer of SQLite about 5 ms a MiB, 90 ms for the largest file (PostgreSQL: 220 ms,
and nobody waits).
"""

from collections.abc import Iterator
from datetime import datetime

from events.errors import TusoiError
from events.store.database import Database, Row, as_bytes, microseconds
from events.vault.files import FileHeader, SealedFile

_HEADER = "SELECT owner, scope, size, mediatype, header FROM files WHERE commitment = ?"
_CHUNK = "SELECT box FROM chunks WHERE commitment = ? AND number = ?"


class UnknownFile(TusoiError):
    code = "unknown_file"

    def __init__(self, commitment: str) -> None:
        super().__init__(f"no file has the commitment {commitment}: restore it from a backup")
        self.commitment = commitment


def file_row(sealed: SealedFile, now: datetime) -> Row:
    """Return a sealed file's row of `files`."""
    header = sealed.header
    described = (header.owner, header.scope, header.size, header.media_type)
    return (header.commitment, *described, header.box, microseconds(now))


def chunk_rows(sealed: SealedFile) -> Iterator[Row]:
    """Iterate over a sealed file's rows of `chunks`."""
    for number, chunk in enumerate(sealed.chunks):
        yield sealed.header.commitment, number, chunk


def header(database: Database, commitment: str) -> FileHeader:
    """Return what is stored of a file beside its chunks.

    Raises:
        UnknownFile: there is none.
    """
    rows = database.rows(_HEADER, (commitment,))
    if not rows:
        raise UnknownFile(commitment)
    owner, scope, size, media_type, box = rows[0]
    return FileHeader(
        commitment=commitment,
        owner=owner,
        scope=scope,
        size=size,
        media_type=media_type,
        box=as_bytes(box),
    )


def chunks(database: Database, commitment: str) -> Iterator[bytes]:
    """Iterate over a file's chunks, each read by itself: a slow reader holds no transaction."""
    number = 0
    while rows := database.rows(_CHUNK, (commitment, number)):
        yield bytes(rows[0][0])
        number += 1
