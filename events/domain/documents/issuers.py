"""Under whose name an edition is published, and that what was published never changes."""

from collections.abc import Callable, Collection, Iterable

from events.definitions.cycle import DocumentPublished, IssuerFreed
from events.definitions.records import Label
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.identifiers import UnitId

OURS = "tusoi"  # the issuer of what we ship


def publish(
    before: Iterable[DocumentPublished],
    wanted: DocumentPublished,
    *,
    named: bool = False,
    holders: Collection[UnitId] | None = None,
) -> DocumentPublished | None:
    """Return the fact that an edition is published; None where it was told already.

    A unit publishes under a name that HR or the operator gave it. Whoever published first under a
    name keeps it, be it the operator of the service; a unit, as long as the name is not taken away.

    Args:
        before: all that was published under this issuer's name, in its order, since it was freed.
        wanted: what is to be published under it now.
        named: whether the unit that publishes was given the name.
        holders: which of the units that published before were not taken the name; none told: all.

    Raises:
        CommandRejected: the name is somebody else's or nobody's yet, or the edition is published
            with other content, and reviews may be bound to that.
    """
    earlier = tuple(before)
    publisher = _publisher(wanted)
    others = {_publisher(each) for each in earlier} - {publisher}
    kept = any(each is None or holders is None or each in holders for each in others)
    if kept or (wanted.issuer == OURS and publisher):
        raise issuer_taken(wanted.issuer)
    if wanted.by and not named:
        raise CommandRejected(Rejection.ISSUER_NOT_GIVEN, issuer=wanted.issuer)
    for each in earlier:
        if (each.kind, each.name, each.edition) == (wanted.kind, wanted.name, wanted.edition):
            if each.digest == wanted.digest:
                return None
            edition = f"{each.name} {each.edition}"
            raise CommandRejected(Rejection.EDITION_TAKEN, edition=edition)
    return wanted


def publish_as_unit(
    before: Iterable[DocumentPublished],
    wanted: DocumentPublished,
    names_of: Callable[[UnitId], Collection[str]],
) -> DocumentPublished | None:
    """Return as `publish` does where a unit publishes, by the names that units hold now."""
    earlier = tuple(before)
    units = {each for told in (*earlier, wanted) if (each := _publisher(told))}
    holders = {each for each in units if wanted.issuer in names_of(each)}
    return publish(earlier, wanted, named=_publisher(wanted) in holders, holders=holders)


def issuer_taken(issuer: str) -> CommandRejected:
    """Return the no to whoever publishes under somebody else's name."""
    return CommandRejected(Rejection.ISSUER_TAKEN, issuer=issuer)


def _publisher(published: DocumentPublished) -> UnitId | None:
    """Return the unit that published something; None for the operator of the service."""
    return published.by.unit_id if published.by else None


def free(published: Iterable[DocumentPublished], issuer: str, used: Collection[str]) -> IssuerFreed:
    """Return that a name is nobody's any more, with all that was published under it.

    Raises:
        CommandRejected: it is ours, nothing was published under it, or a year was opened under
            one of the documents, by their digests in `used`.
    """
    digests = {each.digest for each in published}
    if issuer == OURS or not digests:
        raise CommandRejected(Rejection.ISSUER_NOT_THERE, issuer=issuer)
    if not digests.isdisjoint(used):
        raise CommandRejected(Rejection.ISSUER_USED, issuer=issuer)
    return IssuerFreed(issuer=Label(issuer))
