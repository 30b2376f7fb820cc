"""Whatever people try with a unit's plan, nobody judges it who led the unit or wrote for it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.domain.aggregate.rejections import CommandRejected
from events.domain.plan import milestone_steps, plan, plan_steps
from events.domain.verification import four_eyes
from events.identifiers import MemberId
from tests.support.collective_facts import AS_UNIT
from tests.support.history import record
from tests.support.law import CELL, PEER, RULES, SECRETARY, TOP
from tests.support.party_rules import WORDS
from tests.support.plan_facts import FILE, MILESTONES, NOW
from tests.support.unit_plan_facts import FIRST, OPENED

DEEDS_MAX = 14
PEOPLE = (SECRETARY, PEER, *(MemberId(letter * 26) for letter in "abc"))  # the first two are pinned

Deed = tuple[str, MemberId, MemberId]  # what is tried, by whom, and who is to follow then


def for_unit(who: MemberId) -> Hand:
    return Hand(member_id=who, unit_id=CELL, post=Code("secretary"))


def above(who: MemberId) -> Hand:
    return Hand(member_id=who, unit_id=TOP, post=Code("secretary"))


def _propose(state: plan.State, who: MemberId, _: MemberId) -> Event:
    command = plan_steps.ProposePlan(
        by=AS_UNIT, text=WORDS, milestones=MILESTONES, hand=for_unit(who)
    )
    return plan_steps.propose_plan(state, command, RULES, now=NOW)


def _agree(state: plan.State, who: MemberId, follower: MemberId) -> Event:
    seen = state.proposal.version if state.proposal else 0
    command = plan_steps.AgreeToPlan(by=above(who), proposal_version=seen, follower_id=follower)
    return plan_steps.agree_to_plan(state, command, RULES)


def _return(state: plan.State, who: MemberId, _: MemberId) -> Event:
    seen = state.proposal.version if state.proposal else 0
    command = plan_steps.ReturnPlan(by=above(who), proposal_version=seen, text=WORDS)
    return plan_steps.return_plan(state, command, RULES, now=NOW)


def _show(state: plan.State, who: MemberId, _: MemberId) -> Event:
    command = milestone_steps.HandInEvidence(
        by=AS_UNIT, milestone_id=FIRST, files=(FILE,), hand=for_unit(who)
    )
    return milestone_steps.hand_in_evidence(state, command, RULES, now=NOW)


def _ask(state: plan.State, who: MemberId, _: MemberId) -> Event:
    shown = [each.version for each in state.milestones[0].evidence] if state.milestones else []
    command = milestone_steps.AskForMore(
        by=who, milestone_id=FIRST, evidence_version=max(shown, default=0), text=WORDS
    )
    return milestone_steps.ask_for_more(state, command)


def _extend(state: plan.State, who: MemberId, _: MemberId) -> Event:
    later = state.milestones[0].due_at if state.milestones else NOW
    command = milestone_steps.ExtendMilestone(
        by=who, milestone_id=FIRST, due_at=later + timedelta(days=9), text=WORDS
    )
    return milestone_steps.extend_milestone(state, command, RULES, now=NOW)


WRITES: dict[str, Callable[[plan.State, MemberId, MemberId], Event]] = {
    "propose": _propose,
    "show": _show,
}
JUDGES: dict[str, Callable[[plan.State, MemberId, MemberId], Event]] = {
    "agree": _agree,
    "return": _return,
    "ask": _ask,
    "extend": _extend,
}
people = st.sampled_from(PEOPLE)
deeds = st.lists(st.tuples(st.sampled_from([*WRITES, *JUDGES]), people, people), max_size=DEEDS_MAX)


@given(deeds)
def test_who_led_a_unit_or_wrote_for_it_never_judges_its_plan_after(tried: list[Deed]) -> None:
    history, answering = [record(OPENED)], {SECRETARY, PEER}

    for name, who, follower in tried:
        with suppress(CommandRejected):
            fact = (WRITES | JUDGES)[name](plan.fold(history), who, follower)
            history.append(record(fact, version=len(history) + 1))
            if name in WRITES:
                answering.add(who)
            else:
                assert who not in answering
                assert name != "agree" or follower not in answering

    assert plan.fold(history).leaders == answering
    assert four_eyes.check_four_eyes(history).passed
