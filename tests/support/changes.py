"""Change a JSON value in every place: another value, none, twice, or nothing in it."""

from collections.abc import Iterator
from typing import Any


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Iterate over the paths to everything in a JSON value that holds nothing further."""
    items: Any = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, inner in items:
        yield from leaves(inner, (*path, key))
    if not isinstance(value, dict | list):
        yield path


def alter_value(value: Any) -> Any:
    match value:
        case bool():
            return not value
        case int():
            return value + 1
        case _:
            return f"{value[:-1]}{'b' if value[-1:] == 'a' else 'a'}"


def holder(bundle: Any, path: tuple[Any, ...]) -> Any:
    for step in path[:-1]:
        bundle = bundle[step]
    return bundle


def drop(bundle: Any, path: tuple[Any, ...]) -> None:
    del holder(bundle, path)[path[-1]]


def double(bundle: Any, path: tuple[Any, ...]) -> None:
    within, last = holder(bundle, path), path[-1]
    if isinstance(within, list):
        within.insert(last, within[last])
    else:
        within[f"{last}_"] = within[last]


def empty(bundle: Any, path: tuple[Any, ...]) -> None:
    within, last = holder(bundle, path), path[-1]
    within[last] = 0 if within[last] in ([], "") else []
