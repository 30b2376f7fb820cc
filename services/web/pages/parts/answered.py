"""What somebody answers by a form: it stands above what they write."""

from typing import Any

from markupsafe import Markup

from events.domain.review import review
from services.access.roles import Action, Thing
from services.subject import Subject
from services.web.asking import sealed_words
from services.web.pages.parts.posts import ground_name
from services.web.pages.parts.rules import rules_of
from services.web.saying.languages import reader_language, say


def text_of(
    action: Action,
    answers: Thing | None,
    state: review.State,
    subject: Subject,
    item: str,
    roles: Any,
) -> str:
    """Return what is answered: a criticism, a point, a level, a ground; nothing by other forms."""
    match action:
        case Action.MAKE_STATEMENT:
            return _ground(state, subject, roles)
        case Action.ANSWER_NOTICE:
            return _level(state)
        case _ if not answers:
            return ""
    places = [p for p in sealed_words.of_review(state) if (p.of, p.item) == (answers, item)]
    (word,) = sealed_words.open_places(subject, places, roles=roles)
    return word.text or say("year.erased")


def _level(state: review.State) -> str:
    """Return the level that holds, in the reader's language; empty before one was decided."""
    level = review.level(state)
    return rules_of(state).rulebook.level(level).label.of(reader_language()) if level else ""


def _ground(state: review.State, subject: Subject, roles: Any) -> str:
    """Return on which ground somebody is rated again, with its reason; empty where they are not."""
    if not state.pending_reopening:
        return ""
    named = ground_name(state.pending_reopening.fact.ground, rules_of(state).rulebook)
    places = [each for each in sealed_words.of_review(state) if each.of == "reopening"]
    words = sealed_words.open_places(subject, places, roles=roles)
    return Markup("\n").join((named, *(each.text or say("year.erased") for each in words)))
