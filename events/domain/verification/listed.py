"""Which streams are listed under which units, as their states stand now."""

from collections import defaultdict
from collections.abc import Callable, Collection


class Listed:
    """Streams by the units under which they are listed, looked up anew where something changed."""

    def __init__(self, units_of: Callable[[str], Collection[str | None]]) -> None:
        self._units_of = units_of
        self.changed = set[str]()
        self._listed = dict[str, Collection[str | None]]()
        self._streams = defaultdict[str | None, set[str]](set)

    def under(self, unit_id: str) -> Collection[str]:
        """Return the streams that are listed under a unit."""
        for stream in self.changed:
            for each in self._listed.get(stream, ()):
                self._streams[each].discard(stream)
            self._listed[stream] = found = self._units_of(stream)
            for each in found:
                self._streams[each].add(stream)
        self.changed.clear()
        return self._streams[unit_id]
