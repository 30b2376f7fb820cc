"""Who opens a year or publishes acts by what speaks for their unit; whoever verifies asks it."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from typing import Any

import msgspec
import pytest

from events.definitions.cycle import (
    CycleOpened,
    CycleVoided,
    DocumentKind,
    DocumentPublished,
    IssuerFreed,
)
from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.records import Digest, Hand, Label, Period
from events.definitions.roster import IssuerNamed, IssuerNameEnded, PostDelegated, PostRelieved
from events.domain.rulebook.rulebook import Rulebook
from events.domain.verification.speaking_checks import Editions, wrong_speaker
from events.errors import TusoiError
from events.identifiers import UnitId
from tests.support.history import record
from tests.support.law import LEADERS_HAND, PEER, TOP
from tests.support.lawful import log_of, on
from tests.support.lawful_facts import (
    ABOVE,
    LENIENT,
    NAMING,
    NEXTS_HAND,
    OTHER,
    PUBLISHED,
    ROSTER,
    ROW,
    RULEBOOK,
    SUPERIORS_HAND,
    YEAR_OPENED,
    given,
    published,
    rules_of,
)
from tests.support.lawful_years import YEARS, history_of
from tests.support.party_rules import PARTY, WORDS

CLERKS_HAND = Hand(member_id=PEER, unit_id=TOP, post=Code("clerk"))
THEIRS = Digest("d1" * 32)  # an edition of others, by which clerks act and nobody else
BOOKS = {
    THEIRS: msgspec.structs.replace(
        PARTY.rulebook, issuer="others", stated_offices=("clerk",), stated_roles=None
    ),
    RULEBOOK: msgspec.structs.replace(PARTY.rulebook, issuer="tusoi"),
}
BY_STRANGER = (
    IssuerNamed(unit_id=OTHER, issuer=Code("others")),
    published(THEIRS, DocumentKind.RULEBOOK, issuer=Label("others"), by=NEXTS_HAND),
)
BY_OPERATOR = published(THEIRS, DocumentKind.RULEBOOK, issuer=Label("others"))
BY_ABOVE = (
    IssuerNamed(unit_id=ABOVE, issuer=Code("others")),
    published(THEIRS, DocumentKind.RULEBOOK, issuer=Label("others"), by=SUPERIORS_HAND),
)
OPENED_BY_CLERK = replace(YEAR_OPENED, rulebook=THEIRS, by=CLERKS_HAND)
FREED = IssuerFreed(issuer=Label("others"))
OURS: Any = published(RULEBOOK, DocumentKind.RULEBOOK)
NO_POST = f"holds no post that acts for {TOP} by what speaks for it"


def book(digest: str) -> Rulebook:
    if digest not in BOOKS:
        raise TusoiError(f"no document {digest}")
    return BOOKS[Digest(digest)]


EDITIONS = Editions(book, lambda: (PARTY.rulebook,), lambda: {RULEBOOK})


def year(period: str, **told: Any) -> CycleOpened:
    return replace(YEAR_OPENED, period=Period(period), **told)


def found(told: Iterable[Event], fact: Event, principal: str = "account:any") -> list[str]:
    """Return what is wrong with who tells a fact, after some others were told of the units."""
    begun = (*ROSTER, *PUBLISHED[:2], *on("2025-11-01", given(CLERKS_HAND)))
    log, known = log_of(rules_of), history_of(begun)
    for each in known:
        log.tell(each)
    at = known[-1].entry.time
    for number, event in enumerate(told, start=100):
        log.tell(record(event, version=number, time=at, told_at=at))
    last = record(fact, version=200, time=at, told_at=at)
    entry = msgspec.structs.replace(last.entry, principal=principal)
    return list(wrong_speaker(log, Recorded(entry, fact), EDITIONS))


@pytest.mark.parametrize("name", YEARS)
def test_in_a_lawful_year_everybody_acts_by_what_speaks_for_their_unit(name: str) -> None:
    wanted, _ = YEARS[name]
    log, wrong = log_of(rules_of), list[str]()
    editions = Editions(
        lambda digest: BOOKS.get(Digest(digest), PARTY.rulebook),
        EDITIONS.shipped,
        lambda: {RULEBOOK, LENIENT, ROW, NAMING, "e1" * 32, "e2" * 32},
    )

    for each in history_of(wanted):
        wrong += wrong_speaker(log, each, editions)
        log.tell(each)

    assert wrong == []


def test_for_a_unit_with_no_edition_of_its_own_ours_speaks_and_no_strangers() -> None:
    (no,) = found(BY_STRANGER, OPENED_BY_CLERK)

    assert no == f"{PEER} {NO_POST}"
    assert found(BY_STRANGER, YEAR_OPENED) == []


def test_who_holds_a_post_that_speaks_opens_under_an_edition_by_another_of_theirs() -> None:
    by = replace_post(LEADERS_HAND, "clerk")

    assert found((*BY_STRANGER, given(by)), replace(OPENED_BY_CLERK, by=by)) == []
    relieved = PostRelieved(member_id=LEADERS_HAND.member_id, unit_id=TOP, post=LEADERS_HAND.post)
    assert found((*BY_STRANGER, given(by), relieved), replace(OPENED_BY_CLERK, by=by))


def test_who_stands_in_opens_a_year_by_a_post_that_speaks_while_they_do() -> None:
    whose = LEADERS_HAND.member_id
    by = Hand(member_id=PEER, unit_id=TOP, post=LEADERS_HAND.post, for_id=whose)
    opened = replace(YEAR_OPENED, by=by)

    def delegated(until: date) -> Event:
        return PostDelegated(member_id=PEER, unit_id=TOP, post=by.post, for_id=whose, until=until)

    assert found((delegated(date(2026, 6, 30)),), opened) == []
    assert found((), opened) == [f"{PEER} {NO_POST}"]
    assert found((delegated(date(2020, 6, 30)),), opened) == [f"{PEER} {NO_POST}"]


def replace_post(hand: Hand, post: str) -> Hand:
    return msgspec.structs.replace(hand, post=Code(post))


@pytest.mark.parametrize("unit_id", [TOP, ABOVE])
def test_what_is_published_under_a_name_of_a_unit_or_of_one_above_speaks_for_it(
    unit_id: UnitId,
) -> None:
    named = IssuerNamed(unit_id=unit_id, issuer=Code("others"))
    ended = IssuerNameEnded(unit_id=unit_id, issuer=Code("others"))

    assert found((*BY_STRANGER, named), OPENED_BY_CLERK) == []
    assert found((*BY_STRANGER, named), YEAR_OPENED)  # and ours speaks no more
    assert found((*BY_STRANGER, named, ended), OPENED_BY_CLERK)


def test_who_published_that_under_which_a_unit_opened_its_newest_year_speaks_for_it() -> None:
    by_theirs, by_ours = year("2024", rulebook=THEIRS), year("2023")
    voided = CycleVoided(period=Period("2024"), unit_id=TOP, by=SUPERIORS_HAND, text=WORDS)

    assert found((*BY_STRANGER, by_theirs, by_ours), OPENED_BY_CLERK) == []
    assert found((*BY_STRANGER, by_theirs, year("2025-q1")), OPENED_BY_CLERK)
    assert found((*BY_STRANGER, by_theirs, voided), OPENED_BY_CLERK)
    above = year("2024", unit_id=ABOVE, by=SUPERIORS_HAND, rulebook=THEIRS)
    assert found((*BY_STRANGER, above), OPENED_BY_CLERK) == []


def test_a_year_that_came_from_below_brings_no_edition_to_the_unit_that_took_it_over() -> None:
    from_below = year("2024", rulebook=THEIRS, taken_from=OTHER)

    assert found((*BY_STRANGER, from_below), OPENED_BY_CLERK)
    assert found(BY_STRANGER, replace(from_below, by=CLERKS_HAND)) == []  # asked when it was taken


def test_what_the_operator_published_speaks_as_ours_does_until_its_name_is_freed() -> None:
    assert found((BY_OPERATOR,), OPENED_BY_CLERK) == []
    assert found((BY_OPERATOR,), YEAR_OPENED) == []
    assert found((BY_OPERATOR, FREED), OPENED_BY_CLERK)


def test_a_unit_publishes_by_a_post_that_speaks_for_it() -> None:
    own: Any = published(
        "e1" * 32, DocumentKind.RULEBOOK, issuer=Label("suoi_guong"), by=LEADERS_HAND
    )

    assert found((), own) == []
    (no,) = found((), replace(own, kind=DocumentKind.CALENDAR))
    assert no.endswith("is a calendar: units publish rulebooks alone")
    assert found((), replace(own, by=CLERKS_HAND)) == [f"{PEER} {NO_POST}"]
    assert found(BY_ABOVE, replace(own, by=CLERKS_HAND)) == []


def test_nobody_but_the_operator_publishes_for_no_unit_what_is_not_shipped() -> None:
    changed = replace(OURS, digest=THEIRS)

    def named(fact: DocumentPublished, principal: str) -> bool:
        return found((), fact, principal) != []

    assert not named(OURS, "account:any")
    assert not named(OURS, "operator")
    assert named(replace(changed, issuer=Label("others")), "account:any")
    assert not named(replace(changed, issuer=Label("others")), "operator")
    assert named(changed, "operator")  # under our name
    assert not named(replace(changed, kind=DocumentKind.CALENDAR), "account:any")  # of older ones


def test_an_edition_that_nobody_can_read_lets_nobody_judge_who_acts() -> None:
    lost = published("ee" * 32, DocumentKind.RULEBOOK, issuer=Label("suoi_guong"), by=LEADERS_HAND)

    (no,) = found((lost,), YEAR_OPENED)

    assert no.startswith(f"which editions speak for {TOP} cannot be judged: ")


def test_of_other_facts_nobody_is_asked() -> None:
    assert found((), FREED) == []
