"""Definitions that only tests know: what the roster does not have, and a type with a past."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from msgspec import UNSET, UnsetType

from events.definitions.catalogue import Catalogue
from events.definitions.event import Code, Event, Origin, Sealed, event
from events.identifiers import UnitId


@event("test.everything_told", schema_version=1, about="unit")
@dataclass(frozen=True, slots=True, kw_only=True)
class EverythingTold(Event):
    """A fact with the kinds of field that the roster does not have."""

    unit_id: UnitId
    count: int
    at: datetime
    neighbours: tuple[UnitId, ...]
    marks: Sealed[tuple[Code, ...]]
    days: tuple[date, ...] | UnsetType = UNSET


@event("test.room_painted", schema_version=3, about="unit", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class RoomPainted(Event):
    """A room was painted. Version 2 said `color`, version 1 said it in a list."""

    unit_id: UnitId
    colour: Code


def room_painted_v1_to_v2(data: dict[str, Any]) -> dict[str, Any]:
    return {"unit_id": data["unit_id"], "color": data["colors"][0]}


def room_painted_v2_to_v3(data: dict[str, Any]) -> dict[str, Any]:
    return {"unit_id": data["unit_id"], "colour": data["color"]}


ROOMS = Catalogue(
    [RoomPainted],
    {
        ("test.room_painted", 1): room_painted_v1_to_v2,
        ("test.room_painted", 2): room_painted_v2_to_v3,
    },
)
