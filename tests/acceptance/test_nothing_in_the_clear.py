"""Nothing of a person stands in the clear: in no table, file, message or log line."""

import re
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from structlog.testing import capture_logs

from events.definitions.erasure import ErasureGround
from events.definitions.review import CriticismGiven
from events.identifiers import MemberId, Stream, review_stream
from services.access import accounts
from services.access.tokens import Grants, Principal
from services.access.words import open_all
from services.commands import erasures
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.queries import holdings
from services.safekeeping import drafts
from tests.support import hr
from tests.support.installation import Installation
from tests.support.leaks import leaked
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    MEMBER,
    MILESTONE,
    PEER,
    PERIOD,
    REVIEW,
    WORDS,
    YearWorld,
)

NUMBER, NAME = "SỐ-4711-KÍN", "Trần Thị Bình Kín"
DECISION, GROUND = "12-QĐ/KÍN", "Vắng họp ba lần, có tên trong biên bản"
REASONS = ("maternity", "expelled")  # no document of an edition is stored where they are sought
GROUND_OF_DELAY, TAKEN_UP = "Đi viện đến giữa tháng", "Tôi sẽ gọi điện cho gia đình"
FILE_NAME, FILE_TEXT = "giấy ra viện kín.txt", "Chẩn đoán kín của bệnh viện"
LOGIN = "binh.kin"
DRAFT = "Nháp chưa gửi, chưa ai được đọc"
WRITTEN = (WORDS, GROUND_OF_DELAY, TAKEN_UP, FILE_NAME, FILE_TEXT, DRAFT)
TOLD = (NUMBER, NAME, DECISION, GROUND, *REASONS)


def facts() -> list[dict[str, Any]]:
    """Return what HR tells of somebody: all that an entry must not say in the clear."""
    about = {"member_id": NUMBER}
    enrolled = hr.enrolled(NUMBER, "U1")
    discipline = {**about, "decision": DECISION, "grade": "warning", "ground": GROUND}
    return [
        hr.formed("U1"),
        enrolled | {"data": enrolled["data"] | {"name": NAME}},
        hr.event("roster.member_absent", {**about, "reason": REASONS[0]}),
        hr.event("roster.member_back", about),
        hr.event("roster.member_disciplined", discipline),
        hr.event("roster.member_discipline_lifted", {**about, "decision": DECISION}),
        hr.event("roster.member_left", {**about, "reason": REASONS[1]}),
    ]


def found_in(written: bytes, words: tuple[str, ...]) -> list[str]:
    return [each for each in words if leaked(each, written)]


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world of which HR told everything that an entry must not say in the clear."""
    world = YearWorld(tmp_path / "data")
    grants = Grants(sends=("roster.*",), sources=(hr.SOURCE,))
    sent = [parse_event(each, index) for index, each in enumerate(facts())]
    receive(world.system, Principal("token:hr", "hr", grants), sent, correlation_id="c")
    yield world
    world.system.close()


def live(year: YearWorld) -> None:
    """Live An's year with words in all of it, and with a draft, a delay and an escalation."""
    year.open_cycle()
    year.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    escalation = f"/api/v1/escalations/{year.cause()}/acknowledgement"
    year.do("secretary", escalation, {"text": TAKEN_UP})
    moved = {"step": "self_critique", "day": "2026-12-30", "text": GROUND_OF_DELAY}
    year.do("authority", f"{REVIEW}/deadlines", moved)
    year.live("agreed")
    year.hand_in("member", MILESTONE, (FILE_NAME, FILE_TEXT.encode()), text=WORDS)
    drafts.save(
        year.system,
        "peer",
        f"criticism-{PERIOD}-{MEMBER}",
        owner=f"member-{MEMBER}",
        scope=PERIOD,
        fields={"text": DRAFT},
    )


