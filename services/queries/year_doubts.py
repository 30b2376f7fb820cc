"""What is doubtful where a year is to be opened, told before it is: of members, units and days.

It is what `tusoi doctor` tells of everybody, here of those below one unit. Nothing is refused for
it, and nobody's year ends by it; but whoever opens the year may have HR put it right before.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from events.definitions.records import Period
from events.domain.documents.periods import days_of
from events.domain.documents.working_days import Calendar
from events.domain.organisation import member
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step
from events.identifiers import Stream, UnitId
from services.context import Context
from services.queries import doubts, roster_doubts, subject_doubts
from services.queries.namesakes import namesakes
from services.queries.renamings import Change, changes_in, renamings
from services.queries.subject_doubts import ONE_DECISION, UNUSED_WORD
from services.read_models import roster, states, tree
from services.read_models.states import MEMBERS, UNITS, Kind

# Told in this order, before what is doubtful of a roster by itself.
LOST_UNIT = "lost_unit"  # no way leads up from it to a top: whoever belongs there is in no year
VACANT = "vacant"  # nobody holds an office there: nobody proposes for whoever belongs there
UNAPPRAISED = "no_appraiser"  # nobody there holds a post by which an edition has it appraised
TOO_FEW = "too_few"  # nobody is left to propose, or to decide on it: how many reviews, and where
NAMESAKES = "namesakes"  # two of one unit who may be one person under two numbers
RENAMED = "renamed"  # told anew under a name that may be somebody else's
AHEAD = "ahead"  # something was told of a day to come
CALENDAR = "calendar"  # days off are not announced until the last deadlines
ORDER = (
    LOST_UNIT,
    VACANT,
    UNAPPRAISED,
    TOO_FEW,
    UNUSED_WORD,
    ONE_DECISION,
    NAMESAKES,
    RENAMED,
    AHEAD,
    CALENDAR,
)
SINGLE = (LOST_UNIT, CALENDAR)  # whose count is of something else than what is named

ANNOUNCED_AHEAD = timedelta(days=92)  # plans and announcements after a period's end fall in it
NAMED_MAX = 3  # of whom one thing is doubtful
UNNAMED = ""  # counted alone: that somebody was disciplined, or is to come, is not told by this
LOST_MAX = 20  # units told one by one


class YearDoubt(msgspec.Struct, frozen=True):
    """One thing that is doubtful of a year that is to be opened."""

    why: str  # one of `ORDER`, or of the doubts of a roster
    count: int  # how often; of a lost unit, its members; of too few, the reviews
    named: tuple[str, ...]  # the first streams, by their ids; words; or the last day that is known


def before_opening(
    context: Context,
    top: UnitId,
    period: Period,
    calendar: Calendar,
    rulebook: Rulebook,
    *,
    judging: Iterable[YearDoubt] = (),
) -> tuple[YearDoubt, ...]:
    """Return what is doubtful of a unit's year, whoever is in no year first, as projected.

    `judging` is what is doubtful of who would judge its reviews.
    """
    found = defaultdict[str, list[str]](list)
    for why, named in _of_roster(context, top, rulebook):
        found[why].append(named)
    if calendar.told_until < days_of(period)[1] + ANNOUNCED_AHEAD:
        found[CALENDAR].append(calendar.told_until.isoformat())
    counted = [
        *judging,
        *(
            YearDoubt(why, len(named), tuple(dict.fromkeys(filter(None, named)))[:NAMED_MAX])
            for why, named in found.items()
        ),
    ]
    lost = roster_doubts.lost_units(context.store.database, (top,))[:LOST_MAX]
    return (
        *(YearDoubt(LOST_UNIT, each.members, (UNITS.stream(each.unit_id),)) for each in lost),
        *sorted(counted, key=_place),
    )


def of_units(why: str, count: int, units: Iterable[UnitId]) -> YearDoubt:
    """Return one thing that is doubtful of a year, and in which units."""
    return YearDoubt(why, count, tuple(UNITS.stream(each) for each in sorted(units))[:NAMED_MAX])


def _place(doubt: YearDoubt) -> tuple[int, str]:
    return ORDER.index(doubt.why) if doubt.why in ORDER else len(ORDER), doubt.why


def _of_roster(context: Context, top: UnitId, rulebook: Rulebook) -> Iterator[tuple[str, str]]:
    """Iterate over what is doubtful of members and units below one: why, and of whom or what."""
    known = doubts.known_words(context, rulebook)
    units = sorted(tree.units_below(context.store.database, [top]))
    gone = roster_doubts.dissolved_units(context.store.database)
    yield from _of_offices(context, units, rulebook, gone)
    yield from _of_others(context, units, gone)
    named, changed = dict[str, tuple[str, str]](), list[tuple[Stream, Change]]()
    for kind, subject_id, state in _below(context, units):
        for each in subject_doubts.of_subject(context, kind, subject_id, state, known, gone):
            yield each.why, UNNAMED if each.tells_discipline else each.word or each.stream
        if state.waiting:
            yield AHEAD, kind.stream(subject_id)
        if kind is MEMBERS:
            unit_id = str(member.view(state).unit_id)
            named[kind.stream(subject_id)] = unit_id, state.value("name") or ""
            changed += ((kind.stream(subject_id), each) for each in changes_in(state))
    yield from ((NAMESAKES, each) for each in namesakes(context, named))
    yield from ((RENAMED, each) for each in renamings(context, changed))


def _of_offices(
    context: Context, units: Sequence[str], rulebook: Rulebook, gone: Mapping[str, datetime]
) -> Iterator[tuple[str, str]]:
    """Iterate over units in which nobody proposes."""
    database = context.store.database
    held = roster.units_with(database, units, rulebook.posts_for(Step.PROPOSAL))
    for unit_id in units:
        if unit_id not in held and unit_id not in gone:
            yield VACANT, UNITS.stream(unit_id)


def _of_others(
    context: Context, units: Sequence[str], gone: Mapping[str, datetime]
) -> Iterator[tuple[str, str]]:
    """Iterate over what is doubtful of who left some units, and who is to come there.

    Who was transferred, and seems to have left, is in no year, and who comes back is in none yet.
    """
    database = context.store.database
    left = roster.left_in(database, units)
    for page in states.pages_of(database, MEMBERS, left):
        for member_id, state in page.items():
            for each in roster_doubts.recent_doubts(context, MEMBERS, member_id, state, gone):
                yield each.why, MEMBERS.stream(member_id)
    here = {*roster.enrolled_in(database, units)}
    for member_id in roster.coming_to(database, units):
        if member_id not in here:
            yield AHEAD, UNNAMED  # they are another unit's until then


def _below(context: Context, units: Sequence[str]) -> Iterator[tuple[Kind, str, Any]]:
    """Iterate over the states of some units, then of their members, by their ids."""
    database = context.store.database
    members = roster.enrolled_in(database, units)
    for kind, keys in ((UNITS, units), (MEMBERS, members)):
        for page in states.pages_of(database, kind, keys):
            yield from ((kind, key, state) for key, state in page.items())
