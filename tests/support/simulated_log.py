"""The log of a year that a seed draws: told fact after fact by the law's own decisions."""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

from events.definitions.cycle import CycleOpened, DocumentKind
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event, stream_of
from events.definitions.records import Hand
from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewReopened, ReviewResumed
from events.definitions.review import RatingReturned, ReviewOpened
from events.domain.escalation.lateness import is_excusable
from events.domain.organisation import member
from events.domain.review import review, waiving
from events.domain.year import deadlines
from events.errors import TusoiError
from events.identifiers import MemberId, UnitId, review_stream
from tests.support.drawn_organisations import (
    Dice,
    draw_organisation,
    draw_rules,
    of_others,
    with_grounds,
    with_row,
    without_some,
)
from tests.support.history import record
from tests.support.lawful import decision_on, log_of
from tests.support.lawful_facts import published
from tests.support.party_rules import YEAR

ROWS_EACH = 4  # years, of which one goes by an edition with appraisals in a row
BEGINNING = datetime(2025, 11, 3, 2, tzinfo=UTC)
FOLLOWED = (RatingReturned, ReviewReopened, ReviewMoved, ReviewResumed)  # by what stood in its way
DONE = ("announced", "ended", "not rated")  # what becomes of a review, unless somebody goes on


class SimulatedLog:
    """What is told so far of the year that a seed draws, and what workers tell of it."""

    def __init__(self, seed: int) -> None:
        self.dice = Dice(seed)
        self.rules = draw_rules(self.dice)
        if seed % 10 == 5:
            self.rules = of_others(self.rules, Dice(seed))
        if seed % 10 == 8:
            self.rules = without_some(self.rules, Dice(seed))
        if seed % ROWS_EACH == ROWS_EACH - 1:  # other dice: the others' years stay as they were
            self.rules = with_row(self.rules, Dice(seed))
        if seed % 3 == 1:
            self.rules = with_grounds(self.rules, Dice(seed))
        self.organisation = draw_organisation(self.dice, self.rules.rulebook)
        self.log = log_of(lambda _: self.rules)
        self.history = list[Recorded]()
        self.subjects = list[MemberId]()
        self.silent = set[str]()  # who never writes, not even when asked after the year
        self.now = datetime(2020, 1, 6, 2, tzinfo=UTC)
        self._versions = Counter[str]()
        self._hands: tuple[Hand, ...] | None = None
        self.eager = self.dice.pick((20, 50, 90))  # of a hundred, who does what is theirs

    # Telling

    def tell(self, event: Event, at: datetime | None = None) -> None:
        """Tell a fact as it is."""
        recorded = self._recorded(event, at)
        self.log.tell(recorded)
        self.history.append(recorded)
        self._versions[recorded.entry.stream] += 1
        if recorded.entry.stream.startswith("member-"):
            self._hands = None

    def decide(self, wanted: Event) -> Event | None:
        """Return what the law tells where a fact is wanted; None where it refuses."""
        try:
            return decision_on(self.log, self._recorded(wanted))
        except TusoiError:
            return None

    def attempt(self, wanted: Event) -> bool:
        """Tell whether the law lets a fact be told, and if so tell it with what follows."""
        is_told = self.is_told(wanted)
        if is_told and isinstance(wanted, FOLLOWED):
            self.follow(wanted.member_id)
        return is_told

    def is_told(self, wanted: Event) -> bool:
        event = self.decide(wanted)
        if event is not None:
            self.tell(event)
        return event is not None

    def _recorded(self, event: Event, at: datetime | None = None) -> Recorded:
        version = self._versions[stream_of(event)] + 1
        return record(event, version=version, time=at or self.now, told_at=self.now)

    # What is known

    @property
    def hands(self) -> tuple[Hand, ...]:
        """Return all by which anybody acts: each post that somebody holds now."""
        if self._hands is None:
            offices = self.rules.rulebook.offices
            self._hands = tuple(
                Hand(member_id=each, unit_id=UnitId(post.unit_id), post=Code(post.post))
                for each in self.organisation.members
                for post in member.view(self.log.member(each)).posts
                if post.post in offices
            )
        return self._hands

    def state(self, subject: str) -> review.State:
        return self.log.review(YEAR, subject)

    def is_done(self, subject: str) -> bool:
        return self.outcome(subject) in DONE

    def outcome(self, subject: str) -> str:
        """Return what became of a review, or its stage."""
        state = self.state(subject)
        if state.ending:
            return "ended"
        if not review.tasks(state):
            assert state.opened
            return "not rated" if state.opened.fact.unrated else review.stage(state)
        return review.stage(state)

    # Workers

    def begin(self) -> None:
        for each in self.organisation.facts():
            self.tell(each)
        top, source = self.organisation.authority, self.rules.source
        self.now = BEGINNING
        self.tell(published(source.rulebook, DocumentKind.RULEBOOK))
        self.tell(published(source.calendar, DocumentKind.CALENDAR))
        by = next(each for each in self.hands if each.unit_id == top)
        opened = CycleOpened(
            period=YEAR, unit_id=top, rulebook=source.rulebook, calendar=source.calendar, by=by
        )
        assert self.attempt(opened)
        units = (MemberId(each) for each in self.organisation.parents)
        for subject in (*units, *self.organisation.members):
            self._open(subject, top)

    def _open(self, subject: MemberId, top: UnitId) -> None:
        """Open somebody's review, where they are of this year."""
        unit_id = UnitId(subject)
        collective = unit_id in self.organisation.parents
        own = unit_id if collective else self.organisation.members[subject]
        if top not in (path := self.log.path(own, top)):
            return
        opened = ReviewOpened(
            period=YEAR,
            member_id=subject,
            path=path,
            rated_by=(),
            rulebook=self.rules.source.rulebook,
            calendar=self.rules.source.calendar,
            dues=(),
            steps=(),
            places=(),
            collective=collective,
        )
        if self.attempt(opened):
            self.subjects.append(subject)
            if self.dice.often(20):
                self.silent.add(subject)

    def keep_time(self) -> None:
        """Tell what ran out, and what an edition waives of it."""
        for subject in self.subjects:
            stream = review_stream(YEAR, subject)
            state = self.log.state(stream)
            over = deadlines.run_out(
                state.deadlines.open_dues(state.done),
                stream,
                now=self.now,
                excuse=lambda due, state=state: self._excuse(state, due),  # type: ignore[misc]
            )
            for each in over:
                self.tell(each, each.due_at)
            if over:
                waived = waiving.waived_by_edition(self.state(subject), self.rules, now=self.now)
                for _, fact in list(waived):
                    self.tell(fact)

    def _excuse(self, state: review.State, due: Any) -> Any:
        if not is_excusable(state, due.step):
            return None
        assert state.opened
        return self.log.excuse(state.opened.fact, due.due_at)

    def follow(self, subject: str) -> None:
        """Tell what follows for a review from what was told of its member or unit."""
        of = MemberId(subject)
        possible: tuple[Event, ...] = (
            ReviewEnded(period=YEAR, member_id=of, reason=Code("left")),
            ReviewResumed(period=YEAR, member_id=of, dues=()),
            ReviewMoved(period=YEAR, member_id=of, path=(), rated_by=(), places=()),
        )
        while any(map(self.is_told, possible)):
            pass
