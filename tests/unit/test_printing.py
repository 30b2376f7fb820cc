"""Forms on paper: the same data give the same bytes, with every Vietnamese letter."""

import json
import os
import re
import subprocess
import sys
import unicodedata
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typst

from events.definitions.characters import MARKS_MAX
from events.domain.documents import catalogue
from events.store import reference
from services.printing import pdf
from services.printing.pdf import (
    DATA_BYTES_MAX,
    Bounds,
    Ground,
    Notice,
    NotPrinted,
    Poster,
    PosterGroup,
    PrintersBusy,
    Section,
    SelfReview,
    Sheet,
    SheetTooLong,
    Table,
    print_sheet,
    typeset,
)
from services.printing.settable import BOX, MAY_BREAK, PARAGRAPHS_MAX, settable

DATED = datetime(2026, 12, 25, 2, tzinfo=UTC)
HEAD: dict[str, Any] = {"title": "Thông báo", "printed_from": "review-2026-x, phiên bản 12"}
LETTERS = sorted(
    {
        unicodedata.normalize("NFC", base + tone)
        for base in "aăâeêioôơuưyAĂÂEÊIOÔƠUƯY"
        for tone in ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
    }
    | {"đ", "Đ", "✓", "✗"}
)
NOTICE = Notice(
    **HEAD,
    language="vi",
    unit="Chi bộ Cơ quan xã · Đảng ủy xã Suối Gương",
    name="Đào Trọng Khiêm",
    lines=(("Kỳ", "2026"),),
    level="Hoàn thành tốt nhiệm vụ",
    why="Vì sao mức này?",
    grounds=(Ground(good=True, says="#let x = [*_$\\<y>", citation="Điều 1", seen="Tổng: 9"),),
    needed=("mọi khuyết điểm đã khắc phục",),
    needed_for="Để đạt mức trên:",
    footing=("Kiểm chứng được.",),
    signs=("Người được xếp loại", "Thay mặt cấp quyết định"),
)
REVIEW = SelfReview(
    **HEAD,
    language="vi",
    unit="Chi bộ",
    name="Đào Trọng Khiêm",
    lines=(),
    sections=(
        Section(heading="Cam kết", text="Một đoạn.\n" * 400),
        Section(heading="I.1. Phẩm chất", text="#panic()", degree="Tốt", part="Tự kiểm điểm"),
    ),
    table=Table(
        title="27 biểu hiện",
        degrees=("Không có", "Rõ"),
        rows=(("1.1. Nhạt lý tưởng", 0), ("1.2. #x", 1), ("1.3. [", -1)),
        total="Tổng điểm 2",
    ),
    signs=("Người được kiểm điểm", "Thay mặt đơn vị"),
)


def poster(name: str, paper: str = "a3") -> Poster:
    found = catalogue.read(reference.shipped_document("catalogue", name))
    groups = tuple(
        PosterGroup(
            label=group.label.vi, items=tuple((item.id, item.label.vi) for item in group.items)
        )
        for group in found.groups
    )
    return Poster(**HEAD, language="vi", note=found.citation, paper=paper, groups=groups)


@pytest.mark.parametrize("sheet", [NOTICE, REVIEW, poster("nq04")], ids=lambda s: type(s).__name__)
def test_the_same_data_give_the_same_bytes(sheet: Sheet) -> None:
    made = print_sheet(sheet, dated=DATED)

    assert made.startswith(b"%PDF-")
    assert print_sheet(sheet, dated=DATED) == made
    assert print_sheet(sheet, dated=DATED.replace(year=2027)) != made


def test_another_process_elsewhere_makes_the_same_bytes() -> None:
    program = (
        "import sys, msgspec; from datetime import datetime, UTC\n"
        "from services.printing.pdf import Notice, print_sheet\n"
        "sheet = msgspec.json.decode(sys.stdin.buffer.read(), type=Notice)\n"
        "made = print_sheet(sheet, dated=datetime(2026, 12, 25, 2, tzinfo=UTC))\n"
        "sys.stdout.buffer.write(made)"
    )
    elsewhere = {**os.environ, "TZ": "America/New_York", "LC_ALL": "C", "SOURCE_DATE_EPOCH": "1"}

    ran = subprocess.run(
        [sys.executable, "-c", program],
        input=msgspec.json.encode(NOTICE),
        capture_output=True,
        env=elsewhere,
        check=True,
    )

    assert ran.stdout == print_sheet(NOTICE, dated=DATED)


def test_the_font_has_every_vietnamese_letter() -> None:
    missing = picture("\U000effff")

    assert [letter for letter in LETTERS if picture(letter) == missing] == []
    assert len(LETTERS) > 140


def picture(letter: str) -> bytes:
    """Return what a letter looks like in the forms' font."""
    source = (
        f'#set page(width: 20pt, height: 20pt, margin: 2pt)\n#set text(font: "{FONT}")\n{letter}'
    )
    made = typst.compile(source.encode(), format="png", ppi=72, ignore_system_fonts=True)
    assert isinstance(made, bytes)
    return made


FONT = "Libertinus Serif"
PAGE = re.compile(rb"/Type\s*/Page\b")


