"""Whether the facts that ratings were computed from are what the log told at that moment.

A bundle shows that a rating follows from its facts. That these are the facts, only the whole log
shows: every stream that they came from is read as it was when the rating was proposed. And whether
others than those who answer for it agreed to a plan, follow and judged it.
"""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from events.definitions.records import Facts
from events.domain.documents.working_days import local_day
from events.domain.review.review import State
from events.domain.verification import four_eyes, rating_checks
from events.errors import TusoiError
from events.identifiers import Stream
from events.store import histories
from events.store.store import Store
from events.store.verification import Finding
from services.queries import year_counts
from services.queries.year_counts import Counted

MIDNIGHT = timedelta(days=1)  # may fall between reading the facts and dating what they came to


def check_facts(store: Store, reviews: Iterable[tuple[str, State]]) -> tuple[Finding, ...]:
    """Return which ratings were computed from other facts, by the review's key and state."""
    return tuple(
        finding
        for key, state in reviews
        for rated in rating_checks.ratings(state)
        for finding in _findings(store, key, rated)
    )


def check_plans(store: Store, keys: Iterable[str]) -> tuple[Finding, ...]:
    """Return which plans somebody judged who answered for them, by the plan's key."""
    return tuple(finding for key in keys for finding in _wrong_facts(store, key))


def _wrong_facts(store: Store, key: str) -> Iterator[Finding]:
    rows = histories.rows_in_order(store.database, (Stream(f"review-{key}"), Stream(f"plan-{key}")))
    try:
        check = four_eyes.check_four_eyes(map(store.sequenced_event, rows))
    except TusoiError as error:
        yield Finding(f"plan {key}", str(error))
        return
    if not check.passed:
        yield Finding(f"plan {key}", f"does not pass {check.name}: {check.detail}")


def _findings(store: Store, key: str, state: State) -> Iterator[Finding]:
    if state.opened is None or state.proposal is None:
        return  # whoever judges the rating tells that
    recorded = state.proposal.fact.facts
    at = state.proposal.at
    try:
        told = _facts_at_proposal(store, key, state, local_day(at))
        stands = recorded == told or recorded == _facts_at_proposal(
            store, key, state, local_day(at - MIDNIGHT)
        )
    except TusoiError as error:
        yield Finding(f"rating {key}", str(error))
        return
    if not stands:
        yield Finding(f"rating {key}", f"is computed from {recorded}; the log told {told}")


def _facts_at_proposal(store: Store, key: str, state: State, today: date) -> Facts:
    """Return the facts that the log told when a rating was proposed, on a day.

    Points and figures are what the unit laid down: they come from nowhere else.
    """
    assert state.opened is not None, "looked at before"
    assert state.proposal is not None, "looked at before"
    proposal, opened = state.proposal, state.opened.fact
    laid = Counted(dict(proposal.fact.facts.points), dict(proposal.fact.facts.figures))
    ((_, position, *_),) = histories.page(store.database, f"review-{key}", proposal.version - 1, 1)
    return year_counts.facts(
        store.database,
        lambda stream: store.read_stream(Stream(stream), as_of=position).events,
        opened,
        laid,
        today=today,
    )
