"""A plan goes on before units of which its member heads none: only up, at last to colleagues."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import msgspec
import pytest
from msgspec import UNSET, UnsetType

from events.definitions.event import Event
from events.definitions.plan import (
    EvidenceHandedIn,
    FollowerNamed,
    PlanAgreed,
    PlanMoved,
    PlanProposed,
    PlanUnfollowed,
)
from events.domain.escalation.lateness import Late, late_with
from events.domain.organisation.member import ENROLLED, Member, Post
from events.domain.plan import following, plan, plan_steps
from events.domain.plan import state as plan_state
from events.domain.plan.following import ANSWERS, BELOW, LEFT, Whose
from events.domain.rulebook.terms import AtTheEnd, Competence, Judge, Seat
from events.domain.steps import Step, Turn
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import UnitId
from tests.support.law import CELL, MEMBER, PERIOD, TOP, at, records, rejection_of
from tests.support.law import RULES as WITHOUT
from tests.support.year_examples import YEAR

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


def followed(*, collective: bool = False) -> plan.State:
    """Return a plan that the unit at the top judges; somebody follows it, and evidence waits."""
    state = planned((TOP,), collective=collective)
    assert state.opened
    told = [_of(each) for each in (PlanProposed, PlanAgreed, EvidenceHandedIn)]
    return plan.fold(records(state.opened.fact, *told))


def _of(cls: type[Event]) -> Any:
    found: Any = next(each for each in YEAR if isinstance(each, cls))
    return dataclasses.replace(found, period=PERIOD, member_id=MEMBER)


def unfollowed(state: plan.State, follower: Member, *offices: UnitId) -> PlanUnfollowed:
    return following.unfollow(state, follower, whose(*offices), RULES)


BESIDE = holding(unit_id=OTHER)
GONE = msgspec.structs.replace(BESIDE, membership="left")


@pytest.mark.parametrize(
    ("follower", "offices", "collective", "reason"),
    [
        (BESIDE, (WARD,), False, BELOW),
        (GONE, (), False, LEFT),
        (GONE, (WARD,), False, LEFT),
        (holding(UnitId(MEMBER), unit_id=OTHER), (), True, ANSWERS),
    ],
)
def test_who_left_answers_for_the_unit_or_is_below_by_now_follows_a_plan_no_more(
    follower: Member, offices: tuple[UnitId, ...], reason: str, *, collective: bool
) -> None:
    state = followed(collective=collective)

    told = unfollowed(state, follower, *offices)

    assert (told.follower_id, told.reason) == (state.follower_id, reason)


def test_a_colleague_and_who_is_not_below_go_on() -> None:
    for follower, offices in ((BESIDE, ()), (holding(TOP, unit_id=OTHER), (WARD,))):
        rejection_of(lambda: unfollowed(followed(), follower, *offices), "already_done")  # noqa: B023


def test_of_a_plan_that_nobody_follows_or_that_is_done_nobody_is_told_to_follow_no_more() -> None:
    done = plan.fold(
        [*records(followed().opened.fact, _of(PlanProposed), _of(PlanAgreed))]  # type: ignore[union-attr]
    )
    approved = tuple(
        msgspec.structs.replace(
            each,
            decisions=(
                plan_state.Decision(9, at(28), plan.Status.APPROVED, MEMBER, evidence_version=4),
            ),
        )
        for each in done.milestones
    )
    for state in (planned(), msgspec.structs.replace(done, milestones=approved)):
        rejection_of(lambda: unfollowed(state, GONE), "already_done")  # noqa: B023


def test_then_evidence_waits_for_those_who_name_another_and_for_that_one_again() -> None:
    before = followed()
    assert before.opened
    facts = (before.opened.fact, _of(PlanProposed), _of(PlanAgreed), _of(EvidenceHandedIn))
    told = unfollowed(before, BESIDE, WARD)
    now = plan.fold(records(*facts, told))
    again = plan.fold(records(*facts, told, _of(FollowerNamed)))

    step = Step.EVIDENCE_REVIEW
    assert [(e.turn, e.due_at) for e in plan.tasks(before) if e.step is step] == [
        (Turn.FOLLOWER, before.deadlines.due_at(step, "1"))
    ]
    assert [e.turn for e in plan.tasks(now) if e.step is step] == [Turn.SECRETARY]
    assert (now.follower_id, now.takers(step), before.takers(step)) == (None, (TOP,), ())
    assert late_with(now, step, "1") == Late(units=(TOP,))
    assert again.turn_of(step) is Turn.FOLLOWER
    assert again.follower_id == _of(FollowerNamed).follower_id
    rejection_of(lambda: unfollowed(now, BESIDE, WARD), "already_done")
    assert plan.fold(records(before.opened.fact, told)).unfollowed is None
