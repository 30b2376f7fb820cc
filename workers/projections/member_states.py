"""Who belongs where, in which post, since when: `member_states`, a row a member."""

from events.domain import member
from services.read_models import tables
from workers.projections.stream_states import stream_states

MEMBER_STATES = stream_states(
    "member",
    edition=1,
    table=tables.member_states,
    row=tables.member_row,
    evolve=member.evolve,
)
