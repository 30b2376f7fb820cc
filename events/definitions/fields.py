"""What each field of a definition is to those who send, store and read it."""

import dataclasses
import enum
import functools
import typing
from collections.abc import Callable
from typing import Any, TypeVar

from msgspec import UnsetType

from events.definitions.event import Event, FactVersion, Sealed, Subject, Told
from events.identifiers import MemberId, UnitId

F = TypeVar("F", bound=Callable[..., Any])

ABOUT = {MemberId: "member", UnitId: "unit"}


class Kind(enum.Enum):
    """How the sender's form of a field and its stored form hang together."""

    PLAIN = "plain"  # stored as sent
    REFERENCE = "reference"  # sent as a number of the sender's or an id of ours, stored as our id
    SEALED = "sealed"  # sent as words, stored as their commitment
    TOLD = "told"  # a whole fact, with its type and time
    MADE = "made"  # found or made by us, never sent
    CORRECTED = "corrected"  # sent as the id of an earlier event, stored as its version


@dataclasses.dataclass(frozen=True, slots=True)
class Field:
    """One field of a definition."""

    name: str
    kind: Kind
    annotation: Any  # the type inside `Sealed[...]` and without `UnsetType`
    required: bool
    default: Any  # UNSET for what may be left out; meaningless where required
    about: str  # whom a REFERENCE names, "member" or "unit"; else empty


def typed_cache(function: F) -> F:
    """Return `functools.cache(function)`, typed so that classes may be its arguments."""
    return typing.cast(F, functools.cache(function))


@typed_cache
def fields_of(cls: type[Event]) -> tuple[Field, ...]:
    """Return the fields of a definition, in its own order."""
    hints = typing.get_type_hints(cls)
    declared: tuple[dataclasses.Field[Any], ...] = dataclasses.fields(typing.cast(Any, cls))
    return tuple(_field(cls, each, _strip_unset(hints[each.name])) for each in declared)


def element_of(annotation: Any) -> Any:
    """Return the type of a tuple's elements, or the type itself.

    >>> element_of(tuple[int, ...]), element_of(int)
    (<class 'int'>, <class 'int'>)
    """
    is_many = typing.get_origin(annotation) is tuple
    return typing.get_args(annotation)[0] if is_many else annotation


def _field(cls: type[Event], declared: dataclasses.Field[Any], present: Any) -> Field:
    is_sealed = typing.get_origin(present) is Sealed
    return Field(
        name=declared.name,
        kind=Kind.MADE if declared.name == cls.definition.founds else _kind(present),
        annotation=typing.get_args(present)[0] if is_sealed else present,
        required=declared.default is dataclasses.MISSING,
        default=declared.default,
        about=ABOUT.get(element_of(present), ""),
    )


def _kind(present: Any) -> Kind:
    if typing.get_origin(present) is Sealed:
        return Kind.SEALED
    if element_of(present) in ABOUT:
        return Kind.REFERENCE
    return {Told: Kind.TOLD, Subject: Kind.MADE, FactVersion: Kind.CORRECTED}.get(
        present, Kind.PLAIN
    )


def _strip_unset(hint: Any) -> Any:
    """Return the type of a field that is there: without `UnsetType`."""
    members = typing.get_args(hint)
    if UnsetType not in members:
        return hint
    (present,) = (member for member in members if member is not UnsetType)
    return present
