"""Lists and inboxes read what they show: of a province as of a commune, after years as at first."""

import functools
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from events.definitions.event import Code
from events.identifiers import MemberId, UnitId
from events.store import documents, reference
from events.store.address import open_database
from events.store.database import Database, Row, microseconds
from events.store.store import Store
from services.access.roles import Person
from services.read_models import cycle_lists, due_timers, inbox
from services.read_models.states import ESCALATIONS, PLANS, REVIEWS, Kind
from tests.support.databases import KINDS, laid_address
from tests.support.fakes import FixedClock, SeededChance
from tests.support.law import records
from tests.support.reads import Watched
from tests.support.year_examples import DUE_AT, YEAR
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

Ask = Callable[[Database], object]

TOP = UnitId("top")
CELL_SIZE = 25
FEW, MANY = 10, 40  # cells; all but the first wait for the top
FEW_YEARS, MANY_YEARS = 2, 10
LATEST = 2030
OTHERWISE = FEW * CELL_SIZE  # rows, when a table is so small that another index will do
SOMEBODY = MemberId("member00-07")
NEUTRAL = reference.shipped_document("rulebook", "neutral")
EDITION = documents.digest_of(NEUTRAL)
LATER = DUE_AT + timedelta(days=1_000)


def holder(member_id: str, *units: UnitId, also: tuple[tuple[UnitId, Code], ...] = ()) -> Person:
    """Return a member who is the secretary of some units, and holds other posts."""
    posts = tuple((each, Code("secretary")) for each in units)
    return Person(account_id="account", member_id=MemberId(member_id), posts=(*posts, *also))


ANY_SIZE: dict[str, Ask] = {  # what costs as much in a commune of any size
    "inbox of a secretary": lambda d: inbox.of_person(d, holder("member00-00", cell(0))),
    "inbox of the authority": lambda d: inbox.of_person(d, holder("boss", TOP)),
    "inbox of both": lambda d: inbox.of_person(d, holder("boss", TOP, cell(0))),
    "inbox of who takes nothing of the top": lambda d: inbox.of_person(
        d, holder("boss", cell(0), also=((TOP, Code("committee_member")),))
    ),
    "inbox of a member": lambda d: inbox.of_person(d, holder(SOMEBODY)),
    "timers": lambda d: due_timers.timers_due(d, LATER, 100),
    "open escalations": lambda d: cycle_lists.open_escalations(d, units=None, about=None),
    "those of a top": lambda d: cycle_lists.open_escalations(d, units=[TOP], about=None),
    "those of a cell": lambda d: cycle_lists.open_escalations(d, units=[cell(0)], about=None),
    "those about a member": lambda d: cycle_lists.open_escalations(d, units=[], about=SOMEBODY),
    "progress in a cell": lambda d: cycle_lists.review_progress(d, str(LATEST), cell(0)),
    "periods": cycle_lists.every_period,
    "periods of a cell": lambda d: cycle_lists.periods_of_unit(d, cell(0)),
    "periods of a member": lambda d: cycle_lists.periods(d, SOMEBODY),
    "deciding units": lambda d: cycle_lists.deciding_units(d, str(LATEST)),
    "tops below a cell": lambda d: cycle_lists.tops_below(d, lambda _: [cell(0)]),
}
OF_EACH_YEAR = {each for each in ANY_SIZE if each.startswith(("periods", "tops", "those about"))}


def cell(number: int) -> UnitId:
    return UnitId(f"cell{number:02}")


@functools.cache
def example(kind: Kind) -> dict[str, Any]:
    """Return the row of a stream that was just begun, by the columns' names."""
    (fact, *_) = (each for each in YEAR if each.definition.about == kind.name)
    names = [column.name for column in kind.table("row").columns]
    return dict(zip(names, kind.row("key", 1, kind.fold(records(fact))), strict=True))


def rows_of(kind: Kind, cells: int, years: int) -> Iterator[Row]:
    """Iterate over a year that goes on, and those before, of which nothing waits any more."""
    for year in range(LATEST - years + 1, LATEST + 1):
        for number in range(cells * CELL_SIZE):
            place, who = divmod(number, CELL_SIZE)
            member_id, goes_on = f"member{place:02}-{who:02}", year == LATEST
            due = microseconds(DUE_AT + timedelta(minutes=number))
            values = {
                "id": f"{year}-{member_id}",
                "period": str(year),
                "member_id": member_id,
                "unit_id": cell(place),
                "top_id": TOP,
                "rulebook": EDITION,
                "stage": ("decision" if place else "proposal") if goes_on else _over(kind),
                "task": ("decision" if place else "proposal") if goes_on else None,
                "actor_unit": (TOP if place else cell(0)) if goes_on else None,
                "due_at": due if goes_on else None,
                "timer_at": due if goes_on else None,
                "waits": goes_on,
            }
            yield tuple((example(kind) | values).values())


def _over(kind: Kind) -> str:
    return "resolved" if kind is ESCALATIONS else "announced"


@pytest.fixture(params=KINDS)
def lay(
    request: pytest.FixtureRequest, tmp_path: Path, clock: FixedClock
) -> Iterator[Callable[[int, int], Watched]]:
    """Lays so many cells and years into an empty database."""
    address = laid_address(request, tmp_path / "log.db")
    with closing(open_database(address)) as database:
        store = Store(database, clock=clock, chance=SeededChance(1))
        reference.publish(database, NEUTRAL)

        def laid(cells: int, years: int) -> Watched:
            for name, projection in PROJECTIONS.items():
                subscriber = Subscriber(store, projection, clock=clock)
                build = subscriber.start_rebuild().build
                table = projection.tables_of(build)[0]
                for kind in (REVIEWS, PLANS, ESCALATIONS):
                    if kind.projection == name:
                        rows = list(rows_of(kind, cells, years))
                        database.transact(lambda t, o=table, r=rows: t.insert(o, r))  # type: ignore[misc]
                subscriber.advance_build(build)
            with database.engine.connect() as connection:
                connection.exec_driver_sql("ANALYZE")
                connection.commit()
            return Watched(database)

        yield laid


def all_looked_at(database: Watched) -> dict[str, int]:
    """Return how much is looked at for each question; but for one, each has an answer."""
    found = dict[str, int]()
    for name, ask in ANY_SIZE.items():
        database.looked_at = 0
        ask(database)
        found[name] = database.looked_at
    return found


def test_what_is_shown_is_what_is_read(lay: Callable[[int, int], Watched]) -> None:
    first = all_looked_at(lay(FEW, FEW_YEARS))

    large = all_looked_at(lay(MANY, FEW_YEARS))
    old = all_looked_at(lay(FEW, MANY_YEARS))

    assert min(first.values()) > 0
    assert {name: n for name, n in large.items() if n > first[name] + OTHERWISE} == {}
    dearer = {name: n for name, n in old.items() if n > first[name] + OTHERWISE}
    assert dearer.keys() <= OF_EACH_YEAR


def test_what_waits_for_others_crowds_nothing_out(lay: Callable[[int, int], Watched]) -> None:
    """Of the top there is more than an inbox shows, and all of it is more urgent."""
    database = lay(MANY, FEW_YEARS)
    sits_at_the_top = holder("boss", cell(0), also=((TOP, Code("committee_member")),))

    found = inbox.of_person(database, sits_at_the_top)

    assert {each.unit_id for each in found} == {cell(0)}
    assert found == inbox.of_person(database, holder("boss", cell(0)))
