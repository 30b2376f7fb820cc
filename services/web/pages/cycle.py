"""The year of a committee: how far each unit is, where it is stuck, and how members were rated."""

from collections import Counter
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from flask import Response

from events.definitions.records import Period
from events.domain.documents.periods import is_period
from events.domain.documents.working_days import Calendar
from events.domain.review import review
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.identifiers import ID_PATTERN, MemberId, UnitId, cycle_stream
from events.store import reference
from services.access.roles import Action, Actor, Role, Unseen, may, require, roles_towards
from services.commands import cycles, takeovers
from services.commands.work import Done
from services.queries import publications
from services.queries.statistics import COUNT_LEAST, hide_small_groups
from services.read_models import cycle_lists
from services.read_models.cycle_lists import Stages
from services.read_models.states import REVIEWS, UNITS
from services.subject import Subject
from services.web.asking import person, rows, sealed_words
from services.web.asking.visibility import reader_of, sees_unit, units_above
from services.web.context import system
from services.web.pages.parts import forms
from services.web.pages.parts.cycles import open_reviews_of, visible_cycles
from services.web.pages.parts.forms import Refusal
from services.web.pages.parts.frame import pages, redirect, show, true_at
from services.web.saying import names
from services.web.saying.languages import reader_language, say

COLUMNS = (*review.STEPS, review.ANNOUNCED)


class CollectiveRow(NamedTuple):
    """Where one unit stands as a collective."""

    unit_id: str
    name: str
    stage: str
    level: str  # as decided; empty before
    late: bool


class TakenOver(NamedTuple):
    """Who decides in a cycle since it was taken over."""

    unit_id: str
    name: str
    at: datetime
    ground: str  # empty until it is opened
    may_read: bool  # the ground


class UnitRow(NamedTuple):
    """How far one unit is."""

    unit_id: str
    name: str
    counts: Mapping[str, int]  # by stage
    members: int
    late: int

    def beyond(self, step: str) -> int:
        """Return how many members have taken a step, or need not any more."""
        return sum(self.counts.get(each, 0) for each in COLUMNS[COLUMNS.index(step) + 1 :])


@pages.get("/cycles/<period>/<unit_id>")
def show_cycle(period: str, unit_id: str) -> Response:
    """Return a row for each unit, with how many of its members are past each step."""
    return _show(period, unit_id)


@pages.post("/cycles/<period>/<unit_id>/words")
def open_ground(period: str, unit_id: str) -> Response:
    """Return the same with the ground of a take-over; that it was read is recorded."""
    state = _require_opened(period, unit_id)
    return _show(period, unit_id, ground=_open_ground(period, unit_id, state))


@pages.post("/cycles/<period>/<unit_id>/reviews")
def open_reviews(period: str, unit_id: str) -> Response:
    """Open the reviews of members who came after the year was opened."""
    _require_opened(period, unit_id)
    cycles.require_joiner(system(), person.person(), Period(period), UnitId(unit_id))
    open_reviews_of(period, unit_id)
    return redirect(f"/cycles/{period}/{unit_id}", done="reviews_opened")


@pages.post("/cycles/<period>/<unit_id>/closing")
def close_cycle(period: str, unit_id: str) -> Response:
    """Close a committee's year: nobody joins it any more."""
    return forms.send(
        lambda: cycles.close_cycle(system(), forms.asking(), Period(period), UnitId(unit_id)),
        then=f"/cycles/{period}/{unit_id}",
        says="cycle_closed",
        again=lambda refusal: _show(period, unit_id, refusal),
    )


@pages.post("/cycles/<period>/<unit_id>/takeover")
def take_over_cycle(period: str, unit_id: str) -> Response:
    """Let a unit above decide in this cycle from now on."""
    return _act_from_above(takeovers.take_over, period, unit_id, says="cycle_taken_over")


@pages.post("/cycles/<period>/<unit_id>/voiding")
def void_cycle(period: str, unit_id: str) -> Response:
    """Void this cycle with everything in it."""
    return _act_from_above(takeovers.void, period, unit_id, says="cycle_voided")


def _act_from_above(do: takeovers.FromAbove, period: str, unit_id: str, *, says: str) -> Response:
    _require_opened(period, unit_id)

    def act() -> Done:
        takeovers.require_superior(system(), person.person(), Period(period), UnitId(unit_id))
        text = forms.read_text("text")
        return do(system(), forms.asking(), Period(period), UnitId(unit_id), text)[0]

    return forms.send(
        act, then="/cycle", says=says, again=lambda refusal: _show(period, unit_id, refusal)
    )


def _newest_calendar(rules: Rules) -> Calendar:
    newest = publications.newest_calendar(system(), rules.source.calendar)
    return reference.calendar_of(system().store.database, newest)


