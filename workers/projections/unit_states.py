"""Which units there are and where they hang: `unit_states`, a row a unit."""

from events.domain import unit
from services.read_models import tables
from workers.projections.stream_states import stream_states

UNIT_STATES = stream_states(
    "unit",
    edition=1,
    table=tables.unit_states,
    row=tables.unit_row,
    evolve=unit.evolve,
)
