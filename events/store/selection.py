"""Read a part of the log by position: the database leaves out what nobody wants.

Whoever wants little is handed little, and whoever wants a few streams is led to them by their
index, however long the log is. A type has no index: every fact would pay for it for ever, so that
a system that comes for the first time is led over old years faster. The database looks at 10,000
facts in some 10 ms, and whoever follows looks at what is new alone.
"""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from events.store.database import Row, Transaction

WORD = ".*"  # ends a pattern that stands for all types under a word
STREAMS_FEW = 100  # of which all positions are found faster than the log is looked through

_SELECTED = """
SELECT log.position, log.sequencedat, events.entry, events.stream, events.type"""
_AT = f"""
{_SELECTED} FROM log JOIN events ON events.arrival = log.arrival WHERE log.position IN ?"""


class Wanted(NamedTuple):
    """Which facts of the log somebody wants."""

    types: frozenset[str] | None = None  # exact, or `word.*`; None: every type
    streams: frozenset[str] | None = None  # None: every stream

    @property
    def is_nothing(self) -> bool:
        return self.types == frozenset() or self.streams == frozenset()


class Selected(NamedTuple):
    """A fact in its place."""

    position: int
    stamp: int  # when it got its position, as stored
    entry: bytes
    stream: str
    type: str


def read(
    transaction: Transaction, wanted: Wanted, after: int, until: int, most: int
) -> list[Selected]:
    """Return up to `most` of the facts wanted that stand after a position and not after another."""
    where, values = _condition(wanted)
    # Entries are read last: sorting what stands in a few streams would carry all of theirs along.
    sql = f"""
    {_SELECTED} FROM (
      SELECT log.position, log.sequencedat, log.arrival
      FROM log JOIN events ON events.arrival = log.arrival
      WHERE log.position > ? AND log.position <= ?{where} ORDER BY log.position LIMIT ?) AS log
    JOIN events ON events.arrival = log.arrival ORDER BY log.position"""
    return _as_selected(transaction.rows(sql, (after, until, *values, most)))


def places(
    transaction: Transaction, wanted: Wanted, after: int, until: int, most: int
) -> list[tuple[int, str]]:
    """Return as `read` does where facts stand and in which streams, without the facts."""
    where, values = _condition(wanted)
    sql = f"""
    SELECT log.position, events.stream FROM log JOIN events ON events.arrival = log.arrival
    WHERE log.position > ? AND log.position <= ?{where} ORDER BY log.position LIMIT ?"""
    rows = transaction.rows(sql, (after, until, *values, most))
    return [(row[0], row[1]) for row in rows]


def at(transaction: Transaction, positions: Collection[int]) -> list[Selected]:
    """Return the facts at some positions, in their order."""
    return _as_selected(sorted(transaction.rows_in(_AT, list(positions))))


def _condition(wanted: Wanted) -> tuple[str, list[str]]:
    """Return what holds of the events wanted, with its values."""
    conditions, values = [], list[str]()
    if wanted.types is not None:
        exact = sorted(each for each in wanted.types if not each.endswith(WORD))
        words = sorted(each.removesuffix("*") for each in wanted.types if each.endswith(WORD))
        kinds = [f"events.type IN ({_marks(exact)})"] if exact else []
        kinds += [f"substr(events.type, 1, {len(each)}) = ?" for each in words]
        conditions.append(" OR ".join(kinds))
        values += exact + words
    if wanted.streams is not None:
        conditions.append(f"events.stream IN ({_marks(wanted.streams)})")
        values += sorted(wanted.streams)
    return "".join(f" AND ({each})" for each in conditions), values


def _marks(values: Collection[str]) -> str:
    return ", ".join("?" * len(values))


def _as_selected(rows: Iterable[Row]) -> list[Selected]:
    return [Selected(row[0], row[1], bytes(row[2]), row[3], row[4]) for row in rows]
