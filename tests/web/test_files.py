"""A stored file is shown or saved as what it is, and never as a page of ours."""

import io
from typing import Any

import pytest

from events.vault.files import CHUNK_BYTES, FileDamaged
from services.safekeeping import evidence
from services.web.files import sending
from tests.support import facts
from tests.support.evidence import DOCX, PDF, PNG, TEXT
from tests.support.world import Answer, World

OWNER, SCOPE = "member-a", "2026"


def stored(world: World, content: bytes, name: str) -> str:
    """Return the commitment of a file that was stored with an event."""
    file = evidence.seal(world.system, io.BytesIO(content), name, owner=OWNER, scope=SCOPE)
    world.system.store.append(facts.single(), files=[file])
    return file.header.commitment


def asked(world: World, content: bytes, name: str, *, inline: bool = True) -> Answer:
    """Return the answer of a route that sends a file."""
    return fetched(world, stored(world, content, name), name, inline=inline)


def fetched(world: World, commitment: str, name: str, *, inline: bool = True) -> Answer:
    def send() -> Any:
        opened = evidence.open_file(world.system, commitment)
        return sending.send(opened, name, inline=inline)

    world.take_own_app().add_url_rule("/test-file", "test_file", send)
    return world.get("/test-file")


@pytest.mark.parametrize(
    ("content", "name", "content_type"),
    [
        (PDF, "a.pdf", "application/pdf"),
        (PNG, "a.PNG", "image/png"),
        (TEXT, "a.txt", "text/plain; charset=utf-8"),
    ],
)
def test_file_is_shown_with_a_type_of_ours(
    world: World, content: bytes, name: str, content_type: str
) -> None:
    answer = asked(world, content, name)

    assert (answer.status_code, answer.data) == (200, content)
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"].startswith("inline; ")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Content-Length"] == str(len(content))
    assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"


def test_text_that_looks_like_a_page_stays_text_and_runs_nothing(world: World) -> None:
    answer = asked(world, b"<html><script>alert(1)</script>", "trang.txt")

    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none';")


def test_pdf_is_not_sandboxed_for_browsers_would_not_show_it(world: World) -> None:
    policy = asked(world, PDF, "a.pdf").headers["Content-Security-Policy"]

    assert policy.startswith("default-src 'none';")
    assert "sandbox" not in policy


@pytest.mark.parametrize(
    ("content", "name", "inline"), [(DOCX, "a.docx", True), (PDF, "a.pdf", False)]
)
def test_what_cannot_or_shall_not_be_shown_is_saved(
    world: World, content: bytes, name: str, *, inline: bool
) -> None:
    answer = asked(world, content, name, inline=inline)

    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert answer.data == content


def test_name_breaks_out_of_no_header(world: World) -> None:
    answer = asked(world, PDF, '../biên "bản"\r\nSet-Cookie: x=1;.pdf')

    assert answer.headers["Content-Disposition"] == (
        "inline; filename=bi_n__b_n__Set-Cookie__x_1_.pdf; "
        "filename*=UTF-8''bi%C3%AAn%20%22b%E1%BA%A3n%22%20Set-Cookie%3A%20x%3D1%3B.pdf"
    )
    assert "Set-Cookie" not in answer.headers


def test_damaged_file_is_a_problem_and_not_half_a_file(world: World) -> None:
    commitment = stored(world, PDF, "a.pdf")
    world.system.store.database.transact(lambda t: t.run("UPDATE files SET size = size + 1"))

    answer = fetched(world, commitment, "a.pdf")

    assert (answer.status_code, answer.json["code"]) == (500, "file_damaged")
    assert b"%PDF" not in answer.data


def test_large_file_that_is_damaged_at_its_end_breaks_off(world: World) -> None:
    commitment = stored(world, PDF + bytes(3 * CHUNK_BYTES), "a.pdf")
    world.system.store.database.transact(lambda t: t.run("DELETE FROM chunks WHERE number = 3"))

    answer = fetched(world, commitment, "a.pdf")

    assert answer.status_code == 200
    with pytest.raises(FileDamaged):
        _ = answer.data


def test_erased_and_unknown_files_are_told_as_such(world: World) -> None:
    commitment = stored(world, PDF, "a.pdf")
    world.system.keys.destroy(OWNER)

    erased = fetched(world, commitment, "a.pdf")

    assert (erased.status_code, erased.json["code"]) == (409, "key_destroyed")
