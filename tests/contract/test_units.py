"""Units are reviewed through the commands and the workers, on both databases."""

from datetime import date
from pathlib import Path

import pytest

from events.definitions.records import Period
from events.domain.escalation import escalation
from events.domain.review import review
from events.domain.rulebook.grounds import Needs
from events.domain.steps import Step
from events.identifiers import Stream, UnitId, unit_stream
from events.proof.notes import SigningKey
from events.replay.verdict import verify
from services.access.roles import Role
from services.access.tokens import Forbidden
from services.commands import milestones, plans, ratings, readings, reviews
from services.commands.milestones import MilestoneOf
from services.context import Context
from services.queries import year_counts
from services.queries.bundles import make_bundle
from services.queries.rating_check import check_ratings
from services.queries.year_counts import Counted
from services.read_models import cycle_lists, inbox
from services.safekeeping.checkpoints import LogSigner
from tests.support.fakes import FixedClock
from tests.support.law import rejection_of
from tests.support.lived import Reached
from tests.support.living import BEFORE
from tests.support.party_years import PartyYears, take
from tests.support.unit_years import (
    ABOVE,
    DECIDES,
    FAULTS,
    FOLLOWS,
    HELD,
    ITS_DEPUTY,
    ITS_HEAD,
    UNIT,
    agree,
    asking,
    dissolve,
    plan_for,
    rate,
    show_evidence,
    told_by_hr,
)
from workers.steps import REACTIONS, Reactions

SIGNING = SigningKey.generate("test.example/log", bytes(range(32)))
OTHER_UNIT = "SG-CB01"
LOWER, LEADS_LOWER = "SG-CB01", "SG-0006"
LED_ONCE = "SG-CB03"  # by somebody who has decided for the committee since
YEAR = Period("2025")
DECISION = "07-QĐ/UBKT"
BEFORE_COMMITMENTS = date(2025, 1, 20)  # of units: they commit themselves the day after
MID_YEAR = date(2025, 6, 16)
AFTER_THE_YEAR = date(2026, 5, 4)


@pytest.fixture
def year(context: Context, clock: FixedClock) -> PartyYears:
    """The demo's commune, before its party years."""
    clock.time = BEFORE
    return PartyYears(context, clock)


def escalations_of(year: PartyYears, number: str) -> list[escalation.State]:
    sql = "SELECT id FROM escalation_states WHERE member_id = ? ORDER BY position"
    rows = year.context.store.database.rows(sql, (year.id_of(number),))
    streams = [Stream(f"escalation-{key}") for (key,) in rows]
    return [escalation.fold(year.context.store.read_stream(each).events) for each in streams]


def waiting_for(year: PartyYears, number: str) -> list[str]:
    """Return the steps that wait for somebody with regard to the unit."""
    person, unit = year.person(number), year.id_of(UNIT)
    found = inbox.of_person(year.context.store.database, person)
    return [each.step for each in found if each.member_id == unit]


def standing_of(year: PartyYears, number: str) -> tuple[str, bool]:
    """Return at which stage a unit's review is, as lists tell it, and whether it is late."""
    top, unit = UnitId(year.id_of("SG-DU")), year.id_of(number)
    found = cycle_lists.collectives(year.context.store.database, year.period, top)
    (mine,) = (each for each in found if each.member_id == unit)
    return mine.stage, mine.late


def words_of(year: PartyYears) -> list[str]:
    """Return what the unit wrote in its self-critique, as far as it is not erased."""
    state = year.review(year.subject(UNIT))
    assert state.self_critique is not None
    return list(
        readings.open_words(
            year.context,
            asking(year, ITS_HEAD),
            year.subject(UNIT),
            [state.self_critique.fact.text.sealed],
            roles=(Role.LEADER,),
        ).values()
    )


# Words


