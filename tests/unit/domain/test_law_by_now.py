"""Who judges does so by what holds at that moment, told or not; of lists a moment's lag is granted.

What follows from facts is told by workers; that one of them tells nothing is found all the same.
"""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from events.definitions.event import Code, Event, Subject
from events.definitions.records import Hand
from events.definitions.reopening import ReviewEnded, ReviewResumed
from events.definitions.review import RatingDecided, ReviewOpened
from events.definitions.roster import MemberMoved, PostGiven, PostRelieved, UnitDissolved, UnitMoved
from events.domain.organisation.timelines import EMPTY, State
from events.domain.review.collective import by_office
from events.domain.verification.lately import Lately
from events.identifiers import review_stream
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
    opened,
    rules_of,
)
from tests.support.lawful_years import (
    A_MEMBERS,
    A_UNITS,
    DISSOLVED,
    GONE_AND_BACK,
    history_of,
    missed,
)
from tests.support.party_rules import WORDS, YEAR

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
OPENING = "2025-11-03T02:00:00Z"
OF_UNIT: ReviewOpened = until(DISSOLVED, ReviewOpened)[-1].event  # type: ignore[assignment]
NEWS = Hand(member_id=MEMBER, unit_id=CELL, post=Code("deputy_secretary"))
DECIDED: RatingDecided = first_of(A_MEMBERS, RatingDecided)
OF_CELL = Subject(review_stream(YEAR, AS_UNIT))
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


@pytest.mark.parametrize("kind", [ReviewEnded, ReviewResumed])
def test_nobody_ends_a_year_or_lets_it_go_on_by_a_post_that_ended(kind: type[Event]) -> None:
    relieved = PostRelieved(member_id=LEADER, unit_id=TOP, post=LEADERS_HAND.post)
    place = places(GONE_AND_BACK, kind)[-1]  # the one before was told by a worker

    def found(came: str) -> list[str]:
        told = (*BEGUN, *on(came, relieved, told_on="2025-11-02"))
        return wrong(history_of((*told, *GONE_AND_BACK[len(BEGUN) : place + 1])), whole=True)

    assert found("2025-12-10T02:00:00Z") == []
    late = found("2025-12-09T00:00:00Z")[-1]
    assert f"is not told to be secretary of {TOP} when {kind.definition.type} was" in late


# Who came to lead a unit since


@BOTH
def test_who_came_to_lead_a_unit_decides_nothing_of_it(*, whole: bool) -> None:
    history = before(A_UNITS, RatingDecided)
    decided: RatingDecided = first_of(A_UNITS, RatingDecided)
    post = PostGiven(member_id=LEADER, unit_id=CELL, post=Code("deputy_secretary"))

    (found,) = wrong(after(history, post, decided), whole=whole, subject=AS_UNIT)

    assert "somebody else must take this step (four eyes)" in found


@pytest.mark.parametrize("kind", [ReviewEnded, ReviewResumed])
def test_who_came_to_lead_a_unit_ends_none_of_its_years_nor_lets_one_go_on(
    kind: type[Event],
) -> None:
    late = (
        *on("2025-11-03", opened(CELL)),
        *on("2025-12-05T16:59:59Z", missed(OF_CELL, "self_critique"), told_on="2025-12-08"),
    )
    by_hand = {"period": YEAR, "member_id": AS_UNIT, "by": LEADERS_HAND, "text": WORDS}
    ended = ReviewEnded(reason=Code("unrated"), **by_hand)  # type: ignore[arg-type]
    resumed = ReviewResumed(dues=(), **by_hand)  # type: ignore[arg-type]
    lived = (*BEGUN, *late, *on("2025-12-09", ended), *on("2025-12-10", resumed))
    history, told = before(lived, kind), until(lived, kind)
    post = PostGiven(member_id=LEADER, unit_id=CELL, post=Code("deputy_secretary"))
    forged = after(history, post, told[-1].event, time=f"{told[-1].entry.time}")

    assert wrong(told, whole=True) == []
    (found,) = wrong(forged, whole=True)
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
