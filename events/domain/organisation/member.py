"""A member, as the facts tell: in which unit, in which posts, since when, and what befell them."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.roster import (
    MemberAbsent,
    MemberBack,
    MemberDisciplined,
    MemberDisciplineLifted,
    MemberEnrolled,
    MemberExempted,
    MemberExemptionEnded,
    MemberLeft,
    MemberMoved,
    MemberStandingChanged,
    MemberStateRated,
    PostGiven,
    PostRelieved,
    UnitDisciplined,
    UnitDisciplineLifted,
)
from events.domain.documents.working_days import local_day
from events.domain.organisation import timelines
from events.domain.organisation.timelines import Mark, State

ENROLLED = "enrolled"
LEFT = "left"
ABSENCE = "absence"
POST = "post "  # begins the timelines of posts: then come the unit and the post

Reasons: TypeAlias = Mapping[str, str]  # of absences, by commitment; an erased one is missing

# All facts of a member; `timelines` knows how they are corrected.
Change: TypeAlias = (
    MemberEnrolled | MemberMoved | MemberLeft | MemberStandingChanged | MemberStateRated
)
Held: TypeAlias = PostGiven | PostRelieved
Missed: TypeAlias = MemberAbsent | MemberBack | MemberExempted | MemberExemptionEnded
Spell: TypeAlias = Held | Missed | MemberDisciplined | MemberDisciplineLifted  # begins and ends
Fact: TypeAlias = Change | Spell


class Post(msgspec.Struct, frozen=True):
    post: str
    unit_id: str
    since: datetime


class Discipline(msgspec.Struct, frozen=True):
    decision: str  # the commitment to its number: the same for each fact that speaks of it
    grade: str
    since: datetime
    period: str = ""  # in which it is counted
    self_detected: bool = False  # told and fully remedied by whom it is about


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """What holds of a member now. What was never told is absent and named in `unknown`."""

    membership: str | UnsetType = UNSET  # "enrolled" or "left"
    membership_since: datetime | UnsetType = UNSET
    standing: str | UnsetType = UNSET
    unit_id: str | UnsetType = UNSET
    unit_since: datetime | UnsetType = UNSET
    posts: tuple[Post, ...] = ()  # by unit and post
    absent: str | UnsetType = UNSET  # the commitment to the reason
    absent_since: datetime | UnsetType = UNSET
    exempt_since: datetime | UnsetType = UNSET
    disciplines: tuple[Discipline, ...] = ()  # not lifted; by decision
    state_ratings: dict[str, str] = {}  # period to level
    unknown: tuple[str, ...] = ()  # what ought to have been told and was not yet


def evolve(state: State, recorded: Recorded | Sequenced) -> State:
    """Return the member's state after one fact more."""
    return timelines.evolve(state, recorded, marks_of)


def fold(history: Iterable[Recorded]) -> State:
    """Return the member's state after a history in the order of its versions."""
    return timelines.fold(history, marks_of)


def marks_of(event: Event) -> list[tuple[str, str | None]]:
    """Return which timelines a fact sets, and to what; one about something else sets none."""
    if isinstance(event, Change):
        return _marks_of_change(event)
    return _spells(event) if isinstance(event, Spell) else []


def _marks_of_change(event: Change) -> list[tuple[str, str | None]]:
    """Return the marks of what holds until it is told otherwise."""
    match event:
        case MemberEnrolled():
            return [
                ("membership", ENROLLED),
                ("unit", event.unit_id),
                ("standing", event.standing.value),
                ("name", event.name.sealed),
                ("number", event.number.sealed),
            ]
        case MemberMoved(unit_id=unit_id):
            return [("unit", unit_id)]
        case MemberLeft():
            return [("membership", LEFT)]
        case MemberStandingChanged(standing=standing):
            return [("standing", standing.value)]
        case MemberStateRated(period=period, level=level):
            return [(f"state_rating {period}", level)]
        case never:
            assert_never(never)


