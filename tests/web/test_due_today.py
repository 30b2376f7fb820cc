"""What HR told ahead holds for people from its moment, though no timekeeper comes to tell so.

Whoever acts by it has it told first: the log says by which fact they might.
"""

from collections.abc import Iterator
from datetime import timedelta
from http import HTTPStatus
from itertools import product
from pathlib import Path

import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Period
from events.definitions.review import RatingDecided
from events.definitions.roster import (
    FactTookEffect,
    LeavingReason,
    MemberLeft,
    MemberMoved,
    PostRelieved,
    UnitAuthorised,
    UnitAuthorityEnded,
    UnitDissolved,
    UnitMoved,
)
from events.errors import ConcurrentAppend
from events.identifiers import MemberId, UnitId
from events.replay.verdict import verify
from events.store.sequencing import sequence
from services.access.roles import Role
from services.commands import readings
from services.commands.work import Asking
from services.queries.people import person_as
from services.subject import Subject
from tests.support.cases import every_case
from tests.support.page_roles import HTML, OF_AN
from tests.support.sealed import sealed
from tests.support.world import CELL, COMMUNE, DISTRICT, OTHER_CELL, formed
from tests.support.year_world import (
    AUTHORITY,
    COMMITTEE,
    MEMBER,
    OPENED_AT,
    PEER,
    PERIOD,
    PLAN,
    RATING,
    REVIEW,
    SECRETARY,
    STRANGER,
    SUPERIOR,
    WORDS,
    YearWorld,
    post_given,
)

NEW = UnitId("newcommuneaaaaaaaaaaaaaaaa")
A_DAY, LEAST = timedelta(days=1), timedelta(microseconds=1)
CRITICS = {"peer": PEER, "secretary": SECRETARY, "committee": COMMITTEE, "authority": AUTHORITY}
LOOKERS = ("member", *CRITICS, "superior", "stranger")
PEOPLE = ("secretary", "authority", "committee", "superior", "peer", "stranger")


