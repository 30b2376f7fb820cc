"""`/escalations` and `/inbox`: what was missed, and what waits for whom."""

from typing import Any

from flask import Response
from msgspec import UNSET

from events.domain.documents.working_days import local_day
from events.domain.escalation import escalation
from events.identifiers import escalation_stream
from services.access.roles import Role, Unseen
from services.commands import escalations
from services.read_models import cycle_lists, inbox, states
from services.read_models.states import ESCALATIONS
from services.subject import Subject
from services.web.api.parts.receipts import answer_state, carry_out, command
from services.web.api.schemas import commands
from services.web.api.schemas.cycles import Escalations, EscalationState, Inbox
from services.web.api.schemas.queries import NowQuery, StateQuery
from services.web.asking import person, token_access
from services.web.asking.rows import sees_year
from services.web.asking.visibility import (
    bearer,
    identify,
    position_of,
    reader_under,
    require_person,
)
from services.web.context import answer, system
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint(
    "escalations",
    __name__,
    url_prefix="/api/v1",
    description="Missed deadlines, and what waits for whom.",
)
blueprint.before_request(identify)


@blueprint.route("/escalations")
@blueprint.query(NowQuery())
@blueprint.answers(200, ref("Escalations"))
@blueprint.problems(401, 403, 422)
def get_escalations(_query: dict[str, Any]) -> Response:
    """Return the open escalations that who asks may see, as far as they were projected."""
    database = system().store.database
    as_of = states.serving_position(database, ESCALATIONS.projection)
    if bearer():
        token_access.require_states()
        found = cycle_lists.open_escalations(database, units=None, about=None)
    else:
        who = person.person()
        below = cycle_lists.tops_below(database, lambda each: reader_under(each).acting_units)
        units = None if Role.AUDITOR in who.roles else (*who.units, *below)
        found = cycle_lists.open_escalations(database, units=units, about=who.member_id)
    listed = tuple(_escalation_state(cause, state) for cause, state in found if _is_seen(state))
    return answer(Escalations(as_of=as_of, escalations=listed))


@blueprint.route("/escalations/<cause>")
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("EscalationState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_escalation(query: dict[str, Any], cause: str) -> Response:
    """Return where an escalation stands, now or at an earlier position or recorded time.

    To whoever sees it by the way that it goes now.
    """
    if bearer():
        token_access.require_states()
    position = position_of(query.get("as_of"))
    store, stream = system().store, escalation_stream(cause)
    state = escalation.fold(store.read_stream(stream, as_of=position).events)
    now = state if position is None else escalation.fold(store.read_stream(stream).events)
    if state.raised is None or not _is_seen(now):
        raise Unseen("escalation")
    body = _escalation_state(cause, state, position)
    return answer_state(body, version=state.version, position=position)


@command(blueprint, "/escalations/<cause>/acknowledgement", commands.Comment)
def acknowledge(cause: str) -> Response:
    """Take up an escalation that lies before one's unit, so that it climbs no further."""
    return carry_out(
        commands.Comment, lambda c, a, b: escalations.acknowledge(c, a, cause, b.text or None)
    )


@blueprint.route("/inbox")
@blueprint.query(NowQuery())
@blueprint.answers(200, ref("Inbox"))
@blueprint.problems(401, 403, 422)
def get_inbox(_query: dict[str, Any]) -> Response:
    """Return what waits for the person who asks, the most urgent first."""
    require_person()
    asking = person.person()
    database = system().store.database
    as_of = min(states.serving_position(database, each.projection) for each in states.YEAR)
    waiting = inbox.of_person(database, asking)
    today = local_day(system().clock.now())
    return answer(Inbox(as_of=as_of, today=today, waiting=tuple(waiting)))


def _is_seen(state: escalation.State) -> bool:
    if state.raised is None:
        return False
    raised = state.raised.fact
    return sees_year(Subject(*escalation.about(raised)), state.path, raised.rulebook)


def _escalation_state(
    cause: str, state: escalation.State, position: int | None = None
) -> EscalationState:
    assert state.raised is not None, "an escalation begins by being raised"
    raised, laid = state.raised.fact, state.laid[-1]
    period, member_id = escalation.about(raised)
    due_at = next((task.due_at for task in escalation.tasks(state)), None)
    return EscalationState(
        id=cause,
        version=state.version,
        as_of=UNSET if position is None else position,
        period=period,
        member_id=member_id,
        step=raised.step,
        item=raised.item or UNSET,
        due_at=raised.due_at,
        stage=escalation.stage(state),
        rung=laid.rung,
        unit_id=laid.unit_id,
        post=laid.post,
        acknowledge_due_at=due_at or UNSET,
        acknowledged_by=state.acknowledged.fact.by if state.acknowledged else UNSET,
    )
