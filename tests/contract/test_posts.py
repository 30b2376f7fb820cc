"""Who holds posts, and names of issuers, is found by index as decoding everybody tells it."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple, TypeVar

import pytest

from events.definitions.event import Code, Event, FactVersion, Number, Subject, stream_of
from events.definitions.roster import (
    FactCorrected,
    IssuerNamed,
    IssuerNameEnded,
    MemberEnrolled,
    MemberLeft,
    MemberMoved,
    PostGiven,
    PostRelieved,
    Standing,
    UnitFormed,
    UnitMoved,
)
from events.domain.organisation import member, unit
from events.identifiers import MemberId, Stream, UnitId, member_stream, unit_stream
from events.store import sequencing
from events.store.batch import Appended, NewEvent
from events.store.store import Store
from events.store.verification import Finding, LogCheck
from services.read_models import roster, tree
from services.read_models.verification import StateCheck
from tests.support.fakes import FixedClock, SeededChance
from tests.support.sealed import sealed
from workers.projections.member_states import MEMBER_STATES
from workers.projections.unit_states import UNIT_STATES
from workers.subscribers import Subscriber

T = TypeVar("T")

UNITS = [UnitId(f"unit{letter * 22}") for letter in "abcdef"]
MEMBERS = [MemberId(f"member{letter * 20}") for letter in "abcdefgh"]
POSTS = [Code("secretary"), Code("deputy"), Code("treasurer")]
ISSUERS = [Code("north"), Code("south")]
FACTS = 400
BATCH = 7  # events projected at once


class Draw(NamedTuple):
    """Draws things, the same ones each time."""

    chance: SeededChance

    def one(self, things: Sequence[T]) -> T:
        return things[int.from_bytes(self.chance.bytes(4)) % len(things)]


def some_fact(draw: Draw, told: Mapping[Stream, Sequence[object]]) -> tuple[Stream, Event]:
    """Return a fact about a member or unit, which perhaps corrects an earlier one."""
    who, where, above = draw.one(MEMBERS), draw.one(UNITS), draw.one(UNITS)
    post, issuer = draw.one(POSTS), draw.one(ISSUERS)
    enrolled = MemberEnrolled(
        member_id=who,
        unit_id=where,
        standing=Standing.OFFICIAL,
        name=sealed("An"),
        number=sealed("1"),
    )
    event: Event = draw.one(
        [
            enrolled,
            MemberMoved(member_id=who, unit_id=where),
            MemberLeft(member_id=who, reason=sealed("moved away")),
            *[PostGiven(member_id=who, unit_id=where, post=post)] * 5,
            PostRelieved(member_id=who, unit_id=where, post=post),
            UnitMoved(unit_id=where, parent_id=above),
            IssuerNamed(unit_id=where, issuer=issuer),
            IssuerNameEnded(unit_id=where, issuer=issuer),
        ]
    )
    stream = stream_of(event)
    if told[stream] and draw.one(range(6)) == 0:
        wrong = FactVersion(draw.one(range(len(told[stream]))) + 1)
        return stream, FactCorrected(subject=Subject(stream), corrects=wrong)
    return stream, event


@pytest.fixture
def told(store: Store, clock: FixedClock) -> Store:
    """A log in which members and units were told all sorts of things, projected."""
    draw, streams = Draw(SeededChance(5)), defaultdict[Stream, list[NewEvent]](list)
    formed = [
        UnitFormed(unit_id=each, kind=Code("cell"), name="Chi bộ", number=Number("1"))
        for each in UNITS[:-1]  # of the last one nobody tells that it was formed
    ]
    for number in range(FACTS + len(formed)):
        first = [(stream_of(each), each) for each in formed[number : number + 1]]
        stream, event = first[0] if first else some_fact(draw, streams)
        new = NewEvent(
            event=event,
            id=f"fact-{number}",
            source="/hr",
            time=clock.time - timedelta(days=draw.one(range(30))),
            principal="token:hr",
        )
        streams[stream].append(new)
    store.append({stream: Appended(0, tuple(facts)) for stream, facts in streams.items()})
    sequencing.sequence(store.database, clock)
    for projection in (UNIT_STATES, MEMBER_STATES):
        while Subscriber(store, projection, clock=clock).advance(limit=BATCH).count:
            pass
    return store


def holding(store: Store, units: Iterable[UnitId]) -> Iterator[tuple[MemberId, member.Member]]:
    """Iterate over who is enrolled in some units or below, by everybody's stream."""
    places = tree.units_below(store.database, units)
    for each in MEMBERS:
        holds = member.view(member.fold(store.read_stream(member_stream(each)).events))
        if holds.membership == member.ENROLLED and holds.unit_id in places:
            yield each, holds


