"""Signing in and out over HTTP, and what other sites cannot do with somebody's session."""

import re
from collections.abc import Iterator
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path
from urllib.parse import unquote, urljoin, urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.identifiers import MemberId
from services.access import accounts, idleness
from services.access.account_rows import Account
from services.access.attempts import ATTEMPTS_FREE
from services.access.sessions import LONGEST
from services.bootstrap import open_system
from services.settings import SettingsError, from_environment
from services.web.app import create_app
from services.web.asking import session
from services.web.asking.session import COOKIE, CSRF_HEADER, DECODED_MAX, PATH_MAX, local_path
from tests.support.fakes import SeededChance
from tests.support.world import AN, CELL, COMMUNE, Answer, World, commune

V1 = "/api/v1"
LOGIN, PASSWORD, WRONG = "an.nguyen", "trăng sáng trên đồng", "mây đen trên đồi cao"
ACT = f"{V1}/cycles/2026/{COMMUNE}/closing"  # a command, which An may not give
HOST = "localhost"


@pytest.fixture
def an(world: World) -> Account:
    """An, enrolled and with an account."""
    world.tell(*commune())
    return made(world, LOGIN, AN)


def made(world: World, login: str, member_id: MemberId | None = None) -> Account:
    return accounts.create(world.system, login, PASSWORD, member_id=member_id)


