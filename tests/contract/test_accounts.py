"""Who may sign in, with what, and how often they may be wrong, on both databases."""

import contextlib
import threading
import unicodedata
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from events.errors import TusoiError
from events.identifiers import MemberId
from events.store.database import Database
from events.store.store import Store
from services.access import accounts, browsers, passwords, sessions
from services.access.accounts import (
    LOGIN_MAX,
    Account,
    AccountExists,
    LoginRefused,
    RoleRefused,
    SignInRefused,
    UnknownAccount,
)
from services.access.attempts import ATTEMPTS_FREE, WAIT_SECONDS_MAX, Client, TooManyAttempts
from services.access.passwords import PASSWORD_MAX, PASSWORD_MIN, PasswordRefused
from services.access.sessions import IDLE, LONGEST, SEEN_EVERY, SESSIONS_MAX
from tests.support.fakes import FixedClock, SeededChance

AN = MemberId("memberanaaaaaaaaaaaaaaaaaa")
LOGIN, PASSWORD = "an.nguyễn", "trăng sáng trên đồng"
WRONG = "mây đen trên đồi cao"
INDEX_KEY = bytes(32)
CHANCE = SeededChance(11)


@pytest.fixture
def database(store: Store) -> Database:
    return store.database


@pytest.fixture
def an(database: Database, clock: FixedClock) -> Account:
    return accounts.create(database, LOGIN, PASSWORD, member_id=AN, clock=clock, chance=CHANCE)


def sign_in(database: Database, clock: FixedClock, login: str, password: str) -> Account:
    return accounts.sign_in(
        database, login, password, index_key=INDEX_KEY, clock=clock, chance=CHANCE
    )


def fail(database: Database, clock: FixedClock, times: int, login: str = LOGIN) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in(database, clock, login, WRONG)


def begin(database: Database, clock: FixedClock, account: Account) -> str:
    return sessions.begin(database, account.id, clock=clock, chance=CHANCE)


def test_account_is_found_as_it_was_made(database: Database, an: Account) -> None:
    assert accounts.find(database, an.id) == an
    assert accounts.find_login(database, LOGIN) == an
    assert accounts.every(database) == [an]


@pytest.mark.parametrize(
    "typed", [LOGIN, f" {LOGIN} ", LOGIN.upper(), unicodedata.normalize("NFD", LOGIN)]
)
def test_login_is_the_same_however_it_is_typed(
    database: Database, clock: FixedClock, an: Account, typed: str
) -> None:
    password = unicodedata.normalize("NFD", PASSWORD)

    assert sign_in(database, clock, typed, password) == an


@pytest.mark.parametrize("login", ["", " ", "an nguyen", "an\nb", "a\x00b", "\ud800", "a" * 101])
def test_login_has_printable_characters_and_no_spaces(
    database: Database, clock: FixedClock, login: str
) -> None:
    with pytest.raises(LoginRefused) as refused:
        accounts.create(database, login, PASSWORD, clock=clock, chance=CHANCE)

    assert str(LOGIN_MAX) in str(refused.value)
    with pytest.raises(SignInRefused):
        sign_in(database, clock, login, PASSWORD)


@pytest.mark.parametrize(
    "password", ["a" * (PASSWORD_MIN - 1), "a" * (PASSWORD_MAX + 1), "\t" * 20]
)
def test_password_is_neither_short_nor_endless_nor_unprintable(
    database: Database, clock: FixedClock, an: Account, password: str
) -> None:
    with pytest.raises(PasswordRefused):
        accounts.set_password(database, an.id, password, chance=CHANCE)

    assert sign_in(database, clock, LOGIN, PASSWORD) == an


@pytest.mark.parametrize("role", ["secretary", "member", "root"])
def test_only_auditors_and_administrators_are_made(
    database: Database, clock: FixedClock, role: str
) -> None:
    with pytest.raises(RoleRefused):
        accounts.create(database, LOGIN, PASSWORD, roles=(role,), clock=clock, chance=CHANCE)

    assert accounts.every(database) == []


