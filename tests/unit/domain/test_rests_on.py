"""A bundle grows by what its rating rests on, and not by whoever else there is."""

from collections.abc import Sequence

import pytest

from events.identifiers import MemberId
from tests.support.collective_facts import AS_UNIT
from tests.support.law import CELL, MEMBER, TOP
from tests.support.lawful import Asked, bundle_of, on
from tests.support.lawful_facts import ROSTER, enrolled
from tests.support.lawful_years import A_MEMBERS, A_UNITS, history_of
from tests.support.party_rules import YEAR

COLLEAGUES = 1_000


@pytest.mark.parametrize(("wanted", "subject"), [(A_MEMBERS, MEMBER), (A_UNITS, AS_UNIT)])
def test_a_bundle_is_as_large_whoever_else_there_is(wanted: Sequence[Asked], subject: str) -> None:
    others = [enrolled(MemberId(f"colleague{n}"), (CELL, TOP)[n % 2]) for n in range(COLLEAGUES)]
    begun, year = wanted[: len(ROSTER)], wanted[len(ROSTER) :]
    crowded = history_of((*begun, *on("2020-01-09", *others), *year))

    bundle = bundle_of(crowded, YEAR, subject)

    assert begun == ROSTER
    assert len(crowded) > COLLEAGUES
    assert [each.event for each in bundle] == [
        each.event for each in bundle_of(history_of(wanted), YEAR, subject)
    ]
