"""Accounts: who left, died, or was moved out of the tree signs in no more, and sessions end.

So does whoever belongs to a unit that leaves the tree, or to one below it: then every account is
looked at, while a move within a tree concerns nobody. What holds of the member
decides, so a correction undoes it, and so does coming back. What an operator disabled stays so, and
what one enabled again after it stopped goes on.
"""

import functools
from collections.abc import Callable, Collection
from typing import NamedTuple

from events.definitions.entry import Recorded, Sequenced
from events.definitions.roster import (
    FactCorrected,
    FactTookEffect,
    MemberEnrolled,
    MemberLeft,
    MemberMoved,
    UnitDissolved,
    UnitFormed,
    UnitMoved,
)
from events.domain.organisation import member, succession, unit
from events.domain.organisation.unit import PATH_MAX
from events.identifiers import MemberId, UnitId, member_stream, unit_stream
from events.store.store import Store
from services.access import account_rows, stops
from services.access.account_rows import OfMember
from services.context import Context

NAME = "accounts"
MEMBERS, UNITS = "member-", "unit-"  # begin the names of the streams of members and units
STREAMS_MAX = 1_000  # whose facts are kept in hand at once

Keeps = Callable[[Recorded], bool]  # which facts of the stream of a cause are looked at


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
        """Stop the accounts that a fact touches, or let them go on; a second time nothing."""
        stream = sequenced.entry.stream
        match sequenced.event:
            case (
                MemberEnrolled() | MemberMoved() | MemberLeft() | FactCorrected() | FactTookEffect()
            ) if stream.startswith(MEMBERS):
                whose = MemberId(stream.removeprefix(MEMBERS))
                self._follow(whose, _Change(self._context.store, sequenced))
            case (
                UnitFormed() | UnitMoved() | UnitDissolved() | FactCorrected() | FactTookEffect()
            ) if stream.startswith(UNITS):
                change = _Change(self._context.store, sequenced)
                if change.moves(UnitId(stream.removeprefix(UNITS))):
                    self._follow(None, change)

    def _follow(self, whose: MemberId | None, change: "_Change") -> None:
        """Follow what becomes of one member, or of all."""
        for account in account_rows.of_members(self._context.store.database, whose):
            self._follow_member(account, change)

    def _follow_member(self, account: OfMember, change: "_Change") -> None:
        before, now = (each.place(account.member_id) for each in (change.before, change.now))
        tree = account.tree or change.otherwise.place(account.member_id).top
        if now.is_enrolled and (tree is None or change.now.top(tree) == now.top):
            if account.is_stopped:
                stops.resume(self._context, account.id)
        elif before != now:  # otherwise it changes nothing of this; what an operator decided stands
            moved_from = tree if now.is_enrolled else account.tree
            stops.stop(self._context, account.id, moved_from)


class _Change:
    """The roster before a fact, after it, and as it were without the fact or what it corrects."""

    def __init__(self, store: Store, cause: Sequenced) -> None:
        stream, version = cause.entry.stream, cause.entry.streamversion
        told = frozenset(_versions_told(cause))
        read = functools.lru_cache(STREAMS_MAX)(  # later facts come to this reaction in their turn
            lambda each: store.read_stream(each, as_of=cause.position).events
        )

        def roster(keeps: Keeps) -> _Roster:
            return _Roster(lambda each: filter(keeps, read(each)) if each == stream else read(each))

        self.is_first = version == 1
        self.now = _Roster(read)
        self.before = roster(lambda each: each.entry.streamversion < version)
        self.otherwise = roster(
            lambda each: each.entry.streamversion < version and not _tells(each, told)
        )

    def moves(self, unit_id: UnitId) -> bool:
        """Tell whether a unit is in another tree than before; below one just told hangs nobody."""
        return not self.is_first and self.before.top(unit_id) != self.now.top(unit_id)


class _Roster:
    """Members and units, as all streams tell but one, of which only a part is looked at."""

    def __init__(self, read: succession.Read) -> None:
        self._read = read
        self._above: dict[UnitId, UnitId | None] = {}

    def place(self, member_id: MemberId) -> _Place:
        holds = member.view(member.fold(self._read(member_stream(member_id))))
        top = self.top(UnitId(holds.unit_id)) if holds.unit_id else None
        return _Place(holds.membership == member.ENROLLED, top)

    def top(self, unit_id: UnitId) -> UnitId:
        """Return the top of the tree in which a unit is, or that of its successor."""
        for _ in range(PATH_MAX + succession.SUCCESSIONS_MAX):
            above = self.above(unit_id)
            if above is None:
                break
            unit_id = above
        return unit_id

    def above(self, unit_id: UnitId) -> UnitId | None:
        """Return a unit's successor, or the unit under which it hangs; none at the top."""
        if unit_id not in self._above:
            state = unit.fold(self._read(unit_stream(unit_id)))
            parent = state.value("parent")
            following = succession.successor_in(state) or (UnitId(parent) if parent else None)
            self._above[unit_id] = following
        return self._above[unit_id]


def _versions_told(cause: Sequenced) -> tuple[int, ...]:
    """Return which facts of its stream a fact tells otherwise, or lets hold; else it is itself."""
    match cause.event:
        case FactCorrected(corrects=wrong):
            return (wrong,)
        case FactTookEffect(versions=versions):
            return versions
        case _:
            return (cause.entry.streamversion,)


def _tells(recorded: Recorded, versions: Collection[int]) -> bool:
    """Tell whether a fact is one of some versions, or was told instead of one."""
    match recorded.event:
        case FactCorrected(corrects=wrong):
            return wrong in versions
        case _:
            return recorded.entry.streamversion in versions
