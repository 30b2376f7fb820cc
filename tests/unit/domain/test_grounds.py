"""Which grounds let a rating be given again is an edition's to say: who, until when, by what."""

from dataclasses import replace
from typing import Any

import msgspec
import pytest

from events.definitions.event import Code
from events.definitions.records import Hand
from events.definitions.reopening import ReviewReopened
from events.domain.documents.document import Bilingual
from events.domain.documents.problems import DocumentInvalid
from events.domain.review import reopening, review
from events.domain.rulebook import validity
from events.domain.rulebook.grounds import Needs, Reopener, ReopeningGround
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from events.store import reference
from tests.support.law import LEADERS_HAND, SECRETARYS_HAND, at, records, rejection_of
from tests.support.party_rules import PARTY, RATED, RATED_AGAIN, REOPENED, WORDS

ABOVE = UnitId("aboveaaaaaaaaaaaaaaaaaaaaa")
SUPERIORS_HAND = Hand(
    member_id=MemberId("superioraaaaaaaaaaaaaaaaaa"), unit_id=ABOVE, post=Code("secretary")
)


def ground(name: str, **changed: Any) -> ReopeningGround:
    label = Bilingual(vi=name, en=name)
    told = {"id": name, "label": label, "needs": Needs.WORDS, "citation": "1", **changed}
    return ReopeningGround(**told)


def rules_with(*grounds: ReopeningGround) -> Rules:
    """Return the party's rules, under which a rating is given again on these grounds."""
    rulebook = msgspec.structs.replace(PARTY.rulebook, stated_reopening=grounds)
    return msgspec.structs.replace(PARTY, rulebook=rulebook)


UPHELD = rules_with(
    ground("petition_upheld", who=(Reopener.SUPERIOR,), within_days=30), ground("verified")
)


def reopen(name: str, rules: Rules = UPHELD, **changed: Any) -> ReviewReopened:
    """Return how somebody rated on the first of December is rated again, on a ground of words."""
    told = {"by": SUPERIORS_HAND, "ground": Code(name), "above": (ABOVE,), "text": WORDS, **changed}
    now = told.pop("now", at(10))
    state = told.pop("state", review.fold(records(*RATED)))
    return reopening.reopen_review(state, reopening.ReopenReview(**told), rules, now=now)


def test_a_document_without_grounds_has_those_that_there_always_were() -> None:
    names = [each.id for each in PARTY.rulebook.reopening]

    assert names == ["late_discipline", "discipline_lifted", "fault_found"]
    rejection_of(lambda: reopen("petition_upheld", PARTY), "unknown_ground")
    assert reopen("fault_found", PARTY, by=LEADERS_HAND).ground == "fault_found"


def test_an_edition_that_names_grounds_has_no_others() -> None:
    told = rejection_of(lambda: reopen("fault_found", by=LEADERS_HAND), "unknown_ground")

    assert "petition_upheld, verified" in str(told)


def test_a_ground_says_whether_those_who_decide_reopen_or_a_unit_above_them() -> None:
    assert reopen("petition_upheld").by == SUPERIORS_HAND
    assert reopen("verified", by=LEADERS_HAND).ground == "verified"

    rejection_of(lambda: reopen("petition_upheld", by=LEADERS_HAND), "not_competent")
    rejection_of(lambda: reopen("verified"), "not_competent")
    rejection_of(lambda: reopen("petition_upheld", above=()), "not_competent")
    rejection_of(lambda: reopen("petition_upheld", by=SECRETARYS_HAND), "not_competent")


def test_where_units_between_decide_those_above_them_in_the_year_are_superiors_too() -> None:
    opened = review.fold(records(*RATED))
    assert opened.opened is not None
    lower = replace(opened.opened.fact, rated_by=opened.opened.fact.path[:1])
    state = review.fold(records(lower, *RATED[1:]))

    assert reopen("petition_upheld", by=LEADERS_HAND, above=(), state=state).by == LEADERS_HAND


