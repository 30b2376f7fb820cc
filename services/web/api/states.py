"""`/members/{reference}` and `/units/{reference}`: what holds of them, now or earlier, and how."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

import msgspec
from flask import Response, request

from events.store import histories
from services.access.tokens import Principal
from services.read_models import states
from services.read_models.states import MEMBERS, UNITS, Kind, StateAsOf, Unknown
from services.web.api.parts.feed import Types, glance, row_json
from services.web.api.schemas.log import MemberState, UnitState
from services.web.api.schemas.queries import HistoryQuery, StateQuery
from services.web.asking import references
from services.web.asking.sight import Sight
from services.web.asking.token_access import authenticate, require_reader, require_states
from services.web.asking.visibility import position_of
from services.web.context import answer, answer_kept, system
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint("states", __name__, url_prefix="/api/v1", description="Members and units.")
blueprint.before_request(authenticate)

_SHOWN: Mapping[str, type[MemberState | UnitState]] = {
    MEMBERS.name: MemberState,
    UNITS.name: UnitState,
}


@blueprint.route("/members/<path:reference>")
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("MemberState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_member(query: dict[str, Any], reference: str) -> Response:
    """Return what holds of a member, now or at an earlier position or recorded time.

    The reference is our id, also as `id:ID` or `member-ID`, or the system's own number, under the
    numbering of its token. One that ends in /history is asked for by our id.
    """
    return _state(MEMBERS, reference, query.get("as_of"))


@blueprint.route("/units/<path:reference>")
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("UnitState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_unit(query: dict[str, Any], reference: str) -> Response:
    """Return what holds of a unit, now or at an earlier position or recorded time.

    The reference is our id, also as `id:ID` or `unit-ID`, or the system's own number, under the
    numbering of its token. One that ends in /history is asked for by our id.
    """
    return _state(UNITS, reference, query.get("as_of"))


@blueprint.route("/members/<path:reference>/history")
@blueprint.query(HistoryQuery())
@blueprint.answers(200, ref("HistoryPage"))
@blueprint.problems(401, 403, 404, 422)
def get_member_history(query: dict[str, Any], reference: str) -> Response:
    """Return a member's entries by version, as far as the token may read them."""
    return _history(MEMBERS, reference, **query)


@blueprint.route("/units/<path:reference>/history")
@blueprint.query(HistoryQuery())
@blueprint.answers(200, ref("HistoryPage"))
@blueprint.problems(401, 403, 404, 422)
def get_unit_history(query: dict[str, Any], reference: str) -> Response:
    """Return a unit's entries by version, as far as the token may read them."""
    return _history(UNITS, reference, **query)


def _state(kind: Kind, reference: str, as_of: int | datetime | None) -> Response:
    subject_id = _require_seen(kind, reference, require_states())
    shown = _read_state(kind, subject_id, as_of)
    state = msgspec.structs.asdict(shown.state)
    header = {name: getattr(shown, name) for name in ("id", "version", "as_of", "incomplete")}
    return answer_kept(_SHOWN[kind.name](**state, **header), _etag(shown, now=as_of is None))


def _read_state(kind: Kind, subject_id: str, as_of: int | datetime | None) -> StateAsOf:
    store, position = system().store, position_of(as_of)
    if position is None:
        return states.current(store.database, kind, subject_id)
    return states.at_position(store, kind, subject_id, position)


def _etag(shown: StateAsOf, *, now: bool) -> str:
    """Return the stream's version, and what else makes a difference to what is shown."""
    return f"{shown.version}{'' if now else f'@{shown.as_of}'}{'!' if shown.incomplete else ''}"


def _history(kind: Kind, reference: str, *, after: int, limit: int) -> Response:
    reader = require_reader()
    subject_id = _require_seen(kind, reference, reader)
    rows = histories.page(system().store.database, kind.stream(subject_id), after, limit)
    if not rows and not after:
        raise Unknown(kind.name, subject_id)
    types = Types(reader, ())
    entries = [row_json(row[1:]) for row in rows if glance(row[3]).type in types]
    last = rows[-1][0] if rows else after
    response = answer({"events": [msgspec.Raw(entry) for entry in entries], "after": last})
    if len(rows) == limit:
        following = urlencode({"after": last, "limit": limit})
        response.headers["Link"] = f'<{quote(request.path)}?{following}>; rel="next"'
    return response


def _require_seen(kind: Kind, reference: str, asking: Principal) -> str:
    """Return the id of whom a reference names, of those whom this principal sees.

    Raises:
        Unknown: alike for what there is and is not.
    """
    sight = Sight(system().store.database, asking.grants)
    found = references.id_of(asking, kind.name, reference)
    if found is None or not sight.sees(kind.stream(found)):
        raise Unknown(kind.name, reference)
    return found
