"""Who stands in for whom: which posts may be delegated, and when that counts."""

from dataclasses import replace
from datetime import date, datetime

import msgspec
import pytest

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Hand
from events.definitions.roster import (
    AbsenceReason,
    DelegationEnded,
    FactTookEffect,
    MemberAbsent,
    MemberBack,
    MemberEnrolled,
    MemberExempted,
    MemberLeft,
    MemberStandingChanged,
    PostDelegated,
    PostGiven,
    PostRelieved,
    Standing,
)
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation import member, standing_in
from events.domain.organisation.member import Member
from events.domain.organisation.standing_in import (
    AHEAD_DAYS_MAX,
    DAYS_MAX,
    DelegatePost,
    delegate_post,
    delegation_in,
    end_delegation,
    every_delegation,
    overlaps,
    require_to_come,
)
from events.identifiers import MemberId, UnitId
from tests.support.cases import every_case
from tests.support.history import record
from tests.support.law import CELL, PEER, SECRETARY, TOP
from tests.support.sealed import sealed

POST = Code("secretary")
FIRST, LAST = date(2026, 3, 2), date(2026, 3, 31)
DELEGATED = PostDelegated(member_id=PEER, unit_id=CELL, post=POST, for_id=SECRETARY, until=LAST)
ENDED = DelegationEnded(member_id=PEER, unit_id=CELL, post=POST, for_id=SECRETARY)
BY = Hand(member_id=PEER, unit_id=CELL, post=POST, for_id=SECRETARY)
GIVEN = PostGiven(member_id=SECRETARY, unit_id=CELL, post=POST)
RELIEVED = PostRelieved(member_id=SECRETARY, unit_id=CELL, post=POST)
ABSENT = MemberAbsent(member_id=PEER, reason=sealed(AbsenceReason.SICK))
ON_PROBATION = MemberStandingChanged(member_id=PEER, standing=Standing.PROBATIONARY)
LEFT = MemberLeft(member_id=PEER, reason=sealed("moved away"))
SOON = "2026-03-02"
START_OF_DAY = datetime.fromisoformat(f"{SOON}T00:00:00+07:00")  # as told without an hour


def at(day: str) -> datetime:
    return datetime.fromisoformat(f"{day}T02:00:00Z")


def enrolled(member_id: MemberId) -> MemberEnrolled:
    return MemberEnrolled(
        member_id=member_id, unit_id=CELL, number=sealed(member_id), name=sealed(member_id)
    )


def told(*facts: tuple[str, Event]) -> Member:
    """Return what holds of a member after facts that were told on their days."""
    history: list[Recorded] = [
        record(fact, version=n, time=at(day), told_at=at(day))
        for n, (day, fact) in enumerate(facts, 1)
    ]
    return member.view(member.fold(history))


def secretary(*more: tuple[str, Event]) -> Member:
    return told(("2020-01-07", enrolled(SECRETARY)), ("2020-01-08", GIVEN), *more)


def peer(*more: tuple[str, Event]) -> Member:
    return told(("2020-01-07", enrolled(PEER)), *more)


def delegated(*more: tuple[str, Event]) -> Member:
    return peer((SOON, DELEGATED), *more)


WISH = DelegatePost(
    told=DELEGATED,
    since=at(SOON),
    holds=peer(),
    holder=secretary(),
    way_up=(CELL, TOP),
)


def counts(holds: Member, holder: Member, day: str) -> bool:
    return standing_in.acts_by(BY, holds, holder, at(day))


# What may be delegated


def test_a_post_that_somebody_holds_is_delegated_to_a_member_of_its_unit() -> None:
    assert delegate_post(WISH) == DELEGATED


def test_who_belongs_below_the_unit_or_holds_a_post_there_may_stand_in() -> None:
    chair = PostGiven(member_id=SECRETARY, unit_id=TOP, post=POST)
    holder = secretary(("2020-01-08", chair))
    of_top = replace(WISH, told=replace(DELEGATED, unit_id=TOP), holder=holder)
    adviser = PostGiven(member_id=PEER, unit_id=TOP, post=Code("member"))

    of_another = replace(of_top, way_up=(CELL,), holds=peer(("2020-01-08", adviser)))

    assert delegate_post(of_top) == replace(DELEGATED, unit_id=TOP)
    assert delegate_post(of_another) == replace(DELEGATED, unit_id=TOP)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"told": replace(DELEGATED, for_id=PEER)}, Rejection.DELEGATED_TO_ONESELF),
        ({"told": replace(DELEGATED, until=date(2026, 3, 1))}, Rejection.DELEGATED_TOO_LONG),
        ({"told": replace(DELEGATED, until=date(2027, 3, 3))}, Rejection.DELEGATED_TOO_LONG),
        ({"holder": secretary(("2026-01-01", RELIEVED))}, Rejection.POST_NOT_HELD),
        ({"told": replace(DELEGATED, post=Code("deputy_secretary"))}, Rejection.POST_NOT_HELD),
        ({"holder": delegated()}, Rejection.POST_NOT_HELD),  # who stands in does not pass it on
        ({"holds": Member()}, Rejection.NOT_TO_STAND_IN),
        ({"holds": peer(("2026-01-01", LEFT))}, Rejection.NOT_TO_STAND_IN),
        ({"holds": peer(("2026-01-01", ON_PROBATION))}, Rejection.NOT_TO_STAND_IN),
        ({"way_up": (UnitId("elsewhere"), TOP)}, Rejection.NOT_TO_STAND_IN),
        ({"taken": True}, Rejection.DELEGATED_ALREADY),
    ],
)
def test_nothing_else_is_delegated(change: dict[str, object], why: Rejection) -> None:
    with pytest.raises(CommandRejected) as refused:
        delegate_post(replace(WISH, **change))  # type: ignore[arg-type]

    assert refused.value.why is why


