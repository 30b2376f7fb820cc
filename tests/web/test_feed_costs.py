"""Whoever wants little of the log reads little of it, and who waits at its end reads for all."""

import itertools
from typing import Any

import pytest

from events.definitions.event import Event, stream_of
from events.identifiers import MemberId, UnitId
from events.store.batch import Appended, NewEvent
from events.store.store import READ_MAX
from services.access.tokens import Grants, Principal
from services.web import tail
from services.web.api.parts import feed
from services.web.api.parts.feed import Feed, Page, Types
from services.web.asking.visibility import PositionAhead
from services.web.tail import Tail
from tests.support.cases import every_case
from tests.support.counting import Counted
from tests.support.world import (
    AN,
    BINH,
    CELL,
    COMMUNE,
    OTHER_CELL,
    SOURCE,
    World,
    commune,
    enrolled,
    formed,
    moved,
)

FEED = "/api/v1/events"
READS_ALL = {"reads": ("roster.*",)}
OTHERS = 900  # facts of Bình that nobody asks for
BESIDE = 40  # rows of the token, the head, the projections and the tree, whoever asks

_ids = itertools.count(1)


@pytest.fixture
def counted(world: World) -> Counted:
    """A commune in whose log five facts of An stand far from one another."""
    world.tell(*commune())
    for _ in range(4):
        tell(world, *[moved(BINH, OTHER_CELL)] * (OTHERS // 4), moved(AN, CELL))
    database = Counted(world.system.store.database)
    world.system.store.database = database
    return database


def tell(world: World, *events: Event) -> None:
    """Append facts in one transaction, then number and project them."""
    told: dict[Any, list[NewEvent]] = {}
    for event in events:
        new = NewEvent(
            event=event,
            id=f"many-{next(_ids)}",
            source=SOURCE,
            time=world.clock.now(),
            principal="token:test",
        )
        told.setdefault(stream_of(event), []).append(new)
    store = world.system.store
    versions = store.versions(told)
    store.append({s: Appended(versions[s], tuple(new)) for s, new in told.items()})
    world.advance()


def positions(body: dict[str, Any]) -> list[int]:
    return [event["position"] for event in body["events"]]


ASKED: tuple[tuple[str, dict[str, Any], int], ...] = (  # what for, by whom, and what is given
    ("type=roster.unit_formed", READS_ALL, 3),
    ("", {"reads": ("roster.unit_formed", "roster.member_enrolled")}, 5),
    (f"subject=member-{AN}", READS_ALL, 5),
    (f"subject=member-{AN}&type=roster.unit_formed", READS_ALL, 0),
    ("", READS_ALL | {"units": (CELL,)}, 6),
    (f"subject=member-{BINH}", READS_ALL | {"units": (CELL,)}, 0),
    ("limit=5", READS_ALL, 5),
    ("limit=5", READS_ALL | {"units": (COMMUNE,)}, 5),
)


def test_the_feed_reads_about_what_it_gives(world: World, counted: Counted) -> None:
    with every_case() as case:
        for query, grants, given in ASKED:
            token = world.token(**grants)
            counted.forget()

            body = world.get(f"{FEED}?{query}", token).json

            with case(query, grants):
                assert len(body["events"]) == counted.facts_read == given
                assert counted.rows_read <= given + BESIDE


def test_who_sees_many_streams_looks_at_places_and_reads_what_is_given(
    world: World, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feed, "STREAMS_FEW", 1)
    token = world.token(**READS_ALL, units=(CELL,))
    counted.forget()

    body = world.get(FEED, token).json

    assert len(body["events"]) == counted.facts_read == 6
    assert counted.rows_read < body["head"] + 10 * BESIDE  # a place each, and no fact


def test_however_it_is_read_a_reader_is_given_all_that_they_see_and_in_order(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    head = world.tell(*commune(), moved(AN, CELL), moved(BINH, OTHER_CELL), moved(AN, CELL))
    everything = set(range(1, head + 1))
    seen_below = {(): everything, (CELL,): {2, 4, 6, 8}, (COMMUNE,): everything}
    asked_for = {"": everything, "&type=roster.member_moved": {6, 7, 8}}
    asked_for |= {f"&subject=member-{AN}": {4, 6, 8}, "&type=review.*": set()}

    with every_case() as case:
        for units, seen, query, asked, few, limit in itertools.chain.from_iterable(
            [(*below, *wanted, few, limit) for few in (0, 1, 100) for limit in (1, 2, 1_000)]
            for below in seen_below.items()
            for wanted in asked_for.items()
        ):
            monkeypatch.setattr(feed, "STREAMS_FEW", few)
            token = world.token(reads=("all",), units=units)

            given = read_all(world, query, token, limit, head)

            with case(units, query, few, limit):
                assert given == sorted(seen & asked)


def read_all(world: World, query: str, token: dict[str, str], limit: int, head: int) -> list[int]:
    """Return what a reader is given who goes on and on, from the beginning to the end."""
    seen, after = list[int](), 0
    while after < head:
        body = world.get(f"{FEED}?after={after}&limit={limit}{query}", token).json
        assert body["after"] > after
        seen += positions(body)
        after = body["after"]
    return seen


@pytest.fixture
def reader(world: World) -> Principal:
    """A token that reads all, and is asked of as a request would."""
    world.token(**READS_ALL)
    ((token_id,),) = world.system.store.database.rows("SELECT id FROM tokens")
    return Principal(f"token:{token_id}", "test", Grants(reads=READS_ALL["reads"]))


def following(world: World, end: Tail, reader: Principal, *types: str) -> Feed:
    asked = Types(reader, types)
    return Feed(end, world.system.store, reader, types=asked, subjects=frozenset())


def test_who_waits_at_the_end_reads_what_comes_once_for_all_who_wait(
    world: World, counted: Counted, reader: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.001)
    size, end = world.system.store.head().size, Tail(world.system.store)
    feeds = [following(world, end, reader) for _ in range(3)]
    narrow = following(world, end, reader, "roster.unit_formed")
    tell(world, moved(AN, CELL), formed(UnitId("cellccccccccccccccccccccccc")), moved(BINH, CELL))
    counted.forget()

    pages = [each.wait(Page((), size, size, more=False), 100, 1) for each in (*feeds, narrow)]

    assert [len(each.events) for each in pages] == [3, 3, 3, 1]
    assert counted.facts_read == 3
    assert all(each.after == size + 3 for each in pages)


def test_many_who_wait_look_where_the_log_ends_once_in_a_while(
    world: World, counted: Counted, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 60)
    end = Tail(world.system.store)

    heads = {end.head() for _ in range(20)}

    assert heads == {world.system.store.head().size}
    assert counted.statements.total() == 2  # one of them is this test's own


def test_who_waits_in_vain_reads_nothing_but_where_the_log_ends(
    world: World, counted: Counted, reader: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.25)
    size = world.system.store.head().size
    waiting = following(world, Tail(world.system.store), reader)
    monkeypatch.setattr(feed, "REVOKED_SECONDS", 60)
    counted.forget()

    waiting.wait(Page((), size, size, more=False), 100, 1)

    assert len(counted.statements) == 1
    assert counted.facts_read == 0


def test_who_falls_behind_those_who_wait_misses_nothing(
    world: World, reader: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.001)
    monkeypatch.setattr(tail, "ROWS_MAX", 4)
    end, quick_seen, slow_seen = Tail(world.system.store), list[int](), list[int]()
    quick, slow = (following(world, end, reader) for _ in range(2))
    world.tell(*commune())

    for step in range(6):
        tell(world, *[moved(AN, CELL)] * 3)
        readers = ((quick, quick_seen), (slow, slow_seen))
        for each, seen in readers if step % 3 == 2 else readers[:1]:
            after = seen[-1] if seen else 5
            page = each.wait(Page((), after, after, more=False), READ_MAX, 1)
            seen += [position for position, _ in page.events]

    assert quick_seen == slow_seen == list(range(6, 24))


def test_a_log_that_was_rolled_back_is_told_to_who_waits(
    world: World, reader: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tail, "POLL_SECONDS", 0.001)
    waiting = following(world, Tail(world.system.store), reader)
    world.tell(*commune(), enrolled(MemberId("memberhaaaaaaaaaaaaaaaaaaa"), CELL))

    with pytest.raises(PositionAhead):
        waiting.wait(Page((), 99, 99, more=False), 100, 1)
