"""Appraisals in a row: each has an id, place and posts of its own, and waits for the one before."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import msgspec
import pytest

from events.definitions.deadline import DeadlineMissed
from events.definitions.event import Code, Event, Subject
from events.definitions.records import Appraisal, Due, Hand, Label
from events.definitions.review import RatingAppraised, RatingDecided, RatingProposed
from events.domain.documents.problems import DocumentInvalid
from events.domain.documents.working_days import local_day
from events.domain.escalation.lateness import Late, late_with
from events.domain.review import opening, rating_steps, review, waiving, writing_steps
from events.domain.review.state import State
from events.domain.rulebook import rating, validity
from events.domain.rulebook.step_terms import Without
from events.domain.steps import At, Step
from events.domain.verification import rating_checks, repeats
from events.domain.year.rules import Rules
from events.identifiers import MemberId, review_stream
from tests.support import party_rules
from tests.support.law import CELL, MEMBER, PERIOD, TOP, at, facts, records, rejection_of
from tests.support.officers_rules import (
    ACCEPTS,
    COUNTERSIGNED,
    COUNTERSIGNING,
    COUNTERSIGNS,
    INITIATES,
    MIDDLE,
    OFFICERS,
    REVIEWING,
    REVIEWS,
    WAY,
    officers_document,
)
from tests.support.party_rules import WORDS

FIRST, SECOND = Label("reviewing"), Label("countersigning")
FACTS = facts()
SUBJECT = Subject(review_stream(PERIOD, MEMBER))
OPENED = opening.open_review(
    review.EMPTY,
    replace(party_rules.opens(), period=PERIOD, path=WAY),
    COUNTERSIGNED,
    now=at(6, 1),
)
WRITTEN = replace(party_rules.CRITICISED_ONESELF, period=PERIOD)


def reviewed(*events: Event) -> State:
    return review.fold(records(OPENED, WRITTEN, *events))


def propose(state: State, by: Hand = INITIATES, rules: Rules = COUNTERSIGNED) -> RatingProposed:
    command = rating_steps.ProposeRating(by=by, facts=FACTS)
    return rating_steps.propose_rating(state, command, rules, now=at(7))


PROPOSED = propose(reviewed())


def appraise(
    state: State, item: str = FIRST, by: Hand = REVIEWS, *, version: int = 3, day: int = 8
) -> RatingAppraised:
    command = rating_steps.AppraiseRating(
        by=by, level=Code("good"), proposal_version=version, item=item
    )
    return rating_steps.appraise_rating(state, command, COUNTERSIGNED, now=at(day))


REVIEWED = appraise(reviewed(PROPOSED))
SIGNED = appraise(reviewed(PROPOSED, REVIEWED), SECOND, COUNTERSIGNS, day=9)


def decide(state: State, by: Hand = ACCEPTS, *, version: int = 3) -> RatingDecided:
    command = rating_steps.DecideRating(by=by, level=Code("good"), proposal_version=version)
    return rating_steps.decide_rating(state, command, COUNTERSIGNED, now=at(10))


DECIDED = decide(reviewed(PROPOSED, REVIEWED, SIGNED))


def waiting(state: State) -> list[tuple[str, str]]:
    return [(each.step, each.item) for each in review.tasks(state) if each.step.row.after]


# Whose turn it is


def test_an_opening_tells_the_appraisals_in_their_order_and_where_each_is_made() -> None:
    assert OPENED.appraisals == (
        Appraisal(item=FIRST, at=Code("next")),
        Appraisal(item=SECOND, at=Code("authority")),
    )
    assert [each for each in reviewed().addresses if each[0] is Step.APPRAISAL] == [
        (Step.APPRAISAL, FIRST),
        (Step.APPRAISAL, SECOND),
    ]
    assert review.EMPTY.appraisals_asked == ()


def test_each_waits_for_the_one_before_and_the_decision_for_all() -> None:
    assert waiting(reviewed(PROPOSED)) == [("appraisal", FIRST)]
    assert waiting(reviewed(PROPOSED, REVIEWED)) == [("appraisal", SECOND)]
    assert waiting(reviewed(PROPOSED, REVIEWED, SIGNED)) == [("decision", "")]
    assert [each.item for each in reviewed(PROPOSED).appraisals_open()] == [FIRST]
    assert reviewed(PROPOSED, REVIEWED, SIGNED, DECIDED).appraisals_open() == ()

    early = reviewed(PROPOSED)
    rejection_of(lambda: appraise(early, SECOND, COUNTERSIGNS), "step_missing")
    for state in (early, reviewed(PROPOSED, REVIEWED)):
        rejection_of(lambda state=state: decide(state), "step_missing")  # type: ignore[misc]


def test_an_appraisal_that_there_is_not_or_that_was_given_is_refused() -> None:
    rejection_of(lambda: appraise(reviewed(PROPOSED), "another", COUNTERSIGNS), "no_such_step")
    rejection_of(lambda: appraise(reviewed(PROPOSED, REVIEWED)), "already_done")


def test_each_is_of_its_posts_in_its_place() -> None:
    state = reviewed(PROPOSED)

    assert (state.takers(Step.APPRAISAL, FIRST), state.takers(Step.APPRAISAL, SECOND)) == (
        (MIDDLE,),
        (TOP,),
    )
    rejection_of(lambda: appraise(state, by=COUNTERSIGNS), "not_competent")
    elsewhere = msgspec.structs.replace(REVIEWS, unit_id=TOP)
    rejection_of(lambda: appraise(state, by=elsewhere), "not_competent")
    other_post = msgspec.structs.replace(REVIEWS, post=Code("countersigning_officer"))
    told = rejection_of(lambda: appraise(state, by=other_post), "not_competent")
    assert told.needed == "this takes one of the posts reviewing_officer there"


@pytest.mark.parametrize(
    ("place", "above", "units"),
    [
        (At.OWN, WAY, (CELL,)),
        (At.NEXT, WAY, (MIDDLE,)),
        (At.NEXT, (CELL, TOP), (TOP,)),
        (At.NEXT, (TOP,), (TOP,)),
        (At.AUTHORITY, WAY, (TOP,)),
        (At.NEXT, (), ()),
    ],
)
def test_the_next_unit_is_never_beyond_the_one_that_decides(
    place: At, above: tuple[Any, ...], units: tuple[Any, ...]
) -> None:
    assert place.units_of(above) == units


# Four eyes


def test_nobody_takes_two_of_proposal_appraisals_and_decision() -> None:
    both = msgspec.structs.replace(REVIEWS, member_id=INITIATES.member_id)
    again = msgspec.structs.replace(COUNTERSIGNS, member_id=REVIEWS.member_id)
    decides = msgspec.structs.replace(ACCEPTS, member_id=COUNTERSIGNS.member_id)

    rejection_of(lambda: appraise(reviewed(PROPOSED), by=both), "appraises_own")
    second = reviewed(PROPOSED, REVIEWED)
    rejection_of(lambda: appraise(second, SECOND, again), "appraised_twice")
    all_given = reviewed(PROPOSED, REVIEWED, SIGNED)
    rejection_of(lambda: decide(all_given, decides), "own_appraisal")


def test_whose_proposal_was_replaced_or_who_appraised_it_takes_no_other_step() -> None:
    other = msgspec.structs.replace(INITIATES, member_id=MemberId("otheraaaaaaaaaaaaaaaaaaaaa"))
    anew = reviewed(PROPOSED, REVIEWED, propose(reviewed(PROPOSED, REVIEWED), other))

    assert waiting(anew) == [("appraisal", FIRST)]
    assert appraise(anew, version=5).by == REVIEWS  # the same one, of the new proposal
    assert anew.barred_from(Step.APPRAISAL, FIRST).keys() == {INITIATES.member_id, other.member_id}
    assert REVIEWS.member_id in anew.barred_from(Step.DECISION)


def test_two_who_swap_after_a_return_give_the_row_anew_and_neither_decides() -> None:
    told: tuple[Event, ...] = (PROPOSED, REVIEWED, SIGNED)
    returns = rating_steps.ReturnRating(by=ACCEPTS, proposal_version=3, text=WORDS)
    told += (rating_steps.return_rating(reviewed(*told), returns, COUNTERSIGNED, now=at(10)),)
    told += (propose(reviewed(*told)),)
    first = msgspec.structs.replace(REVIEWS, member_id=COUNTERSIGNS.member_id)
    second = msgspec.structs.replace(COUNTERSIGNS, member_id=REVIEWS.member_id)

    told += (appraise(reviewed(*told), by=first, version=7),)
    rejection_of(
        lambda: appraise(reviewed(*told), SECOND, COUNTERSIGNS, version=7), "appraised_twice"
    )
    told += (appraise(reviewed(*told), SECOND, second, version=7),)

    for each in (REVIEWS, COUNTERSIGNS):
        decides = msgspec.structs.replace(ACCEPTS, member_id=each.member_id)
        rejection_of(lambda by=decides: decide(reviewed(*told), by, version=7), "own_appraisal")  # type: ignore[misc]
    assert failed(*told, decide(reviewed(*told), version=7)) == []


def test_the_plain_appraisal_is_advice_where_it_is_decided_and_no_advice_elsewhere() -> None:
    def barred(place: At) -> set[MemberId]:
        plain = replace(OPENED, appraisals=(Appraisal(at=Code(place)),))
        return {*review.fold(records(plain, WRITTEN, PROPOSED)).barred_from(Step.APPRAISAL)}

    assert barred(At.AUTHORITY) == set()
    assert barred(At.OWN) == barred(At.NEXT) == {INITIATES.member_id}


# Until when


def rules_deciding(**decision: Any) -> Rules:
    """Return the rules with two appraisals in a row of 5 and 3 days, and another decision."""
    steps = officers_document("countersigning")["steps"]
    decides = {k: e for k, e in steps["decision"].items() if k not in ("by", "working_days")}
    document = officers_document(steps=steps | {"decision": decides | decision})
    return Rules(validity.read(document), COUNTERSIGNED.calendar, COUNTERSIGNED.source)


def decision_due(rules: Rules, now: datetime) -> datetime:
    command = rating_steps.ProposeRating(by=INITIATES, facts=FACTS)
    return rating_steps.propose_rating(reviewed(), command, rules, now=now).decision_due_at


def test_who_decides_has_their_days_after_those_of_each_appraisal() -> None:
    rules, last = rules_deciding(working_days=5), COUNTERSIGNED.after(at(7), 5 + 3)

    assert decision_due(rules, at(7)) == COUNTERSIGNED.after(last, 5)


def test_a_day_for_the_decision_gives_way_to_the_days_of_late_appraisals() -> None:
    rules, notice = rules_deciding(by="12-25"), COUNTERSIGNED.rulebook.notice_working_days

    assert local_day(decision_due(rules, at(7))).isoformat() == "2026-12-25"
    assert decision_due(rules, at(21)) == rules.after(rules.after(at(21), 5 + 3), notice)


def test_the_first_is_due_after_the_proposal_and_each_other_one_after_the_one_before() -> None:
    state, due_at = reviewed(PROPOSED, REVIEWED), COUNTERSIGNED.after(at(8), 3)

    assert PROPOSED.appraisal_due_at == state.deadlines.due_at("appraisal", FIRST)
    assert REVIEWED.dues == (Due(step=Code("appraisal"), item=SECOND, due_at=due_at),)
    assert state.deadlines.due_at("appraisal", SECOND) == due_at
    assert SIGNED.dues == ()


def test_a_new_proposal_begins_the_row_and_its_deadlines_anew() -> None:
    state = reviewed(PROPOSED, REVIEWED)

    anew = reviewed(PROPOSED, REVIEWED, propose(state))

    assert anew.deadlines.due_at("appraisal", SECOND) is None
    assert anew.deadlines.due_at("appraisal", FIRST) is not None


def missed(item: Label, state: State) -> DeadlineMissed:
    due_at = state.deadlines.due_at("appraisal", item)
    assert due_at
    return DeadlineMissed(subject=SUBJECT, step=Code("appraisal"), item=item, due_at=due_at)


def waive(state: State, item: Label, rules: Rules = COUNTERSIGNED) -> Event:
    command = waiving.WaiveStep(by=ACCEPTS, step=Code("appraisal"), item=item, text=WORDS)
    return waiving.waive_step(state, command, rules, now=at(20))


def test_of_two_appraisals_only_that_is_waived_of_which_the_edition_says_so() -> None:
    first, second = reviewed(PROPOSED), reviewed(PROPOSED, REVIEWED)
    late = reviewed(PROPOSED, REVIEWED, missed(SECOND, second))

    rejection_of(lambda: waive(reviewed(PROPOSED, missed(FIRST, first)), FIRST), "not_waivable")
    waived = waive(late, SECOND)
    after = review.fold(
        records(OPENED, WRITTEN, PROPOSED, REVIEWED, missed(SECOND, second), waived)
    )
    assert waiting(after) == [("decision", "")]
    assert [each.item for each in after.appraisals_open()] == [SECOND]  # it may be given yet


def test_what_waited_for_a_waived_appraisal_has_its_days_from_then_on() -> None:
    steps = COUNTERSIGNED.rulebook.steps
    lenient = msgspec.structs.replace(steps[FIRST], without=Without.AUTHORITY)
    rulebook = msgspec.structs.replace(COUNTERSIGNED.rulebook, steps=steps | {FIRST: lenient})
    rules = msgspec.structs.replace(COUNTERSIGNED, rulebook=rulebook)
    late = (PROPOSED, missed(FIRST, reviewed(PROPOSED)))

    waived = waive(reviewed(*late), FIRST, rules)
    state = reviewed(*late, waived)

    assert [(each.item, each.due_at) for each in waived.dues] == [(SECOND, rules.after(at(20), 3))]  # type: ignore[attr-defined]
    assert waiting(state) == [("appraisal", SECOND)]
    given = appraise(state, FIRST, day=21)  # late, and nobody waits for it
    assert given.dues == ()
    assert [each.item for each in reviewed(*late, waived, given).appraisals_open()] == [SECOND]


def test_an_appraisals_deadline_is_moved_by_whoever_has_not_to_keep_it() -> None:
    state = reviewed(PROPOSED)

    def move(by: Hand) -> Event:
        due_at = COUNTERSIGNED.after(at(20), 5)
        command = writing_steps.MoveDeadline(
            by=by, step=Code("appraisal"), item=FIRST, due_at=due_at, text=WORDS
        )
        return writing_steps.move_deadline(state, command, COUNTERSIGNED, now=at(9))

    assert move(ACCEPTS).item == FIRST  # type: ignore[attr-defined]
    rejection_of(lambda: move(REVIEWS), "own_deadline")
    assert FIRST in {each.item for each in writing_steps.movable(state, [TOP])}
    assert FIRST not in {each.item for each in writing_steps.movable(state, [MIDDLE])}


def test_who_was_late_with_an_appraisal_is_its_place_and_nobody_above() -> None:
    state = reviewed(PROPOSED)

    assert late_with(state, Step.APPRAISAL, FIRST) == Late(units=(CELL, MIDDLE))
    assert late_with(state, Step.APPRAISAL, SECOND) == Late(units=WAY)


def test_of_several_appraisals_the_missed_one_is_late_until_it_is_given() -> None:
    late = missed(FIRST, reviewed(PROPOSED))

    def is_late(*events: Event) -> list[bool]:
        state = reviewed(*events)
        return [state.is_late(Step.APPRAISAL, each) for each in (FIRST, SECOND, "")]

    assert is_late(PROPOSED) == [False, False, False]
    assert is_late(PROPOSED, late) == [True, False, False]
    assert is_late(PROPOSED, late, REVIEWED) == [False, False, False]
    assert not reviewed(PROPOSED, late).is_late(Step.DECISION)


# What is verified


def failed(*events: Event) -> list[str]:
    checks = rating_checks.failed_checks(reviewed(*events), COUNTERSIGNED)
    return [each.name for each in checks]


def wrong_rows() -> Iterator[tuple[Event, ...]]:
    """Iterate over what was told in a rating in which an appraisal is not as it must be."""
    yield PROPOSED, REVIEWED, DECIDED  # one is missing
    yield PROPOSED, SIGNED, DECIDED
    yield PROPOSED, SIGNED, REVIEWED, DECIDED  # in the wrong order
    yield PROPOSED, REVIEWED, DECIDED, SIGNED
    yield PROPOSED, replace(REVIEWED, by=COUNTERSIGNS), SIGNED, DECIDED
    elsewhere = msgspec.structs.replace(REVIEWS, unit_id=TOP)
    yield PROPOSED, replace(REVIEWED, by=elsewhere), SIGNED, DECIDED
    for other in (INITIATES, COUNTERSIGNS):
        by = msgspec.structs.replace(REVIEWS, member_id=other.member_id)
        yield PROPOSED, replace(REVIEWED, by=by), SIGNED, DECIDED


def test_a_rating_verifies_where_each_appraisal_was_given_as_it_must_be() -> None:
    assert failed(PROPOSED, REVIEWED, SIGNED, DECIDED) == []


@pytest.mark.parametrize("events", list(wrong_rows()))
def test_an_appraisal_that_is_not_as_it_must_be_is_found(events: tuple[Event, ...]) -> None:
    assert failed(*events) == ["appraised"]


def test_a_rating_verifies_where_an_appraisal_was_waived_and_where_it_was_given_after() -> None:
    late = (PROPOSED, REVIEWED, missed(SECOND, reviewed(PROPOSED, REVIEWED)))
    waived = waive(reviewed(*late), SECOND)

    assert failed(*late, waived, DECIDED) == []
    assert failed(*late, waived, SIGNED, DECIDED) == []


def test_two_appraisals_are_told_once_each() -> None:
    def passes(*events: Event) -> bool:
        return repeats.check_once(records(OPENED, WRITTEN, *events)).passed

    assert passes(PROPOSED, REVIEWED, SIGNED, PROPOSED, REVIEWED, SIGNED)
    assert not passes(PROPOSED, REVIEWED, SIGNED, REVIEWED)


# What an edition may say


def wrong(**steps: Any) -> dict[str, str]:
    """Return what is wrong, by place, with the officers' edition in which steps were changed."""
    document = officers_document("countersigning")
    document["steps"] = document["steps"] | steps
    with pytest.raises(DocumentInvalid) as refused:
        validity.read(document)
    return {problem.path: problem.code for problem in refused.value.problems}


