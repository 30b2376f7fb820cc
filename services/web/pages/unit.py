"""A unit in a year: where each of its members stands, who is late, and what was escalated."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from flask import Response
from markupsafe import Markup

from events.definitions.records import Period
from events.domain.documents.periods import is_period
from events.domain.escalation import escalation
from events.domain.review import review
from events.identifiers import ID_PATTERN, MemberId, UnitId, review_stream
from services.access.roles import Action, Unseen, may, roles_towards
from services.queries import speaking
from services.read_models import cycle_lists, roster, stand_ins, tree
from services.read_models.states import ESCALATIONS, REVIEWS, UNITS
from services.subject import Subject
from services.web.asking import person, rows
from services.web.asking.visibility import sees_unit, sees_way, units_above
from services.web.context import system
from services.web.pages.parts.frame import pages, redirect, show, true_at
from services.web.pages.parts.people import stand_ins_named
from services.web.pages.parts.posts import post_name, rulebook_named, step_name
from services.web.pages.parts.rules import rules_of
from services.web.saying import names
from services.web.saying.languages import period_name, reader_language, say
from services.web.saying.names import by_given_name

COLUMNS = (*review.STEPS, review.ANNOUNCED, review.ENDED)


class MemberProgress(NamedTuple):
    """Where one member stands, with their name."""

    name: str | Markup
    member_id: str
    due_at: datetime | None  # of what waits for others
    late: bool  # with something that this deadline does not tell


class Collective(NamedTuple):
    """Where the unit itself stands."""

    stage: str
    level: str  # as decided, in the reader's language; empty before
    late: bool


class Missed(NamedTuple):
    """An open escalation, as the page shows it."""

    name: str | Markup
    member_id: str  # or the unit's, of a collective
    step: str
    due_at: datetime
    rung: int
    before: str  # which unit it lies before
    post: Markup
    since: datetime
    stage: str


@pages.get("/unit")
def show_own_unit() -> Response:
    """Go to the newest year of the first unit in which the reader holds a post."""
    who = person.person()
    database = system().store.database
    for unit_id in _units_in_turn(who.units):
        for period in cycle_lists.periods_of_unit(database, unit_id):
            if any(map(sees_way, cycle_lists.ways_up(database, period, (unit_id,)))):
                return redirect(f"/units/{unit_id}/{period}")
    return show("no_unit.html")


def _units_in_turn(held: tuple[UnitId, ...]) -> Iterator[UnitId]:
    """Iterate over some units, then over those below them, which are not read before."""
    yield from held
    if held:
        yield from map(UnitId, sorted(tree.units_below(system().store.database, held)))


@pages.get("/units/<unit_id>/<period>")
def show_unit(unit_id: str, period: str) -> Response:
    """Return a column for each stage, with the members who stand there."""
    who = person.person()
    if not is_period(period) or not ID_PATTERN.fullmatch(unit_id):
        raise Unseen("unit")
    standings, collective = _standings(unit_id, period), _collective(unit_id, period)
    if not standings and not collective and not _is_seen_without_rows(unit_id, period):
        raise Unseen("unit")
    missed = list(_open_escalations(UnitId(unit_id), period))
    called = _steps(period, standings)
    return show(
        "unit.html",
        name=names.of_units([unit_id]).get(unit_id, unit_id),
        period=period,
        years=_years(unit_id, period),
        unit_id=unit_id,
        units=[(f"/units/{each}/{period}", called) for each, called in _units(who.units, unit_id)],
        columns=_columns(standings, called),
        called=called,
        count=len(standings),
        late=sum(each.late for each in standings),
        missed=missed,
        collective=collective,
        stand_ins=stand_ins_named(
            stand_ins.stand_ins(system().store.database, [UnitId(unit_id)], system().clock.now())
        ),
        position=true_at(REVIEWS, ESCALATIONS, UNITS),
    )


def _standings(unit_id: str, period: str) -> list[cycle_lists.ReviewProgress]:
    """Return where the unit's members stand whose reviews go up a way on which the reader acts."""
    found = cycle_lists.review_progress(system().store.database, period, UnitId(unit_id))
    return rows.rows_seen(period, found)


def _is_seen_without_rows(unit_id: str, period: str) -> bool:
    """Tell whether the reader acts in a unit, or above, of whose reviews they see none."""
    database, itself = system().store.database, UnitId(unit_id)
    if ways := cycle_lists.ways_up(database, period, (itself,)):
        return any(map(sees_way, ways))
    if itself not in tree.parents(database, (unit_id,)):
        return False
    reader = person.person().under(*speaking.editions_for(system(), itself))
    above = units_above(reader, (itself,))
    return may(Action.SEE_UNIT, roles_towards(reader, subject=None, path=(itself,), above=above))


