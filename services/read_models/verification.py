"""Compare states as projected with states as folded from the log, row by row."""

from collections.abc import Iterator, Sequence
from functools import cache, partial
from typing import Any, NamedTuple

import sqlalchemy as sa

from events.definitions.entry import Recorded
from events.store import subscriptions
from events.store.database import Row, Transaction, as_bytes
from events.store.store import Store
from events.store.verification import Finding, finding_of
from services.read_models import states
from services.read_models.states import Kind
from services.read_models.tables import TableOf

PAGE = 1_000

_BY_NAME = {kind.name: kind for kind in states.KINDS}


class _Page(NamedTuple):
    """Some rows of a kind, and by key what its lookup lists of them, as of one moment."""

    rows: list[Row]
    listed: dict[str, list[Row]]


class StateCheck:
    """Folds what `LogCheck` reads, then compares. Events go in by `fold`, findings come out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folded: dict[str, dict[str, tuple[int, Any]]] = {name: {} for name in _BY_NAME}
        self.compared = 0  # rows

    def fold(self, position: int, recorded: Recorded) -> None:
        """Carry one event into the state of its stream."""
        name, _, subject_id = recorded.entry.stream.partition("-")
        kind = _BY_NAME.get(name)
        if kind:
            states_of = self._folded[name]
            _, before = states_of.get(subject_id, (0, kind.empty))
            states_of[subject_id] = position, kind.evolve(before, recorded)

    def folded_state(self, name: str, key: str) -> Any:
        """Return the state of a stream by its kind's name and its key, as far as was folded."""
        return self._folded[name].get(key, (0, _BY_NAME[name].empty))[1]

    def folded_states(self, kind: Kind) -> Iterator[tuple[str, Any]]:
        """Iterate over the states of a kind as the log has them, by key."""
        states_of = self._folded[kind.name]
        return ((key, states_of[key][1]) for key in sorted(states_of))

    def compare(self) -> Iterator[Finding]:
        """Iterate over what does not agree, projection by projection."""
        for kind in states.KINDS:
            serving = states.serving_build(self._store.database, kind.projection)
            if serving:
                yield from self._compare(kind, serving)

    def _compare(self, kind: Kind, serving: subscriptions.Subscription) -> Iterator[Finding]:
        aside = {
            e.stream
            for e in subscriptions.parked_events(self._store.database)
            if e[:2] == serving[:2]
        }
        folded = self._folded[kind.name]
        seen = set()
        for page in self._pages(kind):
            for row in page.rows:
                seen.add(row[0])
                self.compared += 1
                listed = page.listed.pop(row[0], [])
                if kind.stream(row[0]) not in aside:
                    try:
                        yield from self._compare_row(kind, serving.position, row, listed)
                    except Exception as error:  # noqa: BLE001 - a row may hold anything
                        yield finding_of(f"{kind.projection} {row[0]}", error)
            for key in page.listed:
                yield Finding(
                    f"{kind.projection} {key}", "something is listed of it, it has no row"
                )
        for subject_id in sorted(folded.keys() - seen):
            if folded[subject_id][0] <= serving.position and kind.stream(subject_id) not in aside:
                yield Finding(
                    f"{kind.projection} {subject_id}", "the log has it, the table has not"
                )

    def _compare_row(
        self, kind: Kind, reached: int, row: Row, listed: Sequence[Row]
    ) -> Iterator[Finding]:
        subject_id, version, position = row[:3]
        where = f"{kind.projection} {subject_id}"
        last, state = self._folded[kind.name].get(subject_id, (0, kind.empty))
        if state.version > version and last <= reached:
            yield Finding(where, f"is at version {version}, the log is at {state.version}")
            return
        if state.version != version:  # the projection moved on, or lags behind
            state = kind.fold(
                self._store.read_stream(kind.stream(subject_id), as_of=position).events
            )
            last = position
        if kind.row(subject_id, last, state) != row:
            yield Finding(
                where, "the row is not what its facts come to; `tusoi rebuild` remakes it"
            )
        elif sorted(kind.lookup_rows(subject_id, state)) != sorted(listed):
            yield Finding(
                where, "what is listed of it is not what it holds; `tusoi rebuild` remakes it"
            )

    def _pages(self, kind: Kind) -> Iterator[_Page]:
        """Iterate over the rows of the serving build by key, the last page with what has none."""
        columns = _columns(kind.table)
        names = ", ".join(f'"{column.name}"' for column in columns)
        flags = [n for n, column in enumerate(columns) if isinstance(column.type, sa.Boolean)]
        sql = (
            f"SELECT {names} FROM {kind.projection} "
            f"WHERE {kind.key} > ? ORDER BY {kind.key} LIMIT ?"
        )

        def read(transaction: Transaction, after: str) -> _Page:
            transaction.see_one_snapshot()
            rows = transaction.rows(sql, (after, PAGE))
            until = rows[-1][0] if rows else None
            plain = [_plain_row(row, flags) for row in rows]
            return _Page(plain, _lookup_rows(transaction, kind, after, until))

        after, more = "", True
        while more:
            page = self._store.database.read(partial(read, after=after))
            more = bool(page.rows)
            after = page.rows[-1][0] if more else after
            yield page


@cache
def _columns(table: TableOf) -> tuple[sa.Column[Any], ...]:
    """Return the columns of the tables of all builds; to declare a table takes a while."""
    return tuple(table("columns").columns)


def _lookup_rows(
    transaction: Transaction, kind: Kind, after: str, until: str | None
) -> dict[str, list[Row]]:
    """Return what a lookup lists of the keys after one, up to another or to the end."""
    if kind.lookup is None:
        return {}
    names = ", ".join(column.name for column in _columns(kind.lookup.table))
    up_to = "" if until is None else f" AND {kind.key} <= ?"
    sql = f"SELECT {names} FROM {kind.lookup.name} WHERE {kind.key} > ?{up_to}"
    found: dict[str, list[Row]] = {}
    for row in transaction.rows(sql, (after,) if until is None else (after, until)):
        found.setdefault(row[0], []).append(row)
    return found


def _as_flag(value: object) -> object:
    return bool(value) if value in (0, 1) else value


def _plain_row(row: Row, flags: Sequence[int]) -> Row:
    """Return a row with the types that both databases agree on.

    A flag that is neither 0 nor 1, as SQLite takes it, stays what it is: queries see neither.
    """
    values = [_as_flag(value) if n in flags else value for n, value in enumerate(row)]
    state = values[-1]
    return (*values[:-1], as_bytes(state) if isinstance(state, memoryview | None) else state)
