"""Who judges does so by what holds at that moment, told or not; of lists a moment's lag is granted.

What follows from facts is told by workers; that one of them tells nothing is found all the same.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.review import RatingDecided, ReviewOpened
from events.definitions.roster import MemberMoved, PostGiven, PostRelieved, UnitDissolved, UnitMoved
from events.domain.organisation.timelines import EMPTY, State
from events.domain.review.collective import by_office
from events.domain.verification.lately import Lately
from tests.support.collective_facts import AS_UNIT
from tests.support.forged import after, before, first_of, places, until, wrong
from tests.support.law import CELL, LEADER, LEADERS_HAND, MEMBER, TOP
from tests.support.lawful import found_in, on
from tests.support.lawful_facts import (
    ABOVE,
    BEGUN,
    GROUP,
    OTHER,
    ROOT,
    SUPERIOR,
    formed,
    given,
    rules_of,
)
from tests.support.lawful_years import A_MEMBERS, A_UNITS, DISSOLVED, history_of

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
OPENING = "2025-11-03T02:00:00Z"
OF_UNIT: ReviewOpened = until(DISSOLVED, ReviewOpened)[-1].event  # type: ignore[assignment]
NEWS = Hand(member_id=MEMBER, unit_id=CELL, post=Code("deputy_secretary"))
DECIDED: RatingDecided = first_of(A_MEMBERS, RatingDecided)
NOON = datetime.fromisoformat("2025-12-08T12:00:00Z")


# A day that came, and of which nobody told


@BOTH
@pytest.mark.parametrize(
    "ahead",
    [
        PostRelieved(member_id=LEADER, unit_id=TOP, post=LEADERS_HAND.post),
        UnitDissolved(unit_id=TOP, successor_id=ABOVE),
    ],
)
def test_nobody_decides_by_a_post_that_ended_though_nobody_told_that_its_day_came(
    ahead: Event, *, whole: bool
) -> None:
    def found(came: str) -> list[str]:
        told = (*BEGUN, *on(came, ahead, told_on="2025-11-02"))
        until_then = A_MEMBERS[len(BEGUN) : places(A_MEMBERS, RatingDecided)[0]]
        history = history_of((*told, *until_then))
        return wrong(after(history, DECIDED, time="2025-12-08T02:00:00Z"), whole=whole)

    assert found("2025-12-08T00:59:59Z") != []
    assert found("2025-12-08T01:00:01Z") == []  # clocks may be an hour apart


# Who came to lead a unit since


@BOTH
def test_who_came_to_lead_a_unit_decides_nothing_of_it(*, whole: bool) -> None:
    history = before(A_UNITS, RatingDecided)
    decided: RatingDecided = first_of(A_UNITS, RatingDecided)
    post = PostGiven(member_id=LEADER, unit_id=CELL, post=Code("deputy_secretary"))

    (found,) = wrong(after(history, post, decided), whole=whole, subject=AS_UNIT)

    assert "somebody else must take this step (four eyes)" in found


# What lists may not know yet


def test_who_led_a_unit_before_is_left_out_by_no_news_of_them() -> None:
    history = history_of((*BEGUN, *on("2025-11-02", given(NEWS))))
    news = PostGiven(member_id=MEMBER, unit_id=OTHER, post=Code("secretary"))
    told = after(after(history, news, time="2025-11-03T01:59:30Z"), OF_UNIT, time=OPENING)

    (found,) = found_in(told, rules_of)

    assert "review.opened is not as the law decides it: leaders " in found


@pytest.mark.parametrize(
    "news",
    [
        MemberMoved(member_id=SUPERIOR, unit_id=CELL),
        UnitMoved(unit_id=ABOVE, parent_id=TOP),
    ],
)
def test_who_only_just_came_to_belong_below_the_top_may_be_told_or_not(news: Event) -> None:
    guest = Hand(member_id=SUPERIOR, unit_id=CELL, post=Code("deputy_secretary"))
    history = history_of(
        (*BEGUN, *on("2025-11-02", UnitMoved(unit_id=TOP, parent_id=ROOT), given(guest)))
    )
    came = after(history, news, time="2025-11-03T01:59:30Z")
    with_them = by_office((*OF_UNIT.leaders, guest), ("secretary", "deputy_secretary"))

    for leaders in (OF_UNIT.leaders, with_them):
        told = replace(OF_UNIT, leaders=leaders)
        assert found_in(after(came, told, time=OPENING), rules_of) == []


def test_a_unit_below_is_left_out_by_no_news_of_it_but_that_it_came() -> None:
    group = on("2025-11-02", formed(GROUP, "cell", TOP))
    moved = UnitMoved(unit_id=GROUP, parent_id=CELL)
    since, anew = (
        history_of((*BEGUN, *group, *on(time, moved), *on("2025-11-03T01:59:40Z", moved)))
        for time in ("2025-11-03T01:59:30Z", "2025-11-02T03:00:00Z")
    )

    assert found_in(after(since, OF_UNIT, time=OPENING), rules_of) == []
    (found,) = found_in(after(anew, OF_UNIT, time=OPENING), rules_of)
    assert "review.opened is not as the law decides it: below " in found


def test_how_a_stream_stood_is_known_of_what_was_told_lately_and_of_nothing_else() -> None:
    first, second = State(version=1), State(version=2)
    lately = Lately(timedelta(minutes=1))
    lately.tell("a", NOON, EMPTY)
    lately.tell("a", NOON + timedelta(seconds=50), first)
    lately.tell("b", NOON + timedelta(seconds=55), second)

    asked = [lately.before("a", NOON + timedelta(seconds=n)) for n in (59, 60, 110)]
    lately.tell("c", NOON + timedelta(hours=2), EMPTY)

    assert asked == [EMPTY, first, None]
    assert lately.before("b", NOON + timedelta(seconds=55)) is None  # it is long ago by now
    assert lately.before("d", NOON) is None
