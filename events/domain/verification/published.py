"""What was published so far under whose name, in which order, and under what years were opened.

And whether a publication says of its document what that says of itself.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from events.definitions.cycle import CycleOpened, DocumentPublished, IssuerFreed
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.domain.documents.problems import DocumentInvalid
from events.domain.rulebook.sound import require_valid
from events.domain.verification.rating_checks import Check

WRONG_MAX = 3  # told of one check


class Published:
    """The documents that were published, by which of them was first."""

    def __init__(self) -> None:
        self._order = dict[str, int]()
        self._in_force = defaultdict[str, list[DocumentPublished]](list)
        self.used = set[str]()  # the documents under which years were opened

    def tell(self, event: Event) -> None:
        """Take one fact in, in the log's order."""
        match event:
            case DocumentPublished():
                self._order.setdefault(event.digest, len(self._order))
                self._in_force[event.issuer].append(event)
            case IssuerFreed():
                self._in_force.pop(event.issuer, None)
            case CycleOpened():
                self.used |= {event.rulebook, event.calendar}

    def of_issuer(self, issuer: str) -> Sequence[DocumentPublished]:
        """Return what was published under a name since it was freed for the last time."""
        return self._in_force.get(issuer, ())

    def has(self, digest: str) -> bool:
        return digest in self._order

    def is_later(self, digest: str, earlier: str) -> bool:
        """Tell whether a document was published, and after an earlier one if that was."""
        return self._order.get(digest, -1) > self._order.get(earlier, -1)


def check_publications(
    history: Iterable[Recorded | Sequenced], documents: Mapping[str, Any]
) -> Check:
    """Return whether the documents at hand are sound, and published as what they are."""
    told = [each.event for each in history if isinstance(each.event, DocumentPublished)]
    at_hand = [each for each in told if each.digest in documents]
    wrong = [each for fact in at_hand for each in wrong_document(fact, documents[fact.digest])]
    good = f"{len(at_hand)} documents, each sound and what was published"
    return Check("publications", not wrong, "; ".join(wrong[:WRONG_MAX]) or good)


def wrong_document(event: DocumentPublished, document: Any) -> Iterator[str]:
    """Iterate over what is wrong with a document that was published, or with what is told of it."""
    try:
        require_valid(document)
    except DocumentInvalid as error:
        yield f"document {event.digest} is not sound: {error}"
        return
    own = (document["issuer"], document["kind"], document["id"], document["edition"])
    if own != (event.issuer, event.kind, event.name, event.edition):
        named = f"{event.issuer} {event.kind} {event.name} {event.edition}"
        yield f"document {event.digest} was published as {named}, and is {' '.join(own)}"
