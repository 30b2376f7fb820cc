"""What binds whoever appraises and decides: what the proposal counted, and an edition's limits."""

from collections import Counter
from collections.abc import Collection

from events.definitions.records import Facts, Hand, Weighed
from events.definitions.review import RatingProposed
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.rulebook import rating
from events.domain.rulebook.rulebook import Discretion, Limit, Rulebook


def require_unmoved(proposal: RatingProposed, facts: Facts | None) -> None:
    """Raise CommandRejected where the log tells otherwise by now of what a proposal counted."""
    if facts is not None and (moved := moved_since(proposal.facts, facts)):
        raise CommandRejected(Rejection.PROPOSAL_OUTDATED, moved=", ".join(moved))


def moved_since(proposed: Facts, now: Facts) -> tuple[str, ...]:
    """Return what of the facts of a proposal the log tells otherwise by now, by its name."""
    then, since = rating.told_by(proposed), rating.told_by(now)
    return tuple(sorted(name for name in then | since if then.get(name) != since.get(name)))


def require_within_limits(
    proposal: RatingProposed,
    level: str,
    by: Hand,
    weighed: Collection[Weighed],
    *,
    rulebook: Rulebook,
) -> None:
    """Raise CommandRejected for a level that the limits forbid, and nobody may or did weigh."""
    counted = Counter(each.limit for each in weighed)
    if twice := [limit for limit, count in counted.items() if count > 1]:
        raise CommandRejected(Rejection.WEIGHED_TWICE, limits=", ".join(twice))
    behind = {each.id: each for each in left_behind(rulebook, proposal, level)}
    for each in weighed:
        _require_discretion(behind.get(each.limit), each, by)
    best = rating.best_allowed(rulebook, proposal.outcome, counted)
    if rulebook.rank(level) < best:
        raise CommandRejected(Rejection.BEYOND_LIMITS, most=rulebook.levels[best].id)


def left_behind(rulebook: Rulebook, proposal: RatingProposed, level: str) -> tuple[Limit, ...]:
    """Return the limits that held for a proposal, and that a level is better than."""
    rank = rulebook.rank(level)
    held = rating.limits_held(rulebook, proposal.outcome)
    return tuple(each for each in held if rank < rulebook.rank(each.at_most))


def may_weigh(discretion: Discretion, by: Hand) -> bool:
    """Tell whether somebody's post lets them leave a limit behind."""
    return not discretion.posts or by.post in discretion.posts


def _require_discretion(limit: Limit | None, weighed: Weighed, by: Hand) -> None:
    """Raise CommandRejected unless a limit may be left behind, on its ground, by that post."""
    discretion = limit.discretion if limit else None
    known = [each.id for each in discretion.grounds] if discretion else []
    if discretion is None or weighed.ground not in known:
        told = ", ".join(known) or "-"
        raise CommandRejected(Rejection.NO_DISCRETION, limit=weighed.limit, known=told)
    if not may_weigh(discretion, by):
        posts = ", ".join(discretion.posts)
        raise CommandRejected(Rejection.DISCRETION_OF_OTHERS, limit=weighed.limit, posts=posts)
