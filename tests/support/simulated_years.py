"""Whole years that a seed draws, each fact by the law's own decision, to look for dead ends.

People are on time, late or silent, are away, leave, die, move, get posts and lose them; workers
tell what runs out and what follows. After the year whoever may do anything that helps does it, and
what is open then is looked at: whether anybody may still go on with it, and if not, why.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from msgspec import UNSET

from events.definitions.cycle import CycleOpened, CycleTakenOver
from events.definitions.event import Code, Event
from events.definitions.records import Facts, Hand, Label
from events.definitions.reopening import ReviewMoved, ReviewReopened
from events.definitions.review import CriticismGiven
from events.definitions.roster import (
    AbsenceReason,
    MemberAbsent,
    MemberBack,
    MemberDisciplined,
    MemberLeft,
    MemberMoved,
    PostGiven,
    PostRelieved,
    UnitDissolved,
)
from events.domain.organisation import member
from events.domain.review import counted_facts, review
from events.domain.review.presence import may_be_away
from events.domain.rulebook.rulebook import Figure
from events.domain.steps import PostRole, Step, Turn
from events.domain.year import deadlines
from events.identifiers import MemberId, UnitId, review_stream
from tests.support import deeds
from tests.support.lawful_facts import BLANK, enrolled
from tests.support.party_rules import WORDS, YEAR
from tests.support.sealed import REASONS, sealed
from tests.support.simulated_log import SimulatedLog

TICK, TICKS = timedelta(days=4), 22  # of a year; then some more, in which whoever may act does
TICKS_AGAIN = 5  # after each review was reopened that could be
ROUNDS_MAX, DEEDS_MAX = 12, 60  # of what comes after it; and in one review at a time
FIGURE = 10  # of what has no limit of its own


class SimulatedYear(SimulatedLog):
    """The year that a seed draws, as people live it."""

    def live(self) -> "SimulatedYear":
        """Let the year go by, with what life brings, and return it."""
        self.begin()
        for _ in range(TICKS):
            self._tick()
        if self.rules.rulebook.stated_reopening:
            for subject in self.subjects:
                self._reopen(subject)
            for _ in range(TICKS_AGAIN):
                self._tick()
        return self

    def _tick(self) -> None:
        self.now += TICK
        self._bring_life()
        self.keep_time()
        for subject in self.subjects:
            self._go_on(subject)

    # People

    def _go_on(self, subject: MemberId) -> None:
        """Let those whose turn it is do what they do, or not; and somebody something else."""
        for task in review.tasks(self.state(subject)):
            silent = task.turn is Turn.MEMBER and subject in self.silent
            if not silent and self.dice.often(self.eager):
                self.do(subject, deeds.STEPS[task.step])
        if self.dice.often(5):
            self.do(subject, self.dice.pick(deeds.BACK))
        if self.dice.often(3):
            self._criticise(subject)

    def do(self, subject: MemberId, what: deeds.Wanted) -> bool:
        """Tell whether anybody may do something in a review, and whoever is first does."""
        return any(map(self.attempt, self._wanted(subject, what)))

    def _wanted(self, subject: MemberId, what: deeds.Wanted) -> Iterator[Event]:
        state = self.state(subject)
        hands = self.dice.turned(self.hands)
        yield from deeds.wanted(what, state, hands, self._facts(state))

    def _criticise(self, subject: MemberId) -> None:
        number = self.state(subject).version
        criticism = CriticismGiven(
            period=YEAR,
            member_id=subject,
            criticism_id=Label(f"criticism{number}".ljust(26, "a")),
            author=Label("author"),
            text=WORDS,
            answer_due_at=BLANK,
        )
        self.attempt(criticism)

    def _facts(self, state: review.State) -> Facts:
        """Return what a proposal counts: points and figures of somebody average."""
        assert state.opened
        opened, rulebook = state.opened.fact, self.rules.rulebook
        group = opened.group or ""
        found = dict[str, int]()
        if not opened.collective:
            roster, day = self.log.member(opened.member_id), self.now.date()
            found = counted_facts.counts_of_member(
                rulebook, group, roster, YEAR, today=day, reasons=REASONS
            )
        figures = dict[str, int]()
        for each in rulebook.figures_for(group):
            figures[each.id] = _figure(each, figures)
        points = {e.id: e.points_max * 9 // 10 for e in rulebook.criteria_for(group)}
        disciplined = bool(self.log.disciplines(opened))
        return Facts(
            points=points,
            figures=figures,
            disciplined=disciplined,
            earlier_faults_open=0,
            group=opened.group,
            counted=found or UNSET,
        )

    # Life

    def _bring_life(self) -> None:
        """Let HR tell something now and then, with what follows from it."""
        if not self.dice.often(35):
            return
        who = self.dice.pick(list(self.organisation.members))
        if member.view(self.log.member(who)).membership != member.ENROLLED:
            return
        for each in self._life_of(who):
            self.tell(each)
        for subject in self.subjects:  # a unit that is gone may have had anybody
            self.follow(subject)
        if self.dice.often(20):
            self._reopen(who)

    def _life_of(self, who: MemberId) -> Sequence[Event]:
        units, offices = tuple(self.organisation.parents), self.rules.rulebook.offices
        unit_id, post = self.dice.pick(units), Code(self.dice.pick(offices))
        own = [each for each in self.hands if each.member_id == who]
        match self.dice.pick(("left", "moved", "post", "post", "relieved", "away", "away", "late")):
            case "left":
                return (MemberLeft(member_id=who, reason=sealed("died")),)
            case "moved":
                return (MemberMoved(member_id=who, unit_id=unit_id),)
            case "post":
                return (PostGiven(member_id=who, unit_id=unit_id, post=post),)
            case "relieved":
                return tuple(
                    PostRelieved(member_id=who, unit_id=each.unit_id, post=each.post)
                    for each in own[:1]
                )
            case "away":
                away = member.view(self.log.member(who)).absent
                reason = self.dice.pick(tuple(AbsenceReason))
                absent = MemberAbsent(member_id=who, reason=sealed(reason))
                return (MemberBack(member_id=who) if away else absent,)
            case _ if self.dice.often(20) and len(units) > 1:
                return self._dissolve(unit_id)
            case _:
                return (_discipline(who),)

    def _dissolve(self, unit_id: UnitId) -> Sequence[Event]:
        """Return that a unit with none below it goes to the one above, with its members."""
        parent = self.organisation.parents[unit_id]
        if parent is None or unit_id in (
            self.organisation.authority,
            *self.organisation.parents.values(),
        ):
            return ()
        return (UnitDissolved(unit_id=unit_id, successor_id=parent),)

    def _reopen(self, who: MemberId) -> None:
        """Let somebody be rated again, for what came to light late or on any other ground."""
        stated = self.rules.rulebook.stated_reopening
        ground = self.dice.pick(stated) if stated else self.rules.rulebook.reopening[0]
        for by in self.hands:
            again = ReviewReopened(
                period=YEAR,
                member_id=who,
                ground=Code(ground.id),
                by=by,
                proposal_due_at=BLANK,
                decision=sealed("12-QĐ"),
                text=WORDS,
            )
            if self.attempt(again):
                return

    def come_back(self) -> None:
        """Let HR tell that everybody who is away is back, with the days that they have again."""
        for each in self.organisation.members:
            if member.view(self.log.member(each)).absent:
                self.tell(MemberBack(member_id=each))
        for subject in self.subjects:
            state = self.state(subject)
            assert state.opened
            if self.log.excuse(state.opened.fact, self.now):
                continue
            stream = review_stream(YEAR, subject)
            excused = state.deadlines.excused_dues(review.tasks(state))
            for resumed in deadlines.resume(excused, stream, self.rules, back_at=self.now):
                self.tell(resumed)

    # After the year

    def finish(self) -> None:
        """Let everybody who may act do what brings their reviews to an end, as time goes by."""
        for _ in range(ROUNDS_MAX):
            self.now += 3 * TICK
            before = len(self.history)
            self.keep_time()
            for subject in self.open_reviews():
                self._bring_on(subject)
            if len(self.history) == before and not self._is_anything_due():
                return

    def _is_anything_due(self) -> bool:
        """Tell whether time alone may still change something in a review that is open."""
        states = map(self.state, self.open_reviews())
        dues = (due for each in states for due in each.deadlines.open_dues(each.done))
        return any(due.due_at >= self.now for due in dues)

    def open_reviews(self) -> list[MemberId]:
        return [each for each in self.subjects if not self.is_done(each)]

    def _bring_on(self, subject: MemberId) -> None:
        for _ in range(DEEDS_MAX):
            if self.is_done(subject) or not self._help(subject):
                return

    def _help(self, subject: MemberId) -> bool:
        """Tell whether anybody did anything that brings a review on."""
        for task in review.tasks(self.state(subject)):
            silent = task.turn is Turn.MEMBER and subject in self.silent
            if not silent and self.do(subject, deeds.STEPS[task.step]):
                return True
        return any(self.do(subject, each) for each in deeds.ON)

    def appoint(self) -> None:
        """Let HR appoint new people where what is left is decided, and where it is appraised."""
        deciding = {
            each for subject in self.open_reviews() for each in self.state(subject).deciding
        }
        appraising = {
            (state.takers(Step.APPRAISAL, each.item)[0], each.item)
            for state in map(self.state, self.open_reviews())
            for each in state.appraisals_open()
        }
        for unit_id in sorted(deciding):
            for role in PostRole:
                self._appoint_one(unit_id, self.rules.rulebook.roles.of(role))
        for unit_id, item in sorted(appraising):
            posts = self.rules.rulebook.posts_for(Step.APPRAISAL, item)
            self._appoint_one(unit_id, posts)

    def _appoint_one(self, unit_id: UnitId, posts: Sequence[str]) -> None:
        who = MemberId(f"new{len(self.organisation.members)}".ljust(26, "a"))
        self.organisation.members[who] = unit_id
        self.tell(enrolled(who, unit_id))
        for post in posts[:1]:
            self.tell(PostGiven(member_id=who, unit_id=unit_id, post=Code(post)))

    def take_over(self) -> Hand | None:
        """Return who above takes the year over, so that the reviews left open go on there."""
        top = self.organisation.authority
        for by in self.hands:
            taken = CycleTakenOver(period=YEAR, unit_id=top, by=by, text=WORDS)
            if self.attempt(taken):
                self._open_above(by)
                return by
        return None

    def _open_above(self, by: Hand) -> None:
        top, source = self.organisation.authority, self.rules.source
        above = CycleOpened(
            period=YEAR,
            unit_id=by.unit_id,
            rulebook=source.rulebook,
            calendar=source.calendar,
            by=by,
            taken_from=top,
        )
        assert self.attempt(above)
        for subject in self.subjects:
            self.attempt(
                ReviewMoved(period=YEAR, member_id=subject, path=(), rated_by=(), places=(), by=by)
            )


def _figure(figure: Figure, known: dict[str, int]) -> int:
    """Return a number that a figure may have: as much as there may be."""
    most = figure.at_most
    return known[most] if isinstance(most, str) else min(most, FIGURE) if most > 1 else 0


def _discipline(who: MemberId) -> Event:
    return MemberDisciplined(
        member_id=who, decision=sealed("12-QĐ"), grade=Code("warning"), fault_period=YEAR
    )


def waits_for_absent(year: SimulatedYear, subject: str) -> bool:
    """Tell whether all that is left of a review waits for who is reviewed, who is away."""
    state = year.state(subject)
    assert state.opened
    away = year.log.excuse(state.opened.fact, year.now)
    return bool(away) and all(may_be_away(state, each.step) for each in review.tasks(state))
