"""The review of a unit that is dissolved ends: nobody goes on with it, and nothing is late."""

from dataclasses import replace
from datetime import timedelta

import msgspec
import pytest

from events.definitions.deadline import (
    DeadlineMissed,
    DeadlineMoved,
    Excuse,
    TimerResumed,
    TimerSettled,
)
from events.definitions.event import Code, Event, Number, Subject
from events.definitions.records import Hand, Label
from events.definitions.reopening import ReviewEnded, ReviewReopened, ReviewResumed
from events.definitions.review import (
    PointSuggested,
    ReviewOpened,
    SelfCritiqueSubmitted,
    StepWaived,
)
from events.definitions.roster import UnitDissolved, UnitFormed
from events.domain.aggregate.rejections import CommandRejected
from events.domain.review import collective, ending, rating_steps, review, writing_steps
from events.domain.review.review import State
from events.domain.steps import Step
from events.domain.verification.law import wrong_by_law
from events.domain.verification.repeats import check_once
from events.domain.verification.told import Told
from events.identifiers import MemberId, review_stream
from tests.support.history import record
from tests.support.law import (
    CELL,
    LEADERS_HAND,
    MEMBER,
    PEER,
    PERIOD,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
    facts,
    records,
    rejection_of,
)
from tests.support.party_rules import DEPUTYS_HAND, PARTY, POINT, SOON, WORDS, YEAR, decided, held
from tests.support.rating_facts import ANNOUNCED
from tests.support.review_facts import (
    ANSWERED,
    CRITICISED,
    CRITICISED_ONESELF,
    PROPOSED,
    review_with,
)
from tests.support.review_facts import OPENED as MEMBERS_OPENED
from tests.support.review_facts import decided as members_decided

OPENED: ReviewOpened = collective.open_collective(
    review.EMPTY,
    collective.OpenCollective(
        period=YEAR, unit_id=CELL, path=(CELL, TOP), kinds=("cell", "committee")
    ),
    PARTY,
    now=at(6, 1, year=2025),
)
AS_UNIT = MemberId(CELL)
WRITTEN = SelfCritiqueSubmitted(
    period=YEAR, member_id=AS_UNIT, text=WORDS, proposal_due_at=SOON, meeting_due_at=SOON
)
ENDED = ReviewEnded(period=YEAR, member_id=AS_UNIT, reason=Code("dissolved"))


def reviewed(*events: Event) -> State:
    return review.fold(records(OPENED, *events))


def test_an_undecided_review_of_a_unit_ends() -> None:
    assert ending.end_review(reviewed()) == ENDED
    assert ending.end_review(reviewed(WRITTEN, held())) == ENDED


def test_a_review_ends_once() -> None:
    rejection_of(lambda: ending.end_review(reviewed(ENDED)), "ended")


def test_what_is_decided_stays_decided() -> None:
    rejection_of(
        lambda: ending.end_review(reviewed(WRITTEN, held(), decided(4))), "already_decided"
    )


def test_nobody_has_anything_to_do_in_a_review_that_ended_and_no_deadline_runs() -> None:
    waits, ended = reviewed(WRITTEN), reviewed(WRITTEN, ENDED)

    assert (review.stage(waits), review.stage(ended)) == ("meeting", "ended")
    assert review.tasks(waits)
    assert review.tasks(ended) == ()
    assert waits.deadlines.next_at(waits.done)
    assert ended.deadlines.next_at(ended.done) is None


def test_what_was_missed_before_is_late_no_more_and_is_not_forgotten() -> None:
    due = OPENED.dues[0]
    missed = DeadlineMissed(
        subject=Subject(review_stream(YEAR, AS_UNIT)),
        step=due.step,
        item=due.item,
        due_at=due.due_at,
    )

    late, ended = reviewed(missed), reviewed(missed, ENDED)

    assert late.deadlines.overdue(late.done) == (due,)
    assert ended.deadlines.overdue(ended.done) == ()
    assert ended.deadlines.missed == (due,)


def test_a_review_goes_on_where_its_unit_was_not_dissolved_after_all() -> None:
    ended = reviewed(WRITTEN, ENDED)
    back = at(1, 4, year=2026)
    resumed = ending.resume_review(ended, PARTY, now=back)
    assert resumed

    state = reviewed(WRITTEN, ENDED, resumed)

    before = reviewed(WRITTEN)
    assert [task.step for task in review.tasks(state)] == [t.step for t in review.tasks(before)]
    anew = PARTY.after(back, PARTY.notice_of(Code("meeting")))
    assert state.deadlines.due_at("meeting") == max(SOON, anew)
    assert not state.done("self_critique") or state.deadlines.due_at("self_critique") is None
    assert reviewed(WRITTEN, ENDED, resumed, ENDED).ran == state.deadlines.running


