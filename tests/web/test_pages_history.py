"""The auditor's history: every event shows what it changed, and the rating proves itself."""

import re
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from events.definitions.records import Period
from events.definitions.shapes import LINE_CHARACTERS_MAX
from events.identifiers import MemberId
from services.queries import year_history
from services.web.pages import history
from services.web.saying import names
from services.web.saying.names import finder
from tests.support.demo_commune import AUDITOR, DemoCommune
from tests.support.lived_folders import LivedFolders
from tests.support.tampering import Intruder, entry_at
from tests.support.year_world import MEMBER, PERIOD, YearWorld

RATED, REMEDIED, RETURNED, ERASED = "SG-0041", "SG-0014", "SG-0026", "SG-0030"
SECRETARY = "SG-0042"  # of the unit of SG-0041
TOLD_WITH_WORDS = "Hồ sơ đất đai năm nay vẫn còn"  # of a criticism of SG-0041
IN_MAY = date(2026, 5, 16)


@pytest.fixture(scope="module")
def commune(
    lived_folders: LivedFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[DemoCommune]:
    """The demo's commune when its year is nearly over."""
    made = DemoCommune(lived_folders, tmp_path_factory.mktemp("may") / "data", IN_MAY)
    yield made
    made.system.close()


def at(commune: DemoCommune, number: str) -> str:
    return f"/history/2025/{commune.id_of(number)}"


def positions(commune: DemoCommune, number: str) -> list[int]:
    """Return the positions of the events of a member's year."""
    member_id = MemberId(commune.id_of(number))
    events = year_history.events_of(commune.system.store, Period("2025"), member_id)
    return [each.position for each in events]


@pytest.mark.parametrize("number", [RATED, REMEDIED, "SG-0028", "SG-0046", RETURNED])
def test_every_event_of_a_year_shows_what_it_changed(commune: DemoCommune, number: str) -> None:
    found = positions(commune, number)

    pages = {n: commune.read(AUDITOR, f"{at(commune, number)}?at={n}").text for n in found}

    assert len(pages) >= 8
    assert [n for n, page in pages.items() if "<ins>" not in page and "<del>" not in page] == []


def test_that_somebody_opened_the_words_is_part_of_history(commune: DemoCommune) -> None:
    commune.send(SECRETARY, f"/reviews/2025/{commune.id_of(RATED)}/words", words="open")
    commune.year.settle()

    text = commune.read(AUDITOR, at(commune, RATED)).text

    assert "Mở đọc nội dung" in text
    assert '<ins><span class="unseen">đổi: </span>2 lần</ins>' in text


def test_a_page_tells_nothing_of_what_came_later(commune: DemoCommune) -> None:
    decided = "Mức quyết định"
    first, last = positions(commune, RATED)[0], positions(commune, RATED)[-1]

    assert decided not in commune.read(AUDITOR, f"{at(commune, RATED)}?at={first}").text
    assert decided in commune.read(AUDITOR, f"{at(commune, RATED)}?at={last}").text


def test_between_two_events_holds_what_the_first_of_them_brought(commune: DemoCommune) -> None:
    found = positions(commune, RATED)
    (gap,) = [n for n, following in pairwise(found) if following > n + 1][:1]

    there = commune.read(AUDITOR, f"{at(commune, RATED)}?at={gap}").text
    after = commune.read(AUDITOR, f"{at(commune, RATED)}?at={gap + 1}").text

    assert f"Tình trạng tại vị trí {gap} của sổ," in after
    assert facts_of(there) == facts_of(after)


def test_the_slider_leads_to_an_address_that_names_the_position(commune: DemoCommune) -> None:
    third = positions(commune, RATED)[2]

    moved = commune.read(AUDITOR, f"{at(commune, RATED)}?n=3")

    assert moved.status_code == 303
    assert moved.headers["Location"] == f"{at(commune, RATED)}?at={third}"


@pytest.mark.parametrize("query", ["at=0", "at=999999999", "at=" + "9" * 5000, "at=x", "at=-1"])
def test_whatever_position_is_asked_for_there_is_a_page(commune: DemoCommune, query: str) -> None:
    answer = commune.read(AUDITOR, f"{at(commune, RATED)}?{query}")

    assert answer.status_code == 200
    assert f"{at(commune, RATED)}?at=" in answer.text  # by which it is cited


def test_somebody_is_found_by_exactly_the_number_that_hr_knows_them_by(
    commune: DemoCommune,
) -> None:
    found, part = (commune.send(AUDITOR, "/history", q=each).text for each in (RATED, RATED[:-1]))

    assert commune.id_of(RATED) in found
    assert commune.id_of(RATED) not in part


def test_a_rating_is_verified_on_the_page_with_all_that_proves_it(commune: DemoCommune) -> None:
    text = commune.read(AUDITOR, f"{at(commune, RATED)}?verify=1").text

    assert "trùng khớp" in text
    assert commune.system.signer.origin in text
    assert re.search(r"<code>[0-9a-f]{64}</code>", text)
    file = f"rating-2025-{commune.id_of(RATED)}.json"
    assert f"python -m events.replay {file} --key {commune.system.verifier_key}" in text
    assert "checks." not in text


def test_history_shows_no_words(commune: DemoCommune) -> None:
    pages = [
        commune.read(AUDITOR, f"{at(commune, RATED)}?at={n}") for n in positions(commune, RATED)
    ]

    assert not [page for page in pages if TOLD_WITH_WORDS in page.text]


@pytest.mark.parametrize("typed", ["bach", "Bách"])
def test_a_member_is_found_by_part_of_a_name(commune: DemoCommune, typed: str) -> None:
    text = commune.send(AUDITOR, "/history", q=typed).text

    assert "Bách" in text
    assert "/history/2025/" in text


def test_a_member_is_found_by_id_when_the_name_was_erased(commune: DemoCommune) -> None:
    member_id = commune.id_of(ERASED)
    commune.system.keys.destroy(f"member-{member_id}")

    text = commune.send(AUDITOR, "/history", q=member_id).text

    assert "(đã xóa tên)" in text
    assert f"/history/2025/{member_id}" in text


def test_whoever_is_not_found_is_said_not_to_be_there(commune: DemoCommune) -> None:
    assert "Không tìm thấy người hoặc đơn vị nào" in commune.send(AUDITOR, "/history", q="zzz").text


def test_what_is_looked_for_is_cut_and_read_once_however_many_names_there_are(
    commune: DemoCommune, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = []

    def counted(text: str) -> Callable[[str], bool]:
        wanted.append(text)
        return finder(text)

    monkeypatch.setattr(names, "finder", counted)

    answer = commune.send(AUDITOR, "/history", q="b" * 40_000 + "\u0315\u0316" * 20_000)

    assert answer.status_code == 200
    assert wanted == ["b" * LINE_CHARACTERS_MAX]


def test_a_name_that_is_searched_for_stands_in_no_address(commune: DemoCommune) -> None:
    form, by_address = (commune.read(AUDITOR, f"/history{each}").text for each in ("", "?q=bach"))

    assert 'method="post" action="/history"' in form
    assert "Bách" not in by_address


def test_a_search_that_stopped_early_says_so(
    commune: DemoCommune, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "SEARCHED_MAX", 3)

    text = commune.send(AUDITOR, "/history", q="zzz").text

    assert "trong 3 thành viên đầu tiên" in text


def test_only_auditors_search_but_members_see_their_own_history(commune: DemoCommune) -> None:
    assert commune.send(RATED, "/history", q="n").status_code == 403
    assert commune.read(RATED, at(commune, RATED)).status_code == 200
    assert commune.read(RATED, at(commune, REMEDIED)).status_code in (403, 404)


def test_before_the_decision_there_is_nothing_to_verify(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()

    page = world.read("auditor", f"/history/{PERIOD}/{MEMBER}?verify=1", Accept="text/html")

    assert page.status_code == 200
    assert "chưa có gì để kiểm chứng" in page.text
    world.system.close()


def test_a_changed_entry_does_not_match_and_the_page_says_what_is_wrong(tmp_path: Path) -> None:
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.live("announced")
    store = world.system.store
    events = year_history.events_of(store, Period(PERIOD), MEMBER)
    (decided,) = [each for each in events if each.entry.type == "review.rating_decided"]
    arrival, entry = entry_at(store, decided.position)
    changed = entry.replace(b'"level":"poor"', b'"level":"good"')
    assert changed != entry

    world.system.signer.sign()
    Intruder(store).run("UPDATE events SET entry = ? WHERE arrival = ?", (changed, arrival))
    text = world.read("auditor", f"/history/{PERIOD}/{MEMBER}?verify=1", Accept="text/html").text

    assert "không khớp" in text
    assert "trùng khớp" not in text
    world.system.close()


def facts_of(page: str) -> str:
    """Return the part of a page that tells what holds."""
    return page.partition('<h2 id="state">')[2].partition("</dl>")[0]
