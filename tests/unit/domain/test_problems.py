"""What is wrong in a document is told by a stable code, in both languages, with what to do."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from string import Formatter
from typing import Annotated, Literal

import msgspec
import pytest

import events
from events.domain.documents import conversion, problems
from events.domain.documents.conversion import convert
from events.domain.documents.document import LANGUAGES, Bilingual, Name, Part
from events.domain.documents.periods import Cadence
from events.domain.documents.problems import DocumentInvalid, Problem

ROOT = Path(events.__file__).parents[1]
SENTENCES = problems.sentences()


def told_in_source() -> Iterator[tuple[str, set[str]]]:
    """Iterate over the codes that the program tells, each with the names of its values."""
    for file in (*ROOT.glob("events/**/*.py"), *ROOT.glob("services/**/*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(func=ast.Name("Problem"), args=[_, ast.Constant(str(code))]):
                    yield code, {str(each.arg) for each in node.keywords}
    for code, shape in conversion.SHAPES.items():
        yield code, {*shape.groupindex, *(["known"] if code == "no_choice" else [])}


def names_in(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name is not None}


def test_every_code_has_its_sentences_and_every_sentence_its_code() -> None:
    assert {code for code, _ in told_in_source()} == set(SENTENCES.problems)


@pytest.mark.exhaustive
def test_both_languages_say_every_value_that_a_code_is_told_with() -> None:
    for code, values in told_in_source():
        words = SENTENCES.problems[code]
        assert (code, names_in(words.vi), names_in(words.en)) == (code, values, values)


def test_no_sentence_is_the_same_in_both_languages() -> None:
    groups = (SENTENCES.problems, SENTENCES.types, SENTENCES.patterns)
    told = [(name, words) for group in groups for name, words in group.items()]

    assert [name for name, words in told if words.vi == words.en and name != "bool"] == []


def test_values_that_are_words_come_in_the_language_of_their_sentence() -> None:
    text = Bilingual(vi="chữ", en="text")

    says = Problem("title", "wrong_type", expected=text, found="x").says

    assert [says.of(language) for language in LANGUAGES] == [
        "phải là chữ, không phải x",
        "must be text, not x",
    ]


class Piece(Part, frozen=True, kw_only=True):
    colour: Literal["red", "blue"]


class Thing(Part, frozen=True, kw_only=True):
    name: Name
    title: Annotated[str, msgspec.Meta(min_length=2, max_length=4)] = "abc"
    count: Annotated[int, msgspec.Meta(ge=1, le=9)] | None = None
    most: int | Name = 0
    cadence: Cadence | None = None
    parts: tuple[Piece, ...] | None = None
    by_name: dict[str, Piece] = {}  # noqa: RUF012 - msgspec copies it
    day: date | None = None
    days: dict[str, tuple[date, ...]] = {}  # noqa: RUF012 - msgspec copies it
    steps: dict[str, Name] = {}  # noqa: RUF012 - msgspec copies it
    few: Annotated[tuple[str, ...], msgspec.Meta(max_length=1)] = ()


@pytest.mark.parametrize(
    ("document", "path", "says"),
    [
        ({"name": "a", "nmae": "b"}, "nmae", "has a part that is not known here, nmae"),
        ({}, "document", "has no name, which is needed"),
        ([], "document", "must be pairs of “name: value”, not a list"),
        ({"name": 3}, "name", "must be text, not a whole number"),
        ({"name": None}, "name", "must be text, not nothing"),
        ({"name": "Tên"}, "name", "must be written as small letters a–z"),
        ({"name": "a", "title": "abcde"}, "title", "is longer than 4 characters"),
        ({"name": "a", "title": ""}, "title", "must have 2 characters or more"),
        ({"name": "a", "count": "x"}, "count", "must be a whole number, not text"),
        ({"name": "a", "count": 10}, "count", "must be 9 or less"),
        ({"name": "a", "count": 0}, "count", "must be 1 or more"),
        ({"name": "a", "most": []}, "most", "must be a whole number or text, not a list"),
        (
            {"name": "a", "cadence": "week"},
            "cadence",
            "“week” is no value for this; choose one of year, quarter",
        ),
        (
            {"name": "a", "parts": [{"colour": "red"}, {"colour": "reed"}]},
            "parts[1].colour",
            "“reed” is no value for this; choose one of blue, red",
        ),
        (
            {"name": "a", "by_name": {"b": {"colour": 3}}},
            "by_name.b.colour",
            "must be text, not a whole number",
        ),
        (
            {"name": "a", "by_name": {"b": {"colour": "b"}}},
            "by_name.b.colour",
            "“b” is no value for this; choose one of blue, red",
        ),
        ({"name": "a", "day": "2026-02-30"}, "day", "is no date; write YEAR-MONTH-DAY"),
        ({"name": "a", "day": "9999-12-31"}, "day", "must be a day from 1900 to 2199"),
        ({"name": "a", "days": {"b": ["1899-12-31"]}}, "days.b[0]", "must be a day from 1900"),
        ({"name": "a", "steps": {1: "b"}}, "steps", "must be text, not a whole number"),
        ({"name": "a", "few": ["b", "c"]}, "few", "has more than 1 entries; leave some out"),
    ],
)
def test_what_has_not_the_right_shape_is_told_in_words(
    document: object, path: str, says: str
) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        convert(document, Thing)

    (problem,) = refused.value.problems
    assert problem.path == path
    assert problem.says.en.startswith(says)
    assert not re.search("[{}`]", problem.says.vi) or problem.code == "misshapen"


def test_everything_that_is_misshapen_is_told_at_once_by_its_place() -> None:
    document = {
        "nmae": "a",
        "title": "abcde",
        "parts": [{"colour": "reed"}, {"colour": "red"}, {"color": "red"}],
        "by_name": {"b": {"colour": "blue"}, "c": []},
        "few": ["b", 3],
    }

    with pytest.raises(DocumentInvalid) as refused:
        convert(document, Thing)

    assert [(each.path, each.code) for each in refused.value.problems] == [
        ("nmae", "unknown_field"),
        ("title", "too_long"),
        ("parts[0].colour", "no_choice"),
        ("parts[2].color", "unknown_field"),
        ("parts[2]", "missing_field"),
        ("by_name.c", "wrong_type"),
        ("few[1]", "wrong_type"),
        ("document", "missing_field"),
    ]


def test_no_more_is_told_than_anybody_reads() -> None:
    with pytest.raises(DocumentInvalid) as refused:
        convert({"name": "a", **{f"x{n}": n for n in range(1_000)}}, Thing)

    assert len(refused.value.problems) == problems.PROBLEMS_MAX


class Marked(Part, frozen=True, kw_only=True, tag_field="kind"):
    name: Name


def test_a_document_of_another_kind_is_told_by_its_kind() -> None:
    assert convert({"kind": "Marked", "name": "a"}, Marked) == Marked(name="a")
    with pytest.raises(DocumentInvalid, match="name: must be text"):
        convert({"kind": "Marked", "name": 3}, Marked)
    with pytest.raises(DocumentInvalid, match="has not the right form"):
        convert({"kind": "Other", "name": "a"}, Marked)
