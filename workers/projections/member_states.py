"""Who belongs where, in which post, since when: `member_states`, a row a member."""

from services.read_models import states
from workers.projections.stream_states import stream_states

MEMBER_STATES = stream_states(states.MEMBERS, edition=16)
