"""Who may decide about whom: never the person concerned, and only by a post in the right place."""

from collections.abc import Collection

from events.definitions.records import Hand
from events.domain.aggregate.rejections import CommandRejected
from events.domain.year.rules import Rules
from events.identifiers import UnitId


def require_four_eyes(*, own: bool) -> None:
    """Raise CommandRejected when somebody would decide on their own, or on what they lead."""
    if own:
        raise CommandRejected(
            "on_oneself", rule="four eyes", needed="somebody else must take this step"
        )


def require_competent(by: Hand, units: Collection[UnitId], rules: Rules) -> None:
    """Raise CommandRejected unless the hand holds an office of the rulebook in one of the units."""
    if by.unit_id not in units or by.post not in rules.rulebook.offices:
        raise CommandRejected(
            "not_competent",
            rule="competence",
            needed=f"this takes one of the posts {', '.join(rules.rulebook.offices)} there",
        )
