"""Which part of the log's tree an address asks for, of hashes and of entries alike."""

from werkzeug.exceptions import NotFound

from events.proof.tiles import Tile
from services.web.context import system
from services.web.http.problems import NotYet


def tile_asked_for(path: str, *, so_far: str) -> tuple[Tile, int]:
    """Return a tile, and how much of it is asked for, if there is that much by now.

    Args:
        path: as C2SP's tlog-tiles writes it.
        so_far: what there is, as a sentence with `{there}`.

    Raises:
        NotFound: it is no path of a tile.
        NotYet: the log has not grown so far.
    """
    try:
        tile, width = Tile.from_path(path)
    except ValueError as error:
        raise NotFound(str(error)) from None
    there = tile.width_at(system().store.head().size)
    if width > there:
        raise NotYet(f"so far {so_far.format(there=there)}: ask again when the log has grown")
    return tile, width
