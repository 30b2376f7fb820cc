"""What a batch appends, as the store takes it: with whoever sent it, and what made them send it."""

from collections import defaultdict
from collections.abc import Mapping

from msgspec import UNSET, UnsetType

from events.definitions.event import Event
from events.identifiers import Stream
from events.store.batch import NewEvent, Retold
from services.access.tokens import Principal
from services.intake.parser import SentEvent
from services.intake.repeats import Digests
from services.intake.retelling import Settled


def of(
    settled: Settled,
    sent: Mapping[int, SentEvent],
    digests: Digests,
    principal: Principal,
    correlation_id: str,
) -> dict[Stream, list[NewEvent]]:
    """Return what each stream gets: what was told again and is to stand, then the facts."""
    streams = defaultdict[Stream, list[NewEvent]](list)
    for stream, rows in settled.recalled.items():
        streams[stream] = [_fact_again(each.told, each.event) for each in rows]
    for fact, stream, event in settled.kept:
        extensions = sent[fact.index].extensions
        new = NewEvent(
            event=event,
            id=fact.id,
            source=fact.source,
            time=fact.time,
            principal=principal.id,
            causation_id=_extension(extensions, "causationid"),
            correlation_id=correlation_id,
            request_digest=digests[fact.index],
        )
        streams[stream].append(new)
    return streams


def _fact_again(told: Retold, event: Event) -> NewEvent:
    """Return it without the request that recalls it: it was told before what that one tells."""
    return NewEvent(
        event=event,
        id=told.id,
        source=told.source,
        time=told.time,
        principal=told.principal,
        request_digest=told.request_digest,
    )


def _extension(extensions: Mapping[str, object], name: str) -> str | UnsetType:
    value = extensions.get(name)
    return value if isinstance(value, str) else UNSET
