"""What lies in a ZIP, read within bounds: its list of members, and small ones of them."""

import struct
import zlib
from collections.abc import Iterator
from typing import IO, NamedTuple

from services.safekeeping.refused_files import FileBroken, FileIsTwoKinds, FileSwells

DIRECTORY_BYTES_MAX = 1024 * 1024  # of the list of members; Word and Excel write a few KiB
UNPACKED_BYTES_MAX = 512 * 1024 * 1024  # of all members, as the list has it; sheets shrink to 1/30
PART_BYTES_MAX = 1024 * 1024  # of a member that is read
COMMENT_BYTES_MAX = 0xFFFF  # the end of a ZIP lies at most so far before the end of the file

_END = struct.Struct("<4s4H2LH")  # the record that ends a ZIP
_MEMBER = struct.Struct("<4s4x2H8x2L3H8xL")  # sign, flags, method, sizes, lengths, place
_LOCAL = struct.Struct("<4s22x2H")  # before a member's content: lengths of name and extra
_END_SIGN, _MEMBER_SIGN, _LOCAL_SIGN = b"PK\x05\x06", b"PK\x01\x02", b"PK\x03\x04"
_ENCRYPTED = 1
_STORED, _DEFLATED = 0, 8  # what Word and Excel read


class Member(NamedTuple):
    """One file in a ZIP, as its list has it."""

    name: str  # in lower case, as office programs look for it
    encrypted: bool
    method: int
    packed: int  # bytes
    size: int  # bytes, unpacked
    at: int  # where it begins


def members_of(stream: IO[bytes]) -> dict[str, Member]:
    """Return the members of a ZIP by their names, in its order.

    Raises:
        FileBroken: it is none, has anything behind its end, or an endless list.
        FileIsTwoKinds: two members have one name, and programs differ in which one they read.
        FileSwells: it takes too much room unpacked.
    """
    try:
        found = list(_members(stream))
    except (struct.error, ValueError):
        raise FileBroken from None
    named = {each.name: each for each in found}
    if len(named) < len(found):
        raise FileIsTwoKinds
    if sum(each.size for each in found) > UNPACKED_BYTES_MAX:
        raise FileSwells
    return named


def content_of(stream: IO[bytes], member: Member) -> bytes:
    """Return what a member holds.

    Raises:
        FileBroken: it is not where the list has it, or larger than PART_BYTES_MAX.
    """
    stream.seek(member.at)
    try:
        sign, *lengths = _LOCAL.unpack(stream.read(_LOCAL.size))
        stream.seek(sum(lengths), 1)
        packed = stream.read(min(member.packed, PART_BYTES_MAX))
        inflated = zlib.decompressobj(-zlib.MAX_WBITS).decompress
        content = packed if member.method == _STORED else inflated(packed, PART_BYTES_MAX + 1)
    except (struct.error, zlib.error):
        raise FileBroken from None
    if sign != _LOCAL_SIGN or len(content) != member.size or member.size > PART_BYTES_MAX:
        raise FileBroken
    return content


def ends_as_zip(stream: IO[bytes]) -> bool:
    """Tell whether a file is a ZIP for programs that look at its end, however it begins."""
    size = stream.seek(0, 2)
    begin = max(0, size - _END.size - COMMENT_BYTES_MAX)
    stream.seek(begin)
    tail = stream.read()
    at = tail.rfind(_END_SIGN)
    if at < 0 or at + _END.size > len(tail):
        return False
    _, *_counts, length, start, comment = _END.unpack_from(tail, at)
    return bool(at + _END.size + comment == len(tail) and start + length <= begin + at)


def _members(stream: IO[bytes]) -> Iterator[Member]:
    """Iterate over the members in a ZIP's list. Raises ValueError, struct.error: it is none."""
    size = stream.seek(0, 2)
    stream.seek(max(0, size - _END.size))
    end = _END.unpack(stream.read(_END.size))
    sign, count, length, start, comment = end[0], end[4], end[5], end[6], end[7]
    if sign != _END_SIGN or comment or length > DIRECTORY_BYTES_MAX or start + length > size:
        raise ValueError
    stream.seek(start)
    directory, at = stream.read(length), 0
    for _ in range(count):
        sign, flags, method, packed, unpacked, *lengths, place = _MEMBER.unpack_from(directory, at)
        if sign != _MEMBER_SIGN or method not in (_STORED, _DEFLATED):
            raise ValueError
        at += _MEMBER.size
        name = directory[at : at + lengths[0]].decode("utf-8", "replace").lower()
        yield Member(name, bool(flags & _ENCRYPTED), method, packed, unpacked, place)
        at += sum(lengths)
    if at != length:
        raise ValueError
