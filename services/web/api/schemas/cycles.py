"""The bodies of answers about a committee's year: its cycles, its escalations, its inbox."""

from datetime import date, datetime

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.records import Hand
from services.commands.work import Done
from services.read_models.inbox import Waiting
from services.web.api.schemas.year import Answer


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
    taken_over_at: datetime | UnsetType = UNSET  # by a unit above, which decides since
    taken_over_by: Hand | UnsetType = UNSET
    as_of: int  # the position at which the counts are true, or that was asked for
    units: tuple[UnitStages, ...] | UnsetType = UNSET


class Cycles(Answer, frozen=True, kw_only=True):
    cycles: tuple[CycleState, ...]


class YearDoubt(Answer, frozen=True, kw_only=True):
    """Something that may be meant otherwise where a year is to be opened; nothing is refused."""

    why: str
    count: int  # how often; of a lost unit, its members; of too few, the reviews
    named: tuple[str, ...]  # the first streams, by their ids; words; or the last day that is known


class YearShare(Answer, frozen=True, kw_only=True):
    """The reviews of one unit's members, or of itself, that the same rules and units rate."""

    unit_id: str
    group: str | UnsetType = UNSET  # of the edition; none where the same holds for everybody
    reviews: int
    unrated: int  # of these: reviewed, and not rated
    proposes: str  # the unit that does
    proposers: int  # how many people hold a post there by which they may
    decides: str
    deciders: int
    stuck: int  # of these: nobody is left who may propose, or decide on it after that


class YearPreview(Answer, frozen=True, kw_only=True):
    """What a year would begin with, were it opened now."""

    reviews: int
    shares: tuple[YearShare, ...]  # by unit, then by group
    left_out: dict[str, int]  # how many members are not reviewed, by why


class CycleDone(Done, frozen=True, kw_only=True):
    """What opening a cycle came to, taking it over or voiding it."""

    reviews: int = 0  # opened by this request, or those that went on above or were voided
    lost_units: tuple[str, ...] = ()  # that hang below themselves: whoever belongs there is in none
    doubts: tuple[YearDoubt, ...] = ()  # told before a year is opened, and of a dry run
    begins: YearPreview | UnsetType = UNSET  # of a dry run: what would be opened


class EscalationState(Answer, frozen=True, kw_only=True):
    """A missed deadline, and before whom it lies."""

    id: str  # of /escalations/{id}: the id of the missed deadline's event
    version: int
    as_of: int | UnsetType = UNSET
    period: str
    member_id: str
    step: str
    item: str | UnsetType = UNSET
    due_at: datetime  # the deadline that was missed
    stage: str
    rung: int
    unit_id: str
    post: str
    acknowledge_due_at: datetime | UnsetType = UNSET
    acknowledged_by: Hand | UnsetType = UNSET


class Escalations(Answer, frozen=True, kw_only=True):
    as_of: int
    escalations: tuple[EscalationState, ...]


class Inbox(Answer, frozen=True, kw_only=True):
    """What waits for the person who asks, the most urgent first."""

    as_of: int
    today: date
    waiting: tuple[Waiting, ...]


STRUCTS: tuple[type[msgspec.Struct], ...] = (
    CycleState,
    Cycles,
    CycleDone,
    EscalationState,
    Escalations,
    Inbox,
)
