"""What is known of one review, of a member or of a unit as a collective, and what follows from it.

`review` beside it tells how a state comes about, fact by fact.

It is over 300 lines: one state, with all that is asked of it.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import TypeAlias, assert_never

import msgspec

from events.definitions.deadline import DeadlineMoved
from events.definitions.event import Code
from events.definitions.notice import NoticeAnswered
from events.definitions.records import Appraisal, Due, Hand, Label
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    StatementMade,
)
from events.definitions.review import (
    CommitmentMade,
    CriticismAnswered,
    CriticismGiven,
    MeetingHeld,
    PointAnswered,
    PointSuggested,
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    ReviewOpened,
    SelfCritiqueSubmitted,
    StepWaived,
)
from events.domain import steps
from events.domain.aggregate.folding import Taken, at_most_one
from events.domain.aggregate.rejections import Rejection
from events.domain.organisation.succession import WithSuccessions
from events.domain.steps import LAPSING, Aggregate, At, Step, Turn, Where
from events.domain.year import leadership
from events.domain.year.deadlines import Deadlines
from events.identifiers import MemberId, UnitId

OWN = steps.steps_of(Aggregate.REVIEW)
STEPS = tuple(step for step in OWN if step.row.once)  # in their order
RATING_STEPS = tuple(step for step in STEPS if step.row.rates)
PER_PLACE = frozenset(step for step in OWN if step.row.where is Where.PLACES)
OF_COLLECTIVE = tuple(s for s in OWN if s.row.turn_in(collective=True) is Turn.MEMBER)

RATED_ABOVE = Code("rated_above")  # why a review ends that the year of a unit above takes in

Rating: TypeAlias = RatingProposed | RatingAppraised | RatingDecided | RatingAnnounced
Written: TypeAlias = CommitmentMade | SelfCritiqueSubmitted | StatementMade
Own: TypeAlias = Written | CriticismAnswered | PointAnswered
Act: TypeAlias = Own | MeetingHeld | Rating  # by which a step is taken


def is_advice(asked: Appraisal) -> bool:
    """Tell whether an appraisal advises the authority: the plain one, where it is decided.

    Where two hold office there, also who proposed may give it (decision 0057).
    """
    return not asked.item and asked.at == At.AUTHORITY.value


def units_beyond(path: Iterable[UnitId], rated_by: Iterable[UnitId]) -> tuple[UnitId, ...]:
    """Return the units of a path above those that rate: they see what is decided below them."""
    way, decides = tuple(path), next(reversed(tuple(rated_by)), None)
    return way[way.index(decides) + 1 :] if decides in way else ()


class Rated(msgspec.Struct, frozen=True):
    """How a rating came about; what is not there has not come yet."""

    reopening: Taken[ReviewReopened] | None  # by which it began; none: it is the first
    proposal: Taken[RatingProposed] | None
    decision: Taken[RatingDecided] | None
    announcement: Taken[RatingAnnounced] | None
    proposers: tuple[MemberId, ...] = ()  # everybody whose proposal it had, also a replaced one
    appraised: tuple[Taken[RatingAppraised], ...] = ()  # likewise


class RatedAgain(WithSuccessions, frozen=True):
    """What is rated, once or again: the rating under way, and those that were decided before it."""

    reopening: Taken[ReviewReopened] | None = None  # the last one
    superseded: tuple[Rated, ...] = ()  # ratings before it
    proposal: Taken[RatingProposed] | None = None
    decision: Taken[RatingDecided] | None = None
    announcement: Taken[RatingAnnounced] | None = None
    proposers: tuple[MemberId, ...] = ()
    appraised: tuple[Taken[RatingAppraised], ...] = ()

    @property
    def pending_reopening(self) -> Taken[ReviewReopened] | None:
        """Return the reopening by which a rating is being given once more; None once it was."""
        return None if self.decision else self.reopening

    @property
    def rating_in_force(self) -> Rated:
        """Return the rating that holds, the last one decided; before any, the one under way.

        While somebody is rated again, what was decided before stands.
        """
        if self.superseded and not self.decision:
            return self.superseded[-1]
        return Rated(
            self.reopening,
            self.proposal,
            self.decision,
            self.announcement,
            self.proposers,
            self.appraised,
        )

    @property
    def appraisals(self) -> tuple[Taken[RatingAppraised], ...]:
        """Return what was appraised of the proposal under way; of another one it says nothing."""
        begun = self.proposal.version if self.proposal else None
        return tuple(e for e in self.appraised if begun is not None and e.version > begun)

    @property
    def barred_from_decision(self) -> dict[MemberId, Rejection]:
        """Return who may not decide this rating: all that proposed it, once, or advised on it.

        Who had a proposal replaced by somebody else's would decide on their own word all the same.
        """
        appraisers = (eye for each in self.appraised for eye in each.fact.by.eyes)
        return {
            **dict.fromkeys(appraisers, Rejection.OWN_APPRAISAL),
            **dict.fromkeys(self.proposers, Rejection.OWN_PROPOSAL),
        }


class State(RatedAgain, frozen=True):
    """Everything told in one review, as far as `version` of its stream."""

    opened: Taken[ReviewOpened] | None = None
    commitment: Taken[CommitmentMade] | None = None
    self_critique: Taken[SelfCritiqueSubmitted] | None = None
    criticisms: tuple[Taken[CriticismGiven], ...] = ()
    answers: tuple[Taken[CriticismAnswered], ...] = ()
    points: tuple[Taken[PointSuggested], ...] = ()
    point_answers: tuple[Taken[PointAnswered], ...] = ()
    meetings: tuple[Taken[MeetingHeld], ...] = ()
    waivers: tuple[Taken[StepWaived], ...] = ()  # of steps that were not taken in time
    returns: tuple[Taken[RatingReturned], ...] = ()  # of proposals, to be made anew
    moves: tuple[Taken[ReviewMoved], ...] = ()
    endings: tuple[Taken[ReviewEnded], ...] = ()  # before a decision
    resumptions: tuple[Taken[ReviewResumed], ...] = ()  # after these
    ran: tuple[Due, ...] = ()  # deadlines that ran when it ended
    notice_answers: tuple[Taken[NoticeAnswered], ...] = ()  # one a notice at most
    statements: tuple[Taken[StatementMade], ...] = ()  # one a reopening at most
    delays: tuple[Taken[DeadlineMoved], ...] = ()  # of a step, each with its ground
    deadlines: Deadlines = Deadlines()

    @property
    def ending(self) -> Taken[ReviewEnded] | None:
        """Return by which fact it ended; None while it goes on, for the first time or again."""
        resumed = self.resumptions[-1].version if self.resumptions else 0
        return next((each for each in self.endings[-1:] if each.version > resumed), None)

    @property
    def path(self) -> tuple[UnitId, ...]:
        """Return the units from the person's own up to the one whose year it is, as it is now."""
        return self.path_before(self.version + 1)

    def path_before(self, version: int) -> tuple[UnitId, ...]:
        """Return the path as it was when a fact was told: who acted by then for each unit."""
        begun = self._begun_before(version)
        told = begun.fact if begun else None
        return self.acting_units(told.path, of=told.member_id, before=version) if told else ()

    @property
    def pinned_path(self) -> tuple[UnitId, ...]:
        """Return the path as it was told last, whoever acts for its units by now."""
        begun = self._begun_before(self.version + 1)
        return begun.fact.path if begun else ()

    @property
    def pinned_units_above(self) -> tuple[UnitId, ...]:
        """Return what `units_above` does, as it was told last: what follows is pinned to it."""
        begun = self._begun_before(self.version + 1)
        return begun.fact.rated_by if begun else ()

    @property
    def venues(self) -> tuple[UnitId, ...]:
        """Return the units before which this review is to be held."""
        begun = self._begun_before(self.version + 1)
        return begun.fact.places if begun else ()

    @property
    def left_above(self) -> bool:
        """Tell whether this review ended for the year of a unit above, where it may be opened."""
        return self.ending is not None and self.ending.fact.reason == RATED_ABOVE

    def is_left_to(self, top: UnitId) -> bool:
        """Tell whether the year of a unit may take this review in: it was left to one above."""
        return self.left_above and top != self.pinned_path[-1]

    @property
    def into_year(self) -> Taken[ReviewMoved] | Taken[ReviewOpened] | None:
        """Return by which fact it came into the year that it is in."""
        taken_over = [each for each in self.moves if each.fact.by]
        return taken_over[-1] if taken_over else self.opened

    def _begun_before(self, version: int) -> Taken[ReviewMoved] | Taken[ReviewOpened] | None:
        """Return by which fact it went on where it did when another one was told."""
        moves = [each for each in self.moves if each.version < version]
        return moves[-1] if moves else self.opened

    @property
    def collective(self) -> bool:
        """Tell whether a unit is reviewed, not a member."""
        return self.opened is not None and self.opened.fact.collective

    @property
    def units_above(self) -> tuple[UnitId, ...]:
        """Return the units that rate, from the one that proposes to the one that decides."""
        return self.units_above_before(self.version + 1)

    def units_above_before(self, version: int) -> tuple[UnitId, ...]:
        """Return the units that rate as they were when a fact was told."""
        begun = self._begun_before(version)
        told = begun.fact if begun else None
        return self.acting_units(told.rated_by, of=told.member_id, before=version) if told else ()

    @property
    def deciding(self) -> tuple[UnitId, ...]:
        """Return the unit that decides, and nothing before the opening."""
        return self.units_above[-1:]

    @property
    def beyond(self) -> tuple[UnitId, ...]:
        """Return the units of the path above the one that decides."""
        return units_beyond(self.path, self.units_above)

    @property
    def leaders(self) -> frozenset[MemberId]:
        """Return who answers for the collective: led it at the opening, or wrote in its name."""
        return frozenset(eye for each in self.hands() for eye in each.eyes)

    def hands(self, *, before: int | None = None) -> tuple[Hand, ...]:
        """Return by which offices they did: up to now, or before a fact of this review."""
        own = (taken for step in OF_COLLECTIVE for taken in self.acts_of(step))
        end = before or self.version + 1
        told = (
            each.fact.by
            for each in (*own, *self.statements, *self.notice_answers)
            if each.version < end
        )
        return leadership.hands(self.opened, told)

    def is_of(self, by: Hand | MemberId, *, before: int | None = None) -> bool:
        """Tell whether somebody is reviewed here, or leads what is: now, or before a version."""
        return leadership.is_own(self.opened, self.hands(before=before), by)

    @property
    def steps(self) -> tuple[Step, ...]:
        """Return the steps that this review takes, in their order."""
        told = self.opened.fact.steps if self.opened else ()
        return steps.steps_named((*told, Step.STATEMENT) if self.is_heard else told)

    @property
    def is_heard(self) -> bool:
        """Tell whether a statement is asked for before somebody is rated again."""
        return self.reopening is not None and bool(self.reopening.fact.statement_due_at)

    def turn_of(self, step: Step) -> Turn:
        """Return whose turn a step is."""
        return step.row.turn_in(collective=self.collective)

    @property
    def addresses(self) -> tuple[tuple[Step, str], ...]:
        """Return the steps that this review takes, in their order; each appraisal with its id."""
        return tuple(
            (step, item)
            for step in self.steps
            for item in (
                [e.item for e in self.appraisals_asked] if step is Step.APPRAISAL else [""]
            )
        )

    @property
    def appraisals_asked(self) -> tuple[Appraisal, ...]:
        """Return the appraisals that a proposal is to have, in their order."""
        return self.opened.fact.appraisals if self.opened else ()

    def appraisals_left(self) -> tuple[Appraisal, ...]:
        """Return those for which the decision waits: the turn is that of the first."""
        step = Step.APPRAISAL
        left = (e for e in self.appraisals_asked if not self.done(step, e.item))
        return tuple(each for each in left if not self.is_waived(step, each.item))

    def appraisals_open(self) -> tuple[Appraisal, ...]:
        """Return those that may be given now: that whose turn it is, and waived ones before it."""
        if self.proposal is None or self.decision or self.ending:
            return ()
        asked, left = self.appraisals_asked, self.appraisals_left()
        end = asked.index(left[0]) + 1 if left else len(asked)
        return tuple(each for each in asked[:end] if not self.done(Step.APPRAISAL, each.item))

    def takers(self, step: Step, item: str = "") -> tuple[UnitId, ...]:
        """Return the units whose offices take a step, that of the next first; none if in person."""
        if step is Step.APPRAISAL:
            return At(self._appraisal_asked(item).at).units_of(self.units_above)
        return steps.takers(
            step, self.turn_of(step), above=self.units_above, places=self.venues_left()
        )

    def _appraisal_asked(self, item: str) -> Appraisal:
        """Return an appraisal that is to be given; where it is decided, if there is none such."""
        asked = (each for each in self.appraisals_asked if each.item == item)
        return next(asked, Appraisal(item=Label(item), at=Code(At.AUTHORITY)))

    def barred_from(self, step: Step, item: str = "") -> dict[MemberId, Rejection]:
        """Return who may not take a step, whatever office they hold, and the no that they get."""
        if step is Step.APPRAISAL:
            return self._barred_from_appraisal(item)
        return self.barred_from_decision if step is Step.DECISION else {}

    def _barred_from_appraisal(self, item: str) -> dict[MemberId, Rejection]:
        """Return who may not give an appraisal: who gave another of this proposal, or proposed.

        Of a replaced one it does not count, else two who swap would bar each other.
        """
        told = (each.fact for each in self.appraisals if each.fact.item != item)
        others = (eye for each in told for eye in each.by.eyes)
        advice = is_advice(self._appraisal_asked(item))
        return {
            **dict.fromkeys(others, Rejection.APPRAISED_TWICE),
            **dict.fromkeys(() if advice else self.proposers, Rejection.APPRAISES_ONESELF),
        }

    def acts_of(self, step: str) -> tuple[Taken[Act], ...]:
        """Return the facts by which a step was taken: none, if it is no step of any review."""
        facts_in = _TAKEN.get(step)
        return facts_in(self) if facts_in else ()

    def done(self, step: str, item: str = "") -> bool:
        """Return whether a step has been taken: all of it, or for one criticism or point."""
        if items_in := _ITEMS.get(step):
            return item in items_in(self)
        return bool(self.acts_of(step)) and not (step in PER_PLACE and self.venues_left())

    def acts_at(self, step: Step, item: str) -> tuple[Taken[Act], ...]:
        """Return the facts by which a step was taken, of several appraisals by which one was."""
        told = self.acts_of(step)
        return tuple(e for e in told if getattr(e.fact, "item", item) == item)

    def done_at(self, step: Step, item: str = "") -> datetime | None:
        """Return when a step was taken; a meeting, when the last was held."""
        return max(e.at for e in self.acts_at(step, item)) if self.done(step, item) else None

    def is_late(self, step: Step, item: str = "") -> bool:
        """Tell whether a step was missed, and still is: it was given no more time."""
        late = self.deadlines.overdue(self.done)
        return any((due.step, due.item) == (step.value, item) for due in late)

    def is_left(self, step: Step) -> bool:
        """Tell whether whatever comes after a step waits for it, for whatever item."""
        match step:
            case Step.ANSWER:
                return bool(self.unanswered_criticisms())
            case Step.SUGGESTION_ANSWER:
                return any(not self.is_waived(step, p.fact.point_id) for p in self.points_open())
            case Step.APPRAISAL:
                return step in self.steps and bool(self.appraisals_left())
            case once:
                return once in self.steps and not self.done(once) and not self.is_waived(once)

    def is_waived(self, step: str, item: str = "", *, before: int | None = None) -> bool:
        """Tell whether nobody waits for a step any more: by now, or before a fact was told.

        What is waived of a proposal, or of a rating, says nothing of the next one.
        """
        end = before or self.version + 1
        since = self.reopening if step in LAPSING else self.proposal
        begun = (since.version if since else end) if step in RATING_STEPS else 0
        found = self.waivers_of(step)
        return any(each.fact.item == item and begun < each.version < end for each in found)

    def times_moved(self, step: str, item: str = "") -> int:
        """Return how often a deadline was moved by somebody; a rating given again begins anew."""
        begun = self.reopening.version if self.reopening else 0
        moved = (e for e in self.delays if (e.fact.step, e.fact.item) == (step, item))
        return sum(each.version > begun for each in moved)

    def waivers_of(self, step: str) -> tuple[Taken[StepWaived], ...]:
        """Return by which facts a step was waived, of whichever item or proposal."""
        return tuple(each for each in self.waivers if each.fact.step == step)

    @property
    def statements_now(self) -> tuple[Taken[StatementMade], ...]:
        """Return what was said to the ground on which the rating under way is given again."""
        begun = self.reopening.version if self.reopening else self.version
        return tuple(each for each in self.statements if each.version > begun)

    @property
    def notice(self) -> Taken[RatingAnnounced | RatingDecided] | None:
        """Return by which fact the rating under way was made known; None while it was not."""
        return self.notice_of(self)

    def notice_of(self, rated: RatedAgain | Rated) -> Taken[RatingAnnounced | RatingDecided] | None:
        """Return by which fact a rating was made known."""
        announced = self.makes_known is Step.ANNOUNCEMENT
        return rated.announcement if announced else rated.decision

    @property
    def makes_known(self) -> Step:
        """Return the step by which a rating is made known; the decision, where none else is."""
        return Step.ANNOUNCEMENT if Step.ANNOUNCEMENT in self.steps else Step.DECISION

    @property
    def notice_answered(self) -> bool:
        """Tell whether the last notice was answered; nobody waits for that, so it is no step."""
        answers, notice = self.notice_answers, self.notice
        return notice is not None and any(each.version > notice.version for each in answers)

    def unanswered_criticisms(self) -> tuple[Taken[CriticismGiven], ...]:
        return tuple(c for c in self.criticisms if not self.done(Step.ANSWER, c.fact.criticism_id))

    def answer_due_at(self, asked: Taken[CriticismGiven | PointSuggested]) -> datetime:
        """Return until when an answer is awaited, to a criticism or to a suggested point."""
        match asked.fact:
            case CriticismGiven() as given:
                return self.criticism_due_at(given)
            case PointSuggested() as point:
                told = self.deadlines.due_at(Step.SUGGESTION_ANSWER, point.point_id)
                return told or point.answer_due_at
            case never:
                assert_never(never)

    def criticism_due_at(self, given: CriticismGiven, *, before: int | None = None) -> datetime:
        """Return until when nobody proposes without an answer: by now, or before a fact was told.

        It is later where the year had ended, and went on.
        """
        end, item = before or self.version + 1, given.criticism_id
        told = (due for each in self.resumptions if each.version < end for due in each.fact.dues)
        anew = (e.due_at for e in told if (e.step, e.item) == (Step.ANSWER.value, item))
        return max(anew, default=given.answer_due_at)

    def points_open(self) -> tuple[Taken[PointSuggested], ...]:
        step = Step.SUGGESTION_ANSWER
        return tuple(each for each in self.points if not self.done(step, each.fact.point_id))

    def venues_left(self) -> tuple[UnitId, ...]:
        """Return the units before which this review has not been held yet."""
        held = {meeting.fact.place for meeting in self.meetings}
        return tuple(place for place in self.venues if place not in held)

    def venues_awaited(self) -> tuple[UnitId, ...]:
        """Return those for which others wait, who are reviewed after it: none once it has ended."""
        given_up = self.ending or self.is_waived(Step.MEETING)
        return () if given_up else self.venues_left()


