"""Who holds a post says who stands in for them, and takes that back; who stands in lays it down.

The same facts that HR tells, in the stream of who stands in.
"""

from datetime import date

from events.definitions.event import Code
from events.definitions.roster import DelegationEnded, PostDelegated
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import local_day, start_of
from events.domain.organisation import member, standing_in, unit
from events.domain.organisation.timelines import State
from events.identifiers import MemberId, Stream, UnitId, member_stream
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries.delegations import wish_of


def delegate(
    context: Context,
    asking: Asking,
    member_id: MemberId,
    unit_id: UnitId,
    post: str,
    *,
    since: date,
    until: date,
) -> Done:
    """Let a member stand in for who asks, in a post of theirs, from one day to another."""
    stream = member_stream(member_id)

    def decide(work: Work) -> Stream:
        work.load(stream)
        work.sees = False  # until it is plain that they are of the unit
        for_id, today = work.member(otherwise=Rejection.NO_MEMBER_DELEGATES), local_day(work.now)
        standing_in.require_to_come(since, today)
        begins = work.now if since == today else start_of(since)
        told = PostDelegated(
            member_id=member_id, unit_id=unit_id, post=Code(post), for_id=for_id, until=until
        )
        database = context.store.database
        wish = wish_of(told, begins, lambda each: _state_of(work, each), database, now=work.now)
        work.tell(stream, standing_in.delegate_post(wish))
        work.sees = True
        work.holds_from = begins
        return stream

    return perform(context, asking, decide)


def end(
    context: Context, asking: Asking, member_id: MemberId, unit_id: UnitId, post: str, for_id: str
) -> Done:
    """Let a member stand in no longer: that in force ends now, else that to come never begins."""
    stream, whose = member_stream(member_id), MemberId(for_id)

    def decide(work: Work) -> Stream:
        state = member.fold(work.load(stream).events)
        work.sees = False  # until it is plain that there is one, and theirs
        if work.member(otherwise=Rejection.NO_MEMBER_DELEGATES) not in (member_id, whose):
            raise CommandRejected(Rejection.NOT_DELEGATED)  # whether there is one is not theirs
        ended = DelegationEnded(member_id=member_id, unit_id=unit_id, post=Code(post), for_id=whose)
        holds, then = member.view(state), member.view(state.with_all_ahead())
        by_now = standing_in.delegation_in(holds, unit_id, post, whose)
        work.tell(stream, standing_in.end_delegation(ended, then if by_now is None else holds))
        work.sees = True
        ahead = standing_in.delegation_in(then, unit_id, post, whose)
        if ahead and (by_now is None or by_now.until < local_day(work.now)):
            work.holds_from = max(work.now, ahead.since)
        return stream

    return perform(context, asking, decide)


def _state_of(work: Work, stream: Stream) -> State:
    fold = unit.fold if stream.startswith("unit-") else member.fold
    return fold(work.events(stream))
