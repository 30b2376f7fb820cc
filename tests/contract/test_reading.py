"""Reading by stream, by position and by the sender's id, on both databases."""

import itertools
from collections.abc import Iterable
from functools import partial

import pytest

from events.definitions.entry import DATA_BYTES_MAX, EntryTooLarge
from events.definitions.event import Code, Decision, Sealed
from events.definitions.roster import MemberDisciplined
from events.identifiers import MemberId, Stream
from events.store import selection, sequencing
from events.store.batch import Appended, KnownNumber, NewEvent
from events.store.database import Transaction
from events.store.selection import Selected, Wanted
from events.store.store import Store
from events.vault.sealing import SealedText
from tests.support import facts
from tests.support.cases import every_case
from tests.support.fakes import FixedClock

TEXT = SealedText("c" * 43, "member-x", "identity", b"box")


def numbered(store: Store, clock: FixedClock, *, members: int, events: int) -> list[Stream]:
    """Return the streams of members who each have some events, the log being in their rounds."""
    for streams in facts.histories(members, events):
        store.append(streams)
    sequencing.sequence(store.database, clock)
    return [Stream(each.entry.stream) for each in store.read_log(0, limit=members)]


def one_new(event_id: str, source: str) -> dict[Stream, Appended]:
    ((stream, appended),) = facts.single().items()
    told = appended.events[0]
    new = NewEvent(
        event=told.event, id=event_id, source=source, time=told.time, principal=told.principal
    )
    return {stream: Appended(0, (new,))}


def test_stream_is_read_on_after_a_version(store: Store, clock: FixedClock) -> None:
    stream = numbered(store, clock, members=2, events=4)[0]

    rest, nothing = store.read_stream(stream, after=2), store.read_stream(stream, after=4)

    assert [each.entry.streamversion for each in rest.events] == [3, 4]
    assert rest.version == 4
    assert nothing == ((), 4)


@pytest.mark.parametrize("events", [3, 4, 5])
def test_stream_longer_than_a_page_is_read_whole(
    store: Store, clock: FixedClock, monkeypatch: pytest.MonkeyPatch, events: int
) -> None:
    stream = numbered(store, clock, members=2, events=events)[0]
    monkeypatch.setattr("events.store.store.PAGE_EVENTS", 2)

    now, then = store.read_stream(stream), store.read_stream(stream, as_of=2 * events)

    assert [each.entry.streamversion for each in now.events] == [*range(1, events + 1)]
    assert now == then
    assert now.version == events


def test_stream_that_nobody_wrote_is_empty(store: Store) -> None:
    assert store.read_stream(Stream("member-nobody")) == ((), 0)
    assert store.versions([Stream("member-nobody")]) == {"member-nobody": 0}
    assert store.versions([]) == {}


def test_stream_as_of_each_position_has_what_came_until_then(
    store: Store, clock: FixedClock
) -> None:
    first, second = numbered(store, clock, members=2, events=2)

    versions = [
        [store.read_stream(stream, as_of=position).version for position in range(5)]
        for stream in (first, second)
    ]

    assert versions == [[0, 1, 1, 2, 2], [0, 0, 1, 1, 2]]


def test_event_without_a_place_is_in_its_stream_and_in_no_log(
    store: Store, clock: FixedClock
) -> None:
    (stream,) = numbered(store, clock, members=1, events=1)
    facts.append_one(store, stream, 1)

    assert store.read_stream(stream).version == 2
    assert store.read_stream(stream, as_of=1_000).version == 1
    assert len(store.read_log(0)) == 1


@pytest.mark.parametrize("limit", [1, 3, 7, 1_000])
def test_log_read_in_pages_of_any_size_has_no_gap(
    store: Store, clock: FixedClock, limit: int
) -> None:
    numbered(store, clock, members=5, events=2)

    read: list[int] = []
    while page := store.read_log(read[-1] if read else 0, limit=limit):
        assert len(page) <= limit
        read += [each.position for each in page]

    assert read == list(range(1, 11))


def test_same_id_from_another_source_is_another_event(store: Store) -> None:
    mine, others = (store.append(one_new("1", source))[0] for source in ("/hr/mine", "/hr/others"))

    assert store.known_events("/hr/mine", ["1", "2"])["1"].receipt == mine
    assert store.known_events("/hr/others", ["1"])["1"].receipt == others
    assert store.known_events("/hr/third", ["1"]) == {}
    assert store.known_events("/hr/mine", []) == {}
    assert store.known_events("/hr/mine", ["1"])["1"].request_digest is None


