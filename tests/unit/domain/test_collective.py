"""A unit is reviewed as a collective: by those who lead it, before its members, from above."""

import msgspec
import pytest
from msgspec import UNSET

from events.definitions.event import Code, Event, Sealed
from events.definitions.records import Hand, Label, Period
from events.definitions.review import CommitmentMade, SelfCritiqueSubmitted
from events.definitions.roster import (
    MemberDisciplined,
    MemberEnrolled,
    Standing,
    UnitDisciplined,
    UnitFormed,
)
from events.domain.organisation import member
from events.domain.review import (
    collective,
    counted_facts,
    rating_steps,
    review,
    writing_steps,
)
from events.domain.rulebook import rating
from events.domain.verification import rating_checks
from events.domain.year.rules import Rules
from events.identifiers import MemberId
from tests.support.collective_facts import (
    AS_UNIT,
    COMMITTED,
    DEPUTY_OF_CELL,
    NOW,
    OPENED,
    OPENING,
    OTHER,
    WRITTEN,
    facts,
    history_of,
    hold,
    opening_under,
    opens,
    propose,
    review_with,
    write,
)
from tests.support.editions import EDITIONS
from tests.support.law import (
    CELL,
    LEADER,
    LEADERS_HAND,
    MEMBER,
    PEER,
    RULES,
    SECRETARY,
    SECRETARYS_HAND,
    TOP,
    at,
    records,
    rejection_of,
)
from tests.support.party_rules import DEPUTYS_HAND, PARTY, SOON, WORDS, YEAR, decided, held
from tests.support.party_rules import OPENED as MEMBERS_REVIEW
from tests.support.sealed import sealed

# Who is reviewed


def test_a_unit_is_reviewed_in_its_own_group_before_itself() -> None:
    assert OPENED.collective
    assert OPENED.member_id == AS_UNIT
    assert OPENED.group == "collective"
    assert OPENED.places == (CELL,)
    assert OPENED.standing is UNSET


def test_who_leads_it_is_pinned_with_the_first_office_first() -> None:
    follower = Hand(member_id=MEMBER, unit_id=CELL, post=Code("committee_member"))

    pinned = opening_under(leaders=(DEPUTY_OF_CELL, follower, SECRETARYS_HAND)).leaders

    assert pinned == (SECRETARYS_HAND, DEPUTY_OF_CELL)


def test_who_led_it_then_or_wrote_in_its_name_since_answers_for_it() -> None:
    assert review_with().leaders == {SECRETARY, PEER}
    assert review.EMPTY.leaders == set()


def test_a_unit_without_a_leader_has_a_review_all_the_same() -> None:
    assert opening_under(leaders=()).leaders == ()


def test_the_unit_that_decides_is_reviewed_by_the_one_above_it() -> None:
    rejection_of(lambda: opening_under(path=(TOP,), unit_id=TOP), "not_reviewed")


def test_an_edition_without_terms_for_collectives_reviews_none() -> None:
    rejection_of(lambda: opening_under(RULES), "not_reviewed")


@pytest.mark.parametrize(("kind", "is_reviewed"), [("cell", True), ("office", False)])
def test_an_edition_may_review_units_of_some_kinds_only(kind: str, *, is_reviewed: bool) -> None:
    assert PARTY.rulebook.collectives is not None
    terms = msgspec.structs.replace(PARTY.rulebook.collectives, unit_kinds=("cell",))
    rulebook = msgspec.structs.replace(PARTY.rulebook, collectives=terms)
    rules = msgspec.structs.replace(PARTY, rulebook=rulebook)

    if is_reviewed:
        assert opening_under(rules, kinds=(kind, "committee")).collective
    else:
        rejection_of(lambda: opening_under(rules, kinds=(kind, "committee")), "not_reviewed")


def test_a_review_of_a_unit_is_opened_once() -> None:
    rejection_of(
        lambda: collective.open_collective(review_with(), opens(), PARTY, now=OPENING),
        "already_open",
    )


@pytest.mark.parametrize(
    ("formed_at", "unrated"),
    [(at(6, 6, year=2025), "new"), (at(5, 6, year=2025), UNSET), (None, UNSET)],
)
def test_a_unit_of_less_than_six_months_by_its_self_critique_is_reviewed_and_not_rated(
    formed_at: object, unrated: object
) -> None:
    fact = opening_under(formed_at=formed_at)

    assert fact.unrated == unrated
    assert ("proposal" in fact.steps) is (unrated is UNSET)


def test_an_edition_without_a_period_for_new_units_rates_them() -> None:
    assert PARTY.rulebook.collectives is not None
    terms = msgspec.structs.replace(PARTY.rulebook.collectives, new_months=None)
    rulebook = msgspec.structs.replace(PARTY.rulebook, collectives=terms)
    rules = msgspec.structs.replace(PARTY, rulebook=rulebook)

    assert opening_under(rules, formed_at=at(2, 1, year=2025)).unrated is UNSET


# Who writes in its name


