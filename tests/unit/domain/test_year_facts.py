"""What the log tells of a member's year is counted once, in the year that it belongs to."""

from datetime import date, datetime

import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event
from events.definitions.records import Period
from events.definitions.roster import (
    AbsenceReason,
    MemberAbsent,
    MemberBack,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberStateRated,
)
from events.domain.organisation import member
from events.domain.review import counted_facts
from events.domain.rulebook import validity
from events.domain.rulebook.rulebook import Rulebook
from events.domain.rulebook.variables import GIVEN
from events.store import reference
from tests.support.law import MEMBER, at, records, rejection_of
from tests.support.sealed import REASONS, sealed

HD21, HD25, HD02, ND90 = (
    validity.read(reference.shipped_document("rulebook", name))
    for name in ("qd132_hd21", "qd124_hd25", "qd366_hd02", "nd90")
)
QUARTER = validity.read(reference.shipped_document("rulebook", "kl198_hd02"))
TYPED = {"unit_tasks_total": 20, "unit_tasks_done": 13}


def disciplined(number: str = "12-QĐ", *, own: bool = False, year: str | None = None) -> Event:
    return MemberDisciplined(
        member_id=MEMBER,
        decision=sealed(number),
        grade=Code("warning"),
        self_detected=own,
        fault_period=Period(year) if year else UNSET,
    )


def away(reason: AbsenceReason = AbsenceReason.SICK) -> Event:
    return MemberAbsent(member_id=MEMBER, reason=sealed(reason))


BACK = MemberBack(member_id=MEMBER)


def counted(
    rulebook: Rulebook,
    *events: tuple[datetime, Event],
    period: str = "2024",
    group: str = "member",
    today: date = date(2024, 12, 20),
    quarters: tuple[bool, ...] = (),
) -> dict[str, int]:
    roster = member.fold(records(*events))
    return counted_facts.counts_of_member(
        rulebook,
        group,
        roster,
        period,
        today=today,
        reasons=REASONS,
        quarters_failed=quarters,
    )


def test_what_did_not_happen_is_left_out() -> None:
    assert counted(HD25) == {}


def test_a_discipline_is_counted_in_the_year_of_its_decision() -> None:
    told_of = (at(3, 5, year=2024), disciplined())

    assert counted(HD25, told_of) == {"disciplines": 1}
    assert counted(HD25, told_of, period="2025") == {}


def test_a_late_discipline_is_counted_in_the_year_of_the_fault_and_in_no_other() -> None:
    late = (at(3, 5, year=2026), disciplined(year="2024"))

    assert counted(HD25, late) == {"disciplines": 1}
    assert counted(HD02, late, period="2026") == {}


def test_a_self_detected_discipline_is_told_apart() -> None:
    two = [(at(3, 5, year=2024), disciplined(own=True)), (at(4, 5, year=2024), disciplined("13"))]

    assert counted(HD25, *two) == {"disciplines": 2, "disciplines_self_detected": 1}


def test_a_discipline_that_was_lifted_is_counted_no_more() -> None:
    lifted = MemberDisciplineLifted(member_id=MEMBER, decision=sealed("12-QĐ"))

    assert counted(HD25, (at(3, 5, year=2024), disciplined()), (at(4, 5), lifted)) == {}


def test_only_what_an_edition_looks_at_is_told() -> None:
    sick = [(at(1, 3, year=2024), away()), (at(1, 4, year=2024), BACK)]

    assert counted(HD21, *sick) == {"days_sick": 31}
    assert counted(HD25, *sick) == {}
    assert counted(ND90, *sick, group="") == {"days_absent": 31}


def test_days_of_other_years_and_days_to_come_are_not_counted() -> None:
    over_new_year = [(at(22, 12, year=2023), away()), (at(11, 1, year=2024), BACK)]

    assert counted(HD21, *over_new_year) == {"days_sick": 10}
    assert counted(HD21, (at(11, 12, year=2024), away())) == {"days_sick": 10}  # up to the 20th


