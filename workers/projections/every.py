"""Every projection, by name, in the order in which they are told of."""

from workers.projections.escalation_states import ESCALATION_STATES
from workers.projections.member_states import MEMBER_STATES
from workers.projections.plan_states import PLAN_STATES
from workers.projections.projection import Projection
from workers.projections.review_states import REVIEW_STATES
from workers.projections.unit_states import UNIT_STATES

PROJECTIONS: dict[str, Projection] = {
    each.name: each
    for each in (UNIT_STATES, MEMBER_STATES, REVIEW_STATES, PLAN_STATES, ESCALATION_STATES)
}
