"""What differs between two editions, told for people: by place, before and now."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple


class Difference(NamedTuple):
    """One place in which two documents differ."""

    path: str  # as problems name it: "rules.excellent_points.when"
    before: str  # empty where nothing stood
    now: str


def differences(before: Any, now: Any) -> tuple[Difference, ...]:
    """Return where two documents' plain values differ, in the order of the newer one.

    Things with an id are compared with their like, wherever they stand; their order counts as one
    difference of its own, for the order of levels and rules means something. What came or went is
    told with all its parts.

    >>> came = {"id": "weak", "when": "conduct < 5"}
    >>> for each in differences({"limits": [{"id": "late"}]}, {"limits": [{"id": "late"}, came]}):
    ...     print(each.path, "|", each.before, "|", each.now)
    limits | late | late, weak
    limits.weak |  | id: weak, when: conduct < 5
    """
    return tuple(_find_differences("", before, now))


def _find_differences(path: str, before: Any, now: Any) -> Iterator[Difference]:
    if before == now:
        return
    old, new = _parts_by_name(before), _parts_by_name(now)
    if old is None or new is None:
        yield Difference(path, _one_line(before), _one_line(now))
        return
    if isinstance(now, list) and list(old) != list(new):
        yield Difference(path, ", ".join(old), ", ".join(new))
    for name in dict.fromkeys((*new, *old)):
        place = f"{path}.{name}" if path else name
        if isinstance(now, list) and not (name in old and name in new):
            yield Difference(place, _one_line(old.get(name)), _one_line(new.get(name)))
            continue
        yield from _find_differences(place, old.get(name), new.get(name))


def _parts_by_name(value: Any) -> dict[str, Any] | None:
    """Return the parts of a value by name; None where it has none."""
    match value:
        case Mapping():
            return {key: inner for key, inner in value.items() if key != "id"}
        case [*items] if items and all(isinstance(i, Mapping) and "id" in i for i in items):
            return {str(item["id"]): item for item in items}
        case _:
            return None


def _one_line(value: Any) -> str:
    """Return a value in one line; whatever lies inside of it stands in brackets, as in YAML."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case list():
            return ", ".join(map(_inner_text, value))
        case Mapping():
            return ", ".join(f"{key}: {_inner_text(inner)}" for key, inner in value.items())
        case _:
            return str(value)


def _inner_text(value: Any) -> str:
    shown = _one_line(value)
    match value:
        case list():
            return f"[{shown}]"
        case Mapping():
            return f"{{{shown}}}"
        case _:
            return shown
