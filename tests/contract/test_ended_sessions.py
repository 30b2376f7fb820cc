"""What ends somebody's sessions ends those that are just beginning too, on both databases."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from argon2 import PasswordHasher

from events.errors import TusoiError
from events.identifiers import UnitId
from services.access import account_rows, accounts, own_password, passwords, sessions, stops
from services.access.account_rows import Account
from services.access.accounts import SignInRefused
from services.access.own_password import PasswordWrong
from services.commands import rights
from services.context import Context
from tests.support.cases import every_case
from tests.support.fakes import SeededChance

LOGIN, OLD, NEW = "an.nguyễn", "trăng sáng trên đồng", "mây trắng trên đồi cao"
TREE = UnitId("treeaaaaaaaaaaaaaaaaaaaaaa")

Deed = Callable[[Context, Account], object]

ENDS: dict[str, Deed] = {
    "another password": lambda context, an: accounts.set_password(context, an.id, NEW),
    "the same password again": lambda context, an: accounts.set_password(context, an.id, OLD),
    "disabled": lambda context, an: accounts.disable(context, an.id),
    "stopped": lambda context, an: stops.stop(context, an.id, TREE),
    "ended by its owner": lambda context, an: own_password.end_sessions(context, an.id),
}


class Meanwhile(SeededChance):
    """Lets something happen once, when somebody draws the salt of a hash: after they looked."""

    def __init__(self, deed: Callable[[], object]) -> None:
        super().__init__(77)
        self._deeds = [deed]

    def bytes(self, count: int) -> bytes:
        if count == passwords.SALT_BYTES:
            for deed in (self._deeds.pop() for _ in self._deeds[:]):
                deed()
        return super().bytes(count)


@pytest.fixture
def an(context: Context) -> Account:
    return accounts.create(context, LOGIN, OLD)


def opens(context: Context, password: str) -> bool:
    try:
        accounts.sign_in(context, LOGIN, password)
    except SignInRefused:
        return False
    return True


def test_whatever_ends_sessions_ends_the_one_of_a_sign_in_under_way(
    context: Context, an: Account
) -> None:
    """Also once the account is open again: what was checked before opens nothing after."""
    with every_case() as case:
        for name, ends in ENDS.items():
            with case(name):
                known = accounts.sign_in(context, LOGIN, OLD)
                before = sessions.begin(context, known)
                ends(context, an)

                with pytest.raises(SignInRefused):
                    sessions.begin(context, known)
                assert sessions.find(context, before) is None
                accounts.enable(context, an.id)
                accounts.set_password(context, an.id, OLD)
                with pytest.raises(SignInRefused):
                    sessions.begin(context, known)
                assert context.store.database.rows("SELECT 1 FROM sessions") == []


def test_a_reset_while_a_hash_is_made_anew_is_not_undone(context: Context, an: Account) -> None:
    weak = PasswordHasher(1, 1024, 1).hash(OLD)
    account_rows.change(context, an.id, lambda _, kept: kept._replace(password=weak))
    chance = Meanwhile(lambda: accounts.set_password(context, an.id, NEW))

    known = accounts.sign_in(replace(context, chance=chance), LOGIN, OLD)

    with pytest.raises(SignInRefused):
        sessions.begin(context, known)
    assert (opens(context, OLD), opens(context, NEW)) == (False, True)


def test_who_changes_a_password_undoes_nothing_that_happened_meanwhile(
    context: Context, an: Account
) -> None:
    """A thief with an open session sends the old one in its own place, over and over."""
    with every_case() as case:
        for name, ends in ENDS.items():
            with case(name):
                accounts.enable(context, an.id)
                accounts.set_password(context, an.id, OLD)
                found = accounts.sign_in(context, LOGIN, OLD)
                secret = sessions.begin(context, found)
                chance = Meanwhile(lambda ends=ends: ends(context, an))  # type: ignore[misc]

                with pytest.raises(PasswordWrong):
                    own_password.change_password(
                        replace(context, chance=chance),
                        found,
                        OLD,
                        "một mật khẩu khác hẳn",
                        session=sessions.digest_of(secret),
                    )

                assert sessions.find(context, secret) is None
                accounts.enable(context, an.id)
                assert not opens(context, "một mật khẩu khác hẳn")


def test_a_session_that_ended_is_not_carried_over_by_whoever_ends_the_others(
    context: Context, an: Account
) -> None:
    thief = sessions.begin(context, an)
    accounts.set_password(context, an.id, NEW)

    own_password.end_sessions(context, an.id, but=sessions.digest_of(thief))

    assert sessions.find(context, thief) is None


def test_who_changes_their_password_goes_on_in_one_session(context: Context, an: Account) -> None:
    here, there = (sessions.begin(context, an) for _ in range(2))
    digest = sessions.digest_of(here)

    changed = own_password.change_password(context, an, OLD, NEW, session=digest)
    own_password.end_sessions(context, an.id, but=digest)

    assert sessions.find(context, here) == accounts.find(context, an.id)
    assert changed.generation == an.generation + 1
    assert sessions.find(context, there) is None


def test_two_who_change_roles_at_once_both_have_their_way(context: Context) -> None:
    an = rights.make_account(context, LOGIN, None)

    rights.change_roles(context, an, give=("auditor",))
    rights.change_roles(context, an, give=("administrator",))  # who saw the account before
    assert accounts.find(context, an.id).roles == ("auditor", "administrator")
    roles = rights.change_roles(context, an, take=("auditor",))

    assert accounts.find(context, an.id).roles == roles == ("administrator",)


def test_whoever_disables_and_enables_at_once_leaves_what_the_log_tells(context: Context) -> None:
    an = rights.make_account(context, LOGIN, None)
    rights.disable(context, an)

    rights.enable(context, an)
    accounts.disable(context, an.id)  # as another one did, who told it before, and writes it late
    rights.enable(context, an)

    assert accounts.find(context, an.id).is_open


def test_what_is_not_there_is_not_changed(context: Context) -> None:
    nobody = Account(id="nobody", login=LOGIN, created_at=context.clock.now())

    for begins in (
        lambda: sessions.begin(context, nobody),
        lambda: own_password.change_password(context, nobody, OLD, NEW, session=b""),
    ):
        with pytest.raises(TusoiError):
            begins()
    stops.stop(context, "nobody", None)
    stops.resume(context, "nobody")

    assert accounts.every(context) == []
