"""Who asks for a resource of the year, and what of it they see.

It is over 300 lines: what people and systems see is asked in one place.
"""

from collections.abc import Collection
from datetime import datetime
from functools import partial
from typing import cast

import flask
from flask import request

from events.definitions.entry import Recorded, decode_entry, tells_the_day_alone
from events.definitions.records import Hand, Period
from events.domain.documents.periods import is_period
from events.domain.documents.working_days import end_of_day
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step
from events.domain.year import cycle
from events.errors import TusoiError
from events.identifiers import ID_PATTERN, MemberId, Stream, UnitId, member_stream, unit_stream
from events.store import reference
from services.access.roles import (
    Action,
    Actor,
    Role,
    Thing,
    Unseen,
    appraising,
    may,
    require,
    roles_towards,
)
from services.access.tokens import Forbidden, Principal
from services.commands import plans
from services.queries import people
from services.read_models import roster
from services.read_models.cycle_lists import Top, Way
from services.subject import Subject
from services.web.asking import references, session, token_access
from services.web.asking.person import person, require_account
from services.web.asking.sight import Sight
from services.web.context import system

OF_TOKENS = (Action.SEE_STATE, Action.SEE_UNIT)  # what other systems may be granted to read


class PositionAhead(TusoiError):
    """A position that the log has not reached."""

    code = "position_ahead"
    retryable = True

    def __init__(self, position: int, head: int) -> None:
        told = f"position {position} is not reached, the log ends at {head}: ask again later; "
        super().__init__(
            f"{told}if it was reached before, the log was rolled back: tell its operator"
        )
        self.position = position
        self.head = head


def identify() -> None:
    """Find out who is asking, before anything else: the bearer of a token, or who is signed in.

    Raises:
        NotAuthenticated: neither.
        CsrfMissing: somebody is signed in, but this may be another site's doing.
    """
    if "Authorization" in request.headers:
        token_access.authenticate()
    else:
        require_account()
        session.require_csrf(form=False)


def bearer() -> Principal | None:
    """Return the system that asks; None when a person does."""
    return token_access.principal() if "principal" in flask.g else None


def require_person() -> None:
    """Raise Forbidden for a system: only people act, read words, and have an inbox."""
    if bearer():
        raise Forbidden("a token only reads states: sign in as a person to do this")


def subject_of(period: str, member_id: str, *, kind: Thing = "review") -> Subject:
    """Return whose year a path names; a system may name them by its own number.

    Raises:
        Unseen: nobody's.
    """
    asking = bearer()
    found = references.subject_of(asking, member_id) if asking else member_id
    if not is_period(period) or found is None or not ID_PATTERN.fullmatch(found):
        raise Unseen(kind)
    return Subject(Period(period), MemberId(found))


def heads_of(place: UnitId, top: UnitId, posts: Collection[str]) -> list[MemberId]:
    """Return who heads a unit: holders of posts that do, from below the top, as projected."""
    return roster.holders(system().store.database, place, posts, top)


def reader_under(rulebook: str | None) -> Actor:
    """Return who asks as somebody who acts by an edition, by its digest; by none, by no office."""
    known = flask.g.setdefault("readers", {})
    if rulebook not in known:
        editions = (reference.rulebook_of(system().store.database, rulebook),) if rulebook else ()
        known[rulebook] = person().under(*editions)
    return cast("Actor", known[rulebook])


def reader_of(state: review.State | plan.State | cycle.State) -> Actor:
    """Return who asks as somebody who acts by the edition of what this is, towards it."""
    reader = reader_under(state.opened.fact.rulebook if state.opened else None)
    if state.opened is None or isinstance(state, cycle.State):
        return reader
    return reader.towards(state.opened.fact.member_id, state.leaders)


def hand_of_reader(state: review.State, step: Step, item: str = "") -> Hand | None:
    """Return the hand with which the reader takes a step of a review by an office, if any."""
    return reader_of(state).hand_for(state.takers(step, item), step, item)


def eyes_of(state: review.State) -> tuple[MemberId, ...]:
    """Return who sees by the hand with which the reader decides in a review; nobody by none."""
    by = hand_of_reader(state, Step.DECISION)
    return by.eyes if by else ()


def position_of(as_of: int | datetime | None, *, by_day: bool = False) -> int | None:
    """Return the position that a moment comes to; None for now.

    For people, and of a review (`by_day`) for everybody, that is the end of its day. Else they
    would find out by halves at which moment something was told whose entry tells the day alone.
    For the same reason other moments come to what stands before it.

    Raises:
        PositionAhead: the log has not reached it.
    """
    if as_of is None:
        return None
    store = system().store
    if isinstance(as_of, datetime):
        if by_day or not bearer():
            return store.position_at(end_of_day(as_of))
        return _last_dated(store.position_at(as_of))
    head = store.head().size
    if as_of > head:
        raise PositionAhead(as_of, head)
    return as_of


def _last_dated(position: int) -> int:
    """Return the last position up to one whose fact tells more than its day."""
    store = system().store
    while position:
        ((_, _, entry),) = store.database.read(
            partial(store.read_log_in, after=position - 1, limit=1)
        )
        if not tells_the_day_alone(decode_entry(entry).principal):
            break
        position -= 1
    return position


def see_review(
    subject: Subject, action: Action = Action.SEE_STATE, *, position: int | None = None
) -> tuple[review.State, frozenset[Role]]:
    """Return a review, now or at a position, and the roles towards it now of who asks.

    Whoever had a part in it by where it was, and has none by where it is, sees nothing earlier.

    Raises:
        NotAuthenticated: nobody asks.
        Unseen: there is no such review, or they do not see it.
        Forbidden: they see it, but may not do this; or they may ask of no year.
    """
    _require_asking()
    state = review.fold(_read(subject.stream, position))
    if state.opened is None:
        raise Unseen("review")
    now = state if position is None else review.fold(_read(subject.stream, None))
    return state, _require(action, "review", _roles(subject, now, "review", now))


