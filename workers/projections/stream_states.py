"""The commonest projection: a row a subject, folded from the subject's own stream."""

from collections.abc import Iterable

from events.definitions.entry import Sequenced
from services.read_models.states import Kind
from workers.projections.projection import Projection, Rows


def stream_states(kind: Kind, *, edition: int) -> Projection:
    """Return the projection that carries the facts of a kind of stream into its rows."""
    prefix = f"{kind.name}-"

    def keys(sequenced: Sequenced) -> Iterable[str]:
        stream = sequenced.entry.stream
        return (stream.removeprefix(prefix),) if stream.startswith(prefix) else ()

    def apply(rows: Rows, sequenced: Sequenced) -> None:
        for subject_id in keys(sequenced):
            known = rows.get(subject_id)
            before = kind.state_in(known) if known else kind.empty
            after = kind.evolve(before, sequenced)
            if after is not before:  # a second time changes nothing
                rows.put(subject_id, kind.row(subject_id, sequenced.position, after))
                listed = kind.lookup_rows(subject_id, after)
                if listed != kind.lookup_rows(subject_id, before):
                    rows.relist(subject_id, listed)

    return Projection(kind.projection, edition, kind.table, keys, apply, kind.lookup)
