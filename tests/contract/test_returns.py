"""Who is back gets another day for what was excused meanwhile; nobody is forgotten."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from events.definitions.deadline import DeadlineMissed, TimerResumed
from events.definitions.event import Event, Subject
from events.definitions.roster import (
    AbsenceReason,
    FactCorrected,
    LeavingReason,
    MemberAbsent,
    MemberBack,
    MemberExempted,
    MemberExemptionEnded,
    MemberLeft,
)
from events.domain.documents.working_days import local_day
from events.domain.organisation.timelines import AHEAD_MAX
from events.domain.verification.clocks import wrong_time
from events.identifiers import MemberId, member_stream
from events.store.keys import KeyStore
from events.store.store import Store
from tests.support.deadlines import CELL, DUE_AT, Reviews
from tests.support.fakes import FixedClock, SeededChance
from tests.support.history import correction
from tests.support.sealed import sealed
from tests.support.world import enrolled
from workers.reacting import Reactor
from workers.reactions.returns import Returns

A_DAY = timedelta(days=1)
RETURN = DUE_AT + 3 * A_DAY  # a Monday
READ_MAX = 100
NEW_DAY = "2026-02-09"  # five working days later, the least that the rulebook gives


Fact = Callable[[MemberId], Event]


@pytest.fixture
def reviews(store: Store, tmp_path: Path, clock: FixedClock) -> Iterator[Reviews]:
    address = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Reviews(store, keys, clock)


@pytest.fixture
def returns(reviews: Reviews) -> Reactor:
    reaction = Reactor(reviews.store, Returns(reviews.context), clock=reviews.clock)
    reaction.advance()  # a new one begins at the log's end
    return reaction


def happens(reviews: Reviews, returns: Reactor, *facts: Event, at: datetime) -> None:
    """Let it be a time at which facts are told, and let workers do what follows."""
    reviews.clock.time = at
    reviews.tell(*facts)
    reviews.project()
    while reviews.timekeeper().tick() or returns.advance():
        reviews.project()


def resumed(reviews: Reviews, member: MemberId) -> list[str]:
    """Return the new days of a member's commitment."""
    told = [each.event for each in reviews.store.read_stream(reviews.stream(member)).events]
    return [str(local_day(each.due_at)) for each in told if isinstance(each, TimerResumed)]


def gone(member: MemberId) -> MemberAbsent:
    return MemberAbsent(member_id=member, reason=sealed(AbsenceReason.SICK))


def left(member: MemberId) -> MemberLeft:
    return MemberLeft(member_id=member, reason=sealed(LeavingReason.TRANSFERRED))


def corrected(
    member: MemberId, version: int, fact: tuple[datetime, Event] | None = None
) -> FactCorrected:
    return replace(correction(version, fact), subject=Subject(member_stream(member)))


def wrong_times(reviews: Reviews) -> list[str]:
    """Return what an auditor finds wrong with the times of what was told."""
    return list(filter(None, map(wrong_time, reviews.store.read_log(0, READ_MAX))))


def test_what_was_excused_is_due_again_after_the_return_and_missed_if_not_done(
    reviews: Reviews, returns: Reactor
) -> None:
    (member,) = reviews.open()
    happens(reviews, returns, gone(member), at=DUE_AT - A_DAY)
    happens(reviews, returns, at=DUE_AT + A_DAY)

    happens(reviews, returns, MemberBack(member_id=member), at=RETURN)
    happens(reviews, returns, at=RETURN + 30 * A_DAY)

    assert resumed(reviews, member) == [NEW_DAY]
    assert isinstance(reviews.deadline_facts(member)[-1], DeadlineMissed)


def test_an_exemption_that_ended_and_an_absence_told_wrongly_are_returns_too(
    reviews: Reviews, returns: Reactor
) -> None:
    exempt, never_away = reviews.open(2)
    facts = (MemberExempted(member_id=exempt), gone(never_away))
    happens(reviews, returns, *facts, at=DUE_AT - A_DAY)
    happens(reviews, returns, at=DUE_AT + A_DAY)

    back = MemberExemptionEnded(member_id=exempt)
    happens(reviews, returns, back, corrected(never_away, 2), at=RETURN)

    assert [resumed(reviews, each) for each in (exempt, never_away)] == [[NEW_DAY], [NEW_DAY]]