# By which part of the state each step of a review is taken; no `match`, which is slow over steps.
_TAKEN: Mapping[str, Callable[[State], tuple[Taken[Act], ...]]] = {
    Step.COMMITMENT: lambda state: at_most_one(state.commitment),
    Step.SELF_CRITIQUE: lambda state: at_most_one(state.self_critique),
    Step.ANSWER: lambda state: state.answers,
    Step.SUGGESTION_ANSWER: lambda state: state.point_answers,
    Step.MEETING: lambda state: state.meetings,
    Step.STATEMENT: lambda state: state.statements_now,
    Step.PROPOSAL: lambda state: at_most_one(state.proposal),
    Step.APPRAISAL: lambda state: state.appraisals,
    Step.DECISION: lambda state: at_most_one(state.decision),
    Step.ANNOUNCEMENT: lambda state: at_most_one(state.announcement),
}
_ITEMS: Mapping[str, Callable[[State], Iterable[str]]] = {  # for which it was taken
    Step.ANSWER: lambda state: (each.fact.criticism_id for each in state.answers),
    Step.SUGGESTION_ANSWER: lambda state: (each.fact.point_id for each in state.point_answers),
    Step.APPRAISAL: lambda state: (each.fact.item for each in state.appraisals),
}
assert set(_TAKEN) == set(OWN), "a step of a review is taken by nothing"
_HAVE_ITEMS = {step for step in OWN if step.row.several or not step.row.once}
assert set(_ITEMS) == _HAVE_ITEMS, "of a step no item is known"

EMPTY = State()
