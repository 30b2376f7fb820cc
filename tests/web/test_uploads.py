"""What a form brings is kept in memory, within limits, whoever looks at the form first."""

import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import flask
import pytest

from services.cli.serving import EmbeddedServer
from services.intake.parser import BODY_BYTES_MAX
from services.web.files.uploads import FORM_BYTES_MAX, takes_files, uploaded_files
from tests.support.evidence import PDF
from tests.support.world import Answer, World

BOUNDARY = "xxxxxxxx"
MULTIPART = f"multipart/form-data; boundary={BOUNDARY}"
LARGE = PDF.ljust(20 * 1024 * 1024, b"\0")


@pytest.fixture(autouse=True)
def no_temporary_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever opens a temporary file fails."""
    monkeypatch.setattr(tempfile, "tempdir", "/there/is/no/such/folder")


@pytest.fixture
def takers(world: World) -> World:
    """A world with a route that takes files, and one that does not."""

    @takes_files
    def taking() -> Any:
        found = uploaded_files("files", 3)
        return [[each.name, len(each.stream.read())] for each in found]

    def not_taking() -> Any:
        return [flask.request.form["word"], len(flask.request.files)]

    app = world.take_own_app()
    app.add_url_rule("/taking", "taking", taking, methods=["POST"])
    app.add_url_rule("/not-taking", "not_taking", not_taking, methods=["POST"])
    return world


def form(*files: tuple[str, bytes]) -> bytes:
    """Return a form with a word and files; werkzeug's own client would use temporary files."""
    parts = [("word", "", "từ".encode())]
    parts += [("files", f'; filename="{name}"', content) for name, content in files]
    return (
        b"".join(
            f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{field}"{more}\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for field, more, content in parts
        )
        + f"--{BOUNDARY}--\r\n".encode()
    )


def sent(world: World, path: str, body: bytes) -> Answer:
    return world.ask("POST", path, data=body, content_type=MULTIPART)


def test_files_of_a_form_come_in_its_order(takers: World) -> None:
    answer = sent(takers, "/taking", form(("b.pdf", PDF), ("ảnh.pdf", PDF + b"1")))

    assert answer.json == [["b.pdf", len(PDF)], ["ảnh.pdf", len(PDF) + 1]]


def test_field_left_empty_brings_no_file(takers: World) -> None:
    answer = sent(takers, "/taking", form(("", b"")))

    assert (answer.status_code, answer.json) == (200, [])


def test_largest_file_fits_and_never_touches_the_disk(takers: World) -> None:
    answer = sent(takers, "/taking", form(("a.pdf", LARGE)))

    assert answer.json == [["a.pdf", len(LARGE)]]


def test_larger_form_is_refused(takers: World) -> None:
    answer = sent(takers, "/taking", form(("a.pdf", LARGE), ("b.pdf", LARGE)))

    assert (answer.status_code, answer.json["code"]) == (413, "request_entity_too_large")


def test_more_files_than_asked_for_are_refused(takers: World) -> None:
    answer = sent(takers, "/taking", form(*[("a.pdf", PDF)] * 4))

    assert (answer.status_code, answer.json["code"]) == (422, "too_many_files")


def test_route_that_takes_no_files_keeps_its_own_limit(takers: World) -> None:
    small = sent(takers, "/not-taking", form(("a.pdf", LARGE[: BODY_BYTES_MAX // 2])))
    large = sent(takers, "/not-taking", form(("a.pdf", LARGE[:BODY_BYTES_MAX])))

    assert small.json == ["từ", 1]
    assert large.status_code == 413


def test_limit_holds_also_when_a_hook_looks_at_the_form_first(takers: World) -> None:
    takers.app.before_request(lambda: flask.request.form.get("word") and None)

    answer = sent(takers, "/taking", form(("a.pdf", LARGE)))

    assert answer.json == [["a.pdf", len(LARGE)]]


def test_cut_off_form_brings_nothing(takers: World) -> None:
    answer = sent(takers, "/taking", form(("a.pdf", PDF))[:-40])

    assert answer.json == []


@contextmanager
def embedded(world: World) -> Iterator[HTTPConnection]:
    """A connection to the embedded server, which has the routes of tests too."""
    server = EmbeddedServer(world.system, host="127.0.0.1", port=0)
    server.start()
    address = urlsplit(server.address)
    try:
        with closing(HTTPConnection(address.hostname or "", address.port, timeout=30)) as made:
            yield made
    finally:
        server.stop()


def test_embedded_server_keeps_bodies_off_the_disk_and_within_the_limit(world: World) -> None:
    with embedded(world) as connection:
        connection.request("POST", "/api/v1/events", body=LARGE)
        told = connection.getresponse()
        told.read()
    with embedded(world) as connection:
        connection.request("POST", "/api/v1/events", headers={"Content-Length": str(10**9)})
        refused = connection.getresponse()

    assert told.status in {401, 413}  # our answer; a temporary file would have broken it off
    assert refused.status == 413
    assert FORM_BYTES_MAX < 10**9
    assert not Path(tempfile.tempdir or "").exists()
