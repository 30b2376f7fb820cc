"""Before somebody judges a review: what follows for it is told first, and its year must hold."""

import math
from datetime import datetime
from typing import Any, NoReturn

import msgspec

from events.definitions.plan import PlanMoved
from events.definitions.reopening import ReviewEnded, ReviewMoved
from events.domain.aggregate.folding import Taken
from events.domain.aggregate.rejections import CommandRejected
from events.domain.review import review
from events.domain.review.ending import LEFT
from events.domain.review.following import NOTHING_FOLLOWS, Follows
from events.domain.review.writing_steps import opened_review
from events.domain.year import cycle
from events.domain.year.rules import Rules
from events.errors import ConcurrentAppend
from events.identifiers import Stream, cycle_stream, derived_event_id
from events.store import histories
from events.store.batch import Appended, NewEvent
from services.access.roles import Action
from services.commands.work import Work
from services.queries import following

RATING = (Action.PROPOSE_RATING, Action.APPRAISE_RATING, Action.DECIDE_RATING)
JUDGING = (  # before these it is told what follows: somebody else may be the one to do them by it
    *RATING,
    Action.RETURN_RATING,
    Action.MOVE_DEADLINE,
    Action.WAIVE_STEP,
    Action.END_REVIEW,
)
IN_ITS_YEAR = (  # while that was neither voided nor taken over
    *JUDGING,
    Action.ANNOUNCE_RATING,
    Action.REOPEN_REVIEW,
)


def what_follows(
    work: Work, state: review.State, rules: Rules, action: Action
) -> tuple[Follows | None, CommandRejected | None]:
    """Return what follows for a review from where its member is, where no worker told it yet.

    Where nothing does: why nobody of this year may judge it, if so.
    """
    if state.collective:
        return None, None
    try:
        told = following.followed_by(work.events, state, rules, now=work.now)
    except CommandRejected as rejection:
        return None, None if rejection.why in NOTHING_FOLLOWS else rejection
    left = isinstance(told, ReviewEnded) and told.reason == LEFT
    if left and action in RATING:
        return None, None  # nobody rates whoever is away: the law says so, and a worker ends it
    return told, None


def after(state: review.State, told: Follows, now: datetime) -> review.State:
    """Return a review as those see it whose it is once it followed: only where it is may differ."""
    if not isinstance(told, ReviewMoved):
        return state
    moved = Taken(state.version + 1, now, told)
    return msgspec.structs.replace(state, version=moved.version, moves=(*state.moves, moved))


def tell(work: Work, stream: Stream, told: Follows | PlanMoved) -> NoReturn:
    """Append what a worker tells else, as a worker does: whoever asked is not named by it.

    Raises:
        ConcurrentAppend: always: it is told, or what was read has moved; what was asked is
            decided anew.
    """
    new = NewEvent(
        event=told,
        id=derived_event_id(following.NAME, stream, f"{work.read[stream]}"),
        source=f"/workers/{following.NAME}",
        time=work.now,
        principal=f"worker:{following.NAME}",
    )
    work.context.store.append(
        {each: Appended(seen, (new,) * (each == stream)) for each, seen in work.read.items()}
    )
    raise ConcurrentAppend(stream)


def require_of_year(work: Work, stream: Stream, state: review.State) -> None:
    """Raise CommandRejected where the year of a review was voided or taken over since it came."""
    years = cycle_stream(opened_review(state).period, state.pinned_path[-1])
    year, came = cycle.fold(work.events(years)), state.into_year
    since = (
        year.voided is not None
        and came is not None
        and _position(work, years, year.voided) > _position(work, stream, came)
    )
    cycle.require_of_year(year, pinned=state.pinned_path, voided_since=since)


def _position(work: Work, stream: Stream, taken: Taken[Any]) -> float:
    """Return where a fact stands in the log; what is not in its order yet comes last."""
    rows = histories.page(work.context.store.database, stream, taken.version - 1, 1)
    return next((row[1] for row in rows if row[0] == taken.version), math.inf)
