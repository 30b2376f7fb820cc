"""Whether people acted in the order of the log, and facts say the times at which they were told.

Order is by position, and nobody can move what was signed. A time is what a host's clock said, or
whoever had the database: so the times of those who acted, accounts and the operator, are compared
with each other over all streams. They may be CLOCKS_APART_MAX apart, and no more.

Which of two that contradict each other is wrong, no floor says: one host with a clock that is ahead
would raise it, and all who acted after that would seem back-dated. So of all that people did the
longest part is taken in which times follow positions, of two as long the earlier one, and what
contradicts that is named: the fewest facts that have to be wrong. A wrong clock names what was
recorded by it; a decision that is dated back names itself, as long as others went on.

What workers and other systems tell vouches for no time: where a worker's process numbers facts too,
one wrong clock would vouch for itself, and a large import would outweigh everybody. But it is
compared with those who acted around it: a day that came before it came is named. Of all that was
told between two who acted the earliest and the latest are kept, so that memory is not taken by an
import; where one of those is wrong it is named. A criticism has the day alone, and is named where
no moment of that day would do.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from events.definitions.deadline import DeadlineMissed, TimerSettled
from events.definitions.entry import (
    CLOCKS_APART_MAX,
    Recorded,
    Sequenced,
    tells_the_day_alone,
)
from events.definitions.event import Origin
from events.definitions.roster import FactTookEffect
from events.domain.documents.working_days import end_of_day, start_of_day
from events.domain.verification.principals import OPERATOR
from events.domain.verification.rating_checks import Check
from events.domain.verification.tellers import ACCOUNT

WRONG_MAX = 3  # told of one check


class Wrong(NamedTuple):
    """A time that cannot be."""

    where: str
    what: str


class _Told(NamedTuple):
    """When something was told: at a moment, or at any of a day."""

    where: str
    earliest: datetime
    latest: datetime
    vouches: bool = False  # somebody acted, at a moment


class Clocks:
    """The times of what was told so far, in the log's order."""

    def __init__(self) -> None:
        self._told: list[_Told] = []
        self._between: list[_Told] = []  # the earliest and the latest that others told since

    def tell(self, where: str, each: Recorded | Sequenced) -> None:
        """Take one fact in."""
        entry = each.entry
        at, principal = entry.recordedat, entry.principal
        if tells_the_day_alone(principal):
            self._told += (*self._between, _Told(where, at, end_of_day(at)))
            self._between = []
        elif principal.startswith(ACCOUNT) or principal == OPERATOR:
            self._told += (*self._between, _Told(where, at, at, vouches=True))
            self._between = []
        elif not self._between or at < self._between[0].earliest:
            self._between = [_Told(where, at, at), *self._between[-1:]]
        elif at > self._between[-1].latest:
            self._between = [self._between[0], _Told(where, at, at)]

    def contradictions(self) -> Iterator[Wrong]:
        """Iterate over what was told at times that do not follow the order of who acted."""
        told = [*self._told, *self._between]
        firm = _longest_in_order(told)
        for place, each in enumerate(told):
            following = bisect_left(firm, place)
            before, after = firm[following - 1 : following], firm[following : following + 1]
            if after == [place]:
                continue
            if before and each.latest < told[before[0]].earliest - CLOCKS_APART_MAX:
                yield _contradiction(each, "before it", told[before[0]])
            elif after and each.earliest > told[after[0]].earliest + CLOCKS_APART_MAX:
                yield _contradiction(each, "after it", told[after[0]])


def wrong_time(each: Recorded | Sequenced) -> str:
    """Return why a fact of ours tells another time than when it was recorded; empty where it may.

    What ran out is told with its deadline, what came to hold with its day. Others tell when it
    happened, as they know it.
    """
    entry, event = each.entry, each.event
    at = entry.recordedat
    match event:
        case DeadlineMissed(due_at=due_at) | TimerSettled(due_at=due_at):
            fits = entry.time == due_at <= at + CLOCKS_APART_MAX
        case FactTookEffect():
            fits = entry.time <= at + CLOCKS_APART_MAX
        case _ if tells_the_day_alone(entry.principal):
            fits = entry.time == at == start_of_day(at)
        case _:
            is_ours = event.definition.origin is Origin.OURS
            fits = not is_ours or abs(at - entry.time) <= CLOCKS_APART_MAX
    return "" if fits else f"it says {_moment(entry.time)}, and was recorded at {_moment(at)}"


def check_times(history: Iterable[Recorded | Sequenced], signed_at: datetime) -> Check:
    """Return whether times can be as they are told of all that a rating rests on.

    Nothing was recorded after all was signed, either.
    """
    clocks, wrong = Clocks(), list[Wrong]()
    for each in history:
        entry = each.entry
        where = f"version {entry.streamversion} of {entry.stream}"
        if entry.recordedat > signed_at + CLOCKS_APART_MAX:
            wrong.append(Wrong(where, "it was recorded after all was signed"))
        if told := wrong_time(each):
            wrong.append(Wrong(where, told))
        clocks.tell(where, each)
    wrong += clocks.contradictions()
    found = "; ".join(f"{each.where}: {each.what}" for each in wrong[:WRONG_MAX])
    return Check("times", not wrong, found or "who acted did so in the order of the log")


def _contradiction(each: _Told, stands: str, other: _Told) -> Wrong:
    acted = each.vouches or each.earliest != each.latest
    told = f"was {'done' if acted else 'recorded'} at {_moment(each.earliest)}"
    others = f"and what stands {stands}, {other.where}, at {_moment(other.earliest)}"
    return Wrong(each.where, f"{told}, {others}")


def _longest_in_order(told: Sequence[_Told]) -> list[int]:
    """Return the places of the most acts whose moments follow each other; of equals, the earliest.

    Each is laid on the first pile whose last one is later; what it follows lies on the pile before.
    """
    piles, ends = list[list[int]](), list[datetime]()  # moments fall on a pile, ends rise
    follows = dict[int, int]()
    for place, each in enumerate(told):
        if not each.vouches:
            continue
        at = each.earliest
        number = bisect_right(ends, at)
        if number:
            pile = piles[number - 1]
            first = bisect_left(pile, 1, key=lambda e: int(told[e].earliest <= at))
            follows[place] = pile[first]
        if number == len(piles):
            piles.append([])
            ends.append(at)
        piles[number].append(place)
        ends[number] = at
    found = [piles[-1][0]] if piles else []
    while found and found[-1] in follows:
        found.append(follows[found[-1]])
    return found[::-1]


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z"
