"""By which rules somebody is rated, and why a level came out by them."""

from events.definitions.records import Digest
from events.definitions.review import RatingProposed
from events.domain.aggregate.folding import Taken
from events.domain.review import explanation, review
from events.domain.review.explanation import Explanation
from events.domain.year.rules import Rules
from events.store import reference
from services.web.context import system
from services.web.saying.languages import reader_language, say


def rules_of(state: review.State) -> Rules:
    """Return the rules that a review goes by: pinned, under its newest calendar."""
    assert state.opened is not None, "only an open review has rules"
    goes_by = state.deadlines.source(state.opened.fact)
    return reference.rules_of(system().store.database, goes_by)


def calendar_title(digest: Digest) -> str:
    """Return what an edition of a calendar is called, in the reader's language."""
    found = reference.calendar_of(system().store.database, digest)
    return say("cycle.edition", title=found.title.of(reader_language()), edition=found.edition)


def explanation_of(
    state: review.State, proposal: Taken[RatingProposed] | None
) -> Explanation | None:
    """Return why a proposed level came out, in the reader's language."""
    if proposal is None:
        return None
    fact = proposal.fact
    rulebook = rules_of(state).rulebook
    return explanation.explain(rulebook, fact.facts, fact.outcome, reader_language())