@pytest.mark.parametrize(
    ("goes", "comes"),
    [
        (gone, lambda member: MemberBack(member_id=member)),
        (left, lambda member: enrolled(member, CELL)),
        (
            lambda member: MemberExempted(member_id=member),
            lambda member: MemberExemptionEnded(member_id=member),
        ),
    ],
    ids=["back", "enrolled", "no longer exempt"],
)
def test_a_return_that_is_told_ahead_lets_nothing_run_again_before_its_day(
    reviews: Reviews, returns: Reactor, goes: Fact, comes: Fact
) -> None:
    (member,) = reviews.open()
    happens(reviews, returns, goes(member), at=DUE_AT - A_DAY)

    reviews.tell_ahead(comes(member), RETURN)
    happens(reviews, returns, at=DUE_AT + A_DAY)
    too_early = resumed(reviews, member)
    happens(reviews, returns, at=RETURN)

    assert (too_early, resumed(reviews, member)) == ([], [NEW_DAY])
    assert wrong_times(reviews) == []


def test_a_return_that_is_corrected_to_another_day_counts_on_that_day(
    reviews: Reviews, returns: Reactor
) -> None:
    (member,) = reviews.open()
    back = MemberBack(member_id=member)
    happens(reviews, returns, gone(member), at=DUE_AT - A_DAY)
    reviews.tell_ahead(back, RETURN + 30 * A_DAY)

    happens(reviews, returns, corrected(member, 3, (RETURN, back)), at=DUE_AT + A_DAY)
    too_early = resumed(reviews, member)
    happens(reviews, returns, at=RETURN)

    assert (too_early, resumed(reviews, member)) == ([], [NEW_DAY])
    assert wrong_times(reviews) == []


def test_a_correction_with_a_time_to_come_lets_run_again_from_when_it_is_told(
    reviews: Reviews, returns: Reactor
) -> None:
    (member,) = reviews.open()
    happens(reviews, returns, gone(member), at=DUE_AT - A_DAY)
    happens(reviews, returns, at=RETURN)

    reviews.tell_ahead(corrected(member, 2), RETURN + 30 * A_DAY)
    happens(reviews, returns, at=RETURN)

    assert resumed(reviews, member) == [NEW_DAY]
    assert wrong_times(reviews) == []


def test_a_return_by_a_clock_that_is_ahead_a_little_is_not_overlooked(
    reviews: Reviews, returns: Reactor
) -> None:
    (member,) = reviews.open()
    happens(reviews, returns, gone(member), at=DUE_AT - A_DAY)
    happens(reviews, returns, at=RETURN - AHEAD_MAX)

    reviews.tell_ahead(MemberBack(member_id=member), RETURN)
    happens(reviews, returns, at=RETURN - AHEAD_MAX)

    assert resumed(reviews, member) == [NEW_DAY]
    assert wrong_times(reviews) == []


@pytest.mark.parametrize("reason", [LeavingReason.DIED, LeavingReason.TRANSFERRED])
def test_who_never_left_after_all_gets_another_day(
    reviews: Reviews, returns: Reactor, reason: LeavingReason
) -> None:
    (member,) = reviews.open()
    told = MemberLeft(member_id=member, reason=sealed(reason))
    happens(reviews, returns, told, at=DUE_AT - A_DAY)
    happens(reviews, returns, at=DUE_AT + A_DAY)

    happens(reviews, returns, corrected(member, 2), at=RETURN)

    assert resumed(reviews, member) == [NEW_DAY]


def test_what_is_settled_only_after_somebody_was_back_is_due_again_at_once(
    reviews: Reviews, returns: Reactor
) -> None:
    (member,) = reviews.open()
    reviews.tell(gone(member), at=DUE_AT - A_DAY)

    happens(reviews, returns, MemberBack(member_id=member), at=RETURN)

    assert resumed(reviews, member) == [NEW_DAY]


def test_who_left_or_did_it_meanwhile_gets_no_new_day(reviews: Reviews, returns: Reactor) -> None:
    expelled, did = reviews.open(2)
    happens(reviews, returns, gone(expelled), gone(did), at=DUE_AT - A_DAY)
    happens(reviews, returns, at=DUE_AT + A_DAY)
    reviews.commit(did)

    went = MemberLeft(member_id=expelled, reason=sealed(LeavingReason.EXPELLED))
    facts = (went, MemberBack(member_id=expelled), MemberBack(member_id=did))
    happens(reviews, returns, *facts, at=RETURN)

    assert (resumed(reviews, expelled), resumed(reviews, did)) == ([], [])


def test_a_return_is_followed_once_however_often_it_is_handled(
    reviews: Reviews, returns: Reactor
) -> None:
    (member,) = reviews.open()
    happens(reviews, returns, gone(member), at=DUE_AT - A_DAY)
    happens(reviews, returns, at=DUE_AT + A_DAY)
    happens(reviews, returns, MemberBack(member_id=member), at=RETURN)

    for sequenced in reviews.store.read_log(0, 100):
        Returns(reviews.context).handle(sequenced)

    assert resumed(reviews, member) == [NEW_DAY]
