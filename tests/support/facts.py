"""Facts for stores that hold many: about 600 bytes an entry, as in a season."""

import hashlib
from collections.abc import Iterator
from datetime import UTC, datetime

from events.definitions.event import Code, Sealed
from events.definitions.roster import MemberDisciplined, MemberMoved
from events.identifiers import MemberId, Stream, SystemChance, UnitId, new_event_id, new_id
from events.store.batch import Appended, EventRow, NewEvent
from events.store.encoding import encode
from events.store.keys import KeyStore
from events.store.store import Store
from events.vault.sealing import SealedText, seal
from tests.support.sealed import sealed

CHANCE = SystemChance()
WHEN = datetime(2026, 11, 23, 8, tzinfo=UTC)
SEALED_EVERY = 10, 3  # 3 of 10 events carry words
WORDS = "Còn nể nang khi góp ý cho đồng chí; sẽ nói thẳng hơn trong sinh hoạt chi bộ. " * 3

Streams = dict[Stream, Appended]


def single() -> Streams:
    """Return one new stream with one event."""
    member = MemberId(new_id(CHANCE))
    event = MemberMoved(member_id=member, unit_id=UnitId(new_id(CHANCE)))
    return {Stream(f"member-{member}"): Appended(0, (new(event),))}


def batch(count: int) -> Streams:
    """Return many new streams with one event each."""
    streams: Streams = {}
    for _ in range(count):
        streams |= single()
    return streams


def new(event: MemberMoved | MemberDisciplined) -> NewEvent:
    return NewEvent(
        event=event,
        id=new_event_id(CHANCE),
        source="/hr/benchmark",
        time=WHEN,
        principal="import",
        correlation_id=new_event_id(CHANCE),
        request_digest=hashlib.sha256(member_bytes(event)).digest(),
    )


def member_bytes(event: MemberMoved | MemberDisciplined) -> bytes:
    return event.member_id.encode()


def with_words(keys: KeyStore, index: int) -> tuple[Streams, tuple[SealedText, ...]]:
    """Return one new stream with one event; 30 % of them carry a sealed text."""
    of, some = SEALED_EVERY
    if index % of >= some:
        return single(), ()
    member = MemberId(new_id(CHANCE))
    owner, scope = f"member-{member}", "2026"
    key = keys.ensure([(owner, scope)])[owner, scope]
    text = seal(WORDS, key=key, owner=owner, scope=scope, chance=CHANCE)
    event = MemberDisciplined(
        member_id=member,
        decision=sealed("1"),
        grade=Code("reprimand"),
        ground=Sealed(text.commitment),
    )
    return {Stream(owner): Appended(0, (new(event),))}, (text,)


def rows(streams: Streams) -> tuple[EventRow, ...]:
    """Return the very bytes that the store would write; the floor writes the same."""
    return encode(streams, (), (), now=WHEN, chance=CHANCE).rows


def histories(members: int, events: int) -> Iterator[Streams]:
    """Iterate over batches in which every member gets `events` events, for projecting."""
    ids = [MemberId(new_id(CHANCE)) for _ in range(members)]
    for version in range(events):
        for start in range(0, members, 500):
            yield {
                Stream(f"member-{each}"): Appended(
                    version, (new(MemberMoved(member_id=each, unit_id=UnitId(new_id(CHANCE)))),)
                )
                for each in ids[start : start + 500]
            }


def append_one(store: Store, stream: Stream, version: int) -> None:
    """Append one more event to a member's stream."""
    event = MemberMoved(
        member_id=MemberId(stream.removeprefix("member-")), unit_id=UnitId(new_id(CHANCE))
    )
    store.append({stream: Appended(version, (new(event),))})
