"""What a file is, its content says; what it may be called is cleaned."""

import io
import struct
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.safekeeping import media_types
from services.safekeeping.evidence import ENDING_MAX, NAME_MAX, clean_name
from services.safekeeping.media_types import MediaType, media_type_of
from tests.support import evidence
from tests.support.evidence import zip_file

WORD = ("[Content_Types].xml", "word/document.xml")


def told(content: bytes) -> MediaType | None:
    return media_type_of(io.BytesIO(content))


@pytest.mark.parametrize("kind", ["PDF", "JPEG", "PNG", "TEXT", "DOCX", "XLSX"])
def test_type_is_told_by_content(kind: str) -> None:
    assert told(getattr(evidence, kind)) == getattr(media_types, kind)


@pytest.mark.parametrize(
    "content",
    [
        b"MZ\x90\x00program",
        b"GIF89a\x01\x00",
        b"text with \x00 in it",
        "chữ".encode("utf-16"),
        "chữ".encode()[:-1],
        b"\x1b[2Jterminal",
        b"PK\x03\x04 and nothing more",
        zip_file("a.txt"),
        zip_file("word/document.xml"),
        zip_file(*WORD, "xl/workbook.xml"),
        zip_file(*WORD, "word/vbaProject.bin"),
        zip_file(*WORD, comment=b"PK\x05\x06"),
        zip_file(*WORD)[:-1],
        zip_file(*WORD) + b"<script>",
    ],
)
def test_what_is_nothing_that_is_taken_has_no_type(content: bytes) -> None:
    assert told(content) is None


@pytest.mark.parametrize(("at", "value"), [(8, 1), (10, 99)])
def test_office_file_with_a_password_or_a_strange_method_is_not_taken(at: int, value: int) -> None:
    content = bytearray(zip_file(*WORD))
    member = content.index(b"PK\x01\x02")

    struct.pack_into("<H", content, member + at, value)

    assert told(bytes(content)) is None


@pytest.mark.parametrize(("at", "form"), [(10, "<H"), (12, "<L"), (16, "<L")])
@given(value=st.integers(min_value=0, max_value=2**16 - 1))
def test_lies_about_the_directory_are_not_believed(at: int, form: str, value: int) -> None:
    content = bytearray(evidence.DOCX)
    end = content.rindex(b"PK\x05\x06")
    was = struct.unpack_from(form, content, end + at)[0]

    struct.pack_into(form, content, end + at, value)

    assert told(bytes(content)) is (media_types.DOCX if value == was else None)


def test_members_without_end_are_not_read() -> None:
    assert told(zip_file(*WORD, *(f"word/{number:0200}" for number in range(5_000)))) is None


@given(content=st.binary(max_size=400), beginning=st.sampled_from((b"", b"PK\x03\x04")))
def test_no_content_is_too_strange_to_be_judged(content: bytes, beginning: bytes) -> None:
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 9, 9, len(content), 4, 0)

    for each in (beginning + content, beginning + content + end):
        assert told(each) in {None, media_types.TEXT, *media_types.TAKEN.values()}


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
