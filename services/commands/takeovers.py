"""A unit above takes a committee's year over, or voids it, with everything in it.

The fact about the cycle comes first: from then on nobody joins it. What follows for its reviews
and plans is appended in groups; asked again, only what is missing, and the reaction of the same
name ends what broke off.
"""

from collections.abc import Callable, Iterable, Iterator
from functools import partial

from events.definitions.cycle import CycleTakenOver, CycleVoided
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event, Sealed
from events.definitions.records import Hand, Period
from events.domain.organisation import succession
from events.domain.plan import plan, plan_steps
from events.domain.review import opening, review
from events.domain.year import cycle
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    cycle_stream,
    derived_event_id,
    plan_stream,
    review_stream,
    unit_stream,
)
from events.store import reference
from events.store.batch import NewEvent
from services.access.roles import Action, Actor, Person, Unseen, require, roles_towards
from services.commands.executor import SteadyReads, attempt, following_event, new_event
from services.commands.work import SOURCE, Asking, Done, Work, perform
from services.context import Context
from services.queries import people
from services.queries.speaking import edition_of_year
from services.read_models import cycle_lists
from services.subject import Subject

NAME = "takeovers"  # of the reaction that carries on
SUBJECTS_MAX = 100  # whose reviews and plans change in one append

Read = Callable[[Stream], Iterable[Recorded]]
Told = tuple[Stream, Event]
FromAbove = Callable[[Context, Asking, Period, UnitId, str], tuple[Done, int]]
Follows = Callable[[SteadyReads, Subject], Iterator[Told]]
Tells = Callable[[Stream, Event], NewEvent]  # who appends it, and because of what


def take_over(
    context: Context, asking: Asking, period: Period, unit_id: UnitId, text: str
) -> tuple[Done, int]:
    """Let a unit above decide in a cycle; return how many reviews went on there by this request.

    The year is opened there, where it is not open yet.
    """
    stream = cycle_stream(period, unit_id)

    def decide(work: Work) -> Stream:
        state, above = _load(work, stream, unit_id)
        by = work.hand_for(above)
        if state.taken_over and state.taken_over.fact.by.unit_id == by.unit_id:
            return stream
        opened = cycle.under_way(state)
        command = cycle.TakeOverCycle(
            by=by,
            above=above,
            text=_seal(work, unit_id, period, text),
            own=_is_own(work, by, period, unit_id),
        )
        taken = cycle.take_over(state, command, reference.rules_of(context.store.database, opened))
        work.tell(stream, taken)
        theirs = cycle_stream(period, by.unit_id)
        there = cycle.fold(work.load(theirs).events)
        work.tell(theirs, cycle.open_above(there, taken, opened))
        return stream

    done = perform(context, asking, decide)
    taken = cycle.fold(context.store.read_stream(stream).events).taken_over
    assert taken is not None, "it was taken over, now or before"
    follows = partial(_move, taken.fact.by)
    return done, _follow_asked(context, asking, taken.fact, follows)


def void(
    context: Context, asking: Asking, period: Period, unit_id: UnitId, text: str
) -> tuple[Done, int]:
    """Void a cycle with everything in it; return how many reviews this request voided."""
    stream = cycle_stream(period, unit_id)

    def decide(work: Work) -> Stream:
        state, above = _load(work, stream, unit_id)
        by = work.hand_for(above)
        if state.voided and state.opened is None:
            return stream
        opened = cycle.under_way(state)
        command = cycle.VoidCycle(
            by=by,
            above=above,
            text=_seal(work, unit_id, period, text),
            own=_is_own(work, by, period, unit_id),
        )
        voided = cycle.void(state, command, reference.rules_of(context.store.database, opened))
        work.tell(stream, voided)
        _void_below(work, state, voided)
        return stream

    done = perform(context, asking, decide)
    voided = cycle.fold(context.store.read_stream(stream).events).voided
    assert voided is not None, "it was voided, now or before"
    follows = partial(_void, voided.fact.by)
    return done, _follow_asked(context, asking, voided.fact, follows)


def carry_out(context: Context, cause: Sequenced, told: CycleTakenOver | CycleVoided) -> int:
    """Append what still follows from a cycle that was taken over or voided; return for how many.

    What was opened since, in a year that is open again, is left alone.
    """
    does = _move if isinstance(told, CycleTakenOver) else _void

    def follows(reads: SteadyReads, subject: Subject) -> Iterator[Told]:
        if _was_open(context, subject, cause.position):
            yield from does(told.by, reads, subject)

    def new(stream: Stream, event: Event) -> NewEvent:
        event_id = derived_event_id(NAME, cause.entry.id, stream)
        now = context.clock.now()
        return following_event(event, cause, reaction=NAME, event_id=event_id, now=now)

    return _follow(context, new, told.unit_id, told.period, follows)


def _was_open(context: Context, subject: Subject, position: int) -> bool:
    """Tell whether the review that is open now was so already at a position."""
    read = context.store.read_stream
    now = review.fold(read(subject.stream).events).opened
    return (
        now is not None and review.fold(read(subject.stream, as_of=position).events).opened == now
    )


def require_superior(
    context: Context, person: Person, period: Period, unit_id: UnitId
) -> tuple[UnitId, ...]:
    """Return the units above one. Raises Unseen, or Forbidden, for who acts in none of them."""
    actor = acting_in_year(context, person, period, unit_id)
    return _require_superior(actor, unit_id, people.units_above(context, actor, (unit_id,)))


def acting_in_year(context: Context, person: Person, period: Period, unit_id: UnitId) -> Actor:
    """Return somebody as who acts by the edition under which a cycle was opened, if it was."""
    history = context.store.events(cycle_stream(period, unit_id))
    return person.under(*edition_of_year(context, history))


