"""`/log/tile/entries/…`: the entries themselves, for whoever checks the whole log."""

from flask import Response

from events.definitions.access import EVERYTHING
from events.store import tiles
from services.access.roles import Action, require
from services.access.tokens import Forbidden
from services.web.asking.person import person
from services.web.asking.visibility import bearer, identify
from services.web.context import system
from services.web.http.log_tiles import tile_asked_for
from services.web.http.openapi import ApiBlueprint

MEDIA_TYPE = "application/octet-stream"

blueprint = ApiBlueprint(
    "log_entries", __name__, description="The log's entries, as C2SP's tlog-tiles has them."
)
blueprint.before_request(identify)


@blueprint.route("/log/tile/entries/<path:path>")
@blueprint.answers(200, {"type": "string", "format": "binary"}, content_type=MEDIA_TYPE)
@blueprint.problems(401, 403, 404, 503)
def read_entries(path: str) -> Response:
    """Return entries, each behind its length in two bytes (C2SP tlog-tiles), for auditors.

    The path is that of a tile of level 0 without the level: `NUMBER`, or `NUMBER.p/WIDTH` for the
    first of them. What an entry hashes to stands in `/log/tile/0/…`. It takes the role of an
    auditor, or a token that reads all types of all units.
    """
    _require_right()
    tile, width = tile_asked_for(f"0/{path}", so_far="there are {there} entries")
    found = tiles.entries(system().store.database, tile.number, width)
    return Response(found, content_type=MEDIA_TYPE)


def _require_right() -> None:
    """Raise Forbidden unless who asks may read every entry there is."""
    asking = bearer()
    if asking is None:
        require(Action.READ_LOG, person().roles)
    elif EVERYTHING not in asking.grants.reads or asking.grants.units:
        raise Forbidden("this token may not read the whole log: ask for one made with `--read all`")