def test_once_the_post_was_given_again_the_old_delegation_is_taken_back_first() -> None:
    again = secretary(("2026-03-05", RELIEVED), ("2026-03-07", GIVEN))
    anew = replace(WISH, since=at("2026-03-08"), holds=delegated(), holder=again)

    with pytest.raises(CommandRejected) as refused:
        delegate_post(anew)

    assert refused.value.why is Rejection.DELEGATED_ALREADY
    other_day = replace(anew, told=replace(DELEGATED, until=date(2026, 3, 30)))
    assert delegate_post(other_day).until == date(2026, 3, 30)
    taken_back = delegated(("2026-03-08", ENDED))
    assert delegate_post(replace(anew, holds=taken_back)) == DELEGATED
    assert counts(
        peer((SOON, DELEGATED), ("2026-03-08", ENDED), ("2026-03-09", DELEGATED)),
        again,
        "2026-03-10",
    )


def test_a_post_given_in_the_morning_is_delegated_for_that_day() -> None:
    holder = told(("2020-01-07", enrolled(SECRETARY)), (SOON, GIVEN))
    early = record(DELEGATED, version=2, time=START_OF_DAY, told_at=at(SOON))
    first = record(enrolled(PEER), version=1, time=at("2020-01-07"), told_at=at("2020-01-07"))

    assert counts(member.view(member.fold([first, early])), holder, SOON)


def test_one_delegation_lasts_a_year_at_most() -> None:
    assert DAYS_MAX == 366
    a_year = replace(DELEGATED, until=date(2027, 3, 2))
    assert delegate_post(replace(WISH, told=a_year)) == a_year


def test_people_delegate_from_today_on_and_no_further_ahead_than_anything_is_told() -> None:
    today = FIRST
    with every_case() as case:
        for since in (today, date.fromordinal(today.toordinal() + AHEAD_DAYS_MAX)):
            with case(since):
                require_to_come(since, today)
        for days in (-1, AHEAD_DAYS_MAX + 1):
            with case(days), pytest.raises(CommandRejected, match="a first day from today on"):
                require_to_come(date.fromordinal(today.toordinal() + days), today)


def test_two_delegations_of_one_post_do_not_cover_the_same_day() -> None:
    (known,) = delegated().delegations

    assert overlaps(known, LAST, date(2026, 4, 30))
    assert overlaps(known, date(2026, 2, 1), FIRST)
    assert not overlaps(known, date(2026, 4, 1), date(2026, 4, 30))
    assert not overlaps(known, date(2026, 2, 1), date(2026, 3, 1))


# When it counts


def test_who_stands_in_does_so_from_the_first_day_to_the_last_here() -> None:
    holds, holder = delegated(), secretary()

    assert counts(holds, holder, "2026-03-02")
    assert counts(holds, holder, "2026-03-31")
    late = datetime.fromisoformat("2026-03-31T16:59:59Z")  # nearly midnight
    assert standing_in.acts_by(BY, holds, holder, late)
    assert not standing_in.acts_by(BY, holds, holder, late.replace(hour=17))


def test_it_is_no_post_of_who_stands_in() -> None:
    assert delegated().posts == ()
    assert not delegated().has_post(CELL, POST)


def test_it_counts_for_that_post_of_that_member_alone() -> None:
    holds, holder = delegated(), secretary()

    for other in (
        {"for_id": TOP},
        {"post": Code("deputy_secretary")},
        {"unit_id": TOP},
    ):
        hand = msgspec.structs.replace(BY, **other)
        assert not standing_in.acts_by(hand, holds, holder, at("2026-03-10"))