@pytest.mark.parametrize(("login", "member_id"), [(LOGIN, None), ("an.2", AN)])
def test_login_and_member_have_one_account(
    database: Database, clock: FixedClock, an: Account, login: str, member_id: MemberId | None
) -> None:
    with pytest.raises(AccountExists):
        accounts.create(database, login, PASSWORD, member_id=member_id, clock=clock, chance=CHANCE)

    assert accounts.every(database) == [an]


def test_accounts_without_member_stand_side_by_side(database: Database, clock: FixedClock) -> None:
    for login in ("audit.1", "audit.2"):
        accounts.create(database, login, PASSWORD, roles=("auditor",), clock=clock, chance=CHANCE)

    assert [each.login for each in accounts.every(database)] == ["audit.1", "audit.2"]


def test_every_refusal_says_the_same(database: Database, clock: FixedClock, an: Account) -> None:
    binh = accounts.create(database, "bình", PASSWORD, clock=clock, chance=CHANCE)
    accounts.disable(database, binh.id, clock=clock)

    told = set()
    for login, password in ((LOGIN, WRONG), (LOGIN, ""), ("chi", PASSWORD), ("bình", PASSWORD)):
        with pytest.raises(SignInRefused) as refused:
            sign_in(database, clock, login, password)
        told.add((refused.value.code, str(refused.value)))

    assert len(told) == 1
    assert an.login not in told.pop()[1]


def test_an_account_without_a_password_opens_to_nobody_until_it_gets_one(
    database: Database, clock: FixedClock
) -> None:
    made = accounts.create(database, LOGIN, None, member_id=AN, clock=clock, chance=CHANCE)

    for tried in (PASSWORD, "", "A" * 32):
        with pytest.raises(SignInRefused):
            sign_in(database, clock, LOGIN, tried)
    accounts.set_password(database, made.id, PASSWORD, chance=CHANCE)

    assert sign_in(database, clock, LOGIN, PASSWORD).id == made.id


def test_enabled_again_an_account_signs_in(
    database: Database, clock: FixedClock, an: Account
) -> None:
    accounts.disable(database, an.id, clock=clock)
    disabled = accounts.find(database, an.id)
    clock.tick(60)
    accounts.disable(database, an.id, clock=clock)

    assert accounts.find(database, an.id) == disabled
    accounts.enable(database, an.id)
    assert sign_in(database, clock, LOGIN, PASSWORD) == an


def test_unknown_accounts_are_told(database: Database, clock: FixedClock) -> None:
    for ask in (
        lambda: accounts.find(database, "nobody"),
        lambda: accounts.find_login(database, "nobody"),
        lambda: accounts.find_login(database, "no body"),
        lambda: accounts.disable(database, "nobody", clock=clock),
        lambda: accounts.enable(database, "nobody"),
        lambda: accounts.set_password(database, "nobody", PASSWORD, chance=CHANCE),
    ):
        with pytest.raises(UnknownAccount, match="tusoi accounts list"):
            ask()


def test_after_five_failures_each_attempt_waits_longer(
    database: Database, clock: FixedClock, an: Account
) -> None:
    fail(database, clock, ATTEMPTS_FREE)

    waits = []
    for _ in range(12):
        with pytest.raises(TooManyAttempts) as early:
            sign_in(database, clock, LOGIN, PASSWORD)
        waits.append(early.value.seconds)
        clock.tick(early.value.seconds)
        fail(database, clock, 1)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, WAIT_SECONDS_MAX, WAIT_SECONDS_MAX]
    clock.tick(WAIT_SECONDS_MAX)
    assert sign_in(database, clock, LOGIN, PASSWORD) == an


def test_success_clears_the_count(database: Database, clock: FixedClock, an: Account) -> None:
    fail(database, clock, ATTEMPTS_FREE - 1)
    sign_in(database, clock, LOGIN, PASSWORD)

    fail(database, clock, ATTEMPTS_FREE)

    with pytest.raises(TooManyAttempts):
        sign_in(database, clock, an.login, PASSWORD)


