"""Take-over and voiding: what a unit above told of a cycle reaches everything in it.

Whoever tells it carries it out at once; this ends what they could not, also for reviews that were
opened so shortly before that no list knew them yet.
"""

from events.definitions.cycle import CycleTakenOver, CycleVoided
from events.definitions.entry import Sequenced
from events.errors import StoreUnavailable, TusoiError
from services.commands import takeovers
from services.context import Context
from services.read_models import states
from services.read_models.states import REVIEWS

NAME = takeovers.NAME


class NotYet(StoreUnavailable):
    """A list that a reaction reads has not come to the fact that it follows: it tries again."""

    def __init__(self, projection: str) -> None:
        TusoiError.__init__(self, f"{projection} lags behind: tried again when it has caught up")


class Takeovers:
    """Moves or voids what nobody moved or voided; a second time nothing is left."""

    name = NAME

    def __init__(self, context: Context) -> None:
        self._context = context

    def handle(self, sequenced: Sequenced) -> None:
        """Carry out what was told of a cycle, once lists know all that was opened in it.

        Raises:
            NotYet
        """
        if isinstance(sequenced.event, CycleTakenOver | CycleVoided):
            come = states.serving_position(self._context.store.database, REVIEWS.projection)
            if come < sequenced.position:
                raise NotYet(REVIEWS.projection)
            takeovers.carry_out(self._context, sequenced, sequenced.event)
