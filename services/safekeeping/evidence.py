"""Evidence files: judged before anything is stored, sealed, and opened again piece by piece.

`seal` stores nothing: the command hands its file to the append of the event that names it, so
both are there or neither. The name of a file is personal text, which the command seals as such.
"""

import os
import unicodedata
from collections.abc import Iterator
from typing import IO, NamedTuple

from events.definitions.characters import few_marks
from events.errors import TusoiError
from events.store import files
from events.store.keys import KeyDestroyed
from events.vault.files import FileHeader, SealedFile, seal_file, unseal_file
from services.context import Context
from services.safekeeping.media_types import MediaType, media_type_of

FILE_BYTES_MAX = 20 * 1024 * 1024
NAME_MAX = 200  # characters
NAME_READ_MAX = 1000  # characters of what is sent as a name, before what nobody sees goes
ENDING_MAX = 10  # characters; what is longer is no ending
NAMELESS = "file"


class FileTooLarge(TusoiError):
    code = "file_too_large"

    def __init__(self, size: int) -> None:
        super().__init__(
            f"the file takes {size} bytes, the limit is {FILE_BYTES_MAX}: make it smaller, "
            "or divide it"
        )
        self.size = size
        self.limit = FILE_BYTES_MAX


class FileEmpty(TusoiError):
    code = "file_empty"

    def __init__(self) -> None:
        super().__init__("the file is empty: choose the one that you meant")


class OpenedFile(NamedTuple):
    """A stored file, and its content piece by piece."""

    header: FileHeader
    pieces: Iterator[bytes]


def seal(context: Context, stream: IO[bytes], name: str, *, owner: str, scope: str) -> SealedFile:
    """Return a file sealed under its owner's key, to be appended with the event that names it.

    The stream is read from its beginning, twice. The name is as the sender calls it; its ending
    must say what the content is. The owner is the stream of whom the file is about, the scope the
    period.

    Raises:
        FileTypeRefused, FileTooLarge, FileEmpty: no key was made.
        KeyDestroyed: nothing more is stored of this owner and scope.
    """
    media_type = _require_media_type(stream, name)
    key = context.keys.ensure([(owner, scope)])[owner, scope]
    stream.seek(0)
    return seal_file(
        stream,
        key=key,
        owner=owner,
        scope=scope,
        media_type=media_type.name,
        chance=context.chance,
    )


def open_file(context: Context, commitment: str) -> OpenedFile:
    """Return a stored file; its pieces raise FileDamaged where they are not what was stored.

    Raises:
        UnknownFile: there is none.
        KeyDestroyed: it was erased.
    """
    database = context.store.database
    header = files.header(database, commitment)
    pair = (header.owner, header.scope)
    key = context.keys.keys([pair]).get(pair)
    if key is None:
        raise KeyDestroyed(*pair)
    return OpenedFile(header, unseal_file(header, files.chunks(database, commitment), key=key))


def clean_name(name: str) -> str:
    r"""Return a file's name as it is shown and stored: one line of text without folders.

    Characters that nobody sees go, for some turn the order of the others round.

    >>> clean_name("C:\\ảnh\\biên bản\u202egpj.pdf")
    'biên bảngpj.pdf'
    """
    bare = name.replace("\\", "/").rpartition("/")[2]
    if len(bare) > NAME_READ_MAX:  # composing takes the square of its marks
        bare = bare[: NAME_READ_MAX - ENDING_MAX] + bare[-ENDING_MAX:]
    spaced = "".join(" " if each.isspace() else each for each in bare)
    seen = "".join(each for each in spaced if unicodedata.category(each)[0] != "C")
    composed = few_marks(unicodedata.normalize("NFC", few_marks(seen)))
    whole = " ".join(composed.split()).strip(". ")
    ending = _ending(whole)
    stem = whole.removesuffix(ending)[: NAME_MAX - len(ending)]
    return (stem + ending).strip(". ") or NAMELESS


def _require_media_type(stream: IO[bytes], name: str) -> MediaType:
    """Return what a file is, once its size, content and name are as they should be."""
    size = stream.seek(0, os.SEEK_END)
    if size == 0:
        raise FileEmpty
    if size > FILE_BYTES_MAX:
        raise FileTooLarge(size)
    return media_type_of(stream, _ending(clean_name(name)).lower()[1:])


def _ending(name: str) -> str:
    """Return a name's ending with its dot; empty where it has none."""
    found = name.rpartition(".")[2]
    return f".{found}" if len(found) < min(len(name), ENDING_MAX) else ""