def test_failures_are_forgotten_after_a_day(
    database: Database, clock: FixedClock, an: Account
) -> None:
    fail(database, clock, ATTEMPTS_FREE)
    clock.tick(timedelta(days=1, seconds=1).total_seconds())

    fail(database, clock, ATTEMPTS_FREE, login="other")

    assert len(database.rows("SELECT 1 FROM attempts")) == 1
    assert sign_in(database, clock, LOGIN, PASSWORD) == an


def test_who_is_unknown_waits_too_and_nobody_waits_for_others(
    database: Database, clock: FixedClock, an: Account
) -> None:
    fail(database, clock, ATTEMPTS_FREE, login="nobody")

    with pytest.raises(TooManyAttempts):
        sign_in(database, clock, "nobody", WRONG)
    assert sign_in(database, clock, LOGIN, PASSWORD) == an


def test_what_was_typed_as_login_is_kept_nowhere(database: Database, clock: FixedClock) -> None:
    fail(database, clock, 1, login="my-password-by-mistake")

    ((name,),) = database.rows("SELECT name FROM attempts")
    assert "password" not in name


def test_guesses_side_by_side_are_all_counted(
    database: Database, clock: FixedClock, an: Account
) -> None:
    ends: list[str] = []

    def guess() -> None:
        with contextlib.suppress(TusoiError):
            try:
                sign_in(database, clock, an.login, WRONG)
            except TusoiError as error:
                ends.append(error.code)
                raise

    guessing = [threading.Thread(target=guess) for _ in range(3 * ATTEMPTS_FREE)]
    for each in guessing:
        each.start()
    for each in guessing:
        each.join()

    assert sorted(ends) == ["sign_in_refused"] * ATTEMPTS_FREE + ["too_many_attempts"] * (
        2 * ATTEMPTS_FREE
    )


def test_tries_from_many_places_at_once_are_all_counted(
    database: Database, clock: FixedClock, an: Account
) -> None:
    """They count in shared places too, in one order, so that none waits for another for ever."""
    ends: list[str] = []

    def guess(login: str, address: str) -> None:
        try:
            accounts.sign_in(
                database,
                login,
                WRONG,
                index_key=INDEX_KEY,
                clock=clock,
                chance=CHANCE,
                client=Client(address),
            )
        except TusoiError as error:
            ends.append(error.code)

    places = [(login, f"192.0.2.{n}") for login in (an.login, "nobody") for n in range(6)]
    guessing = [threading.Thread(target=guess, args=each) for each in places]
    for each in guessing:
        each.start()
    for each in guessing:
        each.join()

    counts = database.rows("SELECT count FROM attempts ORDER BY count")
    assert ends == ["sign_in_refused"] * len(places)
    assert [count for (count,) in counts] == [1] * 12 + [2] * 6 + [6] * 2


def test_a_mark_of_a_browser_is_kept_nowhere(
    database: Database, clock: FixedClock, an: Account
) -> None:
    mark = browsers.mark(None, an.id, index_key=INDEX_KEY, clock=clock, chance=CHANCE)
    fail(database, clock, ATTEMPTS_FREE)

    client = Client("192.0.2.7", mark)
    found = accounts.sign_in(
        database, LOGIN, PASSWORD, index_key=INDEX_KEY, clock=clock, chance=CHANCE, client=client
    )

    assert found == an
    assert mark.partition(".")[0] not in str(database.rows("SELECT * FROM attempts"))


def test_sessions_of_one_account_are_bounded(
    database: Database, clock: FixedClock, an: Account
) -> None:
    binh = accounts.create(database, "bình", PASSWORD, clock=clock, chance=CHANCE)
    others, first = begin(database, clock, binh), begin(database, clock, an)

    for _ in range(SESSIONS_MAX - 1):
        clock.tick(1)
        begin(database, clock, an)
    clock.tick(1)
    last = begin(database, clock, an)

    assert len(sessions.every(database, an.id, last, clock=clock)) == SESSIONS_MAX
    assert sessions.find(database, first, clock=clock) is None
    assert sessions.find(database, last, clock=clock) == an
    assert sessions.find(database, others, clock=clock) == binh


