"""Other values of each part of a fact: what a forger may have written in its place."""

import typing
from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import UNSET

from events.definitions.event import Code, Event, Sealed, Subject
from events.definitions.fields import element_of, fields_of
from events.definitions.records import (
    Appraisal,
    Digest,
    Due,
    FileCommitment,
    Hand,
    Label,
    Milestone,
    Period,
    Reason,
    Weighed,
)
from events.identifiers import MemberId, UnitId
from tests.support.law import LEADER, TOP
from tests.support.plan_facts import FILE
from tests.support.sealed import sealed

Other = tuple[str, Any]  # which part it is, and another value of the whole
SOMEBODY, SOMEWHERE = MemberId("somebodyaaaaaaaaaaaaaaaaaa"), UnitId("somewhereaaaaaaaaaaaaaaaaa")
SOME_HAND = Hand(member_id=SOMEBODY, unit_id=SOMEWHERE, post=Code("secretary"))
DAY, SECOND = timedelta(days=1), timedelta(seconds=1)
ELSEWHEN = datetime.fromisoformat("2026-02-02T16:59:59Z")
DIGEST = Digest("99" * 32)

# What may stand where nothing did, and what else where something did.
VALUES: Mapping[Any, tuple[Any, ...]] = {
    MemberId: (SOMEBODY, LEADER),
    UnitId: (SOMEWHERE, TOP),
    Code: (Code("somehow"), Code("secretary"), Code("good")),
    Label: (Label("some"), Label("1"), Label("2")),
    Digest: (DIGEST,),
    Period: (Period("2024"),),
    Subject: (Subject("review-2024-somebodyaaaaaaaaaaaaaaaaaa"), Subject("plan-2025-nobody")),
    Hand: (SOME_HAND,),
    Appraisal: (Appraisal(item=Label("some"), at=Code("own")),),
    Due: (Due(step=Code("decision"), due_at=ELSEWHEN),),
    Reason: (Reason(rule=Label("some"), held=True),),
    Weighed: (Weighed(limit=Label("some"), ground=Label("some")),),
    FileCommitment: (msgspec.structs.replace(FILE, size=11),),
    Milestone: (Milestone(id=Label("3"), due_at=ELSEWHEN, words=Sealed("x")),),
    str: ("some",),
    bool: (True, False),
    int: (1, 7),
    datetime: (ELSEWHEN,),
}


def others(event: Event) -> Iterator[tuple[str, Event]]:
    """Iterate over facts that differ from one in a single part, each with the part's name."""
    told: Any = event
    by_name = {each.name: each for each in fields_of(type(event))}
    for each in fields(told):
        kind = Sealed if by_name[each.name].kind.value == "sealed" else by_name[each.name]
        annotation = kind if kind is Sealed else by_name[each.name].annotation
        value = getattr(told, each.name)
        missing = () if each.default is not UNSET or value is UNSET else ((each.name, UNSET),)
        for part, other in (*missing, *_others(each.name, value, annotation)):
            yield part, replace(told, **{each.name: other})


def _others(part: str, value: Any, annotation: Any) -> Iterator[Other]:
    """Iterate over other values of a part; of one made of parts, each with that part's name."""
    if isinstance(value, tuple) or typing.get_origin(annotation) is tuple:
        yield from _other_tuples(part, value or (), element_of(annotation))
    elif isinstance(value, Sealed):
        yield part, sealed("other words")
    elif isinstance(value, msgspec.Struct):
        yield from _other_records(part, value)
    elif isinstance(value, dict):
        yield from _other_counts(part, value)
    elif isinstance(value, datetime):
        yield from ((part, value + DAY), (part, value - DAY))
        yield from ((f"{part}, the hour", value + SECOND), (f"{part}, the hour", value - SECOND))
    elif isinstance(value, StrEnum):
        yield from ((part, each) for each in type(value) if each != value)
    elif type(value) is int:
        yield from ((part, value + 1), (part, value - 1))
    else:
        yield from ((part, each) for each in _of_type(annotation) if each != value)


def _of_type(annotation: Any) -> tuple[Any, ...]:
    if annotation is Sealed:
        return (sealed("other words"),)
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return tuple(annotation)
    if typing.get_origin(annotation) is typing.Annotated:
        return VALUES[typing.get_args(annotation)[0]]
    return ({"somehow": 1},) if typing.get_origin(annotation) is dict else VALUES[annotation]


def _other_tuples(part: str, value: tuple[Any, ...], element: Any) -> Iterator[Other]:
    yield from ((part, (*value, each)) for each in _of_type(element)[:1] if each not in value)
    if value:
        yield part, value[1:]
    if value != value[::-1]:
        yield part, value[::-1]
    for n, each in enumerate(value):
        for name, other in _others(part, each, element):
            yield name, (*value[:n], other, *value[n + 1 :])


def _other_records(part: str, value: msgspec.Struct) -> Iterator[Other]:
    hints = typing.get_type_hints(type(value), include_extras=True)
    for name in value.__struct_fields__:
        present = next((e for e in typing.get_args(hints[name]) if e is not msgspec.UnsetType), 0)
        annotation = present if msgspec.UnsetType in typing.get_args(hints[name]) else hints[name]
        for inner, other in _others(f"{part}.{name}", getattr(value, name), annotation):
            yield inner, msgspec.structs.replace(value, **{name: other})


def _other_counts(part: str, value: Mapping[str, int]) -> Iterator[Other]:
    yield part, {**value, "somehow": 1}
    for name, count in value.items():
        yield f"{part}.{name}", {**value, name: count + 1}
        yield f"{part}.{name}", {key: known for key, known in value.items() if key != name}
