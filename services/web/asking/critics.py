"""Who wrote a criticism, for whom the edition lets see it; for everybody else, nobody.

In the log an author is a pseudonym under the key of whose year it is. Whoever may see through it
learns who has it: of those who may criticise here now, then of those who were reviewed here, else
of everybody who was ever a member.
Whom an edition names by a unit on the way up are those of the units of that time: who moved, or was
taken over, brings no author along.
"""

from collections.abc import Collection, Iterable, Mapping

from events.definitions.review import CriticismGiven
from events.domain.aggregate.folding import Taken
from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.domain.rulebook.rulebook import Rulebook
from events.identifiers import MemberId
from events.store import reference
from services.access.roles import MEANT, Role, owns, roles_towards
from services.access.words import pseudonym_under
from services.commands import reviews
from services.read_models import cycle_lists, roster
from services.subject import Subject
from services.web.asking.visibility import reader_of
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
    shown = [
        each
        for each in state.criticisms
        if sees_authors(rulebook, _roles_then(subject, state, roles, each.version))
    ]
    if not shown:
        return None
    pair = (reviews.owner_of(system(), subject), subject.period)
    key = system().keys.keys([pair]).get(pair)
    if key is None:
        return {}
    near = {
        *roster.members_of(database, state.path[:1]),
        *roster.acting_in(database, state.path),
    }
    found = _authors_among(near, key, shown)
    left = [each for each in shown if each.fact.criticism_id not in found]
    if left:  # somebody moved away since, or left: mostly one who was reviewed there as well
        units = {state.path_before(each.version)[0] for each in left}
        there = (cycle_lists.review_progress(database, subject.period, each) for each in units)
        found |= _authors_among({e.member_id for rows in there for e in rows}, key, left)
        left = [each for each in left if each.fact.criticism_id not in found]
    if left:  # or lost a post above, or came and went
        found |= _authors_among(roster.members_ever(database), key, left)
    return found


def _roles_then(
    subject: Subject, state: review.State, roles: Collection[Role], version: int
) -> Collection[Role]:
    """Return the roles of who reads towards the way up on which a review was by a fact of it."""
    path, rated_by = state.path_before(version), state.units_above_before(version)
    if owns(roles) or (path, rated_by) == (state.path, state.units_above):
        return roles
    return roles_towards(
        reader_of(state),
        subject=subject.member_id,
        path=path,
        rated_by=rated_by,
        leaders=state.leaders,
    )


def _authors_among(
    members: Collection[MemberId], key: bytes, criticisms: Iterable[Taken[CriticismGiven]]
) -> dict[str, MemberId]:
    """Return who of some members gave which criticism, by its id."""
    return {
        given.fact.criticism_id: each
        for given in criticisms
        for each in members
        if given.fact.author == pseudonym_under(key, each, given.fact.criticism_id)
    }
