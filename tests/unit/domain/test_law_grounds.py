"""A review that nobody could reopen so is found: its ground, its days and who are the edition's."""

from dataclasses import replace
from typing import Any

import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened
from tests.support.forged import after, before, first_of, wrong
from tests.support.law import CELL, LEADERS_HAND, PEER
from tests.support.lawful_facts import ABOVE, HIGHESTS_HAND
from tests.support.lawful_years import UPHELD

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])


def found(time: str = "2026-01-05T02:00:00Z", *, whole: bool, **changed: Any) -> list[str]:
    """Return what is found where a review was reopened, with some of it forged."""
    again: Event = replace(first_of(UPHELD, ReviewReopened), **changed)
    told = after(before(UPHELD, ReviewReopened), again, time=time)
    return [each for each in wrong(told, whole=whole) if "proposal_due_at" not in each]


@BOTH
def test_by_a_unit_above_or_one_above_that_a_review_is_reopened_as_the_edition_has_it(
    *, whole: bool
) -> None:
    assert found(whole=whole) == []
    assert found(whole=whole, by=HIGHESTS_HAND) == []
    assert found("2026-03-10T02:00:00Z", whole=whole) == []  # the ninetieth day


@BOTH
@pytest.mark.parametrize(
    ("time", "changed", "why"),
    [
        ("2026-01-05", {"ground": Code("fault_found")}, "name a ground of this edition"),
        ("2026-03-11", {}, "it was to be reopened by 2026-03-10"),
        ("2026-01-05", {"by": LEADERS_HAND}, "takes one of the posts"),
        (
            "2026-01-05",
            {"by": Hand(member_id=PEER, unit_id=CELL, post=Code("secretary"))},
            "takes one of the posts",
        ),
    ],
    ids=["no ground", "too late", "who decides", "from below"],
)
def test_what_the_edition_does_not_let_is_found(
    time: str, changed: dict[str, Any], why: str, *, whole: bool
) -> None:
    told = found(f"{time}T02:00:00Z", whole=whole, **changed)

    assert any(why in each for each in told)


@BOTH
def test_whoever_holds_no_post_above_is_found(*, whole: bool) -> None:
    nobody = Hand(member_id=PEER, unit_id=ABOVE, post=Code("secretary"))

    assert any("secretary of" in each for each in found(whole=whole, by=nobody))
