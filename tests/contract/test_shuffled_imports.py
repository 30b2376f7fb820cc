"""A shuffled file is imported as a sorted one is, at the same cost."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.domain.organisation import doubts, member
from events.identifiers import Stream
from services.bootstrap import System, open_system
from services.cli import importing
from services.cli.importing import Imported
from services.settings import from_environment
from tests.support import hr
from tests.support.counting import Counted
from tests.support.databases import hasty

UNITS, MEMBERS = 60, 120
STRIDES = (7, 101, -1)
POST = {"unit_id": "U0", "post": "secretary"}
BATCH = 20  # lines in one transaction, so that most lie in another one than what they name


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setattr(importing, "BATCH", BATCH)
    with closing(open_system(from_environment(hasty(tmp_path / "data")))) as opened:
        yield opened


def lines(stride: int) -> list[dict[str, Any]]:
    """Return what HR tells of a deep tree; with a stride of 1 in the order in which it came about.

    With another one that has no factor in common with their count they are shuffled.
    """
    told = [hr.formed("U0")]
    told += [hr.formed(f"U{each}", f"U{each - 1}") for each in range(1, UNITS)]
    told += [hr.enrolled(f"M{each}", f"U{each % UNITS}") for each in range(MEMBERS)]
    told += [hr.moved(f"M{each}", f"U{(each + 7) % UNITS}") for each in range(MEMBERS)]
    told += [
        hr.event("roster.fact_corrected", {"corrects": each["id"]})
        for each in told[-MEMBERS // 4 :]
    ]
    return [told[place * stride % len(told)] for place in range(len(told))]


def imported(system: System, folder: Path, told: list[dict[str, Any]]) -> Imported:
    """Return what became of the lines of a file."""
    file = folder / "facts.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in told), encoding="utf-8")
    sent, refused = importing.read(file)
    who = importing.importer(sent, "hr")
    facts, wrong = importing.check(system, who, sent)
    assert not refused + wrong
    return importing.append(
        system, who, importing.in_order(system, who, sent, facts), lambda _: None
    )


def statements(system: System, folder: Path, told: list[dict[str, Any]]) -> int:
    """Return how many statements the import of a file takes, of which every line goes in."""
    database = Counted(system.store.database)
    system.store.database = database

    done = imported(system, folder, told)

    assert (done.appended, done.waiting) == (len(told), ())
    return database.statements.total()


@pytest.mark.parametrize("stride", STRIDES)
def test_a_shuffled_file_asks_no_more_of_the_database_than_a_sorted_one(
    system: System, tmp_path: Path, stride: int
) -> None:
    with closing(open_system(from_environment(hasty(tmp_path / "sorted")))) as other:
        in_order = statements(other, tmp_path, lines(1))

    shuffled = statements(system, tmp_path, lines(stride))

    # Streams that intake reads lie in more batches; without an order it was 62 times as much.
    assert shuffled <= in_order * 1.5


@pytest.mark.parametrize("stride", STRIDES)
def test_lines_that_rest_on_nothing_are_told_all_of_them_and_the_others_go_in(
    system: System, tmp_path: Path, stride: int
) -> None:
    told = lines(stride)
    gone = [each for each in told if each["data"].get("number") in {"U40", "M3"}]
    left = [each for each in told if each not in gone]
    keys = system.keys.count()

    done = imported(system, tmp_path, left)
    waited = imported(system, tmp_path, left)
    rest = imported(system, tmp_path, [*gone, *left])

    assert done.appended + len(done.waiting) == len(left)
    assert {each.refusal.code for each in done.waiting} == {
        *("unknown_unit", "unknown_member", "unknown_fact"),
    }
    assert (waited.appended, len(waited.waiting)) == (0, len(done.waiting))
    assert (rest.appended, rest.waiting) == (len(done.waiting) + len(gone), ())
    assert system.keys.count() == keys + MEMBERS + 1  # none for whom no fact founded


def test_a_file_that_is_sorted_by_type_and_tells_the_newest_first_is_doubtful_in_nothing(
    system: System, tmp_path: Path
) -> None:
    """Who was given a post, was relieved and was given it again, each told in another batch."""
    people = [f"M{each}" for each in range(BATCH)]
    steps = [("post_given", 2022), ("post_given", 2018), ("post_relieved", 2020)]
    told = [hr.formed("U0"), *(hr.enrolled(each, "U0", time=in_year(2016)) for each in people)]
    told += [
        hr.event(f"roster.{type_}", {"member_id": each} | POST, time=in_year(year))
        for type_, year in steps
        for each in people
    ]

    done = imported(system, tmp_path, told)

    assert done.appended == len(told)
    streams = system.store.database.rows("SELECT DISTINCT stream FROM events")
    members = [stream for (stream,) in streams if stream.startswith("member-")]
    states = [member.fold(system.store.read_stream(Stream(each)).events) for each in members]
    assert [len(member.view(each).posts) for each in states] == [1] * len(people)
    assert [doubts.of_member(each) for each in states] == [()] * len(people)


def in_year(year: int) -> str:
    return f"{year}-03-01T00:00:00+07:00"


def test_what_names_one_another_in_a_circle_is_left_out_by_no_order(
    system: System, tmp_path: Path
) -> None:
    told = [hr.enrolled("M1", "U3"), hr.formed("U1", "U2"), hr.formed("U2", "U1")]
    told += [hr.formed("U3", "U3"), hr.formed("U4", "U1")]
    file = tmp_path / "circle.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in told), encoding="utf-8")
    sent, _ = importing.read(file)
    who = importing.importer(sent, "hr")
    facts, _ = importing.check(system, who, sent)

    batches = importing.in_order(system, who, sent, facts)

    ordered = [each.index for batch in batches for each in batch]

    assert sorted(ordered) == list(range(len(told)))
    assert ordered.index(3) < ordered.index(0)
    assert ordered.index(1) < ordered.index(4)


def test_a_file_that_begins_with_a_byte_order_mark_is_taken(tmp_path: Path) -> None:
    file = tmp_path / "facts.jsonl"
    lines = [json.dumps(each).encode() for each in (hr.formed("U1"), hr.formed("U2"))]
    file.write_bytes(b"\xef\xbb\xbf" + b"\r\n".join(lines))

    sent, refused = importing.read(file)

    assert ([each.index for each in sent], refused) == ([0, 1], [])
