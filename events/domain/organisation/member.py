"""A member, as the facts tell: in which unit, in which posts, since when, and what befell them.

It is over 300 lines: which marks each fact sets is read with what holds by them.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias, assert_never

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.roster import (
    DelegationEnded,
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
    PostDelegated,
    PostGiven,
    PostRelieved,
    Standing,
)
from events.domain.organisation import timelines
from events.domain.organisation.delegations import (
    DELEGATION,
    Delegation,
    delegation_marks,
    delegations_of,
)
from events.domain.organisation.disciplines import Discipline, discipline_marks, disciplines_of
from events.domain.organisation.timelines import NEVER, Ahead, End, Mark, State

ENROLLED = "enrolled"
LEFT = "left"
MEMBERSHIP = "membership"  # the timeline
UNIT = "unit"
ABSENCE = "absence"
EXPECTED_BACK = "expected_back"  # on which day, by what was told of an absence
EXEMPTION = "exemption"
STANDING = "standing"
POST = "post "  # begins the timelines of posts: then come the unit and the post
OF_A_UNIT = (POST, DELEGATION)
_LASTING = (STANDING, ABSENCE, EXEMPTION)  # as if they had been moved, of whoever is back at once
OFFICIAL = Standing.OFFICIAL.value

Reasons: TypeAlias = Mapping[str, str]  # of absences, by commitment; an erased one is missing

# All facts of a member; `timelines` knows how they are corrected.
Change: TypeAlias = (
    MemberEnrolled | MemberMoved | MemberLeft | MemberStandingChanged | MemberStateRated
)
Held: TypeAlias = PostGiven | PostRelieved | PostDelegated | DelegationEnded
Missed: TypeAlias = MemberAbsent | MemberBack | MemberExempted | MemberExemptionEnded
Spell: TypeAlias = Held | Missed | MemberDisciplined | MemberDisciplineLifted  # begins and ends
Fact: TypeAlias = Change | Spell


class Post(msgspec.Struct, frozen=True):
    post: str
    unit_id: str
    since: datetime


class Member(msgspec.Struct, frozen=True, omit_defaults=True):
    """What holds of a member now. What was never told is absent and named in `unknown`."""

    membership: str | UnsetType = UNSET  # "enrolled" or "left"
    membership_since: datetime | UnsetType = UNSET
    standing: str | UnsetType = UNSET
    unit_id: str | UnsetType = UNSET
    unit_since: datetime | UnsetType = UNSET
    posts: tuple[Post, ...] = ()  # by unit and post
    delegations: tuple[Delegation, ...] = ()  # likewise; not ended, be their last day over
    absent: str | UnsetType = UNSET  # the commitment to the reason
    absent_since: datetime | UnsetType = UNSET
    exempt_since: datetime | UnsetType = UNSET
    disciplines: tuple[Discipline, ...] = ()  # not lifted; by decision
    state_ratings: dict[str, str] = {}  # period to level
    ahead: tuple[Ahead, ...] = ()  # told, and waiting for its day
    unknown: tuple[str, ...] = ()  # what ought to have been told and was not yet

    @property
    def own_unit(self) -> str | None:
        """Return the unit to which somebody belongs; None of whoever left, or is in none."""
        return (self.membership == ENROLLED and self.unit_id) or None

    def has_post(self, unit_id: str, post: str) -> bool:
        return any((each.unit_id, each.post) == (unit_id, post) for each in self.posts)


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
                (MEMBERSHIP, ENROLLED),
                (UNIT, event.unit_id),
                *([(STANDING, event.standing.value)] if event.standing else ()),
                ("name", event.name.sealed),
                ("number", event.number.sealed),
            ]
        case MemberMoved(unit_id=unit_id):
            return [(UNIT, unit_id)]
        case MemberLeft():
            return [(MEMBERSHIP, None)]
        case MemberStandingChanged(standing=standing):
            return [(STANDING, standing.value)]
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
        case PostDelegated() | DelegationEnded():
            return delegation_marks(event)
        case MemberAbsent(reason=reason, expected_back=day):
            return [(ABSENCE, reason.sealed), *([(EXPECTED_BACK, day.isoformat())] if day else ())]
        case MemberBack():
            return [(ABSENCE, None)]
        case MemberExempted():
            return [(EXEMPTION, "exempt")]
        case MemberExemptionEnded():
            return [(EXEMPTION, None)]
        case MemberDisciplined() | MemberDisciplineLifted():
            return discipline_marks(event)
        case never:
            assert_never(never)


def view(state: State) -> Member:
    """Return what holds of a member, from everything told.

    Who left holds no post and is neither absent nor exempt; coming back revives nothing of before,
    be it told of a day to come. Who is back the same day or the next is no new member but was
    moved, and keeps all but the posts of the unit that they left. A member of whose standing
    nothing was told since they came is official.
    """
    state = without_outlived(state)
    membership = state.last(MEMBERSHIP)
    if membership and membership.value is None:
        return Member(membership=LEFT, membership_since=membership.since, **_lasting(state, NEVER))
    ends_of = Ends(state).of
    standing = state.last(STANDING, ends=ends_of(STANDING))
    absence = dict(state.open_marks(ABSENCE, ends_of=ends_of)).get("")
    exemption = dict(state.open_marks(EXEMPTION, ends_of=ends_of)).get("")
    return Member(
        membership=ENROLLED if membership else UNSET,
        membership_since=state.goes_on_since(MEMBERSHIP) or UNSET,
        standing=(standing.value if standing else None) or (OFFICIAL if membership else UNSET),
        posts=tuple(_post(*each) for each in state.open_marks(POST, ends_of=ends_of)),
        delegations=delegations_of(state, ends_of),
        absent=absence.value or UNSET if absence else UNSET,
        absent_since=absence.since if absence else UNSET,
        exempt_since=exemption.since if exemption else UNSET,
        **_lasting(state, ends_of(UNIT)),
    )


def _lasting(state: State, ends: Sequence[End]) -> dict[str, Any]:
    """Return what holds of a member whether they belong here or left."""
    unit = state.last(UNIT, ends=ends)
    return {
        "unit_id": (unit.value or UNSET) if unit else UNSET,
        "unit_since": unit.since if unit else UNSET,
        "disciplines": disciplines_of(state),
        "state_ratings": {name: mark.value for name, mark in state.open_marks("state_rating ")},
        "ahead": state.ahead,
        "unknown": tuple(name for name in (MEMBERSHIP, UNIT) if state.last(name) is None),
    }


def spells(state: State, posts: Iterable[str]) -> Iterator[tuple[str, datetime, datetime | None]]:
    """Iterate over when some posts were held: in which unit, from when, and until when if ended."""
    state = without_outlived(state)
    ends, wanted = Ends(state), tuple(f" {post}" for post in posts)
    for name in state.timelines:
        if name.startswith(POST) and name.endswith(wanted):
            for since, until in state.spells(name, ends=ends.of(name)):
                yield unit_of(name), since, until


def absences(state: State) -> tuple[Mark, ...]:
    """Return when somebody was away, and for which reason, sealed; leaving ends it too."""
    state = without_outlived(state)
    return state.marks(ABSENCE, ends=Ends(state).of(ABSENCE))


def absence_reasons(state: State) -> tuple[str, ...]:
    """Return the commitments to the reasons of all absences ever told."""
    return tuple(mark.value for mark in state.timelines.get(ABSENCE, ()) if mark.value)


class Ends:
    """When a member left, and what went on that ended by it.

    Who is back at once was moved: what they are goes on, and so do posts in units that they did not
    leave. Of who came back at that very time, what began then stays.
    """

    def __init__(self, state: State) -> None:
        told = state.marks(MEMBERSHIP)
        came_to = {mark.since: mark.value for mark in told}  # the last of each moment
        self._every = tuple(End(e.since, came_to[e.since] is None) for e in told if not e.value)
        places = state.marks(UNIT) if self._every else ()
        self._left = {  # at short breaks, the unit
            left.since: unit_left(places, left.since)
            for left, back in leavings(told)
            if back and timelines.is_short_break(left.since, back)
        }

    def of(self, timeline: str) -> tuple[End, ...]:
        """Return when whatever went on in a timeline ended."""
        if timeline in _LASTING:
            return tuple(end for end in self._every if end.at not in self._left)
        if timeline.startswith(OF_A_UNIT):
            here = (None, unit_of(timeline))
            return tuple(end for end in self._every if self._left.get(end.at) in here)
        return self._every


def without_outlived(state: State) -> State:
    """Return a state without what was told ahead of a day that came after somebody had left.

    Leaving ends what waits as well, be it a beginning, an end, a move or another leaving; unless it
    was told after that, is of the moment of the coming back, or they were back at once. That goes
    by when each was and was told, not by what came first. An enrolment is a coming back itself.
    """
    told = state.marks(MEMBERSHIP)
    if all(mark.value for mark in told):
        return state  # as nearly always
    belonging: list[Mark] = []
    for mark in told:
        if not _is_outlived(mark, belonging):
            belonging.append(mark)
    kept = timelines.where(
        state.timelines,
        lambda name, e: not is_of_belonging(name) or not _is_outlived(e, belonging),
    )
    return msgspec.structs.replace(state, timelines=kept)


def _is_outlived(mark: Mark, belonging: Sequence[Mark]) -> bool:
    """Tell whether somebody left between the telling and the day of a mark that waited for it."""
    if mark.foretold is None or mark.founding:
        return False  # what an enrolment tells comes with it
    before = [each for each in belonging if each.since <= mark.since]
    if before and before[-1].since == mark.since:
        return False  # of one moment the ends say what stays
    return any(
        mark.foretold <= left.since and not (back and timelines.is_short_break(left.since, back))
        for left, back in leavings(before)
    )


def leavings(told: Sequence[Mark]) -> Iterator[tuple[Mark, datetime | None]]:
    """Iterate over leavings, each with when the member came back, if they did."""
    for number, left in enumerate(told):
        if left.value is None:
            yield left, next((each.since for each in told[number:] if each.value), None)


def is_of_belonging(timeline: str) -> bool:
    """Tell whether leaving ends what goes on in a timeline, and all that was told ahead of it."""
    of_belonging = (MEMBERSHIP, UNIT, ABSENCE, EXEMPTION, STANDING)
    return timeline in of_belonging or timeline.startswith(OF_A_UNIT)


def unit_left(places: Sequence[Mark], at: datetime) -> str | None:
    """Return the unit in which somebody was when they left, by the marks of where they are."""
    return next((each.value for each in reversed(places) if each.since < at), None)


def unit_of(post: str) -> str:
    """Return in which unit a post is, one's own or delegated, by its timeline."""
    return post.split(" ")[1]


def _post(name: str, mark: Mark) -> Post:
    unit_id, post = name.split(" ", 1)
    return Post(post, unit_id, mark.since)
