"""Folding is defined on whatever reaches us, and the order of arrival is no fact."""

from datetime import datetime, timedelta
from types import ModuleType
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.catalogue import CATALOGUE
from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.domain.organisation import member, unit
from events.domain.organisation.timelines import State
from tests.support.effort import fewer
from tests.support.history import NOON, correction, record
from tests.support.sealed import sealed
from tests.support.strategies import events_of, ids

FACTS_MAX = 12

Fact = tuple[datetime, Event]

each_kind = pytest.mark.parametrize("law", [member, unit], ids=["member", "unit"])
of_kinds = fewer(2)  # an example here, a list of facts, costs more than any other


@st.composite
def facts(draw: st.DrawFn, law: ModuleType, *, distinct: bool = False) -> list[Fact]:
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
    days = st.integers(0, 60 if distinct else 4)
    size = len(alike)
    when = draw(st.lists(days, min_size=size, max_size=size, unique=distinct))
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
    told_later = [(NOON, correction(version, fact)) for version, fact in corrections]
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
    assert state.timelines == law.fold(from_the_start).timelines


@each_kind
@of_kinds
@given(data=st.data())
def test_facts_of_different_times_may_arrive_in_any_order(
    law: ModuleType, data: st.DataObject
) -> None:
    told = data.draw(facts(law, distinct=True))
    shuffled = data.draw(st.permutations(told))

    states = [law.fold(numbered(listed(order))) for order in (told, shuffled)]

    assert law.view(states[0]) == law.view(states[1])


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
        order = [(mark.since, mark.version) for mark in marks]
        assert order == sorted(order)
        assert marks
