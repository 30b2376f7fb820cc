"""Who may sign in, with what, and how often they may be wrong, on both databases."""

import contextlib
import subprocess
import sys
import threading
import unicodedata
from datetime import timedelta

import pytest
from argon2 import PasswordHasher

from events.errors import TusoiError
from events.identifiers import MemberId
from events.store.database import microseconds
from services.access import account_rows, accounts, browsers, passwords, sessions
from services.access.account_rows import Account, AccountExists, UnknownAccount
from services.access.accounts import LOGIN_MAX, LoginRefused, RoleRefused, SignInRefused
from services.access.attempts import ATTEMPTS_FREE, WAIT_SECONDS_MAX, Client, TooManyAttempts
from services.access.passwords import PASSWORD_MAX, PASSWORD_MIN, PasswordRefused
from services.access.sessions import LONGEST, SESSIONS_MAX, TOLD_TO
from services.context import Context
from tests.support.fakes import START, FixedClock, SeededChance

AN = MemberId("memberanaaaaaaaaaaaaaaaaaa")
LOGIN, PASSWORD = "an.nguyễn", "trăng sáng trên đồng"
WRONG = "mây đen trên đồi cao"
CHANCE = SeededChance(11)
OWASP = "$argon2id$v=19$m=19456,t=2,p=1$"  # the least of its Password Storage Cheat Sheet


@pytest.fixture
def an(context: Context) -> Account:
    return accounts.create(context, LOGIN, PASSWORD, member_id=AN)


def sign_in(context: Context, login: str, password: str) -> Account:
    return accounts.sign_in(context, login, password)


def fail(context: Context, times: int, login: str = LOGIN) -> None:
    for _ in range(times):
        with pytest.raises(SignInRefused):
            sign_in(context, login, WRONG)


def begin(context: Context, account: Account) -> str:
    return sessions.begin(context, account)


def test_account_is_found_as_it_was_made(context: Context, an: Account) -> None:
    assert accounts.find(context, an.id) == an
    assert accounts.find_login(context, LOGIN) == an
    assert accounts.every(context) == [an]


@pytest.mark.parametrize(
    "typed", [LOGIN, f" {LOGIN} ", LOGIN.upper(), unicodedata.normalize("NFD", LOGIN)]
)
def test_login_is_the_same_however_it_is_typed(context: Context, an: Account, typed: str) -> None:
    password = unicodedata.normalize("NFD", PASSWORD)

    assert sign_in(context, typed, password) == an


@pytest.mark.parametrize("login", ["", " ", "an nguyen", "an\nb", "a\x00b", "\ud800", "a" * 101])
def test_login_has_printable_characters_and_no_spaces(context: Context, login: str) -> None:
    with pytest.raises(LoginRefused) as refused:
        accounts.create(context, login, PASSWORD)

    assert str(LOGIN_MAX) in str(refused.value)
    with pytest.raises(SignInRefused):
        sign_in(context, login, PASSWORD)


@pytest.mark.parametrize(
    "password", ["a" * (PASSWORD_MIN - 1), "a" * (PASSWORD_MAX + 1), "\t" * 20]
)
def test_password_is_neither_short_nor_endless_nor_unprintable(
    context: Context, an: Account, password: str
) -> None:
    with pytest.raises(PasswordRefused):
        accounts.set_password(context, an.id, password)

    assert sign_in(context, LOGIN, PASSWORD) == an


@pytest.mark.parametrize("role", ["secretary", "member", "root"])
def test_only_auditors_and_administrators_are_made(context: Context, role: str) -> None:
    with pytest.raises(RoleRefused):
        accounts.create(context, LOGIN, PASSWORD, roles=(role,))

    assert accounts.every(context) == []


@pytest.mark.parametrize(("login", "member_id"), [(LOGIN, None), ("an.2", AN)])
def test_login_and_member_have_one_account(
    context: Context, an: Account, login: str, member_id: MemberId | None
) -> None:
    with pytest.raises(AccountExists):
        accounts.create(context, login, PASSWORD, member_id=member_id)

    assert accounts.every(context) == [an]


def test_accounts_without_member_stand_side_by_side(context: Context) -> None:
    for login in ("audit.1", "audit.2"):
        accounts.create(context, login, PASSWORD, roles=("auditor",))

    assert [each.login for each in accounts.every(context)] == ["audit.1", "audit.2"]


def test_every_refusal_says_the_same(context: Context, an: Account) -> None:
    binh = accounts.create(context, "bình", PASSWORD)
    accounts.disable(context, binh.id)

    told = set()
    for login, password in ((LOGIN, WRONG), (LOGIN, ""), ("chi", PASSWORD), ("bình", PASSWORD)):
        with pytest.raises(SignInRefused) as refused:
            sign_in(context, login, password)
        told.add((refused.value.code, str(refused.value)))

    assert len(told) == 1
    assert an.login not in told.pop()[1]


