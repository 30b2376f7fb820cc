"""Where each review stands, and who must act: `review_states`, a row a review."""

from services.read_models import states
from workers.projections.stream_states import stream_states

REVIEW_STATES = stream_states(states.REVIEWS, edition=15)
