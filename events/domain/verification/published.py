"""What is published by now under whose name, in which order, and under what years were opened.

What was published under a name that was freed since is nobody's: published again, it begins anew.
And whether a publication says of its document what that says of itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any

from events.definitions.cycle import CycleOpened, DocumentPublished, IssuerFreed
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.domain.documents.problems import DocumentInvalid
from events.domain.rulebook.sound import require_valid
from events.domain.verification.rating_checks import Check

WRONG_MAX = 3  # told of one check


class Published:
    """The documents that were published, by which of them was first."""

    def __init__(self) -> None:
        self._told = 0
        self._order = defaultdict[str, dict[str, int]](dict)  # of a document, by its issuer
        self._in_force = defaultdict[str, list[DocumentPublished]](list)
        self._of_nobody = defaultdict[str, list[DocumentPublished]](list)  # likewise
        self.used = set[str]()  # the documents under which years were opened

    def tell(self, event: Event) -> None:
        """Take one fact in, in the log's order."""
        match event:
            case DocumentPublished():
                self._told += 1
                self._order[event.digest].setdefault(event.issuer, self._told)
                self._in_force[event.issuer].append(event)
                if not event.by:
                    self._of_nobody[event.issuer].append(event)
            case IssuerFreed():
                self._of_nobody.pop(event.issuer, None)
                for each in self._in_force.pop(event.issuer, ()):
                    self._order[each.digest].pop(event.issuer, None)
            case CycleOpened():
                self.used |= {event.rulebook, event.calendar}
            case CalendarSupplemented():
                self.used.add(event.calendar)

    def of_issuer(self, issuer: str) -> Sequence[DocumentPublished]:
        """Return what was published under a name since it was freed for the last time."""
        return self._in_force.get(issuer, ())

    def by_nobody(self) -> Iterator[DocumentPublished]:
        """Iterate over what is in force and no unit published: the operator did, or we ship it."""
        return chain.from_iterable(self._of_nobody.values())

    def has(self, digest: str) -> bool:
        """Tell whether a document is published, under a name that was not freed since."""
        return bool(self._place(digest))

    def is_later(self, digest: str, earlier: str) -> bool:
        """Tell whether a document is published, and after an earlier one if that is."""
        return self._place(digest) > self._place(earlier)

    def _place(self, digest: str) -> int:
        return min(self._order.get(digest, {}).values(), default=0)


def check_publications(
    history: Iterable[Recorded | Sequenced], documents: Mapping[str, Any]
) -> Check:
    """Return whether the documents at hand are sound, and published as what they are.

    A name is freed only while no year was opened under it: that the whole log shows.
    """
    facts = [each.event for each in history]
    told = [each for each in facts if isinstance(each, DocumentPublished)]
    freed = {each.issuer: None for each in facts if isinstance(each, IssuerFreed)}
    at_hand = [each for each in told if each.digest in documents]
    wrong = [each for fact in at_hand for each in wrong_document(fact, documents[fact.digest])]
    good = f"{len(at_hand)} documents, each sound and what was published"
    if freed:
        good += f"; only the whole log shows that no year was opened before {_names(freed)} freed"
    return Check("publications", not wrong, "; ".join(wrong[:WRONG_MAX]) or good)


def _names(issuers: Collection[str]) -> str:
    return f"{', '.join(issuers)} {'was' if len(issuers) == 1 else 'were'}"


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
