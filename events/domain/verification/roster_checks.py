"""Whether those who rated held their posts, their unit might open the year, and facts are told so.

What the roster told by then is folded in the log's order, beside the review. Total on every
history, as `rating_checks`: what is missing is told.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import NamedTuple, TypeAlias

from events.definitions.cycle import CycleOpened
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded, Sequenced
from events.definitions.records import Facts
from events.definitions.review import (
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    ReviewOpened,
)
from events.domain.documents.working_days import local_day
from events.domain.organisation import timelines
from events.domain.review import counted_facts
from events.domain.rulebook.rulebook import Rulebook
from events.domain.verification.rating_checks import Check
from events.domain.verification.streams import hands_of
from events.domain.verification.told import RulesOf, Told
from events.identifiers import Stream

TOLD_OF_MEMBER = frozenset(
    ("disciplines", "disciplines_self_detected", "days_absent", "state_level")
)
TOLD_OF_UNIT = frozenset(("disciplines", "disciplines_self_detected", "units_below"))
EARLIER_FAULTS = "earlier_faults_open"
Judging: TypeAlias = RatingProposed | RatingAppraised | RatingDecided  # on what a proposal counts


class Wrong(NamedTuple):
    """Something that was not so when a fact was told."""

    check: str
    what: str


def check_roster(
    history: Iterable[Recorded | Sequenced],
    stream: Stream,
    rulebook: Rulebook,
    rules_of: RulesOf,
) -> tuple[Check, ...]:
    """Return whether what a rating rests on beside its review was so when it was told.

    `history` holds the review's stream and all that it rests on, in the log's order.
    """
    told, proposed, wrong = Told(rules_of), None, list[Wrong]()
    for each in history:
        event = each.event
        wrong += wrong_by_then(each, told)
        if each.entry.stream == stream:
            opened = _opening_of(told, stream)
            if isinstance(event, RatingProposed):
                proposed = event.facts, local_day(each.entry.time)
            if isinstance(event, Judging) and opened and proposed:
                wrong += _wrong_facts(*proposed, opened, _own(opened, told), rulebook)
        told.tell(each)
    opened = _opening_of(told, stream)
    more = _counts_elsewhere(opened, rulebook) if opened else ()
    elsewhere = f"; only the whole log shows {', '.join(more)}" if more else ""
    good = {
        "posts": "everybody who acted held the post by which they did",
        "authority": "the unit that opened the year might, under documents that were published",
        "facts_counted": f"what the roster tells was counted{elsewhere}",
    }
    return tuple(_check(name, good[name], wrong) for name in good)


def wrong_by_then(each: Recorded | Sequenced, told: Told) -> Iterator[Wrong]:
    """Iterate over what was not so when a fact was told: posts, authority, publications."""
    told.ask(each)
    event = each.event
    for hand in hands_of(event):
        if not told.holds_post(hand):
            stands_in = f"stand in for {hand.for_id} as" if hand.for_id else "be"
            post = f"{hand.member_id} is not told to {stands_in} {hand.post} of {hand.unit_id}"
            yield Wrong("posts", f"{post} when {event.definition.type} was")
    if isinstance(event, CycleOpened):
        yield from _wrong_year(event, told)
    if isinstance(event, ReviewOpened):
        yield from _wrong_opening(event, told)
    if isinstance(event, CalendarSupplemented):
        yield from _wrong_documents(told, event.calendar)


def _check(name: str, good: str, wrong: Iterable[Wrong]) -> Check:
    found = dict.fromkeys(each.what for each in wrong if each.check == name)
    return Check(name, not found, "; ".join(found) or good)


def _opening_of(told: Told, stream: Stream) -> ReviewOpened | None:
    begun = told.review_of(stream).opened
    return begun.fact if begun else None


def _wrong_opening(opened: ReviewOpened, told: Told) -> Iterator[Wrong]:
    year = told.year_of(opened)
    if year is None:
        yield Wrong("authority", "the review was opened in no year that its unit had open")
    elif (year.rulebook, year.calendar) != (opened.rulebook, opened.calendar):
        yield Wrong("authority", "the review goes by other documents than its year")
    yield from _wrong_documents(told, opened.rulebook, opened.calendar)


def _wrong_year(opened: CycleOpened, told: Told) -> Iterator[Wrong]:
    if not told.may_open(opened):
        yield Wrong("authority", f"{opened.unit_id} was not authorised to open {opened.period}")
    if told.whole:  # a bundle holds what its review pinned, and not what other years did
        yield from _wrong_documents(told, opened.rulebook, opened.calendar)


def _wrong_documents(told: Told, *digests: str) -> Iterator[Wrong]:
    for each in digests:
        if not told.published.has(each):
            yield Wrong("authority", f"document {each} was not published by then")


def _own(opened: ReviewOpened, told: Told) -> timelines.State:
    of = told.unit if opened.collective else told.member
    return of(opened.member_id)


def _wrong_facts(
    facts: Facts, day: date, opened: ReviewOpened, own: timelines.State, rulebook: Rulebook
) -> Iterator[Wrong]:
    """Tell where a proposal of a day counts otherwise than what was told of its subject by now."""
    told = _counts(facts, opened, own, rulebook, day)
    counted = facts.counted or {}
    found = {name: counted.get(name, 0) for name in _names_counted(opened, rulebook)}
    found |= {"disciplined": int(facts.disciplined)} | _heads(facts, rulebook, opened)
    if found != told:
        differ = [f"{name} {n}, told {told[name]}" for name, n in found.items() if n != told[name]]
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
    headed = counted_facts.units_headed(own, rulebook.heads_counted, period, today)
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
