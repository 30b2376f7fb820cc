"""What stands in a stream, fact by fact, and which of it says the same as another fact."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeAlias

import msgspec

from events.definitions.catalogue import CATALOGUE
from events.definitions.characters import alike
from events.definitions.entry import Recorded
from events.definitions.event import Decision, Event, Sealed
from events.definitions.fields import fields_of
from events.definitions.roster import FactCorrected
from events.domain.organisation.corrections import corrections_in, standing_facts
from events.store.batch import Retold
from services.intake.numbers import plain_number

Clear: TypeAlias = Mapping[str, str]  # words by their commitments


class Saying(NamedTuple):
    """What stands by one fact."""

    event: Event
    time: datetime
    source: str
    version: int  # of the fact itself, or of the correction by which it holds
    recorded_at: datetime


def standing_in(history: Sequence[Recorded]) -> dict[int, Saying]:
    """Return what stands of a stream, by the version of the fact that told it first."""
    says = {each.entry.streamversion: each.entry for each in history}
    sources = {version: entry.source for version, entry in says.items()}
    says |= {version: each.entry for version, each in corrections_in(history).items()}
    return {
        version: Saying(
            event, time, sources[version], says[version].streamversion, says[version].recordedat
        )
        for version, (event, time) in standing_facts(history).items()
    }


def withdrawn_in(history: Sequence[Recorded]) -> dict[int, Saying]:
    """Return which facts of a stream were taken away, by their version, and what did so."""
    return {
        version: Saying(
            each.event,
            each.entry.time,
            each.entry.source,
            each.entry.streamversion,
            each.entry.recordedat,
        )
        for version, each in corrections_in(history).items()
        if isinstance(each.event, FactCorrected) and not each.event.fact
    }


def origins_in(history: Sequence[Recorded]) -> dict[int, int]:
    """Return by the versions of corrections which facts they correct."""
    return {
        each.entry.streamversion: each.event.corrects
        for each in history
        if isinstance(each.event, FactCorrected)
    }


def as_fact(told: Retold, history: Sequence[Recorded], version: int) -> Recorded | None:
    """Return what was told again as the fact that it is to be; None where it was taken away.

    It says what the fact says that it repeats: a correction of that one corrects it as well.
    """
    origin = origins_in(history).get(told.version, told.version)
    said = standing_in(history).get(origin)
    if said is None:
        return None
    first = next(each.entry for each in history if each.entry.streamversion == origin)
    entry = msgspec.structs.replace(
        first,
        streamversion=version,
        time=told.time,
        recordedat=max(told.time, said.recorded_at),  # it waited for nothing
        correlationid=msgspec.UNSET,
    )
    return Recorded(entry, said.event)


def fact_told_by(event: Event) -> Event:
    """Return what a fact tells; of a correction what it tells instead, if anything."""
    is_correction = isinstance(event, FactCorrected) and event.fact
    return CATALOGUE.open(event.fact) if is_correction else event  # type: ignore[attr-defined]


def say_the_same(one: Event, other: Event, clear: Clear) -> bool:
    """Tell whether two facts tell the same; of what was erased nobody can tell."""
    return _are_clear((one, other), clear) and content_of(one, clear) == content_of(other, clear)


def say_alike(one: Event, other: Event, clear: Clear) -> bool:
    """Tell whether two facts tell the same, be a number or name of theirs written otherwise."""
    return _are_clear((one, other), clear) and as_compared(one, clear) == as_compared(other, clear)


def _are_clear(events: Sequence[Event], clear: Clear) -> bool:
    return all(each in clear for event in events for each in sealed_in(event))


def content_of(event: Event, clear: Clear) -> dict[str, Any]:
    """Return what a fact tells but for its time, with its words as far as they are in the clear."""
    values = {each.name: getattr(event, each.name) for each in fields_of(type(event))}
    for name in _sealed_fields(event):
        values[name] = clear.get(values[name].sealed, "")
    return {"type": event.definition.type, **values}


def as_compared(event: Event, clear: Clear) -> dict[str, Any]:
    """Return what a fact tells; of a founding one with its number and name as they are compared."""
    content = content_of(event, clear)
    if event.definition.founds:
        content |= {"number": plain_number(content["number"]), "name": alike(content["name"])}
    return content


def sealed_in(event: Event) -> Iterator[str]:
    """Iterate over the commitments to the words of a fact, but to decisions."""
    return (getattr(event, name).sealed for name in _sealed_fields(event))


def _sealed_fields(event: Event) -> Iterator[str]:
    """Iterate over the fields whose words say whether two facts tell the same.

    One decision has one commitment, by which it is compared: two may have one number.
    """
    for field in fields_of(type(event)):
        if field.annotation is not Decision and isinstance(getattr(event, field.name), Sealed):
            yield field.name
