"""Where units hang now, as projected; what was dissolved is where its successor is."""

from collections.abc import Collection, Iterable

from events.domain.organisation import succession
from events.domain.organisation.succession import Place
from events.identifiers import UnitId
from events.store.database import Database

_DISSOLVED_INTO = "CASE WHEN {0}.formed THEN NULL ELSE {0}.successor_id END"
# What hangs below each unit; of those that were dissolved, what comes to their successor. A row
# `passed` is a unit that went elsewhere: it counts not, but its successor may take its place here.
_BELOW = f"""
WITH RECURSIVE below (unit_id, successor_id, passed) AS (
  SELECT unit_id, {_DISSOLVED_INTO.format("unit_states")}, 0
  FROM unit_states WHERE unit_id IN ?
  UNION SELECT each.unit_id, {_DISSOLVED_INTO.format("each")},
    CASE WHEN each.formed OR each.successor_id IS NULL OR each.successor_id = below.unit_id
      THEN 0 ELSE 1 END
  FROM below JOIN unit_states each
    ON each.parent_id = below.unit_id OR each.successor_id = below.unit_id
  WHERE CASE WHEN NOT each.formed AND each.successor_id = below.unit_id THEN below.passed = 0
    WHEN each.parent_id = below.unit_id
      THEN below.passed = CASE WHEN each.unit_id = below.successor_id THEN 1 ELSE 0 END
    ELSE FALSE END)
SELECT DISTINCT unit_id FROM below WHERE passed = 0"""
_ABOVE = f"""
WITH RECURSIVE above (unit_id, parent_id, successor_id) AS (
  SELECT unit_id, parent_id, {_DISSOLVED_INTO.format("unit_states")}
  FROM unit_states WHERE unit_id IN ?
  UNION SELECT each.unit_id, each.parent_id, {_DISSOLVED_INTO.format("each")}
  FROM above JOIN unit_states each
    ON each.unit_id = above.parent_id OR each.unit_id = above.successor_id)
SELECT unit_id, parent_id, successor_id FROM above"""


def units_below(database: Database, roots: Iterable[str]) -> frozenset[str]:
    """Return units and everything that hangs below them now, as projected.

    What was dissolved is where its successor is, and so is what hangs below it.
    """
    wanted = list(roots)
    return frozenset(row[0] for row in database.read(lambda t: t.rows_in(_BELOW, wanted)))


def parents(database: Database, units: Iterable[str]) -> dict[UnitId, UnitId | None]:
    """Return the unit above each of some units, and above those, as projected; of known ones.

    It stands: where the one above was dissolved it is the successor, and so it is of whichever of
    them was dissolved itself.
    """
    places = _places(database, units)

    def place_of(unit_id: UnitId) -> Place:
        return places.get(unit_id, Place())

    ways = {each: succession.standing_above(each, place_of) for each in places}
    return {each: next(iter(way), None) for each, way in ways.items()}


def _places(database: Database, units: Iterable[str]) -> dict[UnitId, Place]:
    """Return where some units hang, and those above them, and who succeeded each."""
    wanted = sorted(set(units))
    rows = database.read(lambda t: t.rows_in(_ABOVE, wanted)) if wanted else []
    return {UnitId(unit_id): Place(parent, successor) for unit_id, parent, successor in rows}


def those_below(database: Database, units: Iterable[str], roots: Collection[str]) -> frozenset[str]:
    """Return which of some units are among the roots, or hang below one now.

    Asked upwards: what it costs goes by these units, not by how much hangs below the roots.
    """
    wanted = frozenset(units)
    places = _places(database, wanted)

    def is_below(unit_id: UnitId) -> bool:
        here: UnitId | None = unit_id
        passed = set[UnitId]()
        while here in places and here not in passed:
            if here in roots:
                return True
            passed.add(here)
            here = succession.next_up(here, lambda each: places.get(each, Place()))
        return False

    return frozenset(each for each in wanted if is_below(UnitId(each)))
