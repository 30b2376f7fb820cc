"""What a bundle holds of whoever acted tells of their post what their whole stream tells.

Lives are drawn with posts, standing in, moves, leavings, absences, facts told ahead and late, and
corrections of corrections. Of each the part that a bundle holds is asked after every fact.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, FactVersion, Subject, Told
from events.definitions.records import Hand
from events.definitions.roster import (
    DelegationEnded,
    FactCorrected,
    FactTookEffect,
    MemberAbsent,
    MemberBack,
    MemberLeft,
    PostDelegated,
    PostGiven,
    PostRelieved,
)
from events.domain.organisation import member, standing_in
from events.domain.verification import streams
from events.identifiers import MemberId, UnitId, member_stream
from tests.support.drawn_organisations import Dice
from tests.support.effort import fewer
from tests.support.history import record
from tests.support.sealed import sealed
from tests.support.world import enrolled, moved

HERE, THERE, ELSEWHERE = (UnitId(each * 26) for each in "abc")
WHO, HOLDER = MemberId("w" * 26), MemberId("h" * 26)
POST = Code("secretary")
FACTS_EACH = 14
LIVES = 20  # of one seed
STREAM = member_stream(WHO)
SUBJECT = Subject(STREAM)
HAND = Hand(member_id=WHO, unit_id=HERE, post=POST)
NAMES = {
    "the post": streams.timelines_of(HAND)[STREAM],
    "standing in": streams.timelines_of(msgspec.structs.replace(HAND, for_id=HOLDER))[STREAM],
}


def drawn_fact(dice: Dice) -> Event:
    """Return something that HR tells of somebody: mostly of one post, and of where they belong."""
    unit_id, reason = dice.pick((HERE, THERE)), sealed("reason")
    of_post: dict[str, Any] = {"member_id": WHO, "unit_id": unit_id, "post": POST}
    stands_in: dict[str, Any] = {"member_id": WHO, "unit_id": HERE, "post": POST, "for_id": HOLDER}
    return dice.pick(
        (
            *(PostGiven(**of_post),) * 3,
            PostRelieved(**of_post),
            *(PostDelegated(**stands_in, until=date(2027, 1, 1)),) * 2,
            DelegationEnded(**stands_in),
            *(moved(WHO, dice.pick((HERE, THERE, ELSEWHERE))),) * 2,
            MemberLeft(member_id=WHO, reason=reason),
            enrolled(WHO, dice.pick((HERE, THERE, ELSEWHERE))),
            MemberAbsent(member_id=WHO, reason=reason),
            MemberBack(member_id=WHO),
        )
    )


def drawn_life(dice: Dice) -> list[Recorded]:
    """Return what is told of somebody, in the order of their stream."""
    now = datetime(2026, 1, 15, 5, tzinfo=UTC)
    told = [record(enrolled(WHO, HERE), version=1, time=now, told_at=now)]
    while len(told) < FACTS_EACH:
        now += timedelta(hours=dice.pick((1, 5, 20, 30)))
        told.append(drawn_next(dice, told, now))
    return told


def drawn_next(dice: Dice, told: Sequence[Recorded], now: datetime) -> Recorded:
    """Return what is told next: that a day came, a correction, or a fact of now, late or ahead."""
    version = len(told) + 1
    for ahead in member.fold(told).ahead:
        if ahead.since <= now:
            came = FactTookEffect(subject=SUBJECT, versions=ahead.versions)
            return record(came, version=version, time=ahead.since, told_at=now)
    told_of = now + timedelta(hours=dice.pick((0, 0, 0, -30, 48, 48)))
    facts = [e for e in told[1:] if not isinstance(e.event, FactCorrected | FactTookEffect)]
    if facts and dice.often(20):
        corrects = FactVersion(dice.pick(facts).entry.streamversion)
        anew = as_told(drawn_fact(dice), told_of) if dice.often(50) else UNSET
        correction = FactCorrected(subject=SUBJECT, corrects=corrects, fact=anew)
        made_at = now - timedelta(hours=dice.pick((0, 0, 40)))  # it may arrive after a later one
        return record(correction, version=version, time=made_at, told_at=now)
    return record(drawn_fact(dice), version=version, time=told_of, told_at=now)


def as_told(event: Event, time: datetime) -> Told:
    kind = event.definition
    return Told(kind.type, kind.schema_version, time, msgspec.to_builtins(event))


def says(holds: member.Member, of: str) -> object:
    """Return what somebody's stream tells of their right to act."""
    if of == "the post":
        return [each.since for each in holds.posts if (each.unit_id, each.post) == (HERE, POST)]
    stands_in = standing_in.delegation_in(holds, HERE, POST, HOLDER)
    return (
        (stands_in.since, holds.membership, holds.standing, bool(holds.absent), holds.exempt_since)
        if stands_in
        else None
    )


def differences(life: Sequence[Recorded], names: Collection[str], of: str) -> Iterator[int]:
    """Iterate over the versions at which a part tells otherwise than the whole."""
    kept = set(streams.versions_of(life, names))
    part = [each for each in life if each.entry.streamversion in kept]
    for version in range(1, len(life) + 1):
        whole, held = (
            member.view(member.fold(e for e in found if e.entry.streamversion <= version))
            for found in (life, part)
        )
        if says(whole, of) != says(held, of):
            yield version


@fewer(2)
@given(st.integers(min_value=0, max_value=2**32))
def test_a_part_tells_of_a_right_to_act_what_the_whole_stream_tells(seed: int) -> None:
    dice = Dice(seed)
    for _ in range(LIVES):
        life = drawn_life(dice)
        for of, names in NAMES.items():
            assert list(differences(life, names, of)) == [], [each.event for each in life]
