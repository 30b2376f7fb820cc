"""Texts that look the same name the same; what nobody sees is refused by its place."""

from typing import Any

import pytest

from events.definitions.characters import (
    MARKS_MAX,
    TooManyMarks,
    UnseenCharacter,
    alike,
    alike_number,
    few_marks,
    is_no_number,
    is_shortened,
    nfc,
    plain,
    require_seen,
    without_marks,
)
from events.definitions.roster import MemberDisciplined, MemberEnrolled, MemberMoved, UnitFormed
from events.definitions.schemas import InvalidData, load_request

FORMED = {"number": "CB-01", "name": "Chi bộ 1", "kind": "cell"}
ENROLLED = {"unit_id": "CB-01", "number": "0042", "name": "Nguyễn Văn Ổn"}
MOVED = {"member_id": "0042", "unit_id": "CB-01"}
DISCIPLINED = {"member_id": "0042", "decision": "05-QĐ/UBKT", "grade": "warning"}
UNSEEN = {
    "\u200b": "ZERO WIDTH SPACE (U+200B)",
    "\ufeff": "ZERO WIDTH NO-BREAK SPACE (U+FEFF)",
    "\u00ad": "SOFT HYPHEN (U+00AD)",
    "\u200f": "RIGHT-TO-LEFT MARK (U+200F)",
    "\u202e": "RIGHT-TO-LEFT OVERRIDE (U+202E)",
    "\u2028": "LINE SEPARATOR (U+2028)",
    "\u0085": "a character without a name (U+0085)",
    "\u034f": "COMBINING GRAPHEME JOINER (U+034F)",
    "\u3164": "HANGUL FILLER (U+3164)",
    "\ufe0f": "VARIATION SELECTOR-16 (U+FE0F)",
    "\U000e0041": "TAG LATIN CAPITAL LETTER A (U+E0041)",
}


@pytest.mark.parametrize(
    "number", ["M12", "m-7", "17", "so12", "SO5", "s7", "o1", "bn_17", "Ab1c", "1e5"]
)
def test_a_number_is_compared_as_the_text_that_a_table_makes_of_it(number: str) -> None:
    assert alike_number(number) == alike_number(f"'{number}")


@pytest.mark.parametrize("unseen", UNSEEN)
def test_what_nobody_sees_is_refused_by_its_place_and_its_name(unseen: str) -> None:
    text = f"A1{unseen}7"

    for cls, sent, field in (
        (UnitFormed, FORMED, "number"),
        (UnitFormed, FORMED, "name"),
        (MemberEnrolled, ENROLLED, "number"),
        (MemberEnrolled, ENROLLED, "name"),
        (MemberMoved, MOVED, "member_id"),
        (MemberDisciplined, DISCIPLINED, "decision"),
    ):
        with pytest.raises(InvalidData) as refused:
            load_request(cls, sent | {field: text})
        ((pointer, told),) = refused.value.problems
        assert pointer == f"/{field}"
        assert f"character 3, {UNSEEN[unseen]}" in told


@pytest.mark.parametrize("space", ["\u00a0", "\u2007", "\u202f", "\u3000"])
def test_odd_spaces_are_refused_in_numbers_and_kept_in_names(space: str) -> None:
    with pytest.raises(InvalidData, match="character 2"):
        load_request(UnitFormed, FORMED | {"number": f"A{space}17"})

    name = f"Nguyễn{space}An"
    assert load_request(MemberEnrolled, ENROLLED | {"name": name})["name"] == name


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Ａ１７", "A17"),
        ("А17", "A17"),  # Cyrillic
        ("Α17", "A17"),  # Greek
        ("QÐ-05", "QĐ-05"),
        ("QƉ–05", "QĐ-05"),
        ("QĐ\u201105", "QĐ-05"),
        ("QĐ−05", "QĐ-05"),
        ("05／QĐ", "05/QĐ"),
        ("CB-Ⅳ", "CB-IV"),
        ("A  17", "A 17"),
        ("A١٧", "A17"),
        ("Tổ\u0301".replace("ổ", "ô\u0309"), "Tổ\u0301"),
    ],
)
def test_numbers_that_look_the_same_are_read_as_one(written: str, meant: str) -> None:
    assert load_request(UnitFormed, FORMED | {"number": written})["number"] == meant
    assert load_request(MemberMoved, MOVED | {"member_id": written})["member_id"] == meant
    assert load_request(MemberDisciplined, DISCIPLINED | {"decision": written})["decision"] == meant
    assert plain(plain(written)) == meant


def test_what_is_seen_to_differ_stays_another_number() -> None:
    numbers = ("A2", "A²", "a2", "A 2", "Á2", "A-2", "A_2", "D2", "Đ2", "đ2")

    assert len({load_request(UnitFormed, FORMED | {"number": n})["number"] for n in numbers}) == 10


