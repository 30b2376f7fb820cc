"""Files of every kind that is taken, as small as they can be."""

import io
import struct
import zipfile
from collections.abc import Mapping

PDF = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF\n"
JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF\x00" + bytes(40)
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)
GIF = b"GIF89a" + bytes(40)
WEBP = b"RIFF\x28\x00\x00\x00WEBPVP8 " + bytes(40)
BMP = b"BM" + struct.pack("<L", 60) + bytes(54)
TIFF = b"II*\x00" + bytes(40)
AVIF = b"\x00\x00\x00\x1cftypavif\x00\x00\x00\x00mif1avifmiaf" + bytes(40)
HEIC = b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(40)
TEXT = "Biên bản họp chi bộ\n".encode()
RTF = b"{\\rtf1\\ansi Bi\\u234?n b\\u7843?n}"

OPEN_XML = "http://schemas.openxmlformats.org"
OFFICE = "application/vnd.openxmlformats-officedocument."
WORD_MAIN = f"{OFFICE}wordprocessingml.document.main+xml"
SHEET_MAIN = f"{OFFICE}spreadsheetml.sheet.main+xml"
SLIDES_MAIN = f"{OFFICE}presentationml.presentation.main+xml"
SHOW_MAIN = f"{OFFICE}presentationml.slideshow.main+xml"


def zip_file(*members: str, comment: bytes = b"") -> bytes:
    """Return a ZIP with members of these names."""
    return zip_of({member: f"<{member}/>" for member in members}, comment)


def zip_of(contents: Mapping[str, str], comment: bytes = b"") -> bytes:
    """Return a ZIP with members that hold something."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for member, content in contents.items():
            archive.writestr(member, content)
        archive.comment = comment
    return made.getvalue()


def content_types(*overrides: tuple[str, str]) -> str:
    """Return the list of what each part of an office document is."""
    told = "".join(
        f'<Override PartName="/{part}" ContentType="{kind}"/>' for part, kind in overrides
    )
    default = '<Default Extension="xml" ContentType="application/xml"/>'
    return f'<Types xmlns="{OPEN_XML}/package/2006/content-types">{default}{told}</Types>'


def relationships(*targets: str, more: str = "") -> str:
    """Return the list that names the part from which a program begins to read."""
    kind = f"{OPEN_XML}/officeDocument/2006/relationships/officeDocument"
    told = "".join(
        f'<Relationship Id="r{number}" Type="{kind}" Target="{target}" {more}/>'
        for number, target in enumerate(targets)
    )
    return f'<Relationships xmlns="{OPEN_XML}/package/2006/relationships">{told}</Relationships>'


def open_xml(part: str, kind: str, **more: str) -> bytes:
    """Return an office document whose main part has a name, and is of a kind."""
    parts = {
        "[Content_Types].xml": content_types((part, kind)),
        "_rels/.rels": relationships(part),
        part: "<x/>",
    }
    return zip_of(parts | more)


def open_document(kind: str, manifest: str = "<manifest/>", **more: str) -> bytes:
    told = f"application/vnd.oasis.opendocument.{kind}"
    return zip_of({"mimetype": told, "META-INF/manifest.xml": manifest} | more)


def compound(*streams: str, inside: tuple[str, ...] = (), beginning: bytes = b"") -> bytes:
    """Return an old office document with streams in its outermost folder, and one deeper.

    Sector 0 is the table, 1 and 2 the folder, 3 to 10 what every stream begins with.
    """
    none, end, table = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    header = bytearray(b"\xff" * 512)
    header[:76] = bytes(76)
    header[:8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    struct.pack_into("<H", header, 30, 9)
    struct.pack_into("<2L", header, 44, 1, 1)
    struct.pack_into("<2L", header, 68, end, 0)
    struct.pack_into("<L", header, 76, 0)
    links = [table, 2, end, *range(4, 11), end, *[none] * 117]
    entries = [_entry("Root Entry", child=1, size=0)]
    for number, name in enumerate(streams, 1):
        after = number + 1 if number < len(streams) else none
        entries.append(_entry(name, right=after))
    entries += [_entry(name) for name in inside]  # nothing at the top leads to them
    folder = b"".join(entries).ljust(1024, b"\0")
    return bytes(header) + struct.pack("<128L", *links) + folder + beginning.ljust(4096, b"\0")


def _entry(
    name: str, *, right: int = 0xFFFFFFFF, child: int = 0xFFFFFFFF, size: int = 4096
) -> bytes:
    told = name.encode("utf-16-le") + b"\0\0"
    kind = struct.pack("<HBB", len(told), 2, 1)
    links = struct.pack("<3L", 0xFFFFFFFF, right, child)
    place = struct.pack("<2L", 3, size)
    return told.ljust(64, b"\0") + kind + links + bytes(36) + place + bytes(4)


DOCX = open_xml("word/document.xml", WORD_MAIN)
XLSX = open_xml("xl/workbook.xml", SHEET_MAIN)
PPTX = open_xml("ppt/presentation.xml", SLIDES_MAIN)
PPSX = open_xml("ppt/presentation.xml", SHOW_MAIN)
ODT = open_document("text")
ODS = open_document("spreadsheet")
ODP = open_document("presentation")
DOC = compound("WordDocument", "1Table")
XLS = compound("Workbook", beginning=struct.pack("<2H", 0x0809, 16))
