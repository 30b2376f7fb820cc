"""What a unit is, is folded from facts that may come late, twice, or be corrected."""

import itertools
from collections.abc import Callable, Mapping
from datetime import datetime

from msgspec import UNSET

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Number
from events.definitions.roster import (
    MemberBack,
    UnitDisciplined,
    UnitDisciplineLifted,
    UnitDissolved,
    UnitFormed,
    UnitMoved,
    UnitRenamed,
)
from events.domain.organisation import succession, unit
from events.domain.organisation.disciplines import Discipline
from events.domain.organisation.succession import SUCCESSIONS_MAX
from events.domain.organisation.unit import PATH_MAX, Unit
from events.identifiers import MemberId, Stream, UnitId, unit_stream
from tests.support.history import correction, day, history, record
from tests.support.sealed import sealed

CELL, PARENT, OTHER, SUCCESSOR = (UnitId(letter * 26) for letter in "abcd")

MOVED = UnitMoved(unit_id=CELL, parent_id=OTHER)
RENAMED = UnitRenamed(unit_id=CELL, name="Chi bộ Cam Thịnh")
DISSOLVED = UnitDissolved(unit_id=CELL, successor_id=SUCCESSOR)
DISCIPLINED = UnitDisciplined(unit_id=CELL, decision=sealed("3-QĐ"), grade=Code("warning"))
LIFTED = UnitDisciplineLifted(unit_id=CELL, decision=sealed("3-QĐ"))
FORMED = UnitFormed(
    unit_id=CELL,
    number=Number("CB-01"),
    name="Chi bộ Mông Phụ",
    kind=Code("cell"),
    parent_id=PARENT,
)
TOP = UnitFormed(unit_id=CELL, number=Number("DU"), name="Đảng ủy", kind=Code("committee"))


def after(*facts: tuple[datetime, Event]) -> Unit:
    return unit.view(unit.fold(history(*facts)))


def test_a_unit_is_what_it_was_formed_as() -> None:
    assert after((day(1), FORMED)) == Unit(
        name="Chi bộ Mông Phụ",
        kind="cell",
        number="CB-01",
        formed_at=day(1),
        parent_id=PARENT,
        parent_since=day(1),
    )


def test_a_unit_at_the_top_hangs_under_none() -> None:
    assert after((day(1), TOP)).parent_id is UNSET


def test_a_unit_moves_and_gets_another_name() -> None:
    state = after((day(1), FORMED), (day(3), MOVED), (day(5), RENAMED))

    assert (state.parent_id, state.parent_since) == (OTHER, day(3))
    assert state.name == "Chi bộ Cam Thịnh"
    assert state.formed_at == day(1)


def test_a_move_told_late_falls_into_its_place() -> None:
    back = UnitMoved(unit_id=CELL, parent_id=PARENT)

    state = after((day(1), FORMED), (day(9), back), (day(3), MOVED))

    assert (state.parent_id, state.parent_since) == (PARENT, day(9))


def test_a_dissolved_unit_names_its_successor() -> None:
    state = after((day(1), FORMED), (day(8), DISSOLVED))

    assert (state.dissolved_at, state.successor_id) == (day(8), SUCCESSOR)
    assert state.formed_at is UNSET
    assert state.name == "Chi bộ Mông Phụ"


def test_a_dissolution_that_never_was_leaves_the_unit_as_it_stood() -> None:
    told = [(day(1), FORMED), (day(8), DISSOLVED)]

    assert after(*told, (day(20), correction(2))) == after((day(1), FORMED))


def test_a_unit_formed_anew_has_no_successor() -> None:
    state = after((day(1), FORMED), (day(5), DISSOLVED), (day(9), FORMED))

    assert (state.formed_at, state.dissolved_at, state.successor_id) == (day(9), UNSET, UNSET)


def test_a_correction_puts_another_founding_in_the_place_of_the_first() -> None:
    state = after((day(3), FORMED), (day(5), RENAMED), (day(20), correction(1, (day(2), TOP))))

    assert state == after((day(2), TOP), (day(5), RENAMED))


