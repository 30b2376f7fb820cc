"""`/reviews/{period}/{member_id}`: a member's review, and the steps that people take in it."""

from collections.abc import Iterator
from typing import Any

from flask import Response
from msgspec import UNSET

from events.definitions.reading import TextOpened
from events.domain.documents.working_days import local_day
from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.domain.steps import Step
from events.identifiers import reading_stream
from events.store import reference
from services.access.roles import Action
from services.web.api.parts.paths import REVIEW
from services.web.api.parts.receipts import answer_state
from services.web.api.parts.shown import decided_rating, proposed_rating, task_states
from services.web.api.schemas.queries import StateQuery
from services.web.api.schemas.year import (
    CriticismState,
    MeetingState,
    NoticeAnswerState,
    OpenedWords,
    PointState,
    Reading,
    Readings,
    ReviewState,
    StatementState,
    StepState,
)
from services.web.asking import sealed_words
from services.web.asking.visibility import (
    identify,
    position_of,
    require_person,
    see_review,
    subject_of,
)
from services.web.context import answer, system
from services.web.http.openapi import ApiBlueprint, ref

blueprint = ApiBlueprint(
    "reviews", __name__, url_prefix="/api/v1", description="The review of a member in a year."
)
blueprint.before_request(identify)


@blueprint.route(REVIEW)
@blueprint.query(StateQuery())
@blueprint.answers(200, ref("ReviewState"))
@blueprint.problems(304, 401, 403, 404, 422)
def get_review(query: dict[str, Any], period: str, member_id: str) -> Response:
    """Return where a review stands, now or at an earlier position or recorded time.

    A system may name whose it is by our id, or by its own number, under the numbering of its token:
    a member's, else a unit's; `member-NUMBER` and `unit-NUMBER` say which.
    """
    subject = subject_of(period, member_id)
    position = position_of(query.get("as_of"), by_day=True)
    state, _ = see_review(subject, position=position)
    return answer_state(_review_state(state, position), version=state.version, position=position)


@blueprint.route(f"{REVIEW}/words", methods=["GET", "POST"])
@blueprint.answers(200, ref("OpenedWords"))
@blueprint.problems(401, 403, 404, 405)
def get_review_words(period: str, member_id: str) -> Response:
    """Return what was written in a review. Of others it takes POST, is told, and they see it."""
    require_person()
    subject = subject_of(period, member_id)
    state, roles = see_review(subject, Action.READ_WORDS)
    opened = sealed_words.open_review(subject, state, roles)
    return answer(OpenedWords(version=state.version, words=opened))


@blueprint.route(f"{REVIEW}/readings")
@blueprint.answers(200, ref("Readings"))
@blueprint.problems(401, 403, 404)
def get_review_readings(period: str, member_id: str) -> Response:
    """Return who read what was written in one's own year, and by which right."""
    require_person()
    subject = subject_of(period, member_id)
    see_review(subject, Action.SEE_READERS)
    history = system().store.read_stream(reading_stream(subject.period, subject.member_id))
    readings = tuple(
        Reading(
            on=local_day(each.entry.time),
            right=each.event.right,
            reader_id=each.event.reader_id,
            texts=each.event.texts,
            authors=each.event.authors,
        )
        for each in history.events
        if isinstance(each.event, TextOpened)
    )
    return answer(Readings(version=history.version, readings=readings))


def _review_state(state: review.State, position: int | None) -> ReviewState:
    assert state.opened is not None, "only an open review is seen"
    opened = state.opened.fact
    return ReviewState(
        period=opened.period,
        member_id=opened.member_id,
        version=state.version,
        as_of=UNSET if position is None else position,
        path=state.path,
        places=state.venues,
        group=opened.group,
        unrated=opened.unrated,
        standing=opened.standing,
        collective=opened.collective,
        leaders=opened.leaders,
        rulebook=opened.rulebook,
        calendar=state.deadlines.source(opened).calendar,
        stage=review.stage(state),
        steps=tuple(_steps(state)),
        tasks=task_states(review.tasks(state)),
        criticisms=tuple(_criticisms(state)),
        points=tuple(_points(state)),
        meetings=tuple(
            MeetingState(place=m.fact.place, at=m.at, by=m.fact.by) for m in state.meetings
        ),
        reopened=state.reopening.fact.ground if state.reopening else UNSET,
        ended=state.ending.fact.reason if state.ending else UNSET,
        level=review.level(state) or UNSET,
        proposal=proposed_rating(state.proposal) or UNSET,
        decision=decided_rating(state.decision) or UNSET,
        notice_answers=tuple(
            NoticeAnswerState(version=a.version, at=a.at, by=a.fact.by)
            for a in state.notice_answers
        ),
        statements=tuple(
            StatementState(version=s.version, at=s.at, by=s.fact.by) for s in state.statements
        ),
    )


def _steps(state: review.State) -> Iterator[StepState]:
    rulebook = reference.rulebook_of(system().store.database, opened_review(state).rulebook)
    written = {Step.COMMITMENT: state.commitment, Step.SELF_CRITIQUE: state.self_critique}
    told = {step: taken.fact for step, taken in written.items() if taken}
    through = state.self_critique.fact.catalogue if state.self_critique else UNSET
    for step, item in state.addresses:
        done_at, fact = state.done_at(step, item), told.get(step)
        yield StepState(
            step=step,
            item=item or UNSET,
            label=rulebook.label_of(step, item) or UNSET,
            who=state.turn_of(step),
            done_at=done_at or UNSET,
            due_at=state.deadlines.due_at(step, item) or UNSET,
            late=state.is_late(step, item),
            form=fact.form if fact else UNSET,
            catalogue=through if step == Step.SELF_CRITIQUE else UNSET,
            by=fact.by if fact else UNSET,
        )


def _criticisms(state: review.State) -> Iterator[CriticismState]:
    answered = {each.fact.criticism_id: each for each in state.answers}
    for each in state.criticisms:
        found = answered.get(each.fact.criticism_id)
        yield CriticismState(
            id=each.fact.criticism_id,
            given_on=local_day(each.at),
            answer_due_at=state.answer_due_at(each),
            answered_at=found.at if found else UNSET,
            answered_by=found.fact.by if found else UNSET,
        )


def _points(state: review.State) -> Iterator[PointState]:
    answered = {each.fact.point_id: each for each in state.point_answers}
    for each in state.points:
        found = answered.get(each.fact.point_id)
        yield PointState(
            id=each.fact.point_id,
            suggested_at=each.at,
            by=each.fact.by,
            answer_due_at=state.answer_due_at(each),
            answered_at=found.at if found else UNSET,
            answered_by=found.fact.by if found else UNSET,
        )
