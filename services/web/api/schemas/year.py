"""The bodies of answers about somebody's year. The API's documentation is derived from them.

They hold no words: those are opened by a request of their own, which is recorded.
"""

from datetime import date, datetime

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.records import Facts, Hand, Outcome, Weighed
from events.domain.documents.document import Bilingual
from events.domain.review.explanation import Explanation
from events.domain.steps import Step, Turn
from services.commands.work import Done
from services.web.asking.sealed_words import Word


class Answer(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is absent has not happened, or does not hold."""


class StepState(Answer, frozen=True, kw_only=True):
    """One step of a review."""

    step: Step
    item: str | UnsetType = UNSET  # which of several appraisals
    label: Bilingual | UnsetType = UNSET  # what the edition calls it, where it says so
    who: Turn  # whose it is or was
    done_at: datetime | UnsetType = UNSET
    due_at: datetime | UnsetType = UNSET
    late: bool = False  # missed, not done since, and given no more time
    form: str | UnsetType = UNSET  # the digest of the form on which it was written
    catalogue: str | UnsetType = UNSET  # of the catalogue that its sheet went through
    by: Hand | UnsetType = UNSET  # who wrote for the unit that is reviewed


class TaskState(Answer, frozen=True, kw_only=True):
    """A step that somebody is to take now."""

    step: Step
    who: Turn
    item: str | UnsetType = UNSET  # which milestone, criticism or appraisal
    due_at: datetime | UnsetType = UNSET


class CriticismState(Answer, frozen=True, kw_only=True):
    id: str
    given_on: date  # the moment would tell who was there, and so who wrote it
    answer_due_at: datetime
    answered_at: datetime | UnsetType = UNSET
    answered_by: Hand | UnsetType = UNSET  # for the unit that is reviewed


class PointState(Answer, frozen=True, kw_only=True):
    """A point that a superior suggested."""

    id: str
    suggested_at: datetime
    by: Hand
    answer_due_at: datetime
    answered_at: datetime | UnsetType = UNSET
    answered_by: Hand | UnsetType = UNSET  # for the unit that is reviewed


class MeetingState(Answer, frozen=True, kw_only=True):
    """That a unit held the review."""

    place: str
    at: datetime
    by: Hand


class NoticeAnswerState(Answer, frozen=True, kw_only=True):
    """That a notice was answered."""

    version: int  # of the fact; among the words it is the item too
    at: datetime
    by: Hand | UnsetType = UNSET  # for the unit that is reviewed


class StatementState(Answer, frozen=True, kw_only=True):
    """That somebody said something to the ground on which they are rated again."""

    version: int  # of the fact; among the words it is the item too
    at: datetime
    by: Hand | UnsetType = UNSET  # for the unit that is reviewed


class ProposedRating(Answer, frozen=True, kw_only=True):
    """What the unit laid down, and what the rulebook made of it."""

    version: int  # in the review's stream; a decision names it
    at: datetime
    facts: Facts
    outcome: Outcome
    by: Hand


class DecidedRating(Answer, frozen=True, kw_only=True):
    at: datetime
    level: str
    proposal_version: int
    by: Hand  # who decided, and by which post
    weighed: tuple[Weighed, ...] | UnsetType = UNSET  # limits that it goes beyond by discretion


class Received(msgspec.Struct, frozen=True, kw_only=True):
    """What a command came to that is also asked by those who may not see where things stand."""

    stream: str
    known: bool  # whether it had been done before


class ReviewState(Answer, frozen=True, kw_only=True):
    """Where a member's review stands."""

    period: str
    member_id: str
    version: int  # of the stream
    as_of: int | UnsetType = UNSET  # the position asked for
    path: tuple[str, ...]  # from the member's own unit up to the one that decides
    rulebook: str
    calendar: str
    stage: str
    steps: tuple[StepState, ...]
    tasks: tuple[TaskState, ...]
    criticisms: tuple[CriticismState, ...]
    points: tuple[PointState, ...] = ()
    places: tuple[str, ...] = ()  # the units before which it is held
    meetings: tuple[MeetingState, ...] = ()
    standing: str | UnsetType = UNSET  # of a member
    collective: bool = False  # whether a unit is reviewed; `member_id` is the unit's id then
    leaders: tuple[Hand, ...] = ()  # of that unit, when it was opened
    group: str | UnsetType = UNSET  # of subjects, by whose rules it is rated
    unrated: str | UnsetType = UNSET  # why it ends without a rating
    reopened: str | UnsetType = UNSET  # on which ground it is, or was, rated again
    ended: str | UnsetType = UNSET  # why nobody goes on with it
    level: str | UnsetType = UNSET  # that holds now
    proposal: ProposedRating | UnsetType = UNSET
    decision: DecidedRating | UnsetType = UNSET
    notice_answers: tuple[NoticeAnswerState, ...] = ()  # one a notice at most, in their order
    statements: tuple[StatementState, ...] = ()  # one a reopening at most, likewise


class OpenedWords(Answer, frozen=True, kw_only=True):
    version: int
    words: tuple[Word, ...]


class Reading(Answer, frozen=True, kw_only=True):
    """That somebody read, as told to the person whom the words are about."""

    on: date  # two moments and what was there to be read would tell when a criticism came between
    right: str  # the role by which they may
    reader_id: str | UnsetType = UNSET  # the member, if the account belongs to one
    texts: tuple[str, ...]  # the commitments
    authors: bool = False  # they also saw who wrote the criticisms


class Readings(Answer, frozen=True, kw_only=True):
    version: int
    readings: tuple[Reading, ...]


class RatingState(Answer, frozen=True, kw_only=True):
    """A rating with all that it rests on."""

    period: str
    member_id: str
    version: int
    as_of: int | UnsetType = UNSET
    rulebook: str
    proposal: ProposedRating
    explanation: Explanation  # rule by rule, in the rulebook's words
    decision: DecidedRating | UnsetType = UNSET
    announced_at: datetime | UnsetType = UNSET
    announced_by: Hand | UnsetType = UNSET
    reopened_at: datetime | UnsetType = UNSET  # since when it is being rated again


class EvidenceFile(Answer, frozen=True, kw_only=True):
    """A file handed in; its name is opened with the plan's words."""

    commitment: str
    size: int  # bytes
    media_type: str


class EvidenceState(Answer, frozen=True, kw_only=True):
    version: int  # in the plan's stream; a verdict names it
    at: datetime
    files: tuple[EvidenceFile, ...]
    by: Hand | UnsetType = UNSET  # for the unit whose plan it is


class Verdict(Answer, frozen=True, kw_only=True):
    version: int
    at: datetime
    status: str  # "approved", "more_asked", "returned"
    evidence_version: int
    by: str


class MilestoneState(Answer, frozen=True, kw_only=True):
    """Where a milestone stands."""

    id: str  # of /milestones/{id}
    status: str
    due_at: datetime  # with its extensions
    late: bool = False
    evidence: tuple[EvidenceState, ...] = ()
    verdicts: tuple[Verdict, ...] = ()  # withdrawn ones are not among them
    extensions: int = 0
    version: int  # of the plan's stream
    as_of: int | UnsetType = UNSET


class PlanState(Answer, frozen=True, kw_only=True):
    """Where a remediation plan stands."""

    period: str
    member_id: str
    version: int
    as_of: int | UnsetType = UNSET
    path: tuple[str, ...]
    rulebook: str
    calendar: str
    stage: str
    required: bool  # by the rating; else the member's own wish
    collective: bool = False  # whether it is a unit's; `member_id` is the unit's id then
    leaders: tuple[Hand, ...] = ()  # who answered for that unit when the plan was opened
    proposal_version: int | UnsetType = UNSET
    proposed_by: Hand | UnsetType = UNSET  # for that unit
    returned: bool = False  # the last proposal, unless another one came since
    follower_id: str | UnsetType = UNSET
    unfollowed: str | UnsetType = UNSET  # why nobody follows it any more; another is to be named
    agreed_by: Hand | UnsetType = UNSET
    tasks: tuple[TaskState, ...]
    milestones: tuple[MilestoneState, ...]


STRUCTS: tuple[type[msgspec.Struct], ...] = (
    Done,
    Received,
    ReviewState,
    OpenedWords,
    Readings,
    RatingState,
    MilestoneState,
    PlanState,
)
