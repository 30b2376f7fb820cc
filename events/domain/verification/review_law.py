"""Each fact of a review, decided anew from what was told before it.

Every function returns what the law would have told, or raises what it would have said no with.
What a fact does not tell, because it is sealed or nobody's business, is taken as it was right.
"""

from collections.abc import Callable, Mapping
from typing import Any

from events.definitions.deadline import DeadlineMoved
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.notice import NoticeAnswered
from events.definitions.records import Hand
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
    StatementMade,
)
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    MeetingHeld,
    PointAnswered,
    PointSuggested,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    ReviewOpened,
    SelfCritiqueSubmitted,
    StepWaived,
)
from events.domain.documents.working_days import local_day
from events.domain.review import (
    counted_facts,
    meeting_steps,
    rating_steps,
    waiving,
    writing_steps,
)
from events.domain.verification import opening_law
from events.domain.verification.opening_law import Review
from events.domain.verification.told import NotSo, Told
from events.domain.year.competence import require_four_eyes
from events.identifiers import MemberId, Stream, UnitId

BY_OTHERS = (  # than those whose year it is, or who lead the unit whose it is
    PointSuggested,
    DeadlineMoved,
    StepWaived,
    RatingProposed,
    RatingAppraised,
    RatingReturned,
    RatingDecided,
    RatingAnnounced,
    ReviewEnded,
    ReviewResumed,
    ReviewReopened,
)
JUDGING = (  # by somebody's hand: what followed by then was told before
    RatingProposed,
    RatingAppraised,
    RatingReturned,
    RatingDecided,
    DeadlineMoved,
    StepWaived,
    ReviewEnded,
    ReviewResumed,
)
IN_ITS_YEAR = (*JUDGING, RatingAnnounced, ReviewReopened)  # likewise
NOBODY = MemberId("")  # who gave a criticism: its fact names a pseudonym


def decide_again(told: Told, each: Recorded | Sequenced) -> Event:
    """Return what the law tells where a fact of a review was told."""
    event: Any = each.event
    at = each.entry.time
    state = told.review_of(Stream(each.entry.stream))
    if isinstance(event, ReviewOpened):
        return opening_law.open_again(told, state, event, at)
    goes_by = state.deadlines.source(writing_steps.opened_review(state))
    case = Review(told, state, told.rules(goes_by), at)
    if isinstance(event, BY_OTHERS) and event.by:
        _require_leads_not(case, event.by)
    if isinstance(event, IN_ITS_YEAR) and event.by:
        opening_law.require_of_year(case)
    found = AGAIN[type(event)](case, event)
    if isinstance(event, JUDGING) and event.by:
        opening_law.require_followed(case)
    return found


def _require_leads_not(case: Review, by: Hand) -> None:
    """Raise CommandRejected where somebody leads the unit that is reviewed, since when be it."""
    opened = case.opening_fact
    leads = (case.told.acts_for(opened.member_id, each, case.rules) for each in by.eyes)
    require_four_eyes(own=opened.collective and any(leads))


# What is written


def _commit(case: Review, event: CommitmentMade) -> Event:
    command = writing_steps.MakeCommitment(
        by=case.opening_fact.member_id, text=event.text, form=event.form, hand=event.by
    )
    return writing_steps.make_commitment(case.state, command)


def _submit(case: Review, event: SelfCritiqueSubmitted) -> Event:
    command = writing_steps.SubmitSelfCritique(
        by=case.opening_fact.member_id,
        text=event.text,
        marks=event.marks,
        form=event.form,
        catalogue=event.catalogue,
        hand=event.by,
    )
    return writing_steps.submit_self_critique(case.state, command, case.rules, now=case.at)


def _criticise(case: Review, event: CriticismGiven) -> Event:
    command = writing_steps.GiveCriticism(
        by=NOBODY, criticism_id=event.criticism_id, author=event.author, text=event.text
    )
    return writing_steps.give_criticism(case.state, command, case.rules, now=case.at)


def _answer(case: Review, event: CriticismAnswered) -> Event:
    command = writing_steps.AnswerCriticism(
        by=case.opening_fact.member_id,
        criticism_id=event.criticism_id,
        text=event.text,
        hand=event.by,
    )
    return writing_steps.answer_criticism(case.state, command)


def _suggest(case: Review, event: PointSuggested) -> Event:
    command = meeting_steps.SuggestPoint(by=event.by, point_id=event.point_id, text=event.text)
    return meeting_steps.suggest_point(case.state, command, case.rules, now=case.at)


def _answer_point(case: Review, event: PointAnswered) -> Event:
    command = meeting_steps.AnswerPoint(
        by=case.opening_fact.member_id, point_id=event.point_id, text=event.text, hand=event.by
    )
    return meeting_steps.answer_point(case.state, command)


