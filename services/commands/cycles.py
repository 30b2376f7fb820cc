"""Open and close the year of a committee, and the reviews of its members."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from functools import partial

from events.definitions.entry import Recorded
from events.definitions.records import Hand, Period
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation import succession
from events.domain.organisation.succession import Read
from events.domain.review import review
from events.domain.review.collective import OpenCollective
from events.domain.review.opening import OpenReview
from events.domain.rulebook.rulebook import Rulebook
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.errors import ConcurrentAppend
from events.identifiers import (
    Stream,
    UnitId,
    cycle_stream,
    member_stream,
    review_stream,
    unit_stream,
)
from events.store import reference
from events.store.batch import Appended
from services.access.roles import Action, Actor, Person, Thing, require, roles_towards
from services.commands import rulebooks
from services.commands.executor import attempt, new_event
from services.commands.work import SOURCE, Asking, Done, Work, perform
from services.context import Context
from services.queries import lagging, people, speaking, year_openings
from services.read_models import cycle_lists, openings
from services.read_models.openings import Below, ToOpen

OPENINGS = "worker:openings"
REVIEWS_MAX = 200  # opened in one append


def open_cycle(
    context: Context, asking: Asking, period: Period, unit_id: UnitId, rules: Rules
) -> Done:
    """Open a committee's year under a published rulebook; `open_reviews` opens its members'.

    Raises:
        UnknownDocument: a name under which one was published is freed by now.
    """
    stream = cycle_stream(period, unit_id)

    def decide(work: Work) -> Stream:
        state = cycle.fold(work.load(stream).events)
        require_opener(context, asking.person, unit_id, work.events)
        work.stand_under(rules.rulebook)
        rulebooks.require_published(rules, work.events)
        command = _wish_to_open(period, work.hand_for((unit_id,)), unit_id, work.events, work.now)
        work.tell(stream, cycle.open_cycle(state, command, rules, now=work.now))
        return stream

    return perform(context, asking, decide)


def require_openable(
    context: Context, person: Person, period: Period, unit_id: UnitId, rules: Rules
) -> None:
    """Raise what opening a committee's year would, but for documents that are not published yet.

    How a year would begin tells of everybody below: it is for those alone who may open it now.
    """
    require_opener(context, person, unit_id)
    by = person.under(rules.rulebook).hand_for((unit_id,))
    if by is None:
        raise CommandRejected(Rejection.NO_OFFICE)
    read, now = context.store.events, context.clock.now()
    command = _wish_to_open(period, by, unit_id, read, now)
    cycle.open_cycle(cycle.fold(read(cycle_stream(period, unit_id))), command, rules, now=now)


def _wish_to_open(
    period: Period, by: Hand, unit_id: UnitId, read: Read, now: datetime
) -> cycle.OpenCycle:
    """Return the wish that a unit's year be opened, with what is told of the tree."""
    above = succession.units_above(unit_id, read, now=now)
    return cycle.OpenCycle(
        period=period,
        unit_id=unit_id,
        by=by,
        authorised=year_openings.decides(unit_id, read),
        held_above=year_openings.is_held(period, unit_id, above, read),
    )


def close_cycle(context: Context, asking: Asking, period: Period, unit_id: UnitId) -> Done:
    """Close a committee's year: nobody joins it any more."""
    stream = cycle_stream(period, unit_id)

    def decide(work: Work) -> Stream:
        history = work.load(stream).events
        editions = _editions_in(context, unit_id, history)
        _require_opener(context, work.stand_under(*editions), unit_id, kind="cycle")
        state = work.after_units(cycle.fold(history), (unit_id,))
        command = cycle.CloseCycle(by=work.hand_for((unit_id,)))
        work.tell(stream, cycle.close_cycle(state, command, _rules(context, state)))
        return stream

    return perform(context, asking, decide)


def require_opener(
    context: Context, person: Person, unit_id: UnitId, read: Read | None = None
) -> None:
    """Raise Forbidden unless somebody may open a committee's year, by what speaks for the unit."""
    _require_opener(context, speaking.under_speaking(context, person, unit_id, read), unit_id)


def require_joiner(context: Context, person: Person, period: Period, unit_id: UnitId) -> None:
    """Raise Forbidden, or Unseen, unless somebody may let others join a committee's year."""
    history = context.store.events(cycle_stream(period, unit_id))
    actor = person.under(*_editions_in(context, unit_id, history))
    _require_opener(context, actor, unit_id, kind="cycle")


def _editions_in(
    context: Context, unit_id: UnitId, history: Iterable[Recorded]
) -> tuple[Rulebook, ...]:
    """Return which editions say who acts in a cycle; where it was never opened, for its unit."""
    pinned = speaking.edition_of_year(context, history)
    return pinned or speaking.editions_for(context, unit_id)


def _require_opener(
    context: Context, actor: Actor, unit_id: UnitId, *, kind: Thing | None = None
) -> None:
    path = (unit_id,)
    above = people.units_above(context, actor, path)
    roles = roles_towards(actor, subject=None, path=path, above=above)
    require(Action.OPEN_CYCLE, roles, kind=kind)