def test_words_of_a_unit_go_dark_with_its_key_of_the_year_and_its_rating_still_verifies(
    met: PartyYears, tmp_path: Path
) -> None:
    rate(met)
    store, unit = met.context.store, unit_stream(UnitId(met.id_of(UNIT)))
    assert len(words_of(met)) == 1

    destroyed = met.context.keys.destroy(unit, YEAR)

    assert destroyed == 1
    assert words_of(met) == []
    state = met.review(met.subject(UNIT))
    assert check_ratings(store, [(UNIT, state)]).findings == ()
    signer = LogSigner(store, SIGNING, tmp_path / "log.key", clock=met.clock)
    key = SIGNING.verifier.to_text()
    verdict = verify(make_bundle(store, signer, met.subject(UNIT), key), key)
    assert (verdict.verified, verdict.level) == (True, "fair")


def test_no_words_of_a_unit_are_sealed_under_a_members_key(met: PartyYears) -> None:
    rate(met)
    state = met.review(met.subject(UNIT))
    taken = (state.commitment, state.self_critique, state.proposal)

    boxes = met.context.store.sealed_texts(
        [each.fact.text.sealed for each in taken if each and each.fact.text]
    )

    owners = {(box.owner, box.scope) for box in boxes.values()}
    assert owners == {(unit_stream(UnitId(met.id_of(UNIT))), YEAR)}


# Plans


def test_a_fair_unit_plans_with_those_above_and_its_evidence_lies_under_its_key(
    met: PartyYears,
) -> None:
    rate(met)
    opened = met.plan(met.subject(UNIT)).opened
    assert opened is not None
    assert opened.fact.path == (met.id_of("SG-DU"),)
    assert opened.fact.due_at

    agree(met, plan_for(met))
    show_evidence(met)
    which = MilestoneOf(met.subject(UNIT), "1")
    version = met.plan(met.subject(UNIT)).milestones[0].evidence[-1].version
    milestones.approve_milestone(met.context, asking(met, FOLLOWS), which, version, None)

    assert met.plan(met.subject(UNIT)).milestones[0].status == "approved"


@pytest.mark.parametrize("follower", [ITS_HEAD, ITS_DEPUTY])
def test_nobody_who_leads_a_unit_follows_its_plan(met: PartyYears, follower: str) -> None:
    rate(met)
    version = plan_for(met)

    rejection_of(lambda: agree(met, version, follower=follower), "on_oneself")


def test_who_leads_a_unit_since_its_opening_does_not_follow_its_plan_either(
    met: PartyYears,
) -> None:
    rate(met)
    version = plan_for(met)
    told_by_hr(met, "post_given", member_id=FOLLOWS, unit_id=UNIT, post="deputy_secretary")

    rejection_of(lambda: agree(met, version), "on_oneself")


def test_a_follower_who_comes_to_lead_the_unit_judges_no_more(met: PartyYears) -> None:
    rate(met)
    agree(met, plan_for(met))
    show_evidence(met)
    assert waiting_for(met, FOLLOWS) == ["evidence_review"]
    told_by_hr(met, "post_given", member_id=FOLLOWS, unit_id=UNIT, post="deputy_secretary")
    assert waiting_for(met, FOLLOWS) == []
    which = MilestoneOf(met.subject(UNIT), "1")
    version = met.plan(met.subject(UNIT)).milestones[0].evidence[-1].version

    with pytest.raises(Forbidden):
        milestones.approve_milestone(met.context, asking(met, FOLLOWS), which, version, None)


@pytest.mark.parametrize("leads_still", [True, False])
def test_nobody_who_leads_or_led_a_unit_judges_its_plan_by_another_office(
    met: PartyYears, *, leads_still: bool
) -> None:
    rate(met)
    version = plan_for(met)
    told_by_hr(met, "post_given", member_id=ITS_HEAD, unit_id="SG-DU", post="deputy_secretary")
    if not leads_still:
        told_by_hr(met, "post_relieved", member_id=ITS_HEAD, unit_id=UNIT, post="secretary")

    assert "plan_agreement" not in waiting_for(met, ITS_HEAD)
    assert "plan_agreement" in waiting_for(met, ABOVE)
    with pytest.raises(Forbidden):
        agree(met, version, by=ITS_HEAD)
    with pytest.raises(Forbidden):
        plans.return_plan(met.context, asking(met, ITS_HEAD), met.subject(UNIT), version, FAULTS)


# Deadlines


