"""Check what was sent before anything is done with it: its right to be sent, type, time, form."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from events.definitions.catalogue import CATALOGUE, UnknownType
from events.definitions.characters import is_no_number, is_shortened
from events.definitions.event import Event, Origin
from events.definitions.fields import fields_of
from events.definitions.records import Period
from events.definitions.schemas import InvalidData, address_of, load_request
from events.domain.documents.periods import days_of
from events.domain.documents.working_days import start_of
from events.domain.organisation import timelines
from services.access.tokens import Principal
from services.context import Context
from services.intake import translation
from services.intake.parser import SentEvent
from services.intake.refusals import (
    ConflictingRepeat,
    FromTheFuture,
    FutureSchema,
    InvalidEventData,
    NoNumber,
    NotGranted,
    ShortenedNumber,
    UnknownEventType,
)
from services.intake.translation import Fact, FactKey, Values

FUTURE_MAX = timedelta(days=400)  # a fact that is told ahead waits for its day until then
PERIOD_AHEAD_MAX = timedelta(days=1)  # it speaks of a period that began; clocks and zones are off
_PLACES = ("", "/data/fact")  # of a fact, and of the one inside a correction


class CheckedBatch(NamedTuple):
    """A checked batch: its facts, each once, and by index what was sent, repeats too."""

    facts: tuple[Fact, ...]
    sent: dict[int, SentEvent]


def check(context: Context, principal: Principal, sent: Sequence[SentEvent]) -> CheckedBatch:
    """Return a batch that has the right to be sent and the right form. Raises Refusal."""
    now = context.clock.now()
    facts = tuple(_check(principal, each, now) for each in sent)
    for fact in facts:
        _require_whole_numbers(fact)
    distinct, conflicts = without_repeats(sent)
    if conflicts:
        raise conflicts[0]
    indexes = {each.index for each in distinct}
    return CheckedBatch(
        tuple(fact for fact in facts if fact.index in indexes), {each.index: each for each in sent}
    )


def without_repeats(
    sent: Iterable[SentEvent],
) -> tuple[list[SentEvent], list[ConflictingRepeat]]:
    """Return events without those that came before them word for word, and what conflicts."""
    first: dict[FactKey, SentEvent] = {}
    conflicts = []
    for each in sent:
        other = first.setdefault((each.source, each.id), each)
        if other.canonical != each.canonical:
            conflicts.append(ConflictingRepeat(each.id, index=each.index, other=other.index))
    return list(first.values()), conflicts


def _check(principal: Principal, sent: SentEvent, now: datetime) -> Fact:
    cls = _class_of(sent)
    _require_grant(principal, sent.type, sent)
    try:
        values = load_request(cls, sent.data)
    except InvalidData as error:
        problems = tuple((f"/data{pointer}", message) for pointer, message in error.problems)
        raise InvalidEventData(str(error), index=sent.index, problems=problems) from error
    fact = Fact(sent.index, sent.id, sent.source, sent.time, cls, values)
    if fact.is_correction and timelines.is_ahead(sent.time, now):
        raise FromTheFuture(
            "a correction says what was so all along and holds at once: send it with the time at "
            "which it is made; what is to change on a day to come is told as a fact of that day",
            index=sent.index,
            pointer="/time",
        )
    for place, (inner, told, time) in zip(_PLACES, translation.levels(fact), strict=False):
        _require_grant(principal, inner.definition.type, sent)
        if principal.grants.units and timelines.is_ahead(time, now):
            raise FromTheFuture(
                "a token limited to units tells what holds: until that day somebody may be where "
                "it does not reach; send it then",
                index=sent.index,
                pointer=f"{place}/time",
            )
        if time > now + FUTURE_MAX:
            raise FromTheFuture(
                f"this is to hold in more than {FUTURE_MAX.days} days: send it when the day is "
                "nearer; what is sent ahead waits for its day",
                index=sent.index,
                pointer=f"{place}/time",
            )
        for name, begins in _periods(inner, told):
            if begins > max(now, time) + PERIOD_AHEAD_MAX:
                raise FromTheFuture(
                    "this counts in a period that has not begun: send it once it has",
                    index=sent.index,
                    pointer=f"{place}/data/{name}",
                )
    return fact


def _require_whole_numbers(fact: Fact) -> None:
    """Refuse a number that a table shortened, or left out, of people and of decisions.

    Raises:
        ShortenedNumber, NoNumber
    """
    for pointer, (_, number) in translation.placed_references(fact):
        if is_shortened(number):
            raise ShortenedNumber(index=fact.index, pointer=pointer)
    for pointer, number in translation.placed_numbers(fact):
        if is_no_number(number):
            raise NoNumber(index=fact.index, pointer=pointer)


def _class_of(sent: SentEvent) -> type[Event]:
    try:
        cls = CATALOGUE.event_class(sent.type)
    except UnknownType as error:
        raise UnknownEventType(str(error), index=sent.index, pointer="/type") from error
    definition = cls.definition
    if definition.origin is not Origin.OUTSIDE:
        raise NotGranted(
            f"{sent.type} is this service's own and is not taken from outside",
            index=sent.index,
            pointer="/type",
        )
    if sent.schema_version not in {None, definition.schema_version}:
        raise FutureSchema(
            f"{sent.type} is taken in schema version {definition.schema_version}, "
            f"not {sent.schema_version}: see {address_of(cls, 'request')}",
            index=sent.index,
            pointer="/dataschema",
        )
    return cls


def _periods(cls: type[Event], told: Values) -> Iterator[tuple[str, datetime]]:
    """Iterate over when the periods begin in which a fact counts, by the names of their fields."""
    for field in fields_of(cls):
        if field.annotation is Period and field.name in told:
            first, _ = days_of(told[field.name])
            yield field.name, start_of(first)


def _require_grant(principal: Principal, event_type: str, sent: SentEvent) -> None:
    if not principal.may_send(event_type, sent.source):
        raise NotGranted(
            f"this token may not send {event_type} under the source {sent.source}: "
            "ask for one that may (`tusoi tokens new --send … --source …`)",
            index=sent.index,
            pointer="/source" if sent.source not in principal.grants.sources else "/type",
        )