def test_hash_of_other_strength_is_made_anew_at_sign_in(
    database: Database, clock: FixedClock, an: Account
) -> None:
    weak = PasswordHasher(1, 1024, 1).hash(PASSWORD)
    sql = "UPDATE accounts SET password = ? WHERE id = ?"
    database.transact(lambda each: each.run(sql, (weak, an.id)))

    assert sign_in(database, clock, LOGIN, PASSWORD) == an

    ((kept,),) = database.rows("SELECT password FROM accounts")
    assert not passwords.is_outdated(kept)
    assert PASSWORD not in kept
    assert sign_in(database, clock, LOGIN, PASSWORD) == an


def test_nobodys_hash_costs_as_much_as_anybodys() -> None:
    made = passwords.hash_password(PASSWORD, CHANCE)

    assert not passwords.is_outdated(passwords.NOBODYS)
    assert len(passwords.NOBODYS) == len(made)
    assert not passwords.fits(PASSWORD, passwords.NOBODYS)


def test_drawn_password_can_be_typed_and_is_good_enough() -> None:
    drawn = passwords.drawn_password(CHANCE)

    assert [len(each) for each in drawn.split("-")] == [5] * 4
    assert set(drawn) <= {*passwords.DRAWN_ALPHABET, "-"}
    assert len(set(passwords.DRAWN_ALPHABET)) == 32
    assert passwords.fits(drawn, passwords.hash_password(drawn, CHANCE))


def test_session_opens_its_account_until_it_ends(
    database: Database, clock: FixedClock, an: Account
) -> None:
    secret, other = (begin(database, clock, an) for _ in range(2))

    assert sessions.find(database, secret, clock=clock) == an
    sessions.end(database, secret)
    assert sessions.find(database, secret, clock=clock) is None
    assert sessions.find(database, other, clock=clock) == an
    assert sessions.find(database, "made up \ud800", clock=clock) is None


def test_session_lasts_as_long_as_it_is_used_and_a_day_at_most(
    database: Database, clock: FixedClock, an: Account
) -> None:
    used, idle = (begin(database, clock, an) for _ in range(2))
    began = clock.now()

    while clock.now() < began + LONGEST:
        assert sessions.find(database, used, clock=clock) == an
        clock.tick(IDLE.total_seconds() / 2)
        if clock.now() >= began + IDLE:
            assert sessions.find(database, idle, clock=clock) is None

    assert sessions.find(database, used, clock=clock) is None


def test_session_that_is_over_leaves_no_row_once_another_begins(
    database: Database, clock: FixedClock, an: Account
) -> None:
    begin(database, clock, an)
    clock.tick(IDLE.total_seconds())

    begin(database, clock, an)

    assert len(database.rows("SELECT 1 FROM sessions")) == 1


def test_use_is_written_down_once_a_minute_at_most(
    database: Database, clock: FixedClock, an: Account
) -> None:
    secret = begin(database, clock, an)
    seen = []

    for _ in range(4):
        clock.tick(SEEN_EVERY.total_seconds() / 2)
        sessions.find(database, secret, clock=clock)
        seen += database.rows("SELECT seenat - createdat FROM sessions")

    assert [each for (each,) in seen] == [0, 60_000_000, 60_000_000, 120_000_000]


@pytest.mark.parametrize("what", ["password", "disable"])
def test_sessions_end_with_a_new_password_and_with_the_account(
    database: Database, clock: FixedClock, an: Account, what: str
) -> None:
    binh = accounts.create(database, "bình", PASSWORD, clock=clock, chance=CHANCE)
    secret, others = begin(database, clock, an), begin(database, clock, binh)

    if what == "password":
        accounts.set_password(database, an.id, WRONG, chance=CHANCE)
    else:
        accounts.disable(database, an.id, clock=clock)
        accounts.enable(database, an.id)

    assert sessions.find(database, secret, clock=clock) is None
    assert sessions.find(database, others, clock=clock) == binh


def test_disabled_account_opens_nothing_whenever_the_session_began(
    database: Database, clock: FixedClock, an: Account
) -> None:
    """Somebody may be disabled between the check of a password and the session's beginning."""
    accounts.disable(database, an.id, clock=clock)

    secret = begin(database, clock, an)

    assert sessions.find(database, secret, clock=clock) is None
