"""Compare states as projected with states as folded from the log, row by row."""

from collections.abc import Callable, Iterator

from events.definitions.entry import Recorded
from events.domain import member, unit
from events.domain.timelines import EMPTY, State
from events.store import subscriptions
from events.store.database import Row
from events.store.store import Store
from events.store.verification import Finding
from services.read_models import states
from services.read_models.states import MEMBERS, UNITS, Kind

PAGE = 1_000

_EVOLVE: dict[str, Callable[[State, Recorded], State]] = {
    MEMBERS.name: member.evolve,
    UNITS.name: unit.evolve,
}


class StateCheck:
    """Folds what `LogCheck` reads, then compares. Events go in by `fold`, findings come out."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folded: dict[str, dict[str, tuple[int, State]]] = {name: {} for name in _EVOLVE}
        self.compared = 0  # rows

    def fold(self, position: int, recorded: Recorded) -> None:
        """Carry one event into the state of its stream."""
        name, _, subject_id = recorded.entry.stream.partition("-")
        if name in _EVOLVE:
            states_of = self._folded[name]
            _, before = states_of.get(subject_id, (0, EMPTY))
            states_of[subject_id] = position, _EVOLVE[name](before, recorded)

    def compare(self) -> Iterator[Finding]:
        """Iterate over what does not agree, projection by projection."""
        for kind in states.KINDS:
            serving = states.projected(self._store.database, kind.projection)
            if serving:
                yield from self._compare(kind, serving)

    def _compare(self, kind: Kind, serving: subscriptions.Subscription) -> Iterator[Finding]:
        aside = {
            e.stream for e in subscriptions.parked(self._store.database) if e[:2] == serving[:2]
        }
        folded = self._folded[kind.name]
        seen = set()
        for row in self._rows(kind):
            seen.add(row[0])
            self.compared += 1
            if kind.stream(row[0]) not in aside:
                yield from self._compare_row(kind, serving.position, row)
        for subject_id in sorted(folded.keys() - seen):
            if folded[subject_id][0] <= serving.position and kind.stream(subject_id) not in aside:
                yield Finding(
                    f"{kind.projection} {subject_id}", "the log has it, the table has not"
                )

    def _compare_row(self, kind: Kind, reached: int, row: Row) -> Iterator[Finding]:
        subject_id, version, position = row[:3]
        where = f"{kind.projection} {subject_id}"
        last, state = self._folded[kind.name].get(subject_id, (0, EMPTY))
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

    def _rows(self, kind: Kind) -> Iterator[Row]:
        """Iterate over the rows of the serving build, in pages by key."""
        columns = {"member": '"unit_id", "enrolled"', "unit": '"parent_id", "formed"'}[kind.name]
        key, after = f"{kind.name}_id", ""
        sql = (
            f"SELECT {key}, version, position, {columns}, state FROM {kind.projection} "
            f"WHERE {key} > ? ORDER BY {key} LIMIT ?"
        )
        while rows := self._store.database.rows(sql, (after, PAGE)):
            yield from (_plain(row) for row in rows)
            after = rows[-1][0]


def _plain(row: Row) -> Row:
    """Return a row with the types that both databases agree on."""
    subject_id, version, position, where, is_there, state = row
    return subject_id, version, position, where, bool(is_there), bytes(state)