def test_without_marks_a_number_is_as_a_system_writes_it_that_knows_no_accents() -> None:
    assert without_marks("05-QĐ/UBKT, Hoà, đỗ") == "05-QD/UBKT, Hoa, do"


def test_no_look_alike_makes_a_number_one_of_our_ids() -> None:
    with pytest.raises(InvalidData):
        load_request(UnitFormed, FORMED | {"number": "ｉｄ:" + "a" * 26})


def test_what_is_written_without_them_is_taken() -> None:
    require_seen("Nguyễn Thị Ánh-Tuyết, 7/2 (b)")

    with pytest.raises(UnseenCharacter):
        require_seen("a\u200db")


@pytest.mark.parametrize("mark", ["\u0301", "\u0316", "\u0e31", "\u093e", "\u20dd"])
def test_a_letter_carries_no_more_marks_than_a_language_has(mark: str) -> None:
    most, more = f"a{mark * MARKS_MAX}b", f"a{mark * (MARKS_MAX + 1)}b"

    assert nfc(most) == nfc(nfc("a") + mark * MARKS_MAX + "b")
    assert few_marks(most) == most
    assert few_marks(f"«{more} ệ» " * 2) == f"«{most} ệ» " * 2
    with pytest.raises(TooManyMarks):
        nfc(more)


def test_what_is_taken_has_few_marks_in_every_field() -> None:
    marks = "a" + "\u0316" * (MARKS_MAX + 1)

    for cls, sent, field in (
        (UnitFormed, FORMED, "number"),
        (UnitFormed, FORMED, "name"),
        (MemberDisciplined, DISCIPLINED, "decision"),
    ):
        with pytest.raises(InvalidData):
            load_request(cls, sent | {field: marks})


def test_what_is_compared_is_read_with_few_marks() -> None:
    """Composing takes the square of the marks that stand out of order."""
    assert plain("a" + "\u0315\u0316" * 50_000) == plain("a" + "\u0315\u0316" * (MARKS_MAX // 2))


def test_what_nobody_sees_is_compared_by_nobody() -> None:
    assert plain("Bình\u200b") == plain("Bình")


@pytest.mark.parametrize("value", [7, [], {}, True, None])
def test_what_is_no_text_is_told_from_one(value: Any) -> None:
    with pytest.raises(TypeError):
        nfc(value)


@pytest.mark.parametrize("mark", ["\u0344", "\u0f73"])
def test_a_mark_that_becomes_two_counts_as_two(mark: str) -> None:
    """Else a text would be taken, and refused by whoever reads it as it was stored."""
    half = MARKS_MAX // 2

    taken = nfc("a" + mark * half)

    assert nfc(taken) == taken
    with pytest.raises(TooManyMarks):
        nfc("a" + mark * (half + 1))


def test_a_name_is_one_in_any_case_wherever_its_tones_stand() -> None:
    assert alike("Uỷ ban Kiểm tra, xã Hòa.") == alike("ỦY BAN KIỂM TRA,  XÃ HOÀ")
    assert alike("Đỗ Thị Hoà") != alike("Đỗ Thị Hoa") != alike("Đỗ Thị Hoá")


@pytest.mark.parametrize("written", ["số 05 - QĐ / UBKT", "5-qđ/ubkt.", "Số: 005-QÐ/UBKT"])
def test_a_number_is_one_however_it_is_spaced_and_filled_up(written: str) -> None:
    assert alike_number(written) == alike_number("05-QĐ/UBKT") != alike_number("50-QĐ/UBKT")
    assert alike_number("0017") == alike_number("17.0") == "17"


@pytest.mark.parametrize(
    ("number", "found"),
    [
        ("7.9123E+11", True),
        ("7,9123e+11", True),
        ("7E+11", True),
        ("79123000000", False),
        ("CB7E+11", False),
        ("", False),
    ],
)
def test_a_number_that_a_table_shortened_is_known_by_its_look(number: str, found: bool) -> None:  # noqa: FBT001 - of a table
    assert is_shortened(number) is found


@pytest.mark.parametrize(
    "written",
    [
        *("#N/A", "#######", "#REF!", "#12", "＃N/A", "-", "?", "–", "...", "NULL", "nan", "N/A"),
        *("n/a.", "None", "(null)", "TRUE", "false", "<none>", "undefined"),
    ],
)
def test_what_stands_where_a_number_is_missing_is_no_number(written: str) -> None:
    assert is_no_number(written)


@pytest.mark.parametrize(
    "written",
    ["0017", "0", "0-1", "NA", "NaN-1", "Không số", "5-Jan", "1/5", "2026-01-05", "TRUE-1", "N/A1"],
)
def test_what_may_be_somebodys_own_is_a_number(written: str) -> None:
    assert not is_no_number(written)
