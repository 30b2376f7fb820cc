"""Where each remediation plan stands, and who must act: `plan_states`, a row a plan."""

from services.read_models import states
from workers.projections.stream_states import stream_states

PLAN_STATES = stream_states(states.PLANS, edition=9)
