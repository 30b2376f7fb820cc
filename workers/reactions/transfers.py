"""Transfer: what is still to be done of a member's review and plan follows them.

Some systems tell a move by enrolling somebody again, elsewhere. Whoever is responsible for the
person now goes on with it; what was said before stays. A review that is proposed already, or whose
authority is another one since, stays where it is; who came to an office above the unit whose year
it is, is left to the year of a unit above. Whoever judges a review tells what follows for it first,
so here it is told for those who look at lists. A plan goes on before units above those that its
member came to head, and nobody follows it from below. The review of whoever left, or of a unit
that is dissolved, goes on nowhere: it ends, and goes on again where they are there after all.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from events.definitions.entry import Sequenced
from events.definitions.event import Event
from events.definitions.plan import EvidenceHandedIn, PlanMoved, PlanOpened
from events.definitions.records import Hand, Period
from events.definitions.reopening import ReviewMoved, ReviewReopened, ReviewResumed
from events.definitions.review import RatingReturned, ReviewOpened
from events.definitions.roster import (
    FactCorrected,
    FactTookEffect,
    MemberEnrolled,
    MemberLeft,
    MemberMoved,
    PostGiven,
    PostRelieved,
    UnitDissolved,
    UnitFormed,
)
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.plan import plan
from events.domain.review import ending, review
from events.domain.review.following import NOTHING_FOLLOWS
from events.domain.year.rules import Rules
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    derived_event_id,
    plan_stream,
    review_stream,
)
from events.store import reference
from services.commands.executor import SteadyReads, attempt, following_event
from services.context import Context
from services.queries import following, year_counts
from services.read_models import cycle_lists, inbox, roster, states
from services.read_models.states import PLANS, REVIEWS

NAME = following.NAME
MEMBERS, UNITS = "member-", "unit-"  # begin the names of the streams of members and units

Follows = Callable[[SteadyReads, Stream, datetime], Event | None]


class Transfers:
    """Moves reviews and plans after their members; ends those of dissolved units, or not."""

    name = NAME

    def __init__(self, context: Context) -> None:
        self._context = context

    def handle(self, sequenced: Sequenced) -> None:
        """Append what follows for the reviews of whom a fact is about; a second time nothing."""
        stream = sequenced.entry.stream
        match sequenced.event:
            case (
                MemberMoved(member_id=subject)
                | MemberEnrolled(member_id=subject)
                | PostGiven(member_id=subject)
                | PostRelieved(member_id=subject)
                | MemberLeft(member_id=subject)
            ):
                self._follow(subject, self._of_member, sequenced)
                self._follow_followed(subject, sequenced)
            case FactCorrected() | FactTookEffect() if stream.startswith(MEMBERS):
                subject = MemberId(stream.removeprefix(MEMBERS))
                self._follow(subject, self._of_member, sequenced)  # told wrongly, or ahead
                self._follow_followed(subject, sequenced)
            case (
                RatingReturned(member_id=subject, period=period)
                | ReviewReopened(member_id=subject, period=period)
                | ReviewResumed(member_id=subject, period=period)
                | ReviewMoved(member_id=subject, period=period, by=Hand())
            ):
                self._follow_stream(review_stream(period, subject), self._of_member, sequenced)
            case (
                PlanOpened(member_id=subject, period=period)
                | PlanMoved(member_id=subject, period=period)
                | EvidenceHandedIn(member_id=subject, period=period)
            ):
                self._follow_stream(plan_stream(period, subject), self._of_plan, sequenced)
            case UnitDissolved() | UnitFormed() | FactCorrected() | FactTookEffect() if (
                stream.startswith(UNITS)
            ):
                subject = MemberId(stream.removeprefix(UNITS))
                self._follow(subject, self._end_or_resume, sequenced)
                if isinstance(sequenced.event, UnitDissolved):
                    self._follow_heads(sequenced.event.successor_id, sequenced)

    def _follow_heads(self, unit_id: UnitId, cause: Sequenced) -> None:
        """Append what follows for who holds a post in a unit to which another one came."""
        for member_id in roster.holding_posts(self._context.store.database, unit_id):
            self._follow(member_id, self._of_member, cause)

    def _follow(self, subject: MemberId, follows: Follows, cause: Sequenced) -> None:
        database = self._context.store.database
        states.require_come(database, REVIEWS.projection, cause.position)  # else some are missing
        for period in map(Period, cycle_lists.periods(database, subject)):
            self._follow_stream(review_stream(period, subject), follows, cause)
            self._follow_stream(plan_stream(period, subject), self._of_plan, cause)

    def _follow_followed(self, follower: MemberId, cause: Sequenced) -> None:
        """Append what follows for the plans in which evidence waits for somebody.

        Of others they are asked when evidence comes.
        """
        database = self._context.store.database
        states.require_come(database, PLANS.projection, cause.position)
        for stream in inbox.plans_before(database, follower):
            self._follow_stream(stream, self._of_plan, cause)

    def _follow_stream(self, stream: Stream, follows: Follows, cause: Sequenced) -> None:
        attempt(partial(self._append, stream, follows, cause))

    def _append(self, stream: Stream, follows: Follows, cause: Sequenced) -> None:
        """Append what follows for one of them, decided on it as it is; anew after a lost race."""
        reads, now = SteadyReads(self._context.store), self._context.clock.now()
        try:
            event = follows(reads, stream, now)
        except CommandRejected as rejection:
            if rejection.why in (*NOTHING_FOLLOWS, Rejection.RATED_FROM_BELOW):
                return
            raise
        if event is not None:
            event_id = derived_event_id(NAME, cause.entry.id, stream)
            new = following_event(event, cause, reaction=NAME, event_id=event_id, now=now)
            reads.append({stream: (new,)})

    def _of_member(self, reads: SteadyReads, stream: Stream, now: datetime) -> Event | None:
        """Return that a review ends as its member left, goes on as they are back, or moves."""
        state = review.fold(reads.events(stream))
        if state.opened is None or state.collective:
            return None
        rules = self._rules(state, state.opened.fact)
        return following.followed_by(reads.events, state, rules, now=now)

    def _of_plan(self, reads: SteadyReads, stream: Stream, _: datetime) -> Event | None:
        """Return before whom a plan goes on, or that nobody follows it; None where it stays."""
        state = plan.fold(reads.events(stream))
        if state.opened is None:
            return None
        rules = self._rules(state, state.opened.fact)
        moved = following.plan_followed_by(reads.events, state, rules)
        return moved or following.plan_unfollowed_by(reads.events, state, rules)

    def _end_or_resume(self, reads: SteadyReads, stream: Stream, now: datetime) -> Event | None:
        """Return that a unit's review ended, or goes on where it stands after all; else None."""
        state = review.fold(reads.events(stream))
        if state.opened is None:
            return None
        opened = state.opened.fact
        if not year_counts.stands(reads.events, UnitId(opened.member_id)):
            return ending.end_review(state)
        return ending.resume_review(state, self._rules(state, opened), now=now)

    def _rules(self, state: review.State | plan.State, opened: ReviewOpened | PlanOpened) -> Rules:
        return reference.rules_of(self._context.store.database, state.deadlines.source(opened))
