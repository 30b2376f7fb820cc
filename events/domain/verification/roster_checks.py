"""Whether those who rated held their posts, their unit might open the year, and facts are told so.

What the roster told by then is folded in the log's order, beside the review. Total on every
history, as `rating_checks`: what is missing is told.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

from events.definitions.cycle import CycleOpened, DocumentPublished
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded, Sequenced
from events.definitions.event import Event
from events.definitions.records import Facts, Hand, Period
from events.definitions.reopening import ReviewVoided
from events.definitions.review import RatingProposed, ReviewOpened
from events.domain.documents.working_days import local_day
from events.domain.organisation import member, timelines, unit
from events.domain.review import counted_facts
from events.domain.rulebook.rulebook import Rulebook
from events.domain.verification.rating_checks import Check
from events.domain.verification.streams import hands_of
from events.domain.year import cycle
from events.identifiers import Stream, UnitId, cycle_stream

MIDNIGHT = timedelta(days=1)  # may fall between reading the facts and dating what they came to
TOLD_OF_MEMBER = frozenset(
    ("disciplines", "disciplines_self_detected", "days_absent", "state_level")
)
TOLD_OF_UNIT = frozenset(("disciplines", "disciplines_self_detected", "units_below"))
EARLIER_FAULTS = "earlier_faults_open"


class Roster:
    """What was told of members, units and their years, one fact after the other."""

    def __init__(self) -> None:
        self._members = dict[str, timelines.State]()
        self._units = dict[str, timelines.State]()
        self._cycles = dict[str, cycle.State]()
        self._published = set[str]()

    def tell(self, each: Recorded | Sequenced) -> None:
        """Carry one fact more into whom it is about."""
        stream = each.entry.stream
        kind, _, key = stream.partition("-")
        if kind == "member":
            self._members[key] = member.evolve(self.member(key), each)
        elif kind == "unit":
            self._units[key] = unit.evolve(self.unit(key), each)
        elif kind == "cycle":
            self._cycles[stream] = cycle.evolve(self._cycles.get(stream, cycle.EMPTY), each)
        elif isinstance(each.event, DocumentPublished):
            self._published.add(each.event.digest)

    def member(self, member_id: str) -> timelines.State:
        """Return what was told of a member so far."""
        return self._members.get(member_id, timelines.EMPTY)

    def unit(self, unit_id: str) -> timelines.State:
        return self._units.get(unit_id, timelines.EMPTY)

    def holds_post(self, hand: Hand) -> bool:
        """Tell whether somebody holds the post by which they act."""
        posts = member.view(self.member(hand.member_id)).posts
        return (hand.unit_id, hand.post) in {(each.unit_id, each.post) for each in posts}

    def may_open(self, opened: CycleOpened) -> bool:
        """Tell whether a unit may open a year: it decides, or has taken over one below."""
        if opened.taken_from:
            below = self._year(opened.period, opened.taken_from)
            return below.taken_over is not None and below.taken_over.fact.by == opened.by
        return self._decides(opened.unit_id)

    def year_of(self, opened: ReviewOpened) -> CycleOpened | None:
        """Return the year that a review is opened in, while it holds."""
        top = opened.path[-1] if opened.path else UnitId("")
        years = partial(self._year, opened.period)
        found, held = years(top), cycle.units_held(top, years, self._decides)
        ways = opened.path[1:] if opened.collective else opened.path
        joins = found.opened and found.holds and not held.isdisjoint(ways)
        return found.opened.fact if found.opened and joins else None

    def is_published(self, digest: str) -> bool:
        return digest in self._published

    def _year(self, period: Period, unit_id: UnitId) -> cycle.State:
        return self._cycles.get(cycle_stream(period, unit_id), cycle.EMPTY)

    def _decides(self, unit_id: UnitId) -> bool:
        return bool(unit.view(self.unit(unit_id)).authority_since)


class Wrong(NamedTuple):
    """Something that was not so when a fact was told."""

    check: str
    what: str


def check_roster(
    history: Iterable[Recorded | Sequenced], stream: Stream, rulebook: Rulebook
) -> tuple[Check, ...]:
    """Return whether what a rating rests on beside its review was so when it was told.

    `history` holds the review's stream and all that it rests on, in the log's order.
    """
    roster, opened, wrong = Roster(), None, list[Wrong]()
    for each in history:
        event = each.event
        wrong += wrong_by_then(event, roster)
        if each.entry.stream == stream:
            opened = _opened_after(event, opened)
            if isinstance(event, RatingProposed) and opened:
                own = _own(opened, roster)
                wrong += _wrong_facts(
                    event.facts, opened, own, rulebook, local_day(each.entry.time)
                )
        roster.tell(each)
    told = _counts_elsewhere(opened, rulebook) if opened else ()
    elsewhere = f"; only the whole log shows {', '.join(told)}" if told else ""
    good = {
        "posts": "everybody who acted held the post by which they did",
        "authority": "the unit that opened the year might, under documents that were published",
        "facts_counted": f"what the roster tells was counted{elsewhere}",
    }
    return tuple(_check(name, good[name], wrong) for name in good)


def wrong_by_then(event: Event, roster: Roster) -> Iterator[Wrong]:
    """Iterate over what was not so when a fact was told: posts, authority, publications."""
    for hand in hands_of(event):
        if not roster.holds_post(hand):
            told = f"{hand.member_id} is not told to be {hand.post} of {hand.unit_id}"
            yield Wrong("posts", f"{told} when {event.definition.type} was")
    if isinstance(event, CycleOpened) and not roster.may_open(event):
        yield Wrong("authority", f"{event.unit_id} was not authorised to open {event.period}")
    if isinstance(event, ReviewOpened):
        yield from _wrong_opening(event, roster)
    if isinstance(event, CalendarSupplemented) and not roster.is_published(event.calendar):
        yield Wrong("authority", f"document {event.calendar} was not published by then")


def _check(name: str, good: str, wrong: Iterable[Wrong]) -> Check:
    found = [each.what for each in wrong if each.check == name]
    return Check(name, not found, "; ".join(found) or good)


def _opened_after(event: Event, opened: ReviewOpened | None) -> ReviewOpened | None:
    if isinstance(event, ReviewVoided):
        return None
    return event if isinstance(event, ReviewOpened) and opened is None else opened


def _wrong_opening(opened: ReviewOpened, roster: Roster) -> Iterator[Wrong]:
    year = roster.year_of(opened)
    if year is None:
        yield Wrong("authority", "the review was opened in no year that its unit had open")
    elif (year.rulebook, year.calendar) != (opened.rulebook, opened.calendar):
        yield Wrong("authority", "the review goes by other documents than its year")
    for digest in (opened.rulebook, opened.calendar):
        if not roster.is_published(digest):
            yield Wrong("authority", f"document {digest} was not published by then")


def _own(opened: ReviewOpened, roster: Roster) -> timelines.State:
    of = roster.unit if opened.collective else roster.member
    return of(opened.member_id)


def _wrong_facts(
    facts: Facts, opened: ReviewOpened, own: timelines.State, rulebook: Rulebook, day: date
) -> Iterator[Wrong]:
    """Tell where a proposal counts otherwise than what was told of its subject by then."""
    tries = [_counts(facts, opened, own, rulebook, each) for each in (day, day - MIDNIGHT)]
    counted = facts.counted or {}
    found = {name: counted.get(name, 0) for name in _names_counted(opened, rulebook)}
    found |= {"disciplined": int(facts.disciplined)} | _heads(facts, rulebook, opened)
    if found not in tries:
        differ = [
            f"{name} {n}, told {tries[0][name]}" for name, n in found.items() if n != tries[0][name]
        ]
        yield Wrong("facts_counted", f"the proposal counts {', '.join(differ)}")


def _heads(facts: Facts, rulebook: Rulebook, opened: ReviewOpened) -> dict[str, int]:
    """Return the figures of a member that the roster tells, as a proposal has them."""
    if opened.collective:
        return {}
    told = (each.id for each in rulebook.figures_for(opened.group or ""))
    return {name: facts.figures.get(name, 0) for name in told if name in counted_facts.TOLD}


def _counts(
    facts: Facts, opened: ReviewOpened, own: timelines.State, rulebook: Rulebook, today: date
) -> dict[str, int]:
    """Return what the subject's own stream comes to on a day."""
    group, period = opened.group or "", opened.period
    if opened.collective:
        below = [timelines.EMPTY for _ in opened.below]
        found = counted_facts.counts_of_collective(
            rulebook, group, own, period, leaders=(), below=below
        )
        disciplines = counted_facts.unit_disciplines(own, period)
    else:
        found = counted_facts.counts_of_member(
            rulebook, group, own, period, today=today, reasons={}
        )
        disciplines = counted_facts.disciplines(own, period)
    headed = counted_facts.units_headed(own, counted_facts.HEADS, period, today)
    told = {name: found.get(name, 0) for name in _names_counted(opened, rulebook)}
    heads = dict.fromkeys(_heads(facts, rulebook, opened), int(bool(headed)))
    return told | {"disciplined": int(bool(disciplines))} | heads


def _names_counted(opened: ReviewOpened, rulebook: Rulebook) -> frozenset[str]:
    told = TOLD_OF_UNIT if opened.collective else TOLD_OF_MEMBER
    return counted_facts.counts_needed(rulebook, opened.group or "") & told


def _counts_elsewhere(opened: ReviewOpened, rulebook: Rulebook) -> tuple[str, ...]:
    """Return what a proposal counts that other streams tell, or words that are sealed."""
    counted = counted_facts.counts_needed(rulebook, opened.group or "")
    return tuple(sorted({EARLIER_FAULTS, *counted} - _names_counted(opened, rulebook)))