def _spells(event: Spell) -> list[tuple[str, str | None]]:
    """Return the marks of what begins and ends."""
    match event:
        case PostGiven(unit_id=unit_id, post=post):
            return [(f"{POST}{unit_id} {post}", "held")]
        case PostRelieved(unit_id=unit_id, post=post):
            return [(f"{POST}{unit_id} {post}", None)]
        case MemberAbsent(reason=reason):
            return [(ABSENCE, reason.sealed)]
        case MemberBack():
            return [(ABSENCE, None)]
        case MemberExempted():
            return [("exemption", "exempt")]
        case MemberExemptionEnded():
            return [("exemption", None)]
        case MemberDisciplined() | MemberDisciplineLifted():
            return discipline_marks(event)
        case never:
            assert_never(never)


def discipline_marks(
    event: MemberDisciplined | MemberDisciplineLifted | UnitDisciplined | UnitDisciplineLifted,
) -> list[tuple[str, str | None]]:
    """Return the marks of a discipline of a member or unit, told by its decision."""
    decision = event.decision.sealed
    if isinstance(event, MemberDisciplineLifted | UnitDisciplineLifted):
        return [(f"discipline {decision}", None)]
    return [
        (f"discipline {decision}", event.grade),
        (f"fault {decision}", event.fault_period or None),
        (f"self_detected {decision}", "yes" if event.self_detected else None),
    ]


def view(state: State) -> Member:
    """Return what holds of a member, from everything told.

    Who leaves holds no post any more and is neither absent nor exempt; coming back revives nothing.
    """
    membership, standing, unit = (state.last(name) for name in ("membership", "standing", "unit"))
    left_at = _left_at(state)
    absence = dict(state.open_marks(ABSENCE, after=left_at)).get("")
    exemption = dict(state.open_marks("exemption", after=left_at)).get("")
    return Member(
        membership=membership.value or UNSET if membership else UNSET,
        membership_since=membership.since if membership else UNSET,
        standing=standing.value or UNSET if standing else UNSET,
        unit_id=unit.value or UNSET if unit else UNSET,
        unit_since=unit.since if unit else UNSET,
        posts=tuple(_post(*each) for each in state.open_marks(POST, after=left_at)),
        absent=absence.value or UNSET if absence else UNSET,
        absent_since=absence.since if absence else UNSET,
        exempt_since=exemption.since if exemption else UNSET,
        disciplines=tuple(discipline_of(state, *each) for each in state.open_marks("discipline ")),
        state_ratings={name: mark.value or "" for name, mark in state.open_marks("state_rating ")},
        unknown=tuple(name for name in ("membership", "unit") if state.last(name) is None),
    )


def spells(state: State, posts: Iterable[str]) -> Iterator[tuple[str, datetime, datetime | None]]:
    """Iterate over when some posts were held: in which unit, from when, and until when if ended."""
    left = [mark.since for mark in state.timelines.get("membership", ()) if mark.value != ENROLLED]
    wanted = tuple(f" {post}" for post in posts)
    for name, marks in state.timelines.items():
        if not name.startswith(POST) or not name.endswith(wanted):
            continue
        after = [*(mark.since for mark in marks[1:]), None]
        for mark, next_at in zip(marks, after, strict=True):
            ends = [each for each in (next_at, *left) if each and each >= mark.since]
            if mark.value is not None:
                yield name.split(" ")[1], mark.since, min(ends, default=None)


def absence_reasons(state: State) -> tuple[str, ...]:
    """Return the commitments to the reasons of all absences ever told."""
    return tuple(mark.value for mark in state.timelines.get(ABSENCE, ()) if mark.value)


def _left_at(state: State) -> datetime | None:
    """Return when a member left for the last time, if ever."""
    marks = state.timelines.get("membership", ())
    return max((mark.since for mark in marks if mark.value != ENROLLED), default=None)


def _post(name: str, mark: Mark) -> Post:
    unit_id, post = name.split(" ", 1)
    return Post(post, unit_id, mark.since)


def discipline_of(state: State, decision: str, mark: Mark) -> Discipline:
    """Return a discipline of a member or unit, with the period in which it is counted."""
    return Discipline(
        decision,
        mark.value or "",
        mark.since,
        period=state.value(f"fault {decision}") or str(local_day(mark.since).year),
        self_detected=state.value(f"self_detected {decision}") is not None,
    )
