"""`/plans/{period}/{member_id}`: a remediation plan, proposed, returned and agreed to."""

from typing import Any

from flask import Response
from msgspec import UNSET

from events.domain.plan import plan
from events.identifiers import MemberId
from services.access.roles import Action
from services.commands import plans
from services.commands.plans import Wanted
from services.web.api.parts.receipts import answer_state, carry_out, command
from services.web.api.parts.shown import milestone_state, task_states
from services.web.api.schemas import commands
from services.web.api.schemas.queries import StateQuery
from services.web.api.schemas.year import (
    OpenedWords,
    PlanState,
)
from services.web.asking import sealed_words
from services.web.asking.visibility import (
    identify,
    position_of,
    require_person,
    see_plan,
    subject_of,
)
from services.web.context import answer
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint(
    "plans", __name__, url_prefix="/api/v1", description="Remediation plans and their milestones."
)
blueprint.before_request(identify)

PLAN = "/plans/<period>/<member_id>"


@blueprint.route(PLAN)
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("PlanState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_plan(query: dict[str, Any], period: str, member_id: str) -> Response:
    """Return where a plan stands, now or at an earlier position or recorded time.

    A system may name whose it is by our id, or by its own number, under the numbering of its token:
    a member's, else a unit's; `member-NUMBER` and `unit-NUMBER` say which.
    """
    subject = subject_of(period, member_id, kind="plan")
    position = position_of(query.get("as_of"))
    state, _ = see_plan(subject, position=position)
    return answer_state(_plan_state(state, position), version=state.version, position=position)


@blueprint.route(f"{PLAN}/words", methods=["GET", "POST"])
@blueprint.answers(200, ref("OpenedWords"))
@blueprint.problems(401, 403, 404, 405)
def get_plan_words(period: str, member_id: str) -> Response:
    """Return what was written in a plan. Of others it takes POST, is told, and they see it."""
    require_person()
    subject = subject_of(period, member_id, kind="plan")
    state, roles = see_plan(subject, Action.READ_PLAN)
    places = sealed_words.of_plan(state)
    opened = sealed_words.open_places(subject, places, roles=roles, action=Action.READ_PLAN)
    return answer(OpenedWords(version=state.version, words=opened))


@command(blueprint, PLAN, commands.Plan)
def propose_plan(period: str, member_id: str) -> Response:
    """Hand in one's plan; until it is agreed to, a later one replaces it."""
    subject = subject_of(period, member_id, kind="plan")
    return carry_out(
        commands.Plan,
        lambda c, a, b: plans.propose_plan(
            c, a, subject, b.text, [Wanted(each.words, each.due_on) for each in b.milestones]
        ),
    )


@command(blueprint, f"{PLAN}/agreement", commands.Agreement)
def agree_to_plan(period: str, member_id: str) -> Response:
    """Agree to the plan that was looked at, and say who follows it."""
    subject = subject_of(period, member_id, kind="plan")
    return carry_out(
        commands.Agreement,
        lambda c, a, b: plans.agree_to_plan(
            c, a, subject, b.proposal_version, MemberId(b.follower_id)
        ),
    )


@command(blueprint, f"{PLAN}/follower", commands.Follower)
def name_follower(period: str, member_id: str) -> Response:
    """Let somebody else follow an agreed plan, where who did so cannot."""
    subject = subject_of(period, member_id, kind="plan")
    return carry_out(
        commands.Follower,
        lambda c, a, b: plans.name_follower(c, a, subject, MemberId(b.follower_id)),
    )


@command(blueprint, f"{PLAN}/return", commands.PlanReturn)
def return_plan(period: str, member_id: str) -> Response:
    """Send the plan that was looked at back, with the reason."""
    subject = subject_of(period, member_id, kind="plan")
    return carry_out(
        commands.PlanReturn,
        lambda c, a, b: plans.return_plan(c, a, subject, b.proposal_version, b.text),
    )


def _plan_state(state: plan.State, position: int | None) -> PlanState:
    assert state.opened is not None, "only an open plan is seen"
    opened, agreement = state.opened.fact, state.agreement
    return PlanState(
        period=opened.period,
        member_id=opened.member_id,
        version=state.version,
        as_of=UNSET if position is None else position,
        path=state.path,
        rulebook=opened.rulebook,
        calendar=state.deadlines.source(opened).calendar,
        stage=plan.stage(state),
        required=opened.due_at is not UNSET,
        collective=opened.collective,
        leaders=opened.leaders,
        proposal_version=state.proposal.version if state.proposal else UNSET,
        proposed_by=state.proposal.fact.by if state.proposal else UNSET,
        returned=state.returned is not None,
        follower_id=state.follower_id or UNSET,
        unfollowed=state.unfollowed.fact.reason if state.unfollowed else UNSET,
        agreed_by=agreement.fact.by if agreement else UNSET,
        tasks=task_states(plan.tasks(state)),
        milestones=tuple(milestone_state(state, each, position) for each in state.milestones),
    )
