"""A guesser is slowed, by address and by account; the owner in a known browser is not."""

from http import HTTPStatus

import pytest
from flask.testing import FlaskClient

from services.access import accounts, own_password
from services.access.attempts import WAIT_SECONDS_MAX, Bucket, count, sweep
from services.bootstrap import open_system
from services.settings import (
    SIGN_IN_TRIES,
    SIGN_IN_TRIES_ADDRESS,
    SIGN_IN_TRIES_LOGIN,
    from_environment,
)
from services.web.app import create_app
from services.web.asking.session import MARK
from tests.support.fakes import SeededChance
from tests.support.world import AN, World, commune

LOGIN, PASSWORD, WRONG = "an.nguyen", "trăng sáng trên đồng", "mây đen trên đồi cao"
HOME, OFFICE = "192.0.2.7", "198.51.100.9"
CREATED, REFUSED, TOO_MANY = HTTPStatus.CREATED, HTTPStatus.UNAUTHORIZED, 429


@pytest.fixture
def service(world: World) -> World:
    world.tell(*commune())
    accounts.create(world.system, LOGIN, PASSWORD, member_id=AN)
    return world


def browser(world: World) -> FlaskClient:
    """Return a browser in which nobody signed in yet."""
    return world.app.test_client()


def try_at(
    client: FlaskClient,
    password: str = WRONG,
    login: str = LOGIN,
    *,
    at: str = OFFICE,
    **headers: str,
) -> int:
    """Return the status of one try to sign in."""
    return client.post(
        "/api/v1/session",
        json={"login": login, "password": password},
        environ_base={"REMOTE_ADDR": at},
        headers={name.replace("_", "-"): value for name, value in headers.items()},
    ).status_code


def guess(client: FlaskClient, times: int, at: str = OFFICE) -> set[int]:
    return {try_at(client, at=at) for _ in range(times)}


def test_strangers_lock_the_owner_out_of_no_known_browser(service: World) -> None:
    known, stranger = browser(service), browser(service)
    assert try_at(known, PASSWORD, at=HOME) == CREATED

    assert guess(stranger, SIGN_IN_TRIES) == {REFUSED}
    assert guess(stranger, 3 * SIGN_IN_TRIES_ADDRESS) == {TOO_MANY}

    assert try_at(known, PASSWORD, at=HOME) == CREATED
    assert try_at(known, PASSWORD, at=OFFICE) == CREATED  # beside the guesser, at one address
    assert try_at(browser(service), PASSWORD, at=HOME) == CREATED  # nor out of a new one elsewhere
    assert try_at(stranger, PASSWORD) == TOO_MANY


def test_the_mark_of_a_browser_is_long_lived_and_opens_nothing(service: World) -> None:
    client = browser(service)
    answer = client.post("/api/v1/session", json={"login": LOGIN, "password": PASSWORD})
    session, mark = answer.headers.getlist("Set-Cookie")

    assert mark.startswith(f"{MARK}=")
    assert {"HttpOnly", "SameSite=Lax", "Path=/", "Max-Age=15552000"} <= set(mark.split("; "))
    cookie = {"Cookie": mark.partition(";")[0]}
    assert browser(service).get("/api/v1/me", headers=cookie).status_code == REFUSED
    assert session.partition("=")[0] != MARK


def test_a_mark_is_known_for_its_own_account_alone_and_not_for_ever(service: World) -> None:
    accounts.create(service.system, "binh", PASSWORD)
    known = browser(service)
    try_at(known, PASSWORD)
    assert guess(browser(service), SIGN_IN_TRIES) == {REFUSED}

    assert {try_at(known, login="binh") for _ in range(SIGN_IN_TRIES)} == {REFUSED}
    assert try_at(known, PASSWORD, "binh") == TOO_MANY
    assert try_at(known, PASSWORD) == CREATED
    service.clock.tick(181 * 24 * 3600)
    guess(browser(service), SIGN_IN_TRIES)
    assert try_at(known, PASSWORD) == TOO_MANY


