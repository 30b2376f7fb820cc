"""The review of a unit that is dissolved ends: nobody goes on with it, and nothing is late."""

from datetime import timedelta

from events.definitions.deadline import DeadlineMissed
from events.definitions.event import Code, Event, Subject
from events.definitions.reopening import ReviewEnded
from events.definitions.review import ReviewOpened, SelfCritiqueSubmitted
from events.domain.review import collective, review, writing_steps
from events.domain.review.review import State
from events.identifiers import MemberId, review_stream
from tests.support.law import CELL, PEER, TOP, at, records, rejection_of
from tests.support.party_rules import DEPUTYS_HAND, PARTY, POINT, SOON, WORDS, YEAR, decided, held

OPENED: ReviewOpened = collective.open_collective(
    review.EMPTY,
    collective.OpenCollective(period=YEAR, unit_id=CELL, path=(CELL, TOP), kind="cell"),
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