def sign_in(world: World, password: str = PASSWORD, login: str = LOGIN, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = {"login": login, "password": password}
    return world.ask("POST", f"{V1}/session", json=body, headers=named)


def test_who_signs_in_is_known_from_then_on(world: World, an: Account) -> None:
    answer = sign_in(world)

    me = world.get(f"{V1}/me")

    told = {"id": an.id, "login": LOGIN, "member_id": AN, "roles": []}
    assert answer.status_code == HTTPStatus.CREATED
    assert answer.json == {"account": told, "csrf": answer.json["csrf"]}
    member = {"id": AN, "unit_id": CELL, "posts": []}
    assert me.json == {"account": told, "csrf": answer.json["csrf"], "member": member}


def test_an_auditor_is_told_their_role_and_no_member(world: World) -> None:
    accounts.create(world.system, LOGIN, PASSWORD, roles=("auditor",))

    sign_in(world)

    me = world.get(f"{V1}/me").json
    assert me["account"]["roles"] == ["auditor"]
    assert "member" not in me
    assert "member_id" not in me["account"]


@pytest.mark.usefixtures("an")
def test_the_cookie_is_for_this_service_alone_and_for_no_script(world: World) -> None:
    cookie = sign_in(world).headers["Set-Cookie"]

    name, value = cookie.partition(";")[0].split("=")
    assert name == COOKIE
    assert re.fullmatch(r"[\w-]{43}\.[0-9]{16}\.[0-9a-f]{64}", value)
    assert {"HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "Domain" not in cookie
    assert "Secure" not in cookie
    stored = world.system.store.database.rows("SELECT digest FROM sessions")
    assert idleness.secret_in(value).encode() not in bytes(stored[0][0])


@pytest.fixture
def secure(world: World) -> Iterator[World]:
    """The same world, reached with https."""
    folder = str(world.system.settings.data_dir)
    told = {"TUSOI_DATA_DIR": folder, "TUSOI_PUBLIC_URL": "https://Tusoi.example/"}
    system = open_system(from_environment(told), clock=world.clock, chance=SeededChance(5))
    world.app = create_app(system)
    world.app.config["SERVER_NAME"] = "tusoi.example"  # what the client asks for
    world.client = world.app.test_client()
    yield world
    system.close()


@pytest.mark.usefixtures("an")
def test_with_https_the_cookie_never_leaves_it(secure: World) -> None:
    cookie = sign_in(secure, Origin="https://tusoi.example").headers["Set-Cookie"]

    described = secure.get("/api/openapi.json").json["components"]["securitySchemes"]["session"]
    assert cookie.startswith(f"__Host-{COOKIE}=")
    assert {"Secure", "HttpOnly", "Path=/"} <= set(cookie.split("; "))
    assert described["name"] == f"__Host-{COOKIE}"


@pytest.mark.parametrize("host", ["tusoi.example", "TUSOI.example", "tusoi.example:443"])
def test_the_service_answers_by_its_own_name_and_browsers_keep_to_https(
    secure: World, host: str
) -> None:
    answer = secure.get("/sign-in", {"Host": host})

    assert answer.status_code == HTTPStatus.OK
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize("path", ["/", "/sign-in", f"{V1}/me", "/log/checkpoint", "/nowhere"])
def test_by_any_other_name_nothing_is_answered(secure: World, path: str) -> None:
    for host in ("evil.example", "localhost", "127.0.0.1:8080", "tusoi.example.", ""):
        answer = secure.get(path, {"Host": host})

        assert (host, answer.status_code) == (host, HTTPStatus.MISDIRECTED_REQUEST)
        assert "wrong_host" in answer.text or "không phải của dịch vụ" in answer.text


HERE = ("localhost", "LOCALHOST:9000", "127.0.0.1:8080", "127.1.2.3", "[::1]:8080")
ELSEWHERE = ("evil.example", "evil.example:8080", "localhost.evil.example", "10.0.0.7:8080", "::1")


def test_without_a_public_address_only_this_machine_is_answered(world: World) -> None:
    """A site whose name points at this machine would else read as whoever is signed in."""
    told = {host: world.get("/sign-in", {"Host": host}).status_code for host in HERE + ELSEWHERE}

    assert told == dict.fromkeys(HERE, 200) | dict.fromkeys(ELSEWHERE, 421)


@pytest.mark.parametrize(
    ("bound", "host", "status"),
    [
        ("10.0.0.7", "10.0.0.7:8080", 200),
        ("10.0.0.7", "10.0.0.8:8080", 421),
        ("0.0.0.0", "10.0.0.8", 200),  # noqa: S104
        ("0.0.0.0", "evil.example", 421),  # noqa: S104
        ("::", "[fe80::1]:8080", 200),
    ],
)
def test_the_address_that_is_listened_on_is_answered_and_no_name(
    world: World, bound: str, host: str, status: int
) -> None:
    listening = replace(world.system.settings, host=bound)
    client = create_app(replace(world.system, settings=listening)).test_client()

    assert client.get("/sign-in", headers={"Host": host}).status_code == status


@pytest.mark.parametrize(
    ("path", "status"),
    [("/healthz", 200), ("/readyz", 200), ("/metrics", 404)],
)
def test_machinery_beside_the_service_asks_by_any_address(
    secure: World, path: str, status: int
) -> None:
    assert secure.get(path, {"Host": "10.0.0.7:8080"}).status_code == status


@pytest.mark.parametrize("address", ["tusoi.example", "ftp://tusoi.example", "https://a/b", "//a"])
def test_a_public_address_is_scheme_and_host(tmp_path: Path, address: str) -> None:
    told = {"TUSOI_DATA_DIR": str(tmp_path), "TUSOI_PUBLIC_URL": address}

    with pytest.raises(SettingsError, match="must look like"):
        from_environment(told)


def test_each_sign_in_begins_a_session_and_ends_the_one_before(world: World, an: Account) -> None:
    first = sign_in(world).headers["Set-Cookie"].partition(";")[0]
    sign_in(world)

    stale = world.app.test_client(use_cookies=False).get(f"{V1}/me", headers={"Cookie": first})

    assert stale.status_code == HTTPStatus.UNAUTHORIZED
    assert world.get(f"{V1}/me").json["account"]["id"] == an.id


@pytest.mark.usefixtures("an")
def test_a_wrong_password_tells_nothing(world: World) -> None:
    answer, unknown = sign_in(world, WRONG), sign_in(world, login="nobody")

    assert (answer.status_code, answer.json["code"]) == (401, "sign_in_refused")
    assert answer.json["detail"] == unknown.json["detail"]
    assert "Set-Cookie" not in answer.headers


@pytest.mark.usefixtures("an")
def test_who_guesses_is_told_how_long_to_wait(world: World) -> None:
    for _ in range(ATTEMPTS_FREE):
        sign_in(world, WRONG)

    answer = sign_in(world)

    assert (answer.status_code, answer.json["code"]) == (429, "too_many_attempts")
    assert answer.json["retryable"]
    assert answer.headers["Retry-After"] == "1"
    world.clock.tick(1)
    assert sign_in(world).status_code == HTTPStatus.CREATED


@pytest.mark.usefixtures("an")
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 201),
        ({"Sec_Fetch_Site": "same-origin", "Origin": "null"}, 201),
        ({"Sec_Fetch_Site": "none"}, 201),
        ({"Origin": f"http://{HOST}"}, 201),
        ({"Sec_Fetch_Site": "cross-site"}, 403),
        ({"Sec_Fetch_Site": "same-site"}, 403),
        ({"Sec_Fetch_Site": "cross-site", "Origin": f"http://{HOST}"}, 403),
        ({"Origin": "https://evil.example"}, 403),
        ({"Origin": f"http://{HOST}.evil.example"}, 403),
        ({"Origin": f"http://{HOST}:81"}, 403),
        ({"Origin": "null"}, 403),
        ({"Origin": ""}, 403),
    ],
)
def test_other_sites_sign_nobody_in(world: World, headers: dict[str, str], status: int) -> None:
    answer = sign_in(world, **headers)

    assert answer.status_code == status
    assert ("Set-Cookie" in answer.headers) == (status == 201)


