"""Who is away, as the roster tells: for a reason that the rulebook knows, or for good."""

import pytest

from events.definitions.deadline import Excuse
from events.definitions.event import Event
from events.definitions.roster import (
    AbsenceReason,
    LeavingReason,
    MemberAbsent,
    MemberBack,
    MemberExempted,
    MemberExemptionEnded,
    MemberLeft,
    UnitDissolved,
)
from events.domain.organisation import member, presence, unit
from tests.support.examples import MEMBER, MEMBER_ENROLLED, OTHER_UNIT, UNIT, UNIT_FORMED
from tests.support.history import day, history
from tests.support.sealed import REASONS, sealed

ACCEPTED = (AbsenceReason.SICK,)
ABSENT = MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.SICK))
TRAINING = MemberAbsent(member_id=MEMBER, reason=sealed(AbsenceReason.TRAINING))
BACK = MemberBack(member_id=MEMBER)
EXEMPTED = MemberExempted(member_id=MEMBER)
EXEMPTION_ENDED = MemberExemptionEnded(member_id=MEMBER)
LEFT = MemberLeft(member_id=MEMBER, reason=sealed(LeavingReason.RESIGNED))


def why_away(*facts: Event) -> Excuse | None:
    """Return why somebody is away after facts on days one after the other."""
    told = history(*((day(number), fact) for number, fact in enumerate(facts, 1)))
    return presence.of_member(member.view(member.fold(told)), ACCEPTED, REASONS)


@pytest.mark.parametrize(
    ("facts", "away"),
    [
        ((), None),
        ((ABSENT,), Excuse.ABSENT),
        ((ABSENT, BACK), None),
        ((TRAINING,), None),  # which this rulebook does not excuse
        ((EXEMPTED,), Excuse.EXEMPT),
        ((EXEMPTED, EXEMPTION_ENDED), None),
        ((ABSENT, EXEMPTED), Excuse.EXEMPT),
        ((ABSENT, EXEMPTED, LEFT), Excuse.LEFT),
    ],
)
def test_a_member_is_away_for_a_reason_that_the_rulebook_knows(
    facts: tuple[Event, ...], away: Excuse | None
) -> None:
    assert why_away(MEMBER_ENROLLED, *facts) is away


def test_a_reason_that_was_erased_excuses_whatever_it_was() -> None:
    away = member.fold(history((day(1), MEMBER_ENROLLED), (day(2), TRAINING)))

    assert presence.of_member(member.view(away), ACCEPTED, {}) is Excuse.ABSENT


def test_whoever_was_never_enrolled_is_not_there() -> None:
    assert why_away() is Excuse.LEFT


def test_a_unit_is_there_until_it_is_dissolved() -> None:
    dissolved = UnitDissolved(unit_id=UNIT, successor_id=OTHER_UNIT)
    stands, ended = (
        unit.fold(history(*((day(n), fact) for n, fact in enumerate(facts, 1))))
        for facts in ((UNIT_FORMED,), (UNIT_FORMED, dissolved))
    )

    assert presence.of_unit(stands) is None
    assert presence.of_unit(ended) is Excuse.LEFT
