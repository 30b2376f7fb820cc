"""Role by command: each refuses whom the one role table does not name, whoever calls it how.

Addresses are in `test_roles` and `test_page_roles`; here nothing stands before the command itself.
"""

import ast
from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from services import commands, intake, queries, web
from services.access.roles import Action, Actor, Person, Role, may
from services.commands.work import Asking
from tests.support.api_roles import TOWARDS, TOWARDS_THE_TOP
from tests.support.cases import every_case
from tests.support.command_roles import COMMANDS, Command, is_refused, taking
from tests.support.world import OTHER_CELL
from tests.support.year_world import ACCOUNTS, STRANGER, YearWorld, post_given

# They say as who somebody acts, and let nobody do anything.
SAY_WHO = {"taking_effect.as_told", "takeovers.acting_in_year", "takeovers.is_own_now"}
# Whose post it is, or who stands in: the law asks that of who asks, and no role is towards a year.
OF_ONESELF = {"delegations.delegate", "delegations.end"}
CARRIES_OUT = {"work.perform"}  # whatever a command decides
# What requests have done in nobody's name, each after a command above, or nothing told by it.
ASK_NOBODY = {
    "cycles.open_all": "after require_joiner, or a command that opened or took over the year",
    "executor.attempt": "tries again what is done in it",
    "plans.stream_of": "tells nothing",
    "readings.unseal": "of names, of whoever is seen",
    "reviews.owner_of": "tells nothing",
    "rulebooks.keep": "what we ship is kept under its digest",
    "rulebooks.rules_by_name": "what we ship is published, after require_opener",
    "rulebooks.rules_unpublished": "tells nothing",
}
OF_THEMSELVES = ("secretary", "committee", "authority", "peer")  # reviewed, and mostly in office


@pytest.fixture(scope="module")
def year(rated_year: YearWorld) -> YearWorld:
    """An's rated year, and a stranger who leads a cell in another branch."""
    rated_year.tell(post_given(STRANGER, OTHER_CELL, "secretary"))
    return rated_year


def test_every_command_that_takes_who_asks_is_in_the_table() -> None:
    found = {*taking(commands, Asking, Person, Actor)}

    assert found - SAY_WHO - OF_ONESELF - CARRIES_OUT == set(COMMANDS)


def test_no_query_looks_at_who_asks_but_to_say_who_they_are() -> None:
    """So what is read is asked where it is shown: every address is in a table of its own."""
    assert {*taking(queries, Asking, Person, Actor)} == {
        "people.units_above",
        "speaking.under_speaking",
        "speaking.units_spoken_for",
    }


def test_what_requests_have_done_in_nobodys_name_is_known() -> None:
    named = {name for package in (web, intake) for name in _commands_named(package.__path__[0])}
    called = {name for name in named if name.rpartition(".")[2].islower()}  # no class, no constant

    assert called - {*COMMANDS} - SAY_WHO - OF_ONESELF == set(ASK_NOBODY)


def test_a_command_is_done_for_whom_the_table_of_roles_names(year: YearWorld) -> None:
    before = year.size()

    with every_case() as case:
        for name, role in product(COMMANDS, ACCOUNTS):
            with case(name, "by", role):
                command = COMMANDS[name]
                allowed = may(command.action, _towards(command, role))
                assert is_refused(year, name, role) != allowed
    assert year.size() == before


def test_nobody_does_about_their_own_year_what_others_are_to_do(year: YearWorld) -> None:
    own = frozenset((Role.MEMBER,))
    of_others = [name for name, each in COMMANDS.items() if not may(each.action, own)]

    with every_case() as case:
        for name, role in product(of_others, OF_THEMSELVES):
            if not COMMANDS[name].of_top and not name.startswith("readings."):
                with case(name, "by", role):
                    member_id = ACCOUNTS[role].member_id
                    assert member_id
                    assert is_refused(year, name, role, of=member_id)


def test_each_action_that_is_a_deed_is_asked_by_a_command() -> None:
    looks = {Action.SEE_STATE, Action.SEE_READERS, Action.SEE_UNIT, Action.AUDIT, Action.READ_LOG}

    assert {each.action for each in COMMANDS.values()} == set(Action) - looks


def _towards(command: Command, role: str) -> frozenset[Role]:
    return TOWARDS_THE_TOP.get(role, frozenset()) if command.of_top else TOWARDS[role]


def _commands_named(folder: str) -> Iterator[str]:
    """Iterate over the functions of commands that the modules in a folder name."""
    for path in Path(folder).rglob("*.py"):
        tree = ast.parse(path.read_text("utf-8"))
        modules = dict[str, str]()
        for node in ast.walk(tree):
            if not isinstance(node, ast.ImportFrom) or not node.module:
                continue
            package, _, module = node.module.removeprefix("services.").partition(".")
            if package == "commands" and not module:
                modules |= {each.asname or each.name: each.name for each in node.names}
            elif package == "commands":
                yield from (f"{module}.{e.name}" for e in node.names)
        for node in ast.walk(tree):
            match node:
                case ast.Attribute(value=ast.Name(id=name), attr=attr) if name in modules:
                    yield f"{modules[name]}.{attr}"