def _years(unit_id: str, here: str) -> list[tuple[str, str]]:
    """Return the unit's other years and quarters, as addresses with what people call them."""
    found = cycle_lists.periods_of_unit(system().store.database, UnitId(unit_id))
    return [(f"/units/{unit_id}/{each}", period_name(each)) for each in found if each != here]


def _collective(unit_id: str, period: str) -> Collective | None:
    """Return where the unit itself stands as a collective; None where it is not, or not seen."""
    stream = review_stream(period, unit_id)
    state = review.fold(system().store.read_stream(stream).events)
    opened = state.opened
    if opened is None or not state.collective or not sees_unit(state.path, opened.fact.rulebook):
        return None
    if not rows.sees_year(
        Subject(Period(period), MemberId(unit_id)), state.path, opened.fact.rulebook
    ):
        return None
    level, now = review.level(state), system().clock.now()
    late = any(task.due_at and task.due_at < now for task in review.tasks(state))
    rulebook = rules_of(state).rulebook
    labels = {each.id: each.label.of(reader_language()) for each in rulebook.levels}
    return Collective(step_name(rulebook, review.stage(state)), labels.get(level or "", ""), late)


def _columns(
    standings: Sequence[cycle_lists.ReviewProgress], steps: Collection[str]
) -> Mapping[str, list[MemberProgress]]:
    """Return who stands at each stage, by given name; a stage for each step of a review."""
    called = names.of_members(each.member_id for each in standings)
    now = system().clock.now()
    present = {each.stage for each in standings}.union(steps)
    columns: dict[str, list[MemberProgress]] = {stage: [] for stage in COLUMNS if stage in present}
    for each in standings:
        name = called.get(each.member_id, say("year.somebody"))
        late = each.late and not (each.due_at and each.due_at < now)
        columns[each.stage].append(MemberProgress(name, each.member_id, each.due_at, late))
    for found in columns.values():
        found.sort(key=lambda each: by_given_name(each.name))
    return columns


def _steps(
    period: str, standings: Sequence[cycle_lists.ReviewProgress]
) -> Mapping[str, str | Markup]:
    """Return which stages reviews of a period go through, as one of them says, and their names."""
    for each in standings[:1]:
        stream = review_stream(period, each.member_id)
        state = review.fold(system().store.read_stream(stream).events)
        rulebook = rules_of(state).rulebook
        return {each: step_name(rulebook, each) for each in (*state.steps, review.ANNOUNCED)}
    return {}


def _units(held: tuple[UnitId, ...], here: str) -> list[tuple[str, str]]:
    """Return the units beside one that the reader may look at, by name."""
    around = roster.units_around(system().store.database, UnitId(here), held) if held else ()
    called = names.of_units(around)
    return sorted(
        ((unit_id, name) for unit_id, name in called.items() if unit_id != here),
        key=lambda each: each[1],
    )


def _open_escalations(unit_id: UnitId, period: str) -> Iterator[Missed]:
    """Iterate over a year's open escalations: about a unit, its own members, and units below it."""
    database, itself = system().store.database, MemberId(unit_id)
    found = cycle_lists.open_escalations(database, units=[unit_id], about=itself)
    open_ones = [(state.raised.fact, state) for _, state in found if state.raised]
    wanted = [
        (raised, escalation.about(raised), state)
        for raised, state in open_ones
        if unit_id in (state.path[0], escalation.about(raised).member_id)
        and escalation.about(raised).period == period
        and sees_unit((unit_id, *(each for each in state.path if each != unit_id)), raised.rulebook)
        and rows.sees_year(Subject(*escalation.about(raised)), state.path, raised.rulebook)
    ]
    called = names.of_subjects(about.member_id for _, about, _ in wanted)
    units = names.of_units(state.laid[-1].unit_id for _, _, state in wanted)
    for raised, about, state in wanted:
        laid = state.laid[-1]
        yield Missed(
            name=called.get(about.member_id, say("year.somebody")),
            member_id=about.member_id,
            step=step_name(rulebook_named(raised.rulebook), raised.step, raised.item),
            due_at=raised.due_at,
            rung=laid.rung,
            before=units.get(laid.unit_id, laid.unit_id),
            post=post_name(laid.post, rulebook_named(raised.rulebook)),
            since=laid.at,
            stage=escalation.stage(state),
        )
