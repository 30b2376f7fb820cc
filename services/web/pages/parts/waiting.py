"""What waits for the reader, with all that a list shows of it."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from markupsafe import Markup, escape
from msgspec import UnsetType

from events.definitions.records import Period
from events.domain.documents.document import Bilingual
from events.domain.steps import Step
from events.identifiers import MemberId
from services.read_models import inbox
from services.read_models.inbox import Waiting
from services.subject import Subject
from services.web.asking import person
from services.web.context import system
from services.web.saying import names
from services.web.saying.languages import period_name, reader_language, say, say_or
from services.web.saying.moments import Due, due

OF_MILESTONES = frozenset((Step.MILESTONE, Step.EVIDENCE_REVIEW))

Called = tuple[str, str | UnsetType, Bilingual | UnsetType, bool]  # by what a step's words differ


class Row(NamedTuple):
    """One thing that waits, as the list shows it."""

    address: str  # of the item beside the list
    waiting: Waiting
    name: str | Markup
    unit: str
    step: Markup
    period: str  # as people call it
    due: Due | None
    whose: str | Markup  # for whom the reader stands in; empty where it is by a post of their own


def all_waiting() -> list[Waiting]:
    """Return what waits for the reader; the most urgent first."""
    return inbox.of_person(system().store.database, person.person())


def rows_of(found: Sequence[Waiting]) -> list[Row]:
    """Return what waits, with names."""
    named = {e for each in found for e in (each.member_id, each.for_id) if e}
    called = names.of_subjects(named)
    units_called = names.of_units(each.unit_id for each in found)
    dues = dues_of(found)  # rows share a few deadlines, steps and years: each is put in words once
    asked = {_words_of(each) for each in found}
    steps = {step: _in_words(*step) for step in asked}
    periods = {period: period_name(period) for period in {each.period for each in found}}
    somebody = say("year.somebody")
    return [
        Row(
            address(each),
            each,
            called.get(each.member_id, somebody),
            units_called.get(each.unit_id, ""),
            steps[_words_of(each)],
            periods[each.period],
            dues[each.due_at] if each.due_at else None,
            called.get(each.for_id, somebody) if each.for_id else "",
        )
        for each in found
    ]


def dues_of(found: Iterable[Waiting]) -> dict[datetime, Due]:
    """Return deadlines as shown, by their time."""
    return {at: due(at) for at in {each.due_at for each in found if each.due_at}}


def _words_of(waiting: Waiting) -> Called:
    return waiting.step, waiting.item, waiting.label, bool(waiting.unfollowed)


def _in_words(
    step: str,
    item: str | UnsetType,
    label: Bilingual | UnsetType,
    unfollowed: bool,  # noqa: FBT001 - private
) -> Markup:
    """Return what a step is called, with the milestone that it is about."""
    if unfollowed:
        return say("inbox.unfollowed", id=item or "")
    said = escape(label.of(reader_language())) if label else say_or(f"year.steps.{step}", step)
    return Markup("{} {}").format(said, item) if step in OF_MILESTONES else said


def address(waiting: Waiting) -> str:
    item = f"?item={waiting.item}" if waiting.item else ""
    return f"/inbox/{waiting.kind}/{waiting.id}/{waiting.step}{item}"


def subject_of(waiting: Waiting) -> Subject:
    """Return whose year it is about."""
    return Subject(Period(waiting.period), MemberId(waiting.member_id))