def test_the_forms_use_that_font() -> None:
    assert FONT in (pdf.TEMPLATES / "base.typ").read_text("utf-8")


def test_a_word_without_a_break_goes_on_in_the_next_line_and_leaves_no_paper() -> None:
    endless = Section(heading="Tệp", text="Bao_cao_2026_" * 2_000)
    sheet = msgspec.structs.replace(REVIEW, sections=(endless,))
    short = msgspec.structs.replace(REVIEW, sections=(Section(heading="Tệp", text="Bao_cao"),))

    pages = [len(PAGE.findall(print_sheet(each, dated=DATED))) for each in (short, sheet)]

    assert pages[1] > pages[0] + 3


def test_long_words_take_more_pages() -> None:
    short = msgspec.structs.replace(REVIEW, sections=(Section(heading="a", text="b"),))

    assert len(print_sheet(REVIEW, dated=DATED)) > len(print_sheet(short, dated=DATED))


@pytest.mark.parametrize("paper", ["a3", "a2"])
@pytest.mark.parametrize("name", reference.shipped_names("catalogue"))
def test_every_catalogue_fits_on_one_sheet(name: str, paper: str) -> None:
    source = pdf.TEMPLATES / "poster.typ"
    data = {"data": msgspec.json.encode(poster(name, paper)).decode()}

    made = typst.compile(
        str(source), root=str(pdf.TEMPLATES), format="png", ppi=20, sys_inputs=data
    )

    assert isinstance(made, bytes)  # several pages would be a list


def test_what_is_too_long_is_not_printed() -> None:
    endless = Section(heading="a", text="b" * DATA_BYTES_MAX)
    sheet = msgspec.structs.replace(REVIEW, sections=(endless,))

    with pytest.raises(SheetTooLong, match=str(DATA_BYTES_MAX)):
        print_sheet(sheet, dated=DATED)


def test_whoever_sets_a_form_is_told_no_secret(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Typst reads what people wrote; the service's environment may hold passwords and keys."""
    tells = tmp_path / "tells.py"
    tells.write_text("import json, os; print(json.dumps(dict(os.environ)))")
    monkeypatch.setattr(pdf, "TYPESETTING", tells)
    for name in ("TUSOI_DATABASE_URL", "PGPASSWORD", "HOME"):
        monkeypatch.setenv(name, "secret")

    told = json.loads(typeset("notice.typ", b"{}", dated=DATED, bounds=Bounds()))

    of_python_itself = {"LC_CTYPE"}
    assert told.keys() - of_python_itself <= {*pdf.STARTING, *pdf.SPARING}
    assert told.keys() >= pdf.SPARING.keys()


HOSTILE = {
    "marks": "a" + "\u0316" * 31_000,
    "signs": "\u0915\u094d" * 10_000,  # typst panics
    "order": "\u202e a \u202d b" * 5000,
    "lines": "\n" * 65_000,
    "words": "a b " * 16_384,
    "joiners": "\U0001f469\u200d" * 9000,
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_whatever_somebody_wrote_the_form_of_somebody_else_is_printed(text: str) -> None:
    sections = (Section(heading="Phê bình", text=text), Section(heading="Trả lời", text="Vâng."))
    sheet = msgspec.structs.replace(REVIEW, sections=sections)

    assert print_sheet(sheet, dated=DATED).startswith(b"%PDF-")


def test_what_is_set_has_few_marks_and_paragraphs_and_letters_of_the_font_only() -> None:
    long = "".join(f"{number}\n\n\n" for number in range(PARAGRAPHS_MAX * 2))
    told = {"text": [HOSTILE["marks"], HOSTILE["order"], f"x{HOSTILE['lines']}y", long], "n": 1}

    marks, order, empty, cut = settable(told)["text"]

    assert marks == "a" + "\u0316" * MARKS_MAX
    assert set(order) == set(" ab")
    assert empty == "x\n\ny"
    assert cut.count("\n") == PARAGRAPHS_MAX - 1
    assert cut.split() == long.split()
    assert settable("漢 क् \U0001f469") == f"{BOX} {BOX * 2} {BOX}"
    assert settable(" ".join(LETTERS)) == " ".join(LETTERS)
    assert settable("a" * 50) == MAY_BREAK.join(("a" * 24, "a" * 24, "aa"))


def test_a_form_that_cannot_be_set_ends_another_process_and_not_this_one() -> None:
    data = msgspec.json.encode(msgspec.structs.replace(REVIEW, title=HOSTILE["signs"]))
    bounds = {
        "panics": Bounds(),
        "eats": Bounds(memory_bytes=16 * 1024 * 1024),
        "takes long": Bounds(seconds=0.001),
    }

    for each in bounds.values():
        with pytest.raises(NotPrinted):
            typeset("self_review.typ", data, dated=DATED, bounds=each)

    assert print_sheet(NOTICE, dated=DATED).startswith(b"%PDF-")  # all places are free again


def test_no_more_forms_are_set_at_once_than_there_are_places() -> None:
    with ExitStack() as held:
        for _ in range(pdf.AT_ONCE_MAX):
            held.enter_context(pdf.PLACES)

        with pytest.raises(PrintersBusy):
            print_sheet(NOTICE, dated=DATED, bounds=Bounds(wait_seconds=0))
