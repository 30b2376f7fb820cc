"""Whether the facts that ratings were computed from are what the log told at that moment.

A bundle shows that a rating follows from its facts. That these are the facts, only the whole log
shows: every stream that they came from is read as it was when the rating was proposed. And whether
others than those who answer for it agreed to a plan, follow and judged it, and all was told once.

What was counted of words that were erased since cannot be counted again: the rating stands, and it
is told which of its facts that is.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from events.definitions.entry import Recorded, read_entry
from events.definitions.records import Facts
from events.domain.documents.working_days import local_day
from events.domain.review.review import State
from events.domain.verification import four_eyes, rating_checks, repeats
from events.errors import TusoiError
from events.identifiers import Stream
from events.store import histories
from events.store.store import Store
from events.store.verification import Finding, finding_of
from services.context import Context
from services.queries import year_counts
from services.queries.year_counts import Read


class Erased(NamedTuple):
    """What a rating counted and nobody can count again."""

    where: str
    counts: tuple[str, ...]


class FactsChecked(NamedTuple):
    """Which ratings were computed from other facts, and what cannot be recounted of which."""

    findings: tuple[Finding, ...]
    erased: tuple[Erased, ...]


def check_facts(context: Context, reviews: Iterable[tuple[str, State]]) -> FactsChecked:
    """Return what became of the facts of ratings, by the review's key and state."""
    found = list[Finding | Erased]()
    for key, state in reviews:
        try:
            for rated in rating_checks.ratings(state):
                found += _findings(context, key, rated)
        except Exception as error:  # noqa: BLE001 - what was changed may break any fold
            found.append(finding_of(f"rating {key}", error))
    return FactsChecked(
        tuple(each for each in found if isinstance(each, Finding)),
        tuple(each for each in found if isinstance(each, Erased)),
    )


def check_years(store: Store, keys: Iterable[str]) -> tuple[Finding, ...]:
    """Return what is wrong with who judged reviews and plans, and how often, by their key."""
    return tuple(finding for key in dict.fromkeys(keys) for finding in _wrong_facts(store, key))


def _wrong_facts(store: Store, key: str) -> Iterator[Finding]:
    rows = histories.rows_in_order(store.database, (Stream(f"review-{key}"), Stream(f"plan-{key}")))
    try:
        told = [store.sequenced_event(row) for row in rows]
        checks = four_eyes.check_four_eyes(told), repeats.check_once(told)
    except Exception as error:  # noqa: BLE001 - what was changed may break any fold
        yield finding_of(f"year {key}", error)
        return
    for check in checks:
        if not check.passed:
            yield Finding(f"year {key}", f"does not pass {check.name}: {check.detail}")


def _findings(context: Context, key: str, state: State) -> Iterator[Finding | Erased]:
    if state.opened is None or state.proposal is None:
        return  # whoever judges the rating tells that
    proposal, opened = state.proposal, state.opened.fact
    recorded, day, then = proposal.fact.facts, local_day(proposal.at), _Then(context.store)
    then.look_at(year_counts.streams_counted(opened))
    for judged in filter(None, (proposal, *state.appraisals, state.decision)):
        read = then.when_told(Stream(f"review-{key}"), judged.version)
        if read is None:
            continue
        try:
            erased = year_counts.counts_erased(context, read, opened, today=day)
            told = year_counts.facts_since(context, read, opened, proposal)
        except TusoiError as error:
            yield Finding(f"rating {key}", str(error))
            return
        if erased and judged is proposal:
            yield Erased(f"rating {key}", tuple(sorted(erased)))
        if _without(recorded, erased) != _without(told, erased):
            yield Finding(f"rating {key}", f"is computed from {recorded}; the log told {told}")
            return


def _without(facts: Facts, counts: Collection[str]) -> Facts:
    """Return facts without some counts."""
    kept = {name: count for name, count in (facts.counted or {}).items() if name not in counts}
    return msgspec.structs.replace(facts, counted=kept or UNSET)


class _Then:
    """Streams as they were when facts of one year were told. Each is read once."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._told = dict[Stream, list[tuple[int, Recorded]]]()  # with the position of each
        self._counted = 0  # the position by which something was counted last

    def when_told(self, stream: Stream, version: int) -> Read | None:
        """Return what reads streams as they were when a fact was told.

        None where nothing that was read before has moved since: it would be counted alike.
        """
        ((_, position, *_),) = histories.page(self._store.database, stream, version - 1, 1)
        since, self._counted = self._counted, position
        if since and not self._has_moved(since, position):
            return None
        return lambda each: [recorded for at, recorded in self._whole(each) if at <= position]

    def _has_moved(self, since: int, until: int) -> bool:
        """Tell whether something that was read is another; a log may be forged to run backwards."""
        places = (at for told in self._told.values() for at, _ in told)
        return any((at <= since) != (at <= until) for at in places)

    def look_at(self, streams: Iterable[Stream]) -> None:
        """Read some streams at once."""
        wanted = list(streams)
        self._told.update((each, []) for each in wanted)
        for at, _, body in histories.rows_in_order(self._store.database, wanted):
            recorded = read_entry(bytes(body), self._store.catalogue)
            self._told[Stream(recorded.entry.stream)].append((at, recorded))
        for each in wanted:
            self._told[each].sort(key=lambda told: told[1].entry.streamversion)

    def _whole(self, stream: Stream) -> list[tuple[int, Recorded]]:
        if stream not in self._told:
            self.look_at((stream,))
        return self._told[stream]
