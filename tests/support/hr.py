"""What an HR system sends, as CloudEvents."""

import itertools
from typing import Any

SOURCE = "/hr/test"

_ids = itertools.count(1)


def event(event_type: str, data: dict[str, Any], **attributes: Any) -> dict[str, Any]:
    """Return one event with an id of its own; attributes override."""
    return {
        "specversion": "1.0",
        "id": f"hr-{next(_ids)}",
        "source": SOURCE,
        "type": event_type,
        "time": "2026-01-05T08:00:00+07:00",
        "data": data,
    } | attributes


def formed(number: str, parent: str | None = None, **attributes: Any) -> dict[str, Any]:
    data = {"number": number, "name": f"Chi bộ {number}", "kind": "cell"}
    return event(
        "roster.unit_formed", data | ({"parent_id": parent} if parent else {}), **attributes
    )


def enrolled(number: str, unit: str, **attributes: Any) -> dict[str, Any]:
    data = {"number": number, "name": f"Nguyễn Văn {number}", "unit_id": unit}
    return event("roster.member_enrolled", data, **attributes)


def moved(number: str, unit: str, **attributes: Any) -> dict[str, Any]:
    return event("roster.member_moved", {"member_id": number, "unit_id": unit}, **attributes)
