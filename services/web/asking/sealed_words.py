"""Which sealed words a review and a plan hold, and their opening for somebody who may read them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, NamedTuple, TypeAlias

import msgspec
from flask import request
from msgspec import UNSET, UnsetType
from werkzeug.exceptions import MethodNotAllowed

from events.definitions.event import Sealed
from events.definitions.reopening import StatementMade
from events.definitions.review import CriticismAnswered, MeetingHeld, PointAnswered, RatingAnnounced
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step
from events.identifiers import MemberId
from services.access.roles import Action, Role, owns
from services.commands import readings
from services.subject import Subject
from services.web.asking import critics, person, session
from services.web.context import system

NOTICE_ANSWER = "notice_answer"  # no step: nobody waits for it
Several: TypeAlias = StatementMade | MeetingHeld | CriticismAnswered | PointAnswered


class Word(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Words that were opened; without `text` they were erased."""

    of: str  # "self_critique", "criticism", "answer", "milestone", "file_name", …
    item: str | UnsetType = UNSET  # which criticism, milestone, file, answered notice or delay
    version: int  # of the fact that holds them
    text: str | UnsetType = UNSET
    author_id: MemberId | UnsetType = UNSET  # of a criticism, for whom the edition lets see it


class TextPlace(NamedTuple):
    """Where words stand."""

    of: str
    item: str
    version: int
    sealed: Sealed[Any] | UnsetType


def of_review(state: review.State) -> Iterator[TextPlace]:
    """Iterate over everything written in a review."""
    yield from _of_steps(state)
    for point in state.points:
        yield TextPlace("point", point.fact.point_id, point.version, point.fact.text)
    for reply in state.point_answers:
        yield TextPlace("point_answer", reply.fact.point_id, reply.version, reply.fact.text)
    for meeting in state.meetings:
        yield TextPlace("meeting", meeting.fact.place, meeting.version, meeting.fact.text)
    for given in state.criticisms:
        yield TextPlace("criticism", given.fact.criticism_id, given.version, given.fact.text)
    for told in state.answers:
        yield TextPlace("answer", told.fact.criticism_id, told.version, told.fact.text)
    for back in state.returns:
        yield TextPlace("rating_return", str(back.version), back.version, back.fact.text)
    for waiver in state.waivers:
        yield TextPlace("waiver", str(waiver.version), waiver.version, waiver.fact.text)
    for delay in state.delays:
        yield TextPlace("delay", str(delay.version), delay.version, delay.fact.text)
    for said in state.notice_answers:
        yield TextPlace(NOTICE_ANSWER, str(said.version), said.version, said.fact.text)


def _of_steps(state: review.State) -> Iterator[TextPlace]:
    """Iterate over what is written with a step that is taken once, and what comes of it."""
    for step in review.STEPS:
        for taken in state.acts_of(step):
            if not isinstance(taken.fact, RatingAnnounced | Several):
                item = getattr(taken.fact, "item", "")  # which of several appraisals
                yield TextPlace(step, item, taken.version, taken.fact.text)
    for ended in state.endings:
        yield TextPlace("break", str(ended.version), ended.version, ended.fact.text)
    for resumed in state.resumptions:
        yield TextPlace("break", str(resumed.version), resumed.version, resumed.fact.text)
    for made in state.statements:
        yield TextPlace(Step.STATEMENT, str(made.version), made.version, made.fact.text)
    if state.reopening:
        version, told = state.reopening.version, state.reopening.fact
        yield TextPlace("reopening", "", version, told.text)
        yield TextPlace("discipline", "", version, told.decision)
    if state.self_critique:
        yield TextPlace("marks", "", state.self_critique.version, state.self_critique.fact.marks)


def of_plan(state: plan.State) -> Iterator[TextPlace]:
    """Iterate over everything written in a plan."""
    if state.proposal:
        yield TextPlace("plan", "", state.proposal.version, state.proposal.fact.text)
    if state.returned:
        yield TextPlace("return", "", state.returned.version, state.returned.fact.text)
    for each in state.milestones:
        version = state.proposal.version if state.proposal else 0
        yield TextPlace("milestone", each.id, version, each.planned.words)
        for shown in each.evidence:
            yield TextPlace("evidence", each.id, shown.version, shown.fact.text)
            for file in shown.fact.files:
                yield TextPlace("file_name", file.file, shown.version, file.name)
        for decision in each.decisions:
            yield TextPlace(decision.status, each.id, decision.version, decision.text)
        for extension in each.extensions:
            yield TextPlace("extension", each.id, extension.version, extension.fact.text)


def require_deed(roles: Collection[Role]) -> None:
    """Raise MethodNotAllowed where words of another's year would open by mere looking.

    A link, a preview or a probe looks, and nobody means by it to be told as a reader.
    """
    if request.method in session.SAFE_METHODS and not owns(roles):
        raise MethodNotAllowed(["POST"], "opening these words is a deed: send POST, with the token")


def open_places(
    subject: Subject,
    places: Iterable[TextPlace],
    *,
    roles: Collection[Role],
    action: Action = Action.READ_WORDS,
    authors: Mapping[str, MemberId] | None = None,
) -> tuple[Word, ...]:
    """Return the words in places, after it was told that who asks opened them.

    Those that they wrote themselves are told with the others: left out, they would show by that
    whose they are. With the `authors` of criticisms, by their ids, it is told that they see these.
    """
    require_deed(roles)
    there = [(each, each.sealed) for each in places if isinstance(each.sealed, Sealed)]
    texts = readings.open_words(
        system(),
        person.asking(),
        subject,
        [sealed.sealed for _, sealed in there],
        roles=roles,
        action=action,
        authors=authors is not None,
    )
    return tuple(
        Word(
            of=place.of,
            item=place.item or UNSET,
            version=place.version,
            text=texts.get(sealed.sealed, UNSET),
            author_id=_author_of(place, authors or {}),
        )
        for place, sealed in there
    )


def open_review(subject: Subject, state: review.State, roles: Collection[Role]) -> tuple[Word, ...]:
    """Return everything written in a review, with who criticised for whom the edition lets see."""
    return open_places(
        subject,
        of_review(state),
        roles=roles,
        authors=critics.authors_for(subject, state, roles),
    )


def _author_of(place: TextPlace, authors: Mapping[str, MemberId]) -> MemberId | UnsetType:
    return authors.get(place.item, UNSET) if place.of == "criticism" else UNSET
