"""When a member moves, what is still to be done of their review moves with them, once."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from events.definitions.event import Code, Event, FactVersion, Number, Subject
from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewResumed
from events.definitions.roster import (
    FactCorrected,
    LeavingReason,
    MemberLeft,
    MemberMoved,
    PostGiven,
    UnitDissolved,
    UnitFormed,
    UnitMoved,
)
from events.domain.review import review
from events.identifiers import MemberId, UnitId, member_stream, new_id, unit_stream
from events.store.keys import KeyStore
from events.store.sequencing import sequence
from events.store.store import Store
from services.read_models.states import NotYet
from tests.support.deadlines import CELL, DUE_AT, OPENED_AT, TOP, Reviews
from tests.support.fakes import FixedClock, SeededChance
from tests.support.sealed import sealed
from tests.support.world import enrolled
from workers.reacting import Reactor
from workers.reactions.transfers import Transfers

OTHER_CELL = UnitId(new_id(SeededChance(11)))
OTHER_TOP = UnitId(new_id(SeededChance(12)))
NEW_CELL = UnitId(new_id(SeededChance(14)))
A_DAY = timedelta(days=1)


@pytest.fixture
def reviews(store: Store, tmp_path: Path, clock: FixedClock) -> Iterator[Reviews]:
    address = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Reviews(store, keys, clock)


@pytest.fixture
def transfers(reviews: Reviews) -> Reactor:
    reaction = Reactor(reviews.store, Transfers(reviews.context), clock=reviews.clock)
    reviews.tell(formed(TOP), formed(CELL, TOP), formed(OTHER_CELL, TOP), formed(OTHER_TOP))
    reviews.project()
    reaction.advance()
    return reaction


def formed(unit_id: UnitId, parent: UnitId | None = None) -> Event:
    told = {"parent_id": parent} if parent else {}
    return UnitFormed(
        unit_id=unit_id, number=Number(unit_id), name="Chi bộ", kind=Code("cell"), **told
    )


def moved_to(reviews: Reviews, transfers: Reactor, member: MemberId, unit: UnitId) -> review.State:
    """Return the member's review after they moved, and the reaction saw it."""
    reviews.tell(MemberMoved(member_id=member, unit_id=unit))
    reviews.project()
    while transfers.advance():
        pass
    return state_of(reviews, member)


def state_of(reviews: Reviews, member: MemberId) -> review.State:
    return review.fold(reviews.store.read_stream(reviews.stream(member)).events)


def test_a_review_follows_its_member(reviews: Reviews, transfers: Reactor) -> None:
    (member,) = reviews.open()

    state = moved_to(reviews, transfers, member, OTHER_CELL)

    assert state.path == (OTHER_CELL, TOP)


