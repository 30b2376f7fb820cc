"""Which units there are and where they hang: `unit_states`, a row a unit."""

from services.read_models import states
from workers.projections.stream_states import stream_states

UNIT_STATES = stream_states(states.UNITS, edition=13)