def _show(period: str, unit_id: str, refusal: Refusal | None = None, ground: str = "") -> Response:
    who, database = person.person(), system().store.database
    state = _require_opened(period, unit_id)
    assert state.opened is not None, "required above"
    units = list(_rows(period, UnitId(unit_id)))
    reader, sees_all = reader_of(state), sees_unit((UnitId(unit_id),), state.opened.fact.rulebook)
    if not units and not sees_all:
        raise Unseen("cycle")
    rules = reference.rules_of(database, state.opened.fact)
    levels = _levels(period, UnitId(unit_id))
    counted = {each.id: levels.get(each.id, 0) for each in rules.rulebook.levels}
    return show(
        "cycle.html",
        status=refusal.status if refusal else 200,
        period=period,
        unit_id=unit_id,
        name=names.of_units([unit_id]).get(unit_id, unit_id),
        state=state,
        rulebook=rules.rulebook,
        calendar=_newest_calendar(rules),
        rows=units,
        collectives=list(_collectives(period, UnitId(unit_id), rules.rulebook)),
        columns=[step for step in review.STEPS if rules.rulebook.may_reach(step)],
        members=sum(row.members for row in units),
        late=sum(row.late for row in units),
        stuck=_bottleneck(units),
        levels=[
            (e.label.of(reader_language()), hide_small_groups(counted)[e.id])
            for e in rules.rulebook.levels
        ],
        shows_levels=sees_all and any(counted.values()),  # they are those of all units
        rated=sum(row.beyond(Step.DECISION) for row in units),
        least=COUNT_LEAST,
        others=[each for each in visible_cycles(who) if each[:2] != (period, unit_id)],
        may_open=UnitId(unit_id) in reader.acting_units,
        may_take_over=state.taken_over is None and _acts_from(reader, period, unit_id),
        taken_over=_taken_over(unit_id, state, ground),
        refusal=refusal,
        position=true_at(REVIEWS, UNITS),
    )


def _levels(period: str, top: UnitId) -> Counter[str]:
    """Return how many members a unit rated with which level, of those whom the reader sees."""
    found = Counter(cycle_lists.levels(system().store.database, period, top))
    found.subtract(each.level for each in rows.rows_hidden(period, top) if each.level)
    return found


def _acts_from(reader: Actor, period: str, unit_id: str) -> bool:
    """Tell whether the reader acts in a unit above a cycle that does not hold their own review."""
    by = reader.hand_for(units_above(reader, (UnitId(unit_id),)))
    is_own = takeovers.is_own_now
    return by is not None and not is_own(system(), reader, by, Period(period), UnitId(unit_id))


def _taken_over(unit_id: str, state: cycle.State, ground: str) -> TakenOver | None:
    """Return who took a cycle over."""
    if state.taken_over is None:
        return None
    by = state.taken_over.fact.by.unit_id
    called = names.of_units([by]).get(by, by)
    may_read = may(Action.READ_WORDS, _roles(unit_id, state))
    return TakenOver(by, called, state.taken_over.at, ground, may_read)


def _open_ground(period: str, unit_id: str, state: cycle.State) -> str:
    """Return on which ground a cycle was taken over, after it was told that who asks opened it.

    Raises:
        Unseen: it was not taken over, or they do not see it.
        Forbidden: they see it, and may read no words of this unit.
    """
    roles, taken = _roles(unit_id, state), state.taken_over
    require(Action.READ_WORDS, roles, kind="cycle")
    if taken is None:
        raise Unseen("cycle")
    place = sealed_words.TextPlace("takeover", "", taken.version, taken.fact.text)
    subject = Subject(Period(period), MemberId(unit_id))
    (word,) = sealed_words.open_places(subject, [place], roles=roles)
    return word.text or say("year.erased")


def _roles(unit_id: str, state: cycle.State) -> frozenset[Role]:
    """Return the roles of who asks towards the unit of a cycle; nobody's own, for it is judged."""
    path = (UnitId(unit_id),)
    reader = reader_of(state)
    return roles_towards(reader, subject=None, path=path, above=units_above(reader, path))


def _rows(period: str, top: UnitId) -> Iterator[UnitRow]:
    """Iterate over the units of a cycle that the reader sees, by name.

    Whoever acted on the way up of a review goes on to see it, wherever its unit hangs by now.
    """
    found = dict[UnitId, list[Stages]]()
    for each in rows.stages_seen(period, top):
        found.setdefault(each.way.path[0], []).append(each)
    called = names.of_units(found)
    for unit_id in sorted(found, key=lambda each: called.get(each, each)):
        counts: Counter[str] = Counter()
        for each in found[unit_id]:
            counts[each.stage] += each.count
        late = sum(each.late for each in found[unit_id])
        yield UnitRow(unit_id, called.get(unit_id, unit_id), counts, counts.total(), late)


def _collectives(period: str, top: UnitId, rulebook: Rulebook) -> Iterator[CollectiveRow]:
    """Iterate over the units reviewed as collectives that the reader sees, by name."""
    found = rows.rows_seen(period, cycle_lists.collectives(system().store.database, period, top))
    called = names.of_units(each.member_id for each in found)
    labels = {each.id: each.label.of(reader_language()) for each in rulebook.levels}
    for each in sorted(found, key=lambda each: called.get(each.member_id, each.member_id)):
        name, level = called.get(each.member_id, each.member_id), labels.get(each.level or "", "")
        yield CollectiveRow(each.member_id, name, each.stage, level, each.late)


def _bottleneck(rows: list[UnitRow]) -> tuple[str, str, int] | None:
    """Return for which step, and for whom, most members wait; None when nobody does."""
    waiting: Counter[str] = Counter()
    for row in rows:
        waiting.update({stage: n for stage, n in row.counts.items() if stage in review.STEPS})
    for stage, count in waiting.most_common(1):
        return stage, Step(stage).row.turn, count
    return None


def _require_opened(period: str, unit_id: str) -> cycle.State:
    """Return a committee's year. Raises Unseen where none was opened."""
    if not is_period(period) or not ID_PATTERN.fullmatch(unit_id):
        raise Unseen("cycle")
    stream = cycle_stream(Period(period), UnitId(unit_id))
    state = cycle.fold(system().store.read_stream(stream).events)
    if state.opened is None:
        raise Unseen("cycle")
    return state
