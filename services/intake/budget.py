"""How much a request of a sender limited to units may look at (decision 0078).

A sender may have told of somebody thousands of times, and tells a thousand facts at once. Whatever
looks at all that was told, for one fact, spends before it looks.
"""

from services.intake.refusals import TooMuchHistory

LOOKS_MAX = 1_000_000  # at marks of timelines, or at facts, by one request: a second or two


class Budget:
    """How much a request may still look at."""

    def __init__(self) -> None:
        self.left = LOOKS_MAX

    def spend(self, looks: int) -> None:
        """Raise TooMuchHistory where a request looks at more than it may."""
        self.left -= looks
        if self.left < 0:
            raise TooMuchHistory


class Unbounded(Budget):
    """For whoever writes about everybody."""

    def spend(self, looks: int) -> None:
        """Let them look."""
