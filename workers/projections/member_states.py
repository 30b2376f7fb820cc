"""Project the facts about members into `member_states`: a row a member, folded from the stream."""

from collections.abc import Iterable

from events.definitions.entry import Sequenced
from events.domain import member
from events.domain.timelines import EMPTY
from services.read_models import tables
from workers.projections.projection import Projection, Rows

PREFIX = "member-"


def keys(sequenced: Sequenced) -> Iterable[str]:
    """Return the member whom a fact is about, if it is about one."""
    stream = sequenced.entry.stream
    return (stream.removeprefix(PREFIX),) if stream.startswith(PREFIX) else ()


def apply(rows: Rows, sequenced: Sequenced) -> None:
    """Carry one fact into the member's row. A second time changes nothing."""
    for member_id in keys(sequenced):
        row = rows.get(member_id)
        before = tables.state_in(row) if row else EMPTY
        after = member.evolve(before, sequenced)
        if after is not before:
            rows.put(member_id, tables.member_row(member_id, sequenced.position, after))


MEMBER_STATES = Projection("member_states", 1, tables.member_states, keys, apply)
