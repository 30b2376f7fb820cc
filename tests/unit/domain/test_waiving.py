"""A way on without what nobody did in time: as the edition says, by whom or of itself."""

from datetime import datetime

import msgspec
import pytest

from events.definitions.deadline import DeadlineMissed, DeadlineMoved
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Hand, Label
from events.definitions.review import RatingAnnounced, RatingDecided, RatingReturned, StepWaived
from events.domain.review import rating_steps, review, waiving, writing_steps
from events.domain.review.review import State
from events.domain.rulebook import validity
from events.domain.rulebook.step_terms import Without
from events.domain.rulebook.validity import validate
from events.domain.steps import WAIVABLE, Step
from events.domain.verification import rating_checks
from events.domain.year.rules import Rules
from events.identifiers import review_stream
from events.store import reference
from tests.support.history import record
from tests.support.law import (
    LEADERS_HAND,
    MEMBER,
    PERIOD,
    RULES,
    SECRETARYS_HAND,
    TOP,
    at,
    rejection_of,
)
from tests.support.lawful import findings, log_of
from tests.support.lawful_facts import GOING_ON, rules_of
from tests.support.lawful_years import SILENT, history_of
from tests.support.review_facts import (
    CRITICISED_ONESELF,
    OPENED,
    PROPOSED,
    WORDS,
    decided,
    propose,
    review_with,
    submit,
)

REVIEW = Subject(review_stream(PERIOD, MEMBER))
DUE_AT = next(due.due_at for due in OPENED.dues if due.step == "self_critique")
MISSED = DeadlineMissed(subject=REVIEW, step=Code("self_critique"), item=Label(""), due_at=DUE_AT)
NOW = at(7)
LAST = (RatingDecided, RatingAnnounced)
AUTHORITY, ITSELF = Without.AUTHORITY, Without.WAIVED


def rules_with(without: Without, step: str = "self_critique") -> Rules:
    """Return the neutral rules, but for what holds without one step."""
    timing = msgspec.structs.replace(RULES.rulebook.steps[step], without=without)
    steps = {**RULES.rulebook.steps, step: timing}
    return Rules(msgspec.structs.replace(RULES.rulebook, steps=steps), RULES.calendar, RULES.source)


def waive(
    state: State, without: Without = AUTHORITY, by: Hand = LEADERS_HAND, item: str = ""
) -> StepWaived:
    command = waiving.WaiveStep(by=by, step=Code("self_critique"), item=item, text=WORDS)
    return waiving.waive_step(state, command, rules_with(without), now=NOW)


def of_itself(state: State, without: Without = ITSELF, now: datetime = NOW) -> list[StepWaived]:
    return [fact for _, fact in waiving.waived_by_edition(state, rules_with(without), now=now)]


def late(*more: Event) -> State:
    """Return a review in which nobody wrote a self-critique in time."""
    return review_with(MISSED, *more)


# By whom


def test_those_who_decide_go_on_without_a_self_critique_with_a_reason() -> None:
    waived = waive(late())

    assert (waived.by, waived.text) == (LEADERS_HAND, WORDS)
    proposed = rating_steps.propose_rating(
        late(waived), propose(), rules_with(AUTHORITY), now=at(10)
    )
    assert proposed.outcome.level == "good"


@pytest.mark.parametrize("without", [Without.WAITS, ITSELF])
def test_nobody_waives_what_the_edition_does_not_leave_to_them(without: Without) -> None:
    told = rejection_of(lambda: waive(late(), without), "not_waivable")

    assert told.needed == "this edition lets nobody go on without self_critique"


def test_nobody_waives_what_is_not_late() -> None:
    moved = DeadlineMoved(
        subject=REVIEW,
        step=MISSED.step,
        item=MISSED.item,
        due_at=at(20),
        by=LEADERS_HAND,
        text=WORDS,
    )

    rejection_of(lambda: waive(review_with()), "not_late")
    rejection_of(lambda: waive(late(moved)), "not_late")
    rejection_of(lambda: waive(late(CRITICISED_ONESELF)), "not_late")
    rejection_of(lambda: waive(late(waive(late()))), "not_late")
    rejection_of(lambda: waive(late(), item="another"), "not_late")


def test_only_those_who_decide_waive_and_never_for_themselves() -> None:
    own = Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary"))

    rejection_of(lambda: waive(late(), by=SECRETARYS_HAND), "not_competent")
    rejection_of(lambda: waive(late(), by=own), "on_oneself")


def test_nothing_is_waived_once_the_rating_is_decided() -> None:
    over = late(CRITICISED_ONESELF, PROPOSED, decided(version=4))

    rejection_of(lambda: waive(over), "already_decided")
    assert of_itself(over) == []


def test_only_what_is_late_and_left_to_them_stands_open_to_those_who_decide() -> None:
    strict, lenient = (rules_with(each).rulebook for each in (Without.WAITS, AUTHORITY))

    assert [due.step for due in waiving.left_to_authority(late(), lenient)] == ["self_critique"]
    assert not waiving.left_to_authority(late(), strict)
    assert not waiving.left_to_authority(review_with(), lenient)
    over = late(CRITICISED_ONESELF, PROPOSED, decided(version=4))
    assert not waiving.left_to_authority(over, lenient)


