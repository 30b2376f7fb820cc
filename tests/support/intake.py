"""Events as a system of HR sends them over HTTP."""

from typing import Any

import msgspec

from tests.support.world import SOURCE, Answer, World

EVENTS = "/api/v1/events"
SENDS_ALL = {"sends": ("roster.*",), "sources": (SOURCE,)}


def event(number: int, **changed: Any) -> dict[str, Any]:
    """Return the event by which a unit is formed, as a system sends it."""
    return {
        "specversion": "1.0",
        "id": f"e{number}",
        "source": SOURCE,
        "type": "roster.unit_formed",
        "time": "2025-07-01T00:00:00+07:00",
        "data": {"number": f"CB-{number:03}", "name": f"Chi bộ {number}", "kind": "cell"},
    } | changed


def enrolling(number: int, unit: str) -> dict[str, Any]:
    data = {"number": f"DV-{number:03}", "name": "Nguyễn Thị An", "unit_id": unit}
    return event(number, type="roster.member_enrolled", data=data)


def send(world: World, token: dict[str, str], body: object, **headers: str) -> Answer:
    form = "-batch" if isinstance(body, list) else ""
    given = {"Content-Type": f"application/cloudevents{form}+json"} | token | headers
    return world.ask("POST", EVENTS, data=msgspec.json.encode(body), headers=given)
