"""What posts are called: by the edition that a year goes by, else as these pages call them."""

from markupsafe import Markup, escape

from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import Step, Turn
from events.store import reference
from services.web.context import system
from services.web.saying.languages import reader_language, say, say_or


def rulebook_named(digest: str) -> Rulebook:
    """Return the edition with a digest."""
    return reference.rulebook_of(system().store.database, digest)


def post_name(post: str, rulebook: Rulebook) -> Markup:
    """Return what an edition calls a post."""
    label = rulebook.posts.get(post)
    return escape(label.of(reader_language())) if label else say_or(f"year.posts.{post}", post)


def taker_name(
    turn: str, rulebook: Rulebook, step: str | None = None, *, of_unit: bool = False
) -> Markup:
    """Return whose turn a step is: of a unit's own office, which posts take it, if so named."""
    if turn == Turn.SECRETARY and rulebook.stated_roles and not of_unit:
        posts = rulebook.posts_for(Step(step) if step else None)
        return Markup(", ").join(post_name(each, rulebook) for each in posts)
    return say(f"year.who_unit.{turn}" if of_unit else f"year.who.{turn}")
