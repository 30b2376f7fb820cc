"""What others write in the clear stands in the log for ever: each such text has its reason."""

from collections.abc import Iterator
from datetime import date, datetime
from enum import StrEnum

import pytest

from events.definitions.catalogue import CATALOGUE
from events.definitions.event import Code, Event, Number, Origin
from events.definitions.fields import Kind, element_of, fields_of
from events.definitions.records import Period
from events.definitions.schemas import InvalidData, load_request

WORDS = "Ông ấy bị bệnh nặng"
SHAPED = (Code, Period, bool, date, datetime)  # of a shape that holds no sentence
FREE = {  # and why
    ("roster.unit_formed", "name"): "a unit is no person, and everybody reads what it is called",
    ("roster.unit_renamed", "name"): "likewise",
    ("roster.unit_formed", "number"): "a unit's number in its sender's books names no person",
}

OUTSIDE = [each for each in CATALOGUE if each.definition.origin is Origin.OUTSIDE]


def texts_in_the_clear() -> Iterator[tuple[type[Event], str]]:
    for cls in OUTSIDE:
        for field in fields_of(cls):
            element = element_of(field.annotation)
            is_word = isinstance(element, type) and issubclass(element, StrEnum)
            if field.kind is Kind.PLAIN and not is_word and element not in SHAPED:
                yield cls, field.name


def test_no_text_stays_in_the_clear_without_a_reason() -> None:
    assert {(cls.definition.type, name) for cls, name in texts_in_the_clear()} == set(FREE)
    assert {cls.__annotations__[name] for cls, name in texts_in_the_clear()} == {str, Number}


@pytest.mark.parametrize("cls", OUTSIDE, ids=lambda cls: cls.definition.type)
def test_words_are_refused_wherever_a_shape_is_asked_for(cls: type[Event]) -> None:
    """Of every field: what is sent as a sentence is refused, unless it will be sealed."""
    free = {name for each, name in texts_in_the_clear() if each is cls}
    shaped = {f.name for f in fields_of(cls) if f.kind is Kind.PLAIN} - free

    with pytest.raises(InvalidData) as refused:
        load_request(cls, dict.fromkeys(shaped | {"nothing"}, WORDS))

    places = {pointer for pointer, _ in refused.value.problems}
    assert {f"/{name}" for name in shaped} <= places
    assert WORDS not in str(refused.value)
