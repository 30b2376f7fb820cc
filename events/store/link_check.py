"""Compare the signed links of checkpoints with the log, while its positions go by.

Where a checkpoint is missing, the next one names it; and the stamps of all positions between two
are what they were when the second one was signed.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from events.proof.links import Link, StampsDigest

STAMPS_MAX = 1_000  # digested at once


class Linked(NamedTuple):
    """A checkpoint that is signed well, and its link, if that is as well."""

    origin: str
    size: int
    link: Link | None


class LinkCheck:
    """One pass over the positions of the log, from the first on."""

    def __init__(self, every: Iterable[Linked]) -> None:
        self._ends: defaultdict[int, list[Linked]] = defaultdict(list)
        self._last: dict[int, int] = {}  # where what begins at a size is needed last
        for each in every:
            self._ends[each.size].append(each)
            if each.link:
                after = each.link.after
                self._last[after] = max(each.size, self._last.get(after, 0))
        self._seen: dict[str, int] = {}  # the newest size, by origin
        self._open: dict[int, StampsDigest] = {}  # by the size where it begins
        self.places = self._ends.keys() | self._last.keys()  # sizes at which to call `reach`
        self._stamps: list[int] = []  # that no digest has taken in yet
        self._begin(0)

    def grow(self, stamp: object) -> None:
        """Take in the stamp of the next position; what is no number was none when it was signed."""
        self._stamps.append(stamp if isinstance(stamp, int) else 0)
        if len(self._stamps) == STAMPS_MAX:
            self._digest()

    def reach(self, size: int) -> Iterator[tuple[str, str]]:
        """Iterate over what is wrong with the checkpoints of a size, as place and finding."""
        self._digest()
        for origin, _, link in self._ends.get(size, ()):
            if link:
                yield from self._wrong(size, link, self._seen.get(origin, 0))
            self._seen[origin] = size
        self._open = {start: each for start, each in self._open.items() if self._last[start] > size}
        self._begin(size)

    def _wrong(self, size: int, link: Link, before: int) -> Iterator[tuple[str, str]]:
        if link.after > before:
            yield f"checkpoint {link.after}", f"is not there, and checkpoint {size} follows it"
        if link.after < before:
            yield f"checkpoint {before}", f"is none that checkpoint {size} follows"
        if link.stamps != self._open[link.after].value():
            told = f"positions {link.after + 1} to {size} were numbered at other times"
            yield f"checkpoint {size}", f"{told} than were signed"

    def _digest(self) -> None:
        for digest in self._open.values():
            digest.extend(self._stamps)
        self._stamps = []

    def _begin(self, size: int) -> None:
        if size in self._last:
            self._open[size] = StampsDigest()