@pytest.fixture
def year(tmp_path: Path) -> Iterator[YearWorld]:
    """A world with An's year open; a stranger holds an office in a commune that is new."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    world.tell(formed(NEW, name="Xã mới"), post_given(STRANGER, NEW, "secretary"))
    yield world
    world.system.close()


def relieved(member_id: MemberId, unit_id: UnitId) -> PostRelieved:
    return PostRelieved(member_id=member_id, unit_id=unit_id, post=Code("secretary"))


def tell_ahead(year: YearWorld, *events: Event) -> None:
    """Tell facts of tomorrow, lists with them, and let it be tomorrow; the timekeeper sleeps."""
    tomorrow = year.clock.now() + A_DAY
    year.append(*events, time=tomorrow)
    year.advance()
    year.clock.time = tomorrow


def see(year: YearWorld) -> set[str]:
    return {each for each in PEOPLE if year.read(each, REVIEW).status_code == HTTPStatus.OK}


def send(year: YearWorld, role: str, path: str, body: object = None) -> int:
    """Return the status of a command after which nobody does what follows."""
    return year.ask("POST", path, json=body or {}, headers=year.headers(role)).status_code


def decide(year: YearWorld, role: str) -> int:
    proposal = year.read("auditor", REVIEW).json["proposal"]
    body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    return send(year, role, f"{REVIEW}/decision", body)


def told_in_turn(year: YearWorld, *types: type[Event]) -> list[type[Event]]:
    """Return facts of some types in the order of the log."""
    sequence(year.system.store.database, year.clock)
    log = year.system.store.read_log(0, year.system.store.head().size)
    return [type(each.event) for each in log if isinstance(each.event, types)]


LEFT = MemberLeft(member_id=AUTHORITY, reason=sealed(LeavingReason.RESIGNED))
EVERYBODY = {"secretary", "authority", "committee", "superior"}
WHO_SEES = {  # by what was told ahead; before its moment it is everybody's but those of PEOPLE last
    "a relief": (relieved(SECRETARY, CELL), EVERYBODY - {"secretary"}),
    "a leaving": (LEFT, EVERYBODY - {"authority"}),
    "a move": (MemberMoved(member_id=COMMITTEE, unit_id=CELL), EVERYBODY),
    "a post": (post_given(PEER, CELL, "secretary"), EVERYBODY | {"peer"}),
    "a dissolved cell": (
        UnitDissolved(unit_id=CELL, successor_id=OTHER_CELL),
        EVERYBODY - {"secretary"},
    ),
    "a dissolved commune": (
        UnitDissolved(unit_id=COMMUNE, successor_id=NEW),
        {"secretary", "stranger"},  # who succeeds it hangs below nobody
    ),
    "a commune moved": (
        UnitMoved(unit_id=COMMUNE, parent_id=NEW),
        EVERYBODY - {"superior"} | {"stranger"},
    ),
    "a dissolved district": (
        UnitDissolved(unit_id=DISTRICT, successor_id=NEW),
        EVERYBODY - {"superior"} | {"stranger"},
    ),
}


def test_whoever_may_see_follows_the_moment_and_no_tick(tmp_path: Path) -> None:
    with every_case() as case:
        for number, (name, (fact, seen)) in enumerate(WHO_SEES.items()):
            with case(name):
                world = YearWorld(tmp_path / str(number))
                world.open_cycle()
                world.tell(formed(NEW), post_given(STRANGER, NEW, "secretary"))
                tell_ahead(world, fact)
                the_day = world.clock.time
                world.clock.time = the_day - LEAST
                assert see(world) == EVERYBODY
                world.clock.time = the_day
                assert see(world) == seen
                world.advance()
                assert see(world) == seen
                world.system.close()


def test_who_takes_office_today_acts_and_the_log_says_by_what(year: YearWorld) -> None:
    year.live("proposed")
    tell_ahead(year, relieved(AUTHORITY, COMMUNE), post_given(STRANGER, COMMUNE, "secretary"))

    assert decide(year, "authority") == HTTPStatus.NOT_FOUND
    assert decide(year, "stranger") == HTTPStatus.CREATED

    effects = [FactTookEffect] * 2  # of each who asked
    assert told_in_turn(year, FactTookEffect, RatingDecided) == [*effects, RatingDecided]
    year.advance()
    assert told_in_turn(year, FactTookEffect) == effects
    bundle = year.read("auditor", f"{RATING}/bundle").data
    assert verify(bundle, year.system.verifier_key).verified


def test_the_successor_of_a_unit_dissolved_today_acts_and_the_log_says_so(year: YearWorld) -> None:
    year.live("proposed")
    tell_ahead(year, UnitDissolved(unit_id=COMMUNE, successor_id=NEW))

    assert decide(year, "authority") == HTTPStatus.NOT_FOUND
    assert decide(year, "stranger") == HTTPStatus.CREATED

    assert told_in_turn(year, FactTookEffect, RatingDecided) == [FactTookEffect, RatingDecided]
    bundle = year.read("auditor", f"{RATING}/bundle").data
    assert verify(bundle, year.system.verifier_key).verified


def test_no_words_open_by_an_office_that_ended_today(year: YearWorld) -> None:
    tell_ahead(year, UnitDissolved(unit_id=CELL, successor_id=OTHER_CELL), LEFT)

    for role in ("secretary", "authority"):
        assert send(year, role, f"{REVIEW}/words") in (HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND)


@pytest.mark.parametrize(
    ("before", "ahead", "status"),
    [
        ((), UnitAuthorityEnded(unit_id=COMMUNE), HTTPStatus.CONFLICT),
        (
            (UnitAuthorityEnded(unit_id=COMMUNE),),
            UnitAuthorised(unit_id=COMMUNE),
            HTTPStatus.CREATED,
        ),
    ],
)
def test_a_unit_opens_years_from_the_day_on_that_hr_told(
    tmp_path: Path, before: tuple[Event, ...], ahead: Event, status: HTTPStatus
) -> None:
    world = YearWorld(tmp_path / "data")
    world.clock.set(OPENED_AT)
    world.tell(*before)
    tell_ahead(world, ahead)

    body = {"period": PERIOD, "unit_id": COMMUNE, "rulebook": "neutral"}

    assert send(world, "authority", "/api/v1/cycles", body) == status
    world.system.close()


def test_looking_tells_nothing(year: YearWorld) -> None:
    year.live("handed_in")
    ahead = [post_given(each, OTHER_CELL, "secretary") for each in (MEMBER, PEER, AUTHORITY)]
    tell_ahead(year, *ahead, relieved(SUPERIOR, DISTRICT), UnitMoved(unit_id=CELL, parent_id=NEW))
    before = year.size()

    for path, role in product((*OF_AN, REVIEW, PLAN, f"{REVIEW}/words", "/my"), LOOKERS):
        year.read(role, path, **HTML)

    assert year.read("member", f"{REVIEW}/words").json["words"]  # one's own open by looking
    assert year.size() == before


MOVES_A_CRITIC: dict[str, tuple[Event, ...]] = {
    "a post": tuple(post_given(each, NEW, "committee_member") for each in CRITICS.values()),
    "a relief": (relieved(SECRETARY, CELL), relieved(AUTHORITY, COMMUNE)),
    "a commune moved": (UnitMoved(unit_id=COMMUNE, parent_id=NEW),),
    "a dissolved commune": (UnitDissolved(unit_id=COMMUNE, successor_id=NEW),),
    "a dissolved cell": (UnitDissolved(unit_id=CELL, successor_id=OTHER_CELL),),
    "somebody moves in": (MemberMoved(member_id=STRANGER, unit_id=CELL),),
}


def test_a_criticism_tells_nothing_beside_itself_whatever_came_meanwhile(tmp_path: Path) -> None:
    """Told by the critic, it would stand in their own stream, at their moment, next to it."""
    gave = set[tuple[str, str]]()
    with every_case() as case:
        for number, (name, ahead) in enumerate(MOVES_A_CRITIC.items()):
            world = YearWorld(tmp_path / str(number))
            world.open_cycle()
            world.tell(formed(NEW), post_given(STRANGER, NEW, "secretary"))
            tell_ahead(world, *ahead)
            for role in (*CRITICS, "stranger"):
                with case(name, role):
                    before = world.size()
                    status = send(world, role, f"{REVIEW}/criticisms", {"text": WORDS})
                    gave |= {(name, role)} if status == HTTPStatus.CREATED else set()
                    assert world.size() - before == (status == HTTPStatus.CREATED)
            assert told_in_turn(world, FactTookEffect) == []
            world.system.close()
    assert {("a post", each) for each in CRITICS} <= gave
    assert {("a dissolved commune", "stranger"), ("somebody moves in", "stranger")} <= gave
    assert ("a relief", "authority") not in gave


def test_who_loses_meanwhile_what_came_today_opens_no_words_by_it(year: YearWorld) -> None:
    """That the timekeeper told of it meanwhile is no loss."""
    year.live("critique")
    tell_ahead(year, post_given(STRANGER, CELL, "secretary"))
    (text,) = year.system.store.database.rows("SELECT commitment FROM texts LIMIT 1")[0]
    asks = Asking(person=person_as(year.system, "stranger", STRANGER), correlation_id="test")

    def read() -> dict[str, str]:
        subject = Subject(Period(PERIOD), MEMBER)
        return readings.open_words(year.system, asks, subject, [text], roles={Role.SECRETARY})

    year.advance()
    assert read()
    year.tell(relieved(STRANGER, CELL))
    year.clock.time += A_DAY  # on which it is told again who reads

    with pytest.raises(ConcurrentAppend):
        read()
