"""The commune lives 2024 to 2026, each year under its edition; every rating is derived anew.

It lives by the commands, and once as `tusoi up --demo --check` lives it: over HTTP.
"""

import json
import urllib.parse
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import partial
from http.cookiejar import CookieJar
from pathlib import Path
from typing import NamedTuple

import pytest

from events.clock import RehearsalClock
from events.domain.documents.document import Language
from events.domain.review import explanation, review
from events.domain.review.review import State
from events.domain.rulebook import validity
from events.identifiers import MemberId, review_stream
from events.store import reference
from services.bootstrap import System, open_system
from services.cli import checking, demo
from services.cli.rehearsal.play import Play
from services.cli.rehearsal.stage import Stage
from services.cli.rehearsal.stories import read_stories
from services.cli.serving import EmbeddedServer
from services.commands import rights
from services.settings import from_environment
from tests.support.by_commands import stage_of
from tests.support.commands import tusoi_in
from tests.support.databases import hasty

BEFORE = datetime(2024, 1, 2, 1, tzinfo=UTC)
PASSWORD = "of-everybody-in-the-test"
AUDITOR = "kiemtra"
SIGN_IN = ("SG-0028", "SG-0036")


class Lived(NamedTuple):
    """The commune after its years."""

    system: System
    stage: Stage
    address: str

    def id_of(self, number: str) -> str:
        return self.stage.id_of(number)


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lived]:
    folder = tmp_path_factory.mktemp("three-years")
    clock = folder / "clock"
    RehearsalClock(clock).set(BEFORE)
    environment = hasty(folder / "data") | {"TUSOI_REHEARSAL_CLOCK": str(clock)}
    system = open_system(from_environment(environment))
    stage = stage_of(system, partial(_account_of, system))
    play = Play(stage, read_stories(demo.STORY_FILE.read_text(encoding="utf-8")))
    while play.days_left:
        play.play_day()
    rights.make_account(system, AUDITOR, PASSWORD, roles=("auditor",))
    server = EmbeddedServer(system, host="127.0.0.1", port=0)
    server.start()
    yield Lived(system, stage, server.address)
    server.stop()
    system.close()


def _account_of(system: System, number: str, member_id: MemberId) -> str:
    """Return an account that was made for somebody; by its password only few sign in."""
    password = PASSWORD if number in SIGN_IN else None
    return rights.make_account(system, number.lower(), password, member_id=member_id).id


def year_of(lived: Lived, number: str, period: str) -> State:
    stream = review_stream(period, lived.id_of(number))
    return review.fold(lived.system.store.read_stream(stream).events)


def edition_of(lived: Lived, state: State) -> str:
    assert state.opened is not None
    rulebook = reference.rulebook_of(lived.system.store.database, state.opened.fact.rulebook)
    return f"{rulebook.id} {rulebook.edition}"


def explained(lived: Lived, state: State, language: Language) -> str:
    assert state.opened is not None
    assert state.proposal is not None
    rulebook = reference.rulebook_of(lived.system.store.database, state.opened.fact.rulebook)
    fact = state.proposal.fact
    found = explanation.explain(rulebook, fact.facts, fact.outcome, language)
    return "\n".join(explanation.in_words(found, language))


def test_every_rating_of_the_three_years_is_verified(lived: Lived) -> None:
    demo.settle(lived.system, 0)
    lived.system.signer.sign()

    checked = checking.check_all(lived.system, lambda _position: None)

    assert checked.findings == ()
    sql = "SELECT count(*) FROM events WHERE type = 'review.rating_decided'"
    ((decided,),) = lived.system.store.database.rows(sql)
    assert checked.ratings == decided > 150


def looked_back(lived: Lived) -> demo.Lived:
    demo.settle(lived.system, 0)
    lived.system.signer.sign()
    rules = validity.read(reference.shipped_document("rulebook", "qd366_hd02"))
    checked = checking.check_all(lived.system, lambda _position: None)
    return demo.look_back(lived.system, rules, checked)


