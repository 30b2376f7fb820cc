"""How a review is opened, moved, ended and reopened, decided anew from what was told before it."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from msgspec import UNSET

from events.definitions.deadline import Excuse
from events.definitions.event import Event
from events.definitions.records import Hand, Period
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
    StatementMade,
)
from events.definitions.review import ReviewOpened
from events.definitions.roster import AbsenceReason, Standing
from events.domain.aggregate.rejections import CommandRejected
from events.domain.organisation import member, succession
from events.domain.review import (
    collective,
    ending,
    following,
    opening,
    reopening,
    review,
    writing_steps,
)
from events.domain.review.collective import OpenCollective
from events.domain.review.opening import OpenReview
from events.domain.rulebook.terms import Why
from events.domain.verification import year_law
from events.domain.verification.told import NotSo, Told
from events.domain.verification.year_law import path_over, require_voided
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId, member_stream, review_stream, unit_stream


class Review(NamedTuple):
    """A review as it was when a fact of it was told."""

    told: Told
    state: review.State
    rules: Rules
    at: datetime

    @property
    def opening_fact(self) -> ReviewOpened:
        return writing_steps.opened_review(self.state)

    @property
    def away(self) -> Excuse | None:
        return self.told.excuse(self.opening_fact, self.at)


def open_again(told: Told, state: review.State, event: ReviewOpened, at: datetime) -> Event:
    if told.year_of(event) is None:
        raise NotSo("the review was opened in no year that its unit had open")
    rules = told.rules(event)
    if event.collective:
        return collective.open_collective(state, _collective(told, event, at), rules, now=at)
    wanted = _as_member(told, event.period, event.member_id, event.path[-1])
    tries = [replace(wanted, away=each) for each in _reasons_away(told, event.member_id)]
    for each in tries:
        with suppress(CommandRejected):
            if opening.open_review(state, each, rules, now=at) == event:
                return event
    return opening.open_review(state, tries[0], rules, now=at)


def _as_member(told: Told, period: Period, member_id: MemberId, top: UnitId) -> OpenReview:
    """Return how somebody stood by then; raises NotSo where they belonged nowhere."""
    holds = told.holds(member_id)
    if holds.own_unit is None:
        raise NotSo(f"{member_id} belonged to no unit")
    path = told.path(told.standing_unit(UnitId(holds.own_unit)), top)
    return OpenReview(
        period=period,
        member_id=member_id,
        path=path,
        standing=Standing(holds.standing or Standing.OFFICIAL),
        posts=tuple((UnitId(each.unit_id), each.post) for each in holds.posts),
        kinds=_kinds(told, path),
        above=told.way_up(top)[1:],
        member_since=holds.membership_since or None,
    )


def _kinds(told: Told, path: Sequence[UnitId]) -> tuple[str, ...]:
    return tuple(told.holds_of(each).kind or "" for each in path)


def _reasons_away(told: Told, member_id: MemberId) -> Sequence[str]:
    """Return as what somebody may have been away: of an absence that is sealed, as anything."""
    holds = told.holds(member_id)
    if holds.exempt_since:
        return (Why.EXEMPT,)
    known = told.reasons(member_id).get(holds.absent or "", "")
    return (known,) if known or not holds.absent else ("", *AbsenceReason)


def _collective(told: Told, event: ReviewOpened, at: datetime) -> OpenCollective:
    unit_id, top = UnitId(event.member_id), event.path[-1]
    holds = told.holds_of(unit_id)
    if holds.formed_at is UNSET:
        raise NotSo(f"there was no unit {unit_id}")
    named = (e for e in event.leaders if e.unit_id == unit_id and not e.for_id)  # by own posts
    path = told.path(unit_id, top)
    return OpenCollective(
        period=event.period,
        unit_id=unit_id,
        path=path,
        kinds=_kinds(told, path),
        leaders=_leaders(told, event, at) if told.whole else (*named, *_left_out(told, event, at)),
        below=_below(told, event, at) if told.whole else event.below,
        formed_at=holds.formed_at,
    )


def _left_out(told: Told, event: ReviewOpened, at: datetime) -> tuple[Hand, ...]:
    """Return who leads a unit and is not told to: a bundle knows of whoever acts in its review."""
    return tuple(each for each in _leaders(told, event, at) if each not in event.leaders)


def _leaders(told: Told, event: ReviewOpened, at: datetime) -> tuple[Hand, ...]:
    """Return who leads a unit; whoever has only just come to may be told or not."""
    top, known = event.path[-1], set(event.leaders)
    found = told.holders(UnitId(event.member_id), top)
    return tuple(each for each in found if each in known or _held_before(told, each, top, at))


def _held_before(told: Told, hand: Hand, top: UnitId, at: datetime) -> bool:
    """Tell whether somebody held a post, below a unit, by what lists had to know."""
    holds = member.view(told.stood(member_stream(hand.member_id), at))
    own = UnitId(holds.own_unit or "")
    held = holds.has_post(hand.unit_id, hand.post)
    return held and top in (own, *_way_before(told, own, at))


def _way_before(told: Told, unit_id: UnitId, at: datetime) -> tuple[UnitId, ...]:
    """Return the units above one, by what lists had to know."""
    return succession.standing_above(
        unit_id, lambda each: succession.place_in(told.stood(unit_stream(each), at))
    )


def _below(told: Told, event: ReviewOpened, at: datetime) -> tuple[UnitId, ...]:
    """Return the units directly below one; which has only just come there may be told or not."""
    unit_id, known = UnitId(event.member_id), set(event.below)
    found = told.units_below(unit_id)
    return tuple(
        each for each in found if each in known or _way_before(told, each, at)[:1] == (unit_id,)
    )


def move_again(case: Review, event: ReviewMoved) -> Event:
    state, told = case.state, case.told
    if event.by:
        path = path_over(told, event.period, state.pinned_path, event.by)
        return opening.take_over_review(state, path, event.by)
    return _follow_again(case, event)


def require_followed(case: Review) -> None:
    """Raise CommandRejected where something followed from the roster, and a worker told nothing."""
    if not case.opening_fact.collective:
        following.require_followed(*_by_roster(case), now=case.at)


def require_of_year(case: Review) -> None:
    """Raise CommandRejected where its year was voided or taken over, and a worker told nothing."""
    stream = review_stream(case.opening_fact.period, case.opening_fact.member_id)
    year_law.require_of_year(case.told, case.opening_fact.period, case.state, stream)


def _follow_again(case: Review, event: Event) -> Event:
    found = following.follow(*_by_roster(case), now=case.at)
    if type(found) is not type(event):
        raise NotSo(f"by what was told {found.definition.type} follows")
    return found


def _by_roster(case: Review) -> tuple[review.State, member.Member, Tree, Rules]:
    """Return by what the law says what follows for a review."""
    told = case.told
    holds = told.holds(case.opening_fact.member_id)
    return case.state, holds, told.tree, case.rules


def void_again(case: Review, event: ReviewVoided) -> Event:
    begun = case.told.order_of(review_stream(event.period, event.member_id), case.state.opened)
    top = case.state.pinned_path[-1]
    require_voided(case.told, event.period, top, event.by, since=begun)
    return opening.void_review(case.state, event.by)


def end_again(case: Review, event: ReviewEnded) -> Event:
    if event.by and event.text:
        command = ending.EndReview(by=event.by, text=event.text)
        return ending.end_unrated(case.state, command, case.rules)
    if not case.opening_fact.collective:
        return _follow_again(case, event)
    if case.told.stands(UnitId(case.opening_fact.member_id)):
        raise NotSo("who is reviewed had not left, nor was the unit dissolved")
    return ending.end_review(case.state)


def resume_again(case: Review, event: ReviewResumed) -> Event:
    if event.by and event.text:
        command = ending.ResumeReview(by=event.by, text=event.text)
        return ending.undo_unrated(case.state, command, case.rules, now=case.at)
    if not case.opening_fact.collective:
        return _follow_again(case, event)
    if not case.told.stands(UnitId(case.opening_fact.member_id)):
        raise NotSo("who is reviewed had left, or the unit was dissolved")
    resumed = ending.resume_review(case.state, case.rules, now=case.at)
    if resumed is None:
        raise NotSo("the review had not ended")
    return resumed


def reopen_again(case: Review, event: ReviewReopened) -> Event:
    told, opened = case.told, case.opening_fact
    then = told.disciplines_counted(event.period, event.member_id)
    now = told.disciplines(opened)
    command = reopening.ReopenReview(
        by=event.by,
        ground=event.ground,
        above=told.way_up(case.state.path[-1])[1:],
        decision=event.decision,
        late=now - then,
        lifted=then - now,
        text=event.text,
    )
    return reopening.reopen_review(case.state, command, case.rules, now=case.at)


def state_again(case: Review, event: StatementMade) -> Event:
    command = reopening.MakeStatement(
        by=case.opening_fact.member_id, text=event.text, hand=event.by
    )
    return reopening.make_statement(case.state, command, case.rules, now=case.at)
