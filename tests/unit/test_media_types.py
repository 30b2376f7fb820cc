"""What a file is, its content says; what it may be called is cleaned."""

import io
import struct
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.safekeeping import media_types, zip_files
from services.safekeeping.evidence import ENDING_MAX, NAME_MAX, clean_name
from services.safekeeping.media_types import TAKEN, MediaType, media_type_of
from services.safekeeping.refused_files import FileTypeRefused
from tests.support import evidence
from tests.support.evidence import (
    SHEET_MAIN,
    SLIDES_MAIN,
    WORD_MAIN,
    content_types,
    open_xml,
    relationships,
    zip_file,
    zip_of,
)

WORD = ("[Content_Types].xml", "word/document.xml")
WORD_PARTS = {
    "[Content_Types].xml": content_types(("word/document.xml", WORD_MAIN)),
    "_rels/.rels": relationships("word/document.xml"),
    "word/document.xml": "<x/>",
}

BARE = {"[Content_Types].xml": "<Types/>"}
MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
TWO_MAINS = {"word/document.xml": "<x/>", "xl/workbook.xml": "<x/>"}
TWICE = zip_of(WORD_PARTS | {"Word/document.xml": "<y/>"})
LOOPING = b"".join(  # its list of tables leads to itself
    (
        evidence.DOC[:44] + struct.pack("<L", 60_000) + evidence.DOC[48:68],
        struct.pack("<2L", 0, 2**31) + evidence.DOC[76 : 512 + 508],
        bytes(4) + evidence.DOC[1024:],
    )
)
OUTSIDE = relationships("word/document.xml", more='TargetMode="External"')
BOMB = '<!DOCTYPE a [<!ENTITY b "c">]>' + relationships("word/document.xml")
LOCKED_WORD = bytes(10) + b"\x00\x01"
LOCKED_SHEET = struct.pack("<2H16x2H", 0x0809, 16, 0x002F, 54)


def told(content: bytes, ending: str) -> MediaType:
    return media_type_of(io.BytesIO(content), ending)


def why(content: bytes, ending: str = "docx") -> str:
    """Return the code of the refusal of a file."""
    with pytest.raises(FileTypeRefused) as refused:
        told(content, ending)
    return refused.value.code


@pytest.mark.parametrize("kind", TAKEN.values(), ids=lambda kind: kind.endings[0])
def test_type_is_told_by_content_and_said_by_the_ending(kind: MediaType) -> None:
    content = getattr(evidence, kind.endings[0].upper().replace("JPG", "JPEG"), None)
    content = content or {"tif": evidence.TIFF, "txt": evidence.TEXT}[kind.endings[0]]

    assert {told(content, ending) for ending in kind.endings} == {kind}
    assert why(content, "exe") == "file_named_otherwise"


@pytest.mark.parametrize(
    ("content", "ending"),
    [
        (open_xml("word/document2.xml", WORD_MAIN), "docx"),  # Word on the web
        (open_xml("xl/workbook2.xml", SHEET_MAIN), "xlsx"),  # Excel on the web
        (open_xml("anything/at/all.xml", SLIDES_MAIN), "pptx"),
        (zip_of(WORD_PARTS | {"_rels/.rels": relationships("/Word/Document.xml")}), "docx"),
        (zip_of(WORD_PARTS | {"xl/workbook.xml": "<x/>"}), "docx"),  # a part that nothing names
        (zip_of({"[Content_Types].xml": "<Types/>", "word/document22.xml": "<x/>"}), "docx"),
        ("Họ tên;Số\n".encode("utf-8-sig"), "csv"),  # Excel: CSV UTF-8
        ("Họ tên\tSố\r\n".encode("utf-16"), "txt"),  # Excel: Unicode text
        ("chữ".encode("utf-16-be").join((b"\xfe\xff", b"")), "txt"),
        (b"\xef\xbb\xbf\r\n" + evidence.PDF, "pdf"),
        (b"MM\x00*" + bytes(9), "tiff"),
        (evidence.JPEG, "jfif"),
        (evidence.compound("Book"), "xls"),  # Excel 95
        (evidence.compound("WordDocument", inside=("Workbook",)), "doc"),  # a sheet in a text
    ],
)
def test_what_usual_programs_write_is_taken(content: bytes, ending: str) -> None:
    assert ending in told(content, ending).endings


@pytest.mark.parametrize("ending", ["jpg", "jpeg", "png", "heic", "tif"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "HEIC", "AVIF"])
def test_a_picture_is_taken_by_its_content_under_the_name_of_any_other(
    kind: str, ending: str
) -> None:
    found = told(getattr(evidence, kind), ending)

    assert found.name == f"image/{kind.lower()}"