def test_an_edition_calls_its_steps_and_says_who_takes_them() -> None:
    rulebook = COUNTERSIGNED.rulebook

    assert rulebook.items_of(Step.APPRAISAL) == (FIRST, SECOND)
    assert rulebook.posts_for(Step.APPRAISAL, FIRST) == ("reviewing_officer",)
    assert len(rulebook.posts_for(Step.APPRAISAL)) == len(rulebook.roles.appraiser)
    called = rulebook.label_of("appraisal", FIRST)
    assert called is not None
    assert called.en == "Review of the report"
    assert rulebook.label_of("announcement") is None
    assert rulebook.label_of("notice_answer") is None
    assert OFFICERS.rulebook.items_of(Step.APPRAISAL) == (FIRST,)


def test_a_step_has_an_id_and_a_name_of_its_own_and_a_kind_that_there_is() -> None:
    assert wrong(reviewing=REVIEWING | {"kind": None})["steps.reviewing"] == "no_step"
    milestone = REVIEWING | {"kind": "milestone"}
    assert wrong(reviewing=milestone)["steps.reviewing"] == "no_step"
    unnamed = {key: value for key, value in REVIEWING.items() if key != "label"}
    assert wrong(reviewing=unnamed) == {"steps.reviewing": "step_without_label"}
    twice = COUNTERSIGNING | {"label": REVIEWING["label"]}
    assert wrong(countersigning=twice) == {"steps.countersigning.label": "label_twice"}
    own = REVIEWING | {"after": "countersigning", "posts": [], "label": {"vi": "a", "en": "a"}}
    assert wrong(answer=own)["steps.answer.kind"] == "id_of_another_kind"


