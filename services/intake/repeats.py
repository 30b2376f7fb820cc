"""What came before: a request that comes again is told from another one by its digest.

The digest lies in the log for ever, and of few possible words each can be tried out: so it is made
under the keys that seal the words of the request, and says nothing once they are destroyed.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from events.store.store import Known, Store
from events.vault.sealing import IDENTITY
from events.vault.wrapping import derive
from services.access.tokens import Principal
from services.context import Context
from services.intake import translation
from services.intake.checks import CheckedBatch
from services.intake.parser import SentEvent
from services.intake.reach import Reach
from services.intake.refusals import ConflictingRepeat
from services.intake.translation import Fact

Digests: TypeAlias = Mapping[int, bytes | None]  # of requests, by the index of the fact


def known_facts(
    context: Context, principal: Principal, batch: CheckedBatch, reach: Reach | None
) -> tuple[dict[tuple[str, str], Known], list[Fact]]:
    """Return what had come before, and what of it the sender may not know.

    They know what they sent themselves, and what tells of those about whom they may write, of the
    time since these are within.

    Raises:
        ConflictingRepeat: an id came before with other content.
    """
    known: dict[tuple[str, str], Known] = {}
    hidden: list[Fact] = []
    for source in {fact.source for fact in batch.facts}:
        facts = [fact for fact in batch.facts if fact.source == source]
        found = _known_under(context.store, source, [fact.id for fact in facts])
        digests = digests_of(
            context,
            (
                Request(fact, batch.sent[fact.index], found[fact.id].receipt.stream)
                for fact in facts
                if fact.id in found
            ),
        )
        for fact in facts:
            each = found.get(fact.id)
            if each is None:
                continue
            if _is_hidden(each, principal, reach):
                hidden.append(fact)
            elif _conflicts(fact, each, digests[fact.index]):
                raise ConflictingRepeat(fact.id, index=fact.index)
            else:
                known[source, fact.id] = each
    return known, hidden


def _known_under(store: Store, source: str, ids: Sequence[str]) -> dict[str, Known]:
    """Return what had come from one sender, be it that it told nothing new."""
    found = store.known_events(source, ids)
    retold = store.retold_under(source, (each for each in ids if each not in found))
    return found | {
        event_id: Known(told.receipt, told.type, told.request_digest, told.principal)
        for event_id, told in retold.items()
    }


def _conflicts(fact: Fact, known: Known, digest: bytes | None) -> bool:
    """Tell whether another request came under an id; where words were erased, its type tells."""
    return fact.cls.definition.type != known.type or digest not in (None, known.request_digest)


def _is_hidden(known: Known, principal: Principal, reach: Reach | None) -> bool:
    """Tell whether a sender limited to units is not to know that an event has come."""
    if reach is None or known.principal == principal.id:
        return False
    return not reach.knows(known.receipt.stream, known.receipt.version, known.principal)


class Request(NamedTuple):
    """A request, and whose words it holds."""

    fact: Fact
    sent: SentEvent
    owner: str


def digests_of(context: Context, requests: Iterable[Request]) -> Digests:
    """Return the digest of each request by its index; None where its words were erased."""
    wanted = [(each, _pairs(each)) for each in requests]
    if not wanted:
        return {}
    keys = context.keys.keys(pair for _, pairs in wanted for pair in pairs)
    index_key, found = context.index_key(), dict[int, bytes | None]()
    for about, pairs in wanted:
        own = [keys[pair] for pair in pairs if pair in keys]
        whole = len(own) == len(pairs)
        digest = derive(index_key, "request", *own, about.sent.canonical)
        found[about.fact.index] = digest if whole else None
    return found


def _pairs(about: Request) -> list[tuple[str, str]]:
    """Return the owner and scope of each key that seals something of a request.

    Every request about a member holds the number by which they are named, sealed or not.
    """
    scopes = {*translation.key_scopes(about.fact)}
    if about.owner.startswith("member-"):
        scopes.add(IDENTITY)
    return sorted((about.owner, scope) for scope in scopes)
