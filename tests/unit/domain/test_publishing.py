"""Whose name an edition is published under, and that what was published never changes."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import UNSET

from events.definitions.cycle import DocumentKind, DocumentPublished
from events.definitions.event import Code
from events.definitions.records import Digest, Hand, Label
from events.domain.aggregate.rejections import CommandRejected
from events.domain.documents import issuers
from events.domain.documents.issuers import OURS
from events.identifiers import UnitId
from tests.support.law import LEADER, LEADERS_HAND, rejection_of

OTHER_UNIT = UnitId("otheraaaaaaaaaaaaaaaaaaaaa")
OTHER_HAND = Hand(member_id=LEADER, unit_id=OTHER_UNIT, post=Code("secretary"))


def edition(
    name: str = "1", by: Hand | None = LEADERS_HAND, *, issuer: str = "xa", content: str = "aa"
) -> DocumentPublished:
    return DocumentPublished(
        issuer=Label(issuer),
        kind=DocumentKind.RULEBOOK,
        name=Label("own"),
        edition=Label(name),
        digest=Digest(content * 32),
        by=by or UNSET,
    )


def publish(before: list[DocumentPublished], wanted: DocumentPublished) -> DocumentPublished | None:
    """Return what is told where a unit publishes under a name that it was given."""
    return issuers.publish(before, wanted, named=True)


def test_a_unit_publishes_under_a_name_that_it_was_given_and_no_other() -> None:
    assert publish([], edition()) == edition()

    no = rejection_of(lambda: issuers.publish([], edition()), "issuer_not_given")
    assert no.needed == "HR or the operator gives this unit the name xa first"
    rejection_of(lambda: issuers.publish([edition()], edition("2")), "issuer_not_given")


def test_a_name_is_freed_unless_a_year_was_opened_under_it() -> None:
    freed = issuers.free([edition()], "xa", {"bb" * 32})

    assert freed.issuer == "xa"
    rejection_of(lambda: issuers.free([edition()], "xa", {"aa" * 32}), "issuer_used")
    rejection_of(lambda: issuers.free([], "xa", ()), "issuer_not_there")
    rejection_of(lambda: issuers.free([edition()], OURS, ()), "issuer_not_there")


def test_the_same_unit_goes_on_under_its_name() -> None:
    assert publish([edition()], edition("2", content="bb")) == edition("2", content="bb")


def test_what_was_published_is_not_told_again() -> None:
    assert publish([edition(), edition("2")], edition()) is None


def test_another_hand_of_the_unit_publishes_nothing_new() -> None:
    deputy = msgspec.structs.replace(LEADERS_HAND, post=Code("deputy_secretary"))

    assert publish([edition()], edition(by=deputy)) is None


@pytest.mark.parametrize(
    ("first", "later"), [(LEADERS_HAND, OTHER_HAND), (LEADERS_HAND, None), (None, LEADERS_HAND)]
)
def test_a_name_stays_with_who_used_it_first(first: Hand | None, later: Hand | None) -> None:
    rejection_of(lambda: publish([edition(by=first)], edition("2", later)), "issuer_taken")


def test_a_name_that_was_taken_from_a_unit_and_given_to_another_is_that_ones() -> None:
    before, others = [edition()], edition("2", OTHER_HAND)
    first, other = LEADERS_HAND.unit_id, OTHER_UNIT

    assert issuers.publish(before, others, named=True, holders=[other]) == others
    for holders, named, wanted, code in (
        ([first, other], True, others, "issuer_taken"),
        ([], False, others, "issuer_not_given"),
        ([other], True, edition(by=OTHER_HAND, content="bb"), "edition_taken"),
    ):
        rejection_of(
            lambda h=holders, n=named, w=wanted: issuers.publish(before, w, named=n, holders=h),  # type: ignore[misc]
            code,
        )
    both = [*before, others]  # it was given back to the first, and not taken from the other
    for hand in (LEADERS_HAND, OTHER_HAND):
        rejection_of(
            lambda by=hand: issuers.publish(  # type: ignore[misc]
                both, edition("3", by), named=True, holders=[first, other]
            ),
            "issuer_taken",
        )


def test_the_operator_publishes_under_names_of_nobody() -> None:
    assert issuers.publish([], edition(by=None)) == edition(by=None)
    assert publish([edition(by=None)], edition("2", None)) == edition("2", None)


def test_our_own_name_is_no_units() -> None:
    rejection_of(lambda: publish([], edition(issuer=OURS)), "issuer_taken")

    assert publish([], edition(by=None, issuer=OURS)) == edition(by=None, issuer=OURS)


def test_an_edition_never_gets_other_content() -> None:
    no = rejection_of(lambda: publish([edition()], edition(content="bb")), "edition_taken")

    assert "give it a new edition" in no.needed


def test_a_calendar_may_bear_the_name_of_a_rulebook() -> None:
    calendar = msgspec.convert(
        {**msgspec.to_builtins(edition()), "kind": "calendar", "digest": "cc" * 32},
        DocumentPublished,
    )

    assert publish([edition()], calendar) == calendar


wishes = st.lists(
    st.builds(
        edition,
        st.sampled_from(["1", "2"]),
        st.sampled_from([LEADERS_HAND, OTHER_HAND, None]),
        content=st.sampled_from(["aa", "bb"]),
    ),
    max_size=12,
)


@given(wishes)
def test_whatever_is_wished_an_edition_has_one_content_and_a_name_one_keeper(
    wished: list[DocumentPublished],
) -> None:
    published: list[DocumentPublished] = []
    for each in wished:
        try:
            told = publish(published, each)
        except CommandRejected:
            continue
        published += [told] if told else []

    contents = [(each.edition, each.digest) for each in published]
    assert len({name for name, _ in contents}) == len(contents)
    assert len({each.by.unit_id if each.by else "" for each in published}) <= 1