def test_an_account_without_a_password_opens_to_nobody_until_it_gets_one(context: Context) -> None:
    made = accounts.create(context, LOGIN, None, member_id=AN)

    for tried in (PASSWORD, "", "A" * 32):
        with pytest.raises(SignInRefused):
            sign_in(context, LOGIN, tried)
    accounts.set_password(context, made.id, PASSWORD)

    assert sign_in(context, LOGIN, PASSWORD).id == made.id


def test_enabled_again_an_account_signs_in(
    context: Context, clock: FixedClock, an: Account
) -> None:
    accounts.disable(context, an.id)
    disabled = accounts.find(context, an.id)
    clock.tick(60)
    accounts.disable(context, an.id)

    assert accounts.find(context, an.id) == disabled
    accounts.enable(context, an.id)
    assert sign_in(context, LOGIN, PASSWORD).id == an.id


def test_unknown_accounts_are_told(context: Context) -> None:
    for ask in (
        lambda: accounts.find(context, "nobody"),
        lambda: accounts.find_login(context, "nobody"),
        lambda: accounts.find_login(context, "no body"),
        lambda: accounts.disable(context, "nobody"),
        lambda: accounts.enable(context, "nobody"),
        lambda: accounts.set_password(context, "nobody", PASSWORD),
    ):
        with pytest.raises(UnknownAccount, match="tusoi accounts list"):
            ask()


def test_after_five_failures_each_attempt_waits_longer(
    context: Context, clock: FixedClock, an: Account
) -> None:
    fail(context, ATTEMPTS_FREE)

    waits = []
    for _ in range(12):
        with pytest.raises(TooManyAttempts) as early:
            sign_in(context, LOGIN, PASSWORD)
        waits.append(early.value.seconds)
        clock.tick(early.value.seconds)
        fail(context, 1)

    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, WAIT_SECONDS_MAX, WAIT_SECONDS_MAX]
    clock.tick(WAIT_SECONDS_MAX)
    assert sign_in(context, LOGIN, PASSWORD) == an


def test_success_clears_the_count(context: Context, an: Account) -> None:
    fail(context, ATTEMPTS_FREE - 1)
    sign_in(context, LOGIN, PASSWORD)

    fail(context, ATTEMPTS_FREE)

    with pytest.raises(TooManyAttempts):
        sign_in(context, an.login, PASSWORD)


def test_failures_are_forgotten_after_a_day(
    context: Context, clock: FixedClock, an: Account
) -> None:
    fail(context, ATTEMPTS_FREE)
    clock.tick(timedelta(days=1, seconds=1).total_seconds())

    fail(context, ATTEMPTS_FREE, login="other")

    assert len(context.store.database.rows("SELECT 1 FROM attempts")) == 1
    assert sign_in(context, LOGIN, PASSWORD) == an


def test_who_is_unknown_waits_too_and_nobody_waits_for_others(
    context: Context, an: Account
) -> None:
    fail(context, ATTEMPTS_FREE, login="nobody")

    with pytest.raises(TooManyAttempts):
        sign_in(context, "nobody", WRONG)
    assert sign_in(context, LOGIN, PASSWORD) == an


def test_what_was_typed_as_login_is_kept_nowhere(context: Context) -> None:
    fail(context, 1, login="my-password-by-mistake")

    ((name,),) = context.store.database.rows("SELECT name FROM attempts")
    assert "password" not in name


def test_guesses_side_by_side_are_all_counted(context: Context, an: Account) -> None:
    ends: list[str] = []

    def guess() -> None:
        with contextlib.suppress(TusoiError):
            try:
                sign_in(context, an.login, WRONG)
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


