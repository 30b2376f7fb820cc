"""Whether the facts that ratings were computed from are what the log told at that moment.

A bundle shows that a rating follows from its facts. That these are the facts, only the whole log
shows: every stream that they came from is read as it was when the rating was proposed. And whether
others than those who answer for it agreed to a plan, follow and judged it, and all was told once.

What was counted of words that were erased since cannot be counted again: the rating stands, and it
is told which of its facts that is.
"""

from collections.abc import Collection, Iterable, Iterator
from datetime import date, timedelta
from functools import partial
from typing import NamedTuple

import msgspec
from msgspec import UNSET

from events.definitions.records import Facts
from events.domain.documents.working_days import local_day
from events.domain.review.review import State
from events.domain.verification import four_eyes, rating_checks, repeats
from events.domain.verification.calendar_checks import check_calendars
from events.errors import TusoiError
from events.identifiers import Stream
from events.store import histories, reference
from events.store.store import Store
from events.store.verification import Finding, finding_of
from services.context import Context
from services.queries import year_counts
from services.queries.year_counts import Counted, Read

MIDNIGHT = timedelta(days=1)  # may fall between reading the facts and dating what they came to


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
            if state.deadlines.calendar:
                found += _moved_wrongly(context.store, f"review-{key}")
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
    yield from _moved_wrongly(store, f"plan-{key}")


def _moved_wrongly(store: Store, stream: str) -> Iterator[Finding]:
    """Tell where a newer calendar moved the deadlines of a stream otherwise than it says."""
    rules_of = partial(reference.rules_of, store.database)
    try:
        check = check_calendars(store.read_stream(Stream(stream)).events, rules_of)
    except Exception as error:  # noqa: BLE001 - as above
        yield finding_of(stream, error)
        return
    if not check.passed:
        yield Finding(stream, f"does not pass {check.name}: {check.detail}")


def _findings(context: Context, key: str, state: State) -> Iterator[Finding | Erased]:
    if state.opened is None or state.proposal is None:
        return  # whoever judges the rating tells that
    recorded = state.proposal.fact.facts
    at = state.proposal.at
    days = local_day(at), local_day(at - MIDNIGHT)
    try:
        erased = _erased_counts(context, key, state, days[0])
        told = [_facts_at_proposal(context, key, state, day) for day in days]
    except TusoiError as error:
        yield Finding(f"rating {key}", str(error))
        return
    if erased:
        yield Erased(f"rating {key}", tuple(sorted(erased)))
    if _without(recorded, erased) not in [_without(each, erased) for each in told]:
        yield Finding(f"rating {key}", f"is computed from {recorded}; the log told {told[0]}")


def _without(facts: Facts, counts: Collection[str]) -> Facts:
    """Return facts without some counts."""
    kept = {name: count for name, count in (facts.counted or {}).items() if name not in counts}
    return msgspec.structs.replace(facts, counted=kept or UNSET)


def _facts_at_proposal(context: Context, key: str, state: State, today: date) -> Facts:
    """Return the facts that the log told when a rating was proposed, on a day.

    Points and figures are what the unit laid down: they come from nowhere else.
    """
    assert state.opened is not None, "looked at before"
    assert state.proposal is not None, "looked at before"
    facts = state.proposal.fact.facts
    laid = Counted(dict(facts.points), dict(facts.figures))
    read = _as_proposed(context, key, state.proposal.version)
    return year_counts.facts(context, read, state.opened.fact, laid, today=today)


def _erased_counts(context: Context, key: str, state: State, today: date) -> frozenset[str]:
    assert state.opened is not None, "looked at before"
    assert state.proposal is not None, "looked at before"
    read = _as_proposed(context, key, state.proposal.version)
    return year_counts.counts_erased(context, read, state.opened.fact, today=today)


def _as_proposed(context: Context, key: str, proposal: int) -> Read:
    """Return what reads a stream as it was when the proposal at a version of a review was made."""
    store = context.store
    ((_, position, *_),) = histories.page(store.database, f"review-{key}", proposal - 1, 1)
    return lambda stream: store.read_stream(stream, as_of=position).events
