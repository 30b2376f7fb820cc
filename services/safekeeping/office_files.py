"""Which office document a ZIP is, as its format says: by its main part, never by a name of it.

Word calls that part `word/document.xml`, Word on the web `word/document2.xml`: the list of
relationships names it, and the list of types says what it is. Nothing of its content is read.
"""

import re
from collections.abc import Mapping
from typing import IO
from xml.parsers import expat

from services.safekeeping.refused_files import (
    FileBroken,
    FileHasMacros,
    FileHasPassword,
    FileIsArchive,
    FileIsTwoKinds,
    FileTypeRefused,
)
from services.safekeeping.zip_files import Member, content_of, members_of

Members = Mapping[str, Member]

TYPES = "[content_types].xml"
RELATIONSHIPS = "_rels/.rels"
MANIFEST = "meta-inf/manifest.xml"
MIMETYPE = "mimetype"

OFFICE = "application/vnd.openxmlformats-officedocument."
OPEN_DOCUMENT = "application/vnd.oasis.opendocument."

_MAIN_TYPES = {  # of the main part, and what the document is then
    f"{OFFICE}wordprocessingml.document.main+xml": f"{OFFICE}wordprocessingml.document",
    f"{OFFICE}spreadsheetml.sheet.main+xml": f"{OFFICE}spreadsheetml.sheet",
    f"{OFFICE}presentationml.presentation.main+xml": f"{OFFICE}presentationml.presentation",
    f"{OFFICE}presentationml.slideshow.main+xml": f"{OFFICE}presentationml.slideshow",
}
_MAIN_NAMES = {  # where no relationship names the main part
    re.compile(r"word/document\d*\.xml"): f"{OFFICE}wordprocessingml.document",
    re.compile(r"xl/workbook\d*\.xml"): f"{OFFICE}spreadsheetml.sheet",
    re.compile(r"ppt/presentation\d*\.xml"): f"{OFFICE}presentationml.presentation",
}
_MACROS = re.compile(r"(^|/)vba\w*\.bin$|^basic/|^scripts/")
_MACRO_TYPES = re.compile(r"macroenabled|vbaproject|ms-office\.activex", re.IGNORECASE)


def office_type(stream: IO[bytes]) -> str:
    """Return the media type of the office document that a ZIP is.

    Raises:
        FileTypeRefused: why it is none that is taken.
    """
    members = members_of(stream)
    if any(each.encrypted for each in members.values()):
        raise FileHasPassword
    if any(map(_MACROS.search, members)):
        raise FileHasMacros
    if TYPES in members:
        return _open_xml_type(stream, members)
    if MIMETYPE in members:
        return _open_document_type(stream, members)
    raise FileIsArchive


def _open_xml_type(stream: IO[bytes], members: Members) -> str:
    told = _elements(content_of(stream, members[TYPES]))
    types = {
        (each.get("PartName") or f".{each.get('Extension', '')}").lower(): each["ContentType"]
        for _, each in told
        if "ContentType" in each
    }
    if any(map(_MACRO_TYPES.search, types.values())):
        raise FileHasMacros
    if RELATIONSHIPS not in members:
        return _type_by_name(members)
    main = _main_part(_elements(content_of(stream, members[RELATIONSHIPS])))
    if main not in members:
        raise FileBroken
    ending = f".{main.rpartition('.')[2]}"
    found = _MAIN_TYPES.get(types.get(f"/{main}", types.get(ending, "")))
    if found is None:
        raise FileTypeRefused
    return found


def _main_part(relationships: list[tuple[str, dict[str, str]]]) -> str:
    """Return the name of the one part from which a program begins to read."""
    targets = {
        each.get("Target", "").lstrip("/").lower()
        for _, each in relationships
        if each.get("Type", "").endswith("/officeDocument") and "TargetMode" not in each
    }
    if len(targets) != 1:
        raise FileBroken
    return targets.pop()


def _type_by_name(members: Members) -> str:
    """Return what a document is that was packed without relationships: office programs mend it."""
    found = {kind for name in members for each, kind in _MAIN_NAMES.items() if each.fullmatch(name)}
    if len(found) > 1:
        raise FileIsTwoKinds
    if not found:
        raise FileBroken
    return found.pop()


def _open_document_type(stream: IO[bytes], members: Members) -> str:
    told = content_of(stream, members[MIMETYPE]).decode("ascii", "replace").strip()
    if MANIFEST in members and b"encryption-data" in content_of(stream, members[MANIFEST]):
        raise FileHasPassword
    if not told.startswith(OPEN_DOCUMENT):
        raise FileIsArchive
    return told


def _elements(xml: bytes) -> list[tuple[str, dict[str, str]]]:
    """Return the elements of a small XML with their attributes; nothing in it refers elsewhere."""
    found = list[tuple[str, dict[str, str]]]()
    parser = expat.ParserCreate()

    def refuse(*_: object) -> None:
        raise FileBroken

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler = lambda name, attributes: found.append((name, attributes))
    try:
        parser.Parse(xml, True)  # noqa: FBT003 - expat's: it is all there is
    except expat.ExpatError:
        raise FileBroken from None
    return found