def test_tries_from_many_places_at_once_are_all_counted(context: Context, an: Account) -> None:
    """They count in shared places too, in one order, so that none waits for another for ever."""
    ends: list[str] = []

    def guess(login: str, address: str) -> None:
        try:
            accounts.sign_in(
                context,
                login,
                WRONG,
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

    counts = context.store.database.rows("SELECT count FROM attempts ORDER BY count")
    assert ends == ["sign_in_refused"] * len(places)
    assert [count for (count,) in counts] == [1] * 12 + [2] * 6 + [6] * 2


def test_a_mark_of_a_browser_is_kept_nowhere(context: Context, an: Account) -> None:
    index_key = context.index_key()
    mark = browsers.mark(None, an, index_key=index_key, clock=context.clock)
    fail(context, ATTEMPTS_FREE)

    client = Client("192.0.2.7", mark)
    found = accounts.sign_in(context, LOGIN, PASSWORD, client=client)

    assert found == an
    assert mark.partition(".")[2] not in str(context.store.database.rows("SELECT * FROM attempts"))


def test_sessions_of_one_account_are_bounded(
    context: Context, clock: FixedClock, an: Account
) -> None:
    binh = accounts.create(context, "bình", PASSWORD)
    others, first = begin(context, binh), begin(context, an)
    clock.tick(TOLD_TO.total_seconds())

    for _ in range(SESSIONS_MAX - 1):
        begin(context, an)
    clock.tick(TOLD_TO.total_seconds())
    last = begin(context, an)

    assert len(sessions.every(context, an.id, last)) == SESSIONS_MAX
    assert sessions.find(context, first) is None
    assert sessions.find(context, last) == an
    assert sessions.find(context, others) == binh


def test_hash_of_other_strength_is_made_anew_at_sign_in(context: Context, an: Account) -> None:
    weak = PasswordHasher(1, 1024, 1).hash(PASSWORD)
    account_rows.change(context, an.id, lambda _, kept: kept._replace(password=weak))
    goes_on = begin(context, an)

    assert sign_in(context, LOGIN, PASSWORD) == an

    kept = account_rows.find(context, "id", an.id)
    assert kept is not None
    assert not passwords.is_outdated(kept.password)
    assert PASSWORD not in kept.password
    assert sessions.find(context, goes_on) == an
    assert sign_in(context, LOGIN, PASSWORD) == an


def test_hashes_are_as_strong_as_owasp_recommends_and_nobodys_costs_as_much() -> None:
    script = f"""
from events.identifiers import SystemChance
from services.access.passwords import NOBODYS, fits, hash_password, is_outdated
print(hash_password({PASSWORD!r}, SystemChance()))
print(NOBODYS)
print(is_outdated(NOBODYS), fits({PASSWORD!r}, NOBODYS))
"""
    ran = subprocess.run([sys.executable, "-c", script], check=True, capture_output=True, text=True)

    made, nobodys, told = ran.stdout.splitlines()  # of a process that no test hastened
    assert made.startswith(OWASP)
    assert nobodys.startswith(OWASP)
    assert len(nobodys) == len(made)
    assert told == "False False"


def test_drawn_password_can_be_typed_and_is_good_enough() -> None:
    drawn = passwords.drawn_password(CHANCE)

    assert [len(each) for each in drawn.split("-")] == [5] * 4
    assert set(drawn) <= {*passwords.DRAWN_ALPHABET, "-"}
    assert len(set(passwords.DRAWN_ALPHABET)) == 32
    assert passwords.fits(drawn, passwords.hash_password(drawn, CHANCE))


def test_session_opens_its_account_until_it_ends(context: Context, an: Account) -> None:
    secret, other = (begin(context, an) for _ in range(2))

    assert sessions.find(context, secret) == an
    sessions.end(context, secret)
    assert sessions.find(context, secret) is None
    assert sessions.find(context, other) == an
    assert sessions.find(context, "made up \ud800") is None


def test_session_lasts_half_a_day_however_it_is_used_and_leaves_no_row_once_another_begins(
    context: Context, clock: FixedClock, an: Account
) -> None:
    used = begin(context, an)

    for _ in range(LONGEST // TOLD_TO):
        assert sessions.find(context, used) == an
        clock.tick(TOLD_TO.total_seconds())

    assert sessions.find(context, used) is None
    begin(context, an)
    assert len(context.store.database.rows("SELECT 1 FROM sessions")) == 1


def test_nothing_tells_when_a_session_was_used_and_only_the_hour_in_which_it_began(
    context: Context, clock: FixedClock, an: Account
) -> None:
    """Else the row that changed last before a criticism came would name who wrote it."""
    clock.tick(1234.5)
    secret = begin(context, an)
    before = context.store.database.rows("SELECT * FROM sessions")

    clock.tick(4000)
    sessions.find(context, secret)

    assert context.store.database.rows("SELECT * FROM sessions") == before
    ((began,),) = context.store.database.rows("SELECT createdat FROM sessions")
    assert began == microseconds(START)


@pytest.mark.parametrize("what", ["password", "disable"])
def test_sessions_end_with_a_new_password_and_with_the_account(
    context: Context, an: Account, what: str
) -> None:
    binh = accounts.create(context, "bình", PASSWORD)
    secret, others = begin(context, an), begin(context, binh)

    if what == "password":
        accounts.set_password(context, an.id, WRONG)
    else:
        accounts.disable(context, an.id)
        accounts.enable(context, an.id)

    assert sessions.find(context, secret) is None
    assert sessions.find(context, others) == binh