def test_what_a_unit_missed_is_laid_before_the_unit_above_it(reached: Reached) -> None:
    year = reached(PartyYears, BEFORE_COMMITMENTS)
    year.reach(date(2025, 3, 1))

    found = escalations_of(year, UNIT)[0]

    assert found.raised is not None
    assert found.raised.fact.step == "commitment"
    assert {each.unit_id for each in found.laid} == {year.id_of("SG-DU")}
    reviews.commit(year.context, asking(year, ITS_HEAD), year.subject(UNIT), FAULTS)
    year.settle()
    assert escalation.stage(escalations_of(year, UNIT)[0]) == "resolved"


ESCALATING: Reactions = {"escalation": REACTIONS["escalation"]}


class WithoutTransfers(PartyYears):
    """The deadline comes before it was told to the review that its unit is no more."""

    reactions = ESCALATING


def test_a_unit_that_was_dissolved_missed_nothing(context: Context, clock: FixedClock) -> None:
    clock.time = BEFORE
    year = WithoutTransfers(context, clock)
    year.live(until=BEFORE_COMMITMENTS)
    told_by_hr(year, "unit_dissolved", unit_id=UNIT, successor_id=OTHER_UNIT)

    year.reach(date(2025, 3, 1))

    state = year.review(year.subject(UNIT))
    assert [due.step for due in state.deadlines.settled] == ["commitment"]
    assert state.deadlines.missed == ()
    assert escalations_of(year, UNIT) == []
    assert escalations_of(year, OTHER_UNIT) != []


def test_the_review_of_a_dissolved_unit_ends_with_its_reason_and_nobody_waits_for_it(
    met: PartyYears,
) -> None:
    assert waiting_for(met, ABOVE) == ["proposal"]

    dissolve(met, UNIT, OTHER_UNIT)

    state = met.review(met.subject(UNIT))
    assert state.ending is not None
    assert (review.stage(state), state.ending.fact.reason) == ("ended", "dissolved")
    assert waiting_for(met, ABOVE) == waiting_for(met, ITS_HEAD) == []
    rejection_of(lambda: rate(met), "ended")
    met.reach(date(2026, 3, 1))
    assert state == met.review(met.subject(UNIT))
    assert escalations_of(met, UNIT) == []
    assert standing_of(met, UNIT) == ("ended", False)
    assert standing_of(met, OTHER_UNIT) == ("proposal", True)


def test_what_a_unit_missed_climbs_no_further_once_it_is_dissolved(reached: Reached) -> None:
    year = reached(PartyYears, BEFORE_COMMITMENTS)
    year.reach(date(2025, 2, 4))
    assert [escalation.stage(each) for each in escalations_of(year, UNIT)] == ["open"]

    dissolve(year, UNIT, OTHER_UNIT)

    assert [escalation.stage(each) for each in escalations_of(year, UNIT)] == ["resolved"]


def test_a_unit_that_was_decided_on_keeps_its_rating_when_it_is_dissolved(met: PartyYears) -> None:
    rate(met)

    dissolve(met, UNIT, OTHER_UNIT)

    state = met.review(met.subject(UNIT))
    assert (review.level(state), state.ending) == ("fair", None)


# Who is rated, and when


def test_a_unit_of_less_than_six_months_is_reviewed_and_not_rated(reached: Reached) -> None:
    year = reached(PartyYears, BEFORE_COMMITMENTS)
    year.reach(date(2025, 6, 10))
    told_by_hr(
        year, "unit_formed", number="SG-CB09", name="Chi bộ 9", kind="cell", parent_id="SG-DU"
    )

    take(year, {"does": "join", "who": DECIDES})

    state = year.review(year.subject("SG-CB09"))
    assert state.opened is not None
    assert (state.opened.fact.unrated, state.collective) == ("new", True)
    assert Step.PROPOSAL not in state.steps