def _meet(case: Review, event: MeetingHeld) -> Event:
    """Return that a meeting was held; who heads the unit was to be reviewed first is not asked."""
    unit_first = case.told.review(event.period, event.place)
    command = meeting_steps.HoldMeeting(
        by=event.by,
        place=event.place,
        unit_waiting=bool(unit_first.venues_awaited()) and case.told.stands(event.place),
        away=case.away,
        text=event.text,
    )
    return meeting_steps.hold_meeting(case.state, command, case.rules, now=case.at)


def _move_deadline(case: Review, event: DeadlineMoved) -> Event:
    command = writing_steps.MoveDeadline(
        by=event.by,
        step=event.step,
        due_at=case.rules.due_on(local_day(event.due_at), now=case.at),
        text=event.text,
        item=event.item,
        offices=case.told.offices_of(event.by, case.rules),
    )
    return writing_steps.move_deadline(case.state, command, case.rules, now=case.at)


def _waive(case: Review, event: StepWaived) -> Event:
    if event.by and event.text:
        command = waiving.WaiveStep(by=event.by, step=event.step, item=event.item, text=event.text)
        return waiving.waive_step(case.state, command, case.rules, now=case.at)
    found = waiving.waived_by_edition(case.state, case.rules, now=case.at)
    of_itself = {(due.step, due.item): waived for due, waived in found}
    if (event.step, event.item) not in of_itself:
        raise NotSo("by what was told the edition waives nothing then")
    return of_itself[event.step, event.item]


# How it is rated


def _propose(case: Review, event: RatingProposed) -> Event:
    command = rating_steps.ProposeRating(
        by=event.by,
        facts=event.facts,
        text=event.text,
        led_waiting=_led_waiting(case),
        below_waiting=case.told.waiting_for(case.opening_fact.period, case.opening_fact.below),
        away=case.away,
    )
    return rating_steps.propose_rating(case.state, command, case.rules, now=case.at)


def _led_waiting(case: Review) -> tuple[UnitId, ...]:
    opened, told, rules = case.opening_fact, case.told, case.rules
    if opened.collective:
        return ()
    roster, heads = told.member(opened.member_id), rules.rulebook.roles.head
    headed = counted_facts.units_headed(roster, heads, opened.period, local_day(case.at))
    led = told.office_units(opened.member_id, rules)
    return told.waiting_for(opened.period, (*led, *headed))


def _appraise(case: Review, event: RatingAppraised) -> Event:
    command = rating_steps.AppraiseRating(
        by=event.by,
        level=event.level,
        proposal_version=event.proposal_version,
        item=event.item,
        text=event.text,
        away=case.away,
    )
    return rating_steps.appraise_rating(case.state, command, case.rules, now=case.at)


def _return(case: Review, event: RatingReturned) -> Event:
    command = rating_steps.ReturnRating(
        by=event.by, proposal_version=event.proposal_version, text=event.text
    )
    return rating_steps.return_rating(case.state, command, case.rules, now=case.at)


def _decide(case: Review, event: RatingDecided) -> Event:
    command = rating_steps.DecideRating(
        by=event.by,
        level=event.level,
        proposal_version=event.proposal_version,
        text=event.text,
        away=case.away,
        weighed=event.weighed,
    )
    return rating_steps.decide_rating(case.state, command, case.rules, now=case.at)


def _announce(case: Review, event: RatingAnnounced) -> Event:
    command = rating_steps.AnnounceRating(by=event.by)
    return rating_steps.announce_rating(case.state, command, case.rules)


def _answer_notice(case: Review, event: NoticeAnswered) -> Event:
    command = rating_steps.AnswerNotice(
        by=case.opening_fact.member_id, text=event.text, hand=event.by
    )
    return rating_steps.answer_notice(case.state, command)


AGAIN: Mapping[type[Event], Callable[[Review, Any], Event]] = {
    ReviewMoved: opening_law.move_again,
    ReviewVoided: opening_law.void_again,
    ReviewEnded: opening_law.end_again,
    ReviewResumed: opening_law.resume_again,
    ReviewReopened: opening_law.reopen_again,
    StatementMade: opening_law.state_again,
    CommitmentMade: _commit,
    SelfCritiqueSubmitted: _submit,
    CriticismGiven: _criticise,
    CriticismAnswered: _answer,
    PointSuggested: _suggest,
    PointAnswered: _answer_point,
    MeetingHeld: _meet,
    DeadlineMoved: _move_deadline,
    StepWaived: _waive,
    RatingProposed: _propose,
    RatingAppraised: _appraise,
    RatingReturned: _return,
    RatingDecided: _decide,
    RatingAnnounced: _announce,
    NoticeAnswered: _answer_notice,
}
