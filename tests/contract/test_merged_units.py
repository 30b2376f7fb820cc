"""Communes are merged and their cells are not told again: whoever was below is in the new one."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from events.definitions.event import Event, FactVersion, Subject, stream_of
from events.definitions.records import Period
from events.definitions.roster import FactCorrected, UnitDissolved, UnitMoved
from events.domain.review.opening import OpenReview
from events.identifiers import MemberId, UnitId, new_event_id, new_id
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from services.context import Context
from services.queries import people, roster_doubts
from services.read_models import openings, roster, tree
from tests.support.fakes import FixedClock, SeededChance
from tests.support.world import enrolled, formed
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

PROVINCE, DISTRICT, OLD, OLD_TWIN, NEW, CELL, TWIN_CELL = (
    UnitId(new_id(SeededChance(number))) for number in range(61, 68)
)
IN_CELL, IN_TWIN, LEFT_BEHIND, IN_NEW = (
    MemberId(new_id(SeededChance(number))) for number in range(71, 75)
)
YEAR = Period("2026")

Tell = Callable[..., None]


def dissolved(unit_id: UnitId, successor: UnitId) -> UnitDissolved:
    return UnitDissolved(unit_id=unit_id, successor_id=successor)


@pytest.fixture
def tell(context: Context, clock: FixedClock) -> Tell:
    """Return what appends facts a day apart and projects them, once two communes were merged."""

    def tell(*events: Event) -> None:
        for event in events:
            clock.time += timedelta(days=1)
            stream = stream_of(event)
            new = NewEvent(
                event=event,
                id=new_event_id(context.chance),
                source="/hr",
                time=clock.now(),
                principal="token:t",
            )
            context.store.append(
                {stream: Appended(context.store.versions([stream])[stream], (new,))}
            )
        sequence(context.store.database, context.clock)
        for each in PROJECTIONS.values():
            Subscriber(context.store, each, clock=context.clock).advance()

    tell(
        *(formed(PROVINCE), formed(DISTRICT, PROVINCE)),
        *(formed(OLD, DISTRICT), formed(OLD_TWIN, DISTRICT), formed(NEW, PROVINCE)),
        *(formed(CELL, OLD), formed(TWIN_CELL, OLD_TWIN)),
        *(enrolled(IN_CELL, CELL), enrolled(IN_TWIN, TWIN_CELL)),
        *(enrolled(LEFT_BEHIND, OLD), enrolled(IN_NEW, NEW)),
        *(dissolved(OLD, NEW), dissolved(OLD_TWIN, NEW), dissolved(DISTRICT, PROVINCE)),
    )
    return tell


def ways_in(context: Context, top: UnitId) -> dict[MemberId, tuple[UnitId, ...]]:
    """Return who is in the year of a unit, with the way on which their review goes."""
    opened = openings.reviews_to_open(context, YEAR, top, openings.as_listed(context, top))
    return {each.member_id: each.path for each in opened.reviews if isinstance(each, OpenReview)}


@pytest.mark.usefixtures("tell")
def test_everybody_below_a_merged_commune_is_in_the_year_of_the_new_one(context: Context) -> None:
    assert ways_in(context, NEW) == {
        IN_CELL: (CELL, NEW),
        IN_TWIN: (TWIN_CELL, NEW),
        LEFT_BEHIND: (NEW,),
        IN_NEW: (NEW,),
    }
    assert ways_in(context, PROVINCE)[IN_CELL] == (CELL, NEW, PROVINCE)
    assert roster_doubts.lost_units(context.store.database) == []


@pytest.mark.usefixtures("tell")
def test_every_reader_of_the_tree_finds_them_there(context: Context) -> None:
    database = context.store.database

    assert tree.units_below(database, [NEW]) == {NEW, OLD, OLD_TWIN, CELL, TWIN_CELL}
    assert tree.those_below(database, [CELL, DISTRICT], [NEW]) == {CELL}
    assert roster.units_above(database, CELL) == (NEW, PROVINCE)
    assert set(roster.members_of(database, [NEW])) == {LEFT_BEHIND, IN_NEW}
    assert {CELL, TWIN_CELL} <= roster.units_around(database, NEW, [PROVINCE])
    assert people.person_as(context, "a", LEFT_BEHIND).peer_units == (OLD, NEW)


def test_a_commune_merged_elsewhere_is_no_more_where_it_hung(tell: Tell, context: Context) -> None:
    elsewhere = UnitId(new_id(SeededChance(68)))
    tell(formed(elsewhere, PROVINCE), dissolved(NEW, elsewhere))

    assert ways_in(context, elsewhere)[IN_CELL] == (CELL, elsewhere)
    assert tree.units_below(context.store.database, [DISTRICT]) == {DISTRICT}


def test_a_cell_that_succeeds_the_commune_above_it_takes_its_place(
    tell: Tell, context: Context
) -> None:
    tell(UnitMoved(unit_id=CELL, parent_id=NEW), dissolved(NEW, CELL))

    assert ways_in(context, CELL).keys() == {IN_CELL, IN_TWIN, LEFT_BEHIND, IN_NEW}
    assert ways_in(context, PROVINCE)[IN_TWIN] == (TWIN_CELL, CELL, PROVINCE)
    assert roster_doubts.lost_units(context.store.database) == []


def test_units_whose_successor_stands_nowhere_are_told_as_lost(
    tell: Tell, context: Context
) -> None:
    tell(FactCorrected(subject=Subject(stream_of(formed(NEW))), corrects=FactVersion(1)))
    tell(UnitMoved(unit_id=TWIN_CELL, parent_id=PROVINCE))

    lost = {each.unit_id: each.members for each in roster_doubts.lost_units(context.store.database)}

    assert lost == {CELL: 1, OLD: 1, NEW: 1}