@pytest.mark.usefixtures("an")
def test_a_session_ends_after_half_a_day_however_it_is_used(world: World) -> None:
    sign_in(world)
    answers = []

    for _ in range(int(LONGEST.total_seconds()) // 1800):
        answers.append(world.get(f"{V1}/me").status_code)
        world.clock.tick(1800)

    assert set(answers) == {200}
    assert world.get(f"{V1}/me").status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.usefixtures("an")
@pytest.mark.parametrize("method", ["POST", "DELETE"])
@pytest.mark.parametrize("token", [None, "", "wrong", "ŵrong", "another"])
def test_nobody_acts_with_a_session_without_its_token(
    world: World, method: str, token: str | None
) -> None:
    sign_in(world)
    if token == "another":
        token = world.get(f"{V1}/me").json["csrf"]
        sign_in(world)
    headers = {} if token is None else {CSRF_HEADER: token}

    answer = world.ask(method, ACT if method == "POST" else f"{V1}/session", headers=headers)

    assert (answer.status_code, answer.json["code"]) == (403, "csrf_missing")
    assert world.get(f"{V1}/me").status_code == HTTPStatus.OK


@pytest.mark.usefixtures("an")
@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "multipart/form-data"])
def test_the_api_looks_for_the_token_in_no_body(world: World, kind: str) -> None:
    csrf = sign_in(world).json["csrf"]
    milestone = f"{V1}/milestones/2026-{AN}-1/evidence"

    in_body = world.ask("POST", milestone, data={"csrf": csrf}, content_type=kind)
    as_header = world.ask("POST", milestone, content_type=kind, headers={CSRF_HEADER: csrf})

    assert in_body.json["code"] == "csrf_missing"
    assert as_header.json["code"] == "unknown_plan"


@pytest.mark.usefixtures("an")
def test_with_its_token_a_session_acts_as_its_member(world: World) -> None:
    csrf = sign_in(world).json["csrf"]

    answer = world.ask("POST", ACT, json={}, headers={CSRF_HEADER: csrf})

    assert answer.json["code"] == "unknown_cycle"  # which is what An is told of it


@pytest.mark.usefixtures("an")
def test_a_system_needs_no_token_against_other_sites(world: World) -> None:
    answer = world.ask("POST", ACT, json={}, headers=world.token(states=True))

    assert answer.json["code"] == "forbidden"  # as a system; only people act


