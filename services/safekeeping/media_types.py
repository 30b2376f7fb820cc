"""What kind of file something is: told by its content, never by its name or by its sender."""

import codecs
import re
import struct
from collections.abc import Iterator
from typing import IO, NamedTuple

READ_BYTES = 64 * 1024  # of a text at a time
DIRECTORY_BYTES_MAX = 1024 * 1024  # of a ZIP's list of members; Word and Excel write a few KiB

_ZIP_END = struct.Struct("<4s4H2LH")  # the record that ends a ZIP
_ZIP_MEMBER = struct.Struct("<4s4x2H16x3H12x")  # sign, flags, method; lengths of what follows
_ZIP_ENCRYPTED = 1
_ZIP_METHODS = (0, 8)  # stored and deflated: what Word and Excel read
_MACROS = re.compile(rb"(^|/)vba\w*\.bin$", re.IGNORECASE)
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")


class MediaType(NamedTuple):
    """A kind of file that is taken as evidence."""

    name: str
    endings: tuple[str, ...]  # of file names, in lower case
    is_shown: bool  # whether a browser shows it by itself, without running anything of it


PDF = MediaType("application/pdf", ("pdf",), is_shown=True)
JPEG = MediaType("image/jpeg", ("jpg", "jpeg"), is_shown=True)
PNG = MediaType("image/png", ("png",), is_shown=True)
TEXT = MediaType("text/plain", ("txt",), is_shown=True)
_OFFICE = "application/vnd.openxmlformats-officedocument."
DOCX = MediaType(f"{_OFFICE}wordprocessingml.document", ("docx",), is_shown=False)
XLSX = MediaType(f"{_OFFICE}spreadsheetml.sheet", ("xlsx",), is_shown=False)

TAKEN = {each.name: each for each in (PDF, JPEG, PNG, TEXT, DOCX, XLSX)}

_BEGINNINGS = ((b"%PDF-", PDF), (b"\xff\xd8\xff", JPEG), (b"\x89PNG\r\n\x1a\n", PNG))
_MAIN_PARTS = ((b"word/document.xml", DOCX), (b"xl/workbook.xml", XLSX))


def media_type_of(stream: IO[bytes]) -> MediaType | None:
    """Return what a file is, or None when it is nothing that is taken."""
    stream.seek(0)
    beginning = stream.read(8)
    for sign, found in _BEGINNINGS:
        if beginning.startswith(sign):
            return found
    if beginning.startswith(b"PK\x03\x04"):
        return _office_type(stream)
    return TEXT if _is_text(stream) else None


def _is_text(stream: IO[bytes]) -> bool:
    """Return whether a file is UTF-8 without control characters, or with those of plain text."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    stream.seek(0)
    try:
        while piece := stream.read(READ_BYTES):
            if _NOT_TEXT.search(decoder.decode(piece)):
                return False
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _office_type(stream: IO[bytes]) -> MediaType | None:
    """Return which office file a ZIP is, by its list of members alone: nothing is inflated."""
    try:
        members = list(_members(stream))
    except (struct.error, ValueError):
        return None
    if b"[Content_Types].xml" not in members or any(map(_MACROS.search, members)):
        return None
    found = [media_type for part, media_type in _MAIN_PARTS if part in members]
    return found[0] if len(found) == 1 else None


def _members(stream: IO[bytes]) -> Iterator[bytes]:
    """Iterate over the names in a ZIP's directory.

    Raises:
        ValueError, struct.error: it is none, or has a comment, passwords, or an endless list.
    """
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _ZIP_END.size))
    end = _ZIP_END.unpack(stream.read(_ZIP_END.size))
    sign, count, length, start, comment = end[0], end[4], end[5], end[6], end[7]
    if sign != b"PK\x05\x06" or comment or length > DIRECTORY_BYTES_MAX or start + length > size:
        raise ValueError
    stream.seek(start)
    directory, at = stream.read(length), 0
    for _ in range(count):
        sign, flags, method, *lengths = _ZIP_MEMBER.unpack_from(directory, at)
        if sign != b"PK\x01\x02" or flags & _ZIP_ENCRYPTED or method not in _ZIP_METHODS:
            raise ValueError
        at += _ZIP_MEMBER.size
        yield directory[at : at + lengths[0]]
        at += sum(lengths)
    if at != length:
        raise ValueError
