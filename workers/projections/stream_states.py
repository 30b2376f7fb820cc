"""The commonest projection: a row a subject, folded from the subject's own stream."""

from collections.abc import Callable, Iterable

from events.definitions.entry import Sequenced
from events.domain.timelines import EMPTY, State
from events.store.database import Row
from services.read_models import tables
from workers.projections.projection import Projection, Rows


def stream_states(
    kind: str,
    *,
    edition: int,
    table: tables.TableOf,
    row: Callable[[str, int, State], Row],
    evolve: Callable[[State, Sequenced], State],
) -> Projection:
    """Return the projection `{kind}_states`, which carries facts about a `kind` into its row."""
    prefix = f"{kind}-"

    def keys(sequenced: Sequenced) -> Iterable[str]:
        stream = sequenced.entry.stream
        return (stream.removeprefix(prefix),) if stream.startswith(prefix) else ()

    def apply(rows: Rows, sequenced: Sequenced) -> None:
        for subject_id in keys(sequenced):
            known = rows.get(subject_id)
            before = tables.state_in(known) if known else EMPTY
            after = evolve(before, sequenced)
            if after is not before:  # a second time changes nothing
                rows.put(subject_id, row(subject_id, sequenced.position, after))

    return Projection(f"{kind}_states", edition, table, keys, apply)
