"""Under whose name an edition is published, and that what was published never changes."""

from collections.abc import Iterable

from events.definitions.cycle import DocumentPublished
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.identifiers import UnitId

OURS = "tusoi"  # the issuer of what we ship


def publish(
    before: Iterable[DocumentPublished], wanted: DocumentPublished
) -> DocumentPublished | None:
    """Return the fact that an edition is published; None where it was told already.

    Whoever publishes first under an issuer's name keeps it: a unit, or the operator of the service.

    Args:
        before: all that was published under this issuer's name, in its order.
        wanted: what is to be published under it now.

    Raises:
        CommandRejected: the name is somebody else's, or the edition is published with other
            content, and reviews may be bound to that.
    """
    earlier = tuple(before)
    keepers = {_publisher(each) for each in earlier[:1]} or {_publisher(wanted)}
    if wanted.issuer == OURS:
        keepers = {None}
    if _publisher(wanted) not in keepers:
        raise issuer_taken(wanted.issuer)
    for each in earlier:
        if (each.kind, each.name, each.edition) == (wanted.kind, wanted.name, wanted.edition):
            if each.digest == wanted.digest:
                return None
            edition = f"{each.name} {each.edition}"
            raise CommandRejected(Rejection.EDITION_TAKEN, edition=edition)
    return wanted


def issuer_taken(issuer: str) -> CommandRejected:
    """Return the no to whoever publishes under somebody else's name."""
    return CommandRejected(Rejection.ISSUER_TAKEN, issuer=issuer)


def _publisher(published: DocumentPublished) -> UnitId | None:
    """Return the unit that published something; None for the operator of the service."""
    return published.by.unit_id if published.by else None