@pytest.mark.parametrize(
    ("holds", "holder"),
    [
        (delegated(), secretary(("2026-03-05", RELIEVED))),
        (delegated(), secretary(("2026-03-05", RELIEVED), ("2026-03-06", GIVEN))),
        (delegated(("2026-03-05", ENDED)), secretary()),
        (delegated(("2026-03-05", LEFT)), secretary()),
        (delegated(("2026-03-05", LEFT), ("2026-03-08", enrolled(PEER))), secretary()),
        (delegated(("2026-03-05", ABSENT)), secretary()),
        (delegated(("2026-03-05", MemberExempted(member_id=PEER))), secretary()),
        (delegated(("2026-03-05", ON_PROBATION)), secretary()),
        (peer(), secretary()),
    ],
)
def test_it_ends_with_the_post_and_with_who_stands_in(holds: Member, holder: Member) -> None:
    assert not counts(holds, holder, "2026-03-10")


def test_who_was_sick_for_a_day_goes_on_standing_in() -> None:
    back = delegated(("2026-03-05", ABSENT), ("2026-03-06", MemberBack(member_id=PEER)))

    assert counts(back, secretary(), "2026-03-10")


def test_told_anew_it_counts_until_the_day_that_was_told_last() -> None:
    longer = delegated(("2026-03-20", replace(DELEGATED, until=date(2026, 4, 30))))

    assert counts(longer, secretary(), "2026-04-30")
    assert not counts(longer, secretary(), "2026-05-01")


def test_told_ahead_it_waits_for_its_day() -> None:
    ahead = [
        record(enrolled(PEER), version=1, time=at("2020-01-07"), told_at=at("2020-01-07")),
        record(DELEGATED, version=2, time=at(SOON), told_at=at("2026-02-01")),
    ]
    came = FactTookEffect(subject=Subject(f"member-{PEER}"), versions=(2,))
    then = record(came, version=3, time=at(SOON), told_at=at(SOON))

    waiting = member.fold(ahead)
    assert member.view(waiting).delegations == ()
    assert [each.until for each in every_delegation(waiting)] == [LAST]
    assert member.view(waiting.with_due(at(SOON))).delegations != ()
    assert counts(member.view(member.fold([*ahead, then])), secretary(), "2026-03-10")


# Towards whom it does not


DEPUTY = Code("deputy_secretary")
BELOW_TOP = Hand(member_id=PEER, unit_id=TOP, post=POST, for_id=SECRETARY)


def is_headed(
    by: Hand, subject: Member, holds: Member | None = None, above: tuple[UnitId, ...] = (TOP,)
) -> bool:
    """Tell it of somebody of the cell, which hangs under some units."""
    return standing_in.is_headed(by, holds or peer(), subject, [POST, DEPUTY], lambda _: above)


def with_post(unit_id: UnitId, post: str, who: MemberId = PEER) -> Member:
    given = PostGiven(member_id=who, unit_id=unit_id, post=Code(post))
    return told(("2020-01-07", enrolled(who)), ("2020-01-08", given))


def test_nobody_judges_from_below_by_a_post_of_another_one() -> None:
    branch = UnitId("branch")
    by_way = (branch, TOP)

    assert is_headed(BELOW_TOP, secretary())
    assert is_headed(BELOW_TOP, with_post(branch, DEPUTY, SECRETARY), above=by_way)
    assert is_headed(BELOW_TOP, secretary(), above=(branch,))  # that post is in no unit above
    assert is_headed(BELOW_TOP, with_post(TOP, DEPUTY, SECRETARY))  # an office beside that post
    assert is_headed(BY, with_post(CELL, DEPUTY, SECRETARY))  # in their own unit too


def test_who_heads_nothing_below_the_post_is_judged_by_it() -> None:
    assert not is_headed(BELOW_TOP, peer())
    assert not is_headed(BELOW_TOP, with_post(CELL, "member", SECRETARY))
    assert not is_headed(BELOW_TOP, secretary(), holds=Member())


def test_who_holds_an_office_there_themselves_is_a_colleague() -> None:
    assert not is_headed(BELOW_TOP, secretary(), with_post(TOP, DEPUTY))
    assert is_headed(BELOW_TOP, secretary(), with_post(TOP, "member"))


# How it ends


def test_what_was_told_is_ended_and_nothing_else() -> None:
    assert end_delegation(ENDED, delegated()) == ENDED
    for holds in (peer(), delegated(("2026-03-05", ENDED))):
        with pytest.raises(CommandRejected) as refused:
            end_delegation(ENDED, holds)
        assert refused.value.why is Rejection.NOT_DELEGATED


def test_what_was_to_come_and_is_ended_at_its_beginning_never_begins() -> None:
    ended = delegated((SOON, ENDED))

    assert delegation_in(ended, CELL, POST, SECRETARY) is None