def test_who_leads_the_unit_commits_it_and_writes_its_self_critique() -> None:
    commitment = writing_steps.make_commitment(
        review_with(), writing_steps.MakeCommitment(by=AS_UNIT, text=WORDS, hand=SECRETARYS_HAND)
    )

    assert commitment == COMMITTED
    assert write(review_with(), DEPUTY_OF_CELL).by == DEPUTY_OF_CELL


@pytest.mark.parametrize("hand", [UNSET, LEADERS_HAND])
def test_nobody_else_writes_in_its_name(hand: object) -> None:
    rejection_of(lambda: write(review_with(), hand), "not_yours")


def test_nobody_leads_when_a_member_writes_of_themselves() -> None:
    command = writing_steps.SubmitSelfCritique(by=MEMBER, text=WORDS, hand=SECRETARYS_HAND)
    members = review.fold(records(MEMBERS_REVIEW))

    rejection_of(
        lambda: writing_steps.submit_self_critique(members, command, PARTY, now=NOW), "not_yours"
    )


@pytest.mark.parametrize("critic", [SECRETARY, PEER])
def test_who_leads_a_unit_writes_its_self_critique_and_does_not_criticise_it(
    critic: MemberId,
) -> None:
    command = writing_steps.GiveCriticism(
        by=critic, criticism_id=Label("one"), author=Label("pseudonym"), text=Sealed("c" * 43)
    )

    rejection_of(
        lambda: writing_steps.give_criticism(review_with(), command, PARTY, now=NOW), "on_oneself"
    )


# In which order


def test_a_unit_holds_its_own_meeting_and_somebody_who_leads_it_tells_of_it() -> None:
    assert hold(review_with(WRITTEN), SECRETARYS_HAND, heads_waiting=(SECRETARY,))


def test_nobody_is_reviewed_in_what_was_never_opened() -> None:
    assert not review.EMPTY.is_of(MEMBER)
    assert not review.EMPTY.collective


def test_its_own_meeting_waits_for_those_who_lead_it() -> None:
    (task,) = (each for each in review.tasks(review_with(COMMITTED, WRITTEN)))

    assert (task.step, task.turn) == ("meeting", "member")


def test_members_are_reviewed_in_a_unit_after_the_unit_itself() -> None:
    members = review.fold(
        records(
            MEMBERS_REVIEW,
            SelfCritiqueSubmitted(
                period=YEAR, member_id=MEMBER, text=WORDS, proposal_due_at=SOON, meeting_due_at=SOON
            ),
        )
    )

    rejection_of(lambda: hold(members, SECRETARYS_HAND, unit_waiting=True), "collective_first")
    assert hold(members, SECRETARYS_HAND)


def test_a_unit_is_rated_before_those_who_lead_it() -> None:
    state = review_with(WRITTEN, _held())

    rejection_of(lambda: propose(state, led_waiting=(OTHER,)), "collective_first")


def test_the_units_below_are_rated_before_the_one_above() -> None:
    state = review_with(WRITTEN, _held())

    rejection_of(lambda: propose(state, below_waiting=(OTHER,)), "lower_first")
    assert propose(state)


# Who decides


