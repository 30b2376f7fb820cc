"""A hand of somebody who stood in for nobody, or in that one's own matter, is found."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

import msgspec
import pytest

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Hand
from events.definitions.review import MeetingHeld, RatingDecided, RatingProposed
from events.definitions.roster import (
    AbsenceReason,
    DelegationEnded,
    FactTookEffect,
    MemberAbsent,
    MemberEnrolled,
    MemberLeft,
    PostDelegated,
    PostGiven,
    PostRelieved,
)
from events.domain.verification.roster_checks import wrong_by_then
from events.identifiers import MemberId, member_stream
from tests.support.forged import after, before, first_of, wrong
from tests.support.law import CELL, LEADER, MEMBER, PEER, SECRETARY, TOP
from tests.support.lawful import Asked, bundle_of, log_of, on
from tests.support.lawful_facts import BEGUN, opened, rules_of
from tests.support.lawful_years import A_MEMBERS, DELEGATED, STANDS_IN, STOOD_IN, history_of
from tests.support.party_rules import YEAR
from tests.support.sealed import sealed

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
PROPOSED: RatingProposed = first_of(STOOD_IN, RatingProposed)
POST = STANDS_IN.post
NO_MORE = f"is not told to stand in for {SECRETARY} as secretary of {CELL}"


def proposed(time: str, *more: Event, by: Hand = STANDS_IN) -> Sequence[Recorded]:
    """Return a log in which somebody proposes at a time, after facts that were told just before."""
    history = after(before(STOOD_IN, RatingProposed), *more, time="2025-12-01T01:00:00Z")
    return after(history, replace(PROPOSED, by=by), time=time)


@BOTH
def test_until_the_last_day_who_stands_in_acts_and_no_longer(*, whole: bool) -> None:
    def found(time: str) -> list[str]:
        return [each for each in wrong(proposed(time), whole=whole) if NO_MORE in each]

    assert found("2025-12-05T16:59:00Z") == []
    assert found("2025-12-05T17:00:00Z") != []


@BOTH
@pytest.mark.parametrize(
    "told",
    [
        PostRelieved(member_id=SECRETARY, unit_id=CELL, post=POST),
        DelegationEnded(member_id=PEER, unit_id=CELL, post=POST, for_id=SECRETARY),
        MemberLeft(member_id=PEER, reason=sealed("moved away")),
        MemberLeft(member_id=SECRETARY, reason=sealed("moved away")),
        MemberAbsent(member_id=PEER, reason=sealed(AbsenceReason.SICK)),
    ],
)
def test_who_stands_in_no_more_is_found(told: Event, *, whole: bool) -> None:
    found = wrong(proposed("2025-12-01T02:00:00Z", told), whole=whole)

    assert any(NO_MORE in each for each in found)


@BOTH
def test_who_stood_in_for_nobody_is_found(*, whole: bool) -> None:
    forged = msgspec.structs.replace(STANDS_IN, for_id=MemberId("nobodyaaaaaaaaaaaaaaaaaaaa"))

    assert any(
        "to stand in for" in e
        for e in wrong(proposed("2025-12-01T02:00:00Z", by=forged), whole=whole)
    )


@BOTH
def test_a_post_of_somebody_else_is_nobodys_own(*, whole: bool) -> None:
    forged = Hand(member_id=PEER, unit_id=CELL, post=POST)

    found = wrong(proposed("2025-12-01T02:00:00Z", by=forged), whole=whole)

    assert any(f"is not told to be secretary of {CELL}" in each for each in found)


def test_before_the_first_day_nobody_stands_in() -> None:
    subject, met = Subject(member_stream(PEER)), first_of(STOOD_IN, MeetingHeld)
    ahead = on("2025-11-21", DELEGATED, told_on="2025-11-10")
    came = FactTookEffect(subject=subject, versions=(3,))
    waits = (*BEGUN, *on("2025-11-03", opened()), *ahead)
    holds = (*waits, *on("2025-11-21T02:00:00Z", came, told_on="2025-11-21T02:00:30Z"))

    def found(told: Sequence[Asked], time: str) -> list[str]:
        log = log_of(rules_of)
        for each in history_of(told):
            log.tell(each)
        (forged,) = after([], met, time=time)
        return [each.what for each in wrong_by_then(forged, log)]

    assert any(NO_MORE in each for each in found(waits, "2025-11-20T02:00:00Z"))
    assert found(holds, "2025-11-21T03:00:00Z") == []


@BOTH
def test_nobody_stands_in_for_who_is_reviewed(*, whole: bool) -> None:
    forged = Hand(member_id=PEER, unit_id=CELL, post=Code("deputy_secretary"), for_id=MEMBER)
    told = PostDelegated(
        member_id=PEER, unit_id=CELL, post=forged.post, for_id=MEMBER, until=date(2025, 12, 31)
    )

    found = wrong(proposed("2025-12-01T02:00:00Z", told, by=forged), whole=whole)

    assert any("somebody else must take this step (four eyes)" in each for each in found)


@pytest.mark.parametrize(("post", "is_found"), [("deputy_secretary", True), ("member", False)])
def test_nobody_judges_by_that_who_heads_them(post: str, *, is_found: bool) -> None:
    """The whole log alone tells who headed them: a bundle holds no roster of theirs."""
    by = Hand(member_id=PEER, unit_id=TOP, post=POST, for_id=LEADER)
    days = date(2025, 12, 31)
    told = (
        PostDelegated(member_id=PEER, unit_id=TOP, post=POST, for_id=LEADER, until=days),
        PostGiven(member_id=MEMBER, unit_id=CELL, post=Code(post)),
    )
    decided = replace(first_of(A_MEMBERS, RatingDecided), by=by)
    history = after(before(A_MEMBERS, RatingDecided), *told, time="2025-12-08T01:00:00Z")
    forged = after(history, decided, time="2025-12-08T02:00:00Z")

    def is_told(*, whole: bool) -> bool:
        return any("somebody who heads them" in each for each in wrong(forged, whole=whole))

    assert is_told(whole=True) is is_found
    assert not is_told(whole=False)


def test_a_bundle_holds_by_what_somebody_stood_in() -> None:
    bundle = bundle_of(history_of(STOOD_IN), YEAR, MEMBER)

    told = [each.event for each in bundle if each.entry.stream == member_stream(PEER)]
    assert DELEGATED in told
    whose = [type(each.event) for each in bundle if each.entry.stream == member_stream(SECRETARY)]
    assert whose == [MemberEnrolled, PostGiven]
