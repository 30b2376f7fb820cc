"""A unit, as the facts tell: its name and kind, where it hangs, and whether it still is."""

from collections.abc import Iterable
from datetime import datetime
from typing import TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.roster import (
    IssuerNamed,
    IssuerNameEnded,
    UnitAuthorised,
    UnitAuthorityEnded,
    UnitDisciplined,
    UnitDisciplineLifted,
    UnitDissolved,
    UnitFormed,
    UnitMoved,
    UnitRenamed,
)
from events.domain.organisation import timelines
from events.domain.organisation.disciplines import Discipline, discipline_marks, disciplines_of
from events.domain.organisation.timelines import Ahead, State

PATH_MAX = 20  # rungs of a tree of units; a deeper one is a circle

# All facts of a unit; `timelines` knows how they are corrected.
Course: TypeAlias = UnitFormed | UnitRenamed | UnitMoved | UnitDissolved
Power: TypeAlias = UnitAuthorised | UnitAuthorityEnded | IssuerNamed | IssuerNameEnded
Punishment: TypeAlias = UnitDisciplined | UnitDisciplineLifted
Fact: TypeAlias = Course | Power | Punishment


class Unit(msgspec.Struct, frozen=True, omit_defaults=True):
    """What holds of a unit now. What was never told is absent and named in `unknown`."""

    name: str | UnsetType = UNSET
    kind: str | UnsetType = UNSET
    number: str | UnsetType = UNSET
    formed_at: datetime | UnsetType = UNSET
    parent_id: str | UnsetType = UNSET  # none at the top of a tree
    parent_since: datetime | UnsetType = UNSET
    dissolved_at: datetime | UnsetType = UNSET
    successor_id: str | UnsetType = UNSET
    authority_since: datetime | UnsetType = UNSET  # it decides, so it may open periods
    issuers: tuple[str, ...] = ()  # names under which it publishes
    disciplines: tuple[Discipline, ...] = ()  # not lifted; by decision
    ahead: tuple[Ahead, ...] = ()  # told, and waiting for its day
    unknown: tuple[str, ...] = ()  # what ought to have been told and was not yet


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the unit's state after one fact more."""
    return timelines.evolve(state, recorded, marks_of)


def fold(history: Iterable[Recorded]) -> State:
    """Return the unit's state after a history in the order of its versions."""
    return timelines.fold(history, marks_of)


def marks_of(event: Event) -> list[tuple[str, str | None]]:
    """Return which timelines a fact sets, and to what; one about something else sets none."""
    if isinstance(event, Course):
        return _marks_of_course(event)
    if isinstance(event, Power):
        return _marks_of_power(event)
    return discipline_marks(event) if isinstance(event, Punishment) else []


def _marks_of_course(event: Course) -> list[tuple[str, str | None]]:
    match event:
        case UnitFormed():
            return [
                ("existence", "formed"),
                ("number", event.number),
                ("name", event.name),
                ("kind", event.kind),
                *([("parent", event.parent_id)] if event.parent_id else ()),
            ]
        case UnitRenamed(name=name):
            return [("name", name)]
        case UnitMoved(parent_id=parent_id):
            return [("parent", parent_id)]
        case UnitDissolved(successor_id=successor_id):
            return [("existence", None), ("successor", successor_id)]
        case never:
            assert_never(never)


def _marks_of_power(event: Power) -> list[tuple[str, str | None]]:
    match event:
        case UnitAuthorised():
            return [("authority", "decides")]
        case UnitAuthorityEnded():
            return [("authority", None)]
        case IssuerNamed(issuer=issuer):
            return [(f"issuer {issuer}", "given")]
        case IssuerNameEnded(issuer=issuer):
            return [(f"issuer {issuer}", None)]
        case never:
            assert_never(never)


def view(state: State) -> Unit:
    """Return what holds of a unit, from everything told."""
    existence, parent = state.last("existence"), state.last("parent")
    authority = state.last("authority")
    is_dissolved = existence is not None and existence.value is None
    return Unit(
        name=state.value("name") or UNSET,
        kind=state.value("kind") or UNSET,
        number=state.value("number") or UNSET,
        formed_at=state.goes_on_since("existence") or UNSET,
        parent_id=parent.value or UNSET if parent else UNSET,
        parent_since=parent.since if parent else UNSET,
        dissolved_at=existence.since if existence and is_dissolved else UNSET,
        successor_id=(state.value("successor") or UNSET) if is_dissolved else UNSET,
        authority_since=authority.since if authority and authority.value else UNSET,
        issuers=tuple(name for name, _ in state.open_marks("issuer ")),
        disciplines=disciplines_of(state),
        ahead=state.ahead,
        unknown=tuple(
            label
            for label, timeline in (("existence", "existence"), ("name", "name"))
            if state.last(timeline) is None
        ),
    )
