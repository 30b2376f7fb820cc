"""Around every request: one correlation id, one log line without persons, headers, counts."""

from typing import Any

import pytest
import structlog

from tests.support.world import AN, OPERATOR, World, commune

TRACE = "0af7651916cd43dd8448eb211c80319c"


def test_a_given_correlation_id_is_kept_and_sent_back(
    world: World, logged: list[dict[str, Any]]
) -> None:
    response = world.get("/nowhere", {"X-Correlation-ID": "import-7"})

    assert response.headers["X-Correlation-ID"] == "import-7"
    assert response.json["correlation_id"] == "import-7"
    assert [line["correlation_id"] for line in logged] == ["import-7"]


def test_a_trace_goes_on_under_its_id(world: World) -> None:
    response = world.get("/healthz", {"traceparent": f"00-{TRACE}-b7ad6b7169203331-01"})

    assert response.headers["X-Correlation-ID"] == TRACE


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-Correlation-ID": "two words"},
        {"X-Correlation-ID": "x" * 101},
        {"traceparent": "00-xyz-1-01"},
        {"traceparent": f"00-{'0' * 32}-b7ad6b7169203331-01"},
    ],
)
def test_whoever_gives_none_that_is_fit_gets_a_new_one(
    world: World, headers: dict[str, str]
) -> None:
    first, second = world.get("/healthz", headers), world.get("/healthz", headers)

    ids = {each.headers["X-Correlation-ID"] for each in (first, second)}
    assert len(ids) == 2
    assert not ids & set(headers.values())


def test_the_next_request_on_the_same_thread_has_its_own_id(world: World) -> None:
    world.get("/nowhere", {"X-Correlation-ID": "import-7"})

    assert "correlation_id" not in structlog.contextvars.get_contextvars()


def test_a_request_leaves_one_line_that_names_nobody(
    world: World, logged: list[dict[str, Any]]
) -> None:
    world.tell(*commune())
    logged.clear()

    world.get(f"/api/v1/members/{AN}?as_of=4", world.token(states=True))

    (line,) = logged
    assert (line["event"], line["method"], line["status"]) == ("request", "GET", 200)
    assert line["route"] == "/api/v1/members/<path:reference>"
    assert line["seconds"] >= 0
    assert AN not in str(line)
    assert "as_of" not in str(line)


def test_requests_are_counted_by_route_and_status(world: World) -> None:
    world.get("/healthz")
    world.ask("BREW", "/nowhere")

    text = world.get("/metrics", OPERATOR).text

    healthz = '{method="GET",route="/healthz",status="200"} 1.0'
    assert f"tusoi_http_request_seconds_count{healthz}" in text
    assert 'method="other",route="unmatched",status="404"' in text


@pytest.mark.parametrize("path", ["/", "/api/docs", "/healthz", "/nowhere", "/api/v1/events"])
def test_every_answer_forbids_what_it_does_not_need(world: World, path: str) -> None:
    headers = world.get(path).headers

    policy = headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert {"camera=()", "geolocation=()"} <= set(headers["Permissions-Policy"].split(", "))
    assert "Strict-Transport-Security" not in headers  # nothing says that there is https
    assert headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in headers
