"""A file is refused whole or goes in whole, however far apart lines stand that belong together."""

import json
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from services.bootstrap import System, open_system
from services.cli import importing
from services.cli.importing import Imported
from services.intake.numbers import ids_under
from services.settings import from_environment
from tests.support import hr
from tests.support.databases import hasty

Sent = dict[str, Any]
PEOPLE = [hr.enrolled(f"M{number}", "U1") for number in range(30)]
UNIT = hr.formed("U1")


@pytest.fixture
def system(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[System]:
    monkeypatch.setattr(importing, "BATCH", 5)
    with closing(open_system(from_environment(hasty(tmp_path / "data")))) as opened:
        yield opened


def told_of(system: System, lines: list[Sent]) -> tuple[list[tuple[int, str]], Imported | None]:
    """Return which lines are refused and why, or else what became of them, as the command does."""
    file = system.settings.data_dir / "facts.jsonl"
    file.write_text("".join(json.dumps(each) + "\n" for each in lines), encoding="utf-8")
    sent, refused = importing.read(file)
    who = importing.importer(sent, "hr")
    facts, wrong = importing.check(system, who, sent)
    if refused + wrong:
        return [(each.line, each.told) for each in refused + wrong], None
    return [], importing.append(
        system, who, importing.in_order(system, who, sent, facts), lambda _: None
    )


def size(system: System) -> int:
    return int(system.store.database.rows("SELECT count(*) FROM events")[0][0])


def named(system: System, number: str) -> str | None:
    return ids_under(system, "hr", [("member", number)]).get(("member", number))


def corrected(wrong: Sent, number: str | None = None) -> Sent:
    data: Sent = {"corrects": wrong["id"]}
    if number is not None:
        fact = {"type": wrong["type"], "time": wrong["time"], "data": wrong["data"]}
        data["fact"] = fact | {"data": wrong["data"] | {"number": number}}
    return hr.event("roster.fact_corrected", data)


@pytest.mark.parametrize("place", [2, 30])
def test_a_line_that_stands_twice_goes_in_once(system: System, place: int) -> None:
    lines = [UNIT, *PEOPLE]
    lines.insert(place, PEOPLE[0])

    refused, imported = told_of(system, lines)

    assert (refused, size(system)) == ([], 31)
    assert imported is not None
    assert (imported.appended, imported.waiting) == (31, ())


@pytest.mark.parametrize("place", [2, 30])
def test_an_id_with_other_content_refuses_the_file_by_both_lines(
    system: System, place: int
) -> None:
    lines = [UNIT, *PEOPLE]
    lines.insert(place, PEOPLE[0] | {"time": "2026-01-04T08:00:00+07:00"})

    refused, _ = told_of(system, lines)

    ((line, told),) = refused
    assert line == place + 1
    assert told.startswith("line 2 has this id")
    assert size(system) == 0


def test_what_came_before_with_other_content_refuses_the_file_by_every_line(
    system: System,
) -> None:
    told_of(system, [UNIT, *PEOPLE])
    before = size(system)
    changed = [each | {"time": "2026-01-04T08:00:00+07:00"} for each in (PEOPLE[3], PEOPLE[28])]

    refused, _ = told_of(system, [UNIT, hr.enrolled("new", "U1"), changed[0], changed[1]])

    assert [line for line, _ in refused] == [3, 4]
    assert size(system) == before


def test_a_wrong_correction_refuses_the_file_wherever_it_stands(system: System) -> None:
    told_of(system, [UNIT, PEOPLE[0], PEOPLE[1]])
    before = size(system)
    away = corrected(PEOPLE[1])

    for wrong in (
        [away, corrected(away)],
        [corrected(PEOPLE[0], "M1")],  # which somebody else has
    ):
        refused, _ = told_of(system, [*PEOPLE, *wrong])
        assert [line for line, _ in refused] == [len(PEOPLE) + len(wrong)]
        assert size(system) == before


def test_the_same_file_again_changes_nothing_corrections_too(system: System) -> None:
    file = [UNIT, *PEOPLE, corrected(PEOPLE[0]), corrected(PEOPLE[1], "M1-cũ")]
    told_of(system, file)
    before = size(system)

    refused, imported = told_of(system, file)

    assert refused == []
    assert imported is not None
    assert (imported.appended, imported.known, size(system)) == (0, len(file), before)


@pytest.mark.parametrize("turned", [False, True])
def test_numbers_are_swapped_in_a_file_however_far_apart_its_lines_are(
    system: System,
    turned: bool,  # noqa: FBT001 - a row of the table
) -> None:
    lines = [
        UNIT,
        *PEOPLE,
        corrected(PEOPLE[0], "M29"),
        *(hr.formed(f"U{number}") for number in range(2, 20)),
        corrected(PEOPLE[29], "M0"),
        hr.event("roster.post_given", {"member_id": "M0", "unit_id": "U1", "post": "secretary"}),
    ]

    refused, imported = told_of(system, lines[::-1] if turned else lines)

    assert (refused, imported and imported.waiting) == ([], ())
    posts = system.store.database.rows("SELECT stream FROM events WHERE type = 'roster.post_given'")
    found = system.store.known_events(hr.SOURCE, [PEOPLE[0]["id"], PEOPLE[29]["id"]])
    streams = {event_id: each.receipt.stream for event_id, each in found.items()}
    assert streams[PEOPLE[29]["id"]] == f"member-{named(system, 'M0')}" == posts[0][0]
    assert streams[PEOPLE[0]["id"]] == f"member-{named(system, 'M29')}"


@pytest.mark.parametrize("turned", [False, True])
def test_numbers_change_hands_in_a_dump_however_far_apart_its_lines_are(
    system: System,
    turned: bool,  # noqa: FBT001 - a row of the table
) -> None:
    told_of(system, [UNIT, *PEOPLE])
    before = {each: named(system, each) for each in ("M0", "M29")}
    names = {0: PEOPLE[29], 29: PEOPLE[0]}
    dump = [
        hr.event(each["type"], each["data"] | {"name": names.get(n, each)["data"]["name"]})
        for n, each in enumerate(PEOPLE)
    ]

    refused, imported = told_of(system, dump[::-1] if turned else dump)

    assert refused == []
    assert imported is not None
    assert (imported.appended, imported.waiting) == (2, ())
    assert {each: named(system, each) for each in ("M29", "M0")} == {
        "M29": before["M0"],
        "M0": before["M29"],
    }


def test_a_file_with_a_swap_in_its_history_is_refused_by_line_and_cut_there_goes_in(
    system: System,
) -> None:
    before = [hr.enrolled("1", "U1"), hr.enrolled("2", "U1")]
    swapped = [
        hr.event(each["type"], each["data"] | {"number": number}, time="2026-06-01T08:00:00+07:00")
        for each, number in zip(before, ("2", "1"), strict=True)
    ]

    refused, _ = told_of(system, [UNIT, *before, *PEOPLE, *swapped])
    told_of(system, [UNIT, *before, *PEOPLE])
    people = [named(system, each) for each in ("1", "2")]
    told_of(system, swapped)

    assert [line for line, _ in refused] == [len(PEOPLE) + 4]
    assert [named(system, each) for each in ("2", "1")] == people


def test_what_is_of_before_a_swap_in_a_file_is_refused_by_its_line(system: System) -> None:
    told_of(system, [UNIT, *PEOPLE])
    swapped = [
        hr.event(
            "roster.member_enrolled",
            PEOPLE[one]["data"] | {"number": f"M{other}"},
            time="2026-06-01T08:00:00+07:00",
        )
        for one, other in ((0, 29), (29, 0))
    ]
    lines = [swapped[0], *(hr.moved(f"M{each}", "U1") for each in range(30)), swapped[1]]

    refused, _ = told_of(system, lines)

    assert [line for line, _ in refused] == [2, 31]


def test_a_number_of_two_names_at_one_moment_refuses_the_file_by_the_second_line(
    system: System,
) -> None:
    other = hr.event("roster.member_enrolled", PEOPLE[0]["data"] | {"name": "Vũ Văn Em"})

    refused, _ = told_of(system, [UNIT, *PEOPLE, other])

    assert [line for line, _ in refused] == [len(PEOPLE) + 2]
    assert size(system) == 0
