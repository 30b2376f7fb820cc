"""Who acted did so in the order of the log, and facts are dated as they were told."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from msgspec.structs import replace as changed

from events.definitions.deadline import DeadlineMissed, TimerSettled
from events.definitions.entry import CLOCKS_APART_MAX, Recorded
from events.definitions.event import Event
from events.definitions.review import CriticismGiven, RatingDecided, ReviewOpened
from events.definitions.roster import FactTookEffect, MemberEnrolled
from events.domain.documents.working_days import end_of_day, start_of_day
from events.domain.verification.clocks import Clocks, check_times, wrong_time
from tests.support.examples import EXAMPLES
from tests.support.history import record
from tests.support.law import at

ACCOUNT, WORKER = "account:any", "worker:openings"
APART, TOO_FAR = CLOCKS_APART_MAX, CLOCKS_APART_MAX + timedelta(seconds=1)
SIGNED = at(31)


def example(cls: type[Event]) -> Event:
    return EXAMPLES[cls.definition.type]


def told(
    event: Event, time: datetime, principal: str = ACCOUNT, recorded_at: datetime | None = None
) -> Recorded:
    """Return a fact that says a time, as it was recorded then or at another one."""
    recorded = record(event, time=time)
    entry = changed(recorded.entry, principal=principal, recordedat=recorded_at or time)
    return changed(recorded, entry=entry)


def acts(*days: int) -> list[Recorded]:
    return [told(example(RatingDecided), at(day)) for day in days]


def criticism(day: int) -> Recorded:
    return told(example(CriticismGiven), start_of_day(at(day)), "pseudonym:any")


def named(facts: Iterable[Recorded]) -> list[int]:
    """Return the places, from 1, of who acted at times that do not follow the log's order."""
    clocks = Clocks()
    for place, each in enumerate(facts, 1):
        clocks.tell(str(place), each)
    return [int(each.where) for each in clocks.contradictions()]


# In the order of the log


def test_people_act_in_the_order_of_the_log() -> None:
    assert named([]) == []
    assert named(acts(1, 1, 2, 5, 5, 9)) == []


def test_hosts_may_be_as_far_apart_as_their_clocks_may() -> None:
    early, late = (told(example(RatingDecided), at(5) - by) for by in (APART, TOO_FAR))

    assert named([*acts(4, 5), early, *acts(6)]) == []
    assert named([*acts(4, 5), late, *acts(6)]) == [3]


def test_a_decision_that_is_dated_back_is_named_wherever_it_stands() -> None:
    assert named(acts(1, 5, 6, 2, 7)) == [4]
    assert named(acts(1, 5, 6, 2)) == [4]
    assert named(acts(5, 2)) == [2]
    assert named(acts(1, 5, 2, 6)) == [3]
    assert named(acts(1, 5, 6, 7, 2, 3)) == [5, 6]


def test_a_host_whose_clock_was_ahead_names_what_was_recorded_by_it_and_nothing_after() -> None:
    assert named(acts(1, 20, 2, 3, 4)) == [2]
    assert named(acts(1, 20, 2, 21, 3, 22, 4, 5, 6)) == [2, 4, 6]
    assert named(acts(20, 1, 2, 3)) == [1]


def test_what_contradicts_says_when_it_was_done_and_what_stands_around_it() -> None:
    back, ahead = Clocks(), Clocks()
    for clocks, days in ((back, (5, 2)), (ahead, (20, 2, 3))):
        for place, each in enumerate(acts(*days), 1):
            clocks.tell(f"position {place}", each)

    (dated_back,), (too_early,) = back.contradictions(), ahead.contradictions()

    assert dated_back.where == "position 2"
    assert dated_back.what == (
        "was done at 2026-12-02 02:00Z, and what stands before it, position 1, at 2026-12-05 02:00Z"
    )
    assert "what stands after it, position 2, at 2026-12-02" in too_early.what


BY_OTHERS = pytest.mark.parametrize(
    ("cls", "principal"), [(ReviewOpened, WORKER), (MemberEnrolled, "token:hr")]
)


@BY_OTHERS
def test_what_workers_and_other_systems_tell_vouches_for_no_time(
    cls: type[Event], principal: str
) -> None:
    later = [told(example(cls), at(day), principal) for day in (20, 21, 22)]

    assert named([*acts(1), *later, *acts(30)]) == []
    assert named([*later[:1], *acts(1), *later[1:2], *acts(2), *later[2:]]) == [1, 3]


@BY_OTHERS
def test_what_they_tell_is_named_where_nobody_who_acted_around_it_bears_it_out(
    cls: type[Event], principal: str
) -> None:
    def others(*times: datetime) -> list[Recorded]:
        return [told(example(cls), time, principal) for time in times]

    assert named([*acts(1), *others(at(12)), *acts(2)]) == [2]
    assert named([*acts(10), *others(at(1)), *acts(11)]) == [2]
    assert named([*acts(10), *others(at(1))]) == [2]
    assert named([*acts(5), *others(at(5) + APART, at(5) - APART), *acts(5)]) == []
    assert named([*acts(5), *others(at(5) + TOO_FAR), *acts(5)]) == [2]
    assert named(others(at(12), at(1), at(12))) == []