def test_what_was_due_later_than_that_stays_due_then() -> None:
    ended = reviewed(ENDED)

    resumed = ending.resume_review(ended, PARTY, now=at(7, 1, year=2025))

    assert resumed
    assert resumed.dues == OPENED.dues


def test_a_review_that_goes_on_is_not_resumed_and_a_fact_of_it_too_many_changes_nothing() -> None:
    goes_on = reviewed(WRITTEN)
    too_many = ReviewResumed(period=YEAR, member_id=AS_UNIT, dues=())

    assert ending.resume_review(goes_on, PARTY, now=SOON) is None
    assert ending.resume_review(review.EMPTY, PARTY, now=SOON) is None
    assert reviewed(WRITTEN, too_many) == msgspec.structs.replace(goes_on, version=3)


def test_a_review_may_end_and_go_on_more_than_once_and_each_is_told_once() -> None:
    resumed = ReviewResumed(period=YEAR, member_id=AS_UNIT, dues=OPENED.dues)

    assert check_once(records(OPENED, ENDED, resumed, ENDED, resumed)).passed
    assert not check_once(records(OPENED, ENDED, resumed, resumed)).passed


BACK_AT = at(1, 4, year=2026)
FORMED = UnitFormed(unit_id=CELL, number=Number("CB-01"), name="Chi bộ 1", kind=Code("cell"))
DISSOLVED = UnitDissolved(unit_id=CELL, successor_id=TOP)
RESUMED = ending.resume_review(reviewed(ENDED), PARTY, now=BACK_AT)


@pytest.mark.parametrize(
    ("of_unit", "of_review", "wrong"),
    [
        ((FORMED,), (OPENED, ENDED), ""),
        ((FORMED, DISSOLVED), (OPENED, ENDED), "or the unit was dissolved"),
        ((FORMED,), (OPENED,), "the review had not ended"),
    ],
    ids=["undone", "dissolved", "going on"],
)
def test_whoever_verifies_decides_anew_that_a_review_goes_on(
    of_unit: tuple[Event, ...], of_review: tuple[Event, ...], wrong: str
) -> None:
    told = Told(lambda _: PARTY)
    for each in (*records(*of_unit), *records(*of_review)):
        told.tell(each)
    assert RESUMED

    found = list(wrong_by_law(told, record(RESUMED, version=9, time=BACK_AT)))

    assert len(found) == bool(wrong)
    assert wrong in "".join(found)


def test_no_step_is_taken_in_a_review_that_ended() -> None:
    ended = reviewed(WRITTEN, ENDED)
    criticism = writing_steps.GiveCriticism(by=PEER, criticism_id=POINT, author=POINT, text=WORDS)
    moving = writing_steps.MoveDeadline(
        by=DEPUTYS_HAND, step=Code("meeting"), due_at=SOON + timedelta(days=9), text=WORDS
    )

    rejection_of(
        lambda: writing_steps.give_criticism(ended, criticism, PARTY, now=SOON), "too_late"
    )
    rejection_of(lambda: writing_steps.move_deadline(ended, moving, PARTY, now=SOON), "ended")
    assert writing_steps.movable(ended, ()) == ()


# Of a member


MEMBERS = ReviewEnded(period=PERIOD, member_id=MEMBER, reason=ending.LEFT)
LATE = DeadlineMissed(
    subject=Subject(review_stream(PERIOD, MEMBER)),
    step=Code("self_critique"),
    item=Label(""),
    due_at=next(due.due_at for due in MEMBERS_OPENED.dues if due.step == "self_critique"),
)
COMMITMENT_LATE = replace(
    LATE,
    step=Code("commitment"),
    due_at=next(due.due_at for due in MEMBERS_OPENED.dues if due.step == "commitment"),
)
EXCUSED = TimerSettled(
    subject=LATE.subject,
    step=LATE.step,
    item=LATE.item,
    due_at=LATE.due_at,
    reason=Excuse.ABSENT,
)
BACK = TimerResumed(subject=LATE.subject, step=LATE.step, item=LATE.item, due_at=at(28))
MORE_TIME = DeadlineMoved(
    subject=LATE.subject,
    step=LATE.step,
    item=LATE.item,
    due_at=at(28),
    by=LEADERS_HAND,
    text=WORDS,
)
SUGGESTED = PointSuggested(
    period=PERIOD,
    member_id=MEMBER,
    point_id=POINT,
    by=LEADERS_HAND,
    text=WORDS,
    answer_due_at=LATE.due_at,
)
OWN_HAND = Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary"))


