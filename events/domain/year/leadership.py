"""Who answers for a unit under review, and who takes a step in its name.

Of a review as of a plan it is who was pinned when that was opened, and whoever wrote for the unit
since. A member answers for themselves, so of a member's year there are no leaders.
"""

from collections.abc import Iterable

from msgspec import UnsetType

from events.definitions.plan import PlanOpened
from events.definitions.records import Hand
from events.definitions.review import ReviewOpened
from events.domain.aggregate.folding import Taken
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.identifiers import MemberId, UnitId

Opened = Taken[ReviewOpened] | Taken[PlanOpened] | None
Written = Hand | UnsetType  # by whom something was, as its fact tells


def hands(opened: Opened, written: Iterable[Written]) -> tuple[Hand, ...]:
    """Return who answers for a unit, each hand once: those of the opening, then who wrote for it.

    What was told by an office in another unit was not told in its name.
    """
    if opened is None:
        return ()
    unit_id = UnitId(opened.fact.member_id)
    wrote = (each for each in written if each and each.unit_id == unit_id)
    return tuple(dict.fromkeys((*opened.fact.leaders, *wrote)))


def is_own(opened: Opened, hands: Iterable[Hand], by: Hand | MemberId) -> bool:
    """Tell whether what was opened is about somebody, or about a unit that they answer for.

    Of who stands in it is asked too of whom they stand in for.
    """
    eyes = by.eyes if isinstance(by, Hand) else (by,)
    own = opened is not None and opened.fact.member_id in eyes
    return own or any(each.is_one_of(eyes) for each in hands)


def require_own(opened: ReviewOpened | PlanOpened, by: MemberId, hand: Written) -> None:
    """Raise CommandRejected unless a step is whoever's it is about, or for a unit its leader's.

    Who stands in for a leader does not: what a unit says of itself is that leader's own matter.
    """
    if by != opened.member_id:
        raise CommandRejected(Rejection.NOT_YOURS)
    unit_id = UnitId(opened.member_id) if opened.collective else None
    if (hand.unit_id if hand else None) != unit_id or (hand and hand.for_id):
        raise CommandRejected(Rejection.NOT_YOUR_UNIT)
