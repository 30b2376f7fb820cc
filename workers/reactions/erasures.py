"""Erasure: what was ordered is carried out, whatever broke off in the middle.

Whoever orders an erasure carries it out at once; this ends what they could not.
"""

from events.definitions.entry import Sequenced
from events.definitions.erasure import ErasureOrdered
from events.identifiers import Stream
from services.commands import erasures
from services.context import Context

NAME = erasures.NAME


class Erasures:
    """Carries out orders that nobody carried out; a second time nothing is left."""

    name = NAME

    def __init__(self, context: Context) -> None:
        self._context = context

    def handle(self, sequenced: Sequenced) -> None:
        """Carry out an order, unless that was done."""
        if isinstance(sequenced.event, ErasureOrdered):
            history = self._context.store.read_stream(Stream(sequenced.entry.stream)).events
            for order in erasures.orders_left(history):
                erasures.carry_out(self._context, order)