def test_who_shares_a_browser_is_known_in_it_beside_others(service: World) -> None:
    accounts.create(service.system, "binh", PASSWORD)
    shared = browser(service)
    assert try_at(shared, PASSWORD) == CREATED
    assert try_at(shared, PASSWORD, "binh") == CREATED

    guess(browser(service), SIGN_IN_TRIES)

    assert try_at(shared, PASSWORD) == CREATED


@pytest.mark.parametrize("mark", ["", "x", "a.1.b", "~" * 900, "a.-1." + "0" * 64, "ữ.1.x"])
def test_a_made_up_mark_is_none(service: World, mark: str) -> None:
    guess(browser(service), SIGN_IN_TRIES)
    cookie = f"{MARK}={mark}"

    client = service.app.test_client(use_cookies=False)

    assert try_at(client, PASSWORD, Cookie=cookie.encode().decode("latin-1")) == TOO_MANY


def test_a_known_browser_guesses_no_faster_than_others(service: World) -> None:
    known = browser(service)
    try_at(known, PASSWORD)

    assert guess(known, SIGN_IN_TRIES) == {REFUSED}
    assert guess(known, 1) == {TOO_MANY}


def test_all_known_browsers_of_an_account_guess_as_slowly_as_one(service: World) -> None:
    """Whoever knew a password once has as many marks as they like, and no more guesses."""
    known = [browser(service) for _ in range(3)]
    assert {try_at(each, PASSWORD) for each in known} == {CREATED}

    tries = [try_at(known[n % 3], at=f"203.0.113.{n}") for n in range(SIGN_IN_TRIES + 3)]

    assert tries == [REFUSED] * SIGN_IN_TRIES + [TOO_MANY] * 3


def test_a_mark_ends_with_the_password_and_with_whatever_ends_sessions(service: World) -> None:
    system = service.system
    account = accounts.find_login(system, LOGIN)
    for ends in (
        lambda: accounts.set_password(system, account.id, PASSWORD),
        lambda: own_password.end_sessions(system, account.id),
    ):
        service.clock.tick(24 * 3600)
        known = browser(service)
        assert try_at(known, PASSWORD) == CREATED
        ends()

        guess(browser(service), SIGN_IN_TRIES)

        assert try_at(known, PASSWORD) == TOO_MANY


@pytest.mark.parametrize("path", ["password", "sessions"])
def test_where_the_owner_changes_it_the_browser_stays_known(service: World, path: str) -> None:
    known = browser(service)
    told = known.post("/api/v1/session", json={"login": LOGIN, "password": PASSWORD}).json or {}
    fields = {"password": PASSWORD, "new_password": PASSWORD, "again": PASSWORD}
    answer = known.post(f"/account/{path}", data=fields | {"csrf": told["csrf"], "which": "others"})
    assert answer.status_code == HTTPStatus.SEE_OTHER

    guess(browser(service), SIGN_IN_TRIES)

    assert try_at(known, PASSWORD) == CREATED


def test_one_address_does_not_try_every_account(service: World) -> None:
    client = browser(service)

    tries = [try_at(client, login=f"login-{n}") for n in range(SIGN_IN_TRIES_ADDRESS + 5)]

    assert tries == [REFUSED] * SIGN_IN_TRIES_ADDRESS + [TOO_MANY] * 5
    assert try_at(client, login="another") == TOO_MANY
    assert try_at(client, login="another", at=HOME) == REFUSED


def test_many_addresses_do_not_try_one_account_for_ever(service: World) -> None:
    tries = [try_at(browser(service), at=f"203.0.113.{n}") for n in range(SIGN_IN_TRIES_LOGIN + 5)]

    assert tries == [REFUSED] * SIGN_IN_TRIES_LOGIN + [TOO_MANY] * 5


def test_an_ipv6_network_is_one_address(service: World) -> None:
    hosts = [f"2001:db8:0:1::{n:x}" for n in range(SIGN_IN_TRIES + 1)]

    tries = [try_at(browser(service), at=host) for host in hosts]

    assert tries == [REFUSED] * SIGN_IN_TRIES + [TOO_MANY]
    assert try_at(browser(service), at="2001:db8:0:2::1") == REFUSED


