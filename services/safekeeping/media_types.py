"""What kind of file something is: told by its content, never by its name or by its sender.

Taken is whatever the usual programs and devices write and the usual readers open, and runs nothing.
"""

import codecs
import re
from collections.abc import Iterable
from typing import IO, NamedTuple

from services.safekeeping import office_files, old_office_files
from services.safekeeping.office_files import OFFICE, OPEN_DOCUMENT
from services.safekeeping.refused_files import (
    FileEncodingUnknown,
    FileHasMacros,
    FileIsArchive,
    FileIsMail,
    FileIsPage,
    FileIsTwoKinds,
    FileNamedOtherwise,
    FileTypeRefused,
)
from services.safekeeping.zip_files import ends_as_zip

READ_BYTES = 64 * 1024  # of a text at a time
BEGINNING_BYTES = 1024  # by which most kinds are told

_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0e-\x1f\x7f]")
_PAGE = re.compile(rb"<(!doctype|html|head|body|svg|script|\?xml|!--)|mime-version:", re.IGNORECASE)
_PAGE_ENDINGS = frozenset(("htm", "html", "xhtml", "mht", "mhtml", "svg", "xml"))
_PDF = re.compile(rb"(\xef\xbb\xbf)?[\s\0]*%PDF-")
_RTF_OBJECT = re.compile(rb"\\obj(ect|data|update)")
_ARCHIVES = (b"Rar!\x1a\x07", b"7z\xbc\xaf\x27\x1c", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_MAIL_ENDINGS = frozenset(("eml", "emlx", "msg"))
_AVIF_BRANDS = frozenset((b"avif", b"avis"))
_PHONE_BRANDS = frozenset((b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"))
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


class MediaType(NamedTuple):
    """A kind of file that is taken as evidence."""

    name: str
    endings: tuple[str, ...]  # of file names, in lower case
    is_shown: bool = False  # whether a browser shows it by itself, without running anything of it


PDF = MediaType("application/pdf", ("pdf",), is_shown=True)
JPEG = MediaType("image/jpeg", ("jpg", "jpeg", "jfif"), is_shown=True)
PNG = MediaType("image/png", ("png",), is_shown=True)
GIF = MediaType("image/gif", ("gif",), is_shown=True)
WEBP = MediaType("image/webp", ("webp",), is_shown=True)
BMP = MediaType("image/bmp", ("bmp",), is_shown=True)
TIFF = MediaType("image/tiff", ("tif", "tiff"))  # scanners
HEIC = MediaType("image/heic", ("heic", "heif"))  # phones
AVIF = MediaType("image/avif", ("avif",), is_shown=True)  # pages
TEXT = MediaType("text/plain", ("txt", "csv"), is_shown=True)
RTF = MediaType("application/rtf", ("rtf",))
DOCX = MediaType(f"{OFFICE}wordprocessingml.document", ("docx",))
XLSX = MediaType(f"{OFFICE}spreadsheetml.sheet", ("xlsx",))
PPTX = MediaType(f"{OFFICE}presentationml.presentation", ("pptx",))
PPSX = MediaType(f"{OFFICE}presentationml.slideshow", ("ppsx",))
ODT = MediaType(f"{OPEN_DOCUMENT}text", ("odt",))
ODS = MediaType(f"{OPEN_DOCUMENT}spreadsheet", ("ods",))
ODP = MediaType(f"{OPEN_DOCUMENT}presentation", ("odp",))
DOC = MediaType(old_office_files.WORD, ("doc",))
XLS = MediaType(old_office_files.EXCEL, ("xls",))

_PICTURES = (JPEG, PNG, GIF, WEBP, BMP, TIFF, HEIC, AVIF)
# Phones and chats name pictures of any kind .jpg; readers open them by their content.
_OF_PICTURES = frozenset(ending for each in _PICTURES for ending in each.endings)
_OFFICE = (DOCX, XLSX, PPTX, PPSX, ODT, ODS, ODP, DOC, XLS)
TAKEN = {each.name: each for each in (PDF, *_PICTURES, TEXT, RTF, *_OFFICE)}
# What a form asks for: an iPhone sends JPEG, which everybody sees, where nobody asks for HEIC.
ENDINGS = tuple(f".{e}" for each in TAKEN.values() if each is not HEIC for e in each.endings)

_BEGINNINGS = (
    (b"\xff\xd8\xff", JPEG),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"II*\x00", TIFF),
    (b"MM\x00*", TIFF),
)


def media_type_of(stream: IO[bytes], ending: str) -> MediaType:
    """Return what a file is, which the ending of its name, without the dot, must say too.

    Of a picture it may be that of any other.

    Raises:
        FileTypeRefused: why it is nothing that is taken.
    """
    if ending in _PAGE_ENDINGS:
        raise FileIsPage
    if ending in _MAIL_ENDINGS:
        raise FileIsMail
    found = _told_by_content(stream)
    if found is TEXT and ending not in TEXT.endings and _is_page(stream):
        raise FileIsPage
    if ending not in (_OF_PICTURES if found in _PICTURES else found.endings):
        raise FileNamedOtherwise
    return found


def _told_by_content(stream: IO[bytes]) -> MediaType:
    stream.seek(0)
    beginning = stream.read(BEGINNING_BYTES)
    if beginning.startswith(b"PK\x03\x04"):
        return _kind_named(office_files.office_type(stream))
    if beginning.startswith(_ARCHIVES):
        raise FileIsArchive
    if ends_as_zip(stream):
        raise FileIsTwoKinds
    if beginning.startswith(old_office_files.SIGN):
        return _kind_named(old_office_files.old_office_type(stream))
    if beginning.startswith(b"{\\rtf"):
        return _require_no_objects(stream)
    return _told_by_sign(beginning, stream.seek(0, 2)) or _text(stream)


def _kind_named(name: str) -> MediaType:
    found = TAKEN.get(name)
    if found is None:
        raise FileTypeRefused
    return found


def _told_by_sign(beginning: bytes, size: int) -> MediaType | None:
    """Return what a file is by the signs that it begins with; None of what may be a text."""
    for sign, found in _BEGINNINGS:
        if beginning.startswith(sign):
            return found
    if _PDF.match(beginning):
        return PDF
    if beginning[:4] == b"RIFF" and beginning[8:12] == b"WEBP":
        return WEBP
    if beginning[:2] == b"BM" and int.from_bytes(beginning[2:6], "little") == size:
        return BMP
    return _told_by_brands(beginning) if beginning[4:8] == b"ftyp" else None


def _told_by_brands(beginning: bytes) -> MediaType | None:
    """Return which picture of boxes a file is: AVIF says to be of the kind of HEIC, too."""
    brands = frozenset(_brands(beginning))
    if brands & _AVIF_BRANDS:
        return AVIF
    return HEIC if brands & _PHONE_BRANDS else None


def _brands(beginning: bytes) -> Iterable[bytes]:
    """Return of which kinds a file of boxes says to be; its version among them is no kind."""
    length = int.from_bytes(beginning[:4], "big")
    return (beginning[at : at + 4] for at in range(8, min(length, len(beginning)), 4))


def _require_no_objects(stream: IO[bytes]) -> MediaType:
    """Return a text with its looks; what is embedded in one may be any program."""
    stream.seek(0)
    before = b""
    while piece := stream.read(READ_BYTES):
        if _RTF_OBJECT.search(before + piece):
            raise FileHasMacros
        before = piece[-16:]  # a word that two pieces share
    return RTF


def _is_page(stream: IO[bytes]) -> bool:
    """Tell whether a text is for browsers: as plain text it is taken, for nothing in it runs."""
    stream.seek(0)
    beginning = stream.read(BEGINNING_BYTES).replace(b"\0", b"")  # of UTF-16, too
    return bool(_PAGE.match(beginning.lstrip(b"\xef\xbb\xbf\xfe\xff \t\r\n")))


def _text(stream: IO[bytes]) -> MediaType:
    """Return plain text, in UTF-8 or with a mark of UTF-16, as editors and Excel write it."""
    stream.seek(0)
    beginning = stream.read(BEGINNING_BYTES)
    encoding = "utf-16" if beginning.startswith(_UTF16) else "utf-8-sig"
    decoder = codecs.getincrementaldecoder(encoding)()
    stream.seek(0)
    try:
        while piece := stream.read(READ_BYTES):
            if _NOT_TEXT.search(decoder.decode(piece)):
                raise FileTypeRefused
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        if _NOT_TEXT.search(beginning.decode("latin-1")):
            raise FileTypeRefused from None
        raise FileEncodingUnknown from None
    return TEXT
