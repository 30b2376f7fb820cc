"""Whether whoever opened a year or published acts for their unit by what spoke for it by then.

The whole log shows it: which names a unit was given, under what it opened a year last, and which
editions were published under which name. Those that speak for a unit with none of its own are the
program's, and what the operator published: nobody else publishes one in no unit's name.
"""

from collections.abc import Callable, Collection, Iterable, Iterator
from typing import NamedTuple

from events.definitions.cycle import CycleOpened, DocumentKind, DocumentPublished
from events.definitions.entry import Recorded, Sequenced
from events.definitions.records import Hand
from events.domain.documents.issuers import OURS
from events.domain.rulebook.rulebook import Rulebook
from events.domain.verification.principals import OPERATOR
from events.domain.verification.told import Told
from events.domain.year import speaking
from events.identifiers import UnitId


class Editions(NamedTuple):
    """The editions that there are: how one that was published is read, and those that we ship."""

    rulebook: Callable[[str], Rulebook]  # by its digest
    shipped: Callable[[], Iterable[Rulebook]]
    shipped_digests: Callable[[], Collection[str]]


def wrong_speaker(told: Told, each: Recorded | Sequenced, editions: Editions) -> Iterator[str]:
    """Iterate over why somebody would not have opened a year, or published, by what was told."""
    told.ask(each)
    event = each.event
    if isinstance(event, CycleOpened) and not event.taken_from:
        yield from _unspoken(told, event.by, told.posts_beside(event.by), editions)
    elif isinstance(event, DocumentPublished) and event.by:
        yield from _unspoken(told, event.by, (event.by.post,), editions)
        if event.kind is not DocumentKind.RULEBOOK:
            yield f"document {event.digest} is a {event.kind}: units publish rulebooks alone"
    elif isinstance(event, DocumentPublished) and event.kind is DocumentKind.RULEBOOK:
        by_operator = each.entry.principal == OPERATOR and event.issuer != OURS
        if not by_operator and event.digest not in editions.shipped_digests():
            yield f"document {event.digest} is published by no unit, and is none that we ship"


def _unspoken(told: Told, by: Hand, posts: Collection[str], editions: Editions) -> Iterator[str]:
    try:
        speaking_now = speaking.editions_for(by.unit_id, _knowledge(told, editions))
    except Exception as error:  # noqa: BLE001 - what was published may be anything
        yield f"which editions speak for {by.unit_id} cannot be judged: {error!r}"
        return
    acting = {post for each in speaking_now for post in each.offices}
    if acting.isdisjoint(posts):
        yield f"{by.member_id} holds no post that acts for {by.unit_id} by what speaks for it"


def _knowledge(told: Told, editions: Editions) -> speaking.Known:
    def issuers_of(unit_id: UnitId) -> tuple[str, ...]:
        return told.holds_of(unit_id).issuers

    return speaking.Known(
        way_up=told.way_up,
        issuers_of=issuers_of,
        years_of=told.years_of,
        published_under=told.published.of_issuer,
        published_by_nobody=told.published.by_nobody,
        rulebook=editions.rulebook,
        shipped=editions.shipped,
    )