def test_another_kind_of_step_stands_once_and_is_taken_where_the_program_says() -> None:
    again: dict[str, Any] = {
        "kind": "decision",
        "label": {"vi": "a", "en": "b"},
        "who": "authority",
    }
    again |= {"working_days": 3, "citation": "x"}
    assert wrong(again=again) == {"steps.again": "kind_twice"}
    placed = {"who": "authority", "by": "12-25", "citation": "x", "place": "own", "posts": ["x"]}
    assert wrong(decision=placed) == {
        "steps.decision.place": "takers_fixed",
        "steps.decision.posts": "takers_fixed",
    }


def test_the_only_step_of_a_kind_may_have_an_id_of_its_own() -> None:
    document = officers_document()
    document["steps"]["accepting"] = document["steps"].pop("decision") | {"kind": "decision"}

    rulebook = validity.read(document)

    assert rulebook.has(Step.DECISION)
    assert rulebook.terms_of("decision") == rulebook.steps["accepting"]


@pytest.mark.parametrize(
    "after", [{"after": None}, {"after": "reviewers"}, {"after": "countersigning"}]
)
def test_appraisals_stand_in_one_row(after: dict[str, Any]) -> None:
    found = wrong(countersigning=COUNTERSIGNING | after)

    assert found == {"steps.countersigning.after": "no_row"}


def test_whoever_appraises_holds_a_post_with_that_role() -> None:
    posts = REVIEWING | {"posts": ["accepting_officer"]}

    assert wrong(reviewing=posts) == {"steps.reviewing.posts": "no_office"}
    assert "steps.reviewing.place" in wrong(reviewing=REVIEWING | {"place": "above"})


def test_a_rating_is_computed_as_ever() -> None:
    assert PROPOSED.outcome == rating.outcome(COUNTERSIGNED.rulebook, FACTS)
