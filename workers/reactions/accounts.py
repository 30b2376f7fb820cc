"""Accounts: who left, died, or was moved out of the tree signs in no more, and sessions end.

What holds of the member now decides, so a correction undoes it, and so does coming back. What an
operator disabled stays so, and what one enabled again after it stopped goes on.
"""

from collections.abc import Iterable
from typing import NamedTuple

from events.definitions.entry import Recorded, Sequenced
from events.definitions.roster import FactCorrected, MemberEnrolled, MemberLeft, MemberMoved
from events.domain.organisation import member, succession, unit
from events.identifiers import MemberId, UnitId, member_stream, unit_stream
from services.access import accounts, stops
from services.context import Context
from services.read_models.roster import PATH_MAX

NAME = "accounts"
MEMBERS = "member-"  # begins the name of a member's stream


class _Place(NamedTuple):
    """Whether somebody belongs here, and in which tree they are, or were last."""

    is_enrolled: bool
    top: UnitId | None


class Accounts:
    """Stops accounts after their members, and lets them go on."""

    name = NAME

    def __init__(self, context: Context) -> None:
        self._context = context

    def handle(self, sequenced: Sequenced) -> None:
        """Stop the account of whom a fact is about, or let it go on; a second time nothing."""
        stream = sequenced.entry.stream
        match sequenced.event:
            case MemberEnrolled() | MemberMoved() | MemberLeft() | FactCorrected():
                if stream.startswith(MEMBERS):
                    self._follow(MemberId(stream.removeprefix(MEMBERS)), sequenced)

    def _follow(self, member_id: MemberId, cause: Sequenced) -> None:
        database = self._context.store.database
        account = accounts.find_member(database, member_id)
        if account is None:
            return
        history = self._context.store.read_stream(member_stream(member_id)).events
        earlier = [e for e in history if e.entry.streamversion < cause.entry.streamversion]
        before, now = self._place(earlier), self._place(history)
        if before == now:
            return  # it changes nothing of this; what an operator decided meanwhile stands
        tree = account.tree or before.top
        if now.is_enrolled and tree in (None, now.top):
            stops.resume(database, account)
        else:
            moved_from = tree if now.is_enrolled else account.tree
            stops.stop(database, account, moved_from, clock=self._context.clock)

    def _place(self, history: Iterable[Recorded]) -> _Place:
        holds = member.view(member.fold(history))
        return _Place(holds.membership == member.ENROLLED, self._top(holds))

    def _top(self, holds: member.Member) -> UnitId | None:
        """Return the top of the tree in which somebody is, or that of its successor."""
        found = UnitId(holds.unit_id) if holds.unit_id else None
        for _ in range(PATH_MAX + succession.SUCCESSIONS_MAX):
            if found is None:
                break
            state = unit.fold(self._context.store.read_stream(unit_stream(found)).events)
            following = succession.successor_in(state) or state.value("parent")
            if following is None:
                break
            found = UnitId(following)
        return found
