"""Transfer: what is still to be done of a member's review follows them, to units and to posts.

Some systems tell a move by enrolling somebody again, elsewhere. Whoever is responsible for the
person now goes on with it; what was said before stays. A review that is proposed already, or whose
authority is another one since, stays where it is. The review of whoever left, or of a unit that is
dissolved, goes on nowhere: it ends, and goes on again where they are there after all.
"""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from events.definitions.entry import Sequenced
from events.definitions.event import Event
from events.definitions.records import Period
from events.definitions.reopening import ReviewResumed
from events.definitions.review import ReviewOpened
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
from events.domain.organisation import member, succession, unit
from events.domain.review import ending, opening, review
from events.domain.year.rules import Rules
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    derived_event_id,
    member_stream,
    review_stream,
    unit_stream,
)
from events.store import reference
from services.commands.executor import SteadyReads, attempt, following_event
from services.context import Context
from services.queries import year_counts
from services.read_models import cycle_lists, roster

NAME = "transfers"
MEMBERS, UNITS = "member-", "unit-"  # begin the names of the streams of members and units
NOTHING_FOLLOWS = (
    Rejection.REVIEW_THERE,
    Rejection.REVIEW_STAYS,
    Rejection.REVIEW_ENDED,
    Rejection.DECIDED,
)

Follows = Callable[[SteadyReads, review.State, datetime], Event | None]


class Transfers:
    """Moves reviews after their members; ends those of dissolved units, or lets them go on."""

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
            case ReviewResumed(member_id=subject) if not sequenced.event.by:
                self._follow(subject, self._of_member, sequenced)  # to where they are by now
            case FactCorrected() | FactTookEffect() if stream.startswith(MEMBERS):
                subject = MemberId(stream.removeprefix(MEMBERS))
                self._follow(subject, self._of_member, sequenced)  # told wrongly, or ahead
            case UnitDissolved() | UnitFormed() | FactCorrected() | FactTookEffect() if (
                stream.startswith(UNITS)
            ):
                subject = MemberId(stream.removeprefix(UNITS))
                self._follow(subject, self._end_or_resume, sequenced)

    def _follow(self, subject: MemberId, follows: Follows, cause: Sequenced) -> None:
        for period in cycle_lists.periods(self._context.store.database, subject):
            stream = review_stream(Period(period), subject)
            attempt(partial(self._append, stream, follows, cause))

    def _append(self, stream: Stream, follows: Follows, cause: Sequenced) -> None:
        """Append what follows for one review, decided on it as it is; anew after a lost race."""
        reads, now = SteadyReads(self._context.store), self._context.clock.now()
        try:
            event = follows(reads, review.fold(reads.events(stream)), now)
        except CommandRejected as rejection:
            if rejection.why in NOTHING_FOLLOWS:
                return
            raise
        if event is not None:
            event_id = derived_event_id(NAME, cause.entry.id, stream)
            new = following_event(event, cause, reaction=NAME, event_id=event_id, now=now)
            reads.append({stream: (new,)})

    def _of_member(self, reads: SteadyReads, state: review.State, now: datetime) -> Event | None:
        """Return that a review ends as its member left, goes on as they are back, or moves."""
        if state.opened is None or state.opened.fact.collective:
            return None
        holds = member.view(member.fold(reads.events(member_stream(state.opened.fact.member_id))))
        if holds.membership != member.ENROLLED:
            return ending.end_review(state)
        if resumed := ending.resume_review(state, self._rules(state, state.opened.fact), now=now):
            return resumed
        return self._move(reads, state, now)

    def _move(self, reads: SteadyReads, state: review.State, _now: datetime) -> Event | None:
        """Return that a review follows its member, by where they belong now and their posts.

        Under another authority it does not: None. Who belongs where they did is rated on the way
        up that was pinned, however the units hang by now.
        """
        if state.opened is None:
            return None
        opened, pinned, read = state.opened.fact, state.pinned_path, reads.events
        holds = member.view(member.fold(read(member_stream(opened.member_id))))
        if holds.own_unit is None:
            return None  # nothing follows whoever left
        told = UnitId(holds.own_unit)
        unit_id = succession.acting_unit(told, succession.successors([told], read))
        path = pinned
        if pinned[0] not in (told, unit_id):
            # By what was told: lists may not know yet where a new unit hangs.
            way_up = (unit_id, *succession.units_above(unit_id, read))
            if pinned[-1] not in way_up:
                return None  # another authority's member since: whoever opened this review ends it
            path = way_up[: way_up.index(pinned[-1]) + 1]
        kinds = tuple(unit.view(unit.fold(read(unit_stream(e)))).kind or "" for e in path)
        further = succession.units_above(path[-1], read)
        wanted = roster.opening_of(
            opened.period, opened.member_id, holds, path, kinds, above=further
        )
        rules = self._rules(state, opened)
        return opening.move_review(state, wanted, rules)

    def _end_or_resume(
        self, reads: SteadyReads, state: review.State, now: datetime
    ) -> Event | None:
        """Return that a unit's review ended, or goes on where it stands after all; else None."""
        if state.opened is None:
            return None
        opened = state.opened.fact
        if not year_counts.stands(reads.events, UnitId(opened.member_id)):
            return ending.end_review(state)
        return ending.resume_review(state, self._rules(state, opened), now=now)

    def _rules(self, state: review.State, opened: ReviewOpened) -> Rules:
        return reference.rules_of(self._context.store.database, state.deadlines.source(opened))
