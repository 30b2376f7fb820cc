"""Whoever writes into the database, and has no key, opens nothing in another's name."""

import hashlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

import pytest
from structlog.testing import capture_logs

from events.identifiers import MemberId, UnitId
from events.vault.boxes import BoxDamaged
from services.access import accounts, passwords, sessions, stops, tokens
from services.access.account_rows import Account
from services.access.accounts import SignInRefused
from services.access.tokens import Grants, NotAuthenticated
from services.context import Context
from tests.support.cases import every_case
from tests.support.fakes import SeededChance
from tests.support.tampering import Intruder

AN, BINH = MemberId("memberanaaaaaaaaaaaaaaaaaa"), MemberId("memberbinhaaaaaaaaaaaaaaaa")
PASSWORD, MADE_UP = "trăng sáng trên đồng", "mật khẩu của kẻ gian"
SECRET = "chosen-by-me"


class Forger(NamedTuple):
    """Binh, who has an account and the database, and would be An."""

    context: Context
    an: Account
    binh: Account
    session: str  # Binh's own

    def run(self, sql: str, *parameters: object) -> None:
        assert Intruder(self.context.store).run(sql, parameters) > 0

    @property
    def signed_in(self) -> Account | None:
        return sessions.find(self.context, self.session)


@pytest.fixture
def forger(context: Context) -> Iterator[Forger]:
    an = accounts.create(context, "an", PASSWORD, member_id=AN)
    binh = accounts.create(context, "bình", PASSWORD, member_id=BINH)
    with capture_logs():
        yield Forger(context, an, binh, sessions.begin(context, binh))


def test_a_session_that_somebody_wrote_opens_nothing(forger: Forger) -> None:
    made_up = hashlib.sha256(SECRET.encode()).digest()
    columns = "account_id, generation, createdat, browser, seal"
    own = f"SELECT ?, {columns} FROM sessions WHERE account_id = ?"
    forger.run(f"INSERT INTO sessions (digest, {columns}) {own}", made_up, forger.binh.id)
    forger.run("UPDATE sessions SET account_id = ? WHERE digest = ?", forger.an.id, made_up)
    with capture_logs() as lines:
        assert sessions.find(forger.context, SECRET) is None
    assert [(each["event"], each["what"]) for each in lines] == [("forged", "session")]
    forger.run("DELETE FROM sessions WHERE digest = ?", made_up)

    assert forger.signed_in == forger.binh
    forger.run("UPDATE sessions SET account_id = ?", forger.an.id)

    assert forger.signed_in is None


@pytest.mark.parametrize(
    "change",
    [
        "member_id = 'memberanaaaaaaaaaaaaaaaaaa'",
        "member_id = NULL",
        "roles = '[\"auditor\"]'",
        "generation = 9",
        "createdat = 1",
        "tree = 'x'",
    ],
)
def test_an_account_that_somebody_changed_opens_to_nobody(forger: Forger, change: str) -> None:
    """Binh would be An, or an auditor; neither a session goes on, nor does the password open."""
    forger.run("DELETE FROM accounts WHERE id = ?", forger.an.id)  # whose member nobody has twice

    forger.run(f"UPDATE accounts SET {change} WHERE id = ?", forger.binh.id)

    assert forger.signed_in is None
    with pytest.raises(SignInRefused):
        accounts.sign_in(forger.context, "bình", PASSWORD)


def test_a_password_of_ones_own_opens_no_other_account(forger: Forger) -> None:
    accounts.set_password(forger.context, forger.binh.id, MADE_UP)
    own = "UPDATE accounts SET box = (SELECT box FROM accounts WHERE id = ?) WHERE id = ?"
    forger.run(own, forger.binh.id, forger.an.id)
    with pytest.raises(SignInRefused):
        accounts.sign_in(forger.context, "an", MADE_UP)

    hashed = passwords.hash_password(MADE_UP, SeededChance(61)).encode()
    forger.run("UPDATE accounts SET box = ? WHERE id = ?", hashed, forger.an.id)

    with pytest.raises(SignInRefused):
        accounts.sign_in(forger.context, "an", MADE_UP)


@pytest.mark.parametrize("closes", ["disable", "stop"])
def test_an_account_that_was_closed_is_opened_by_no_row(forger: Forger, closes: str) -> None:
    if closes == "stop":
        stops.stop(forger.context, forger.binh.id, UnitId("tree"))
    else:
        accounts.disable(forger.context, forger.binh.id)

    forger.run("UPDATE accounts SET disabledat = NULL, stoppedat = NULL, tree = NULL")

    with pytest.raises(SignInRefused):
        accounts.sign_in(forger.context, "bình", PASSWORD)


def test_a_token_that_somebody_wrote_or_widened_opens_nothing(forger: Forger) -> None:
    context = forger.context
    token, secret = tokens.make(context, "HR", Grants(states=True))
    made_up = hashlib.sha256(SECRET.encode()).digest()
    changes = {
        "another secret": ("digest = ?", made_up),
        "wider grants": ("grants = ?", '{"reads":["all"]}'),
        "another name": ("id = ?", "another"),
    }
    assert tokens.authenticate(context, secret).id == f"token:{token.id}"

    with every_case() as case:
        for name, (change, value) in changes.items():
            with case(name):
                _, secret = tokens.make(context, name, Grants(states=True))
                forger.run(f"UPDATE tokens SET {change} WHERE name = ?", value, name)
                for each in (secret, SECRET):
                    with pytest.raises(NotAuthenticated):
                        tokens.authenticate(context, each)


def test_a_revoked_token_is_revoked_whatever_its_row_says_then(forger: Forger) -> None:
    token, secret = tokens.make(forger.context, "HR", Grants(states=True))
    tokens.revoke(forger.context, token.id)

    forger.run("UPDATE tokens SET revokedat = NULL")

    with pytest.raises(NotAuthenticated):
        tokens.authenticate(forger.context, secret)


def test_no_operator_makes_a_forged_account_good_by_changing_it(forger: Forger) -> None:
    forger.run("UPDATE accounts SET roles = '[\"auditor\"]' WHERE id = ?", forger.binh.id)

    changes: tuple[Callable[[], None], ...] = (
        lambda: accounts.set_password(forger.context, forger.binh.id, MADE_UP),
        lambda: accounts.enable(forger.context, forger.binh.id),
        lambda: accounts.set_roles(forger.context, forger.binh.id, tuple),
    )
    for change in changes:
        with pytest.raises(BoxDamaged):
            change()
    stops.stop(forger.context, forger.binh.id, None)  # which parks nobody's stream

    assert accounts.every(forger.context) == [forger.an]


def test_neither_login_nor_hash_stands_in_the_database(forger: Forger) -> None:
    held = str(forger.context.store.database.rows("SELECT * FROM accounts"))

    assert "argon2" not in held
    assert "bình" not in held
