"""How much a request of a sender limited to units may look at (decision 0078).

A sender may have told of somebody thousands of times, and tells a thousand facts at once. Whatever
looks at all that was told, for one fact, spends before it looks. What the sender does not see costs
nothing: else the answer would tell how much of it there is (decision 0085).
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

from events.definitions.entry import Recorded
from events.identifiers import Stream
from services.intake.refusals import TooMuchHistory

LOOKS_MAX = 1_000_000  # at marks of timelines, or at facts, by one request: a second or two
READ_LOOKS = 10  # what reading a fact costs, or unsealing its words

History: TypeAlias = Sequence[Recorded]
Seen: TypeAlias = Callable[[Stream, History], History]


def _all_of(_stream: Stream, history: History) -> History:
    return history


class Budget:
    """How much a request may still look at."""

    def __init__(self, seen: Seen = _all_of) -> None:
        self.left = LOOKS_MAX
        self.seen = seen  # returns what of a stream the sender sees

    def spend(self, looks: int) -> None:
        """Raise TooMuchHistory where a request looks at more than it may."""
        self.left -= looks
        if self.left < 0:
            raise TooMuchHistory

    def read(self, stream: Stream, history: History) -> History:
        """Return what of a stream the sender sees, and spend what reading that costs."""
        seen = self.seen(stream, history)
        self.spend(READ_LOOKS * len(seen))
        return seen


class Unbounded(Budget):
    """For whoever writes about everybody, and for what is looked at whoever asks."""

    def spend(self, looks: int) -> None:
        """Let them look."""
