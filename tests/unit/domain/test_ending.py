"""The review of a unit that is dissolved ends: nobody goes on with it, and nothing is late."""

from datetime import timedelta

import msgspec
import pytest

from events.definitions.deadline import DeadlineMissed
from events.definitions.event import Code, Event, Number, Subject
from events.definitions.reopening import ReviewEnded, ReviewResumed
from events.definitions.review import ReviewOpened, SelfCritiqueSubmitted
from events.definitions.roster import UnitDissolved, UnitFormed
from events.domain.review import collective, review, writing_steps
from events.domain.review.review import State
from events.domain.verification.law import wrong_by_law
from events.domain.verification.repeats import check_once
from events.domain.verification.told import Told
from events.identifiers import MemberId, review_stream
from tests.support.history import record
from tests.support.law import CELL, PEER, TOP, at, records, rejection_of
from tests.support.party_rules import DEPUTYS_HAND, PARTY, POINT, SOON, WORDS, YEAR, decided, held

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
    assert collective.end_collective(reviewed()) == ENDED
    assert collective.end_collective(reviewed(WRITTEN, held())) == ENDED


def test_a_review_ends_once() -> None:
    rejection_of(lambda: collective.end_collective(reviewed(ENDED)), "ended")


def test_what_is_decided_stays_decided() -> None:
    rejection_of(
        lambda: collective.end_collective(reviewed(WRITTEN, held(), decided(4))), "already_decided"
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
    resumed = collective.resume_collective(ended, PARTY, now=back)
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

    resumed = collective.resume_collective(ended, PARTY, now=at(7, 1, year=2025))

    assert resumed
    assert resumed.dues == OPENED.dues


def test_a_review_that_goes_on_is_not_resumed_and_a_fact_of_it_too_many_changes_nothing() -> None:
    goes_on = reviewed(WRITTEN)
    too_many = ReviewResumed(period=YEAR, member_id=AS_UNIT, dues=())

    assert collective.resume_collective(goes_on, PARTY, now=SOON) is None
    assert collective.resume_collective(review.EMPTY, PARTY, now=SOON) is None
    assert reviewed(WRITTEN, too_many) == msgspec.structs.replace(goes_on, version=3)


def test_a_review_may_end_and_go_on_more_than_once_and_each_is_told_once() -> None:
    resumed = ReviewResumed(period=YEAR, member_id=AS_UNIT, dues=OPENED.dues)

    assert check_once(records(OPENED, ENDED, resumed, ENDED, resumed)).passed
    assert not check_once(records(OPENED, ENDED, resumed, resumed)).passed


BACK_AT = at(1, 4, year=2026)
FORMED = UnitFormed(unit_id=CELL, number=Number("CB-01"), name="Chi bộ 1", kind=Code("cell"))
DISSOLVED = UnitDissolved(unit_id=CELL, successor_id=TOP)
RESUMED = collective.resume_collective(reviewed(ENDED), PARTY, now=BACK_AT)


@pytest.mark.parametrize(
    ("of_unit", "of_review", "wrong"),
    [
        ((FORMED,), (OPENED, ENDED), ""),
        ((FORMED, DISSOLVED), (OPENED, ENDED), "the unit was dissolved"),
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