def test_the_years_show_every_verdict_and_every_end_of_an_escalation(lived: Lived) -> None:
    found = looked_back(lived)

    assert found.events.keys() >= {"milestone.more_asked", *demo.SHOWN}
    assert found.rungs.keys() == {1, 3}
    assert found.passed


def test_the_years_come_to_the_same_over_http_in_a_folder_of_their_own(
    lived: Lived, tmp_path: Path
) -> None:
    tusoi = tusoi_in(tmp_path / "data", waits=True)  # told of no database: the check has its own

    ran = tusoi("--json", "up", "--demo", "--check")

    assert ran.status == 0, ran
    assert ran.json["ratings"] == ran.json["verified"] > 150
    assert not (tmp_path / "data").exists()
    by_commands = looked_back(lived).as_values()
    alike = ("members", "levels", "ratings", "verified", "misses", "escalations")
    assert [ran.json[each] for each in alike] == [by_commands[each] for each in alike]


def test_each_year_is_rated_under_its_edition(lived: Lived) -> None:
    found = {
        period: edition_of(lived, year_of(lived, "SG-0042", period))
        for period in ("2024", "2025", "2026-q1", "2026")
    }

    assert found == {
        "2024": "qd124 hd25-2",
        "2025": "qd366 hd43-4",
        "2026-q1": "kl198 hd02",
        "2026": "qd366 hd02-3",
    }


def test_a_late_discipline_reopens_the_year_of_the_fault_under_that_years_edition(
    lived: Lived,
) -> None:
    state = year_of(lived, "SG-0046", "2024")

    (before,) = state.superseded
    assert before.decision is not None
    assert (before.decision.fact.level, review.level(state)) == ("excellent", "poor")
    assert before.decision.at.year == 2024
    assert edition_of(lived, state) == "qd124 hd25-2"
    assert "bị kỷ luật trong năm" in explained(lived, state, "vi")
    assert review.level(year_of(lived, "SG-0046", "2026")) != "poor"  # it is counted once


def test_a_disciplined_member_is_rated_so_in_the_year_of_the_discipline(lived: Lived) -> None:
    assert review.level(year_of(lived, "SG-0041", "2024")) == "poor"
    lifted = year_of(lived, "SG-0024", "2024")  # found wrong before the rating
    assert review.level(lifted) != "poor"


def test_an_earlier_fault_costs_the_top_grade(lived: Lived) -> None:
    state = year_of(lived, "SG-0041", "2025")

    assert state.proposal is not None
    assert state.proposal.fact.facts.earlier_faults_open == 1
    assert review.level(state) == "good"
    needed = explained(lived, state, "en").split("these conditions must be met as well:")[1]
    assert needed.count("\n- ") == 1
    assert "all earlier limitations and faults put right" in needed


def test_a_failed_quarter_costs_a_leader_the_top_grade(lived: Lived) -> None:
    assert review.level(year_of(lived, "SG-0053", "2026-q2")) == "poor"

    state = year_of(lived, "SG-0053", "2026")

    assert state.proposal is not None
    assert state.proposal.fact.facts.counted == {"quarters_failed": 1}
    assert review.level(state) == "good"
    assert "có quý không hoàn thành nhiệm vụ" in explained(lived, state, "vi")


def test_only_leaders_have_quarters(lived: Lived) -> None:
    assert year_of(lived, "SG-0041", "2026-q1").opened is None
    assert year_of(lived, "SG-0042", "2026-q1").opened is not None


def test_who_moves_in_mid_year_is_rated_where_they_are_then(lived: Lived) -> None:
    state = year_of(lived, "SG-0017", "2026")

    assert state.moves
    assert state.path[0] == lived.id_of("SG-CB02")
    assert state.proposal is not None
    assert state.proposal.fact.by.unit_id == lived.id_of("SG-CB02")


def test_whoever_was_absent_is_reviewed_later_and_whoever_is_new_in_the_next_year(
    lived: Lived,
) -> None:
    absent = year_of(lived, "SG-0024", "2024")
    assert absent.decision is not None
    assert absent.decision.at.year == 2025

    assert year_of(lived, "SG-0052", "2024").opened is None  # in for less than six months
    assert year_of(lived, "SG-0052", "2025").decision is not None


