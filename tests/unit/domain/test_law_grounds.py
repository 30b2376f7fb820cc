"""A review that nobody could reopen so is found: its ground, its days and who are the edition's."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from msgspec import UNSET

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened, StatementMade
from events.definitions.review import RatingProposed, StepWaived
from events.domain.verification import repeats
from tests.support.forged import after, before, first_of, wrong
from tests.support.law import CELL, LEADERS_HAND, PEER
from tests.support.lawful_facts import ABOVE, HIGHESTS_HAND
from tests.support.lawful_years import HEARD, STATED, UPHELD, history_of

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
        ("2026-01-05", {"ground": Code("somehow")}, "name a ground of this edition"),
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


# Whether they were heard


def heard_until(kind: type[Event], number: int) -> tuple[list[Recorded], Event]:
    """Return the fact of a kind and a number in a year with statements, and what was before it."""
    history = history_of(HEARD)
    place = [n for n, each in enumerate(history) if isinstance(each.event, kind)][number]
    return history[:place], history[place].event


@BOTH
def test_a_proposal_before_the_statement_was_made_or_waived_is_found(*, whole: bool) -> None:
    (spoken, stated), (silent, waived) = heard_until(StatementMade, 0), heard_until(StepWaived, 0)
    proposed = first_of(HEARD, RatingProposed)

    for history, needed in ((spoken, stated), (silent, waived)):
        early = wrong(after(history, proposed), whole=whole)
        assert any("statement comes first" in each for each in early)
        late = wrong(after(history, needed, proposed), whole=whole)
        assert not any("statement comes first" in each for each in late)


@BOTH
def test_a_statement_that_nobody_asked_for_is_found(*, whole: bool) -> None:
    reopened = first_of(UPHELD, ReviewReopened)  # on a ground that hears nobody
    before_any, again = before(UPHELD, ReviewReopened), heard_until(StatementMade, 0)[0]

    for history in (before_any, after(before_any, reopened)):
        assert "no statement" in wrong(after(history, STATED), whole=whole)[-1]
    twice = wrong(after(again, STATED, STATED), whole=whole)
    assert any("statement was done already" in each for each in twice)


@BOTH
def test_days_for_a_statement_are_those_of_the_edition(*, whole: bool) -> None:
    history, again = heard_until(ReviewReopened, 1)
    assert isinstance(again, ReviewReopened)
    assert again.statement_due_at
    short = replace(again, statement_due_at=again.statement_due_at - timedelta(days=1))
    unheard = replace(again, statement_due_at=UNSET, proposal_due_at=again.statement_due_at)

    for forged in (short, unheard):
        assert "statement_due_at" in wrong(after(history, forged), whole=whole)[0]


@BOTH
def test_a_waiver_before_the_days_are_over_is_found(*, whole: bool) -> None:
    history, _ = heard_until(StatementMade, 0)
    waived = heard_until(StepWaived, 0)[1]

    assert "the edition waives nothing then" in wrong(after(history, waived), whole=whole)[0]


def test_a_second_statement_on_one_reopening_is_told_by_its_own_check() -> None:
    reviewed = [each for each in history_of(HEARD) if each.entry.stream.startswith("review-")]

    assert repeats.check_once(reviewed).passed
    assert not repeats.check_once(after(reviewed, STATED)).passed