def test_a_units_leader_waits_for_the_unit_and_is_held_to_its_level(met: PartyYears) -> None:
    store, head = met.context.store, met.subject(ITS_HEAD)
    opened = met.review(head).opened
    assert opened is not None
    rulebook = year_counts.rulebook_of(met.context, opened.fact)

    def waiting() -> tuple[str, ...]:
        return year_counts.units_waited_for(
            lambda s: store.read_stream(s).events, opened.fact, rulebook, today=HELD
        )

    assert waiting() == (met.id_of(UNIT),)
    rate(met)

    assert waiting() == ()
    well = dict(met.story.counted["leader"][1])
    points = {each: well.pop(each) for each in met.story.criteria}
    counted, _ = year_counts.trial_of(met.context, opened.fact, Counted(points, well))
    assert counted.counted
    assert counted.counted["unit_level"] == 3  # "fair", counted from the best


def test_a_unit_waits_for_those_below_it_whose_ratings_its_own_office_proposes(
    year: PartyYears,
) -> None:
    year.reach(date(2025, 1, 6))
    told_by_hr(year, "unit_moved", unit_id=LOWER, parent_id=UNIT)
    year.live(until=HELD)
    lower = year.review(year.subject(LOWER))
    assert [*lower.path] == [year.id_of(each) for each in (LOWER, UNIT, "SG-DU")]

    rejection_of(lambda: rate(year), "lower_first")
    with pytest.raises(Forbidden):
        rate(year, LOWER, by=LEADS_LOWER)
    rate(year, LOWER, by=ITS_HEAD)
    rate(year)

    levels = [review.level(year.review(year.subject(each))) for each in (LOWER, UNIT)]
    assert levels == ["fair", "fair"]


def test_nobody_decides_on_the_unit_that_they_led_when_its_year_was_opened(
    met: PartyYears,
) -> None:
    state = met.review(met.subject(LED_ONCE))
    decider = met.person(DECIDES)
    assert decider.member_id in state.leaders
    assert met.id_of(LED_ONCE) not in decider.units

    with pytest.raises(Forbidden):
        rate(met, LED_ONCE)

    assert review.stage(met.review(met.subject(LED_ONCE))) == "decision"


# Rated again


def test_a_late_discipline_of_a_unit_has_its_review_rated_again(met: PartyYears) -> None:
    rate(met)

    def reopen() -> None:
        ground, decision = Needs.LATE_DISCIPLINE, "07-QĐ/UBKT"
        ratings.reopen_review(
            met.context, asking(met, DECIDES), met.subject(UNIT), ground, decision, None
        )

    rejection_of(reopen, "no_discipline")
    told_by_hr(met, "unit_disciplined", unit_id=UNIT, decision="07-QĐ/UBKT", grade="reprimand")
    met.settle()
    reopen()

    assert review.stage(met.review(met.subject(UNIT))) == "proposal"


def test_a_unit_disciplined_in_the_year_after_is_rated_again_for_the_year_of_the_fault(
    met: PartyYears,
) -> None:
    rate(met)
    met.reach(AFTER_THE_YEAR)
    about = {"unit_id": UNIT, "decision": DECISION, "grade": "warning"}

    told_by_hr(met, "unit_disciplined", **about, fault_period=YEAR)
    ground, by = Needs.LATE_DISCIPLINE, asking(met, DECIDES)
    ratings.reopen_review(met.context, by, met.subject(UNIT), ground, DECISION, None)
    met.settle()
    rate(met)

    proposal = met.review(met.subject(UNIT)).proposal
    assert proposal is not None
    assert proposal.fact.facts.disciplined


def test_a_discipline_is_a_ground_once_and_again_when_it_is_lifted(year: PartyYears) -> None:
    def reopen(ground: Needs) -> None:
        subject, by = year.subject(UNIT), asking(year, DECIDES)
        ratings.reopen_review(year.context, by, subject, ground, DECISION, None)
        year.settle()

    decision = {"unit_id": UNIT, "decision": DECISION}
    year.live(until=MID_YEAR)
    told_by_hr(year, "unit_disciplined", **decision, grade="reprimand")
    year.live(until=HELD)
    rate(year)

    rejection_of(lambda: reopen(Needs.LATE_DISCIPLINE), "no_discipline")  # it was counted
    rejection_of(lambda: reopen(Needs.DISCIPLINE_LIFTED), "no_discipline")
    told_by_hr(year, "unit_discipline_lifted", **decision)
    reopen(Needs.DISCIPLINE_LIFTED)

    assert review.stage(year.review(year.subject(UNIT))) == "proposal"