def test_points_are_answered_and_meetings_held_before_anybody_is_proposed(lived: Lived) -> None:
    state = year_of(lived, "SG-0028", "2025")

    assert len(state.points) == len(state.point_answers) == 1
    assert state.proposal is not None
    assert all(each.version < state.proposal.version for each in state.meetings)
    both = year_of(lived, "SG-0006", "2025")  # a secretary, and of the commune's committee
    assert len(both.meetings) == len(both.venues) >= 1


def test_one_member_answers_the_notice_of_a_rating_that_stays(lived: Lived) -> None:
    state = year_of(lived, "SG-0028", "2025")

    (answer,) = state.notice_answers
    assert state.announcement is not None
    assert answer.version > state.announcement.version
    assert (review.stage(state), review.level(state)) == ("announced", "poor")


class Visitor:
    """Somebody with a browser, who only looks."""

    def __init__(self, lived: Lived, login: str) -> None:
        self._address = lived.address
        jar = urllib.request.HTTPCookieProcessor(CookieJar())
        self._opener = urllib.request.build_opener(jar)
        body = json.dumps({"login": login, "password": PASSWORD}).encode()
        request = urllib.request.Request(  # noqa: S310 - our own address
            f"{lived.address}/api/v1/session", data=body
        )
        request.add_header("Content-Type", "application/json")
        with self._opener.open(request, timeout=30) as answer:
            self._csrf = json.load(answer)["csrf"]

    def opens(self, path: str, language: str) -> str:
        """Return a page with words of others, which a form opens."""
        form = urllib.parse.urlencode({"words": "open", "csrf": self._csrf})
        return self.sees(path, language, form.encode())

    def sees(self, path: str, language: str = "vi", form: bytes | None = None) -> str:
        """Return a page. Raises HTTPError for one that is not there, or is broken."""
        request = urllib.request.Request(self._address + path, data=form)  # noqa: S310 - our own
        request.add_header("Accept", "text/html")
        request.add_header("Accept-Language", language)
        with self._opener.open(request, timeout=30) as answer:
            page: str = answer.read().decode()
        return page


@pytest.mark.parametrize("language", ["vi", "en"])
def test_every_page_of_a_reopened_year_is_shown(lived: Lived, language: str) -> None:
    subject = f"2024/{lived.id_of('SG-0046')}"
    authority, auditor = Visitor(lived, "sg-0036"), Visitor(lived, "kiemtra")

    page = authority.opens(f"/reviews/{subject}/words", language)

    assert "Kết luận kiểm tra tháng 3/2026" in page
    authority.sees(f"/reviews/{subject}/reopening", language)
    stream = review_stream("2024", lived.id_of("SG-0046"))
    events = len(lived.system.store.read_stream(stream).events)
    for number in range(1, events + 1):
        auditor.sees(f"/history/{subject}?n={number}", language)


@pytest.mark.parametrize("period", ["2024", "2025", "2026-q2", "2026"])
def test_cycles_and_units_of_every_period_are_shown(lived: Lived, period: str) -> None:
    authority = Visitor(lived, "sg-0036")

    cycle = authority.sees(f"/cycles/{period}/{lived.id_of('SG-DU')}")
    unit = authority.sees(f"/units/{lived.id_of('SG-CB03')}/{period}")

    assert ("Họp kiểm điểm" in cycle) is (len(period) == len("2026"))
    assert "Đã thông báo" in unit


def test_a_member_reads_which_points_were_suggested_and_where_they_were_reviewed(
    lived: Lived,
) -> None:
    page = Visitor(lived, "sg-0028").sees(f"/reviews/2025/{lived.id_of('SG-0028')}")

    assert "Nêu rõ vì sao bốn nhiệm vụ" in page
    assert "Tôi nhận việc rồi không báo cáo khi vướng" in page
    assert "Kiểm điểm tại: Chi bộ khu Đồng Mít" in page