def end(state: State, by: Hand = LEADERS_HAND) -> ReviewEnded:
    return ending.end_unrated(state, ending.EndReview(by=by, text=WORDS), RULES)


def undo(state: State, by: Hand = LEADERS_HAND) -> ReviewResumed:
    command = ending.ResumeReview(by=by, text=WORDS)
    return ending.undo_unrated(state, command, RULES, now=at(14))


def test_an_undecided_review_of_whoever_left_ends_and_goes_on_once_they_are_there() -> None:
    assert ending.end_review(review_with()) == MEMBERS

    resumed = ending.resume_review(review_with(MEMBERS), RULES, now=at(14))

    assert resumed is not None
    assert {due.step for due in resumed.dues} == {due.step for due in MEMBERS_OPENED.dues}
    assert not review_with(MEMBERS, resumed).ending
    assert ending.resume_review(review_with(), RULES, now=at(14)) is None


def test_who_is_rated_again_is_so_wherever_they_are() -> None:
    reopened = ReviewReopened(
        period=PERIOD,
        member_id=MEMBER,
        ground=Code("fault_found"),
        by=LEADERS_HAND,
        proposal_due_at=at(28),
    )
    told = (CRITICISED_ONESELF, PROPOSED, members_decided(version=3), ANNOUNCED, reopened)

    rejection_of(lambda: ending.end_review(review_with(*told)), "too_late")
    assert not ending.may_end_unrated(review_with(*told), ())


def test_those_who_decide_end_a_year_unrated_in_which_its_subject_is_late() -> None:
    ended = end(review_with(LATE))

    assert (ended.reason, ended.by, ended.text) == ("unrated", LEADERS_HAND, WORDS)
    over = review_with(LATE, ended)
    assert review.stage(over) == "ended"
    assert review.level(over) is None
    assert review.tasks(over) == ()
    rejection_of(lambda: end(over), "ended")
    assert ending.resume_review(over, RULES, now=at(14)) is None, "nobody else lets it go on"


def test_others_wait_for_nobody_whose_year_has_ended_until_it_goes_on() -> None:
    unrated = replace(ENDED, reason=Code("unrated"))
    on, over = reviewed(WRITTEN), reviewed(WRITTEN, unrated)

    assert on.venues_awaited() == over.venues_left() == (CELL,)
    assert review.is_level_awaited(on)
    assert over.venues_awaited() == ()
    assert not review.is_level_awaited(over)
    resumed = ReviewResumed(period=YEAR, member_id=AS_UNIT, dues=())
    assert reviewed(WRITTEN, unrated, resumed).venues_awaited() == (CELL,)


def test_others_wait_for_no_meeting_that_was_waived() -> None:
    waived = StepWaived(
        period=YEAR, member_id=AS_UNIT, step=Code("meeting"), item=Label(""), dues=()
    )

    assert reviewed(WRITTEN, waived).venues_awaited() == ()
    assert review.is_level_awaited(reviewed(WRITTEN, waived))


@pytest.mark.parametrize(
    ("told", "may"),
    [
        ((LATE,), True),
        ((EXCUSED,), True),
        ((), False),
        ((COMMITMENT_LATE,), False),
        ((EXCUSED, BACK), False),
        ((LATE, MORE_TIME), False),
        ((LATE, CRITICISED_ONESELF), False),
        ((LATE, CRITICISED_ONESELF, PROPOSED), False),
        ((LATE, CRITICISED_ONESELF, PROPOSED, members_decided(version=4)), False),
    ],
    ids=[
        "late",
        "away",
        "in time",
        "commitment",
        "back",
        "more time",
        "written",
        "proposed",
        "decided",
    ],
)
def test_it_ends_so_only_while_others_wait_for_its_subject(
    told: tuple[Event, ...], *, may: bool
) -> None:
    assert ending.may_end_unrated(review_with(*told), ()) is may
    if not may:
        with pytest.raises(CommandRejected):
            end(review_with(*told))


