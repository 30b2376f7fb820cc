"""Who may decide about whom: never the person concerned, and only by a post in the right place."""

from collections.abc import Collection, Sequence
from typing import assert_never

from events.definitions.records import Hand
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.rulebook.terms import Competence, Judge, Seat
from events.domain.steps import Step
from events.domain.year.rules import Rules
from events.identifiers import UnitId


def require_four_eyes(*, own: bool) -> None:
    """Raise CommandRejected when somebody would decide on their own, or on what they lead."""
    if own:
        raise CommandRejected(Rejection.ON_ONESELF)


def require_competent(
    by: Hand, units: Collection[UnitId], rules: Rules, step: Step | None = None, item: str = ""
) -> None:
    """Raise CommandRejected unless the hand holds a post for a step in one of the units.

    Without a step it is any post by which the rulebook lets somebody act.
    """
    if not is_competent(by, units, rules, step, item):
        posts = ", ".join(rules.rulebook.posts_for(step, item))
        raise CommandRejected(Rejection.NO_SUCH_OFFICE, offices=posts)


def is_competent(
    by: Hand, units: Collection[UnitId], rules: Rules, step: Step | None = None, item: str = ""
) -> bool:
    return by.unit_id in units and by.post in rules.rulebook.posts_for(step, item)


def rated_by(
    path: Sequence[UnitId],
    kinds: Sequence[str],
    terms: Competence | None,
    *,
    offices_in: Collection[UnitId] = (),
    collective: bool = False,
) -> tuple[UnitId, ...]:
    """Return the units that rate somebody, from the one that proposes to the one that decides.

    None where they hold an office at the end of the path: no unit of this year may.
    Nobody is judged in a unit in which they hold an office, nor below one: whoever acts there is
    their subordinate, or stands for them. A unit does not judge itself.

    Args:
        path: the units from their own up to the one whose year it is.
        kinds: of those units.
        terms: which units an edition wants; none: all of the path.
        offices_in: the units in which they hold an office.
        collective: whether it is the first unit of the path that is rated.
    """
    if terms is None:
        return tuple(path[collective:])
    held = (n + 1 for n, unit_id in enumerate(path) if unit_id in offices_in)
    lowest = max((int(collective), *held))
    if lowest == len(path):
        return ()
    above = range(int(collective), len(path))
    proposes = max(lowest, _seat(terms.proposes, above, kinds))
    decides = max(proposes, _seat(terms.decides, above, kinds))
    return tuple(path[proposes : decides + 1])


def _seat(judge: Judge, above: range, kinds: Sequence[str]) -> int:
    """Return the place on a path that an edition wants; its end, where there is no such unit."""
    first, last = above[0], above[-1]
    match judge.seat:
        case Seat.OWN:
            return first
        case Seat.NEXT:
            return min(first + 1, last)
        case Seat.KIND:
            sought = (n for n in above if kinds[n] in judge.unit_kinds)
            return next(sought, last)
        case Seat.AUTHORITY:
            return last
        case never:
            assert_never(never)
