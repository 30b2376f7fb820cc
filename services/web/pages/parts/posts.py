"""What posts, steps and grounds are called: by the edition of a year, else as these pages do."""

from markupsafe import Markup, escape

from events.domain.review import review
from events.domain.rulebook.rulebook import Rulebook
from events.domain.steps import SEVERAL, Step, Turn
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


def step_name(rulebook: Rulebook, step: str, item: str = "") -> Markup:
    """Return what an edition calls a step, and else these pages; `item` is which appraisal."""
    if step == review.ANNOUNCED and not rulebook.has(Step.ANNOUNCEMENT):
        return say("year.steps.decided")
    label = rulebook.label_of(step, item)
    return escape(label.of(reader_language())) if label else say_or(f"year.steps.{step}", step)


def ground_name(ground: str, rulebook: Rulebook) -> Markup:
    """Return what an edition calls a ground on which a rating is given again."""
    found = rulebook.reopening_on(ground)
    return escape(found.label.of(reader_language()) if found else ground)


def form_title(
    rulebook: Rulebook, step: str, plain: Markup, *told: object, item: str = ""
) -> Markup:
    """Return what the form of a step is headed with: its name in an edition, and of whom and when.

    Where the edition calls it nothing, it is `plain`.
    """
    if rulebook.label_of(step, item) is None:
        return plain
    of_whom = Markup(" · ").join(escape(each) for each in told if each)
    return say("rating.as_called", step=step_name(rulebook, step, item), of_whom=of_whom)


def taker_name(
    turn: str, rulebook: Rulebook, step: str | None = None, item: str = "", *, of_unit: bool = False
) -> Markup:
    """Return whose turn a step is: of a unit's own office, which posts take it, if so named.

    Likewise of an appraisal with an id of its own, wherever it is given.
    """
    if (item and step in SEVERAL) or (
        turn == Turn.SECRETARY and rulebook.stated_roles and not of_unit
    ):
        posts = rulebook.posts_for(Step(step) if step else None, item)
        return Markup(", ").join(post_name(each, rulebook) for each in posts)
    return say(f"year.who_unit.{turn}" if of_unit else f"year.who.{turn}")
