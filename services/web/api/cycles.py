"""`/cycles/{period}`: the year of a committee, and how it stands unit by unit."""

from collections.abc import Iterator
from typing import Any

import msgspec
from flask import Response
from msgspec import UNSET

from events.definitions.records import Period
from events.domain.documents.periods import is_period
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.identifiers import ID_PATTERN, UnitId, cycle_stream
from services.access.roles import Unseen
from services.commands import cycles, rulebooks, takeovers
from services.commands.work import Done
from services.queries import roster_doubts, year_preview
from services.read_models import cycle_lists, states
from services.read_models.states import REVIEWS
from services.web.api.parts.receipts import answer_command, answer_state, carry_out, command
from services.web.api.schemas import commands
from services.web.api.schemas.cycles import (
    CycleDone,
    Cycles,
    CycleState,
    UnitStages,
    YearDoubt,
    YearPreview,
    YearShare,
)
from services.web.api.schemas.queries import StateQuery
from services.web.asking import person, token_access
from services.web.asking.rows import stages_seen
from services.web.asking.visibility import (
    bearer,
    identify,
    position_of,
    require_person,
    sees_unit,
)
from services.web.context import answer, answer_kept, correlation_id, etag_of, system
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint(
    "cycles", __name__, url_prefix="/api/v1", description="The years of committees."
)
blueprint.before_request(identify)

CYCLE = "/cycles/<period>/<unit_id>"


@blueprint.route("/cycles/<period>")
@blueprint.answers(200, ref("Cycles"))
@blueprint.problems(401, 403, 404)
def get_cycles(period: str) -> Response:
    """Return the years of all committees that who asks may see, with how their units stand."""
    if not is_period(period):
        raise Unseen("cycle")
    _require_granted()
    year = Period(period)
    tops = cycle_lists.deciding_units(system().store.database, year)
    found = [_cycle_state(year, top.unit_id, None) for top in tops]
    return answer(Cycles(cycles=tuple(each for each in found if each and each.units)))