@pytest.mark.parametrize(
    ("by", "code"),
    [
        (SECRETARYS_HAND, "on_oneself"),
        (DEPUTY_OF_CELL, "on_oneself"),
        # who leads the unit and holds an office above it, too
        (Hand(member_id=SECRETARY, unit_id=TOP, post=Code("deputy_secretary")), "on_oneself"),
        (Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary")), "not_competent"),
    ],
)
def test_nobody_who_leads_a_unit_proposes_its_rating_and_the_unit_itself_never_does(
    by: Hand, code: str
) -> None:
    rejection_of(lambda: propose(review_with(WRITTEN, _held()), by), code)


def test_who_wrote_in_its_name_counts_as_leading_it_even_if_they_came_later() -> None:
    late = Hand(member_id=MEMBER, unit_id=CELL, post=Code("secretary"))
    written = msgspec.convert(
        msgspec.to_builtins(WRITTEN) | {"by": msgspec.to_builtins(late)}, SelfCritiqueSubmitted
    )
    elsewhere = Hand(member_id=MEMBER, unit_id=TOP, post=Code("secretary"))

    rejection_of(lambda: propose(review_with(written, _held()), elsewhere), "on_oneself")


def test_a_collectives_rating_stands_when_recomputed() -> None:
    state = review_with(*_rated())

    assert rating_checks.failed_checks(state, PARTY) == ()


def test_a_rating_decided_by_who_leads_the_unit_does_not_stand() -> None:
    by = Hand(member_id=PEER, unit_id=TOP, post=Code("secretary"))
    *steps, decision = _rated()
    told_ = msgspec.to_builtins(decision) | {"by": msgspec.to_builtins(by)}

    state = review_with(*steps, msgspec.convert(told_, type(decision)))

    assert [check.name for check in rating_checks.failed_checks(state, PARTY)] == ["decider"]


# What counts


def of_unit(rules: Rules, *grades: str) -> dict[str, int]:
    """Return what is counted of a unit, one of whose leaders was disciplined with some grades."""
    enrolled = MemberEnrolled(
        member_id=LEADER,
        unit_id=CELL,
        standing=Standing.OFFICIAL,
        name=Sealed("n" * 43),
        number=Sealed("n" * 43),
    )
    punished = [
        MemberDisciplined(member_id=LEADER, decision=sealed(f"{n}-QĐ"), grade=Code(grade))
        for n, grade in enumerate(grades)
    ]
    leader = member.fold(records((OPENING, enrolled), *((NOW, each) for each in punished)))
    disciplined = history_of(*_formed(), _disciplined(self_detected=True))
    return counted_facts.counts_of_collective(
        rules.rulebook,
        "collective",
        history_of(*_formed()),
        YEAR,
        leaders=[leader, member.fold([])],
        below=[disciplined, history_of(*_formed())],
    )


def test_leaders_and_lower_units_that_were_disciplined_in_the_year_are_counted() -> None:
    assert of_unit(PARTY) == {"units_below_disciplined": 1}
    assert of_unit(PARTY, "reprimand", "warning") == {
        "leaders_disciplined": 1,
        "units_below_disciplined": 1,
    }


@pytest.mark.parametrize(
    ("grades", "counted"),
    [
        (("reprimand",), {}),
        (("warning",), {"leaders_warned": 1}),
        (("reprimand", "removal"), {"leaders_warned": 1}),
    ],
)
def test_an_edition_may_look_at_leaders_disciplined_from_warning_up(
    grades: tuple[str, ...], counted: dict[str, int]
) -> None:
    hd21 = msgspec.structs.replace(PARTY, rulebook=EDITIONS["qd132_hd21"])

    assert of_unit(hd21, *grades) == counted


@pytest.mark.parametrize(("year", "times"), [("2025", 1), ("2024", 0)])
def test_a_units_own_discipline_counts_in_the_year_it_is_of(year: str, times: int) -> None:
    own = history_of(*_formed(), _disciplined(self_detected=True))

    found = counted_facts.unit_disciplines(own, year)

    assert [each.self_detected for each in found] == [True] * times


@pytest.mark.parametrize(("year", "times"), [("2025", 0), ("2024", 1)])
def test_a_units_late_discipline_counts_in_the_year_of_the_fault(year: str, times: int) -> None:
    own = history_of(*_formed(), _disciplined(self_detected=False, year="2024"))

    assert len(counted_facts.unit_disciplines(own, year)) == times


def test_a_head_stands_no_higher_than_the_unit() -> None:
    figures = {
        "unit_tasks_total": 10,
        "unit_tasks_done": 10,
        "unit_tasks_beyond": 4,
        "units_total": 0,
        "units_failed": 0,
        "basic_targets_missed": 0,
        "votes_cast": 0,
        "votes_low": 0,
        "exemplary": 4,
    }
    well = msgspec.structs.replace(
        facts(), group=Code("leader"), figures={**facts().figures, **figures}
    )

    levels = {
        unit_level: rating.outcome(
            PARTY.rulebook, msgspec.structs.replace(well, counted={"unit_level": unit_level})
        ).level
        for unit_level in (0, 1, 2, 3, 4)
    }

    assert levels == {0: "excellent", 1: "excellent", 2: "good", 3: "fair", 4: "poor"}


def _held() -> Event:
    return msgspec.convert(msgspec.to_builtins(held()) | {"member_id": CELL}, type(held()))


def _rated() -> tuple[Event, ...]:
    """Return the steps of a collective's rating after its opening, versions 2 to 6."""
    outcome = rating.outcome(PARTY.rulebook, facts())
    proposed = propose(review_with(WRITTEN, _held()), DEPUTYS_HAND)
    assert proposed.outcome == outcome  # type: ignore[attr-defined]
    appraised = rating_steps.appraise_rating(
        review_with(WRITTEN, _held(), proposed),  # type: ignore[arg-type]
        rating_steps.AppraiseRating(by=DEPUTYS_HAND, level=Code(outcome.level), proposal_version=4),
        PARTY,
        now=at(8),
    )
    decision = msgspec.convert(
        msgspec.to_builtins(decided(4, outcome.level)) | {"member_id": CELL}, type(decided(4))
    )
    return WRITTEN, _held(), proposed, appraised, decision  # type: ignore[return-value]


def _formed() -> tuple[Event, ...]:
    return (UnitFormed(unit_id=CELL, number=Code("CB-1"), name="Chi bộ 1", kind=Code("cell")),)  # type: ignore[arg-type]


def _disciplined(*, self_detected: bool, year: str = "") -> UnitDisciplined:
    return UnitDisciplined(
        unit_id=CELL,
        decision=sealed("9-QĐ"),
        grade=Code("reprimand"),
        self_detected=self_detected,
        fault_period=Period(year) if year else UNSET,
    )


def test_who_comes_to_lead_the_unit_after_deciding_undoes_no_rating() -> None:
    decider = Hand(member_id=LEADER, unit_id=CELL, post=Code("secretary"))
    late = CommitmentMade(period=YEAR, member_id=AS_UNIT, text=WORDS, by=decider)

    assert LEADERS_HAND.member_id == LEADER
    assert rating_checks.failed_checks(review_with(*_rated(), late), PARTY) == ()