def reviews_wanted(context: Context, period: Period, top: UnitId, below: Below) -> ToOpen:
    """Return the reviews of a committee's open cycle, by its edition."""
    state = cycle.fold(context.store.events(cycle_stream(period, top)))
    rulebook = _rules(context, state).rulebook
    return year_openings.reviews_wanted(context, period, top, below, rulebook)


def open_all(context: Context, period: Period, unit_id: UnitId, correlation_id: str) -> int:
    """Open the reviews of a committee's open cycle that are not open yet; return how many.

    What was told of somebody meanwhile, which lists did not know, is looked up again; where lists
    lag for longer, streams are asked, for a year must not stay open without its reviews. Done again
    it opens only what is missing, so a crash in the middle, or members who came later, cost
    nothing. What was voided is opened anew.

    Raises:
        NotYet: lists are too far behind; what is missing is opened when it is done again.
    """
    opened = 0

    def once(below: Callable[[Context, UnitId], Below]) -> None:
        nonlocal opened
        wanted = reviews_wanted(context, period, unit_id, below(context, unit_id))
        for count in open_reviews(context, unit_id, wanted, correlation_id):
            opened += count

    if not lagging.lists_lag(context):
        with suppress(ConcurrentAppend):
            attempt(partial(once, openings.as_listed))
            return opened
    attempt(partial(once, lagging.as_told))
    return opened


def open_reviews(
    context: Context, unit_id: UnitId, wanted: ToOpen, correlation_id: str
) -> Iterator[int]:
    """Open some reviews in a committee's open cycle, group by group; yield how many in each.

    Raises:
        ConcurrentAppend: more was told of one of them, or of their units, than is wanted by.
    """
    for start in range(0, len(wanted.reviews), REVIEWS_MAX):
        group = wanted._replace(reviews=wanted.reviews[start : start + REVIEWS_MAX])
        yield _open_group(context, unit_id, group, correlation_id)


def _open_group(context: Context, unit_id: UnitId, wanted: ToOpen, correlation_id: str) -> int:
    commands = wanted.reviews
    top = cycle_stream(commands[0].period, unit_id)
    history = context.store.read_stream(top)
    rules, now = _rules_to_join(context, cycle.fold(history.events)), context.clock.now()
    streams = {review_stream(each.period, _subject(each)): each for each in commands}
    versions = context.store.versions(streams)
    again = _opened_again(context, unit_id, [each for each in streams if versions[each]])
    new = partial(
        new_event,
        context,
        source=SOURCE,
        principal=OPENINGS,
        correlation_id=correlation_id,
        time=now,
    )
    facts = {
        stream: year_openings.opening_of(command, rules, now)
        for stream, command in streams.items()
        if not versions[stream] or stream in again
    }
    appended = {
        stream: Appended(versions[stream], (new(fact),))
        for stream, fact in facts.items()
        if not isinstance(fact, Rejection)
    }
    if appended:  # into a cycle that nobody took over or voided meanwhile, by what still holds
        opened = [each for stream, each in streams.items() if stream in appended]
        context.store.append(
            {top: Appended(history.version)} | _guards(opened, wanted.seen) | appended
        )
    return len(appended)


def _guards(
    opened: Iterable[OpenReview | OpenCollective], seen: Mapping[Stream, int]
) -> dict[Stream, Appended]:
    """Return what must not have moved: whoever verifies decides by what was told before."""
    by = set[Stream]()
    for each in opened:
        by.update(map(unit_stream, each.path))
        if isinstance(each, OpenReview):
            by.add(member_stream(each.member_id))
        else:
            by.update(member_stream(leader.member_id) for leader in each.leaders)
            by.update(map(unit_stream, each.below))
    return {stream: Appended(seen[stream]) for stream in sorted(by & seen.keys())}


def _rules_to_join(context: Context, state: cycle.State) -> Rules:
    """Return the rules of a cycle. Raises CommandRejected unless somebody may join it."""
    if not state.holds or state.closed:
        raise CommandRejected(Rejection.YEAR_NOT_OPEN)
    return _rules(context, state)


def _opened_again(context: Context, top: UnitId, streams: Sequence[Stream]) -> frozenset[Stream]:
    """Return in which streams a review was voided, or left to this year: as projected, as told."""
    named = {each.removeprefix("review-"): each for each in streams}
    found = cycle_lists.broken_off(context.store.database, named)
    told = ((named[key], review.fold(context.store.events(named[key]))) for key in found)
    return frozenset(each for each, now in told if not now.opened or now.is_left_to(top))


def _subject(command: OpenReview | OpenCollective) -> str:
    return command.member_id if isinstance(command, OpenReview) else command.unit_id


def _rules(context: Context, state: cycle.State) -> Rules:
    if state.opened is None:
        raise CommandRejected(Rejection.YEAR_NOT_OPEN)
    return reference.rules_of(context.store.database, state.opened.fact)
