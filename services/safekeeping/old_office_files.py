"""Which office document of before 2007 a file is: a folder of streams in sectors, read in bounds.

Source: Microsoft, [MS-CFB], [MS-DOC] and [MS-XLS], open specifications.
"""

import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

from services.safekeeping.refused_files import (
    FileBroken,
    FileHasMacros,
    FileHasPassword,
    FileTypeRefused,
)

SIGN = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
WORD, EXCEL = "application/msword", "application/vnd.ms-excel"
SECTORS_MAX = 64 * 1024  # of a table or folder; 20 MiB are 40 thousand
ENTRIES_MAX = 16 * 1024  # in a folder

_HEADER = struct.Struct("<30xH12x2L16xL")  # sector size as a power of 2, tables, folder, more
_FIRST_TABLES = slice(76, 512)
_ENTRY = struct.Struct("<64sHB1x3L36x2L4x")  # name, its bytes, kind, siblings, child, start, size
_LAST = 0xFFFFFFFA  # this and above name no sector
_NONE = 0xFFFFFFFF
_SMALL = 4096  # a smaller stream lies elsewhere

_MACROS = frozenset(("macros", "vba", "_vba_project", "_vba_project_cur"))
_WORD_ENCRYPTED = 0x0100
_EXCEL_PASSWORD = 0x002F


class _Entry(NamedTuple):
    name: str
    left: int
    right: int
    child: int
    start: int
    size: int


def old_office_type(stream: IO[bytes]) -> str:
    """Return the media type of an old office document.

    Raises:
        FileTypeRefused: why it is none that is taken.
    """
    try:
        return _judge(_Compound(stream))
    except (struct.error, ValueError, IndexError):
        raise FileBroken from None


def _judge(compound: "_Compound") -> str:
    names = {each.name for each in compound.entries}
    if "encryptedpackage" in names:
        raise FileHasPassword
    top = {each.name: each for each in compound.top()}
    if names & _MACROS or "powerpoint document" in top:  # in slides nobody sees them from outside
        raise FileHasMacros
    if "worddocument" in top:
        flags = struct.unpack_from("<H", compound.beginning(top["worddocument"]), 10)[0]
        if flags & _WORD_ENCRYPTED:
            raise FileHasPassword
        return WORD
    if sheet := top.get("workbook") or top.get("book"):
        if _EXCEL_PASSWORD in _records(compound.beginning(sheet)):
            raise FileHasPassword
        return EXCEL
    raise FileTypeRefused


def _records(beginning: bytes) -> Iterator[int]:
    """Iterate over the kinds of the first records of a workbook."""
    at = 0
    while at + 4 <= len(beginning):
        kind, length = struct.unpack_from("<2H", beginning, at)
        yield kind
        at += 4 + length


class _Compound:
    """A file of streams. Raises ValueError, IndexError, struct.error where it is none."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        stream.seek(0)
        header = stream.read(512)
        power, tables, folder, more = _HEADER.unpack_from(header)
        if power not in (9, 12) or tables > SECTORS_MAX:
            raise ValueError
        self._size = 1 << power
        places = list(_numbers(header[_FIRST_TABLES]))
        while more < _LAST and len(places) < tables:  # what leads back to itself ends, too
            *found, more = _numbers(self._sector(more))
            places += found
        self._tables = [each for each in places if each < _LAST][:tables]
        self.entries = list(self._entries(folder))

    def top(self) -> Iterator[_Entry]:
        """Iterate over what lies in the outermost folder: a document in a document lies deeper."""
        wanted, seen = [self.entries[0].child], set[int]()
        while wanted:
            number = wanted.pop()
            if number == _NONE or number in seen:
                continue
            seen.add(number)
            entry = self.entries[number]
            yield entry
            wanted += [entry.left, entry.right]

    def beginning(self, entry: _Entry) -> bytes:
        """Return the first sector of a stream; of a small one nothing that tells of passwords."""
        return self._sector(entry.start) if entry.size >= _SMALL else bytes(self._size)

    def _entries(self, folder: int) -> Iterator[_Entry]:
        for number, sector in enumerate(self._chain(folder)):
            if number * (self._size // _ENTRY.size) > ENTRIES_MAX:
                raise ValueError
            content = self._sector(sector)
            for at in range(0, self._size, _ENTRY.size):
                name, length, _kind, *links = _ENTRY.unpack_from(content, at)
                told = name[: max(0, length - 2)].decode("utf-16-le", "replace").lower()
                yield _Entry(told, *links)

    def _chain(self, sector: int) -> Iterator[int]:
        for _ in range(SECTORS_MAX):
            if sector >= _LAST:
                return
            yield sector
            per_table = self._size // 4
            table = self._sector(self._tables[sector // per_table])
            (sector,) = struct.unpack_from("<L", table, sector % per_table * 4)
        raise ValueError

    def _sector(self, number: int) -> bytes:
        self._stream.seek((number + 1) * self._size)
        content = self._stream.read(self._size)
        if not content:
            raise ValueError
        return content.ljust(self._size, b"\xff")  # of the last one, programs may leave out the end


def _numbers(content: bytes) -> tuple[int, ...]:
    return struct.unpack(f"<{len(content) // 4}L", content)