def test_a_discipline_stands_until_it_is_lifted() -> None:
    told = [(day(1), FORMED), (day(3), DISCIPLINED)]

    assert after(*told).disciplines == (
        Discipline(sealed("3-QĐ").sealed, "warning", day(3), "2026"),
    )
    assert after(*told, (day(5), LIFTED)).disciplines == ()


def test_what_was_never_told_is_named_as_unknown() -> None:
    assert after() == Unit(unknown=("existence", "name"))
    assert after((day(3), RENAMED)).unknown == ("existence",)
    assert after((day(3), DISSOLVED)).unknown == ("name",)


def test_a_fact_about_something_else_marks_nothing() -> None:
    state = unit.fold([record(MemberBack(member_id=MemberId("m" * 26)))])

    assert (state.version, state.timelines) == (1, {})


def test_a_fact_that_is_known_already_changes_nothing() -> None:
    state = unit.fold(history((day(1), FORMED), (day(2), MOVED)))

    assert unit.evolve(state, record(RENAMED, version=2)) is state


def read_tree(parents: Mapping[UnitId, UnitId]) -> Callable[[Stream], list[Recorded]]:
    """Return what reads the streams of units that hang under others."""
    told = {
        unit_stream(each): history((day(1), UnitMoved(unit_id=each, parent_id=parent)))
        for each, parent in parents.items()
    }
    return lambda stream: list(told.get(stream, ()))


def test_units_above_are_told_from_the_next_up_to_the_top() -> None:
    tree = read_tree({CELL: PARENT, PARENT: OTHER})

    assert succession.units_above(CELL, tree) == (PARENT, OTHER)
    assert succession.units_above(OTHER, tree) == ()


def test_units_above_end_before_a_circle() -> None:
    assert succession.units_above(CELL, read_tree({CELL: PARENT, PARENT: CELL})) == (PARENT,)


def read_states(
    parents: Mapping[UnitId, UnitId], successors: Mapping[UnitId, UnitId]
) -> Callable[[Stream], list[Recorded]]:
    """Return what reads the streams of units that hang under others, some of them dissolved."""
    told = {
        unit_stream(each): history(
            (day(1), UnitFormed(unit_id=each, number=Number("1"), name="A", kind=Code("cell"))),
            *((day(2), e) for e in _changes(each, parents, successors)),
        )
        for each in {*parents, *successors}
    }
    return lambda stream: list(told.get(stream, ()))


def _changes(
    unit_id: UnitId, parents: Mapping[UnitId, UnitId], successors: Mapping[UnitId, UnitId]
) -> list[Event]:
    found: list[Event] = []
    if unit_id in parents:
        found.append(UnitMoved(unit_id=unit_id, parent_id=parents[unit_id]))
    if unit_id in successors:
        found.append(UnitDissolved(unit_id=unit_id, successor_id=successors[unit_id]))
    return found


def test_what_hangs_below_a_dissolved_unit_is_below_its_successor() -> None:
    tree = read_states({CELL: PARENT, PARENT: OTHER, SUCCESSOR: OTHER}, {PARENT: SUCCESSOR})

    assert succession.units_above(CELL, tree) == (SUCCESSOR, OTHER)
    assert succession.units_above(PARENT, tree) == (SUCCESSOR, OTHER)


def test_whoever_succeeds_the_unit_above_takes_its_place() -> None:
    tree = read_states({CELL: PARENT, SUCCESSOR: PARENT, PARENT: OTHER}, {PARENT: SUCCESSOR})

    assert succession.units_above(SUCCESSOR, tree) == (OTHER,)
    assert succession.units_above(CELL, tree) == (SUCCESSOR, OTHER)


def test_a_tree_that_is_too_deep_is_looked_at_so_far_and_no_further() -> None:
    deep = [UnitId(f"{number:026d}") for number in range(PATH_MAX + SUCCESSIONS_MAX + 5)]

    found = succession.units_above(deep[0], read_tree(dict(itertools.pairwise(deep))))

    assert found == tuple(deep[1 : PATH_MAX + 1])