@pytest.mark.parametrize(
    ("code", "ending", "content"),
    [
        ("file_type_refused", "exe", b"MZ\x90\x00program"),
        ("file_type_refused", "txt", b"text with \x00 in it"),
        ("file_type_refused", "txt", b"\x1b[2Jterminal"),
        ("file_type_refused", "mp4", b"\x00\x00\x00\x18ftypisom\x00\x00\x00\x00mp42isom\xff"),
        ("file_type_refused", "docx", open_xml("word/document.xml", "application/xml")),
        ("file_type_refused", "odg", evidence.open_document("graphics")),
        ("file_is_mail", "msg", evidence.compound("__properties")),
        ("file_is_mail", "eml", b"Received: from mail.example\r\nSubject: x\r\n\r\ntext"),
        ("file_type_refused", "jpg", b"\x00\x00\x00\x18ftypqt  \x00\x00\x00\x00qt  \xff\x00"),
        ("file_named_otherwise", "jpg", evidence.PDF),
        ("file_named_otherwise", "pdf", evidence.PNG),
        ("file_encoding_unknown", "txt", "chữ".encode()[:-1]),
        ("file_encoding_unknown", "csv", "Hà Nam".encode("latin-1")),
        ("file_named_otherwise", "docx", evidence.XLSX),
        ("file_named_otherwise", "", evidence.PDF),
        ("file_is_page", "html", b"any text"),
        ("file_is_page", "pdf", b"  <!DOCTYPE html><p>"),
        ("file_is_page", "doc", "\n<html>".encode("utf-16")),
        ("file_is_page", "xls", b"<html><table>"),  # what many systems call an Excel file
        ("file_is_page", "png", b"<svg onload='x'/>"),
        ("file_is_page", "doc", b"<?xml version='1.0'?><w:wordDocument/>"),
        ("file_is_archive", "zip", zip_file("a.txt")),
        ("file_is_archive", "docx", zip_file("word/document.xml")),
        ("file_is_archive", "odt", zip_of({"mimetype": "application/epub+zip"})),
        ("file_is_archive", "rar", b"Rar!\x1a\x07\x00"),
        ("file_is_two_kinds", "docx", zip_of(BARE | TWO_MAINS)),
        ("file_is_two_kinds", "pdf", evidence.PDF + zip_file("a.txt")),
        ("file_is_two_kinds", "jpg", evidence.JPEG + zip_file("a.txt", comment=b"more")),
        ("file_is_two_kinds", "docx", TWICE),
        ("file_named_otherwise", "exe", LOOPING),
        ("file_broken", "docx", b"PK\x03\x04 and nothing more"),
        ("file_broken", "docx", zip_file(*WORD, comment=b"PK\x05\x06")),
        ("file_broken", "docx", evidence.DOCX[:-1]),
        ("file_broken", "docx", evidence.DOCX + b"<script>"),
        ("file_broken", "docx", zip_file(*WORD)),  # its list of types is no XML
        ("file_broken", "docx", zip_of(BARE)),
        ("file_broken", "docx", zip_of(WORD_PARTS | {"_rels/.rels": relationships("a.xml")})),
        ("file_broken", "docx", zip_of(WORD_PARTS | {"_rels/.rels": relationships()})),
        ("file_broken", "docx", zip_of(WORD_PARTS | {"_rels/.rels": OUTSIDE})),
        ("file_broken", "docx", zip_of(WORD_PARTS | {"_rels/.rels": BOMB})),
        ("file_broken", "docx", zip_of(WORD_PARTS | {"_rels/.rels": " " * 2_000_000})),
        ("file_broken", "doc", evidence.DOC[:600]),
        ("file_swells", "xlsx", zip_of(WORD_PARTS | {"xl/a.xml": "0" * 2_000})),
        ("file_has_macros", "docm", open_xml("word/document.xml", MACROS)),
        ("file_has_macros", "docx", zip_of(WORD_PARTS | {"word/vbaProject.bin": ""})),
        ("file_has_macros", "odt", evidence.open_document("text", **{"Basic/a.xml": ""})),
        ("file_has_macros", "doc", evidence.compound("WordDocument", "Macros")),
        ("file_has_macros", "xls", evidence.compound("Workbook", inside=("_VBA_PROJECT_CUR",))),
        ("file_has_macros", "ppt", evidence.compound("PowerPoint Document")),
        ("file_has_macros", "rtf", b"{\\rtf1" + b" " * 65_525 + b"{\\object\\objdata 01}}"),
        ("file_has_password", "docx", evidence.compound("EncryptionInfo", "EncryptedPackage")),
        ("file_has_password", "odt", evidence.open_document("text", "<encryption-data/>")),
        ("file_has_password", "doc", evidence.compound("WordDocument", beginning=LOCKED_WORD)),
        ("file_has_password", "xls", evidence.compound("Workbook", beginning=LOCKED_SHEET)),
    ],
)
def test_what_is_not_taken_says_why(
    code: str, ending: str, content: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    most = 2_000 if code == "file_swells" else 2_500_000
    monkeypatch.setattr(zip_files, "UNPACKED_BYTES_MAX", most)

    assert why(content, ending) == code


@pytest.mark.parametrize(
    ("at", "value", "code"), [(8, 1, "file_has_password"), (10, 99, "file_broken")]
)
def test_office_file_with_a_password_or_a_strange_method_is_not_taken(
    at: int, value: int, code: str
) -> None:
    content = bytearray(evidence.DOCX)
    member = content.index(b"PK\x01\x02")

    struct.pack_into("<H", content, member + at, value)

    assert why(bytes(content)) == code


@pytest.mark.parametrize(("at", "form"), [(10, "<H"), (12, "<L"), (16, "<L")])
@given(value=st.integers(min_value=0, max_value=2**16 - 1))
def test_lies_about_the_directory_are_not_believed(at: int, form: str, value: int) -> None:
    content = bytearray(evidence.DOCX)
    end = content.rindex(b"PK\x05\x06")
    was = struct.unpack_from(form, content, end + at)[0]

    struct.pack_into(form, content, end + at, value)

    if value == was:
        assert told(bytes(content), "docx") is media_types.DOCX
    else:
        assert why(bytes(content)) == "file_broken"


def test_members_without_end_are_not_read() -> None:
    many = zip_file(*WORD, *(f"word/{number:0200}" for number in range(5_000)))

    assert why(many) == "file_broken"


@given(
    content=st.binary(max_size=400),
    beginning=st.sampled_from((b"", b"PK\x03\x04", evidence.DOC[:512], evidence.DOC[:1200])),
)
def test_no_content_is_too_strange_to_be_judged(content: bytes, beginning: bytes) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, len(content), 4, 0)

    for each in (beginning + content, beginning + content + end):
        try:
            assert told(each, "txt") is media_types.TEXT
        except FileTypeRefused as refused:
            assert refused.code.startswith("file_")  # noqa: PT017 - either is an answer


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("biên bản.pdf", "biên bản.pdf"),
        ("C:\\Users\\an\\ảnh.jpg", "ảnh.jpg"),
        ("../../etc/passwd", "passwd"),
        ("e\u0301.txt", "\u00e9.txt"),
        ("a\r\nSet-Cookie: b.pdf", "a Set-Cookie: b.pdf"),
        ("hóa đơn\u202efdp.exe", "hóa đơnfdp.exe"),
        ("  hai   cách .pdf ", "hai cách .pdf"),
        ("\x00\u200b\ud800", "file"),
        ("", "file"),
        ("..", "file"),
        ("folder/", "file"),
        ("a" * 300 + ".docx", "a" * 195 + ".docx"),
        ("a" + "\u0316" * 60_000 + "b" * 60_000 + ".pdf", "a" + "\u0316" * 30 + "bbbbbb.pdf"),
        ("a" + "\u0315" * 60_000 + "\u0316" * 60_000, "a" + "\u0315" * 30),
    ],
)
def test_name_is_cleaned(name: str, clean: str) -> None:
    assert clean_name(name) == clean


@given(name=st.text() | st.text(alphabet="a./\\ \u0301\u0344\u202e\n").map(lambda text: text * 9))
def test_clean_name_is_one_line_of_seen_text_and_stays_as_it_is(name: str) -> None:
    clean = clean_name(name)

    assert 1 <= len(clean) <= NAME_MAX
    assert not set("/\\\n\r\0") & set(clean)
    assert not any(unicodedata.category(each)[0] == "C" for each in clean)
    assert unicodedata.is_normalized("NFC", clean)
    assert clean_name(clean) == clean


@given(stem=st.text(alphabet="abcđ ", min_size=1, max_size=400).filter(str.strip))
def test_ending_survives_the_cut(stem: str) -> None:
    assert clean_name(f"{stem}.pdf").endswith(".pdf")
    assert len(clean_name(stem + "." + "x" * 300)) <= NAME_MAX
    assert ENDING_MAX < NAME_MAX
