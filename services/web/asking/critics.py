"""Who wrote a criticism, for whom the edition lets see it; for everybody else, nobody.

In the log an author is a pseudonym under the key of whose year it is. Whoever may see through it
learns who has it: of those who may criticise here now, else of everybody who was ever a member.
"""

from collections.abc import Collection, Iterable, Mapping

from events.definitions.records import Label
from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.domain.rulebook.rulebook import Rulebook
from events.identifiers import MemberId
from events.store import reference
from services.access.roles import MEANT, Role
from services.access.words import pseudonym_under
from services.commands import reviews
from services.read_models import roster
from services.subject import Subject
from services.web.context import system


def sees_authors(rulebook: Rulebook, roles: Collection[Role]) -> bool:
    """Tell whether an edition lets somebody with these roles see who criticised."""
    meant = (MEANT[turn] for turn in rulebook.criticism.author_seen_by)
    return any(not each.isdisjoint(roles) for each in meant)


def authors_for(
    subject: Subject, state: review.State, roles: Collection[Role]
) -> Mapping[str, MemberId] | None:
    """Return who wrote which criticism, by its id, as far as found; None for who sees no author."""
    database = system().store.database
    rulebook = reference.rulebook_of(database, opened_review(state).rulebook)
    if not state.criticisms or not sees_authors(rulebook, roles):
        return None
    pair = (reviews.owner_of(system(), subject), subject.period)
    key = system().keys.keys([pair]).get(pair)
    if key is None:
        return {}
    near = {
        *roster.members_of(database, state.path[:1]),
        *roster.acting_in(database, state.path),
    }
    wanted = {each.fact.author for each in state.criticisms}
    named = _by_pseudonym(key, near)
    if not wanted <= named.keys():  # somebody moved away since, left, or lost a post
        named |= _by_pseudonym(key, roster.members_ever(database))
    return {
        each.fact.criticism_id: named[each.fact.author]
        for each in state.criticisms
        if each.fact.author in named
    }


def _by_pseudonym(key: bytes, members: Iterable[MemberId]) -> dict[Label, MemberId]:
    return {pseudonym_under(key, each): each for each in members}
