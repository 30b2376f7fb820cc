"""What is shipped can be published and reads back; what is wrong is refused whole."""

from typing import Any

import pytest

from events.domain.documents import working_days
from events.domain.documents.problems import DocumentInvalid
from events.domain.rulebook import validity
from events.store import documents, reference
from events.store.documents import UnknownDocument
from events.store.store import Store

RULEBOOK = reference.shipped_document("rulebook", "neutral")
CALENDAR = reference.shipped_document("calendar", "viet_nam")


def test_a_published_edition_reads_back_as_law(store: Store) -> None:
    rulebook = reference.publish(store.database, RULEBOOK)
    calendar = reference.publish(store.database, CALENDAR)

    assert documents.get(store.database, rulebook) == RULEBOOK
    read = reference.rulebook_of(store.database, rulebook)
    assert read == validity.read(RULEBOOK)
    assert reference.rulebook_of(store.database, rulebook) is read
    assert reference.calendar_of(store.database, calendar) == working_days.read(CALENDAR)


def test_published_twice_it_has_the_same_digest(store: Store) -> None:
    first = reference.publish(store.database, RULEBOOK)

    assert reference.publish(store.database, dict(reversed(RULEBOOK.items()))) == first


@pytest.mark.parametrize(
    "document", [{**RULEBOOK, "rungs": []}, {**RULEBOOK, "kind": "form"}, {"kind": ["x"]}, [], None]
)
def test_a_wrong_document_is_refused_and_not_stored(store: Store, document: Any) -> None:
    with pytest.raises(DocumentInvalid):
        reference.publish(store.database, document)

    assert store.database.rows("SELECT digest FROM documents") == []


def test_what_was_published_goes_on_whatever_is_checked_since(store: Store) -> None:
    """Reviews are bound to it: a check that came later refuses the next edition, not this one."""
    lax = {**RULEBOOK, "rungs": []}
    with pytest.raises(DocumentInvalid):
        reference.publish(store.database, lax)

    published = documents.put(store.database, lax)

    assert reference.rulebook_of(store.database, published).rungs == ()


def test_a_calendar_is_no_rulebook(store: Store) -> None:
    calendar = reference.publish(store.database, CALENDAR)
    reference.calendar_of(store.database, calendar)

    with pytest.raises(DocumentInvalid):
        reference.rulebook_of(store.database, calendar)


def test_a_digest_that_nobody_published_is_unknown(store: Store) -> None:
    with pytest.raises(UnknownDocument):
        reference.rulebook_of(store.database, "0" * 64)


def test_memory_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "READ_MAX", 1)
    rulebook = reference.publish(store.database, {**RULEBOOK, "edition": "2"})
    calendar = reference.publish(store.database, {**CALENDAR, "edition": "2"})

    for _ in range(2):
        assert reference.rulebook_of(store.database, rulebook).edition == "2"
        assert reference.calendar_of(store.database, calendar).edition == "2"


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("a: 1\nb: 2\na: 3", "line 3"),
        ("a: 1\nb: 1.5", "line 2"),
        ("a: null", "line 1"),
        ("a:", "line 1"),
        ("1: a", "line 1"),
        ("a: !!binary aGk=", "line 1"),
        ("a: !!python/name:os.system x", "line 1"),
        ("base: &b {x: 1}\nc: {<<: *b}", "line 2"),
        ("a: &x [1]\nb: *x", "line 2"),
        ("a: [", "line 1"),
        ("a: \x00", "document"),
        ("a:\n  " + "[" * 3_000, "line 2"),
        ("a:\n  " + "[" * 32 + "]" * 32, "line 2"),
    ],
)
def test_yaml_that_says_more_than_json_is_refused_with_its_line(text: str, path: str) -> None:
    with pytest.raises(DocumentInvalid) as refused:
        reference.plain_values(text)

    assert [problem.path for problem in refused.value.problems] == [path]
    (line,) = reference.lines_of(text, [path])
    assert line == (None if path == "document" else int(path.removeprefix("line ")))


def test_a_document_may_be_nested_as_deep_as_the_limit() -> None:
    assert reference.plain_values("[" * 32 + "1" + "]" * 32)


def test_only_what_json_would_read_so_is_no_text() -> None:
    text = "{on: 2024-01-01, no: 010, at: 12:30, all: true, yes: -5, hex: 0x10, none: 0}"

    assert reference.plain_values(text) == {
        "on": "2024-01-01",
        "no": "010",
        "at": "12:30",
        "all": True,
        "yes": -5,
        "hex": "0x10",
        "none": 0,
    }
