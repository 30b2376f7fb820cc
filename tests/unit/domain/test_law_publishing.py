"""What was published never changes, whoever publishes: whoever verifies finds other content."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from events.definitions.cycle import CycleOpened, DocumentKind, DocumentPublished, IssuerFreed
from events.definitions.deadline import CalendarSupplemented
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.records import Digest, Label
from events.definitions.review import RatingProposed
from events.definitions.roster import IssuerNamed
from events.domain.verification.published import Published, check_publications, wrong_document
from events.store import reference
from tests.support.forged import after, before, wrong
from tests.support.law import LEADERS_HAND
from tests.support.lawful import found_in, on
from tests.support.lawful_facts import (
    BEGUN,
    CALENDAR,
    HIGHESTS_HAND,
    NEXTS_HAND,
    OTHER,
    REVIEW,
    ROOT,
    ROSTER,
    RULEBOOK,
    YEAR_OPENED,
    opened,
    published,
    rules_of,
)
from tests.support.lawful_years import A_MEMBERS, history_of

BOTH = pytest.mark.parametrize("whole", [True, False], ids=["log", "bundle"])
NEUTRAL = reference.shipped_document("rulebook", "neutral")
OF_NEUTRAL = DocumentPublished(
    issuer=Label("tusoi"),
    kind=DocumentKind.RULEBOOK,
    name=Label("neutral"),
    edition=Label(NEUTRAL["edition"]),
    digest=Digest("aa" * 32),
)
OURS, THEIRS = Label("suoi_guong"), Label("others")
OWN: Any = published("e1" * 32, DocumentKind.RULEBOOK, issuer=OURS, by=LEADERS_HAND)
BY_OPERATOR = published("e1" * 32, DocumentKind.RULEBOOK, issuer=THEIRS)
FREED = IssuerFreed(issuer=THEIRS)


def refused(history: Sequence[Recorded], fact: Event) -> str:
    """Return why the law refuses a fact that is told last."""
    *_, found = found_in(after(history, fact), rules_of)
    return found


@BOTH
def test_no_edition_is_published_again_with_other_content(*, whole: bool) -> None:
    history = before(A_MEMBERS, RatingProposed)
    lax = published("e1" * 32, DocumentKind.RULEBOOK)

    (found,) = wrong(after(history, lax), whole=whole)

    assert "rulebook 1 is published already" in found


@BOTH
def test_the_same_edition_is_told_once(*, whole: bool) -> None:
    history = before(A_MEMBERS, RatingProposed)
    again = published(RULEBOOK, DocumentKind.RULEBOOK)

    (found,) = wrong(after(history, again), whole=whole)

    assert found == "document.published is refused by the law: it was published already"


def test_a_name_is_kept_by_whom_it_was_given_to_first() -> None:
    named = IssuerNamed(unit_id=OTHER, issuer=Code(OURS))
    history = history_of((*ROSTER, *on("2025-11-01", OWN, named)))
    later = replace(OWN, edition=Label("2"))

    assert found_in(after(history, later), rules_of) == []
    assert "is the name of another issuer" in refused(history, replace(later, by=NEXTS_HAND))
    without = published("e2" * 32, DocumentKind.RULEBOOK, "2", issuer=OURS)
    assert "is the name of another issuer" in refused(history, without)


def test_a_name_is_freed_while_no_year_was_opened_under_it_and_begins_anew() -> None:
    history = history_of((*ROSTER, *on("2025-11-01", BY_OPERATOR)))
    other = published("e2" * 32, DocumentKind.RULEBOOK, issuer=THEIRS)
    opened = history_of(BEGUN)

    assert found_in(after(history, FREED, other), rules_of) == []
    assert "is published already" in refused(history, other)
    assert refused(after(history, FREED), FREED)
    assert refused(opened, IssuerFreed(issuer=Label("tusoi")))


def test_a_name_is_not_freed_under_which_a_year_was_opened() -> None:
    theirs = published(RULEBOOK, DocumentKind.RULEBOOK, issuer=THEIRS)
    under_it = history_of((*BEGUN, *on("2025-11-02", theirs)))

    assert any(isinstance(each.event, CycleOpened) for each in under_it)
    assert "one was under an edition" in refused(under_it, FREED)


@BOTH
def test_a_year_is_opened_under_what_was_published_again_and_not_under_what_was_freed(
    *, whole: bool
) -> None:
    theirs = published(RULEBOOK, DocumentKind.RULEBOOK, issuer=THEIRS)
    calendar = published(CALENDAR, DocumentKind.CALENDAR)

    def opened_after(*facts: Event) -> list[str]:
        begun = on("2025-11-01", calendar, theirs, *facts, YEAR_OPENED)
        history = history_of((*ROSTER, *begun, *on("2025-11-03", opened())))
        return wrong(history, whole=whole)

    assert {*opened_after(FREED)} == {f"document {RULEBOOK} was not published by then"}
    assert opened_after(FREED, theirs) == []


def test_what_is_published_again_after_its_name_was_freed_is_the_later_one() -> None:
    first, second = (
        published(digest * 32, DocumentKind.CALENDAR, edition, issuer=THEIRS)
        for digest, edition in (("e1", "1"), ("e2", "2"))
    )
    told = Published()
    for each in (first, second, FREED, second, first):
        told.tell(each)

    assert told.is_later("e1" * 32, "e2" * 32)
    assert not told.is_later("e2" * 32, "e1" * 32)


def test_a_calendar_by_which_a_year_goes_on_is_used() -> None:
    told = Published()

    told.tell(CalendarSupplemented(subject=REVIEW, calendar=Digest(CALENDAR), dues=()))

    assert told.used == {CALENDAR}


def test_of_a_name_that_was_freed_a_bundle_says_what_the_whole_log_alone_shows() -> None:
    history = history_of((*ROSTER, *on("2025-11-01", BY_OPERATOR)))
    told = after(history, FREED, BY_OPERATOR)

    assert "the whole log shows" not in check_publications(history, {}).detail
    assert "the whole log shows that no year was opened before others was freed" in (
        check_publications(told, {}).detail
    )


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": Label("others")},
        {"kind": DocumentKind.CALENDAR},
        {"name": Label("another")},
        {"edition": Label("99")},
    ],
    ids=str,
)
def test_a_document_is_published_as_what_it_is(other: dict[str, Any]) -> None:
    told = replace(OF_NEUTRAL, **other)

    assert list(wrong_document(OF_NEUTRAL, NEUTRAL)) == []
    (found,) = wrong_document(told, NEUTRAL)
    assert f"and is tusoi rulebook neutral {NEUTRAL['edition']}" in found


def test_a_document_that_is_not_sound_is_found() -> None:
    history = after((), OF_NEUTRAL, time="2025-11-01T02:00:00Z")

    def check(document: object) -> tuple[bool, str]:
        found = check_publications(history, {OF_NEUTRAL.digest: document})
        return found.passed, found.detail

    assert check(NEUTRAL) == (True, "1 documents, each sound and what was published")
    passed, detail = check({**NEUTRAL, "levels": []})
    assert not passed
    assert detail.startswith(f"document {OF_NEUTRAL.digest} is not sound: ")
    assert not check("a word")[0]
    assert check_publications(history, {}).passed


@BOTH
def test_a_committee_rates_by_the_edition_of_one_that_is_not_on_its_way_up(*, whole: bool) -> None:
    named = IssuerNamed(unit_id=ROOT, issuer=Code(THEIRS))
    theirs = published(RULEBOOK, DocumentKind.RULEBOOK, issuer=THEIRS, by=HIGHESTS_HAND)
    calendar = published(CALENDAR, DocumentKind.CALENDAR)
    begun = on("2025-11-01", named, theirs, calendar, YEAR_OPENED)

    history = history_of((*ROSTER, *begun, *on("2025-11-03", opened())))

    assert wrong(history, whole=whole) == []