def _require_superior(
    actor: Actor, unit_id: UnitId, above: tuple[UnitId, ...]
) -> tuple[UnitId, ...]:
    roles = roles_towards(actor, subject=None, path=(unit_id,), above=above)
    require(Action.TAKE_OVER, roles, kind="cycle")
    return tuple(map(actor.acting_in, above))


def _load(work: Work, stream: Stream, unit_id: UnitId) -> tuple[cycle.State, tuple[UnitId, ...]]:
    """Return a cycle that there was, and the units above the one that opened it."""
    history = work.load(stream).events
    state, actor = cycle.fold(history), work.stand_under(*edition_of_year(work.context, history))
    above = _require_superior(actor, unit_id, work.units_above(unit_id))
    if not state.version:
        raise Unseen("cycle")
    return state, above


def _is_own(work: Work, by: Hand, period: Period, unit_id: UnitId) -> bool:
    """Tell whether who sees by a hand is reviewed in a cycle, or answers for a unit that is.

    Of themselves, and what they lead or act for now, it must still be so when this is appended.
    """
    context, led = work.context, work.actor.offices_of(by)
    if _is_reviewed_in((*by.eyes, *led), period, unit_id, work.events):
        return True
    below = cycle_lists.collectives(context.store.database, period, unit_id)
    units = [UnitId(each.member_id) for each in below]
    succeeded = succession.successors(units, work.events)
    return any(
        succession.acting_unit(each, succeeded) in led
        or _answers_for(context, by, Subject(period, MemberId(each)))
        for each in units
    )


def is_own_now(context: Context, who: Actor, by: Hand, period: Period, unit_id: UnitId) -> bool:
    """Tell whether who sees by a hand, or a unit that they lead now, is reviewed in a cycle."""
    own = (*by.eyes, *who.offices_of(by), *who.succeeded_units)
    return _is_reviewed_in(own, period, unit_id, context.store.events)


def _is_reviewed_in(own: Iterable[str], period: Period, unit_id: UnitId, read: Read) -> bool:
    found = (review.fold(read(review_stream(period, each))) for each in own)
    return any(each.pinned_path[-1:] == (unit_id,) for each in found)


def _answers_for(context: Context, by: Hand, unit: Subject) -> bool:
    """Tell whether who sees by a hand led a unit when it was opened, or wrote in its name since."""
    read = context.store.read_stream
    planned = plan.fold(read(plan_stream(unit.period, unit.member_id)).events)
    return by.is_one_of(review.fold(read(unit.stream).events).leaders | planned.leaders)


def _void_below(work: Work, state: cycle.State, voided: CycleVoided) -> None:
    """Void, with a cycle, all that it had taken over: their units may open again."""
    for each in dict.fromkeys(state.taken):
        stream = cycle_stream(voided.period, each)
        below = cycle.fold(work.load(stream).events)
        work.tell(stream, cycle.void_below(each, voided))
        _void_below(work, below, voided)


def _seal(work: Work, unit_id: UnitId, period: Period, text: str) -> Sealed[str]:
    return work.seal(text, owner=unit_stream(unit_id), period=period)


def _follow_asked(
    context: Context, asking: Asking, told: CycleTakenOver | CycleVoided, follows: Follows
) -> int:
    """Append what follows from a cycle that whoever asks took over or voided; return how many.

    What another one did, and broke off, the reaction ends: nobody tells it in their place.
    """
    if told.by.member_id != asking.person.member_id:
        return 0

    def new(_stream: Stream, event: Event) -> NewEvent:
        principal, request = f"account:{asking.person.account_id}", asking.correlation_id
        return new_event(context, event, source=SOURCE, principal=principal, correlation_id=request)

    return _follow(context, new, told.unit_id, told.period, follows)


def _follow(
    context: Context, tells: Tells, unit_id: UnitId, period: Period, follows: Follows
) -> int:
    """Append what follows for everybody in whose review a unit decides; return how many."""
    subjects = cycle_lists.subjects_decided_by(context.store.database, period, unit_id)
    for start in range(0, len(subjects), SUBJECTS_MAX):
        group = [Subject(period, each) for each in subjects[start : start + SUBJECTS_MAX]]
        attempt(partial(_append, context, tells, group, follows))
    return len(subjects)


def _append(context: Context, tells: Tells, group: list[Subject], follows: Follows) -> None:
    reads = SteadyReads(context.store)
    told = [each for subject in group for each in follows(reads, subject)]
    reads.append({stream: (tells(stream, event),) for stream, event in told})


def _move(by: Hand, reads: SteadyReads, subject: Subject) -> Iterator[Told]:
    """Iterate over how a review, and its plan, go on before the unit that took their cycle over."""
    state = review.fold(reads.events(subject.stream))
    if state.opened is None or by.unit_id in state.pinned_path:
        return
    above = succession.units_above(state.pinned_path[-1], reads.events)
    further = succession.up_to(above, by.unit_id)
    told = opening.take_over_review(state, (*state.pinned_path, *further), by)
    yield subject.stream, told
    stream = plan_stream(subject.period, subject.member_id)
    planned = plan.fold(reads.events(stream))
    if planned.opened and by.unit_id not in planned.pinned_path:
        path = tuple(dict.fromkeys((*planned.pinned_path, *further)))
        yield stream, plan_steps.take_over_plan(planned, path, by)


def _void(by: Hand, reads: SteadyReads, subject: Subject) -> Iterator[Told]:
    """Iterate over the end of a review, and of the plan that came of it."""
    state = review.fold(reads.events(subject.stream))
    if state.opened:
        yield subject.stream, opening.void_review(state, by)
    stream = plan_stream(subject.period, subject.member_id)
    planned = plan.fold(reads.events(stream))
    if planned.opened:
        yield stream, plan_steps.void_plan(planned, by)