def test_no_file_and_no_log_line_of_a_lived_year_holds_a_word(
    year: YearWorld, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with capture_logs() as lines, caplog.at_level("DEBUG"):
        live(year)
    logged = f"{lines} {caplog.text}".encode()
    files = [each for each in tmp_path.rglob("*") if each.is_file()]
    written = b"".join(each.read_bytes() for each in files)

    assert any(each.name.endswith("-wal") for each in files)
    assert b"review.criticism_given" in written  # the search finds what is there
    assert b"request" in logged
    assert found_in(written + logged, (*WRITTEN, *TOLD[:4])) == []
    assert found_in(entries_of(tmp_path), REASONS) == []


def stored_rows(folder: Path) -> Iterator[bytes]:
    """Iterate over the rows of every table but the editions' own documents."""
    for path in folder.rglob("*.db"):
        with sqlite3.connect(path) as connection:
            listed = "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'documents'"
            for (name,) in connection.execute(listed).fetchall():
                for row in connection.execute(f'SELECT * FROM "{name}"').fetchall():
                    cells = (e if isinstance(e, bytes) else str(e).encode() for e in row)
                    yield b"\n".join(cells)


def entries_of(folder: Path) -> bytes:
    return b"\n".join(stored_rows(folder))


def test_no_row_and_no_log_line_links_a_critic_to_the_criticism(
    year: YearWorld, tmp_path: Path
) -> None:
    with capture_logs() as lines:
        live(year)
        year.do("peer", f"/api/v1/reviews/{PERIOD}/{PEER}/commitment", {"text": WORDS})
    history = year.system.store.read_stream(review_stream(PERIOD, MEMBER)).events
    given = [(e.entry, e.event) for e in history if isinstance(e.event, CriticismGiven)]
    marks = {
        mark
        for entry, fact in given
        for mark in (entry.id, fact.criticism_id, fact.author, fact.text.sealed)
    }
    critic = re.compile(rf"\b({PEER}|peer)\b".encode())
    written = [*stored_rows(tmp_path), *(repr(each).encode() for each in lines)]
    about = [each for each in written if found_in(each, tuple(marks))]
    drafted = [each for each in stored_rows(tmp_path) if f"criticism-{PERIOD}".encode() in each]

    assert [each for each in written if critic.search(each)]  # the search finds what is there
    assert len(about) >= len(given)
    assert drafted
    assert [each for each in about + drafted if critic.search(each)] == []
    assert not found_in(repr(lines).encode(), tuple(str(entry.correlationid) for entry, _ in given))


def test_of_whoever_was_erased_neither_account_nor_number_nor_words_are_left(
    year: YearWorld, tmp_path: Path
) -> None:
    system = year.system
    sql = "SELECT stream FROM events WHERE type = 'roster.member_disciplined'"
    owner = Stream(system.store.database.rows(sql)[0][0])
    member_id = MemberId(owner.removeprefix("member-"))
    made = accounts.create(system, LOGIN, None, member_id=member_id)
    drafts.save(system, made.id, "form", owner=owner, scope=PERIOD, fields={"text": DRAFT})
    before = b"".join(stored_rows(tmp_path))
    ground = ErasureGround.REQUEST

    erasures.erase(system, owner, erasures.EVERYTHING, ground, principal="operator")

    files = b"".join(each.read_bytes() for each in tmp_path.rglob("*") if each.is_file())
    boxes = system.store.database.rows("SELECT commitment FROM texts WHERE owner = ?", (owner,))
    numbers = system.store.database.rows("SELECT count(*) FROM numbers WHERE id = ?", (member_id,))
    held = holdings.encode(holdings.holdings_of(system, member_id, own=True))
    assert found_in(before, (LOGIN, made.id)) == [made.id]  # the login is sealed
    assert found_in(files + held, (LOGIN, made.id, *TOLD[:4])) == []
    assert found_in(held, REASONS) == []
    assert (bool(boxes), numbers[0][0]) == (True, 0)
    assert open_all(system, [each for (each,) in boxes]).words == {}


def test_no_table_message_or_log_line_of_several_processes_holds_a_word(
    postgresql_url: str, valkey_url: str, tmp_path: Path
) -> None:
    installation = Installation(postgresql_url, valkey_url, tmp_path / "i", source=hr.SOURCE)
    installation.environment = {**installation.environment, "TUSOI_LOG_LEVEL": "debug"}
    messages = b""
    with (
        installation.running("serve"),
        installation.running("work"),
        redis.Redis.from_url(valkey_url) as client,
    ):
        installation.wait_until_serving()
        status, answer = installation.send(facts())
        for _ in range(20):
            messages += everything_in(client)
        installation.settle()
        messages += everything_in(client)
    tables = rows_of(installation)
    logged = (tmp_path / "i" / "processes.log").read_bytes()

    assert status == 201, answer
    assert b"roster.member_absent" in tables
    assert b"projection_advanced" in logged
    assert found_in(tables + messages + logged, TOLD) == []
    installation.system.close()


def everything_in(client: "redis.Redis") -> bytes:
    """Return every key of Redis with what is in it."""
    found = b""
    for key in client.scan_iter():
        dumped = client.dump(key)
        found += bytes(key) + bytes(dumped or b"")
    return found


def rows_of(installation: Installation) -> bytes:
    """Return every row of every table, as text."""
    database = installation.system.store.database
    names = database.rows(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public'"
    )
    return b"\n".join(
        cell if isinstance(cell, bytes) else str(cell).encode()
        for (name,) in names
        for row in database.rows(f'SELECT * FROM "{name}"')
        for cell in row
    )
