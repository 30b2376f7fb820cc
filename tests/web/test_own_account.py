"""People change their own password, see where they are signed in, and end it."""

import re
from http import HTTPStatus

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from services.access import accounts
from services.settings import SIGN_IN_TRIES
from tests.support.world import AN, World, commune

LOGIN, PASSWORD, NEW = "an.nguyen", "trăng sáng trên đồng", "mây trắng trên đồi cao"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
PHONE = "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"
PAGE = "/account"
HTML = {"Accept": "text/html"}


@pytest.fixture
def service(world: World) -> World:
    world.tell(*commune())
    accounts.create(world.system, LOGIN, PASSWORD, member_id=AN)
    return world


def signed_in(world: World, agent: str = FIREFOX, password: str = PASSWORD) -> FlaskClient:
    client = world.app.test_client()
    body = {"login": LOGIN, "password": password}
    answer = client.post("/api/v1/session", json=body, headers={"User-Agent": agent})
    assert answer.status_code == HTTPStatus.CREATED
    return client


def is_signed_in(client: FlaskClient) -> bool:
    return client.get("/api/v1/me").status_code == HTTPStatus.OK


def send(client: FlaskClient, path: str, **fields: str) -> TestResponse:
    csrf = client.get("/api/v1/me").json
    token = csrf["csrf"] if csrf else ""
    return client.post(path, data={"csrf": token, **fields}, headers=HTML)


def change(client: FlaskClient, typed: str, wanted: str, again: str | None = None) -> TestResponse:
    fields = {
        "password": typed,
        "new_password": wanted,
        "again": wanted if again is None else again,
    }
    return send(client, f"{PAGE}/password", **fields)


def test_who_changes_their_password_goes_on_and_their_other_sessions_end(service: World) -> None:
    here, elsewhere = signed_in(service), signed_in(service, PHONE)

    answer = change(here, PASSWORD, NEW)

    assert answer.headers["Location"] == f"{PAGE}?done=password_changed"
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)
    signed_in(service, password=NEW)
    with pytest.raises(AssertionError):
        signed_in(service, password=PASSWORD)


@pytest.mark.parametrize(
    ("typed", "wanted", "again"),
    [
        (NEW, NEW, NEW),
        ("", NEW, NEW),
        (PASSWORD, "short", "short"),
        (PASSWORD, "", ""),
        (PASSWORD, NEW, NEW + "x"),
    ],
)
def test_a_password_that_is_not_changed_is_told_why(
    service: World, typed: str, wanted: str, again: str
) -> None:
    here, elsewhere = signed_in(service), signed_in(service)

    answer = change(here, typed, wanted, again)

    assert answer.status_code == HTTPStatus.UNPROCESSABLE_ENTITY
    assert 'role="alert"' in answer.text
    assert NEW not in answer.text
    assert is_signed_in(elsewhere)
    signed_in(service)


def test_who_finds_an_open_session_guesses_the_password_no_faster(service: World) -> None:
    found = signed_in(service)

    answers = [change(found, NEW, NEW).status_code for _ in range(SIGN_IN_TRIES + 1)]

    assert answers == [HTTPStatus.UNPROCESSABLE_ENTITY] * SIGN_IN_TRIES + [429]
    assert change(found, PASSWORD, NEW).status_code == 429
    signed_in(service)  # which keeps its owner from nothing


def test_people_see_where_they_are_signed_in(service: World) -> None:
    signed_in(service, PHONE)
    service.clock.tick(3600)
    here = signed_in(service)

    page = here.get(PAGE, headers=HTML).text

    rows = re.findall(r'<th scope="row">([^<]*)(?:<br>)?', page)
    assert [row.strip() for row in rows] == ["Firefox · Linux", "Chrome · Android"]
    assert page.count("Phiên này") == 1
    assert "Mozilla" not in page


def test_people_end_their_other_sessions_or_all(service: World) -> None:
    here, elsewhere = signed_in(service), signed_in(service, PHONE)

    others = send(here, f"{PAGE}/sessions", which="others")
    assert others.headers["Location"] == f"{PAGE}?done=sessions_ended"
    assert (is_signed_in(here), is_signed_in(elsewhere)) == (True, False)

    again = signed_in(service, PHONE)
    ended = send(here, f"{PAGE}/sessions", which="all")
    assert ended.headers["Location"].startswith("/sign-in")
    assert (is_signed_in(here), is_signed_in(again)) == (False, False)


def test_nobodys_sessions_are_shown_or_ended_by_others(service: World) -> None:
    here = signed_in(service)
    stranger = service.app.test_client()

    assert stranger.get(PAGE, headers=HTML).status_code == HTTPStatus.SEE_OTHER
    for path in (f"{PAGE}/password", f"{PAGE}/sessions"):
        assert stranger.post(path, data={"which": "all"}, headers=HTML).status_code == 401
        assert here.post(path, data={"which": "all"}, headers=HTML).status_code == 403
    assert is_signed_in(here)
