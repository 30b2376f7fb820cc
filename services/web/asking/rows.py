"""Which rows of lists who asks sees: by the way that a review goes up, and by whom it is about.

By posts of their own somebody sees all that goes up a way on which they act. Who stands in for
somebody sees nothing of some by that (decision 0104): these are neither listed nor counted.
"""

from collections.abc import Collection, Iterable, Iterator

import msgspec

from events.definitions.records import Period
from events.identifiers import MemberId, UnitId
from services.read_models import cycle_lists
from services.read_models.cycle_lists import ReviewProgress, Stages
from services.subject import Subject
from services.web.asking.person import person
from services.web.asking.visibility import bearer, leaders_of, sees_subject, sees_way
from services.web.context import system


def rows_seen(period: str, rows: Iterable[ReviewProgress]) -> list[ReviewProgress]:
    """Return those of some rows of a period that who asks sees."""
    found = list(rows)
    ways = set(filter(sees_way, {each.way for each in found}))
    return [each for each in found if each.way in ways and _is_seen(period, each)]


def stages_seen(period: str, top: UnitId) -> Iterator[Stages]:
    """Iterate over how the reviews of members stand that who asks sees and a unit decides on."""
    left_out = rows_hidden(period, top)
    for each in cycle_lists.stages(system().store.database, period, top):
        if sees_way(each.way):
            gone = [e for e in left_out if (e.way, e.stage) == (each.way, each.stage)]
            late = each.late - sum(e.late for e in gone)
            if len(gone) < each.count:
                yield msgspec.structs.replace(each, count=each.count - len(gone), late=late)


def rows_hidden(period: str, top: UnitId) -> list[ReviewProgress]:
    """Return the reviews of members that a unit decides on and who stands in does not see."""
    if not _stands_in():
        return []
    whose = {who for e in person().stands_in for who in (e.for_id, *(who for who, _ in e.heads))}
    database = system().store.database
    rows = (r for e in sorted(whose) for r in cycle_lists.progress_of(database, period, e))
    return [each for each in rows if each.way.path[-1] == top and not _is_seen(period, each)]


def sees_year(about: Subject, path: Collection[UnitId], rulebook: str | None) -> bool:
    """Return whether who asks sees how the year of a member, or a unit and its leaders, stands."""
    leaders = leaders_of(about) if _stands_in() else frozenset[MemberId]()
    return sees_subject(about.member_id, path, rulebook, leaders)


def _is_seen(period: str, row: ReviewProgress) -> bool:
    if not _stands_in():
        return True  # as all that goes up its way
    if UnitId(row.member_id) == row.way.path[0]:
        return sees_year(Subject(Period(period), row.member_id), *row.way)
    return sees_subject(row.member_id, *row.way)


def _stands_in() -> bool:
    return bearer() is None and bool(person().stands_in)
