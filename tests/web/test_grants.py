"""Who may do what: every endpoint against every kind of token, in one table."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from events.definitions.access import EVERYTHING
from services.access import tokens
from services.web.app import YEAR
from tests.support.cases import every_case
from tests.support.intake import SENDS_ALL, event, send
from tests.support.world import AN, CELL, SOURCE, Answer, World, commune

TOKENS: Mapping[str, dict[str, Any] | None] = {
    "nobody": None,
    "nothing": {},
    "sender": SENDS_ALL,
    "reader": {"reads": ("roster.*",)},
    "viewer": {"states": True},
}
OPEN = dict.fromkeys(TOKENS, 200)
MAY_NOT = {"nobody": 401, "nothing": 403, "sender": 403, "reader": 403, "viewer": 403}
ENDPOINTS: Mapping[str, Mapping[str, int]] = {
    "/": OPEN,
    "/api/docs": OPEN,
    "/api/openapi.json": OPEN,
    "/healthz": OPEN,
    "/readyz": OPEN,
    "/metrics": dict.fromkeys(TOKENS, 404),  # whoever watches over the service has its own token
    "/log/checkpoint": OPEN,
    "/log/tile/0/000.p/1": OPEN,
    "/schemas": OPEN,
    "/schemas/roster.unit_formed/1.json": OPEN,
    "/schemas/roster.unit_formed/1/request.json": OPEN,
    "POST /api/v1/events": MAY_NOT | {"sender": 201},
    "/api/v1/events": MAY_NOT | {"reader": 200},
    f"/api/v1/members/{AN}": MAY_NOT | {"viewer": 200},
    f"/api/v1/units/{CELL}": MAY_NOT | {"viewer": 200},
    f"/api/v1/members/{AN}/history": MAY_NOT | {"reader": 200},
    f"/api/v1/units/{CELL}/history": MAY_NOT | {"reader": 200},
}
CASES = [
    (endpoint, token, status)
    for endpoint, statuses in ENDPOINTS.items()
    for token, status in statuses.items()
]


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world for all cases, for none of them changes what another one sees."""
    world = World(tmp_path_factory.mktemp("grants") / "data")
    world.tell(*commune())
    world.system.signer.sign()
    yield world
    world.system.close()


def test_each_endpoint_is_open_to_whom_it_is_granted(shared: World) -> None:
    with every_case() as case:
        for endpoint, token, status in CASES:
            with case(endpoint, token):
                assert _ask(shared, endpoint, token).status_code == status


def _ask(shared: World, endpoint: str, token: str) -> Answer:
    grants = TOKENS[token]
    headers = {} if grants is None else shared.token(**grants)
    if endpoint.startswith("POST"):
        return send(shared, headers, event(1, id=token))
    return shared.get(endpoint, headers)


def test_the_table_holds_every_endpoint(shared: World) -> None:
    tested = {
        str(shared.app.url_map.bind("").match(path, method=method)[0])
        for endpoint in ENDPOINTS
        for method, path in [endpoint.split() if " " in endpoint else ("GET", endpoint)]
    }

    of_people = {each.blueprint.name for each in YEAR}  # the table of roles has these
    of_people |= {"sessions", "delegations", "pages"}  # what a session opens is tested with it
    endpoints = {rule.endpoint for rule in shared.app.url_map.iter_rules()} - {"static"}
    of_systems = {each for each in endpoints if each.partition(".")[0] not in of_people}
    assert {each for each in tested if each.partition(".")[0] not in of_people} == of_systems


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dHVzb2k6eA==", "Bearer tusoi_x", "Bearer ữ", "x"]
)
def test_whatever_is_wrong_with_a_token_is_told_before_anything_else(
    shared: World, header: str
) -> None:
    """A stranger learns nothing of parameters, members or bodies."""
    headers = {"Authorization": header.encode().decode("latin-1")}

    response = shared.get("/api/v1/members/x?as_of=x", headers)

    assert (response.status_code, response.json["code"]) == (401, "not_authenticated")


def test_a_token_is_taken_as_bearer_token_only(shared: World) -> None:
    secret = shared.token(reads=("roster.*",))["Authorization"].removeprefix("Bearer ")

    response = shared.get("/api/v1/events", {"Authorization": f"Basic {secret}"})

    assert response.status_code == 401


