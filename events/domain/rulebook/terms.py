"""Terms of a rulebook that say who is reviewed, where, and what an authority is bound to.

Each rests on a text of its own, so each says which, and whether somebody compared it. What no text
settles is left out: nothing here has a default that could pass for law.
"""

from enum import StrEnum
from typing import Annotated

import msgspec

from events.domain.documents.document import Line, Name, Named, Note, Part
from events.domain.rulebook.step_terms import WorkingDays

MONTHS_MAX = 120
YEARS_MAX = 200
DAYS_MAX = 1_000

Percent = Annotated[int, msgspec.Meta(ge=1, le=100)]
Days = Annotated[int, msgspec.Meta(ge=1, le=DAYS_MAX)]


class Cited(Part, frozen=True, kw_only=True):
    """A term, what it rests on, and whether that was compared with the official text."""

    citation: Line
    verified: bool = False
    note: Note = ""  # what is not sure, or was chosen


class Group(Named, frozen=True, kw_only=True):
    """Subjects to whom the same rules apply. Who fits in no group before is in the last one."""

    posts: tuple[Name, ...] = ()  # who holds one of these
    unit_kinds: tuple[Name, ...] = ()  # or belongs to a unit of one of these kinds
    reviewed: bool = True


class Why(StrEnum):
    """Why somebody is not reviewed, or reviewed and not rated."""

    EXEMPT = "exempt"  # from work and meetings
    SUSPENDED = "suspended"
    SICK = "sick"  # when the review opens, as the next two
    MATERNITY = "maternity"
    TRAINING = "training"
    NEW = "new"  # a member for less than so many months when the self-critique is due


class Exemption(Cited, frozen=True, kw_only=True):
    """Somebody who is not reviewed, or only not rated."""

    why: Why
    rated_only: bool = False  # true: reviewed and not rated
    months: Annotated[int, msgspec.Meta(ge=1, le=MONTHS_MAX)] | None = None  # of `new`


class Meetings(Cited, frozen=True, kw_only=True):
    """Where somebody is reviewed: before their own unit, and where they hold certain posts."""

    posts: tuple[Name, ...] = ()
    head_first: bool = False  # nobody is reviewed in a unit before those who hold its first office


class Collectives(Cited, frozen=True, kw_only=True):
    """That units are reviewed as collectives too, by the rules of one group of subjects."""

    group: Name
    unit_kinds: tuple[Name, ...] = ()  # which units; all where there are none
    # Formed less than so many months before its self-critique is due, a unit is not rated.
    new_months: Annotated[int, msgspec.Meta(ge=1, le=MONTHS_MAX)] | None = None
    before_members: bool = False  # reviewed in a unit after it, rated as its leaders after it
    lower_first: bool = False  # rated after the units below


class Seat(StrEnum):
    """Where on the way up from their own unit somebody is rated; of a unit, from the next above."""

    OWN = "own"
    NEXT = "next"
    KIND = "kind"  # the first unit of certain kinds
    AUTHORITY = "authority"  # the one whose year it is


class Judge(Part, frozen=True, kw_only=True):
    """Which unit judges somebody."""

    seat: Seat
    unit_kinds: tuple[Name, ...] = ()  # of the seat `kind`


class AtTheEnd(StrEnum):
    """What holds of whoever holds an office in the unit whose year it is, and none is above it."""

    LEFT_OUT = "left_out"  # they are not reviewed in it
    COLLEAGUES = "colleagues"  # the others who hold an office there rate them


class Competence(Cited, frozen=True, kw_only=True):
    """Which units propose and decide, by groups of subjects.

    Whatever is wanted, nobody is judged in a unit in which they hold an office, nor below one: it
    is the first above those that judges them. Who holds one in the unit whose year it is, is rated
    in the year of a unit above; where the tree ends, `at_the_end` says what holds.
    """

    proposes: Judge
    decides: Judge
    at_the_end: AtTheEnd
    groups: tuple[Name, ...] = ()  # of subjects; everybody where there are none


class CapBase(StrEnum):
    """Of whom the best level may be given to a share."""

    NEXT_LEVEL = "next_level"  # those rated with the level below
    NEXT_LEVEL_OR_BETTER = "next_level_or_better"
    EVERYBODY = "everybody"  # who was rated


class CapGrouping(StrEnum):
    """Among whom a cap is counted."""

    DECIDING_UNIT = "deciding_unit"
    OWN_UNIT = "own_unit"
    SIMILAR_TASKS = "similar_tasks"  # the groups of subjects, inside the deciding unit


class Rounding(StrEnum):
    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


class Cap(Cited, frozen=True, kw_only=True):
    """How many may be given the best level."""

    level: Name
    share_percent: Percent
    of: CapBase
    counted_in: CapGrouping
    rounding: Rounding
    raised_to_percent: Percent | None = None  # where the unit itself has the level


class Voters(StrEnum):
    OFFICIAL = "official"  # members; probationary ones have no vote
    EVERYBODY = "everybody"


class VoteBase(StrEnum):
    """Of how many a share of votes is counted."""

    SUMMONED = "summoned"  # who is absent stays in it
    PRESENT = "present"
    CAST = "cast"


class Threshold(Part, frozen=True, kw_only=True):
    """What part of the votes a level needs: `of` parts of so many, exactly or more."""

    level: Name
    parts: Annotated[int, msgspec.Meta(ge=1, le=100)]
    of: Annotated[int, msgspec.Meta(ge=1, le=100)]
    more_than: bool = False


class Votes(Cited, frozen=True, kw_only=True):
    """How a unit votes on what it proposes."""

    secret: bool
    voters: Voters
    base: VoteBase
    thresholds: tuple[Threshold, ...] = ()


class Appeal(Cited, frozen=True, kw_only=True):
    """How long somebody may ask for a rating to be looked at again, and how long that takes."""

    within_days: Days | None = None  # none: no period is set
    settled_in_days: Days | None = None
    working_days: bool = False


class Extensions(Cited, frozen=True, kw_only=True):
    """How often a deadline is moved, and how far: of one step, or of one milestone."""

    times: Annotated[int, msgspec.Meta(ge=1, le=100)]
    working_days: WorkingDays  # each time, from the deadline on, or from today where that is over


class Retention(Cited, frozen=True, kw_only=True):
    """How long the words of a year are kept."""

    years: Annotated[int, msgspec.Meta(ge=1, le=YEARS_MAX)]
