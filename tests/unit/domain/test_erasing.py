"""No words are erased while somebody may need them to put a rating right."""

from datetime import datetime, timedelta

from events.definitions.event import Event
from events.definitions.roster import MemberMoved
from events.domain.organisation import member
from events.domain.organisation.timelines import State
from events.domain.review import erasing, review
from tests.support.history import day, record
from tests.support.law import records, rejection_of
from tests.support.party_rules import CRITICISED_ONESELF, OPENED, RATED, RATED_AGAIN, REOPENED
from tests.support.roster_facts import LEFT, ME, NEW, enrolled

LATER, LATER_STILL = day(10) + timedelta(days=20), day(10) + timedelta(days=30)


def test_a_year_that_was_rated_may_be_erased() -> None:
    erasing.require_closed(review.fold(records(*RATED)), (), waits=True)
    erasing.require_closed(review.fold(records(*RATED, REOPENED, *RATED_AGAIN)), (), waits=True)
    erasing.require_closed(review.EMPTY, (), waits=True)


def test_a_year_that_is_rated_again_may_not() -> None:
    reopened = review.fold(records(*RATED, REOPENED))

    rejection_of(lambda: erasing.require_closed(reopened, (), waits=True), "being_rated_again")


def test_a_year_with_a_discipline_that_no_rating_counted_may_not() -> None:
    rated = review.fold(records(*RATED))

    rejection_of(
        lambda: erasing.require_closed(rated, {"a decision"}, waits=True), "discipline_open"
    )


def test_a_year_that_goes_on_may_not_while_it_waits_for_somebody() -> None:
    begun = review.fold(records(OPENED, CRITICISED_ONESELF))

    rejection_of(lambda: erasing.require_closed(begun, (), waits=True), "year_goes_on")
    erasing.require_closed(begun, (), waits=False)


def roster(*facts: tuple[datetime, Event]) -> State:
    """Return what was told of a member on the tenth, some of it ahead."""
    told_at = day(10)
    return member.fold(
        record(event, version=version, time=time, told_at=told_at)
        for version, (time, event) in enumerate(facts, start=1)
    )


def test_of_whoever_is_to_be_nobody_nothing_begins_and_what_ends_does() -> None:
    waiting = roster((day(1), enrolled()), (LATER, LEFT), (LATER_STILL, enrolled()))

    assert erasing.taken_back(waiting, everything=True) == (3,)


def test_nobody_without_a_name_is_brought_back() -> None:
    gone = roster((day(1), enrolled()), (day(5), LEFT), (LATER, enrolled()))
    goes = roster((day(1), enrolled()), (LATER, LEFT), (LATER_STILL, enrolled()))
    never_came = roster((LATER, enrolled()))

    found = [erasing.taken_back(each, everything=False) for each in (gone, goes, never_came)]

    assert found == [(3,), (3,), (1,)]


def test_of_a_member_without_a_name_everything_else_holds_on_its_day() -> None:
    moves = (LATER, MemberMoved(member_id=ME, unit_id=NEW))
    stays = roster((day(1), enrolled()), moves, (LATER_STILL, enrolled(NEW)))

    assert erasing.taken_back(stays, everything=False) == ()
