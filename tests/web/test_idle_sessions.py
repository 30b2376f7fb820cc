"""Who goes away is signed out after a while, and loses nothing of what they were writing."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from services.access import accounts, idleness
from services.access.account_rows import Account
from services.access.sessions import LONGEST
from services.settings import (
    SESSION_IDLE_LEAST,
    SESSION_IDLE_MINUTES,
    SESSION_IDLE_MOST,
    SettingsError,
    from_environment,
)
from services.web.asking.session import COOKIE
from tests.support.world import AN, BINH, Answer, World, commune

LOGIN, OTHER, PASSWORD = "an.nguyen", "binh.tran", "trăng sáng trên đồng"
ME = "/api/v1/me"
IDLE = SESSION_IDLE_MINUTES * 60
WROTE = "Tôi đã hứa sửa lối làm việc mà chưa sửa."
FORM = "/account/password"  # any page that takes a form
HTML = {"Accept": "text/html", "Referer": "http://localhost/account"}


@pytest.fixture
def an(world: World) -> Account:
    world.tell(*commune())
    accounts.create(world.system, OTHER, PASSWORD, member_id=BINH)
    return accounts.create(world.system, LOGIN, PASSWORD, member_id=AN)


@pytest.fixture
def signed_in(world: World, an: Account) -> World:
    assert sign_in(world, an.login).status_code == 303
    return world


def sign_in(world: World, login: str = LOGIN, **more: str) -> Answer:
    typed = {"login": login, "password": PASSWORD} | more
    return world.ask("POST", "/sign-in", data=typed, headers=HTML)


def status(world: World) -> int:
    return world.get(ME).status_code


def cookie_of(world: World) -> str:
    cookie = world.client.get_cookie(COOKIE)
    assert cookie
    return cookie.value


def test_a_session_that_is_used_goes_on_and_one_that_is_not_ends(signed_in: World) -> None:
    for _ in range(3):
        signed_in.clock.tick(IDLE - 1)
        assert status(signed_in) == 200

    signed_in.clock.tick(IDLE)
    with capture_logs() as lines:
        assert [status(signed_in), status(signed_in)] == [401, 401]
    ended = [each for each in lines if each["event"] == "session_idle"]
    assert [sorted(each) for each in ended] == [["account", "event", "log_level"]]


def test_what_a_browser_kept_of_an_earlier_use_is_too_old_however_it_is_used_elsewhere(
    signed_in: World,
) -> None:
    copied = cookie_of(signed_in)
    signed_in.clock.tick(IDLE - 1)
    assert status(signed_in) == 200
    signed_in.clock.tick(1)

    thief = signed_in.app.test_client(use_cookies=False)
    assert thief.get(ME, headers={"Cookie": f"{COOKIE}={copied}"}).status_code == 401


@pytest.mark.parametrize("change", ["without", "later", "signed by others"])
def test_nobody_makes_a_stamp_but_us(signed_in: World, an: Account, change: str) -> None:
    secret, told, signature = cookie_of(signed_in).split(".")
    forged = {
        "without": secret,
        "later": f"{secret}.{int(told) + IDLE * 1_000_000}.{signature}",
        "signed by others": idleness.stamp(
            secret, an.id, index_key=b"another", now=signed_in.clock.now()
        ),
    }[change]
    client = signed_in.app.test_client(use_cookies=False)

    assert client.get(ME, headers={"Cookie": f"{COOKIE}={forged}"}).status_code == 401


def test_nothing_is_written_while_a_session_is_used_and_a_page_stays_as_it_is(
    signed_in: World,
) -> None:
    rows = "SELECT * FROM sessions"
    before, csrf = signed_in.system.store.database.rows(rows), signed_in.get(ME).json["csrf"]
    signed_in.clock.tick(IDLE // 2)
    after = signed_in.get(ME).json["csrf"]

    assert signed_in.system.store.database.rows(rows) == before
    assert after == csrf


def test_a_stamp_is_told_once_a_minute(signed_in: World) -> None:
    assert "Set-Cookie" not in signed_in.get(ME).headers
    signed_in.clock.tick(idleness.STAMPED_EVERY.total_seconds())
    assert "Set-Cookie" in signed_in.get(ME).headers


def test_a_token_of_a_program_knows_no_such_limit(world: World) -> None:
    token = world.token(reads=("roster.*",))
    world.clock.tick(LONGEST.total_seconds())
    assert world.get("/api/v1/events?after=0", token).status_code == 200


def test_a_browser_is_known_still_after_its_session_was_left(signed_in: World) -> None:
    signed_in.clock.tick(IDLE)
    with capture_logs() as lines:
        sign_in(signed_in)
    (line,) = (each for each in lines if each["event"] == "signed_in")
    assert line["known_browser"]


@pytest.mark.parametrize("minutes", [SESSION_IDLE_LEAST - 1, SESSION_IDLE_MOST + 1])
def test_the_limit_has_a_floor_and_a_ceiling(tmp_path: Path, minutes: int) -> None:
    told = {"TUSOI_DATA_DIR": str(tmp_path), "TUSOI_SESSION_IDLE_MINUTES": str(minutes)}
    with pytest.raises(SettingsError, match="TUSOI_SESSION_IDLE_MINUTES must be"):
        from_environment(told)
    assert timedelta(minutes=SESSION_IDLE_MOST) == LONGEST


def sent_too_late(world: World, **headers: str) -> Answer:
    """Return what answers a form that was sent too late."""
    world.clock.tick(IDLE)
    typed = {"csrf": "of-then", "key": "of-the-form", "text": WROTE}
    return world.ask("POST", FORM, data=typed, headers=HTML | headers)


def carried_in(page: Answer) -> dict[str, str]:
    (form,) = re.findall(r'<form class="sheet".*?</form>', page.text, re.DOTALL)
    found = re.findall(r'type="hidden" name="([^"]*)" value="([^"]*)"', form)
    return {name: value for name, value in found if name != "csrf"}


def test_what_was_being_written_is_looked_over_and_sent_after_signing_in_again(
    signed_in: World,
) -> None:
    page = sent_too_late(signed_in)
    assert page.status_code == 401
    assert WROTE in page.text
    carried = carried_in(page)
    assert (carried["resume"], carried["next"]) == (FORM, "/account")

    wrong = sign_in(signed_in, **(carried | {"password": "mây đen trên đồi cao"}))
    assert wrong.status_code == 401
    assert carried_in(wrong) == carried

    again = sign_in(signed_in, **carried)
    assert again.status_code == 200
    assert f'action="{FORM}"' in again.text
    assert carried_in(again) == {"key": "of-the-form", "text": WROTE}
    assert status(signed_in) == 200


def test_somebody_else_who_signs_in_there_is_given_nothing_of_it(signed_in: World) -> None:
    carried = carried_in(sent_too_late(signed_in))
    other = sign_in(signed_in, OTHER, **carried)
    assert (other.status_code, other.headers["Location"]) == (303, "/account")


def test_what_another_site_sends_goes_on_for_nobody(signed_in: World) -> None:
    page = sent_too_late(signed_in, **{"Sec-Fetch-Site": "cross-site"})
    assert page.status_code == 401
    assert "resume" not in carried_in(page)


def test_a_form_in_which_nothing_was_written_leads_back_to_its_page(signed_in: World) -> None:
    signed_in.clock.tick(IDLE)
    page = signed_in.ask("POST", FORM, data={"open": "words"}, headers=HTML)
    assert page.status_code == 401
    assert carried_in(page) == {"next": "/account"}


def test_a_form_is_sent_to_no_other_site(signed_in: World) -> None:
    carried = carried_in(sent_too_late(signed_in)) | {"resume": "https://evil.example/"}
    assert 'action="/"' in sign_in(signed_in, **carried).text


def test_the_page_of_ones_account_says_when_a_session_ends(signed_in: World) -> None:
    page = signed_in.get("/account", {"Accept": "text/html"}).text
    assert f"{SESSION_IDLE_MINUTES} phút không dùng" in page
