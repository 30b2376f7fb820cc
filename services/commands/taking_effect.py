"""The day came of what was told ahead: who needs to know first tells so, be it no timekeeper.

What somebody does by a new post must stand in the log after the fact that lets them hold it. Told
twice it is the same fact: its id follows from what waited. Before what nobody is to be known by,
nothing is told: it would say who was there, and when.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime

from events.definitions.entry import Recorded
from events.definitions.event import Subject
from events.definitions.roster import FactTookEffect
from events.domain.organisation import member, timelines, unit
from events.domain.organisation.corrections import fact_of
from events.domain.organisation.timelines import State
from events.identifiers import Stream, derived_event_id, member_stream
from events.store.batch import Appended, NewEvent
from events.store.store import History
from services.access.roles import Person
from services.context import Context
from services.queries.people import person_as

SOURCE = "/workers/timekeeper"
PRINCIPAL = "worker:timekeeper"

_FOLDS = {"member-": member.fold, "unit-": unit.fold}


def read_due(context: Context, stream: Stream) -> History:
    """Return a stream's history, after it was told in it which days have come.

    Raises:
        ConcurrentAppend: somebody else told something meanwhile.
    """
    history = context.store.read_stream(stream)
    fold = next((each for kind, each in _FOLDS.items() if stream.startswith(kind)), None)
    if fold is None or not _told_ahead(history.events):
        return history
    new = tuple(taking_effect(stream, fold(history.events), context.clock.now()))
    if not new:
        return history
    context.store.append({stream: Appended(history.version, new)})
    return context.store.read_stream(stream)


def as_told(context: Context, person: Person) -> Person:
    """Return somebody who is to act, once all is told by which they may; else as they were.

    So they are too where anything else was told of them meanwhile: then what they do is refused.

    Raises:
        ConcurrentAppend: somebody else told something at this very moment.
    """
    if not (person.foretold and person.member_id):
        return person
    since = read_due(context, member_stream(person.member_id)).events[person.roster_version :]
    if not all(isinstance(each.event, FactTookEffect) for each in since):
        return person
    return person_as(context, person.account_id, person.member_id, person.roles)


def taking_effect(stream: Stream, state: State, now: datetime) -> Iterator[NewEvent]:
    """Iterate over what tells that the day of what waits has come, a fact for each time."""
    for each in state.ahead:
        if each.since <= now:
            yield NewEvent(
                event=FactTookEffect(subject=Subject(stream), versions=each.versions),
                id=derived_event_id(
                    "timekeeper", f"{stream}\n{each.since.isoformat()}", f"{state.version}"
                ),
                source=SOURCE,
                time=each.since,
                principal=PRINCIPAL,
            )


def _told_ahead(history: Iterable[Recorded]) -> bool:
    """Tell whether anything of a history was told ahead, which is rare: else nothing is folded."""
    told = ((fact_of(each.event, each.entry.time)[1], each.entry.recordedat) for each in history)
    return any(timelines.is_ahead(*each) for each in told)