@pytest.mark.parametrize("name", reference.shipped_names("rulebook"))
def test_in_every_shipped_edition_silence_has_an_end(name: str) -> None:
    """Who writes nothing is rated nonetheless, and a point that nobody answers holds up nothing."""
    edition = validity.read(reference.shipped_document("rulebook", name))

    assert edition.without(Step.SELF_CRITIQUE) in {AUTHORITY, ITSELF}
    if Step.SUGGESTION_ANSWER in edition.steps:
        assert edition.without(Step.SUGGESTION_ANSWER) is ITSELF


# Of itself


def test_an_edition_goes_on_without_what_was_not_done_in_time() -> None:
    (waived,) = of_itself(late())

    assert (waived.by, waived.text) == (msgspec.UNSET, msgspec.UNSET)
    assert [(due.step, due.due_at.day) for due in waived.dues] == [("proposal", 15)]
    assert review.stage(late(waived)) == Step.PROPOSAL
    assert of_itself(late(waived)) == []


@pytest.mark.parametrize("without", [Without.WAITS, AUTHORITY])
def test_of_itself_it_goes_on_only_where_the_edition_says_so(without: Without) -> None:
    assert of_itself(late(), without) == []
    rejection_of(
        lambda: rating_steps.propose_rating(late(), propose(), rules_with(without), now=at(10)),
        "step_missing",
    )


def test_what_runs_out_in_this_very_moment_is_waived_with_it() -> None:
    missed_now = waiving.after_deadlines(review_with(), MISSED)

    assert of_itself(missed_now) == of_itself(late())
    assert waiving.after_deadlines(review_with()) == review_with()


def test_whoever_writes_after_it_was_waived_is_heard_and_gains_no_time_for_others() -> None:
    waived = late(*of_itself(late()))

    written = submit(waived, day=10)

    after = late(*of_itself(late()), written)
    assert after.done(Step.SELF_CRITIQUE)
    assert after.deadlines.due_at(Step.PROPOSAL) == waived.deadlines.due_at(Step.PROPOSAL)
    over = late(*of_itself(late()), PROPOSED, decided(version=4))
    rejection_of(lambda: submit(over, day=20), "already_decided")


def test_they_may_write_until_their_rating_is_proposed_and_are_told_so() -> None:
    waiting = [task.step for task in review.tasks(late(*of_itself(late())))]

    assert Step.SELF_CRITIQUE in waiting
    assert Step.PROPOSAL in waiting


# A whole year in which somebody writes nothing, and nobody meets or advises


def test_such_a_year_is_verified_and_not_without_its_waivers() -> None:
    history = [each for each in history_of(SILENT) if each.entry.stream.startswith("review-")]
    whole = review.fold(history)

    assert rating_checks.failed_checks(whole, GOING_ON) == ()
    for step, check in {
        Step.SELF_CRITIQUE: "order",
        Step.SUGGESTION_ANSWER: "right_to_answer",
        Step.MEETING: "meetings",
        Step.APPRAISAL: "appraised",
    }.items():
        waivers = tuple(each for each in whole.waivers if each.fact.step != step.value)
        critique = None if step is Step.SELF_CRITIQUE else whole.self_critique
        without = msgspec.structs.replace(whole, waivers=waivers, self_critique=critique)
        failed = rating_checks.failed_checks(without, GOING_ON)
        assert [each.name for each in failed] == [check]


def test_what_was_waived_of_a_proposal_says_nothing_of_the_next_one() -> None:
    history = [each for each in history_of(SILENT) if each.entry.stream.startswith("review-")]
    until = [each for each in history if not isinstance(each.event, LAST)]
    appraised = review.fold(until)
    returned = RatingReturned(
        period=appraised.opened.fact.period,  # type: ignore[union-attr]
        member_id=MEMBER,
        proposal_version=appraised.proposal.version,  # type: ignore[union-attr]
        by=LEADERS_HAND,
        proposal_due_at=at(28),
        text=WORDS,
    )

    assert appraised.is_waived(Step.APPRAISAL)
    given_back = review.evolve(
        appraised, record(returned, version=appraised.version + 1, time=at(26))
    )
    assert not given_back.is_waived(Step.APPRAISAL)
    assert given_back.is_waived(Step.MEETING)


def test_a_waiver_that_no_edition_and_nobody_told_is_found() -> None:
    history = history_of(SILENT)
    first = next(n for n, each in enumerate(history) if isinstance(each.event, StepWaived))
    log = log_of(rules_of)
    for each in history[: first - 1]:  # the deadline was not missed yet
        log.tell(each)

    assert any("waives nothing" in each for each in findings(log, history[first]))


# What an edition may say


def test_an_edition_lets_waive_only_what_no_rating_is_without() -> None:
    kept = {step for step in Step if RULES.rulebook.has(step)} - {*WAIVABLE}

    for step in kept:
        problems = validate(rules_with(ITSELF, step).rulebook)
        assert [each.code for each in problems] == ["not_waivable"]
    assert not validate(rules_with(ITSELF).rulebook)
    assert {Step.PROPOSAL, Step.DECISION, Step.ANNOUNCEMENT} <= kept


def test_nobody_writes_for_a_member_whose_own_step_was_waived() -> None:
    waived = late(*of_itself(late()))

    rejection_of(
        lambda: writing_steps.submit_self_critique(
            waived,
            writing_steps.SubmitSelfCritique(by=SECRETARYS_HAND.member_id, text=WORDS),
            RULES,
            now=at(10),
        ),
        "not_yours",
    )
