"""How each review of a simulated year comes to an end, and what stands in the way of one.

Why nobody goes on with it is told by who holds which post, without asking the law. Besides, what
must never happen in one: that somebody judges themselves, or twice what takes two, or from below.
"""

from collections.abc import Collection, Iterator
from enum import StrEnum
from typing import NamedTuple

from events.definitions.entry import Recorded
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened
from events.definitions.review import RatingAppraised, RatingDecided, RatingProposed, ReviewOpened
from events.domain.review import review
from events.domain.steps import At, Step, Turn
from events.domain.verification.four_eyes import judges_of
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from tests.support.lawful import log_of
from tests.support.simulated_years import SimulatedYear, waits_for_absent

ALONE_AT_THE_TOP = 6  # a seed: one officer where a year is opened, and no unit above
APPOINTED_MAX = 3  # times that HR appoints people for what is left


class DeadEnd(StrEnum):
    """What stands in everybody's way, until HR appoints somebody."""

    NOBODY_PROPOSES = "nobody proposes"  # of those who may, each is whom it is about
    NOBODY_APPRAISES = "nobody appraises"
    NOBODY_MEETS = "nobody tells of a meeting"
    NOBODY_DECIDES = "nobody decides"  # nor ends, nor goes on without what is late
    ALONE = "alone"  # each who decides, or appraises, took another step of the rating
    ANOTHER_FIRST = "another first"  # a unit whose own review is stuck is to be rated before


class LivedYear(NamedTuple):
    """A year that went by, with what it took to bring each review to an end."""

    year: SimulatedYear
    away: frozenset[str]  # until whoever they are of was back
    taken_over: frozenset[str]  # until a unit above took the year over
    taken_by: Hand | None
    dead_ends: dict[str, DeadEnd | None]  # until HR appointed somebody: None for no good reason
    left: frozenset[str]  # for ever


def live(seed: int) -> LivedYear:
    """Return the year of a seed, in which everybody does what helps: last of all HR."""
    year = SimulatedYear(seed).live()
    year.finish()
    away = frozenset(e for e in year.open_reviews() if waits_for_absent(year, e))
    year.come_back()
    year.finish()
    before = frozenset(year.open_reviews())
    taken_by = year.take_over() if before else None
    year.finish()
    stuck = year.open_reviews()
    units = {each for each in stuck if year.state(each).collective}
    ends: dict[str, DeadEnd | None] = {
        each: dead_end_of(year.state(each), year.hands, year.rules, units - {each})
        for each in stuck
    }
    for _ in range(APPOINTED_MAX):  # whoever is new may propose, and cannot decide then
        if year.open_reviews():
            year.appoint()
            year.finish()
    left = frozenset(year.open_reviews())
    return LivedYear(year, away, before - {*stuck}, taken_by, ends, left)


def dead_end_of(
    state: review.State, hands: Collection[Hand], rules: Rules, stuck: Collection[str]
) -> DeadEnd | None:
    """Return what stands in the way of a review; None where somebody could go on with it.

    `stuck` are the other units whose reviews came to none.
    """
    waiting = {each.step: each.turn for each in review.tasks(state)}
    advised = {each.fact.by.member_id for each in state.appraised}
    deciding = _others(state, hands, rules, state.deciding, Step.DECISION)
    if Step.DECISION in waiting:
        barred = {*state.proposers, *advised}
        free = [each for each in deciding if each.member_id not in barred]
        return None if free else DeadEnd.ALONE if deciding else DeadEnd.NOBODY_DECIDES
    if Step.APPRAISAL in waiting:
        asked = state.appraisals_left()[0]
        units = At(asked.at).units_of(state.units_above)
        appraising = _others(state, hands, rules, units, Step.APPRAISAL, asked.item)
        given = (each.fact for each in state.appraisals if each.fact.item != asked.item)
        barred = {each.by.member_id for each in given}
        advice = not asked.item and At(asked.at) is At.AUTHORITY
        barred |= set() if advice else {*state.proposers}
        free = [each for each in appraising if each.member_id not in barred]
        return None if free else DeadEnd.ALONE if appraising else DeadEnd.NOBODY_APPRAISES
    if Turn.MEMBER in waiting.values() and not deciding:
        return DeadEnd.NOBODY_DECIDES
    if Step.MEETING in waiting and not _others(
        state, hands, rules, (*state.venues, *state.path), Step.MEETING
    ):
        return DeadEnd.NOBODY_MEETS
    if Step.PROPOSAL in waiting and not _others(
        state, hands, rules, state.units_above, Step.PROPOSAL
    ):
        return DeadEnd.NOBODY_PROPOSES
    return DeadEnd.ANOTHER_FIRST if stuck else None


def _others(
    state: review.State,
    hands: Collection[Hand],
    rules: Rules,
    units: Collection[UnitId],
    step: Step,
    item: str = "",
) -> list[Hand]:
    """Return who holds a post for a step in one of some units, and is not whom it is about."""
    posts = rules.rulebook.posts_for(step, item)
    held = [each for each in hands if each.unit_id in units and each.post in posts]
    lead = {each.member_id for each in hands if state.opened and each.unit_id == _subject(state)}
    return [e for e in held if e.member_id not in lead and not state.is_of(e.member_id)]


def _subject(state: review.State) -> str:
    return state.opened.fact.member_id if state.opened else ""


def judged_wrongly(history: Collection[Recorded]) -> Iterator[str]:
    """Iterate over who judged themselves, or twice what takes two."""
    proposed, appraised = dict[str, set[MemberId]](), dict[str, set[MemberId]]()  # of a rating
    given = dict[str, dict[MemberId, str]]()  # the appraisals of a proposal
    leaders = dict[str, set[str]]()
    for each in history:
        event, stream = each.event, each.entry.stream
        own = leaders.setdefault(stream, {stream.rpartition("-")[2]})
        yield from (f"{who} judged {stream}" for who in judges_of(event) if who in own)
        match event:
            case ReviewOpened():
                own |= {hand.member_id for hand in event.leaders}
            case ReviewReopened():
                proposed[stream], appraised[stream] = set(), set()
            case RatingProposed(by=by):
                proposed.setdefault(stream, set()).add(by.member_id)
                given[stream] = {}
            case RatingAppraised(by=by, item=item):
                appraised.setdefault(stream, set()).add(by.member_id)
                before = given.setdefault(stream, {}).setdefault(by.member_id, item)
                if before != item or (item and by.member_id in proposed.get(stream, set())):
                    yield f"{by.member_id} appraised {stream} after another step"
            case RatingDecided(by=by):
                twice = proposed.get(stream, set()) | appraised.get(stream, set())
                if by.member_id in twice:
                    yield f"{by.member_id} decided {stream} on their own word"


def judged_from_below(year: SimulatedYear) -> Iterator[str]:
    """Iterate over who judged somebody that held an office in their unit, or above it.

    But for colleagues at the end of the way up, where an edition leaves it to them.
    """
    log = log_of(lambda _: year.rules)
    for each in year.history:
        event = each.event
        if isinstance(event, RatingProposed | RatingAppraised | RatingDecided):
            state = log.review(event.period, event.member_id)
            top, by = state.path[-1], event.by.unit_id
            offices = () if state.collective else log.office_units(event.member_id, year.rules)
            group = (state.opened and state.opened.fact.group) or ""
            bound = year.rules.rulebook.competence_for(group)
            if bound and by != top and not {*offices}.isdisjoint(log.way_up(by)):
                yield f"{event.member_id} is judged by {by}, from below"
        log.tell(each)
