"""A row of the year says where somebody stands: what waits, for whom, and what is late."""

import dataclasses
from typing import Any

from events.definitions.deadline import DeadlineMissed
from events.definitions.event import Code, Event, Subject, stream_of
from events.definitions.records import Due
from events.definitions.review import ReviewOpened
from events.domain.steps import Step
from services.read_models.states import ESCALATIONS, KINDS, PLANS, REVIEWS, YEAR, Kind
from tests.support.law import at, records
from tests.support.year_examples import CELL, FOLLOWER, MEMBER, SECRETARY, TOP
from tests.support.year_examples import YEAR as FACTS


def row_of(kind: Kind, *events: Event) -> dict[str, Any]:
    """Return the row of a stream with some facts, by the columns' names."""
    state = kind.fold(records(*events))
    names = [column.name for column in kind.table("row").columns]
    return dict(zip(names, kind.row("key", 7, state), strict=True))


def facts_of(kind: Kind) -> list[Event]:
    return [each for each in FACTS if each.definition.about == kind.name]


def first(cls: type[Event]) -> Event:
    return next(each for each in FACTS if isinstance(each, cls))


MISSED = first(DeadlineMissed)


def test_every_kind_reads_back_the_state_that_it_wrote() -> None:
    for kind in YEAR:
        state = kind.fold(records(*facts_of(kind)))

        assert kind.state_in(kind.row("key", 7, state)) == state


def test_streams_are_told_apart_by_their_kind() -> None:
    assert len({kind.projection for kind in KINDS}) == len(KINDS)
    for kind in YEAR:
        assert {stream_of(each).partition("-")[0] for each in facts_of(kind)} == {kind.name}


def test_a_proposal_waits_for_the_unit_and_a_decision_for_the_one_that_decides() -> None:
    opened, _, critique, _, _, proposal, *_ = facts_of(REVIEWS)

    proposing = row_of(REVIEWS, opened, critique)
    deciding = row_of(REVIEWS, opened, critique, proposal)

    assert (proposing["task"], proposing["actor_unit"]) == ("proposal", CELL)
    assert (deciding["task"], deciding["actor_unit"]) == ("decision", TOP)


def test_evidence_waits_for_the_follower_and_without_one_for_who_names_another() -> None:
    opened, proposed, agreed, named, unfollowed, _, evidence, *_ = facts_of(PLANS)

    row = row_of(PLANS, opened, proposed, agreed, evidence)
    another = row_of(PLANS, opened, proposed, agreed, named, evidence)
    nobody = row_of(PLANS, opened, proposed, agreed, unfollowed, evidence)

    assert (row["task"], row["actor_id"], row["actor_unit"]) == ("evidence_review", FOLLOWER, None)
    assert (another["task"], another["actor_id"]) == ("evidence_review", SECRETARY)
    assert SECRETARY != FOLLOWER
    assert (nobody["task"], nobody["actor_id"]) == ("evidence_review", None)
    assert nobody["actor_unit"] == CELL


def test_an_escalation_belongs_to_the_year_of_whom_it_is_about() -> None:
    row = row_of(ESCALATIONS, facts_of(ESCALATIONS)[0])

    place = [row[name] for name in ("period", "member_id", "unit_id", "top_id", "actor_unit")]
    assert place == ["2026", MEMBER, CELL, TOP, CELL]


def test_a_step_that_was_missed_is_late_until_it_is_taken() -> None:
    opened, commitment, critique, *_ = facts_of(REVIEWS)

    late = row_of(REVIEWS, opened, commitment, MISSED)
    made_good = row_of(REVIEWS, opened, commitment, MISSED, critique)

    assert (late["late"], made_good["late"]) == (True, False)


def test_a_missed_step_that_nobody_waits_for_any_more_is_not_late() -> None:
    opened, _, critique, _, _, proposal, *_ = facts_of(REVIEWS)
    assert isinstance(opened, ReviewOpened)
    due = Due(step=Code(Step.COMMITMENT), due_at=at(1))
    opened = dataclasses.replace(opened, dues=(due,))
    missed = DeadlineMissed(
        subject=Subject(stream_of(opened)), step=due.step, item=due.item, due_at=due.due_at
    )

    before = row_of(REVIEWS, opened, missed, critique)
    after = row_of(REVIEWS, opened, missed, critique, proposal)

    assert (before["late"], after["late"]) == (True, False)