@pytest.mark.usefixtures("an")
def test_who_signed_out_is_nobody(world: World) -> None:
    answer = sign_in(world)
    cookie = answer.headers["Set-Cookie"].partition(";")[0]

    out = world.ask("DELETE", f"{V1}/session", headers={CSRF_HEADER: answer.json["csrf"]})

    kept = world.app.test_client(use_cookies=False).get(f"{V1}/me", headers={"Cookie": cookie})
    assert out.status_code == HTTPStatus.NO_CONTENT
    assert "Max-Age=0" in out.headers["Set-Cookie"]
    assert world.get(f"{V1}/me").status_code == HTTPStatus.UNAUTHORIZED
    assert kept.status_code == HTTPStatus.UNAUTHORIZED


def test_a_new_password_ends_the_sessions_of_the_old_one(world: World, an: Account) -> None:
    sign_in(world)

    accounts.set_password(world.system, an.id, WRONG)

    assert world.get(f"{V1}/me").status_code == HTTPStatus.UNAUTHORIZED
    assert sign_in(world).status_code == HTTPStatus.UNAUTHORIZED
    assert sign_in(world, WRONG).status_code == HTTPStatus.CREATED


@pytest.mark.parametrize("headers", [{}, {"Cookie": f"{COOKIE}=made-up"}])
def test_who_is_not_signed_in_is_nobody(world: World, headers: dict[str, str]) -> None:
    client = world.app.test_client(use_cookies=False)

    answers = [
        client.get(f"{V1}/me", headers=headers),
        client.delete(f"{V1}/session", headers=headers),
        client.post(ACT, headers=headers),
    ]

    assert {each.status_code for each in answers} == {401}


def test_a_system_has_no_session(world: World) -> None:
    token = world.token(states=True)

    assert world.get(f"{V1}/me", token).json["code"] == "forbidden"
    assert world.ask("DELETE", f"{V1}/session", headers=token).json["code"] == "forbidden"


PIECES = ["/", "\\", "//", ":", "@", "?", "#", "%", "%2f", "%5C", "%252f", ".", "..", "\t", "\n"]
PIECES += ["evil.example", "https:", "javascript:", "\x00", " ", "my", "\u2215", "\uff0f", "%0a"]
TRICKS = st.lists(st.sampled_from(PIECES), max_size=8).map("".join)


@given(TRICKS | TRICKS.map("/".__add__) | st.text() | st.none())
@example("//evil.example")
@example("/\\evil.example")
@example("/\t/evil.example")
@example("/%2f%2fevil.example")
@example("/%252fevil.example")
@example("/..//evil.example")
@example("https:evil.example")
def test_after_a_sign_in_nobody_is_sent_to_another_site(asked: str | None) -> None:
    path = local_path(asked)

    read = unquote(unquote(path)).partition("?")[0]
    for seen in (path, path.replace("\\", "/"), read.replace("\\", "/")):
        assert urlsplit(urljoin("https://here.example/sign-in", seen)).netloc == "here.example"
    assert re.fullmatch(r"/[!-~]*", path)
    assert not path.startswith(("//", "/\\"))


@given(st.lists(st.from_regex(r"[a-z0-9-]{1,9}", fullmatch=True), max_size=5))
def test_a_path_of_ours_is_kept(parts: list[str]) -> None:
    path = "/" + "/".join(parts)

    assert local_path(f"{path}?as_of=12&x=%C4%91") == f"{path}?as_of=12&x=%C4%91"


@pytest.mark.parametrize("times", [DECODED_MAX + 1, 40, PATH_MAX, 100_000])
def test_an_address_is_decoded_a_few_times_and_no_more(
    times: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each decoding of `%252525…` takes away two characters: until it ends is the square."""
    decoded = []

    def counted(text: str) -> str:
        decoded.append(len(text))
        return unquote(text)

    monkeypatch.setattr(session, "unquote", counted)

    assert local_path("/%" + "25" * times + "41") == "/"

    assert len(decoded) <= DECODED_MAX + 1
    assert max(decoded, default=0) <= PATH_MAX


def test_an_address_that_is_encoded_twice_is_kept() -> None:
    assert local_path("/my?q=%2541") == "/my?q=%2541"
    assert local_path("/" + "a" * (PATH_MAX - 1)) == "/" + "a" * (PATH_MAX - 1)
    assert local_path("/" + "a" * PATH_MAX) == "/"