@blueprint.route(CYCLE)
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("CycleState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_cycle(query: dict[str, Any], period: str, unit_id: str) -> Response:
    """Return the year of a committee: its state, and how its units stand.

    At an earlier position or recorded time without `units`: how many reviews stand where is counted
    for now alone.
    """
    year, top = _parse_cycle(period, unit_id)
    _require_granted()
    position = position_of(query.get("as_of"))
    found = _cycle_state(year, top, position)
    if found is None or not (found.units or any(_units(year, top, found.rulebook))):
        raise Unseen("cycle")
    if position is None:  # the units are counted in lists, and each reader sees their own
        return answer_kept(found, etag_of(found, found.version))
    return answer_state(found, version=found.version, position=position)


@command(blueprint, "/cycles", commands.NewCycle, answers="CycleDone")
def open_cycle() -> Response:
    """Open a committee's year under pinned documents, and the reviews of its members.

    Documents that we ship are published at their first use. A dry run opens nothing, and tells what
    may be meant otherwise of whoever would be in that year; refused wherever opening it would be.
    """
    require_person()
    body = commands.read_body(commands.NewCycle)
    asking = person.asking(body)
    period, top = Period(body.period), UnitId(body.unit_id)
    cycles.require_opener(system(), asking.person, top)
    if body.dry_run:
        rules = rulebooks.rules_unpublished(system(), body.rulebook, body.calendar)
        cycles.require_openable(system(), asking.person, period, top, rules)
        return _preview(period, top, rules)
    rules = rulebooks.rules_by_name(
        system(), body.rulebook, body.calendar, principal=f"account:{asking.person.account_id}"
    )
    came_to = cycles.open_cycle(system(), asking, period, top, rules)
    return _with_reviews(came_to, period, top)


@command(blueprint, f"{CYCLE}/reviews", commands.Nothing, answers="CycleDone")
def open_reviews(period: str, unit_id: str) -> Response:
    """Open the reviews of members who came after the year was opened."""
    require_person()
    commands.read_body(commands.Nothing)
    year, top = _parse_cycle(period, unit_id)
    cycles.require_joiner(system(), person.person(), year, top)
    state = _read(year, top, None)
    if state.opened is None:
        raise Unseen("cycle")
    return _with_reviews(Done(cycle_stream(year, top), state.version, known=True), year, top)


@command(blueprint, f"{CYCLE}/closing", commands.Nothing)
def close_cycle(period: str, unit_id: str) -> Response:
    """Close a committee's year: nobody joins it any more."""
    year, top = _parse_cycle(period, unit_id)
    return carry_out(commands.Nothing, lambda c, a, _: cycles.close_cycle(c, a, year, top))


@command(blueprint, f"{CYCLE}/takeover", commands.Text, answers="CycleDone")
def take_over_cycle(period: str, unit_id: str) -> Response:
    """Let a unit above decide in this cycle from now on, on a ground; its reviews go on there.

    Asked again, whatever was left of them follows.
    """
    return _from_above(takeovers.take_over, period, unit_id)


@command(blueprint, f"{CYCLE}/voiding", commands.Text, answers="CycleDone")
def void_cycle(period: str, unit_id: str) -> Response:
    """Void this cycle with everything in it, on a ground. It may be opened again.

    Asked again, whatever was left of it follows.
    """
    return _from_above(takeovers.void, period, unit_id)


def _from_above(do: takeovers.FromAbove, period: str, unit_id: str) -> Response:
    require_person()
    year, top = _parse_cycle(period, unit_id)
    takeovers.require_superior(system(), person.person(), year, top)
    body = commands.read_body(commands.Text)
    done, count = do(system(), person.asking(body), year, top, body.text)
    return answer_command(CycleDone(done.stream, done.version, known=done.known, reviews=count))


def _with_reviews(came_to: Done, period: Period, top: UnitId) -> Response:
    """Open the reviews that are not open yet, and tell how many these were."""
    opened = cycles.open_all(system(), period, top, correlation_id())
    known = came_to.known and not opened
    found = roster_doubts.lost_units(system().store.database, (top,))
    lost = tuple(each.unit_id for each in found)
    return answer_command(
        CycleDone(came_to.stream, came_to.version, known=known, reviews=opened, lost_units=lost)
    )


def _preview(period: Period, top: UnitId, rules: Rules) -> Response:
    """Tell what a year would begin with, and what is doubtful of it, before it is opened."""
    found = year_preview.before_opening(system(), top, period, rules)
    stream = cycle_stream(period, top)
    version = system().store.versions([stream])[stream]
    doubts = tuple(YearDoubt(why=e.why, count=e.count, named=e.named) for e in found.doubts)
    shares = tuple(
        YearShare(**msgspec.structs.asdict(each) | {"group": each.group or UNSET})
        for each in found.shares
    )
    begins = YearPreview(reviews=found.reviews, shares=shares, left_out=dict(found.left_out))
    return answer_command(CycleDone(stream, version, known=True, doubts=doubts, begins=begins))


def _parse_cycle(period: str, unit_id: str) -> tuple[Period, UnitId]:
    if not is_period(period) or not ID_PATTERN.fullmatch(unit_id):
        raise Unseen("cycle")
    return Period(period), UnitId(unit_id)


def _require_granted() -> None:
    """Raise Forbidden for a system that may not read states."""
    if bearer():
        token_access.require_states()


def _read(period: Period, top: UnitId, position: int | None) -> cycle.State:
    return cycle.fold(system().store.read_stream(cycle_stream(period, top), as_of=position).events)


def _cycle_state(period: Period, top: UnitId, position: int | None) -> CycleState | None:
    """Return the year of a committee; for now with the units that who asks sees."""
    state = _read(period, top, position)
    if state.opened is None:
        return None
    opened = state.opened.fact
    return CycleState(
        period=period,
        unit_id=top,
        version=state.version,
        rulebook=opened.rulebook,
        calendar=opened.calendar,
        opened_at=state.opened.at,
        opened_by=opened.by,
        closed_at=state.closed.at if state.closed else UNSET,
        taken_over_at=state.taken_over.at if state.taken_over else UNSET,
        taken_over_by=state.taken_over.fact.by if state.taken_over else UNSET,
        as_of=states.serving_position(system().store.database, REVIEWS.projection)
        if position is None
        else position,
        units=tuple(_units(period, top, opened.rulebook)) if position is None else UNSET,
    )


def _units(period: Period, top: UnitId, rulebook: str) -> Iterator[UnitStages]:
    """Iterate over the units that who asks sees, each with how its reviews stand.

    They see what goes up a way on which they act, wherever its unit hangs by now.
    """
    found: dict[UnitId, UnitStages] = {}
    if sees_unit((top,), rulebook):
        found[top] = UnitStages(unit_id=top, stages={})
    for each in stages_seen(period, top):
        unit_id = each.way.path[0]
        before = found.get(unit_id) or UnitStages(unit_id=unit_id, stages={})
        count = before.stages.get(each.stage, 0) + each.count
        found[unit_id] = msgspec.structs.replace(
            before, stages=before.stages | {each.stage: count}, late=before.late + each.late
        )
    yield from found.values()
