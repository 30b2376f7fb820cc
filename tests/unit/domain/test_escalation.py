"""A missed deadline climbs the ladder until somebody takes it up, and no further than its top."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from functools import partial

import pytest
from msgspec import UNSET, UnsetType

from events.definitions.deadline import DeadlineMissed
from events.definitions.escalation import (
    EscalationAcknowledged,
    EscalationPassedOn,
    EscalationRaised,
    EscalationResolved,
    Resolution,
)
from events.definitions.event import Code, Event, Sealed, Subject
from events.definitions.records import Hand, Label
from events.domain.documents.working_days import local_day
from events.domain.escalation import escalation, ladder
from events.domain.escalation.escalation import State
from events.domain.escalation.lateness import Late
from events.domain.steps import Step, Turn
from events.domain.year.deadlines import Task
from events.identifiers import MemberId, UnitId
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    PEER,
    PERIOD,
    RULES,
    TOP,
    at,
    records,
    rejection_of,
)

PARENT = UnitId("parentaaaaaaaaaaaaaaaaaaaa")
PATH = (CELL, PARENT, TOP)
CAUSE = Label("0b5ff8b1-6a52-5b7e-8f8a-3f7a2d1c9e00")
MONDAY = at(7)
MISSED = DeadlineMissed(
    subject=Subject(f"review-2026-{MEMBER}"),
    step=Code("self_critique"),
    item=Label(""),
    due_at=at(4),
)


WAS_LATE: Mapping[str, Callable[[tuple[UnitId, ...]], Late]] = {
    "member": lambda _: Late(frozenset({MEMBER})),
    "follower": lambda _: Late(frozenset({PEER})),
    "secretary": lambda path: Late(units=path[:1]),
    "authority": lambda path: Late(units=path),
}


def raised(
    who: str = "member",
    path: tuple[UnitId, ...] = PATH,
    now: datetime = MONDAY,
    alone: Collection[UnitId] = (),
) -> EscalationRaised:
    return ladder.raise_for(
        MISSED,
        cause=CAUSE,
        late=WAS_LATE[who](path),
        path=path,
        rules=RULES,
        now=now,
        alone=alone,
    )


def after(*events: Event) -> State:
    return escalation.fold(records(*[(MONDAY, each) for each in events]))


def passed_on(state: State) -> EscalationPassedOn:
    event = ladder.pass_on(state, RULES, now=MONDAY)
    assert event is not None
    return event


def climbed(rungs: int) -> list[Event]:
    """Return the facts of an escalation that nobody took up, as far as a rung."""
    facts: list[Event] = [raised()]
    while len(facts) < rungs:
        facts.append(passed_on(after(*facts)))
    return facts


SOMEBODY = Late(frozenset({MEMBER}))


def take_up(
    state: State,
    by: Hand,
    *,
    late: Late = SOMEBODY,
    offices: tuple[UnitId, ...] = (),
    text: Sealed[str] | UnsetType = UNSET,
) -> EscalationAcknowledged:
    command = escalation.Acknowledge(by=by, late=late, offices=offices, text=text)
    return escalation.acknowledge(state, command, RULES)


def acknowledged(by: Hand = LEADERS_HAND) -> EscalationAcknowledged:
    return EscalationAcknowledged(cause=CAUSE, by=by)


RESOLVED = EscalationResolved(cause=CAUSE, resolution=Resolution.DONE)


@pytest.mark.parametrize(
    ("who", "rung", "unit_id"),
    [
        ("member", 1, CELL),
        ("follower", 1, CELL),
        ("secretary", 2, PARENT),  # nobody is called upon to press themselves
        ("authority", 3, TOP),  # above it there is nobody on the ladder
    ],
)
def test_a_miss_is_laid_before_the_first_rung_above_who_was_late(
    who: str, rung: int, unit_id: UnitId
) -> None:
    event = raised(who)

    assert (event.rung, event.unit_id) == (rung, unit_id)


def test_an_escalation_says_what_was_missed_by_which_rules() -> None:
    event = raised()

    assert (event.subject, event.step, event.due_at) == (MISSED.subject, "self_critique", at(4))
    assert (event.rulebook, event.path, event.cause) == (RULES.source.rulebook, PATH, CAUSE)


def test_it_is_to_be_taken_up_within_the_rungs_working_days() -> None:
    friday = at(4)

    due_at = raised(now=friday).acknowledge_due_at

    assert local_day(due_at) == at(9).date()  # Monday, Tuesday, Wednesday


def test_what_nobody_takes_up_climbs_to_the_last_rung_and_stays() -> None:
    state = after(*climbed(3))

    assert [(each.rung, each.unit_id) for each in state.laid] == [(1, CELL), (2, PARENT), (3, TOP)]
    assert ladder.pass_on(state, RULES, now=MONDAY) is None
    assert escalation.stage(state) == "open"


def test_a_rung_on_which_there_is_nobody_but_who_was_late_is_passed_over() -> None:
    first = raised(alone={CELL})
    next_one = ladder.pass_on(after(raised()), RULES, now=MONDAY, alone={PARENT})

    assert (first.rung, first.unit_id) == (2, PARENT)
    assert next_one is not None
    assert (next_one.rung, next_one.unit_id) == (3, TOP)


def test_where_nobody_else_is_on_the_ladder_it_lies_on_the_last_rung_and_stays() -> None:
    first = raised(alone=PATH)

    assert (first.rung, first.unit_id) == (3, TOP)
    assert ladder.pass_on(after(raised()), RULES, now=MONDAY, alone=PATH) is None


def test_a_committee_directly_above_its_members_holds_every_rung() -> None:
    event = raised(path=(TOP,))
    second = passed_on(after(event))

    assert (event.unit_id, second.unit_id, second.rung) == (TOP, TOP, 2)


@pytest.mark.parametrize("ended", [acknowledged(), RESOLVED])
def test_what_was_taken_up_or_resolved_climbs_no_further(ended: Event) -> None:
    state = after(raised(), ended)

    assert ladder.pass_on(state, RULES, now=MONDAY) is None
    assert escalation.tasks(state) == ()
    assert list(state.deadlines.open_dues(state.done)) == []


def test_only_the_rung_it_lies_on_has_a_deadline_that_runs() -> None:
    first, second, *_ = climbed(2)
    assert isinstance(second, EscalationPassedOn)

    state = after(first, second)

    assert [due.item for due in state.deadlines.open_dues(state.done)] == ["2"]
    assert escalation.tasks(state) == (
        Task(Step.ACKNOWLEDGEMENT, Turn.ADDRESSEE, second.acknowledge_due_at, item="2"),
    )


def test_it_may_be_taken_up_by_an_office_before_which_it_lies_or_lay() -> None:
    state = after(*climbed(3))
    cells = Hand(member_id=LEADER, unit_id=CELL, post=Code("deputy_secretary"))

    for hand in (LEADERS_HAND, cells):
        assert take_up(state, hand) == acknowledged(hand)


def test_words_of_who_takes_it_up_are_kept_sealed() -> None:
    words: Sealed[str] = Sealed("t" * 42 + "A")
    cells = Hand(member_id=LEADER, unit_id=CELL, post=Code("secretary"))

    assert take_up(after(raised()), cells, text=words).text == words


@pytest.mark.parametrize(
    "hand",
    [
        Hand(member_id=LEADER, unit_id=TOP, post=Code("secretary")),  # it does not lie there yet
        Hand(member_id=LEADER, unit_id=CELL, post=Code("treasurer")),
    ],
)
def test_nobody_else_takes_it_up(hand: Hand) -> None:
    state = after(raised())

    rejection_of(lambda: take_up(state, hand), "not_competent")


@pytest.mark.parametrize(
    ("late", "offices"),
    [
        (Late(frozenset({LEADER})), (TOP,)),  # it is their own step
        (Late(units=(CELL,)), (CELL, TOP)),  # or one of their other post
    ],
)
def test_whoever_was_late_takes_nothing_up_by_another_post(
    late: Late, offices: tuple[UnitId, ...]
) -> None:
    state = after(*climbed(3))

    rejection_of(lambda: take_up(state, LEADERS_HAND, late=late, offices=offices), "on_oneself")


def test_what_an_authority_missed_is_taken_up_where_it_lies() -> None:
    state = after(raised("authority"))

    event = take_up(state, LEADERS_HAND, late=Late(units=PATH), offices=(TOP,))

    assert event.by == LEADERS_HAND


def test_it_is_taken_up_once_and_only_while_it_is_there() -> None:
    hand = Hand(member_id=MemberId(LEADER), unit_id=CELL, post=Code("secretary"))

    rejection_of(lambda: take_up(after(), hand), "not_open")
    for ended in (acknowledged(), RESOLVED):
        state = after(raised(), ended)
        rejection_of(partial(take_up, state, hand), "already_done")


@pytest.mark.parametrize("resolution", Resolution)
def test_an_open_escalation_is_resolved_once(resolution: Resolution) -> None:
    for state in (after(raised()), after(raised(), acknowledged())):
        event = escalation.resolve(state, resolution)
        assert event == EscalationResolved(cause=CAUSE, resolution=resolution)

    assert escalation.resolve(after(), resolution) is None
    assert escalation.resolve(after(raised(), RESOLVED), resolution) is None


def test_stages_follow_what_happened() -> None:
    facts = [raised(), acknowledged(), RESOLVED]

    stages = [escalation.stage(after(*facts[:count])) for count in (1, 2, 3)]

    assert stages == ["open", "acknowledged", "resolved"]


def test_an_escalation_is_about_the_member_whose_step_was_missed() -> None:
    assert escalation.about(raised()) == (PERIOD, MEMBER)


def test_an_acknowledgement_that_is_late_itself_is_told_in_the_escalation() -> None:
    event = raised()
    late = DeadlineMissed(
        subject=Subject(f"escalation-{CAUSE}"),
        step=Code(Step.ACKNOWLEDGEMENT.value),
        item=Label("1"),
        due_at=event.acknowledge_due_at,
    )

    state = after(event, late)

    assert list(state.deadlines.open_dues(state.done)) == []
    assert [due.item for due in state.deadlines.overdue(state.done)] == ["1"]


def test_a_fact_that_is_known_already_changes_nothing() -> None:
    state = after(raised(), acknowledged())

    (again,) = records((MONDAY, raised()))

    assert escalation.evolve(state, again) is state