def test_days_to_answer_a_criticism_that_ran_out_meanwhile_are_given_anew() -> None:
    told = (CRITICISED_ONESELF, CRITICISED)
    resumed = ending.resume_review(review_with(*told, MEMBERS), RULES, now=at(14))
    assert resumed
    goes_on = review_with(*told, MEMBERS, resumed)
    (criticism,) = goes_on.criticisms
    anew = RULES.after(at(14), RULES.notice_of(Step.ANSWER))

    (task,) = (each for each in review.tasks(goes_on) if each.step is Step.ANSWER)

    assert CRITICISED.answer_due_at < at(14) < anew
    assert (goes_on.answer_due_at(criticism), task.due_at) == (anew, anew)
    assert goes_on.criticism_due_at(CRITICISED, before=4) == CRITICISED.answer_due_at
    assert goes_on.deadlines.due_at(Step.ANSWER, CRITICISED.criticism_id) is None, "no timer"
    proposing = rating_steps.ProposeRating(by=SECRETARYS_HAND, facts=facts(86))
    rejection_of(
        lambda: rating_steps.propose_rating(goes_on, proposing, RULES, now=anew), "answer_pending"
    )
    later = anew + timedelta(seconds=1)
    proposed = rating_steps.propose_rating(goes_on, proposing, RULES, now=later)
    assert proposed.facts == facts(86)


def test_days_to_answer_a_point_are_told_alike_wherever_they_are_told() -> None:
    suggested = replace(SUGGESTED, answer_due_at=at(4))
    told = (CRITICISED_ONESELF, suggested, MEMBERS)
    resumed = ending.resume_review(review_with(*told), RULES, now=at(14))
    assert resumed
    goes_on = review_with(*told, resumed)
    (point,) = goes_on.points
    anew = RULES.after(at(14), RULES.notice_of(Step.SUGGESTION_ANSWER))

    (task,) = (each for each in review.tasks(goes_on) if each.step is Step.SUGGESTION_ANSWER)

    assert (goes_on.answer_due_at(point), task.due_at) == (anew, anew)
    assert review_with(*told).answer_due_at(point) == at(4), "nobody awaits it while it has ended"


def test_days_to_answer_that_are_later_stay_and_what_was_answered_has_none() -> None:
    resumed = ending.resume_review(review_with(CRITICISED, MEMBERS), RULES, now=at(1))
    answered = ending.resume_review(review_with(CRITICISED, ANSWERED, MEMBERS), RULES, now=at(14))

    assert resumed
    assert answered
    due_at = {due.step: due.due_at for due in resumed.dues}[Code("answer")]
    assert due_at == max(CRITICISED.answer_due_at, RULES.after(at(1), RULES.notice_of("answer")))
    assert "answer" not in {due.step for due in answered.dues}


def test_nobody_ends_their_own_year_and_no_other_unit_does() -> None:
    rejection_of(lambda: end(review_with(LATE), OWN_HAND), "on_oneself")
    rejection_of(lambda: end(review_with(LATE), SECRETARYS_HAND), "not_competent")
    over = review_with(LATE, end(review_with(LATE)))
    rejection_of(lambda: undo(over, OWN_HAND), "on_oneself")
    rejection_of(lambda: undo(over, SECRETARYS_HAND), "not_competent")


def test_those_who_ended_it_let_it_go_on_and_what_is_left_has_a_day_again() -> None:
    over = review_with(LATE, end(review_with(LATE)))

    resumed = undo(over)

    goes_on = review_with(LATE, end(review_with(LATE)), resumed)
    assert (resumed.by, resumed.text) == (LEADERS_HAND, WORDS)
    assert goes_on.ending is None
    assert Step.SELF_CRITIQUE in {task.step for task in review.tasks(goes_on)}
    assert min(due.due_at for due in resumed.dues) > at(14)
    rejection_of(lambda: undo(goes_on), "not_ended")
    rejection_of(lambda: undo(review_with(MEMBERS)), "not_ended")


def test_nobody_ends_a_year_for_want_of_an_answer_to_their_own_point() -> None:
    missed = replace(LATE, step=Code("suggestion_answer"), item=POINT)
    waits = review_with(CRITICISED_ONESELF, SUGGESTED, missed)
    another = Hand(member_id=PEER, unit_id=TOP, post=Code("deputy_secretary"))

    rejection_of(lambda: end(waits), "not_late")
    assert end(waits, another).reason == "unrated"
