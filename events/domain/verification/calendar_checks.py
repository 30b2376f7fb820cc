"""Whether newer calendars moved the deadlines of a year as they say: what an auditor recomputes.

A review is verified under the calendar that it pinned; each later edition holds from the fact on
that tells of it.
"""

from collections.abc import Callable, Iterable, Iterator
from datetime import timedelta

from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded, Sequenced
from events.definitions.records import Source
from events.domain.documents.working_days import local_day
from events.domain.plan import plan
from events.domain.review import review
from events.domain.verification.rating_checks import Check
from events.domain.year.rules import Rules
from events.domain.year.supplements import supplement

MIDNIGHT = timedelta(days=1)  # may fall between computing the days and dating the fact

RulesOf = Callable[[Source], Rules]


def check_calendars(history: Iterable[Recorded | Sequenced], rules_of: RulesOf) -> Check:
    """Return whether each newer calendar told in a review, or in its plan, moved what it moves."""
    wrong = tuple(_wrong(history, rules_of))
    return Check("calendars", not wrong, "; ".join(wrong) or "newer calendars moved what they move")


def _wrong(history: Iterable[Recorded | Sequenced], rules_of: RulesOf) -> Iterator[str]:
    states: dict[str, review.State | plan.State] = {}
    for each in history:
        stream = each.entry.stream
        of_review = stream.startswith("review-")
        state = states.get(stream) or (review.EMPTY if of_review else plan.EMPTY)
        if isinstance(each.event, CalendarSupplemented) and not _is_right(
            state, each, each.event, rules_of
        ):
            place = f"{stream} at {each.entry.streamversion}"
            yield f"{place} is not what the calendar {each.event.calendar} comes to"
        if isinstance(state, review.State):
            states[stream] = review.evolve(state, each)
        else:
            states[stream] = plan.evolve(state, each)


def _is_right(
    state: review.State | plan.State,
    told: Recorded | Sequenced,
    event: CalendarSupplemented,
    rules_of: RulesOf,
) -> bool:
    waits = review.waits(state) if isinstance(state, review.State) else plan.waits(state)
    if waits is None or state.opened is None:
        return False
    goes_by, at = state.deadlines.source(state.opened.fact), told.entry.time
    old = rules_of(goes_by)
    new = rules_of(Source(rulebook=goes_by.rulebook, calendar=event.calendar))
    return new.calendar.supplements(old.calendar, local_day(at)) and event in [
        supplement(waits, told.entry.stream, old, new, now=now) for now in (at, at - MIDNIGHT)
    ]