def test_only_sick_leave_counts_as_sick() -> None:
    trained = [(at(1, 3, year=2024), away(AbsenceReason.TRAINING)), (at(1, 4, year=2024), BACK)]

    assert counted(HD21, *trained) == {}
    assert counted(ND90, *trained, group="") == {"days_absent": 31}


def test_what_is_counted_by_an_erased_reason_cannot_be_counted_again() -> None:
    def erased(rulebook: Rulebook, *reasons: str, group: str = "member") -> frozenset[str]:
        commitments = [sealed(each).sealed for each in reasons]
        return counted_facts.counts_erased(
            rulebook, group, roster, "2024", today=date(2024, 12, 20), erased=commitments
        )

    roster = member.fold(records((at(1, 3, year=2024), away()), (at(1, 4, year=2024), BACK)))

    assert erased(HD21, "sick") == {"days_sick"}
    assert erased(HD21, "training") == frozenset()  # an absence of another year
    assert erased(HD25, "sick") == frozenset()  # which this edition does not look at


@pytest.mark.parametrize(("level", "rank"), [("excellent", 1), ("poor", 4), ("unheard_of", None)])
def test_the_level_of_the_state_side_is_counted_from_the_best(level: str, rank: int | None) -> None:
    rated = MemberStateRated(member_id=MEMBER, period=Period("2024"), level=Code(level))

    expected = {} if rank is None else {"state_level": rank}
    assert counted(HD21, (at(10), rated)) == expected
    assert counted(HD21, (at(10), rated), period="2023") == {}


@pytest.mark.parametrize(
    ("quarters", "failed"),
    [((), {}), ((False, False, False), {}), ((True, False, True), {"quarters_failed": 2})],
)
def test_quarters_are_counted_for_leaders(
    quarters: tuple[bool, ...], failed: dict[str, int]
) -> None:
    leader = counted(HD02, period="2026", group="leader", quarters=quarters)

    assert leader == failed
    assert counted(HD02, period="2026", quarters=quarters) == {}


@pytest.mark.parametrize(
    ("quarters", "run"), [((True, False, True), 1), ((False, True, True), 2), ((), 0)]
)
def test_quarters_in_a_row_are_the_longest_run(quarters: tuple[bool, ...], run: int) -> None:
    assert counted_facts.longest_run(quarters) == run


def test_an_absence_that_ended_before_the_year_is_not_counted_in_it() -> None:
    before = [(at(1, 3, year=2023), away()), (at(1, 4, year=2023), BACK)]

    assert counted(HD21, *before) == {}
    assert counted(HD21, *before, period="2023") == {"days_sick": 31}


@pytest.mark.parametrize("heads", [True, False])
def test_whether_somebody_heads_a_unit_is_told_and_typed_otherwise_refused(*, heads: bool) -> None:
    told_of = counted_facts.figures(QUARTER, "leader", TYPED, heads=heads)

    assert told_of == TYPED | {"heads_unit": heads}
    assert counted_facts.figures(QUARTER, "leader", told_of, heads=heads) == told_of
    rejection_of(
        lambda: counted_facts.figures(QUARTER, "leader", told_of, heads=not heads), "log_tells"
    )


def test_nobody_is_asked_for_what_the_log_tells() -> None:
    assert [each.id for each in counted_facts.figures_to_type(QUARTER, "leader")] == [*TYPED]


def test_where_an_edition_has_no_such_figure_none_is_told() -> None:
    typed = {"targets_met": 3}

    assert counted_facts.figures(HD25, "leader", typed, heads=True) == typed


def test_what_is_counted_is_called_by_a_name_that_stands_alone() -> None:
    names = [name for each in GIVEN.values() for name in (each.vi, each.en)]

    assert [n for n in names if n.startswith(("trong đó", "of these"))] == []
    assert len(set(names)) == len(names)
