"""The bodies of answers about a committee's year. The API's documentation is derived from them."""

from datetime import datetime

from msgspec import UNSET, UnsetType

from events.definitions.records import Hand
from services.commands.work import Done
from services.web.api.year_answers import Answer


class UnitStages(Answer, frozen=True, kw_only=True):
    """How many reviews of a unit's own members stand where."""

    unit_id: str
    stages: dict[str, int]
    late: int = 0


class CycleState(Answer, frozen=True, kw_only=True):
    """The year of a committee, as far as whoever asks sees it.

    At an earlier position its own facts alone: `units` is left out, for it is counted for now.
    """

    period: str
    unit_id: str
    version: int
    rulebook: str
    calendar: str
    opened_at: datetime
    opened_by: Hand
    closed_at: datetime | UnsetType = UNSET
    as_of: int  # the position at which the counts are true, or that was asked for
    units: tuple[UnitStages, ...] | UnsetType = UNSET


class Cycles(Answer, frozen=True, kw_only=True):
    cycles: tuple[CycleState, ...]


class CycleDone(Done, frozen=True, kw_only=True):
    """What opening came to."""

    reviews: int = 0  # opened by this request


STRUCTS = (CycleState, Cycles, CycleDone)