def test_a_revoked_token_opens_nothing(world: World) -> None:
    headers = world.token(reads=("roster.*",))
    (token,) = tokens.every(world.system.store.database)

    tokens.revoke(world.system, token.id)

    assert world.get("/api/v1/events", headers).status_code == 401


NOTHING_MATCHES: tuple[dict[str, Any], ...] = (
    *({"reads": (each,)} for each in ("*", "", ".*", "roster", "roster.", "roster.unit_*")),
    *({"reads": (each,)} for each in ("Roster.*", "*.unit_formed", "roster.*.*", "roster.unit")),
    {"reads": ("roster.*", "reviews.*")},
    {"reads": ("review.*",), "units": (CELL,)},  # such a token sees members and units alone
    *({"sends": (each,), "sources": (SOURCE,)} for each in ("*", "review.*", "text.opened")),
    *({"sends": ("roster.*",), "sources": (each,)} for each in ("", "*", "/hr/*", "/h r", "/nhân")),
)


def test_no_token_is_made_for_what_there_is_not(shared: World) -> None:
    """It would read or send nothing, and nobody would notice."""
    before = tokens.every(shared.system.store.database)

    with every_case() as case:
        for grants in NOTHING_MATCHES:
            with case(str(grants)), pytest.raises(tokens.GrantsRefused):
                shared.token(**grants)

    assert tokens.every(shared.system.store.database) == before


def test_a_source_is_of_tokens_that_are_limited_alike(world: World) -> None:
    """Under a source an id is used once: by guessing, one would use up those of another."""
    hr = {"sends": ("roster.*",), "sources": (SOURCE, "/hr/more")}
    cell = {"sends": ("roster.*",), "sources": (SOURCE,), "units": (CELL,)}
    database = world.system.store.database
    world.token(**hr)
    world.token(**hr)

    with pytest.raises(tokens.GrantsRefused, match="a source of its own"):
        world.token(**cell)

    made = tokens.every(database)
    assert len(made) == 2
    world.token(**cell | {"sources": ("/cell",)})
    for each in made:
        tokens.revoke(world.system, each.id)
    world.token(**cell)
    with pytest.raises(tokens.GrantsRefused, match="a source of its own"):
        world.token(**hr)


@pytest.mark.parametrize(
    ("grants", "counts"),
    [
        ({}, True),  # it writes about everybody
        ({"units": (CELL,)}, False),
        ({"units": (CELL,), "reads": ("roster.member_moved",)}, False),
        ({"units": (CELL,), "reads": ("roster.unit_renamed",)}, True),
        ({"units": (CELL,), "states": True}, True),
    ],
)
def test_a_receipt_tells_a_version_to_whoever_may_know_how_much_was_told(
    world: World, grants: dict[str, Any], *, counts: bool
) -> None:
    """It would count what is hidden from who is limited to units, and reads nothing of them."""
    world.tell(*commune())
    token = world.token(sends=("roster.*",), sources=(SOURCE,), **grants)
    renamed = {"unit_id": f"id:{CELL}", "name": "Chi bộ đổi tên"}

    answer = send(world, token, event(1, type="roster.unit_renamed", data=renamed))

    (receipt,) = answer.json["receipts"]
    assert ("version" in receipt) == counts
    assert receipt["stream"] == f"unit-{CELL}"


def test_one_word_grants_every_type(shared: World) -> None:
    reader = shared.token(reads=(EVERYTHING,))
    everything = shared.token(sends=(EVERYTHING,), sources=(SOURCE,))

    seen = shared.get("/api/v1/events", reader).json["events"]

    assert len(seen) == shared.system.store.head().size
    assert send(shared, everything, event(169, id="everything")).status_code == 201


def test_a_feed_of_types_that_there_are_not_is_refused(shared: World) -> None:
    reader = shared.token(reads=("roster.*",))

    for asked in ("*", "nosuch.*", "roster.unit_*", ".*"):
        assert shared.get(f"/api/v1/events?type={asked}", reader).status_code == 422
    assert shared.get("/api/v1/events?type=nosuch.*", reader).json["code"] == "unknown_type"
