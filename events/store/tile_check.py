"""Compare stored tiles with the log: while its leaves go by, all tiles grow again from them.

A tile that is not stored is no damage: it was not made yet, and leaf hashes stand in for it.
"""

from events.proof.tiles import TILE_HEIGHT, TILE_WIDTH, Tile
from events.store.database import Database
from events.store.tiles import read_stored, root_over

LEVELS_MAX = 8  # 256**8 leaves are more than any log has
BEYOND_MAX = 100  # told

_BEYOND = f"""
SELECT tiles.level, tiles.number FROM tiles CROSS JOIN head
WHERE tiles.level < 0 OR tiles.level >= {LEVELS_MAX - 1} OR tiles.number < 0
  OR tiles.number >= head.size >> ({TILE_HEIGHT} * (tiles.level + 1))
ORDER BY tiles.level, tiles.number LIMIT {BEYOND_MAX}"""


class TileCheck:
    """One pass over the leaves of the log, from the first on."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._growing: list[list[bytes]] = [[] for _ in range(LEVELS_MAX)]  # hashes, by level
        self._full = [0] * LEVELS_MAX  # tiles so far, by level

    def grow(self, leaf: bytes) -> list[Tile]:
        """Return the damaged ones among the stored tiles that the next leaf fills."""
        damaged, level, rising = list[Tile](), 0, leaf
        while True:
            growing = self._growing[level]
            growing.append(rising)
            if len(growing) < TILE_WIDTH:
                return damaged
            tile, hashes = Tile(level, self._full[level]), b"".join(growing)
            stored = read_stored(self._database, level, [tile.number])
            if stored.get(tile.number, hashes) != hashes:
                damaged.append(tile)
            growing.clear()
            self._full[level] += 1
            level, rising = level + 1, root_over(hashes)

    def tiles_beyond(self) -> list[Tile]:
        """Return stored tiles that the log, as it is now, does not fill."""
        return [Tile(*row) for row in self._database.rows(_BEYOND)]
