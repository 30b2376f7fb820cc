"""Which editions of rulebooks there are: those that were published, and ours."""

import functools
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from events.definitions.cycle import DocumentPublished
from events.domain.aggregate.folding import Taken
from events.store import documents, reference
from services.access.roles import Unseen
from services.queries import publications
from services.web.context import system
from services.web.pages.parts import wording


class Edition(NamedTuple):
    """One edition of a rulebook."""

    named: str  # its digest, or our name of one that we ship and nobody used yet
    document: Mapping[str, Any]  # plain values, so that parts which came later are shown too
    published: DocumentPublished | None = None
    at: datetime | None = None  # when it was published


def every() -> list[Edition]:
    """Return the editions that were published, and those of ours that nobody used yet."""
    published = [_published_edition(each) for each in publications.every(system())]
    known = [each.document for each in published]
    ours = (Edition(name, document) for name, document in shipped_rulebooks().items())
    return [*published, *(each for each in ours if each.document not in known)]


def edition(named: str) -> Edition:
    """Return an edition by its digest, or by our name for it. Raises Unseen."""
    for each in publications.every(system()):
        if each.fact.digest == named:
            return _published_edition(each)
    if named in shipped_rulebooks():
        return Edition(named, shipped_rulebooks()[named])
    raise Unseen("rulebook")


def _published_edition(published: Taken[DocumentPublished]) -> Edition:
    fact = published.fact
    document = documents.get(system().store.database, fact.digest)
    return Edition(fact.digest, wording.in_order(document), fact, published.at)


@functools.cache
def shipped_rulebooks() -> Mapping[str, Any]:
    """Return the documents of the rulebooks that we ship, by our name for them."""
    return {
        name: reference.shipped_document("rulebook", name)
        for name in reference.shipped_names("rulebook")
    }
