"""What several facts of the year hold: who acted and in which capacity, deadlines, outcomes."""

from collections.abc import Collection
from typing import Annotated, NewType

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Moment, Sealed
from events.identifiers import MemberId, UnitId

Period = NewType("Period", str)  # the year under review, "2026", or a quarter of it, "2026-q1"
Digest = NewType("Digest", str)  # of a document: SHA-256 of its canonical JSON, in hex
Label = NewType("Label", str)  # an id that we made, or a short word of another system

PERIOD_PATTERN = "20[0-9]{2}(?:-q[1-3])?"  # the fourth quarter is rated with its year

Count = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class Record(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A value inside a fact; what is absent is left out."""


class Hand(Record, frozen=True, kw_only=True):
    """Who acted, and by which post; so that replay can judge whether they were competent."""

    member_id: MemberId
    unit_id: UnitId  # where the post is held
    post: Code
    for_id: MemberId | UnsetType = UNSET  # whose post it is, where who acts stands in for them

    @property
    def eyes(self) -> tuple[MemberId, ...]:
        """Return who sees by this hand: what bars one of them bars it, and it binds them all."""
        return (self.member_id, self.for_id) if self.for_id else (self.member_id,)

    def is_one_of(self, members: Collection[MemberId]) -> bool:
        """Tell whether any of its eyes is among some members: no law asks about one of them."""
        return any(each in members for each in self.eyes)


class Due(Record, frozen=True, kw_only=True):
    """Until when a step is to be taken."""

    step: Code
    item: Label = Label("")  # which milestone, criticism or appraisal, where there are several
    due_at: Moment


class Appraisal(Record, frozen=True, kw_only=True):
    """One that a proposal is to have, before it is decided on."""

    item: Label = Label("")  # its id, where the rulebook gives it one of its own
    at: Code  # in which of the units that rate: "own", "next" or "authority"


class Facts(Record, frozen=True, kw_only=True):
    """All that a rating is computed from."""

    points: dict[str, Count]  # by criterion
    figures: dict[str, Count]  # by figure, such as how many tasks were on time
    disciplined: bool  # in the year, and not lifted
    earlier_faults_open: Count  # of the plans of earlier years: what their subject left open
    group: Code | UnsetType = UNSET  # of subjects, where the rulebook has groups
    counted: dict[str, Count] | UnsetType = UNSET  # what the log tells besides; absent is 0


class Reason(Record, frozen=True, kw_only=True):
    """One rule or limit of the rulebook, and whether it held."""

    rule: Label
    held: bool


class Weighed(Record, frozen=True, kw_only=True):
    """A limit of the rulebook that a decision leaves behind, and on which of its grounds."""

    limit: Label
    ground: Label


class Outcome(Record, frozen=True, kw_only=True):
    """What the rulebook makes of the facts."""

    level: Code
    total: Count  # points
    reasons: tuple[Reason, ...]  # every rule and limit, in the rulebook's order
    calculus: Label  # the edition of the code that computed this


class FileCommitment(Record, frozen=True, kw_only=True):
    """An evidence file, which lies sealed in the vault."""

    file: str  # the commitment to its content
    name: Sealed[str]
    size: Count  # bytes
    media_type: str


class Milestone(Record, frozen=True, kw_only=True):
    """A part of a remediation plan, to be done and shown by a time."""

    id: Label  # "1", "2", … in the plan's order
    due_at: Moment
    words: Sealed[str]  # what will be done


class Source(Record, frozen=True, kw_only=True):
    """Under which documents something goes on, pinned when it began."""

    rulebook: Digest
    calendar: Digest