def test_thousands_are_looked_up_at_once(store: Store) -> None:
    receipts = store.append(facts.batch(1_000))
    missing = [Stream(f"member-{number}") for number in range(40_000)]
    streams = [Stream(each.stream) for each in receipts]

    versions = store.versions(missing + streams)
    known = store.known_events("/hr/benchmark", [*missing, *(each.id for each in receipts)])

    assert sum(versions.values()) == 1_000
    assert len(versions) == 41_000
    assert len(known) == 1_000


def test_position_at_a_time_counts_what_was_stamped_by_then(
    store: Store, clock: FixedClock
) -> None:
    start, positions = clock.time, []
    for seconds in (0, 10, -60, 20):  # the clock steps back once; stamps do not
        clock.tick(seconds)
        numbered(store, clock, members=1, events=1)
    stamps = [each.sequenced_at for each in store.read_log(0)]

    for seconds in (-1, 0, 9, 10, 60):
        clock.time = start
        positions.append(store.position_at(clock.tick(seconds)))

    assert stamps == sorted(stamps)
    assert positions == [0, 1, 1, 4, 4]


def test_entry_that_is_too_large_is_refused_with_all_that_goes_with_it(store: Store) -> None:
    member = MemberId("m" * 26)
    event = MemberDisciplined(
        member_id=member, decision=Sealed("x" * DATA_BYTES_MAX), grade=Code("reprimand")
    )
    large = NewEvent(event=event, id="1", source="/hr", time=facts.WHEN, principal="token:x")
    streams = facts.single() | {Stream(f"member-{member}"): Appended(0, (large,))}

    with pytest.raises(EntryTooLarge) as refused:
        store.append(streams, texts=[TEXT], numbers=[KnownNumber(b"digest", "x")])

    assert refused.value.size > refused.value.limit == DATA_BYTES_MAX
    assert set(store.versions(streams).values()) == {0}
    assert store.sealed_texts([TEXT.commitment]) == {}
    assert store.known_numbers([b"digest"]) == {}


def test_words_and_numbers_are_gone_with_the_append_that_failed(store: Store) -> None:
    streams = facts.single()
    store.append(streams)

    assert_refused_with_companions(store, streams)
    assert_refused_with_companions(store, facts.single() | streams)
    guarded = facts.single() | {next(iter(streams)): Appended(0)}
    assert_refused_with_companions(store, guarded)


def assert_refused_with_companions(store: Store, streams: dict[Stream, Appended]) -> None:
    with pytest.raises(Exception, match="is not at version"):
        store.append(streams, texts=[TEXT], numbers=[KnownNumber(b"digest", "x")])
    assert store.sealed_texts([TEXT.commitment]) == {}
    assert store.known_numbers([b"digest"]) == {}
    assert store.database.rows("SELECT count(*) FROM pending")[0][0] == 1


def test_a_part_of_the_log_is_what_is_wanted_of_all_of_it(store: Store, clock: FixedClock) -> None:
    mine, other = numbered(store, clock, members=2, events=5)
    member_id = MemberId(mine.removeprefix("member-"))
    grade, decision = Code("reprimand"), Sealed[Decision]("c" * 43)
    punished = MemberDisciplined(member_id=member_id, decision=decision, grade=grade)
    store.append({mine: Appended(5, (facts.new(punished), facts.new(punished)))})
    sequencing.sequence(store.database, clock)
    everything = store.database.read(lambda t: selection.read(t, Wanted(), 0, 12, 99))
    kinds = [None, {"roster.member_moved"}, {"roster.*"}, {"plan.*", "roster.member_moved"}]
    kinds += [{"roster.member_disciplined", "review.*"}, set()]
    streams = [None, {mine}, {mine, other, "member-nobody"}, set()]

    with every_case() as case:
        for types, among in itertools.product(kinds, streams):
            wanted = Wanted(_frozen(types), _frozen(among))
            expected = [
                each
                for each in everything
                if (types is None or {each.type, "roster.*"} & types)
                and (among is None or each.stream in among)
                and 2 < each.position <= 11
            ]
            with case(types, among):
                if wanted.is_nothing:
                    assert not expected
                    continue
                found = store.database.read(partial(_read, wanted, 3))
                places = store.database.read(partial(_places, wanted, 3))
                assert found == expected[:3]
                assert places == [(each.position, each.stream) for each in found]
                assert store.database.read(partial(_at, found)) == found
    assert len({each.type for each in everything}) == 2


def _frozen(values: Iterable[str] | None) -> frozenset[str] | None:
    return None if values is None else frozenset(values)


def _read(wanted: Wanted, most: int, transaction: Transaction) -> list[Selected]:
    return selection.read(transaction, wanted, 2, 11, most)


def _places(wanted: Wanted, most: int, transaction: Transaction) -> list[tuple[int, str]]:
    return selection.places(transaction, wanted, 2, 11, most)


def _at(found: list[Selected], transaction: Transaction) -> list[Selected]:
    return selection.at(transaction, [each.position for each in reversed(found)])
