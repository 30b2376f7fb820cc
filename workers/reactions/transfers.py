"""Transfer: when a member moves, what is still to be done of their review moves with them.

Whoever is responsible for the person now goes on with it; what was said before stays. A review
that is proposed already, or whose authority is another one since, stays where it is.
"""

from events.definitions.entry import Sequenced
from events.definitions.records import Period
from events.definitions.roster import FactCorrected, MemberMoved
from events.domain import member, opening, review
from events.domain.rejections import CommandRejected
from events.identifiers import MemberId, UnitId, derived_event_id, member_stream, review_stream
from events.store import reference
from events.store.append import Appended, NewEvent
from services.commands.context import Context
from services.commands.executor import attempt
from services.read_models import desk, roster

NAME = "transfers"
SOURCE = "/workers/transfers"
PRINCIPAL = "worker:transfers"
NOTHING_TO_MOVE = ("already_done", "too_late")


class Transfers:
    """Moves reviews after their members."""

    name = NAME

    def __init__(self, context: Context) -> None:
        self._context = context

    def handle(self, sequenced: Sequenced) -> None:
        """Move the open reviews of somebody who moved, or did not; a second time nothing moves.

        That they moved, or where to, may have been told wrongly: a correction moves them too.
        """
        kind, _, told_of = sequenced.entry.stream.partition("-")
        if kind == "member" and isinstance(sequenced.event, MemberMoved | FactCorrected):
            member_id = MemberId(told_of)
            for period in desk.periods(self._context.store.database, member_id):
                attempt(lambda p=period: self._move(Period(p), member_id, sequenced))  # type: ignore[misc]

    def _move(self, period: Period, member_id: MemberId, cause: Sequenced) -> None:
        store, stream = self._context.store, review_stream(period, member_id)
        history = store.read_stream(stream)
        state = review.fold(history.events)
        holds = member.view(member.fold(store.read_stream(member_stream(member_id)).events))
        if state.opened is None or not holds.unit_id:
            return
        own, top, unit_id = state.path[0], state.path[-1], UnitId(holds.unit_id)
        if isinstance(cause.event, FactCorrected) and unit_id == own:
            return  # what was corrected is no move
        kind = roster.kinds_of(store.database, [unit_id]).get(unit_id, "")
        above = roster.parents(store.database)
        wanted = roster.opening_of(period, member_id, holds, top, above, kind)
        if wanted.path[-1] != top:
            return  # another authority's member since: whoever opened this review ends it
        try:
            rules = reference.rules_of(store.database, state.opened.fact)
            moved = opening.move_review(state, wanted, rules)
        except CommandRejected as rejection:
            if rejection.code in NOTHING_TO_MOVE:
                return
            raise
        new = NewEvent(
            event=moved,
            id=derived_event_id(NAME, cause.entry.id, stream),
            source=SOURCE,
            time=self._context.clock.now(),
            principal=PRINCIPAL,
            causation_id=cause.entry.id,
            correlation_id=cause.entry.correlationid,
        )
        store.append({stream: Appended(history.version, (new,))})
