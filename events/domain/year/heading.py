"""What somebody heads by now, and what lies under it: who is there is below them."""

from collections.abc import Callable, Collection
from typing import NamedTuple

from events.domain.organisation.member import Member
from events.domain.year.rules import Rules
from events.identifiers import UnitId


class Tree(NamedTuple):
    """How units hang by now."""

    way_up: Callable[[UnitId], tuple[UnitId, ...]]  # who acts for a unit, then the units above
    kind_of: Callable[[UnitId], str]


def offices_held(holds: Member, rules: Rules, group: str) -> frozenset[UnitId]:
    """Return the units in which somebody holds an office, where an edition asks for them."""
    offices = rules.rulebook.offices if rules.rulebook.competence_for(group) else ()
    return frozenset(UnitId(each.unit_id) for each in holds.posts if each.post in offices)


def is_under(unit_id: UnitId, offices: Collection[UnitId], tree: Tree) -> bool:
    """Tell whether somebody holds an office in a unit, in the one that acts for it, or above."""
    return bool(offices) and not {unit_id, *tree.way_up(unit_id)}.isdisjoint(offices)