def test_several_may_reopen_on_one_ground() -> None:
    both = rules_with(ground("fault", who=(Reopener.AUTHORITY, Reopener.SUPERIOR)))

    assert {reopen("fault", both, by=by).by for by in (LEADERS_HAND, SUPERIORS_HAND)}


def test_days_are_counted_from_the_announcement_and_the_last_one_is_told() -> None:
    assert reopen("petition_upheld", now=at(31, hour=16)).ground  # the 31st of December in Hanoi
    told = rejection_of(lambda: reopen("petition_upheld", now=at(31, hour=17)), "reopened_too_late")

    assert "by 2026-12-31" in str(told)
    assert reopen("verified", by=LEADERS_HAND, now=at(1, year=2030)).ground


def test_nothing_is_reopened_before_an_announcement_on_any_ground() -> None:
    state = review.fold(records(*RATED[:-1]))

    rejection_of(lambda: reopen("petition_upheld", state=state), "step_missing")
    assert reopening.last_day(state, UPHELD.rulebook.reopening[0]) is None


def test_a_ground_of_words_names_its_reason_and_no_decision() -> None:
    rejection_of(lambda: reopen("petition_upheld", text=msgspec.UNSET), "reason_needed")

    assert reopen("petition_upheld", decision=REOPENED.decision).decision is msgspec.UNSET


def test_each_ground_of_words_has_an_end_of_its_own() -> None:
    upheld = replace(REOPENED, ground=Code("petition_upheld"), decision=msgspec.UNSET, text=WORDS)
    state = review.fold(records(*RATED, *(upheld, *RATED_AGAIN[1:]) * reopening.FAULTS_MAX))

    rejection_of(lambda: reopen("petition_upheld", state=state), "too_many")
    assert reopen("verified", by=LEADERS_HAND, state=state).ground


def test_a_discipline_proves_a_ground_of_whatever_name() -> None:
    rules = rules_with(ground("punished_since", needs=Needs.LATE_DISCIPLINE))
    decision = REOPENED.decision
    assert decision
    named = {"by": LEADERS_HAND, "decision": decision}

    rejection_of(lambda: reopen("punished_since", rules, **named), "no_discipline")
    assert reopen("punished_since", rules, **named, late=[decision.sealed]).decision == decision


def wrong(grounds: list[Any]) -> dict[str, str]:
    """Return what is wrong, by place, with an edition that names these grounds."""
    document = reference.shipped_document("rulebook", "qd366_hd43") | {"reopening": grounds}
    with pytest.raises(DocumentInvalid) as refused:
        validity.read(document)
    return {problem.path: problem.says.en for problem in refused.value.problems}


PETITION = {
    "id": "petition_upheld",
    "label": {"vi": "Kiến nghị được chấp nhận", "en": "A petition was upheld"},
    "needs": "words",
    "citation": "Điều 1",
}


@pytest.mark.parametrize(
    ("grounds", "place", "says"),
    [
        ([], "reopening", "has no ground; write one at least"),
        ([PETITION, PETITION], "reopening.petition_upheld", "stands twice"),
        ([PETITION | {"who": []}], "reopening.petition_upheld.who", "write authority, superior"),
        ([PETITION | {"citation": " "}], "reopening.petition_upheld.citation", "is empty"),
        (
            [PETITION | {"id": "late_discipline"}],
            "reopening.late_discipline.needs",
            "is words under the id late_discipline; give the ground another id",
        ),
        (
            [PETITION, PETITION | {"id": "other"}],
            "reopening.other.label",
            "is called “A petition was upheld” as petition_upheld is",
        ),
    ],
)
def test_what_no_ground_can_mean_is_told_by_its_place(
    grounds: list[Any], place: str, says: str
) -> None:
    assert says in wrong(grounds)[place]


@pytest.mark.parametrize(
    ("changed", "place"),
    [
        ({"needs": "luck"}, "reopening[0].needs"),
        ({"who": ["member"]}, "reopening[0].who[0]"),
        ({"within_days": 0}, "reopening[0].within_days"),
    ],
)
def test_a_ground_of_another_shape_is_refused(changed: dict[str, Any], place: str) -> None:
    assert [*wrong([PETITION | changed])] == [place]
