"""Open and close the year of a committee, and the reviews of its members."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial

from events.definitions.records import Period
from events.definitions.review import ReviewOpened
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.review import collective, opening, review
from events.domain.review.collective import OpenCollective
from events.domain.review.opening import OpenReview
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.identifiers import Stream, UnitId, cycle_stream, new_event_id, review_stream
from events.store import reference
from events.store.batch import Appended, NewEvent
from services.access.roles import Action, Person, Thing, require, roles_towards
from services.commands.executor import attempt
from services.commands.work import SOURCE, Asking, Done, Work, perform
from services.context import Context

REVIEWS_MAX = 200  # opened in one append


def open_cycle(
    context: Context, asking: Asking, period: Period, unit_id: UnitId, rules: Rules
) -> Done:
    """Open a committee's year under a published rulebook; `open_reviews` opens its members'."""
    stream = cycle_stream(period, unit_id)

    def decide(work: Work) -> Stream:
        require_opener(asking.person, unit_id)
        state = cycle.fold(work.load(stream).events)
        command = cycle.OpenCycle(period=period, unit_id=unit_id, by=work.hand_for((unit_id,)))
        work.tell(stream, cycle.open_cycle(state, command, rules))
        return stream

    return perform(context, asking, decide)


def close_cycle(context: Context, asking: Asking, period: Period, unit_id: UnitId) -> Done:
    """Close a committee's year: nobody joins it any more."""
    stream = cycle_stream(period, unit_id)

    def decide(work: Work) -> Stream:
        require_opener(asking.person, unit_id, kind="cycle")
        state = work.after_units(cycle.fold(work.load(stream).events), (unit_id,))
        command = cycle.CloseCycle(by=work.hand_for((unit_id,)))
        work.tell(stream, cycle.close_cycle(state, command, _rules(context, state)))
        return stream

    return perform(context, asking, decide)


def require_opener(person: Person, unit_id: UnitId, *, kind: Thing | None = None) -> None:
    """Raise Forbidden, or Unseen of a `kind`, unless somebody may open a committee's year."""
    roles = roles_towards(person, subject=None, path=(unit_id,))
    require(Action.OPEN_CYCLE, roles, kind=kind)


def open_reviews(
    context: Context,
    unit_id: UnitId,
    wanted: Sequence[OpenReview | OpenCollective],
    correlation_id: str,
) -> int:
    """Open reviews in a committee's open cycle that are not open yet, and return how many.

    Done again it opens only what is missing, so a crash in the middle, or members who came later,
    cost nothing. `read_models.roster` tells who is to be reviewed.
    """
    opened = 0
    for start in range(0, len(wanted), REVIEWS_MAX):
        group = wanted[start : start + REVIEWS_MAX]
        state = cycle.fold(context.store.read_stream(cycle_stream(group[0].period, unit_id)).events)
        if state.opened is None or state.closed:
            raise CommandRejected(Rejection.YEAR_NOT_OPEN)
        rules = _rules(context, state)
        opened += attempt(partial(_open_group, context, group, rules, correlation_id))
    return opened


def _open_group(
    context: Context,
    commands: Sequence[OpenReview | OpenCollective],
    rules: Rules,
    correlation_id: str,
) -> int:
    streams = {review_stream(each.period, _subject(each)): each for each in commands}
    versions = context.store.versions(streams)
    now = context.clock.now()
    facts = {
        stream: _opening(command, rules, now)
        for stream, command in streams.items()
        if not versions[stream]
    }
    appended = {
        stream: Appended(
            0,
            (
                NewEvent(
                    event=fact,
                    id=new_event_id(context.chance),
                    source=SOURCE,
                    time=now,
                    principal="worker:openings",
                    correlation_id=correlation_id,
                ),
            ),
        )
        for stream, fact in facts.items()
        if fact
    }
    if appended:
        context.store.append(appended)
    return len(appended)


def _subject(command: OpenReview | OpenCollective) -> str:
    return command.member_id if isinstance(command, OpenReview) else command.unit_id


def _opening(
    command: OpenReview | OpenCollective, rules: Rules, now: datetime
) -> ReviewOpened | None:
    """Return the opening of a review; None of whom, or what, this edition does not review."""
    try:
        if isinstance(command, OpenCollective):
            return collective.open_collective(review.EMPTY, command, rules, now=now)
        return opening.open_review(review.EMPTY, command, rules, now=now)
    except CommandRejected as rejection:
        if rejection.why in opening.LEFT_OUT:
            return None
        raise


def _rules(context: Context, state: cycle.State) -> Rules:
    if state.opened is None:
        raise CommandRejected(Rejection.YEAR_NOT_OPEN)
    return reference.rules_of(context.store.database, state.opened.fact)
