"""Folding is defined on whatever reaches us; neither arrival nor being told again is a fact."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Number, Sealed
from events.definitions.records import Period
from events.definitions.roster import (
    IssuerNamed,
    MemberAbsent,
    MemberDisciplined,
    MemberEnrolled,
    MemberExempted,
    MemberLeft,
    MemberMoved,
    MemberStateRated,
    PostGiven,
    UnitAuthorised,
    UnitDisciplined,
    UnitDissolved,
    UnitFormed,
)
from events.domain.organisation import member, unit
from events.domain.organisation.disciplines import Discipline
from events.domain.organisation.member import Member
from events.domain.organisation.timelines import EVER, State
from events.domain.organisation.unit import Unit
from events.identifiers import MemberId, UnitId
from tests.support.effort import fewer
from tests.support.history import NOON, correction, record
from tests.support.sealed import sealed
from tests.support.strategies import events_of, ids

FACTS_MAX = 12

Fact = tuple[datetime, Event]

each_kind = pytest.mark.parametrize("law", [member, unit], ids=["member", "unit"])
of_kinds = fewer(2)  # an example here, a list of facts, costs more than any other


@st.composite
def facts(draw: st.DrawFn, law: ModuleType) -> list[Fact]:
    """Facts about one member or unit that concern the same few units, posts and decisions."""
    about = law.__name__.rpartition(".")[2]
    classes = [cls for cls in CATALOGUE if cls.definition.about == about]
    few = {
        "unit_id": draw(ids),
        "parent_id": draw(ids),
        "post": "secretary",
        "decision": {"sealed": sealed("1-QĐ").sealed},
        "period": "2025",
    }
    events = draw(st.lists(st.sampled_from(classes).flatmap(events_of), max_size=FACTS_MAX))
    alike = [_alike(event, few) if draw(st.booleans()) else event for event in events]
    when = draw(st.lists(st.integers(0, 4), min_size=len(alike), max_size=len(alike)))
    return [(NOON + timedelta(days=count), event) for count, event in zip(when, alike, strict=True)]


def _alike(event: Event, few: dict[str, Any]) -> Event:
    values: dict[str, Any] = msgspec.to_builtins(event)
    same = {name: few[name] for name in values.keys() & few.keys()}
    return msgspec.convert({**values, **same}, type(event))


def numbered(versions: dict[int, Fact]) -> list[Recorded]:
    return [
        record(event, version=version, time=time) for version, (time, event) in versions.items()
    ]


def listed(told: list[Fact]) -> dict[int, Fact]:
    return dict(enumerate(told, start=1))


@st.composite
def streams(draw: st.DrawFn, law: ModuleType) -> tuple[list[Fact], list[tuple[int, Fact | None]]]:
    """Facts, and corrections of some of them, several of the same one included."""
    told = draw(facts(law))
    others = draw(facts(law))
    replacements = st.sampled_from([None, *others])
    targets = st.integers(1, max(len(told), 1))
    corrections = draw(st.lists(st.tuples(targets, replacements), max_size=4 if told else 0))
    return told, corrections


def whole(told: list[Fact], corrections: list[tuple[int, Fact | None]]) -> list[Recorded]:
    later = NOON + timedelta(days=10)
    told_later = [(later, correction(version, fact)) for version, fact in corrections]
    return numbered(listed([*told, *told_later]))


@each_kind
@of_kinds
@given(data=st.data())
def test_evolve_and_view_are_defined_on_every_subsequence_of_a_stream(
    law: ModuleType, data: st.DataObject
) -> None:
    stream = whole(*data.draw(streams(law)))
    kept = data.draw(st.lists(st.booleans(), min_size=len(stream), max_size=len(stream)))
    some = [each for each, keep in zip(stream, kept, strict=True) if keep]

    state: State = law.fold(some)

    assert state.version == (some[-1].entry.streamversion if some else 0)
    assert law.view(state) == law.view(msgspec.convert(msgspec.to_builtins(state), State))


def standing(state: State) -> dict[str, Any]:
    """Return the timelines but those of what was told at all, which no correction takes away."""
    return {name: each for name, each in state.timelines.items() if not name.startswith(EVER)}


@each_kind
@of_kinds
@given(data=st.data())
def test_a_corrected_stream_means_what_it_would_with_the_right_facts_from_the_start(
    law: ModuleType, data: st.DataObject
) -> None:
    told, corrections = data.draw(streams(law))
    right: dict[int, Fact | None] = {**listed(told), **dict(corrections)}

    state = law.fold(whole(told, corrections))

    from_the_start = numbered({version: fact for version, fact in right.items() if fact})
    assert standing(state) == standing(law.fold(from_the_start))
    assert law.fold(from_the_start).timelines.keys() <= state.timelines.keys()


@each_kind
@of_kinds
@given(data=st.data())
def test_facts_that_do_not_contradict_each_other_may_arrive_in_any_order(
    law: ModuleType, data: st.DataObject
) -> None:
    told = agreeing(law, data.draw(facts(law)))
    shuffled = data.draw(st.permutations(told))

    states = [law.fold(numbered(listed(order))) for order in (told, shuffled)]

    assert law.view(states[0]) == law.view(states[1])


def agreeing(law: ModuleType, told: list[Fact]) -> list[Fact]:
    """Return the facts without those that tell of one moment what another tells otherwise."""
    said: dict[tuple[Any, ...], str] = {}
    found = []
    for time, event in told:
        founding = event.definition.founds is not None
        marks = [((time, founding, name), value) for name, value in law.marks_of(event) if value]
        if all(said.get(where, value) == value for where, value in marks):
            said |= dict(marks)
            found.append((time, event))
    return found


@each_kind
@of_kinds
@given(data=st.data())
def test_folding_a_stream_twice_is_folding_it_once(law: ModuleType, data: st.DataObject) -> None:
    stream = whole(*data.draw(streams(law)))
    state = law.fold(stream)

    for known in stream:
        assert law.evolve(state, known) is state
    assert law.fold([*stream, *stream]) == state


@each_kind
@of_kinds
@given(data=st.data())
def test_marks_of_a_timeline_stand_in_the_order_of_their_times(
    law: ModuleType, data: st.DataObject
) -> None:
    state: State = law.fold(whole(*data.draw(streams(law))))

    for marks in state.timelines.values():
        order = [(mark.since, not mark.founding, mark.version) for mark in marks]
        assert order == sorted(order)
        assert marks


@of_kinds
@given(data=st.data())
def test_a_member_told_again_every_night_is_who_they_were(data: st.DataObject) -> None:
    stream = whole(*data.draw(streams(member)))
    holds = member.view(member.fold(stream))

    again = every_night(stream, data.draw(st.permutations(list(as_exported(holds)))))

    told = member.view(member.fold([*stream, *again]))
    absent = AGAIN.sealed if holds.absent else UNSET  # other bytes commit to the same word
    assert told == msgspec.structs.replace(holds, absent=absent)


@of_kinds
@given(data=st.data())
def test_a_unit_told_again_every_night_is_what_it_was(data: st.DataObject) -> None:
    stream = whole(*data.draw(streams(unit)))
    holds = unit.view(unit.fold(stream))
    exported = list(unit_as_exported(holds, with_parent=data.draw(st.booleans())))

    again = every_night(stream, data.draw(st.permutations(exported)))

    assert unit.view(unit.fold([*stream, *again])) == holds


NIGHTS = 2
ME, AGAIN = MemberId("m" * 26), sealed("told again")


def every_night(stream: list[Recorded], exported: list[Event]) -> list[Recorded]:
    """Return what is told again of several later days, each as of midnight."""
    nights = [NOON + timedelta(days=100 + night) for night in range(NIGHTS)]
    told = [(night, each) for night in nights for each in exported]
    return numbered(dict(enumerate(told, start=len(stream) + 1)))


def as_exported(holds: Member) -> Iterator[Event]:
    """Iterate over what a system tells of a member that exports everything that holds."""
    if holds.membership == member.ENROLLED and holds.unit_id:
        unit_id = UnitId(holds.unit_id)
        yield MemberEnrolled(member_id=ME, unit_id=unit_id, number=AGAIN, name=AGAIN)
        yield MemberMoved(member_id=ME, unit_id=unit_id)
    if holds.membership == member.LEFT:
        yield MemberLeft(member_id=ME, reason=AGAIN)
    for each in holds.posts:
        yield PostGiven(member_id=ME, unit_id=UnitId(each.unit_id), post=Code(each.post))
    if holds.absent:
        yield MemberAbsent(member_id=ME, reason=AGAIN)
    if holds.exempt_since:
        yield MemberExempted(member_id=ME)
    for told in holds.disciplines:
        yield MemberDisciplined(member_id=ME, **in_facts(told))
    for period, level in holds.state_ratings.items():
        yield MemberStateRated(member_id=ME, period=Period(period), level=Code(level))


def unit_as_exported(holds: Unit, *, with_parent: bool) -> Iterator[Event]:
    """Iterate over what such a system tells of a unit, which may leave out the parent."""
    this = UnitId("u" * 26)
    parent = UnitId(holds.parent_id) if holds.parent_id and with_parent else UNSET
    if holds.formed_at and holds.name and holds.kind and holds.number:
        yield UnitFormed(
            unit_id=this,
            number=Number(holds.number),
            name=holds.name,
            kind=Code(holds.kind),
            parent_id=parent,
        )
    if holds.successor_id:
        yield UnitDissolved(unit_id=this, successor_id=UnitId(holds.successor_id))
    if holds.authority_since:
        yield UnitAuthorised(unit_id=this)
    for issuer in holds.issuers:
        yield IssuerNamed(unit_id=this, issuer=Code(issuer))
    for told in holds.disciplines:
        yield UnitDisciplined(unit_id=this, **in_facts(told))


def in_facts(told: Discipline) -> dict[str, Any]:
    """Return a discipline as the facts tell it, without the year in which it is counted."""
    decision: Sealed[Any] = Sealed(told.decision)
    grade = Code(told.grade)
    return {"decision": decision, "grade": grade, "self_detected": told.self_detected}