def holders(store: Store, unit_id: UnitId, wanted: Collection[str], top: UnitId) -> list[MemberId]:
    return [
        each
        for each, holds in holding(store, (unit_id, top))
        if any(post.unit_id == unit_id and post.post in wanted for post in holds.posts)
    ]


def findings_of(store: Store) -> list[Finding]:
    check = StateCheck(store)
    LogCheck(store.database, store.catalogue, {}, each=check.fold).run()
    return list(check.compare())


def test_holders_of_posts_are_those_that_everybodys_facts_tell(told: Store) -> None:
    asked = [
        (where, posts, top) for where in UNITS for top in UNITS for posts in (POSTS, POSTS[:1])
    ]

    found = [roster.holders(told.database, *each) for each in asked]

    assert found == [holders(told, *each) for each in asked]
    assert any(found)
    assert findings_of(told) == []


def test_who_acts_in_units_is_whom_everybodys_facts_tell(told: Store) -> None:
    asked = [UNITS[start:end] for start in range(len(UNITS)) for end in range(start, len(UNITS))]

    found = [roster.acting_in(told.database, each) for each in asked]

    assert found == [
        [
            who
            for who, holds in holding(told, units)
            if {*units}.intersection(post.unit_id for post in holds.posts)
        ]
        for units in asked
    ]
    assert any(found)


def test_units_with_an_issuers_name_are_those_that_their_facts_tell(told: Store) -> None:
    found = [roster.holders_of_issuer(told.database, each) for each in ISSUERS]

    named = {
        each: unit.view(unit.fold(told.read_stream(unit_stream(each)).events)).issuers
        for each in UNITS
    }
    assert found == [[each for each in UNITS if issuer in named[each]] for issuer in ISSUERS]
    assert any(found)


def test_units_around_one_are_next_to_it_and_below_others(told: Store) -> None:
    above = {
        each: unit.fold(told.read_stream(unit_stream(each)).events).value("parent")
        for each in UNITS
    }
    asked = [(here, root) for here in UNITS for root in UNITS]

    found = [roster.units_around(told.database, here, [root]) for here, root in asked]

    for (here, root), around in zip(asked, found, strict=True):
        near = {here, above[here]} - {None}
        below = tree.units_below(told.database, [root])
        assert around == {e for e in map(UnitId, below) if {e, above[e]} & near or e == root}
    assert any(map(len, found))


def test_a_rebuild_lists_the_same_posts(told: Store, clock: FixedClock) -> None:
    sql = "SELECT * FROM member_posts ORDER BY unit_id, post, member_id"
    before = told.database.rows(sql)

    Subscriber(told, MEMBER_STATES, clock=clock).start_rebuild()
    while Subscriber(told, MEMBER_STATES, clock=clock).advance(limit=BATCH).count:
        pass

    assert told.database.rows(sql) == before
    assert findings_of(told) == []


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ("DELETE FROM {table} WHERE member_id = ?", "listed of it is not"),
        ("UPDATE {table} SET own_unit = unit_id || 'x' WHERE member_id = ?", "listed of it is not"),
        ("UPDATE {table} SET member_id = member_id || 'x' WHERE member_id = ?", "has no row"),
    ],
)
def test_a_list_of_posts_that_somebody_changed_is_found(
    told: Store, change: str, says: str
) -> None:
    ((somebody,),) = told.database.rows("SELECT max(member_id) FROM member_posts")
    _, posts = MEMBER_STATES.tables_of(1)

    told.database.transact(lambda t: t.run(change.format(table=posts.name), (somebody,)))

    found = findings_of(told)
    assert {each.where.removesuffix("x") for each in found} == {f"member_states {somebody}"}
    assert any(says in each.what for each in found)
