"""What follows for a member's review from where they belong and which posts they hold by now.

It moves with them, ends with their membership, is left to the year of a unit above, or goes on
after that. A worker tells it; whoever judges tells it first, and whoever verifies asks for it
again: a worker may tell nothing.
"""

from datetime import datetime
from typing import TypeAlias

from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewResumed
from events.definitions.roster import Standing
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation.member import ENROLLED, Member
from events.domain.review import ending, opening
from events.domain.review.opening import OpenReview
from events.domain.review.state import RATED_ABOVE, State
from events.domain.review.writing_steps import opened_review, under_way
from events.domain.year import heading
from events.domain.year.heading import Tree
from events.domain.year.rules import Rules
from events.identifiers import UnitId

Follows: TypeAlias = ReviewMoved | ReviewEnded | ReviewResumed

NOTHING_FOLLOWS = (  # all is as it is to be
    Rejection.REVIEW_THERE,
    Rejection.REVIEW_STAYS,
    Rejection.REVIEW_ENDED,
    Rejection.DECIDED,
)


def follow(state: State, holds: Member, tree: Tree, rules: Rules, *, now: datetime) -> Follows:
    """Return what follows for a review. Raises CommandRejected where nothing does.

    Under another authority it stays, and so it does once it is proposed or rated again: then it is
    moved by posts alone, and only where else somebody would be rated from below. Who belongs where
    they did is rated on the way up that was pinned, however the units hang by now.
    """
    opened = opened_review(state)
    if holds.membership != ENROLLED:
        return ending.end_review(state)
    if not holds.own_unit:
        raise CommandRejected(Rejection.REVIEW_STAYS)
    path = _path(state, UnitId(holds.own_unit), tree)
    terms = rules.rulebook.competence_for(opened.group or "")
    offices = heading.offices_held(holds, rules, opened.group or "")
    is_above = bool(offices) and not offices.isdisjoint(tree.way_up(path[-1])[1:])
    if is_above and (state.left_above or not state.ending):
        return _leave_to_above(state)
    if resumed := ending.resume_review(state, rules, now=now):
        return resumed
    command = OpenReview(
        period=opened.period,
        member_id=opened.member_id,
        path=path,
        standing=opened.standing or Standing.OFFICIAL,
        posts=tuple((UnitId(each.unit_id), each.post) for each in holds.posts),
        kinds=tuple(map(tree.kind_of, path)) if terms else (),
        under=tuple(each for each in path if heading.is_under(each, offices, tree)),
    )
    return opening.move_review(state, command, rules)


def require_followed(
    state: State, holds: Member, tree: Tree, rules: Rules, *, now: datetime
) -> None:
    """Raise CommandRejected where something follows for a review that is still to be told."""
    try:
        follow(state, holds, tree, rules, now=now)
    except CommandRejected as rejection:
        if rejection.why in NOTHING_FOLLOWS:
            return
        raise
    raise CommandRejected(Rejection.REVIEW_FOLLOWS)


def _path(state: State, own: UnitId, tree: Tree) -> tuple[UnitId, ...]:
    """Return the path on which a review is to go on: of who belongs elsewhere, from there."""
    pinned = state.pinned_path
    if state.proposal or state.reopening or pinned[0] == own:
        return pinned
    way = tree.way_up(own)
    if pinned[0] == way[0] or pinned[-1] not in way:
        return pinned  # or another authority's member since: whoever opened this review ends it
    return way[: way.index(pinned[-1]) + 1]


def _leave_to_above(state: State) -> ReviewEnded:
    """Return that no unit of this year may rate somebody: the year of a unit above takes them in.

    A rating that was decided stands, also while it is to be given again.
    """
    opened = opened_review(state)
    if state.left_above or state.decision:
        raise CommandRejected(Rejection.REVIEW_STAYS)
    under_way(state)
    if state.reopening:
        raise CommandRejected(Rejection.RATED_FROM_BELOW)
    return ReviewEnded(period=opened.period, member_id=opened.member_id, reason=RATED_ABOVE)
