"""Before whom each escalation lies: `escalation_states`, a row an escalation."""

from services.read_models import states
from workers.projections.stream_states import stream_states

ESCALATION_STATES = stream_states(states.ESCALATIONS, edition=7)
