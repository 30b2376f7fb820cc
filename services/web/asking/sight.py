"""What a principal sees: everything, or some units and all that hangs below them now."""

from collections.abc import Iterable

from events.store.database import Database
from services.access.tokens import Grants
from services.read_models import states, tree
from services.read_models.states import MEMBERS, UNITS


class Sight:
    """The part of the organisation that grants let somebody see, as it is at this moment."""

    def __init__(self, database: Database, grants: Grants) -> None:
        self._database = database
        self._roots = grants.units

    @property
    def is_limited(self) -> bool:
        return bool(self._roots)

    def known_until(self, head: int) -> int:
        """Return up to which position it is known who belongs where.

        Whoever sees only a part must not read on before that, or facts of somebody who is about to
        appear in that part would be passed over for good.
        """
        if not self.is_limited:
            return head
        return min(
            head,
            *(states.serving_position(self._database, each.projection) for each in states.ROSTER),
        )

    def sees(self, stream: str) -> bool:
        return not self.is_limited or stream in self.visible_streams((stream,))

    def few_streams(self, most: int) -> frozenset[str] | None:
        """Return all streams that are seen; None where they are more than that."""
        units = tree.units_below(self._database, self._roots)
        if len(units) > most:
            return None
        members = states.members_in(self._database, units, most + 1)
        streams = frozenset(map(UNITS.stream, units)) | frozenset(map(MEMBERS.stream, members))
        return streams if len(streams) <= most else None

    def visible_streams(self, streams: Iterable[str]) -> frozenset[str]:
        """Return which of some streams are seen."""
        wanted = frozenset(streams)
        if not self.is_limited or not wanted:
            return wanted
        if not all(states.serving_build(self._database, each.projection) for each in states.ROSTER):
            return frozenset()
        places = states.units_of(self._database, _ids(wanted, MEMBERS))
        asked = {*places.values(), *_ids(wanted, UNITS)}
        units = tree.those_below(self._database, asked, frozenset(self._roots))
        seen = {MEMBERS.stream(member) for member, unit in places.items() if unit in units}
        return wanted & (seen | {UNITS.stream(unit) for unit in units})


def _ids(streams: Iterable[str], kind: states.Kind) -> list[str]:
    prefix = f"{kind.name}-"
    return [each.removeprefix(prefix) for each in streams if each.startswith(prefix)]
