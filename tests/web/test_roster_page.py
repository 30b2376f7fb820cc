"""An administrator sees what is doubtful of members and units."""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from pathlib import Path

import pytest

from events.definitions.event import Code
from events.definitions.roster import (
    LeavingReason,
    MemberDisciplined,
    MemberLeft,
    MemberMoved,
    PostGiven,
)
from events.identifiers import UnitId, new_id
from services.access.roles import Role
from services.queries import subject_doubts
from services.queries.subject_doubts import Found
from services.web.saying.languages import COOKIE
from tests.support.api_roles import TOWARDS
from tests.support.cases import every_case
from tests.support.fakes import SeededChance
from tests.support.page_roles import HTML, REFUSED
from tests.support.sealed import sealed
from tests.support.world import CELL, COMMUNE, OTHER_CELL, formed
from tests.support.year_world import MEMBER, PEER, ROLES, YearWorld

ROSTER = "/roster"
PEOPLE = [role for role in ROLES if role in TOWARDS]


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    world = YearWorld(tmp_path / "data")
    yield world
    world.system.close()


@pytest.fixture
def doubtful(year: YearWorld) -> YearWorld:
    """Somebody left and was moved the next day, a post is misspelt, a unit hangs below itself."""
    now = year.clock.now() + timedelta(days=9)
    year.clock.set(now)
    lost = UnitId(new_id(SeededChance(41)))
    year.append(formed(lost, lost, name="Chi bộ lạc"), time=now)
    left = MemberLeft(member_id=PEER, reason=sealed(LeavingReason.TRANSFERRED))
    year.append(left, time=now - timedelta(days=2))
    year.append(MemberMoved(member_id=PEER, unit_id=OTHER_CELL), time=now - timedelta(days=1))
    misspelt = PostGiven(member_id=MEMBER, unit_id=CELL, post=Code("secretry"))
    year.append(misspelt, time=now)
    year.advance()
    return year


def test_the_page_opens_to_administrators_alone(doubtful: YearWorld) -> None:
    with every_case() as case:
        for role in PEOPLE:
            with case(role):
                answer = doubtful.read(role, ROSTER, **HTML)

                allowed = Role.ADMINISTRATOR in TOWARDS[role]
                assert (answer.status_code == HTTPStatus.OK) == allowed
                assert allowed or answer.status_code in REFUSED


@pytest.mark.parametrize(
    ("language", "says"), [("vi", "sau ngày rời đi"), ("en", "after they had left")]
)
def test_an_administrator_sees_of_which_ids_and_units_what_is_doubtful(
    doubtful: YearWorld, language: str, says: str
) -> None:
    cookie = f"{doubtful.headers('administrator')['Cookie']}; {COOKIE}={language}"

    page = doubtful.ask("GET", ROSTER, headers=HTML | {"Cookie": cookie}).text

    told = (PEER, f"{MEMBER} · secretry (secretary?)", "Chi bộ lạc", says)
    assert [each for each in told if each not in page] == []


def test_of_disciplines_an_administrator_sees_how_many_and_never_whose(year: YearWorld) -> None:
    """Who was disciplined is part of somebody's year, in which administrators have none."""
    told, grade = sealed("12"), Code("reprimandd")
    for each in (MEMBER, PEER):
        year.tell(MemberDisciplined(member_id=each, decision=told, grade=grade))
    year.advance()
    asking = {"headers": year.headers("administrator") | HTML}

    page = year.ask("GET", ROSTER, **asking).text
    part = year.ask("GET", ROSTER, query_string={"after": f"unit-{COMMUNE}"}, **asking).text

    assert [each for each in (MEMBER, PEER) if each in page + part] == []
    assert "reprimandd (reprimand?) · 2" in page
    assert "reprimandd" not in part  # whoever begins at one and at the next would find out
    assert "tusoi doctor" in page
    assert "tusoi doctor" in part


def test_only_administrators_are_led_to_the_page(doubtful: YearWorld) -> None:
    assert f'href="{ROSTER}"' in doubtful.read("administrator", "/rulebooks", **HTML).text
    assert f'href="{ROSTER}"' not in doubtful.read("authority", "/rulebooks", **HTML).text


def test_where_nothing_is_doubtful_the_page_says_so(year: YearWorld) -> None:
    assert "Không thấy điều gì cần xem lại" in year.read("administrator", ROSTER, **HTML).text


@pytest.mark.parametrize("after", [f"unit-{COMMUNE}", "nobody", "member-x\0", "", "member-"])
def test_whatever_is_named_to_look_after_it_is_a_page(year: YearWorld, after: str) -> None:
    answer = year.ask(
        "GET", ROSTER, query_string={"after": after}, headers=year.headers("administrator") | HTML
    )

    assert answer.status_code == HTTPStatus.OK


def test_part_by_part_everybody_is_looked_at_once(doubtful: YearWorld) -> None:
    whole = subject_doubts.look(doubtful.system)

    parts, after = list[Found](), ""
    while (part := subject_doubts.look(doubtful.system, after, most=2)).upto:
        parts += part.found
        after = part.upto

    assert parts + part.found == whole.found
    assert {each.stream for each in whole.found} == {f"member-{PEER}", f"member-{MEMBER}"}
    assert whole.upto is None