def test_a_try_that_comes_too_early_begins_the_wait_anew(service: World) -> None:
    client = browser(service)
    guess(client, SIGN_IN_TRIES)
    for _ in range(4):  # until the wait is 16 seconds
        service.clock.tick(WAIT_SECONDS_MAX)
        guess(client, 1)

    for _ in range(10):
        service.clock.tick(8)
        assert guess(client, 1) == {TOO_MANY}
    service.clock.tick(16)
    assert try_at(client, PASSWORD) == CREATED


def test_whoever_is_unknown_is_answered_and_counted_as_anybody(service: World) -> None:
    def answers(login: str, at: str) -> list[object]:
        client = browser(service)
        found: list[object] = []
        for _ in range(SIGN_IN_TRIES + 2):
            answer = client.post(
                "/api/v1/session",
                json={"login": login, "password": WRONG},
                environ_base={"REMOTE_ADDR": at},
            )
            told = {k: v for k, v in (answer.json or {}).items() if k != "correlation_id"}
            found.append((answer.status_code, answer.headers.get("Retry-After"), told))
        return found

    assert answers(LOGIN, HOME) == answers("nobody", OFFICE)


def test_who_signs_in_rightly_in_between_makes_no_guess_forgotten(service: World) -> None:
    accounts.create(service.system, "guesser", PASSWORD)
    tries = []

    for n in range(SIGN_IN_TRIES_ADDRESS + 1):
        tries.append(try_at(browser(service), login=f"login-{n}"))
        try_at(browser(service), PASSWORD, "guesser")

    assert tries == [REFUSED] * SIGN_IN_TRIES_ADDRESS + [TOO_MANY]


def test_an_office_at_one_address_signs_in_as_often_as_it_likes(service: World) -> None:
    tries = {try_at(browser(service), PASSWORD) for _ in range(2 * SIGN_IN_TRIES_ADDRESS)}

    assert tries == {CREATED}


def test_a_client_writes_its_own_address_only_where_proxies_are_ours(service: World) -> None:
    def forwarded(client: FlaskClient, told: str) -> int:
        return try_at(client, at=OFFICE, X_Forwarded_For=told)

    plain = browser(service)
    made_up = [forwarded(plain, f"203.0.113.{n}") for n in range(SIGN_IN_TRIES + 1)]
    assert made_up[-1] == TOO_MANY  # nobody said that a proxy is ours

    folder = str(service.system.settings.data_dir)
    told = {"TUSOI_DATA_DIR": folder, "TUSOI_PROXIES": "1", "TUSOI_SIGN_IN_TRIES": "2"}
    system = open_system(from_environment(told), clock=service.clock, chance=SeededChance(5))
    behind = create_app(system).test_client()
    tries = [forwarded(behind, f"10.0.0.{n}, 203.0.113.77") for n in range(3)]
    assert tries == [REFUSED, REFUSED, TOO_MANY]
    assert forwarded(behind, "203.0.113.78") == REFUSED
    assert forwarded(behind, "203.0.113.79:4711") == REFUSED
    system.close()


def test_a_flood_of_early_tries_writes_nothing(service: World) -> None:
    client, database = browser(service), service.system.store.database
    guess(client, SIGN_IN_TRIES)
    before = database.rows("SELECT * FROM attempts ORDER BY name")

    guess(client, 50)

    assert database.rows("SELECT * FROM attempts ORDER BY name") == before


def test_what_is_kept_of_tries_is_bounded_and_names_nobody(service: World) -> None:
    client, database = browser(service), service.system.store.database
    try_at(client, login="my-password-by-mistake")
    names = " ".join(name for (name,) in database.rows("SELECT name FROM attempts"))
    assert "password" not in names
    assert OFFICE not in names

    for n in range(25):
        service.clock.tick(1)
        count(database, [Bucket(f"bucket-{n}", 5)], clock=service.clock)

    assert sweep(database, clock=service.clock, rows_max=10) == 18
    assert len(database.rows("SELECT 1 FROM attempts")) == 10
    service.clock.tick(25 * 3600)
    assert sweep(database, clock=service.clock) == 10
