"""A calendar that is published later reaches every deadline that runs, once, as a fact."""

from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from events.definitions.deadline import CalendarSupplemented, DeadlineMissed
from events.definitions.records import Digest
from events.domain.documents.working_days import local_day
from events.domain.review import review
from events.identifiers import Stream, escalation_stream
from events.store import reference
from events.store.keys import KeyStore
from events.store.store import Store
from services.commands import rulebooks
from services.queries import publications
from services.read_models import states
from tests.support.deadlines import DUE_AT, Reviews
from tests.support.fakes import FixedClock, SeededChance
from workers.reacting import Reactor
from workers.reactions import calendars
from workers.reactions.calendars import Calendars, MoreToTell
from workers.timekeeper import Timekeeper

A_DAY = timedelta(days=1)
SHIPPED = reference.shipped_document("calendar", "viet_nam")
OFF = str(local_day(DUE_AT))  # the day on which commitments are due, a Friday
NAME = {"vi": "Nghỉ hoán đổi", "en": "Day off in exchange"}
NEW_DAY = "2026-02-02"


def with_day_off(day: str) -> Any:
    holidays = [*SHIPPED["holidays"], {"date": day, "name": NAME}]
    return SHIPPED | {"edition": "3", "holidays": holidays}


SWAPPED = with_day_off(OFF)


@pytest.fixture
def reviews(store: Store, tmp_path: Path, clock: FixedClock) -> Iterator[Reviews]:
    address = f"sqlite:///{tmp_path}/keys.db"
    with closing(KeyStore(address, master=bytes(32), chance=SeededChance(2))) as keys:
        yield Reviews(store, keys, clock)


@pytest.fixture
def reaction(reviews: Reviews) -> Reactor:
    publish(reviews, SHIPPED)
    reviews.project()
    reaction = Reactor(reviews.store, Calendars(reviews.context), clock=reviews.clock)
    reaction.advance()  # a new one begins at the log's end
    return reaction


def publish(reviews: Reviews, document: Any = SWAPPED) -> Digest:
    return rulebooks.publish(reviews.context, document, principal="operator")


def settle(reviews: Reviews, reaction: Reactor) -> None:
    reviews.project()
    while reaction.advance():
        reviews.project()


def told(reviews: Reviews, stream: Stream) -> list[CalendarSupplemented]:
    history = reviews.store.read_stream(stream)
    return [each.event for each in history.events if isinstance(each.event, CalendarSupplemented)]


def days(told: list[CalendarSupplemented]) -> list[list[str]]:
    return [[str(local_day(due.due_at)) for due in each.dues] for each in told]


def test_a_day_that_became_a_day_off_moves_every_deadline_on_it_once(
    reviews: Reviews, reaction: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calendars, "STREAMS_MAX", 2)  # so that there are several pages
    monkeypatch.setattr(calendars, "PAGES_MAX", 2)
    members = reviews.open(5)
    digest = publish(reviews)
    reviews.project()

    with pytest.raises(MoreToTell, match="it goes on"):
        reaction.advance()
    settle(reviews, reaction)
    _, published = (
        each for each in reviews.store.read_log(0, 99) if each.entry.type == "document.published"
    )
    another = Calendars(reviews.context)  # after a crash before the checkpoint
    with pytest.raises(MoreToTell):
        another.handle(published)
    another.handle(published)
    settle(reviews, reaction)

    found = [told(reviews, reviews.stream(each)) for each in members]
    assert [days(each) for each in found] == [[[NEW_DAY]]] * 5
    assert {each.calendar for (each,) in found} == {digest}
    row = states.current(reviews.store.database, states.REVIEWS, f"2026-{members[0]}")
    assert isinstance(row.state, review.State)
    assert str(local_day(row.state.deadlines.running[0].due_at)) == NEW_DAY


def test_the_timekeeper_tells_the_new_day_and_nothing_of_the_old_one(
    reviews: Reviews, reaction: Reactor
) -> None:
    (member,) = reviews.open()
    publish(reviews)
    settle(reviews, reaction)

    reviews.clock.time = DUE_AT + A_DAY
    none = Timekeeper(reviews.context).tick()
    reviews.clock.time = DUE_AT + 4 * A_DAY
    one = Timekeeper(reviews.context).tick()

    assert (none, one) == (0, 1)
    (missed,) = reviews.deadline_facts(member)
    assert str(local_day(missed.due_at)) == NEW_DAY


def test_what_was_missed_stays_told_and_the_office_before_which_it_lies_gets_its_days(
    reviews: Reviews, reaction: Reactor
) -> None:
    (member,) = reviews.open()
    escalating = reviews.reactor()
    escalating.advance()
    reviews.clock.time = DUE_AT + A_DAY
    reviews.timekeeper().tick()
    reviews.project()
    while escalating.advance():
        reviews.project()
    ((key, lies),) = reviews.escalations()
    off = str(local_day(lies.deadlines.running[0].due_at))
    reaction.advance()

    publish(reviews, with_day_off(off))
    settle(reviews, reaction)

    assert [type(each) for each in reviews.deadline_facts(member)] == [DeadlineMissed]
    assert days(told(reviews, reviews.stream(member))) == [[]]
    ((later,),) = days(told(reviews, escalation_stream(key)))
    assert later > off


def test_what_begins_under_an_older_edition_goes_by_the_newest_at_once(
    reviews: Reviews, reaction: Reactor
) -> None:
    publish(reviews)
    settle(reviews, reaction)

    (member,) = reviews.open()
    settle(reviews, reaction)

    assert days(told(reviews, reviews.stream(member))) == [[NEW_DAY]]


def test_an_edition_that_knows_less_or_is_another_calendar_moves_nothing(
    reviews: Reviews, reaction: Reactor
) -> None:
    (member,) = reviews.open()
    shorter = publish(reviews, SWAPPED | {"edition": "4", "announced_until": "2026-06-30"})
    publish(reviews, SWAPPED | {"id": "another"})
    newer = publish(reviews, SHIPPED | {"edition": "5"})
    again = publish(reviews, SHIPPED)  # at its first use by another name, say

    settle(reviews, reaction)

    (moved,) = told(reviews, reviews.stream(member))
    assert (moved.calendar, moved.dues) == (newer, ())
    newest = partial(publications.newest_calendar, reviews.context)
    assert [newest(each) for each in (again, shorter)] == [newer, newer]


def test_rules_named_by_a_calendar_go_by_its_newest_edition(reviews: Reviews) -> None:
    publish(reviews, SHIPPED)
    newest = publish(reviews)

    by_name = rulebooks.rules_by_name(reviews.context, "neutral", "viet_nam", principal="operator")

    assert by_name.source.calendar == newest


def test_one_stream_that_is_broken_holds_up_no_other(
    reviews: Reviews, reaction: Reactor, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, sound = sorted(reviews.open(2))
    waits = states.REVIEWS.waits

    def breaks(state: review.State) -> Any:
        assert state.opened, "it is open"
        if state.opened.fact.member_id == broken:
            raise ValueError("nonsense")
        return waits(state)

    kinds = {"review": states.REVIEWS._replace(waits=breaks)}
    monkeypatch.setattr(calendars, "KINDS", calendars.KINDS | kinds)
    publish(reviews)

    settle(reviews, reaction)

    assert days(told(reviews, reviews.stream(sound))) == [[NEW_DAY]]
    assert told(reviews, reviews.stream(broken)) == []