def see_plan(
    subject: Subject, action: Action = Action.SEE_STATE, *, position: int | None = None
) -> tuple[plan.State, frozenset[Role]]:
    """Return a plan as `see_review` does a review."""
    _require_asking()
    stream = plans.stream_of(subject)
    state = plan.fold(_read(stream, position))
    if state.opened is None:
        raise Unseen("plan")
    now = state if position is None else plan.fold(_read(stream, None))
    return state, _require(action, "plan", _roles(subject, now, "plan"))


def require_command(subject: Subject, action: Action) -> plan.State:
    """Return a plan with which the person may do something, before what they send is read.

    Raises:
        NotAuthenticated, Unseen, Forbidden: as the command itself does.
    """
    person()  # whoever is nobody is told so first
    state = plan.fold(_read(plans.stream_of(subject), None))
    if state.opened is None:
        raise Unseen("plan")
    reader = reader_of(state)
    roles = roles_towards(
        reader,
        subject=subject.member_id,
        path=state.path,
        follower=state.follower_id,
        leaders=_leaders(subject, state),
        above=units_above(reader, state.path),
    )
    require(action, roles, kind="plan")
    return state


def units_above(reader: Actor, path: Collection[UnitId]) -> tuple[UnitId, ...]:
    """Return the units above the one that decides, where who asks may act in one; else none."""
    known, way = flask.g.setdefault("units_above", {}), tuple(path)
    if not reader.acts_beside(way):
        return ()
    if way not in known:
        known[way] = people.units_above(system(), reader, way)
    return cast("tuple[UnitId, ...]", known[way])


def sees_unit(path: Collection[UnitId], rulebook: str | None) -> bool:
    """Return whether who asks sees how a unit stands, the first of a path up to the deciding.

    By an edition, named by its digest; without one, by no office.
    """
    principal = bearer()
    if principal:
        sight = Sight(system().store.database, principal.grants)
        return principal.grants.states and sight.sees(unit_stream(next(iter(path))))
    reader = reader_under(rulebook)
    above = units_above(reader, path)
    return may(Action.SEE_UNIT, roles_towards(reader, subject=None, path=path, above=above))


def sees_way(way: Way) -> bool:
    """Return whether who asks sees how the reviews stand that go up a way."""
    return sees_unit(way.path, way.rulebook)


def sees_top(top: Top) -> bool:
    """Return whether who asks sees a unit that decides, by an edition of what it decides on."""
    return any(sees_unit((top.unit_id,), each) for each in sorted(top.rulebooks))


def sees_subject(
    subject: MemberId,
    path: Collection[UnitId],
    rulebook: str | None,
    leaders: Collection[MemberId] = (),
) -> bool:
    """Return whether who asks sees how the year of a member or unit stands, by an edition."""
    principal = bearer()
    if principal:
        sight = Sight(system().store.database, principal.grants)
        streams = (member_stream(subject), unit_stream(UnitId(subject)))
        return principal.grants.states and any(map(sight.sees, streams))
    reader = reader_under(rulebook)
    above = units_above(reader, path)
    roles = roles_towards(reader, subject=subject, path=path, leaders=leaders, above=above)
    return may(Action.SEE_STATE, roles)


def leaders_of(subject: Subject) -> frozenset[MemberId]:
    """Return who answers for a collective, by its review and plan now; of a member, nobody."""
    return _leaders(subject, plan.fold(_read(plans.stream_of(subject), None)))


def _require_asking() -> None:
    """Raise unless who asks may ask of any year at all, before one is looked at.

    Raises:
        NotAuthenticated, Forbidden
    """
    if bearer():
        token_access.require_states()
    else:
        person()


def _read(stream: Stream, position: int | None) -> tuple[Recorded, ...]:
    return system().store.read_stream(stream, as_of=position).events


def _roles(
    subject: Subject,
    about: review.State | plan.State,
    kind: Thing,
    now: review.State | None = None,
) -> frozenset[Role] | None:
    """Return the roles of a person, as they are now; None for a system that sees this.

    The review as it is `now` is read unless it is given.
    """
    path = about.path
    if bearer() is None:
        planned = plan.fold(_read(plans.stream_of(subject), None))
        reader = reader_of(about)
        return roles_towards(
            reader,
            subject=subject.member_id,
            path=path,
            rated_by=now.units_above if now else (),
            appraising=appraising(now) if now else (),
            follower=planned.follower_id,
            leaders=_leaders(subject, planned, now),
            above=units_above(reader, path),
        )
    if not sees_subject(subject.member_id, path, None):  # which offices count is asked of people
        raise Unseen(kind)
    return None


def _leaders(
    subject: Subject, planned: plan.State, now: review.State | None = None
) -> frozenset[MemberId]:
    """Return who answers for a collective, by its review and plan now; of a member, nobody."""
    reviewed = now or review.fold(_read(subject.stream, None))
    return reviewed.leaders | planned.leaders


def _require(action: Action, kind: Thing, roles: frozenset[Role] | None) -> frozenset[Role]:
    if roles is None:
        if action not in OF_TOKENS:
            require_person()
        return frozenset()
    if not may(action, roles) and not may(Action.SEE_STATE, roles):
        raise Unseen(kind)
    require(action, roles)
    return roles
