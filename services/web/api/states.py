"""`/members/{id}` and `/units/{id}`: what holds of them, now or earlier, and how it came to be."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, request

from events.identifiers import ID_PATTERN
from events.store import histories
from services.access.tokens import Principal
from services.read_models import states
from services.read_models.states import MEMBERS, UNITS, Kind, StateAsOf, Unknown
from services.web.api.parts.feed import Types, glance, row_json
from services.web.api.schemas.log import MemberState, UnitState
from services.web.api.schemas.queries import HistoryQuery, StateQuery
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


@blueprint.route("/members/<subject_id>")
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("MemberState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_member(query: dict[str, Any], subject_id: str) -> Response:
    """Return what holds of a member, now or at an earlier position or recorded time."""
    return _state(MEMBERS, subject_id, query.get("as_of"))


@blueprint.route("/units/<subject_id>")
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("UnitState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_unit(query: dict[str, Any], subject_id: str) -> Response:
    """Return what holds of a unit, now or at an earlier position or recorded time."""
    return _state(UNITS, subject_id, query.get("as_of"))


@blueprint.route("/members/<subject_id>/history")
@blueprint.query(HistoryQuery())
@blueprint.answers(200, ref("HistoryPage"))
@blueprint.problems(401, 403, 404, 422)
def get_member_history(query: dict[str, Any], subject_id: str) -> Response:
    """Return a member's entries by version, as far as the token may read them."""
    return _history(MEMBERS, subject_id, **query)


@blueprint.route("/units/<subject_id>/history")
@blueprint.query(HistoryQuery())
@blueprint.answers(200, ref("HistoryPage"))
@blueprint.problems(401, 403, 404, 422)
def get_unit_history(query: dict[str, Any], subject_id: str) -> Response:
    """Return a unit's entries by version, as far as the token may read them."""
    return _history(UNITS, subject_id, **query)


def _state(kind: Kind, subject_id: str, as_of: int | datetime | None) -> Response:
    _require_seen(kind, subject_id, require_states())
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


def _history(kind: Kind, subject_id: str, *, after: int, limit: int) -> Response:
    reader = require_reader()
    _require_seen(kind, subject_id, reader)
    rows = histories.page(system().store.database, kind.stream(subject_id), after, limit)
    if not rows and not after:
        raise Unknown(kind.name, subject_id)
    types = Types(reader, ())
    entries = [row_json(row[1:]) for row in rows if glance(row[3]).type in types]
    last = rows[-1][0] if rows else after
    response = answer({"events": [msgspec.Raw(entry) for entry in entries], "after": last})
    if len(rows) == limit:
        following = urlencode({"after": last, "limit": limit})
        response.headers["Link"] = f'<{request.path}?{following}>; rel="next"'
    return response


def _require_seen(kind: Kind, subject_id: str, asking: Principal) -> None:
    """Raise Unknown for what this principal does not see: alike for what there is and is not."""
    sight = Sight(system().store.database, asking.grants)
    if not ID_PATTERN.fullmatch(subject_id) or not sight.sees(kind.stream(subject_id)):
        raise Unknown(kind.name, subject_id)