def test_whoever_is_enrolled_again_elsewhere_has_moved_and_told_again_they_have_not(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()
    for unit_id in (CELL, OTHER_CELL, OTHER_CELL):
        reviews.clock.time += A_DAY
        reviews.tell(enrolled(member, unit_id))
        reviews.project()
        transfers.advance()

    assert [each.fact.path for each in state_of(reviews, member).moves] == [(OTHER_CELL, TOP)]


def test_a_review_follows_nobody_who_left_and_whoever_came_back(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()
    reviews.tell(MemberLeft(member_id=member, reason=sealed(LeavingReason.TRANSFERRED)))
    gone = moved_to(reviews, transfers, member, OTHER_CELL)
    reviews.clock.time += A_DAY

    happened(reviews, transfers, enrolled(member, OTHER_CELL))

    assert [gone.path, state_of(reviews, member).path] == [(CELL, TOP), (OTHER_CELL, TOP)]


def test_a_review_follows_a_move_that_was_told_ahead_on_its_day(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()
    reviews.tell_ahead(MemberMoved(member_id=member, unit_id=NEW_CELL), OPENED_AT + 9 * A_DAY)
    reviews.tell_ahead(formed(NEW_CELL, TOP), OPENED_AT + 9 * A_DAY)

    paths = []
    for _ in range(2):
        reviews.project()
        reviews.timekeeper().tick()
        reviews.project()
        transfers.advance()
        paths.append(state_of(reviews, member).path)
        reviews.clock.time = OPENED_AT + 9 * A_DAY

    assert paths == [(CELL, TOP), (NEW_CELL, TOP)]


def test_the_review_of_a_unit_dissolved_ahead_ends_on_its_day(
    reviews: Reviews, transfers: Reactor
) -> None:
    unit_id = reviews.open_collective()
    dissolved = UnitDissolved(unit_id=unit_id, successor_id=CELL)
    reviews.tell_ahead(dissolved, OPENED_AT + 9 * A_DAY)

    ended = []
    for _ in range(2):
        reviews.project()
        reviews.timekeeper().tick()
        reviews.project()
        transfers.advance()
        told = reviews.store.read_stream(reviews.stream(MemberId(unit_id))).events
        ended.append(any(isinstance(each.event, ReviewEnded) for each in told))
        reviews.clock.time = OPENED_AT + 9 * A_DAY

    assert ended == [False, True]


@pytest.mark.parametrize("undone", ["corrected", "formed again", "at that moment"])
def test_the_review_of_a_unit_that_stands_after_all_goes_on_with_a_new_day(
    reviews: Reviews, transfers: Reactor, undone: str
) -> None:
    unit_id = reviews.open_collective()
    reviews.clock.time = DUE_AT - A_DAY
    happened(reviews, transfers, UnitDissolved(unit_id=unit_id, successor_id=CELL))
    ended = state_of(reviews, MemberId(unit_id))
    reviews.clock.time = reviews.clock.time + (timedelta() if undone == "at that moment" else A_DAY)

    stream = Subject(unit_stream(unit_id))
    wrong = FactCorrected(subject=stream, corrects=FactVersion(2))
    happened(reviews, transfers, wrong if undone == "corrected" else formed(unit_id, TOP))

    assert review.stage(ended) == "ended"
    state = state_of(reviews, MemberId(unit_id))
    assert state.ending is None
    assert [task.step for task in review.tasks(state)] == ["commitment", "meeting"]
    again = state.deadlines.due_at("commitment")
    assert again
    assert again > DUE_AT


def test_a_unit_that_was_formed_again_by_mistake_has_ended_after_all(
    reviews: Reviews, transfers: Reactor
) -> None:
    unit_id = reviews.open_collective()
    happened(reviews, transfers, UnitDissolved(unit_id=unit_id, successor_id=CELL))
    reviews.clock.time += A_DAY
    happened(reviews, transfers, formed(unit_id, TOP))

    stream = Subject(unit_stream(unit_id))
    happened(reviews, transfers, FactCorrected(subject=stream, corrects=FactVersion(3)))

    told = reviews.store.read_stream(reviews.stream(MemberId(unit_id))).events
    kinds = [each.event for each in told if isinstance(each.event, ReviewEnded | ReviewResumed)]
    assert [type(each) for each in kinds] == [ReviewEnded, ReviewResumed, ReviewEnded]
    for sequenced in reviews.store.read_log(0, 100):
        Transfers(reviews.context).handle(sequenced)
    assert reviews.store.read_stream(reviews.stream(MemberId(unit_id))).events == told


LEFT = sealed(LeavingReason.DIED)


def test_the_review_of_whoever_left_ends_and_nothing_of_it_is_late(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()

    happened(reviews, transfers, MemberLeft(member_id=member, reason=LEFT))

    state = state_of(reviews, member)
    assert (review.stage(state), review.tasks(state)) == ("ended", ())
    reviews.clock.time = DUE_AT + A_DAY
    assert reviews.timekeeper().tick() == 0


@pytest.mark.parametrize("back", ["corrected", "enrolled elsewhere"])
def test_it_goes_on_where_they_are_once_they_are_there_after_all(
    reviews: Reviews, transfers: Reactor, back: str
) -> None:
    (member,) = reviews.open()
    happened(reviews, transfers, MemberLeft(member_id=member, reason=LEFT))
    reviews.clock.time += A_DAY

    told_wrongly = FactCorrected(subject=Subject(member_stream(member)), corrects=FactVersion(2))
    happened(
        reviews,
        transfers,
        told_wrongly if back == "corrected" else enrolled(member, OTHER_CELL),
    )

    state = state_of(reviews, member)
    assert state.ending is None
    assert {task.step for task in review.tasks(state)} >= {"commitment"}
    assert state.path == ((CELL if back == "corrected" else OTHER_CELL), TOP)


def test_nothing_is_passed_over_while_the_list_of_reviews_lags(
    reviews: Reviews, transfers: Reactor
) -> None:
    """A review that was opened just now is in no list yet, and somebody leaves."""
    (member,) = reviews.open()
    told = reviews.store.read_log(0, 100)
    later = told[-1].position + 1
    reviews.tell(MemberLeft(member_id=member, reason=LEFT))
    while sequence(reviews.store.database, reviews.clock):
        pass

    with pytest.raises(NotYet):
        Transfers(reviews.context).handle(reviews.store.read_log(later - 1, 1)[0])

    reviews.project()
    while transfers.advance():
        reviews.project()
    assert state_of(reviews, member).ending


def happened(reviews: Reviews, transfers: Reactor, fact: Event) -> None:
    """Let a fact be told and what follows from it be done."""
    reviews.tell(fact)
    reviews.project()
    while transfers.advance():
        reviews.project()


def test_a_move_is_told_once_however_often_it_is_handled(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()
    moved_to(reviews, transfers, member, OTHER_CELL)
    again = Transfers(reviews.context)

    for sequenced in reviews.store.read_log(0, 100):
        again.handle(sequenced)

    told = reviews.store.read_stream(reviews.stream(member)).events
    assert sum(isinstance(each.event, ReviewMoved) for each in told) == 1


def test_under_another_authority_the_review_stays_where_it_was_opened(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()

    state = moved_to(reviews, transfers, member, OTHER_TOP)

    assert (state.path, state.moves) == ((CELL, TOP), ())


def test_who_moves_and_is_not_reviewed_moves_nothing(reviews: Reviews, transfers: Reactor) -> None:
    (reviewed, _) = reviews.open(2)
    stranger = MemberId(new_id(SeededChance(13)))

    reviews.tell(MemberMoved(member_id=stranger, unit_id=OTHER_CELL))
    reviews.project()
    transfers.advance()

    assert state_of(reviews, reviewed).moves == ()


def corrected(reviews: Reviews, transfers: Reactor, member: MemberId, version: int) -> review.State:
    """Return the member's review after what a version of their stream told never happened."""
    stream = Subject(member_stream(member))
    reviews.tell(FactCorrected(subject=stream, corrects=FactVersion(version)))
    reviews.project()
    while transfers.advance():
        pass
    return state_of(reviews, member)


def last_version(reviews: Reviews, member: MemberId) -> int:
    return reviews.store.read_stream(member_stream(member)).version


def test_a_review_comes_back_when_the_move_was_told_wrongly(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()
    moved_to(reviews, transfers, member, OTHER_CELL)

    state = corrected(reviews, transfers, member, last_version(reviews, member))

    assert state.path == (CELL, TOP)


def test_a_correction_of_something_else_moves_no_review(
    reviews: Reviews, transfers: Reactor
) -> None:
    (member,) = reviews.open()
    reviews.tell(PostGiven(member_id=member, unit_id=CELL, post=Code("treasurer")))
    reviews.tell(UnitMoved(unit_id=CELL, parent_id=OTHER_CELL))  # trees change no year

    state = corrected(reviews, transfers, member, last_version(reviews, member))

    assert (state.path, state.moves) == ((CELL, TOP), ())
