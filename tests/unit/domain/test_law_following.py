"""That what follows from facts was left out is found: by each step that judges, and at the end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from events.definitions.cycle import CycleOpened, CycleTakenOver, CycleVoided
from events.definitions.deadline import DeadlineMoved
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.plan import (
    FollowerNamed,
    MilestoneApproved,
    PlanAgreed,
    PlanMoved,
    PlanReturned,
    PlanUnfollowed,
    PlanVoided,
)
from events.definitions.records import Hand
from events.definitions.reopening import (
    ReviewEnded,
    ReviewMoved,
    ReviewReopened,
    ReviewResumed,
    ReviewVoided,
)
from events.definitions.review import (
    RatingAnnounced,
    RatingAppraised,
    RatingDecided,
    RatingProposed,
    RatingReturned,
    ReviewOpened,
    StepWaived,
)
from events.definitions.roster import MemberMoved, UnitDissolved
from events.domain.plan.following import BELOW
from events.domain.verification import year_law
from events.domain.verification.law import check_law
from events.domain.verification.rating_checks import Check
from events.domain.verification.repeats import check_once
from events.identifiers import plan_stream, review_stream
from tests.support.collective_facts import AS_UNIT
from tests.support.forged import after, before, first_of, until, wrong
from tests.support.law import CELL, LEADERS_HAND, MEMBER, TOP
from tests.support.lawful import Asked, bundle_of, log_of
from tests.support.lawful_facts import (
    ABOVE,
    OTHER,
    ROOT,
    SUPERIORS_HAND,
    YEAR_OPENED,
    given,
    rules_of,
)
from tests.support.lawful_years import (
    A_MEMBERS,
    A_UNITS,
    ABOVE_HAND,
    GIVEN_BACK,
    GONE_AND_BACK,
    HEADS,
    LEFT,
    LEFT_ABOVE,
    LIFTED,
    SILENT,
    TAKEN_IN,
    TAKEN_OVER,
    VOIDED_ANEW,
    history_of,
)
from tests.support.party_rules import WORDS, YEAR

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
JUDGE = [RatingProposed, RatingAppraised, RatingDecided]
TAKEN = CycleTakenOver(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
OPENED_ABOVE = replace(YEAR_OPENED, unit_id=ABOVE, by=SUPERIORS_HAND, taken_from=TOP)
VOIDED = CycleVoided(period=YEAR, unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)
MOVED = replace(first_of(LIFTED, ReviewMoved), places=(CELL,))  # by HEADS
A_DAY = timedelta(days=1)
REVIEW = review_stream(YEAR, MEMBER)
BY_HAND = [  # what becomes of a year by somebody's hand, be it not rated by it
    (A_MEMBERS, DeadlineMoved),
    (GIVEN_BACK, RatingReturned),
    (SILENT, StepWaived),
    (GONE_AND_BACK, ReviewEnded),
]


def by_hand(wanted: Sequence[Asked], kind: type[Event]) -> tuple[list[Recorded], Event]:
    """Return the first fact of a kind that somebody told by an office, and the year before it."""
    history = history_of(wanted)
    told = [n for n, each in enumerate(history) if isinstance(each.event, kind)]
    first = next(n for n in told if getattr(history[n].event, "by", None))
    return history[:first], history[first].event


@BOTH
@pytest.mark.parametrize("kind", JUDGE)
def test_nobody_is_judged_where_it_was_left_out_that_they_came_to_an_office(
    kind: type[Event], *, whole: bool
) -> None:
    history = before(A_MEMBERS, kind)

    (found,) = wrong(after(history, given(HEADS), first_of(A_MEMBERS, kind)), whole=whole)

    assert "this review follows its member elsewhere" in found


@BOTH
@pytest.mark.parametrize(("wanted", "kind"), BY_HAND)
def test_nobody_below_tells_what_becomes_of_the_year_of_who_came_to_an_office(
    wanted: Sequence[Asked], kind: type[Event], *, whole: bool
) -> None:
    history, told = by_hand(wanted, kind)

    (found,) = wrong(after(history, given(HEADS), told), whole=whole)

    assert "this review follows its member elsewhere" in found


@BOTH
def test_nobody_is_proposed_where_it_was_left_out_that_they_moved(*, whole: bool) -> None:
    history = before(A_MEMBERS, RatingProposed)
    moved = MemberMoved(member_id=MEMBER, unit_id=OTHER)

    found = wrong(after(history, moved, first_of(A_MEMBERS, RatingProposed)), whole=whole)

    assert "this review follows its member elsewhere" in found[0]


@BOTH
def test_whoever_heads_the_unit_that_another_came_to_is_not_proposed_there(*, whole: bool) -> None:
    heads = Hand(member_id=MEMBER, unit_id=OTHER, post=Code("deputy_secretary"))
    merged = UnitDissolved(unit_id=CELL, successor_id=OTHER)
    history = before(A_MEMBERS, RatingProposed)
    by = Hand(
        member_id=first_of(A_MEMBERS, RatingProposed).by.member_id, unit_id=OTHER, post=heads.post
    )
    proposed = replace(first_of(A_MEMBERS, RatingProposed), by=by)

    found = wrong(after(history, given(heads), given(by), merged, proposed), whole=whole)

    assert "this review follows its member elsewhere" in found[0]


@BOTH
@pytest.mark.parametrize(
    ("post", "right", "other"),
    [(given(ABOVE_HAND), LEFT, MOVED), (given(HEADS), MOVED, LEFT)],
)
def test_a_review_moves_or_ends_as_posts_say_and_not_otherwise(
    post: Event, right: Event, other: Event, *, whole: bool
) -> None:
    history = after(until(A_MEMBERS, ReviewOpened), post)

    (found,) = wrong(after(history, other), whole=whole)

    assert wrong(after(history, right), whole=whole) == []
    assert f"by what was told {right.definition.type} follows" in found


def test_nobody_is_left_to_a_year_above_who_holds_no_office_there() -> None:
    history = until(A_MEMBERS, ReviewOpened)

    for whole in (True, False):
        (found,) = wrong(after(history, LEFT), whole=whole)
        assert "the review is there already" in found


def test_a_review_goes_on_only_once_the_office_above_was_left() -> None:
    history = until(LEFT_ABOVE, ReviewEnded)

    (found,) = wrong(after(history, first_of(LEFT_ABOVE, ReviewResumed)), whole=True)

    assert "a review moves before its rating is proposed" in found


def test_what_was_left_begins_again_in_the_year_above_step_by_step() -> None:
    history = history_of(TAKEN_IN)

    bundle = bundle_of(history, YEAR, MEMBER)

    assert check_law(bundle, rules_of, bundle[-1].entry.recordedat).passed
    assert check_once(each for each in bundle if each.entry.stream == REVIEW).passed
    years = (each.event for each in bundle if isinstance(each.event, CycleOpened))
    assert {each.unit_id for each in years} == {ROOT, TOP}


@BOTH
@pytest.mark.parametrize("kind", [*JUDGE, RatingAnnounced])
@pytest.mark.parametrize("told", [(TAKEN, OPENED_ABOVE), (VOIDED,)], ids=["taken", "voided"])
def test_nobody_is_judged_in_a_year_that_holds_no_more(
    told: tuple[Event, ...], kind: type[Event], *, whole: bool
) -> None:
    history = before(A_MEMBERS, kind)

    (found,) = wrong(after(history, *told, first_of(A_MEMBERS, kind)), whole=whole)

    assert "a unit above " in found


@BOTH
@pytest.mark.parametrize(
    ("wanted", "kind"),
    [*BY_HAND, (GONE_AND_BACK, ReviewResumed), (A_MEMBERS, ReviewReopened)],
)
def test_no_year_goes_on_by_a_hand_of_one_that_holds_no_more(
    wanted: Sequence[Asked], kind: type[Event], *, whole: bool
) -> None:
    history, told = by_hand(wanted, kind)

    (found,) = wrong(after(history, VOIDED, told), whole=whole)

    assert "a unit above voided this year" in found


@pytest.mark.parametrize("kind", JUDGE)
def test_no_unit_is_judged_in_a_year_that_holds_no_more(kind: type[Event]) -> None:
    history = before(A_UNITS, kind)

    found = wrong(after(history, VOIDED, first_of(A_UNITS, kind)), whole=False, subject=AS_UNIT)

    assert "a unit above voided this year" in found[0]


@pytest.mark.parametrize("told", [(TAKEN, OPENED_ABOVE), (VOIDED,)], ids=["taken", "voided"])
def test_a_review_that_did_not_follow_its_year_is_found_after_a_day(
    told: tuple[Event, ...],
) -> None:
    history = after(history_of(A_MEMBERS), *told)
    bundle, at = bundle_of(history, YEAR, MEMBER), history[-1].entry.recordedat

    soon, late = (check_law(bundle, rules_of, at + A_DAY * days) for days in (1, 2))

    assert soon.passed
    assert f"nothing followed in {REVIEW}: a unit above " in late.detail


def test_of_what_was_never_opened_or_followed_in_time_nothing_is_left_behind() -> None:
    history, late = history_of(TAKEN_OVER), datetime.fromisoformat("2027-01-01T00:00:00Z")
    told = log_of(rules_of)
    for each in history:
        told.tell(each)
    moved = log_of(rules_of)
    for each in until(TAKEN_OVER, ReviewMoved):
        moved.tell(each)

    for log, stream in ((told, REVIEW), (moved, REVIEW), (told, review_stream(YEAR, AS_UNIT))):
        assert year_law.why_left_behind(log, log.review_of(stream), stream, late) == ""


@BOTH
@pytest.mark.parametrize("kind", [PlanReturned, PlanAgreed, MilestoneApproved, FollowerNamed])
def test_no_plan_is_judged_where_it_was_left_out_that_its_member_came_to_an_office(
    kind: type[Event], *, whole: bool
) -> None:
    history = before(A_MEMBERS, kind)

    found = wrong(after(history, given(HEADS), first_of(A_MEMBERS, kind)), whole=whole)

    assert "this plan follows its member before other units" in found[-1]


@BOTH
def test_a_plan_goes_on_before_those_whom_its_member_does_not_head(*, whole: bool) -> None:
    history = after(before(A_MEMBERS, PlanAgreed), given(HEADS))
    right, lower = (
        PlanMoved(period=YEAR, member_id=MEMBER, path=path) for path in ((TOP,), (CELL,))
    )

    assert wrong(after(history, right), whole=whole) == []
    (otherwise,) = wrong(after(history, lower), whole=whole)
    assert "plan.moved is not as the law decides it: path" in otherwise
    (again,) = wrong(after(history, right, right), whole=whole)
    assert "the plan is before those who judge it already" in again


def test_nobody_below_follows_a_plan_and_a_bundle_does_not_know_where_they_are() -> None:
    right = PlanMoved(period=YEAR, member_id=MEMBER, path=(TOP,))
    follows = replace(first_of(A_MEMBERS, PlanAgreed), by=LEADERS_HAND)
    told = after(before(A_MEMBERS, PlanAgreed), given(HEADS), right, follows)

    (found,) = wrong(told, whole=True)

    assert "somebody follows this plan who is not below whose plan it is" in found
    assert wrong(told, whole=False) == []


def test_that_nobody_follows_a_plan_is_told_of_whoever_is_below_alone() -> None:
    moved = PlanMoved(period=YEAR, member_id=MEMBER, path=(TOP,))
    agreed = first_of(A_MEMBERS, PlanAgreed)
    history = after(before(A_MEMBERS, PlanAgreed), agreed)
    no_more = PlanUnfollowed(
        period=YEAR, member_id=MEMBER, follower_id=agreed.follower_id, reason=BELOW
    )
    headed = after(history, given(HEADS), moved)

    assert wrong(after(headed, no_more), whole=True) == []
    assert wrong(after(headed, no_more), whole=False) == []
    for told in (after(history, no_more), after(headed, no_more, no_more)):
        (found,) = wrong(told, whole=True)
        assert "whoever follows this plan goes on" in found
    (found,) = wrong(after(headed, replace(no_more, reason=Code("left"))), whole=True)
    assert "plan.unfollowed is not as the law decides it: reason" in found
    (found,) = wrong(after(headed, replace(no_more, follower_id=MEMBER)), whole=False)
    assert "plan.unfollowed is not as the law decides it: " in found


def test_a_plan_that_went_on_before_a_unit_above_does_not_do_so_again() -> None:
    (found,) = wrong(
        after(until(TAKEN_OVER, PlanMoved), first_of(TAKEN_OVER, PlanMoved)), whole=True
    )

    assert f"it goes on before {ABOVE} already" in found


def late_verdicts(history: Sequence[Recorded]) -> list[Check]:
    """Return what is said of the law by the bundle of a log that ended a day ago, and two."""
    bundle, at = bundle_of(history, YEAR, MEMBER), history[-1].entry.recordedat
    return [check_law(bundle, rules_of, at + A_DAY * days) for days in (1, 2)]


@pytest.mark.parametrize(("review", "did"), [(ReviewMoved, "took over"), (ReviewVoided, "voided")])
def test_a_plan_that_did_not_follow_its_review_is_found_after_a_day(
    review: type[Event], did: str
) -> None:
    history = until(TAKEN_OVER, review)

    soon, late = late_verdicts(history)

    by = first_of(TAKEN_OVER, review).by.member_id
    assert soon.passed
    assert late.detail == f"nothing followed in {plan_stream(YEAR, MEMBER)}: {by} {did} its review"


@pytest.mark.parametrize(("review", "plan"), [(ReviewMoved, PlanMoved), (ReviewVoided, PlanVoided)])
def test_a_plan_follows_just_before_its_review_or_just_after_it(
    review: type[Event], plan: type[Event]
) -> None:
    of_plan, of_review = first_of(TAKEN_OVER, plan), first_of(TAKEN_OVER, review)
    history = before(TAKEN_OVER, review)

    for told in ((of_plan, of_review), (of_review, of_plan)):
        assert [each.passed for each in late_verdicts(after(history, *told))] == [True, True]


def test_a_review_without_a_plan_leaves_none_behind() -> None:
    opened = until(VOIDED_ANEW, ReviewOpened)

    history = after(opened, VOIDED, first_of(VOIDED_ANEW, ReviewVoided))

    assert [each.passed for each in late_verdicts(history)] == [True, True]


def test_a_plan_that_is_before_who_took_its_year_over_already_has_nothing_to_follow() -> None:
    history = before(TAKEN_OVER, ReviewMoved)
    there = PlanMoved(period=YEAR, member_id=MEMBER, path=(ABOVE,))

    told = after(history, given(ABOVE_HAND), there, first_of(TAKEN_OVER, ReviewMoved))

    assert [each.passed for each in late_verdicts(told)] == [True, True]


def test_a_plan_that_followed_posts_alone_did_not_follow_its_review() -> None:
    history = until(TAKEN_OVER, ReviewMoved)
    by_posts = PlanMoved(period=YEAR, member_id=MEMBER, path=(TOP,))

    soon, late = late_verdicts(after(history, given(HEADS), by_posts))

    assert soon.passed
    assert "nothing followed in" in late.detail
