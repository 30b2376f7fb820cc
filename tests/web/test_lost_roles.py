"""Who lost a post, a member or a role a second ago has it no more, in a session begun before.

The facts are in the log and nothing else knows of them: no list, no reaction.
"""

from collections.abc import Iterator, Mapping
from http import HTTPStatus
from itertools import product
from pathlib import Path

import pytest

from events.definitions.event import Code, FactVersion, Subject
from events.definitions.roster import (
    FactCorrected,
    LeavingReason,
    MemberLeft,
    MemberMoved,
    PostRelieved,
)
from events.domain.organisation.member import Member
from events.identifiers import MemberId, UnitId, member_stream
from services.access import accounts, tokens
from services.access.roles import Role, may, person_of, roles_towards
from tests.support.api_roles import REFUSED, ROUTES, ask_route, filled, refusal_of
from tests.support.cases import every_case
from tests.support.command_roles import COMMANDS, is_refused
from tests.support.page_roles import DEEDS, HTML, OF_AN, send_empty
from tests.support.sealed import sealed
from tests.support.world import CELL, COMMUNE, OTHER_CELL
from tests.support.year_world import (
    AFTER_THE_COMMITMENT_WAS_DUE,
    AUTHORITY,
    COMMITTEE,
    FOLLOWER,
    MEMBER,
    PEER,
    REVIEW,
    SECRETARY,
    SUPERIOR,
    YearWorld,
    post_given,
)
from workers.reacting import Reactor
from workers.reactions.transfers import Transfers

NOBODY = frozenset[Role]()
TOWARDS: Mapping[str, frozenset[Role]] = {  # what is left of them towards An's year
    "secretary": frozenset((Role.PEER,)),  # relieved, and a member of the cell yet
    "authority": NOBODY,  # relieved
    "committee": NOBODY,  # left
    "peer": NOBODY,  # moved
    "follower": NOBODY,  # died
    "superior": NOBODY,  # was never a member, as a correction says
    "auditor": NOBODY,  # not an auditor any more
}


@pytest.fixture(scope="module")
def year(tmp_path_factory: pytest.TempPathFactory) -> Iterator[YearWorld]:
    """A rated year, after which everybody but An lost what they were."""
    world = YearWorld(tmp_path_factory.mktemp("lost") / "data")
    world.open_cycle()
    world.reach(AFTER_THE_COMMITMENT_WAS_DUE)
    world.live()
    world.append(
        relieved(SECRETARY, CELL),
        relieved(AUTHORITY, COMMUNE),
        MemberLeft(member_id=COMMITTEE, reason=sealed(LeavingReason.RESIGNED)),
        MemberMoved(member_id=PEER, unit_id=OTHER_CELL),
        MemberLeft(member_id=FOLLOWER, reason=sealed(LeavingReason.DIED)),
        FactCorrected(subject=Subject(member_stream(SUPERIOR)), corrects=FactVersion(1)),
    )
    accounts.set_roles(world.system, "auditor", tuple)
    yield world
    world.system.close()


def relieved(member_id: MemberId, unit_id: UnitId) -> PostRelieved:
    return PostRelieved(member_id=member_id, unit_id=unit_id, post=Code("secretary"))


def test_no_page_or_route_lets_in_whoever_was_somebody_a_second_ago(year: YearWorld) -> None:
    """Whoever looks comes first, for what somebody does lets lists catch up."""
    with every_case() as case:
        for path, role in product(OF_AN, TOWARDS):
            with case(path, role):
                answer = year.read(role, path, **HTML)
                allowed = may(OF_AN[path], TOWARDS[role])
                assert (answer.status_code not in REFUSED) == allowed
        for name, role in product(sorted(ROUTES), TOWARDS):  # GET before POST
            with case(name, role):
                _is_as_it_is_now(year, name, role)
        for path, role in product(DEEDS, TOWARDS):
            with case(path, role):
                answer = send_empty(year, role, path)
                allowed = may(DEEDS[path], TOWARDS[role])
                assert (answer.status_code not in REFUSED) == allowed


def _is_as_it_is_now(year: YearWorld, name: str, role: str) -> None:
    route = ROUTES[name]
    if route.listed:
        assert filled(year, route.listed) not in ask_route(year, name, role).text
        return
    expected = refusal_of(route, TOWARDS[role], is_command=name.startswith("POST"))
    if route.of_top:
        expected = refusal_of(route, NOBODY, is_command=True)
    status = ask_route(year, name, role).status_code
    assert status == expected if expected else status not in REFUSED


def test_no_command_is_done_for_whoever_was_somebody_a_second_ago(year: YearWorld) -> None:
    with every_case() as case:
        for name, role in product(COMMANDS, TOWARDS):
            if not name.startswith("readings."):  # they are given what somebody is
                with case(name, role):
                    command = COMMANDS[name]
                    towards = NOBODY if command.of_top else TOWARDS[role]
                    allowed = may(command.action, towards)
                    assert is_refused(year, name, role) != allowed


@pytest.mark.parametrize(
    ("membership", "roles"), [("enrolled", {Role.LEADER}), ("left", set()), ("", set())]
)
def test_who_led_a_unit_answers_for_it_until_they_leave(membership: str, roles: set[Role]) -> None:
    holds = Member(membership=membership, unit_id=CELL)
    led_it = person_of("account", (), SECRETARY, holds)

    found = roles_towards(
        led_it.under(), subject=MemberId(CELL), path=(CELL, COMMUNE), leaders=(SECRETARY,)
    )

    assert found == roles


@pytest.mark.parametrize(
    ("membership", "roles"), [("enrolled", {Role.AUDITOR}), ("left", set()), ("", set())]
)
def test_what_was_given_to_a_members_account_ends_when_they_leave(
    membership: str, roles: set[Role]
) -> None:
    member = person_of("account", ("auditor",), SECRETARY, Member(membership=membership))
    no_member = person_of("account", ("auditor",), None, None)

    assert member.roles == roles
    assert no_member.roles == {Role.AUDITOR}


def test_an_earlier_position_opens_nothing_by_where_somebody_was(tmp_path: Path) -> None:
    """An went to another cell, with their year; whoever takes office in the old one came later."""
    world = YearWorld(tmp_path / "data")
    transfers = Reactor(world.system.store, Transfers(world.system), clock=world.clock)
    transfers.advance()  # from here on
    world.open_cycle()
    earlier = world.advance()
    world.tell(MemberMoved(member_id=MEMBER, unit_id=OTHER_CELL))
    transfers.advance()
    world.tell(relieved(SECRETARY, CELL), post_given(PEER, CELL, "secretary"))

    for path in (REVIEW, f"{REVIEW}?as_of={earlier}"):
        assert world.read("peer", path).status_code == HTTPStatus.NOT_FOUND
        assert world.read("authority", path).status_code == HTTPStatus.OK
    world.system.close()


def test_what_was_revoked_or_closed_opens_nothing_any_more(year: YearWorld) -> None:
    (token,) = tokens.every(year.system.store.database)
    tokens.revoke(year.system, token.id)
    accounts.disable(year.system, "administrator")

    with every_case() as case:
        for name, role in product(ROUTES, ("token", "administrator")):
            with case(name, role):
                assert ask_route(year, name, role).status_code == HTTPStatus.UNAUTHORIZED
