"""What pages say: in both languages, with the same places for values, and nothing is missing."""

import re
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import pytest
from flask import Flask

from events.definitions.catalogue import CATALOGUE
from events.domain.review import review
from events.domain.verification import rating_checks
from services.web.pages import writing
from services.web.saying import names
from services.web.saying.languages import COOKIE, LANGUAGES, phrases, say
from tests.support.cases import every_case
from tests.support.law import records
from tests.support.party_rules import PARTY, RATED

PACKAGE = Path("services/web")
VERIFICATION = Path("events/domain/verification")
CHECK = re.compile(r"""\bCheck\(\s*"([a-z_]+)",""")
SAID = re.compile(r"""\bsay\(\s*["']([a-z_.]+)["']\s*[,)]""")


def places_in(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}


def keys_said() -> Iterator[str]:
    """Iterate over the keys that templates and pages name outright."""
    for file in (*PACKAGE.glob("templates/*.html"), *PACKAGE.glob("**/*.py")):
        yield from SAID.findall(file.read_text("utf-8"))


def test_both_languages_say_the_same_with_the_same_values() -> None:
    with every_case() as case:
        for key, entry in phrases().items():
            with case(key):
                assert entry.keys() == LANGUAGES.keys()
                assert all(text.strip() for text in entry.values())
                assert places_in(entry["vi"]) == places_in(entry["en"])


@pytest.mark.parametrize(("language", "shown"), [("vi", "48.113"), ("en", "48,113")])
def test_numbers_are_written_as_in_the_readers_language(language: str, shown: str) -> None:
    reader = {"Cookie": f"{COOKIE}={language}"}

    with Flask(__name__).test_request_context(headers=reader):
        said = say("frame.true_at", position=48_113)

    assert f" {shown} " in said


def test_everything_that_pages_name_is_said() -> None:
    missing = {key for key in keys_said() if key not in phrases()}

    assert missing == set()
    assert len(set(keys_said())) > 50


def test_every_fact_of_the_year_has_a_name() -> None:
    year = ("review.", "plan.", "milestone.", "deadline.", "escalation.", "text.", "cycle.")
    types = [cls.definition.type for cls in CATALOGUE if cls.definition.type.startswith(year)]

    assert [each for each in types if f"events.{each}" not in phrases()] == []


def test_every_form_that_is_written_has_words_for_a_person_and_for_a_unit() -> None:
    forms = [name.replace("-", "_") for name in writing.FORMS]
    parts = [part + of for part in ("title", "lede", "label") for of in ("", "_unit")]

    assert {
        f"writing.{form}.{part}" for form in forms for part in parts
    } - phrases().keys() == set()


def test_every_check_of_a_rating_has_a_name() -> None:
    made = (review.fold(records(*RATED)), review.EMPTY)
    checks = {check.name for state in made for check in rating_checks.check_rating(state, PARTY)}

    text = "".join(each.read_text("utf-8") for each in VERIFICATION.glob("*.py"))
    checks |= set(CHECK.findall(text))

    assert {"meetings", "appraised", "steps", "law", "publications"} <= checks
    assert [each for each in sorted(checks) if f"checks.{each}" not in phrases()] == []


def test_names_are_sorted_by_given_name_letter_then_tone() -> None:
    people = ["Hà Văn Bình", "Lê Thị Ấn", "Ngô Bính", "Đỗ Ân", "Trần Văn An", "Lý Đào", "Vũ Dung"]

    ordered = sorted(people, key=names.by_given_name)

    assert ordered == [
        "Trần Văn An",
        "Đỗ Ân",
        "Lê Thị Ấn",
        "Hà Văn Bình",
        "Ngô Bính",
        "Vũ Dung",
        "Lý Đào",
    ]


def test_a_name_is_found_with_or_without_its_accents() -> None:
    assert names.finder("van binh")("Hà Văn Bình")
    assert names.finder("do an")("Đỗ Ân")
    assert names.finder("Văn")("Hà Văn Bình")
    assert not names.finder("vân")("Hà Văn Bình")


def test_a_name_is_found_and_sorted_however_it_was_typed() -> None:
    written = ["Ðặng Văn Ðức", "Đặng\u00a0Văn\u200b Đức", "Đa\u0323\u0306ng  Văn Ｄức"]

    found = [names.finder(wanted)(name) for name in written for wanted in ("dang van", "ĐẶNG")]
    ordered = sorted(["Trần Ðức", "Trần Em", "Trần Đức", "Trần Dũng"], key=names.by_given_name)

    assert all(found)
    assert ordered == ["Trần Dũng", "Trần Ðức", "Trần Đức", "Trần Em"]
