"""Of several corrections of one fact that holds which was made last, whichever arrives last."""

from collections.abc import Sequence
from datetime import datetime
from itertools import permutations

import msgspec
import pytest

from events.definitions.entry import Recorded
from events.definitions.event import Event
from events.definitions.roster import MemberMoved
from events.domain.organisation import doubts, member
from events.domain.organisation.corrections import standing_facts
from events.domain.organisation.doubt import Doubt, Why
from events.domain.organisation.timelines import State
from events.identifiers import UnitId
from tests.support.history import NOON, correction, day, record
from tests.support.roster_facts import ABOVE, ME, NEW, OLD, enrolled

Made = tuple[datetime, str, Event]  # when a correction was made, under which id, and what it is

TOLD = [(day(1), enrolled(OLD)), (day(2), MemberMoved(member_id=ME, unit_id=NEW))]


def to(unit_id: UnitId, since: int = 2) -> Event:
    return correction(2, (day(since), MemberMoved(member_id=ME, unit_id=unit_id)))


def arrived(*made: Made) -> list[Recorded]:
    """Return what was told of a member, and the corrections of the second fact as they came."""
    facts = [record(e, version=v, time=at) for v, (at, e) in enumerate(TOLD, start=1)]
    came = enumerate(made, start=len(facts) + 1)
    return facts + [_under(i, record(e, version=v, time=at)) for v, (at, i, e) in came]


def _under(event_id: str, recorded: Recorded) -> Recorded:
    entry = msgspec.structs.replace(recorded.entry, id=event_id)
    return msgspec.structs.replace(recorded, entry=entry)


def states(made: Sequence[Made]) -> list[State]:
    return [member.fold(arrived(*order)) for order in permutations(made)]


@pytest.mark.parametrize(
    ("made", "unit_id"),
    [
        ([(day(5), "a", to(ABOVE)), (day(6), "b", to(OLD))], OLD),
        ([(day(5), "b", to(OLD)), (day(6), "a", to(ABOVE, 3))], ABOVE),
        ([(day(5), "a", to(ABOVE)), (day(6), "b", correction(2))], OLD),
        ([(day(5), "a", correction(2)), (day(6), "b", to(ABOVE))], ABOVE),
        ([(day(7), "a", to(OLD)), (day(6), "b", correction(2)), (day(5), "c", to(ABOVE))], OLD),
    ],
)
def test_the_correction_made_last_holds_in_whatever_order_they_arrive(
    made: list[Made], unit_id: UnitId
) -> None:
    found = states(made)

    assert all(each.timelines == found[0].timelines for each in found)
    assert {member.view(each).unit_id for each in found} == {unit_id}
    standing = [standing_facts(arrived(*order)) for order in permutations(made)]
    assert all(each == standing[0] for each in standing)


@pytest.mark.parametrize(
    ("first", "last"), [("hr-1", "hr-2"), ("hr-9", "hr-10"), ("b", "aa"), ("0a", "0b")]
)
def test_of_one_moment_the_later_id_holds_and_somebody_is_asked_to_look(
    first: str, last: str
) -> None:
    found = states([(day(5), first, to(OLD)), (day(5), last, to(ABOVE))])

    assert {member.view(each).unit_id for each in found} == {ABOVE}
    assert {doubts.of_member(each) for each in found} == {(Doubt(day(5), Why.CONTRADICTED),)}


def test_once_a_later_correction_is_made_nobody_needs_to_look_any_more() -> None:
    tied, last = [(day(5), "a", to(OLD)), (day(5), "b", to(NEW))], (day(6), "c", to(ABOVE))

    for order in permutations(tied):
        assert doubts.of_member(member.fold(arrived(*order, last))) == ()


@pytest.mark.parametrize("instead", [to(ABOVE), correction(2)])
def test_a_correction_that_comes_last_and_changes_nothing_is_doubtful(instead: Event) -> None:
    """As is one dated by the day of the fact that it corrects."""
    first, late = (day(6), "a", to(OLD)), (day(2), "b", instead)

    found = doubts.of_member(member.fold(arrived(first, late)))

    assert found == (Doubt(day(6), Why.CORRECTED_TO_NO_EFFECT),)
    assert doubts.of_member(member.fold(arrived(late, first))) == ()
    again = (day(7), "c", instead)
    assert doubts.of_member(member.fold(arrived(first, late, again))) == ()


def test_a_correction_that_waits_for_its_day_is_kept_when_an_earlier_one_arrives() -> None:
    ahead = to(ABOVE, since=28)

    found = states([(day(6), "b", ahead), (day(5), "a", to(OLD))])

    assert all([each.since for each in one.ahead] == [day(28)] for one in found)
    assert {member.view(each).unit_id for each in found} == {OLD}
    assert day(28) > NOON
