"""Whether a fact tells anything that is not told already: of now, of before, and of what waits.

Who tells everything again every night tells nothing. But what ended, or began elsewhere, before it
was told again did so only until then: so it depends on all that is known whether something is new,
and may be otherwise once a late fact has come (decision 0065).
"""

from datetime import datetime
from itertools import pairwise
from typing import TypeAlias

from events.definitions.event import Event
from events.domain.organisation import doubts, member, timelines, unit
from events.domain.organisation.doubt import Doubt
from events.domain.organisation.timelines import EndsOf, State, Telling, never_ends

_Runs: TypeAlias = dict[str, list[tuple[datetime, str | None]]]


def tells_nothing_new(state: State, event: Event, told: Telling) -> bool:
    """Tell whether all that holds, held, will hold or is doubtful stays so when a fact is told."""
    is_unit = event.definition.about == "unit"
    then = timelines.after(state, event, told, unit.marks_of if is_unit else member.marks_of)
    meaning = _meaning_of_unit if is_unit else _meaning_of_member
    if meaning(state) != meaning(then):
        return False
    return not then.waiting or meaning(state.with_all_ahead()) == meaning(then.with_all_ahead())


def _meaning_of_unit(state: State) -> tuple[_Runs, tuple[Doubt, ...]]:
    return _runs(state, never_ends), doubts.of_unit(state)


def _meaning_of_member(state: State) -> tuple[_Runs, _Runs, tuple[Doubt, ...]]:
    """Return what is told of a member: as told, and with all that leaving ends."""
    held = member.without_outlived(state)
    ends_of = member.Ends(held).of
    return _runs(state, never_ends), _runs(held, ends_of), doubts.of_member(state)


def _runs(state: State, ends_of: EndsOf) -> _Runs:
    """Return since when each timeline had each of its values, however often that was told."""
    found: _Runs = {}
    for name in state.timelines:
        marks = state.marks(name, ends=ends_of(name))
        changes = [later for one, later in pairwise(marks) if one.value != later.value]
        found[name] = [(each.since, each.value) for each in (*marks[:1], *changes)]
    return found
