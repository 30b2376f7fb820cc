"""Which documents were published so far, and in which order."""

from events.definitions.cycle import DocumentPublished
from events.definitions.event import Event


class Published:
    """The documents that were published, by which of them was first."""

    def __init__(self) -> None:
        self._order = dict[str, int]()

    def tell(self, event: Event) -> None:
        """Take one fact in, in the log's order."""
        if isinstance(event, DocumentPublished):
            self._order.setdefault(event.digest, len(self._order))

    def has(self, digest: str) -> bool:
        return digest in self._order

    def is_later(self, digest: str, earlier: str) -> bool:
        """Tell whether a document was published, and after an earlier one if that was."""
        return self._order.get(digest, -1) > self._order.get(earlier, -1)
