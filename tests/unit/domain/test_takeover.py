"""A unit above takes a year over, or voids it: what was done stays told."""

from dataclasses import replace
from datetime import UTC, datetime

from events.definitions.cycle import CycleOpened
from events.definitions.deadline import DeadlineMissed
from events.definitions.event import Code, Sealed, Subject
from events.definitions.records import Digest, Hand, Label, Period
from events.definitions.roster import UnitAuthorised, UnitAuthorityEnded
from events.domain.organisation import unit
from events.domain.plan import plan, plan_steps
from events.domain.review import opening, review
from events.domain.verification import rating_checks
from events.domain.year import cycle
from events.identifiers import MemberId, UnitId
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    RULES,
    TOP,
    at,
    records,
    rejection_of,
)
from tests.support.plan_facts import OPENED as PLAN_OPENED
from tests.support.plan_facts import PROPOSED as PLANNED
from tests.support.rating_facts import STEPS

ABOVE = UnitId("aboveaaaaaaaaaaaaaaaaaaaaa")
SUPERIORS_HAND = Hand(
    member_id=MemberId("superioraaaaaaaaaaaaaaaaaa"), unit_id=ABOVE, post=Code("secretary")
)
GROUND = Sealed[str]("g" * 42 + "A")
OPENED = CycleOpened(
    period=Period("2026"),
    unit_id=TOP,
    rulebook=Digest("5d" * 32),
    calendar=Digest("ca" * 32),
    by=LEADERS_HAND,
)
TAKE_OVER = cycle.TakeOverCycle(by=SUPERIORS_HAND, above=(ABOVE,), text=GROUND)
VOID = cycle.VoidCycle(by=SUPERIORS_HAND, above=(ABOVE,), text=GROUND)
TAKEN = cycle.take_over(cycle.fold(records(OPENED)), TAKE_OVER, RULES)
VOIDED = cycle.void(cycle.fold(records(OPENED)), VOID, RULES)


def opens(*, authorised: bool = True, held_above: bool = False) -> CycleOpened:
    command = cycle.OpenCycle(
        period=Period("2026"),
        unit_id=TOP,
        by=LEADERS_HAND,
        authorised=authorised,
        held_above=held_above,
    )
    return cycle.open_cycle(cycle.EMPTY, command, RULES, now=datetime(2026, 1, 2, tzinfo=UTC))


def test_a_year_is_opened_where_the_unit_decides_and_no_unit_above_holds_it() -> None:
    assert opens() == OPENED

    rejection_of(lambda: opens(authorised=False), "no_authority")
    rejection_of(lambda: opens(held_above=True), "held_above")


def test_a_unit_decides_from_the_word_of_hr_until_hr_takes_it_back() -> None:
    said, ended = UnitAuthorised(unit_id=TOP), UnitAuthorityEnded(unit_id=TOP)
    views = [unit.view(unit.fold(records(*told))) for told in ([], [said], [said, ended])]

    assert [bool(each.authority_since) for each in views] == [False, True, False]


def test_only_an_office_in_a_unit_above_takes_a_year_over_or_voids_it() -> None:
    state = cycle.fold(records(OPENED))
    own = cycle.TakeOverCycle(by=LEADERS_HAND, above=(ABOVE,), text=GROUND)
    member = Hand(member_id=MEMBER, unit_id=ABOVE, post=Code("committee_member"))
    posts = cycle.VoidCycle(by=member, above=(ABOVE,), text=GROUND)

    rejection_of(lambda: cycle.take_over(state, own, RULES), "not_competent")
    rejection_of(lambda: cycle.void(state, posts, RULES), "not_competent")


def test_nobody_takes_over_or_voids_a_year_in_which_they_are_reviewed() -> None:
    state = cycle.fold(records(OPENED))

    rejection_of(lambda: cycle.take_over(state, replace(TAKE_OVER, own=True), RULES), "own_year")
    rejection_of(lambda: cycle.void(state, replace(VOID, own=True), RULES), "own_year")


def test_a_year_that_was_taken_over_is_held_above_and_changes_no_more() -> None:
    state = cycle.fold(records(OPENED, TAKEN, TAKEN))

    assert not state.holds
    close = cycle.CloseCycle(by=LEADERS_HAND)
    rejection_of(lambda: cycle.close_cycle(state, close, RULES), "already_done")
    rejection_of(lambda: cycle.take_over(state, TAKE_OVER, RULES), "already_done")
    rejection_of(lambda: cycle.void(state, VOID, RULES), "already_done")
    rejection_of(lambda: cycle.take_over(cycle.EMPTY, TAKE_OVER, RULES), "not_open")


def test_a_year_is_opened_above_with_what_was_taken_over_by_the_documents_it_goes_by() -> None:
    begun = cycle.open_above(cycle.EMPTY, TAKEN, OPENED)
    other = replace(OPENED, unit_id=CELL, rulebook=Digest("5e" * 32))
    more = cycle.open_above(cycle.fold(records(begun)), TAKEN, other)

    assert (begun.unit_id, begun.rulebook, begun.by) == (ABOVE, OPENED.rulebook, SUPERIORS_HAND)
    assert (more.rulebook, more.taken_from) == (OPENED.rulebook, CELL)
    state = cycle.fold(records(begun, more))
    assert state.opened
    assert (state.opened.fact, state.taken) == (begun, (TOP, CELL))


