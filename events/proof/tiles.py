"""Tiles, as C2SP's tlog-tiles defines them: 256 hashes side by side at every eighth height.

At level 0 they are leaf hashes; each hash of a higher level is the root over a full tile of the
level below. Source: c2sp.org/tlog-tiles.
"""

import re
from typing import NamedTuple, Self

from events.proof.subtrees import Subtree

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
LEVEL_MAX = 63

# Groups enough for every tile that a log can have.
PATH = re.compile(
    r"(?P<level>0|[1-9][0-9]?)/(?P<number>(?:x[0-9]{3}/){0,6}[0-9]{3})"
    r"(?:\.p/(?P<width>[1-9][0-9]{0,2}))?"
)


class Tile(NamedTuple):
    """Which tile: its level, and its number within the level, from 0."""

    level: int
    number: int

    def width_at(self, size: int) -> int:
        """Return how many hashes it has in a tree of `size` leaves: 0 while it is not begun."""
        hashes = (size >> TILE_HEIGHT * self.level) - TILE_WIDTH * self.number
        return max(0, min(TILE_WIDTH, hashes))

    def subtrees(self, width: int = TILE_WIDTH) -> list[Subtree]:
        """Return over what its first `width` hashes are."""
        height, first = TILE_HEIGHT * self.level, TILE_WIDTH * self.number
        return [Subtree(height, first + place) for place in range(width)]

    def path(self, width: int = TILE_WIDTH) -> str:
        """Return under which path it is fetched; a partial tile's path says its width.

        >>> Tile(0, 1234067).path(), Tile(1, 5).path(17)
        ('0/x001/x234/067', '1/005.p/17')
        """
        groups = f"{self.number:,}".split(",")
        padded = [f"{group:0>3}" for group in groups]
        number = "/".join([*(f"x{group}" for group in padded[:-1]), padded[-1]])
        return f"{self.level}/{number}" + (f".p/{width}" if width < TILE_WIDTH else "")

    @classmethod
    def from_path(cls, path: str) -> tuple[Self, int]:
        """Return the tile and the width that `path` wrote; each has one path only.

        Raises:
            ValueError: it is no tile's path.
        """
        match = PATH.fullmatch(path)
        if match is None:
            raise ValueError("a tile's path is LEVEL/NUMBER or LEVEL/NUMBER.p/WIDTH")
        tile = cls(int(match["level"]), int(match["number"].replace("x", "").replace("/", "")))
        width = int(match["width"] or TILE_WIDTH)
        if tile.level > LEVEL_MAX or width > TILE_WIDTH or tile.path(width) != path:
            raise ValueError("levels end at 63, widths at 255, and no number has needless zeros")
        return tile, width
