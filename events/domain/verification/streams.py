"""Which streams a rating rests on: what its bundle holds, and without what nobody verifies it.

Who makes a bundle asks the log, who verifies one asks the bundle: the same function tells both, so
that a stream which is left out is missed by name. Of an issuer all publications are needed, for an
edition that was published never changes. Of those who acted only the facts of the posts by which
they did, of where they belonged meanwhile, for a transfer ends posts in the unit that is left, and
of their accounts whose they are and when they were open: what else their streams tell is nobody's
business who verifies this rating. Of a unit's review also whether they led that unit: who did when
it was opened judges nothing in it.

All units that were ever above are needed: whoever acts there may take over and void what is done
below, and who holds a post there is rated by others.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain
from typing import NamedTuple

from events.definitions.access import AccountDisabled, AccountEnabled, AccountMade
from events.definitions.cycle import CycleOpened, CycleTakenOver, DocumentPublished
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded
from events.definitions.escalation import ESCALATION
from events.definitions.event import Event
from events.definitions.plan import PLAN
from events.definitions.records import Digest, Hand
from events.definitions.reopening import ReviewMoved, ReviewVoided
from events.definitions.review import ReviewOpened
from events.definitions.roster import FactCorrected, FactTookEffect
from events.domain.organisation import member, standing_in, succession, timelines
from events.domain.organisation.corrections import fact_of
from events.domain.organisation.delegations import DELEGATION, Delegating
from events.domain.verification.four_eyes import judges_of
from events.domain.verification.tellers import ACCOUNT
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

ACCOUNT_ID = re.compile("[a-zA-Z0-9_-]{1,100}")  # of no other one a statement says how far it goes

# Somebody acts by these, and no rating rests on it, or they follow from what was done with a year,
# by the post that was held then: by which one, the whole log shows.
ELSEWHERE = (*PLAN, *ESCALATION, ReviewMoved, ReviewVoided)

Timelines = Mapping[Stream, Collection[str]]  # their names, by the streams of members
Read = Callable[[Stream], Sequence[Recorded]]


class RestsOn(NamedTuple):
    """The streams of a rating: those that are needed whole, and versions of others."""

    whole: tuple[Stream, ...]
    parts: Mapping[str, tuple[int, ...]]


def rests_on(
    period: str, subject_id: str, read: Read, issuer_of: Callable[[Digest], str]
) -> RestsOn:
    """Return what a rating rests on, as `read` tells its streams."""
    year = [review_stream(period, subject_id), plan_stream(period, subject_id)]
    reviewed, planned = ([each.event for each in read(stream)] for stream in year)
    openings = [each for each in reviewed if isinstance(each, ReviewOpened)]
    paths = [each.path for each in reviewed if isinstance(each, ReviewOpened | ReviewMoved)]
    collective = any(each.collective for each in openings)
    years = _years(period, dict.fromkeys(each[-1] for each in paths if each), read)
    cycles = [cycle_stream(period, each) for each in years]
    on_the_way = {each for path in paths for each in path} | set(years)
    own = unit_stream(UnitId(subject_id)) if collective else member_stream(MemberId(subject_id))
    belonged = frozenset[UnitId]() if collective else _units_of(read(own))
    issuers = _issuers((*reviewed, *planned), issuer_of)
    published = [each.event for stream in issuers for each in read(stream)]
    begun = [each.event for stream in cycles for each in read(stream)]
    posts = timelines_of(*hands_of(*reviewed, *planned, *begun, *published))
    led = _posts_in(UnitId(subject_id), {*posts, *_judges(reviewed)}, read) if collective else {}
    units = succession.with_units_above_ever(on_the_way | belonged, read)
    units |= _publishers(published) | _units_around(led, read)
    whole = (
        *year,
        own,
        *cycles,
        *map(unit_stream, sorted(units)),
        *issuers,
    )
    told = _told_of(posts, led, read)
    acts = [each for stream in (*year, *cycles, *issuers) for each in read(stream)]
    parts = told | _accounts((*acts, *_delegating(read(own)), *_delegations(told, read)), read)
    kept = {stream: versions for stream, versions in parts.items() if stream not in whole}
    return RestsOn(tuple(dict.fromkeys(whole)), kept)


def hands_of(*events: Event) -> tuple[Hand, ...]:
    """Return by which posts a rating, and the year it is of, came about."""
    return tuple(hand for each in events for hand in _hands_of(each))


def _hands_of(event: Event) -> tuple[Hand, ...]:
    by = getattr(event, "by", None)
    return (by,) if isinstance(by, Hand) and not isinstance(event, ELSEWHERE) else ()


def _units_of(*histories: Iterable[Recorded]) -> frozenset[UnitId]:
    """Return the units to which some members ever belonged."""
    states = chain.from_iterable(map(_states, histories))
    return frozenset(UnitId(told) for each in states if (told := each.value(member.UNIT)))


def _years(period: str, tops: Iterable[UnitId], read: Read) -> tuple[UnitId, ...]:
    """Return the units that decided, those whose years they had taken over, and who took theirs.

    A year is voided with the one that took it over, were it opened anew since.
    """
    found = [*tops]
    for unit_id in found:  # grows meanwhile
        told = (each.event for each in read(cycle_stream(period, unit_id)))
        beside = (other for each in told for other in _taken_over(each))
        found += dict.fromkeys(each for each in beside if each not in found)
    return tuple(found)


def _taken_over(event: Event) -> tuple[UnitId, ...]:
    """Return whose year was taken over by the one that begins, or who took it over."""
    match event:
        case CycleOpened(taken_from=below) if below:
            return (below,)
        case CycleTakenOver(by=by):
            return (by.unit_id,)
        case _:
            return ()


def timelines_of(*hands: Hand) -> Timelines:
    """Return the timelines of the posts by which people acted, by their streams.

    Of who stood in for somebody also those by which that counts.
    """
    found = defaultdict[Stream, set[str]](lambda: {member.MEMBERSHIP, member.UNIT})
    for hand in hands:
        post = f"{hand.unit_id} {hand.post}"
        found[member_stream(hand.for_id or hand.member_id)].add(f"{member.POST}{post}")
        if hand.for_id:
            told = {f"{DELEGATION}{post} {hand.for_id}", *standing_in.TIMELINES}
            found[member_stream(hand.member_id)] |= told
    return found


def _judges(reviewed: Iterable[Event]) -> frozenset[Stream]:
    return frozenset(member_stream(each) for event in reviewed for each in judges_of(event))


def _posts_in(unit_id: UnitId, streams: Iterable[Stream], read: Read) -> Timelines:
    """Return the timelines of the posts that some members ever held in a unit, and of their own."""
    found = dict[Stream, Collection[str]]()
    for stream in streams:
        named = {name for state in _states(read(stream)) for name in _names(state)}
        posts = {each for each in named if each.startswith(f"{member.POST}{unit_id} ")}
        if posts:
            found[stream] = posts | {member.MEMBERSHIP, member.UNIT}
    return found


def _units_around(led: Timelines, read: Read) -> frozenset[UnitId]:
    """Return to which units whoever led one ever belonged, and all that were ever above these."""
    return succession.with_units_above_ever(_units_of(*map(read, led)), read)


def _states(history: Iterable[Recorded]) -> Iterator[timelines.State]:
    return accumulate(history, member.evolve, initial=timelines.EMPTY)


def _names(state: timelines.State) -> Iterator[str]:
    return chain(state.timelines, state.waiting)


def _told_of(posts: Timelines, led: Timelines, read: Read) -> dict[str, tuple[int, ...]]:
    """Return which facts tell of some timelines, by the streams of these."""
    return {
        stream: tuple(versions_of(read(stream), {*posts.get(stream, ()), *led.get(stream, ())}))
        for stream in sorted({*posts, *led})
    }


def versions_of(history: Iterable[Recorded], timelines: Collection[str]) -> Iterator[int]:
    """Iterate over the versions that set some timelines, correct what did, or let it hold.

    Of two corrections of one fact that made last holds: both count, whatever either tells.
    """
    told = [(each.entry.streamversion, *_about(each, timelines)) for each in history]
    wanted = {version for version, _, sets in told if sets}
    wanted |= {named for _, others, sets in told for named in others if sets}
    return (version for version, others, sets in told if sets or not wanted.isdisjoint(others))


def _about(recorded: Recorded, timelines: Collection[str]) -> tuple[Collection[int], bool]:
    """Return which other versions a fact is about, and whether it sets one of some timelines."""
    event = recorded.event
    told, _ = fact_of(event, recorded.entry.time)
    sets = any(name in timelines for name, _ in member.marks_of(told))
    if isinstance(event, FactCorrected):
        return (event.corrects,), sets
    return (event.versions if isinstance(event, FactTookEffect) else ()), sets


def _delegations(parts: Mapping[str, Collection[int]], read: Read) -> Iterator[Recorded]:
    """Iterate over what tells, in parts of streams, who stands in for whom: people tell it too."""
    for stream, versions in parts.items():
        told = _delegating(read(Stream(stream)))
        yield from (each for each in told if each.entry.streamversion in versions)


def _delegating(history: Iterable[Recorded]) -> Iterator[Recorded]:
    return (each for each in history if isinstance(each.event, Delegating))


def _accounts(acts: Iterable[Recorded], read: Read) -> dict[str, tuple[int, ...]]:
    """Return which facts tell of the accounts that told some others, by their streams."""
    principals = {each.entry.principal for each in acts}
    ids = (each.removeprefix(ACCOUNT) for each in principals if each.startswith(ACCOUNT))
    streams = (Stream(f"account-{each}") for each in sorted(filter(ACCOUNT_ID.fullmatch, ids)))
    return {
        stream: tuple(
            each.entry.streamversion
            for each in read(stream)
            if isinstance(each.event, AccountMade | AccountDisabled | AccountEnabled)
        )
        for stream in streams
    }


def _documents_of(event: Event) -> tuple[Digest, ...]:
    """Return by which documents a review goes on, or a plan, from a fact on."""
    match event:
        case ReviewOpened():
            return event.rulebook, event.calendar
        case CalendarSupplemented():
            return (event.calendar,)
        case _:
            return ()


def _issuers(year: Iterable[Event], issuer_of: Callable[[Digest], str]) -> tuple[Stream, ...]:
    """Return the streams of those who published what a review or its plan pinned."""
    pinned = {digest for each in year for digest in _documents_of(each)}
    return tuple(dict.fromkeys(Stream(f"rulebook-{issuer_of(each)}") for each in sorted(pinned)))


def _publishers(published: Iterable[Event]) -> frozenset[UnitId]:
    """Return the units that published under some names: they were to be given them first."""
    told = (each.by for each in published if isinstance(each, DocumentPublished))
    return frozenset(each.unit_id for each in told if each)
