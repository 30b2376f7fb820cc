"""Take-over and voiding: what a unit above told of a cycle reaches everything in it.

Whoever tells it carries it out at once; this ends what they could not, also for reviews that were
opened so shortly before that no list knew them yet.
"""

from events.definitions.cycle import CycleTakenOver, CycleVoided
from events.definitions.entry import Sequenced
from services.commands import takeovers
from services.context import Context
from services.read_models import states
from services.read_models.states import REVIEWS

NAME = takeovers.NAME


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
            states.require_come(
                self._context.store.database, REVIEWS.projection, sequenced.position
            )
            takeovers.carry_out(self._context, sequenced, sequenced.event)
