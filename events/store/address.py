"""Which databases there are, and how they are opened by their addresses."""

from collections.abc import Callable, Mapping
from pathlib import Path

import sqlalchemy as sa

from events.store.database import Database

# A program loads the driver of its own database alone: each takes a while that people wait for.


def _on_sqlite() -> type[Database]:
    from events.store.sqlite import SqliteDatabase  # noqa: PLC0415 - see above

    return SqliteDatabase


def _on_postgresql() -> type[Database]:
    from events.store.postgresql import PostgresDatabase  # noqa: PLC0415 - see above

    return PostgresDatabase


DATABASES: Mapping[str, Callable[[], type[Database]]] = {  # by how their addresses begin
    "sqlite": _on_sqlite,
    "postgresql": _on_postgresql,
}


def open_database(url: str, *, setting: str = "TUSOI_DATABASE_URL") -> Database:
    """Return the database at an address.

    Raises:
        ValueError: another kind of database; the message names the setting that says so.
        StoreUnavailable: there can be none at that place.
    """
    kind, parsed = read_address(url, setting)
    return kind.at(parsed)


def read_address(url: str, setting: str) -> tuple[type[Database], sa.URL]:
    """Return which kind of database an address names, and its parts. Raises as opening it does."""
    kind = _kind(url)
    try:
        parsed = sa.make_url(url)
    except (sa.exc.ArgumentError, ValueError):  # it may hold a password: it is not told
        raise ValueError(f"{setting} is no address: it must begin with {_beginnings()}") from None
    if kind is None or (kind.embedded and not parsed.database):
        raise ValueError(f"{setting} must begin with {_beginnings()}")
    return kind, parsed


def is_embedded(url: str) -> bool:
    """Return whether the database at an address is a file, which needs no server."""
    kind = _kind(url)
    return kind is not None and kind.embedded


def file_at(url: str) -> Path | None:
    """Return the file of an embedded database; of one that needs a server, None."""
    return Path(sa.make_url(url).database or "") if is_embedded(url) else None


def _kind(url: str) -> type[Database] | None:
    load = DATABASES.get(url.partition(":")[0].partition("+")[0])
    return load() if load else None


def _beginnings() -> str:
    return " or ".join(load().address for load in DATABASES.values())
