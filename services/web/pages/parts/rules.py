"""By which rules somebody is rated, and why a level came out by them."""

from events.definitions.records import Source
from events.definitions.review import RatingProposed
from events.domain.aggregate.folding import Taken
from events.domain.review import explanation, review
from events.domain.review.explanation import Explanation
from events.domain.year.rules import Rules
from events.store import reference
from services.web.context import system
from services.web.saying.languages import reader_language


def rules_of(state: review.State) -> Rules:
    """Return the rules that a review pinned when it was opened."""
    assert state.opened is not None, "only an open review has rules"
    opened = state.opened.fact
    source = Source(rulebook=opened.rulebook, calendar=opened.calendar)
    return reference.rules_of(system().store.database, source)


def explanation_of(
    state: review.State, proposal: Taken[RatingProposed] | None
) -> Explanation | None:
    """Return why a proposed level came out, in the reader's language."""
    if proposal is None:
        return None
    fact = proposal.fact
    rulebook = rules_of(state).rulebook
    return explanation.explain(rulebook, fact.facts, fact.outcome, reader_language())