def test_nothing_is_taken_over_into_a_year_that_was_taken_over_itself() -> None:
    there = cycle.fold(records(OPENED, TAKEN))

    rejection_of(lambda: cycle.open_above(there, TAKEN, OPENED), "already_done")


def held(*years: CycleOpened, decides: UnitId = CELL) -> frozenset[UnitId]:
    """Return of which units the year above holds whoever belongs to them."""
    told = {each.unit_id: cycle.fold(records(each)) for each in years}
    return cycle.units_held(
        ABOVE, lambda each: told.get(each, cycle.EMPTY), lambda each: each == decides
    )


def test_a_year_that_was_opened_by_a_takeover_holds_what_was_held_where_it_was_taken() -> None:
    own = replace(OPENED, unit_id=ABOVE)
    below, again = replace(own, taken_from=TOP), replace(OPENED, taken_from=CELL)

    assert held(own) == {ABOVE}
    assert held(below, OPENED) == {TOP}
    assert held(below, again) == {CELL}
    assert held(below, again, decides=TOP) == {TOP}
    assert held(below, again, decides=ABOVE) == {ABOVE}
    assert held(below, replace(OPENED, taken_from=ABOVE)) == frozenset()  # nobody can tell this


def test_a_voided_year_frees_what_it_had_taken_over() -> None:
    voided = cycle.void_below(TOP, replace(VOIDED, unit_id=ABOVE))
    below = cycle.fold(records(OPENED, TAKEN, voided))

    assert (below.opened, below.taken_over, below.taken) == (None, None, ())
    assert voided == VOIDED


def test_a_voided_year_is_as_if_it_had_not_been_opened_and_may_be_opened_again() -> None:
    voided = cycle.fold(records(OPENED, VOIDED))
    again = cycle.fold(records(OPENED, VOIDED, OPENED))

    assert (voided.opened, voided.holds, voided.version) == (None, False, 2)
    assert voided.voided
    assert again.holds
    assert again.opened
    assert again.opened.version == 3


def test_a_review_goes_on_above_and_whoever_acted_before_was_competent_then() -> None:
    *before, decision, announced = STEPS
    state = review.fold(records(*before))
    moved = opening.take_over_review(state, (CELL, TOP, ABOVE), SUPERIORS_HAND)

    taken = review.fold(records(*before, decision, moved, announced))

    assert (taken.path, taken.path_before(7)) == ((CELL, TOP, ABOVE), (CELL, TOP))
    assert taken.venues == state.venues
    assert rating_checks.failed_checks(taken, RULES) == ()
    late = review.fold(records(*before, moved, decision))
    assert [each.name for each in rating_checks.failed_checks(late, RULES)] == ["decider"]
    rejection_of(
        lambda: opening.take_over_review(taken, (CELL, TOP, ABOVE), SUPERIORS_HAND), "already_done"
    )
    rejection_of(lambda: opening.take_over_review(review.EMPTY, (TOP,), SUPERIORS_HAND), "not_open")


def test_nothing_told_in_a_voided_review_counts_and_it_may_be_opened_again() -> None:
    missed = DeadlineMissed(
        subject=Subject("review-2026"), step=Code("commitment"), item=Label(""), due_at=at(31, 1)
    )
    told = (*STEPS[:3], missed)
    voided = opening.void_review(review.fold(records(*told)), SUPERIORS_HAND)

    state = review.fold(records(*told, voided))
    again = review.fold(records(*told, voided, STEPS[0]))

    assert (state.opened, state.self_critique, state.version) == (None, None, 5)
    assert (review.tasks(state), state.deadlines.running) == ((), ())
    assert state.deadlines.missed
    assert again.opened
    assert (again.opened.version, again.commitment) == (6, None)
    rejection_of(lambda: opening.void_review(state, SUPERIORS_HAND), "not_open")


def test_the_plan_of_a_voided_review_counts_no_more() -> None:
    voided = plan_steps.void_plan(plan.fold(records(PLAN_OPENED, PLANNED)), SUPERIORS_HAND)

    state = plan.fold(records(PLAN_OPENED, PLANNED, voided))

    assert (state.opened, state.milestones, plan.tasks(state)) == (None, (), ())
    rejection_of(lambda: plan_steps.void_plan(state, SUPERIORS_HAND), "not_open")


def test_a_plan_goes_on_before_the_unit_above_with_all_that_was_written_in_it() -> None:
    path = (CELL, TOP, ABOVE)
    before = plan.fold(records(PLAN_OPENED, PLANNED))
    agree = plan_steps.AgreeToPlan(by=SUPERIORS_HAND, proposal_version=2, follower_id=LEADER)
    rejection_of(lambda: plan_steps.agree_to_plan(before, agree, RULES), "not_competent")

    moved = plan_steps.take_over_plan(before, path, SUPERIORS_HAND)
    state = plan.fold(records(PLAN_OPENED, PLANNED, moved))

    assert (before.path, state.path) == ((CELL, TOP), path)
    assert (state.milestones, plan.tasks(state)) == (before.milestones, plan.tasks(before))
    assert plan_steps.agree_to_plan(state, agree, RULES).by == SUPERIORS_HAND
    assert plan.fold(records(moved)).path == ()  # of a plan that nobody opened
    rejection_of(lambda: plan_steps.take_over_plan(plan.EMPTY, path, SUPERIORS_HAND), "not_open")
