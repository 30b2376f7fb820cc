"""A plan goes on before units of which its member heads none: only up, at last to colleagues."""

from collections.abc import Mapping

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from events.definitions.plan import PlanMoved
from events.domain.organisation.member import ENROLLED, Member, Post
from events.domain.plan import following, plan, plan_steps
from events.domain.plan.following import Whose
from events.domain.rulebook.terms import AtTheEnd, Competence, Judge, Seat
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import UnitId
from tests.support.law import CELL, MEMBER, PERIOD, TOP, at, records, rejection_of
from tests.support.law import RULES as WITHOUT

WARD, OTHER = UnitId("wardaaaaaaaaaaaaaaaaaaaaaa"), UnitId("otheraaaaaaaaaaaaaaaaaaaaa")
DISTRICT, PROVINCE = UnitId("districtaaaaaaaaaaaaaaaaaa"), UnitId("provinceaaaaaaaaaaaaaaaaaa")
ABOVE: Mapping[UnitId, UnitId] = {
    CELL: WARD,
    OTHER: WARD,
    WARD: TOP,
    TOP: DISTRICT,
    DISTRICT: PROVINCE,
}
PATH = (CELL, WARD, TOP)
TERMS = Competence(
    citation="Điều 12",
    proposes=Judge(seat=Seat.OWN),
    decides=Judge(seat=Seat.AUTHORITY),
    at_the_end=AtTheEnd.COLLEAGUES,
)
RULES: Rules = msgspec.structs.replace(
    WITHOUT, rulebook=msgspec.structs.replace(WITHOUT.rulebook, competence=(TERMS,))
)


def way_up(unit_id: UnitId) -> tuple[UnitId, ...]:
    found = [unit_id]
    while above := ABOVE.get(found[-1]):
        found.append(above)
    return tuple(found)


def holding(*offices: UnitId, unit_id: UnitId | UnsetType = CELL) -> Member:
    posts = tuple(Post("secretary", each, at(2)) for each in offices)
    return Member(membership=ENROLLED, unit_id=unit_id, posts=posts)


def whose(*offices: UnitId) -> Whose:
    return Whose(holds=holding(*offices), tree=Tree(way_up, lambda _: ""), path=PATH, group="")


def planned(path: tuple[UnitId, ...] = PATH, *, collective: bool = False) -> plan.State:
    wish = plan_steps.OpenPlan(
        period=PERIOD, member_id=MEMBER, path=path, required=True, collective=collective
    )
    return plan.fold(records(plan_steps.open_plan(plan.EMPTY, wish, RULES, now=at(28))))


@pytest.mark.parametrize(
    ("path", "offices", "judges"),
    [
        (PATH, (CELL,), (WARD, TOP)),
        (PATH, (WARD,), (TOP,)),
        ((CELL,), (CELL,), (WARD,)),
        ((CELL, WARD), (WARD,), (TOP,)),
        (PATH, (TOP,), (TOP,)),
        ((CELL,), (TOP,), (TOP,)),
        (PATH, (DISTRICT,), (DISTRICT,)),
        (PATH, (CELL, PROVINCE), (PROVINCE,)),
    ],
)
def test_those_judge_it_whom_its_member_does_not_head_or_the_next_above_or_colleagues(
    path: tuple[UnitId, ...], offices: tuple[UnitId, ...], judges: tuple[UnitId, ...]
) -> None:
    moved = following.follow_plan(planned(path), whose(*offices), RULES)

    assert moved == PlanMoved(period=PERIOD, member_id=MEMBER, path=judges)
    told = plan.fold(records(planned(path).opened.fact, moved))  # type: ignore[union-attr]
    assert told.path == judges
    following.require_followed(told, whose(*offices), RULES)
    rejection_of(
        lambda: following.require_followed(planned(path), whose(*offices), RULES), "review_follows"
    )


def test_it_stays_where_nobody_of_them_is_headed_or_the_edition_does_not_ask() -> None:
    def stays(state: plan.State, who: Whose, rules: Rules = RULES) -> None:
        rejection_of(lambda: following.follow_plan(state, who, rules), "already_done")

    stays(planned(), whose())
    stays(planned(), whose(OTHER))
    stays(planned((WARD, TOP)), whose(CELL))
    stays(planned((TOP,)), whose(TOP))
    stays(planned((DISTRICT,)), whose(CELL))
    stays(planned(), whose(TOP), WITHOUT)
    stays(planned(collective=True), whose(TOP))
    rejection_of(lambda: following.require_followed(plan.EMPTY, whose(), RULES), "not_open")


def test_who_belongs_below_follows_no_plan_unless_they_act_where_it_is_judged() -> None:
    def is_below(follower: Member, *offices: UnitId, collective: bool = False) -> bool:
        state = planned((TOP,), collective=collective)
        return following.is_below(state, follower, whose(*offices), RULES)

    assert is_below(holding(unit_id=OTHER), WARD)
    assert is_below(holding(OTHER, unit_id=OTHER), WARD)
    assert not is_below(holding(TOP, unit_id=OTHER), WARD)
    assert not is_below(holding(unit_id=OTHER), CELL)
    assert not is_below(holding(unit_id=TOP), WARD)
    assert not is_below(holding(unit_id=UNSET), WARD)
    assert not is_below(holding(unit_id=OTHER), WARD, collective=True)
