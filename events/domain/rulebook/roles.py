"""Roles: which posts, of whatever name, the law lets act where it needs somebody."""

from typing import Annotated

import msgspec

from events.domain.documents.document import Name, Part
from events.domain.steps import PostRole

POSTS_MAX = 20  # of one role

Posts = Annotated[tuple[Name, ...], msgspec.Meta(max_length=POSTS_MAX)]


class Roles(Part, frozen=True, kw_only=True):
    """Posts by what the law needs them for, each in the unit in which that is done.

    Whoever has any of these roles acts for their unit: they see its year, announce, judge plans,
    move deadlines and take escalations up. A role keeps for its posts what it is named after.
    """

    head: Posts  # heads the unit: is reviewed first there, and answers for its level
    proposer: Posts
    decider: Posts
    appraiser: Posts = ()  # of an edition with that step
    meeting_secretary: Posts = ()  # likewise: tells that a meeting was held

    def of(self, role: PostRole) -> tuple[str, ...]:
        found: tuple[str, ...] = getattr(self, role.value)
        return found

    @property
    def acting(self) -> tuple[str, ...]:
        """Return the posts with any role, each once: those that head a unit first."""
        return tuple(dict.fromkeys(post for role in PostRole for post in self.of(role)))


def roles_of_offices(offices: tuple[str, ...]) -> Roles:
    """Return what a document means that names offices alone: all do everything, the first heads."""
    return Roles(
        head=offices[:1],
        proposer=offices,
        decider=offices,
        appraiser=offices,
        meeting_secretary=offices,
    )
