"""Whose review is opened, in which group, before which units, and with which steps."""

from typing import Any

import msgspec
import pytest
from msgspec import UNSET

from events.definitions.review import ReviewOpened
from events.domain.review import opening, review
from events.domain.rulebook.validity import read
from events.domain.year.rules import Rules
from events.identifiers import UnitId
from events.store import reference
from tests.support.law import CELL, RULES, TOP, at, records, rejection_of
from tests.support.party_rules import (
    CRITICISED_ONESELF,
    OPENED,
    PARTY,
    REOPENED,
    decided,
    held,
    opens,
    proposed,
)

NOW = at(6, 1, year=2025)
OTHER = UnitId("otheraaaaaaaaaaaaaaaaaaaaa")


def opened(rules: Rules = PARTY, **changed: Any) -> ReviewOpened:
    return opening.open_review(review.EMPTY, opens(**changed), rules, now=NOW)


def test_a_review_takes_the_steps_of_its_edition_in_their_order() -> None:
    assert opened().steps == (
        "commitment",
        "self_critique",
        "meeting",
        "proposal",
        "appraisal",
        "decision",
        "announcement",
    )
    assert opened(RULES).steps == (
        "commitment",
        "self_critique",
        "proposal",
        "decision",
        "announcement",
    )


def test_steps_with_a_day_of_the_year_are_due_from_the_opening_on() -> None:
    assert {due.step: due.due_at.date().isoformat() for due in opened().dues} == {
        "commitment": "2025-02-03",  # 31 January is in the Tết holidays
        "self_critique": "2025-12-05",
    }


@pytest.mark.parametrize(
    ("changed", "group"),
    [
        ({"posts": ((CELL, "secretary"),)}, "leader"),
        ({"posts": ((CELL, "secretary"),), "kinds": ("neighbourhood_cell", "committee")}, "leader"),
        ({"kinds": ("neighbourhood_cell", "committee")}, "outside"),
        ({"posts": ((CELL, "committee_member"),)}, "member"),
        ({}, "member"),
    ],
)
def test_posts_and_kind_of_unit_say_in_which_group_somebody_is(
    changed: dict[str, Any], group: str
) -> None:
    assert opened(**changed).group == group


def test_without_groups_the_same_holds_for_everybody() -> None:
    assert opened(RULES).group is UNSET


def test_somebody_is_reviewed_in_their_unit_and_where_their_posts_take_them() -> None:
    posts = ((CELL, "secretary"), (TOP, "committee_member"), (OTHER, "clerk"))

    assert opened(posts=posts).places == (CELL, TOP)
    assert opened().places == (CELL,)
    assert opened(RULES, posts=posts).places == ()


@pytest.mark.parametrize("away", ["exempt", "suspended"])
def test_exempt_and_suspended_members_are_not_reviewed(away: str) -> None:
    rejection_of(lambda: opened(away=away), "exempt")


def test_nobody_is_told_for_which_reason_somebody_absent_is_not_reviewed() -> None:
    refused = rejection_of(lambda: opened(away="suspended"), "exempt")

    assert (refused.rule, refused.needed) == ("exemptions", "absent members are not reviewed")


def test_no_edition_has_the_exempt_reviewed() -> None:
    rejection_of(lambda: opened(RULES, away="exempt"), "exempt")


def test_whoever_is_only_sick_is_reviewed() -> None:
    assert opened(away="sick").unrated is UNSET


def test_whoever_is_a_member_for_less_than_six_months_by_the_self_critique_is_not_reviewed() -> (
    None
):
    rejection_of(lambda: opened(member_since=at(6, 6, year=2025)), "exempt")

    assert opened(member_since=at(5, 6, year=2025)).unrated is UNSET


def test_whoever_came_in_the_autumn_before_is_reviewed_though_the_year_opens_in_january() -> None:
    assert opened(member_since=at(1, 9, year=2024)).unrated is UNSET


def test_opened_late_a_review_measures_by_the_day_that_its_self_critique_is_due_then() -> None:
    late = at(22, 12, year=2025)

    found = opening.open_review(
        review.EMPTY, opens(member_since=at(10, 6, year=2025)), PARTY, now=late
    )

    assert found.unrated is UNSET


def test_by_another_edition_a_new_member_is_reviewed_and_not_rated() -> None:
    rules = msgspec.structs.replace(
        PARTY, rulebook=read(reference.shipped_document("rulebook", "qd132_hd21"))
    )

    found = opened(rules, member_since=at(1, 12, year=2025))

    assert found.unrated == "new"
    assert found.steps == ("commitment", "self_critique", "meeting")
    state = review.fold(records(found, CRITICISED_ONESELF, held()))
    assert (review.stage(state), review.tasks(state)) == ("announced", (review.tasks(state)))


def test_a_quarter_reviews_leaders_only() -> None:
    rules = msgspec.structs.replace(
        PARTY, rulebook=read(reference.shipped_document("rulebook", "kl198_hd02"))
    )

    rejection_of(lambda: opened(rules), "not_reviewed")

    leader = opened(rules, posts=((CELL, "secretary"),), period="2026-q1")
    assert leader.steps == ("self_critique", "proposal", "decision", "announcement")


def test_nobody_is_opened_twice() -> None:
    state = review.fold(records(OPENED))

    rejection_of(lambda: opening.open_review(state, opens(), PARTY, now=NOW), "already_open")


def test_a_review_follows_its_member_into_another_unit() -> None:
    moved = opening.move_review(
        review.fold(records(OPENED, CRITICISED_ONESELF)), opens(path=(OTHER, TOP)), PARTY
    )

    state = review.fold(records(OPENED, CRITICISED_ONESELF, moved))
    assert (state.path, state.venues, state.venues_left()) == ((OTHER, TOP), (OTHER,), (OTHER,))


def test_a_review_that_is_proposed_stays_where_it_is() -> None:
    state = review.fold(records(OPENED, CRITICISED_ONESELF, held(), proposed()))

    rejection_of(lambda: opening.move_review(state, opens(path=(OTHER, TOP)), PARTY), "too_late")


def test_a_review_that_is_rated_again_stays_where_it_was() -> None:
    events = (OPENED, CRITICISED_ONESELF, held(), proposed(), decided(4), REOPENED)
    state = review.fold(records(*events))

    rejection_of(lambda: opening.move_review(state, opens(path=(OTHER, TOP)), PARTY), "too_late")


def test_a_review_moves_only_when_the_member_did() -> None:
    state = review.fold(records(OPENED))

    rejection_of(lambda: opening.move_review(state, opens(), PARTY), "already_done")
    rejection_of(lambda: opening.move_review(review.EMPTY, opens(), PARTY), "not_open")
