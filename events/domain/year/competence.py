"""Who may decide about whom: never the person concerned, and only by a post in the right place."""

from collections.abc import Collection

from events.definitions.records import Hand
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.year.rules import Rules
from events.identifiers import UnitId


def require_four_eyes(*, own: bool) -> None:
    """Raise CommandRejected when somebody would decide on their own, or on what they lead."""
    if own:
        raise CommandRejected(Rejection.ON_ONESELF)


def require_competent(by: Hand, units: Collection[UnitId], rules: Rules) -> None:
    """Raise CommandRejected unless the hand holds an office of the rulebook in one of the units."""
    if by.unit_id not in units or by.post not in rules.rulebook.offices:
        raise CommandRejected(Rejection.NO_SUCH_OFFICE, offices=", ".join(rules.rulebook.offices))
