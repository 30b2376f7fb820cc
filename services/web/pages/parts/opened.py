"""What was written in a review or a plan, opened for a reader; that it was read is told."""

from collections.abc import Collection, Mapping
from typing import NamedTuple

from flask import request

from events.domain.plan import plan
from events.domain.review import review
from events.domain.rulebook.rulebook import Rulebook
from services.access.roles import Action, Role
from services.commands.milestones import MilestoneOf
from services.queries import answers
from services.queries.opened import count_unopened
from services.subject import Subject
from services.web.asking import person, sealed_words
from services.web.asking.visibility import see_plan
from services.web.context import system
from services.web.pages.parts.forms import FormInvalid
from services.web.saying import names
from services.web.saying.languages import reader_language, say

OPEN_WORDS = "open"  # the value of the field `words` by which somebody opens them

Word = tuple[str, str, int]  # what it is, of which milestone or file, in which version


class Mark(NamedTuple):
    """One thing that the member gave themselves."""

    label: str
    value: str


def is_asked() -> bool:
    """Tell whether words are to be opened: by a form with its token, never by a link."""
    return request.method == "POST" and request.form.get("words") == OPEN_WORDS


def is_all_asked() -> bool:
    """Tell whether a form does nothing but open words."""
    return is_asked() and "open" in request.form


def words_of_review(
    subject: Subject, state: review.State, roles: Collection[Role]
) -> dict[tuple[str, str], str]:
    """Return what was written in a review, by what it is and which; it is told that it was read.

    Where the edition lets the reader see who criticised, the name stands under "author".
    """
    opened = sealed_words.open_review(subject, state, roles)
    called = names.of_members(word.author_id for word in opened if word.author_id)
    authors = {
        ("author", word.item or ""): called.get(word.author_id, say("year.somebody"))
        for word in opened
        if word.author_id
    }
    return authors | {
        (word.of, word.item or ""): word.text or say("year.erased") for word in opened
    }


def words_of_plan(subject: Subject, state: plan.State, roles: Collection[Role]) -> dict[Word, str]:
    """Return what was written in a plan, after it was told that it was read."""
    places = sealed_words.of_plan(state)
    opened = sealed_words.open_places(subject, places, roles=roles, action=Action.READ_PLAN)
    return {
        (word.of, word.item or "", word.version): word.text or say("year.erased") for word in opened
    }


def unopened_by_reader(subject: Subject, milestone: plan.Milestone) -> int:
    """Return how many of the newest report and its files the reader never opened."""
    return count_unopened(system(), subject, milestone, person.person().account_id)


def require_opened(which: MilestoneOf) -> None:
    """Raise FormInvalid if the reader approves what they never opened, and does not say so."""
    state, _ = see_plan(which.subject)
    milestone = state.milestone(which.id)
    if milestone is None or request.form.get("unopened") == "1":
        return
    if count := unopened_by_reader(which.subject, milestone):
        raise FormInvalid({"unopened": say("plan.unopened_asks", count=count)})


def own_marks(said: Mapping[tuple[str, str], str] | None, rulebook: Rulebook) -> list[Mark]:
    """Return what the member gave themselves, as far as it was opened and not erased."""
    marks = answers.read_marks((said or {}).get(("marks", ""), ""))
    if marks is None:
        return []
    points = [
        Mark(each.label.of(reader_language()), str(marks.points[each.id]))
        for each in rulebook.criteria
        if each.id in marks.points
    ]
    levels = [each for each in rulebook.levels if each.id == marks.level]
    return points + [Mark(say("year.level"), each.label.of(reader_language())) for each in levels]