def test_of_what_others_told_between_two_who_acted_the_earliest_and_the_latest_are_named() -> None:
    def others(*days: int) -> list[Recorded]:
        return [told(example(ReviewOpened), at(day), WORKER) for day in days]

    assert named([*acts(10), *others(11, 5, 3, 4, 20, 18, 11), *acts(12)]) == [4, 6]
    assert named([*acts(10), *others(20, 3), *acts(12)]) == [3, 2]
    assert named([*acts(10), *others(10, 11, 12), *acts(12)]) == []


def test_what_a_worker_tells_ahead_of_its_day_says_who_acted_before_that() -> None:
    clocks = Clocks()
    ahead = told(example(FactTookEffect), at(12), WORKER)
    for place, each in enumerate([*acts(1), ahead, *acts(2)], 1):
        clocks.tell(f"position {place}", each)

    (wrong,) = clocks.contradictions()

    assert wrong.where == "position 2"
    assert wrong.what == (
        "was recorded at 2026-12-12 02:00Z, "
        "and what stands after it, position 3, at 2026-12-02 02:00Z"
    )


def test_the_operator_acts_like_everybody() -> None:
    published = told(example(RatingDecided), at(9), "operator")

    assert named([*acts(8), published, *acts(5)]) == [3]


def test_a_criticism_is_named_where_no_moment_of_its_day_would_do() -> None:
    assert named([*acts(5), criticism(5), *acts(5, 6)]) == []
    assert named([*acts(5), criticism(4), *acts(6)]) == [2]
    assert named([*acts(5), criticism(6), *acts(5, 5)]) == [2]
    assert named([criticism(9)]) == []


# Dated as they were told


@pytest.mark.parametrize("cls", [RatingDecided, ReviewOpened])
def test_what_is_ours_is_dated_when_it_was_recorded(cls: type[Event]) -> None:
    def wrong(by: timedelta) -> str:
        return wrong_time(told(example(cls), at(5), recorded_at=at(5) + by))

    assert [wrong(by) for by in (timedelta(0), APART, -APART)] == ["", "", ""]
    assert wrong(TOO_FAR) == "it says 2026-12-05 02:00Z, and was recorded at 2026-12-05 03:00Z"
    assert wrong(-TOO_FAR)


def test_others_tell_when_it_happened() -> None:
    assert wrong_time(told(example(MemberEnrolled), at(5), recorded_at=at(20))) == ""
    assert wrong_time(told(example(MemberEnrolled), at(20), recorded_at=at(5))) == ""


@pytest.mark.parametrize("cls", [DeadlineMissed, TimerSettled])
def test_what_ran_out_is_dated_by_its_deadline_and_told_after_it(cls: type[Event]) -> None:
    due_at = at(5)
    fact = replace(example(cls), due_at=due_at)  # type: ignore[type-var]

    assert wrong_time(told(fact, due_at, WORKER, at(9))) == ""
    assert wrong_time(told(fact, at(9), WORKER, at(9)))
    assert wrong_time(told(fact, due_at, WORKER, due_at - TOO_FAR))


def test_what_came_to_hold_is_dated_by_its_day_and_told_after_it() -> None:
    fact = example(FactTookEffect)

    assert wrong_time(told(fact, at(5), WORKER, at(9))) == ""
    assert wrong_time(told(fact, at(9), WORKER, at(5)))


def test_a_criticism_has_the_day_alone_twice() -> None:
    day, fact = start_of_day(at(5)), example(CriticismGiven)

    assert wrong_time(criticism(5)) == ""
    assert wrong_time(told(fact, at(5), "pseudonym:any"))
    assert wrong_time(told(fact, day, "pseudonym:any", end_of_day(day)))


# Of a rating


def test_the_times_of_a_rating_stand_and_the_first_that_are_wrong_are_told() -> None:
    good, back = (check_times(acts(*days), SIGNED) for days in ((1, 2, 3), (1, 5, 6, 2)))

    assert (good.name, good.passed) == ("times", True)
    assert not back.passed
    assert " was done at 2026-12-02" in back.detail


def test_nothing_was_recorded_after_all_was_signed_or_at_another_time_than_it_says() -> None:
    after = check_times([told(example(ReviewOpened), SIGNED + TOO_FAR, WORKER)], SIGNED)
    other = check_times([told(example(ReviewOpened), at(5), WORKER, at(9))], SIGNED)

    assert "it was recorded after all was signed" in after.detail
    assert "it says 2026-12-05 02:00Z, and was recorded at 2026-12-09" in other.detail
