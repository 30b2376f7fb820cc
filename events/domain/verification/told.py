"""What was told so far, one fact after the other in the log's order: what the law goes by.

Of the whole log everything is there; of a bundle what a rating rests on, so that what is missing
there may be so all the same. It is over 300 lines, for all by which a fact is judged is asked here.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, TypeVar

from events.definitions.cycle import CycleOpened, CycleTakenOver, CycleVoided
from events.definitions.deadline import Excuse
from events.definitions.entry import CLOCKS_APART_MAX, Recorded, Sequenced
from events.definitions.event import Code
from events.definitions.plan import PlanMoved, PlanOpened, PlanUnfollowed, PlanVoided
from events.definitions.records import Hand, Period, Source
from events.definitions.reopening import ReviewEnded, ReviewMoved, ReviewResumed, ReviewVoided
from events.definitions.review import RatingProposed, ReviewOpened
from events.domain.aggregate.folding import Taken
from events.domain.escalation import escalation
from events.domain.organisation import (
    member,
    presence,
    standing_in,
    succession,
    timelines,
    unit,
)
from events.domain.organisation.member import Member, Reasons
from events.domain.organisation.succession import Place
from events.domain.organisation.unit import Unit
from events.domain.plan import plan
from events.domain.review import counted_facts, review
from events.domain.verification.lately import Lately
from events.domain.verification.listed import Listed
from events.domain.verification.published import Published
from events.domain.year import cycle
from events.domain.year.heading import Tree
from events.domain.year.rules import Pinned, Rules
from events.errors import TusoiError
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    cycle_stream,
    member_stream,
    plan_stream,
    review_stream,
    unit_stream,
)

S = TypeVar("S", bound=succession.WithSuccessions)
LISTS_LAG_MAX = timedelta(minutes=1)  # by which whoever opens a year may know less than the log
RulesOf = Callable[[Source], Rules]
Reading = Callable[[timelines.State], Reasons]
Pinning = ReviewOpened | PlanOpened
ORDERED = Pinning | CycleTakenOver | CycleVoided | ReviewMoved
BY_WORKERS = (
    ReviewOpened,
    ReviewMoved,
    ReviewVoided,
    PlanMoved,
    PlanUnfollowed,
    PlanVoided,
)
BY_WORKERS_OR_HAND = (ReviewEnded, ReviewResumed)  # `by` says which

# What the stream of a kind comes to: with nothing told, and by each fact.
FOLDS: Mapping[str, tuple[Any, Callable[[Any, Any], Any]]] = {
    "member": (timelines.EMPTY, member.evolve),
    "unit": (timelines.EMPTY, unit.evolve),
    "cycle": (cycle.EMPTY, cycle.evolve),
    "review": (review.EMPTY, review.evolve),
    "plan": (plan.EMPTY, plan.evolve),
    "escalation": (escalation.EMPTY, escalation.evolve),
}


class NotSo(TusoiError):
    """A fact rests on something that was not told by then."""

    code = "not_so"


class Told:
    """What was told of members and units, of their years, reviews and plans, and of documents.

    Args:
        rules_of: returns the rules that two documents hold; raises where there are none.
        whole: whether it is the whole log that is told.
        reasons_of: returns the reasons of a member's absences, as far as they can be read.
    """

    def __init__(
        self, rules_of: RulesOf, *, whole: bool = False, reasons_of: Reading = lambda _: {}
    ) -> None:
        self._rules_of = rules_of
        self.whole = whole
        self._reasons_of = reasons_of
        self._states = dict[str, Any]()
        self.published = Published()
        self._order = dict[tuple[str, int], int]()  # of facts that begin a year or end one
        self.lately = Lately(LISTS_LAG_MAX)  # of members and units
        self._day = timelines.AS_TOLD  # what was told ahead of it holds
        self._at = timelines.AS_TOLD  # when what is asked of was done
        self._counted = dict[str, frozenset[str]]()  # by review: disciplines when it was proposed
        self._posts = Listed(lambda stream: {each.unit_id for each in self._view(stream).posts})
        self._near = Listed(lambda stream: {*succession.place_in(self.state(Stream(stream)))})
        self._places = dict[UnitId, Place]()
        self._views = dict[str, tuple[timelines.State, Any]]()  # each with the state it shows
        self._years = defaultdict[UnitId, set[Period]](set)  # of which a unit opened one

    def ask(self, each: Recorded | Sequenced) -> None:
        """Let what is asked from now on be asked of a fact, which is not told yet.

        Who acts asks first whether a day came that was told ahead, and a worker goes by what was
        told: it may be late.
        """
        event: Any = each.event
        by_what_was_told = isinstance(event, BY_WORKERS) or (
            isinstance(event, BY_WORKERS_OR_HAND) and not event.by
        )
        at = each.entry.recordedat
        self._day = timelines.AS_TOLD if by_what_was_told else at - CLOCKS_APART_MAX
        self._at = each.entry.time

    def tell(self, each: Recorded | Sequenced) -> None:
        """Carry one fact more into whom it is about."""
        stream, event = each.entry.stream, each.event
        kind = stream.partition("-")[0]
        self.published.tell(event)
        if isinstance(event, CycleOpened):
            self._years[event.unit_id].add(event.period)
        if isinstance(event, ORDERED):
            self._order[stream, each.entry.streamversion] = len(self._order) + 1
        if kind in ("member", "unit"):
            self.lately.tell(stream, each.entry.recordedat, self.state(Stream(stream)))
        if kind == "member":
            self._posts.changed.add(stream)
        elif kind == "unit":
            self._near.changed.add(stream)
            self._places.clear()
        elif isinstance(event, RatingProposed):
            opened = self.review(event.period, event.member_id).opened
            self._counted[stream] = self.disciplines(opened.fact) if opened else frozenset()
        if kind in FOLDS:
            self._fold(each)

    def _fold(self, each: Recorded | Sequenced) -> None:
        stream = Stream(each.entry.stream)
        evolve = FOLDS[stream.partition("-")[0]][1]
        self._states[stream] = evolve(self.state(stream), each)

    def state(self, stream: Stream) -> Any:
        """Return what a stream comes to so far."""
        return self._states.get(stream, FOLDS[stream.partition("-")[0]][0])

    def rules(self, source: Pinned) -> Rules:
        return self._rules_of(Source(rulebook=source.rulebook, calendar=source.calendar))

    def order_of(self, stream: Stream, taken: Taken[Any] | None) -> int:
        """Return as which of those that begin a year or end one a fact was told; else 0."""
        return self._order.get((stream, taken.version), 0) if taken else 0

    # Members and units

    def member(self, member_id: str) -> timelines.State:
        return self._by_now(member_stream(MemberId(member_id)))

    def holds(self, member_id: str) -> Member:
        """Return what holds of a member by now."""
        stream = member_stream(MemberId(member_id))
        return self._view(stream, self._by_now(stream))

    def unit(self, unit_id: str) -> timelines.State:
        return self._by_now(unit_stream(UnitId(unit_id)))

    def _by_now(self, stream: Stream) -> timelines.State:
        """Return what holds, be it not told that the day came of what was told ahead."""
        found: timelines.State = self.state(stream)
        return found.with_due(self._day)

    def holds_post(self, hand: Hand) -> bool:
        """Tell whether somebody holds the post by which they act: as was told, and by now.

        Whoever stands in does so for somebody who holds it.
        """
        whose = hand.for_id or hand.member_id
        return all(
            standing_in.acts_by(hand, view(hand.member_id), view(whose), self._at)
            if hand.for_id
            else view(whose).has_post(hand.unit_id, hand.post)
            for view in (self._as_told, self.holds)
        )

    def is_headed(self, by: Hand, subject: str, rules: Rules) -> bool:
        """Tell whether who stands in judges by that who heads them: a bundle holds no roster."""
        offices = rules.rulebook.offices
        return self.whole and all(
            standing_in.is_headed(by, view(by.member_id), view(subject), offices, self._above)
            for view in (self._as_told, self.holds)
        )

    def posts_beside(self, by: Hand) -> tuple[str, ...]:
        """Return in which posts somebody acts where they did: one speaks, a hand names another."""
        holds = self._as_told(by.member_id)
        own = (each.post for each in holds.posts if each.unit_id == by.unit_id)
        others = (
            each.post
            for each in holds.delegations
            if each.unit_id == by.unit_id
            and standing_in.counts(each, holds, self._as_told(each.for_id), self._at)
        )
        return (*own, *others)

    def _as_told(self, member_id: str) -> Member:
        return self._view(member_stream(MemberId(member_id)))

    def office_units(self, member_id: str, rules: Rules) -> tuple[UnitId, ...]:
        """Return the units for which somebody acts by an office that they hold there."""
        posts, offices = self.holds(member_id).posts, rules.rulebook.offices
        held = sorted({each.unit_id for each in posts if each.post in offices})
        return tuple(UnitId(each) for each in held if self.stands(UnitId(each)))

    def offices_of(self, by: Hand, rules: Rules) -> tuple[UnitId, ...]:
        """Return the units for which those act, by offices of their own, who see by a hand."""
        return tuple(unit for each in by.eyes for unit in self.office_units(each, rules))

    def acts_for(self, unit_id: str, member_id: str, rules: Rules) -> bool:
        return unit_id in self.office_units(member_id, rules)

    def holders(self, unit_id: UnitId, top: UnitId) -> tuple[Hand, ...]:
        """Return who holds a post in a unit and belongs to another one, or to a unit below it."""
        found = list[Hand]()
        for stream in sorted(self._posts.under(unit_id)):
            holds, member_id = self._view(stream), MemberId(stream.partition("-")[2])
            if holds.unit_id and top in self.way_up(UnitId(holds.unit_id)):
                found += (
                    Hand(member_id=member_id, unit_id=unit_id, post=Code(each.post))
                    for each in holds.posts
                    if each.unit_id == unit_id
                )
        return tuple(found)

    def units_below(self, unit_id: UnitId) -> tuple[UnitId, ...]:
        """Return the units directly below one that were not dissolved, by their ids."""
        found, wanted = set[UnitId](), [unit_id]
        while wanted:  # through those that were dissolved
            streams = self._near.under(wanted.pop())
            near = {UnitId(each.partition("-")[2]) for each in streams} - found
            found |= near
            wanted += (each for each in near if not self.stands(each))
        below = (each for each in found if self.way_up(each)[1:2] == (unit_id,))
        return tuple(sorted(filter(self.stands, below)))

    def stood(self, stream: Stream, at: datetime) -> timelines.State:
        """Return how a member or a unit stood for lists that may lag, by what was told of them."""
        found: timelines.State = self.lately.before(stream, at) or self.state(stream)
        return found

    def stands(self, unit_id: UnitId) -> bool:
        """Tell whether a unit was not dissolved: nobody waits for the year of one that was."""
        return not self.holds_of(unit_id).dissolved_at

    def holds_of(self, unit_id: UnitId) -> Unit:
        found: Unit = self._what_holds(unit_stream(unit_id), self.unit(unit_id), unit.view)
        return found

    def way_up(self, unit_id: UnitId) -> tuple[UnitId, ...]:
        """Return a unit and those above it that stand, the next first; up to any circle."""
        return (unit_id, *succession.standing_above(unit_id, self._place))

    def _above(self, unit_id: UnitId) -> tuple[UnitId, ...]:
        return self.way_up(unit_id)[1:]

    def acting_way_up(self, unit_id: UnitId) -> tuple[UnitId, ...]:
        """Return who acts for a unit, then the units above that stand, the next first."""
        return succession.acting_way_up(unit_id, self._place)

    @property
    def tree(self) -> Tree:
        """Return how units hang by now."""
        return Tree(self.acting_way_up, lambda each: self.holds_of(each).kind or "")

    def standing_unit(self, unit_id: UnitId) -> UnitId:
        """Return a unit, or where whoever was left in it is once it was dissolved."""
        return unit_id if self.stands(unit_id) else self.way_up(unit_id)[:2][-1]

    def _place(self, unit_id: UnitId) -> Place:
        if self.state(unit_stream(unit_id)).waiting:  # which days have come is another each time
            return succession.place_in(self.unit(unit_id))
        if unit_id not in self._places:
            self._places[unit_id] = succession.place_in(self.unit(unit_id))
        return self._places[unit_id]

    def path(self, unit_id: UnitId, top: UnitId) -> tuple[UnitId, ...]:
        """Return the units from one up to another; without that where it is not above."""
        way = self.way_up(unit_id)
        return way[: way.index(top) + 1] if top in way else way

    def decides(self, unit_id: UnitId) -> bool:
        """Tell whether HR or the operator says that a unit decides."""
        return bool(self.holds_of(unit_id).authority_since)

    def excuse(self, pinned: Pinning, at: datetime) -> Excuse | None:
        """Return why who a year is about is not there at a time; None where they may be."""
        possible = self.excuses(pinned, at)
        return None if None in possible else possible[0]

    def excuses(self, pinned: Pinning, at: datetime) -> tuple[Excuse | None, ...]:
        """Return as what somebody may count as away: one, but where a reason cannot be read.

        It is sealed, and erased some day: then it may have been one that excuses nobody, or not.
        """
        formed = self.unit(pinned.member_id)
        if formed.version:
            return (presence.of_unit(formed.with_due(at).until(at)),)
        roster = self.member(pinned.member_id).with_due(at).until(at)
        holds = self._view(member_stream(MemberId(pinned.member_id)), roster)
        reasons, accepted = self._reasons_of(roster), self.rules(pinned).rulebook.absence.excuses
        found = presence.of_member(holds, accepted, reasons)
        sealed = found is Excuse.ABSENT and holds.absent not in reasons
        return (found, None) if sealed else (found,)

    def reasons(self, member_id: str) -> Reasons:
        """Return the reasons of a member's absences, as far as they can be read."""
        return self._reasons_of(self.member(member_id))

    # Years, reviews and plans

    def year(self, period: Period, unit_id: UnitId) -> cycle.State:
        found: cycle.State = self.state(cycle_stream(period, unit_id))
        return found

    def years_of(self, unit_id: UnitId) -> Iterator[cycle.State]:
        """Iterate over the years of a unit, the newest first."""
        periods = sorted(self._years.get(unit_id, ()), reverse=True)
        return (self.year(each, unit_id) for each in periods)

    def review_of(self, stream: Stream) -> review.State:
        """Return a review, with who acts for the units of its path that were dissolved."""
        state: review.State = self.state(stream)
        return self.after_units(state, (*state.path, *state.venues))

    def review(self, period: Period, subject: str) -> review.State:
        return self.review_of(review_stream(period, subject))

    def plan(self, period: Period, subject: str) -> plan.State:
        state: plan.State = self.state(plan_stream(period, subject))
        return self.after_units(state, state.path)

    def after_units(self, state: S, units: Collection[UnitId]) -> S:
        """Return a state after all that is told of who succeeded some units."""
        found = succession.successors_of(units, lambda each: self._place(each).successor)
        for unit_id, successor_id in found.items():
            state = state.with_successor(unit_id, successor_id)
        return state

    def waiting_for(self, period: Period, units: Iterable[UnitId]) -> tuple[UnitId, ...]:
        """Return which of some units are to be rated in a period and were not yet."""
        return tuple(each for each in sorted({*units}) if self._is_undecided(period, each))

    def _is_undecided(self, period: Period, unit_id: UnitId) -> bool:
        return review.is_level_awaited(self.review(period, unit_id)) and self.stands(unit_id)

    def year_of(self, opened: ReviewOpened) -> CycleOpened | None:
        """Return the year that a review is opened in, while it holds."""
        if not opened.path:
            return None
        found = self.year(opened.period, opened.path[-1])
        held = self.units_held(opened.period, opened.path[-1])
        ways = opened.path[1:] if opened.collective else opened.path
        joins = found.opened and found.holds and not held.isdisjoint(ways)
        return found.opened.fact if found.opened and joins else None

    def may_open(self, opened: CycleOpened) -> bool:
        """Tell whether a unit may open a year: it decides, or has taken over one below."""
        if opened.taken_from:
            below = self.year(opened.period, opened.taken_from)
            return below.taken_over is not None and below.taken_over.fact.by == opened.by
        return self.decides(opened.unit_id)

    def units_held(self, period: Period, unit_id: UnitId) -> frozenset[UnitId]:
        return cycle.units_held(unit_id, lambda each: self.year(period, each), self.decides)

    def disciplines(self, opened: ReviewOpened) -> frozenset[str]:
        """Return the decisions of the disciplines that are counted in a year."""
        if opened.collective:
            found = counted_facts.unit_disciplines(self.unit(opened.member_id), opened.period)
        else:
            found = counted_facts.disciplines(self.member(opened.member_id), opened.period)
        return frozenset(each.decision for each in found)

    def disciplines_counted(self, period: Period, subject: str) -> frozenset[str]:
        """Return those that there were when a rating was proposed last."""
        return self._counted.get(review_stream(period, subject), frozenset())

    def _view(self, stream: str, state: timelines.State | None = None) -> Member:
        """Return what holds of a member by a state; without one, as was told."""
        by = self.state(Stream(stream)) if state is None else state
        found: Member = self._what_holds(stream, by, member.view)
        return found

    def _what_holds(
        self, stream: str, state: timelines.State, view: Callable[[timelines.State], Any]
    ) -> Any:
        """Return what a state shows: asked with every fact, it is seldom another than before."""
        known = self._views.get(stream)
        if known is None or known[0] is not state:
            known = self._views[stream] = state, view(state)
        return known[1]
