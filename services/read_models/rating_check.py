"""Judge every decided rating anew, from its folded review and the documents that it pinned."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from events.domain import judging
from events.domain.review import State
from events.errors import TusoiError
from events.store import reference
from events.store.store import Store
from events.store.verification import Finding


class RatingsChecked(NamedTuple):
    """How many ratings there are, and which do not stand."""

    judged: int
    findings: tuple[Finding, ...]


def check_ratings(store: Store, reviews: Iterable[tuple[str, State]]) -> RatingsChecked:
    """Return what is wrong with ratings, by the review's key and state."""
    rated = [(key, rated) for key, state in reviews for rated in judging.ratings(state)]
    findings = [finding for key, state in rated for finding in _findings(store, key, state)]
    return RatingsChecked(len(rated), tuple(findings))


def _findings(store: Store, key: str, state: State) -> Iterator[Finding]:
    if state.opened is None:
        yield Finding(f"rating {key}", "was decided in a review that was never opened")
        return
    try:
        rules = reference.rules_of(store.database, state.opened.fact)
    except TusoiError as error:
        yield Finding(f"rating {key}", str(error))
        return
    for check in judging.failed(state, rules):
        yield Finding(f"rating {key}", f"does not pass {check.name}: {check.detail}")
