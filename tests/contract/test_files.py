"""Evidence is stored with the event that names it, sealed, on both databases."""

import io
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.errors import ConcurrentAppend
from events.store import files
from events.store.batch import Appended
from events.store.files import UnknownFile
from events.store.keys import KeyDestroyed, KeyStore
from events.store.store import Store
from events.vault.files import CHUNK_BYTES, FileDamaged, SealedFile
from services.context import Context
from services.safekeeping import evidence
from services.safekeeping.evidence import FILE_BYTES_MAX, FileEmpty, FileTooLarge
from services.safekeeping.refused_files import FileTypeRefused
from tests.support import facts
from tests.support.evidence import DOCX, PDF
from tests.support.fakes import FixedClock, SeededChance

OWNER, SCOPE = "member-a", "2026"
LARGE = PDF + SeededChance(3).bytes(2 * CHUNK_BYTES)


@pytest.fixture
def context(store: Store, clock: FixedClock, tmp_path: Path) -> Iterator[Context]:
    address = f"sqlite:///{tmp_path}/evidence-keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(8))) as keys:
        yield Context(clock=clock, chance=SeededChance(9), store=store, keys=keys)


def sealed(context: Context, content: bytes = LARGE, name: str = "minh chứng.pdf") -> SealedFile:
    return evidence.seal(context, io.BytesIO(content), name, owner=OWNER, scope=SCOPE)


def content_of(context: Context, commitment: str) -> bytes:
    return b"".join(evidence.open_file(context, commitment).pieces)


def counts(context: Context) -> list[Any]:
    database = context.store.database
    return [
        database.rows(f"SELECT count(*) FROM {name}")[0][0]
        for name in ("events", "files", "chunks")
    ]


def test_file_is_there_with_its_event(context: Context) -> None:
    file = sealed(context)

    context.store.append(facts.single(), files=[file])

    opened = evidence.open_file(context, file.header.commitment)
    assert opened.header == file.header
    assert (opened.header.size, opened.header.media_type) == (len(LARGE), "application/pdf")
    assert b"".join(opened.pieces) == LARGE
    assert counts(context) == [1, 1, 3]


def test_several_files_go_with_one_event(context: Context) -> None:
    both = [sealed(context), sealed(context, DOCX, "báo cáo.DOCX")]

    context.store.append(facts.single(), files=both)

    found = [content_of(context, file.header.commitment) for file in both]
    assert found == [LARGE, DOCX]


def test_refused_append_stores_no_file(context: Context) -> None:
    ((stream, appended),) = facts.single().items()
    file = sealed(context)

    with pytest.raises(ConcurrentAppend):
        context.store.append({stream: Appended(7, appended.events)}, files=[file])

    assert counts(context) == [0, 0, 0]
    context.store.append({stream: appended}, files=[file])
    assert content_of(context, file.header.commitment) == LARGE


def test_largest_file_is_taken_and_a_byte_more_is_not(context: Context) -> None:
    content = PDF.ljust(FILE_BYTES_MAX, b"\0")
    file = sealed(context, content)

    context.store.append(facts.single(), files=[file])

    assert content_of(context, file.header.commitment) == content
    with pytest.raises(FileTooLarge):
        sealed(context, content + b"\0")


@pytest.mark.parametrize(
    ("content", "name", "refusal"),
    [
        (b"", "tên.pdf", FileEmpty),
        (PDF, "tên.docx", FileTypeRefused),
        (PDF, "tên pdf", FileTypeRefused),
        (PDF, "pdf", FileTypeRefused),
        (PDF, "", FileTypeRefused),
        (b"<html>", "tên.html", FileTypeRefused),
        (b"MZ\x90", "tên.pdf", FileTypeRefused),
    ],
)
def test_wrong_file_is_refused_before_a_key_is_made(
    context: Context, content: bytes, name: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal) as refused:
        sealed(context, content, name)

    assert context.keys.count() == 0
    assert "tên" not in str(refused.value)


def test_nothing_of_a_file_lies_in_the_clear(context: Context) -> None:
    content = b"%PDF-" + b"personal words " * 100

    context.store.append(facts.single(), files=[sealed(context, content)])

    for name in ("files", "chunks"):
        rows = context.store.database.rows(f"SELECT * FROM {name}")
        values = [bytes(value) for row in rows for value in row if not isinstance(value, str | int)]
        assert values
        assert not any(b"personal" in value for value in values)


def test_file_is_dark_once_its_key_is_destroyed(context: Context) -> None:
    file = sealed(context)
    context.store.append(facts.single(), files=[file])

    context.keys.destroy(OWNER, SCOPE)

    with pytest.raises(KeyDestroyed):
        evidence.open_file(context, file.header.commitment)
    with pytest.raises(KeyDestroyed):
        sealed(context)


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE chunks SET number = CASE number WHEN 1 THEN 9 ELSE number END",
        "DELETE FROM chunks WHERE number = 2",
        "DELETE FROM chunks",
        "UPDATE chunks SET box = (SELECT c.box FROM chunks c WHERE c.number = 0) WHERE number = 1",
        "UPDATE files SET owner = 'member-b'",
        "UPDATE files SET mediatype = 'text/html'",
        "UPDATE files SET size = 1",
    ],
)
def test_damaged_file_is_told_as_such(context: Context, damage: str) -> None:
    file = sealed(context)
    context.store.append(facts.single(), files=[file])
    context.keys.ensure([("member-b", SCOPE)])

    context.store.database.transact(lambda t: t.run(damage))

    with pytest.raises(FileDamaged):
        content_of(context, file.header.commitment)


def test_file_that_is_not_there_is_told_as_such(context: Context) -> None:
    with pytest.raises(UnknownFile):
        evidence.open_file(context, "A" * 43)
    assert list(files.chunks(context.store.database, "A" * 43)) == []
