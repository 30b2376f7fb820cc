"""Who wrote in a unit's name is told, and answers for it from then on; on both databases."""

from dataclasses import replace
from pathlib import Path

import pytest

from events.definitions.event import Event
from events.domain.rulebook.grounds import Needs
from events.identifiers import MemberId, Stream, plan_stream
from events.proof.notes import SigningKey
from events.replay.verdict import verify
from events.store.batch import Appended, NewEvent
from services.access.tokens import Forbidden
from services.cli.fact_check import check_years
from services.commands import milestones, plans, ratings, reviews
from services.commands.milestones import MilestoneOf
from services.queries.bundles import make_bundle
from services.read_models import inbox
from services.safekeeping.checkpoints import LogSigner
from services.subject import Subject
from tests.support.law import rejection_of
from tests.support.lived import Lives
from tests.support.party_years import PartyYears
from tests.support.unit_years import (
    ABOVE,
    DECIDES,
    FAIR,
    FAULTS,
    FOLLOWS,
    ITS_DEPUTY,
    ITS_HEAD,
    UNIT,
    agree,
    asking,
    plan_for,
    rate,
    show_evidence,
    told_by_hr,
)

SIGNING = SigningKey.generate("test.example/log", bytes(range(32)))
KEY = SIGNING.verifier.to_text()
ACTING = FOLLOWS  # leads the unit for a while


@pytest.fixture
def year(met: PartyYears) -> PartyYears:
    """The demo's commune, whose units wrote and met in its party year."""
    return met


def lead_for_a_while(year: PartyYears) -> int:
    """Let somebody lead the unit, propose its plan, and act above it since; return the version."""
    post = {"member_id": ACTING, "unit_id": UNIT, "post": "deputy_secretary"}
    told_by_hr(year, "post_given", **post)
    version = plan_for(year, by=ACTING)
    told_by_hr(year, "post_relieved", **post)
    year.clock.time = year.clock.now().replace(microsecond=1)
    told_by_hr(year, "post_given", member_id=ACTING, unit_id="SG-DU", post="deputy_secretary")
    return version


def waiting_for(year: PartyYears, number: str) -> set[str]:
    """Return the steps that wait for somebody with regard to the unit."""
    person = year.person(number)
    found = inbox.of_person(year.context.store.database, person)
    return {each.step for each in found if each.member_id == year.id_of(UNIT)}


def forge(year: PartyYears, stream: Stream, event: Event) -> None:
    """Append a fact past the commands."""
    at = year.context.store.read_stream(stream).version
    now = year.clock.now()
    new = NewEvent(event=event, id="forged", source="/people", time=now, principal="account:forger")
    year.context.store.append({stream: Appended(at, (new,))})
    year.settle()


def key_of(subject: Subject) -> str:
    return f"{subject.period}-{subject.member_id}"


def test_a_units_plan_tells_who_led_it_and_who_wrote(year: PartyYears) -> None:
    rate(year)
    agree(year, plan_for(year))
    show_evidence(year)

    reviewed, planned = year.review(year.subject(UNIT)), year.plan(year.subject(UNIT))

    assert planned.opened is not None
    assert planned.opened.fact.collective
    assert planned.opened.fact.leaders == reviewed.hands()
    head, deputy = (year.id_of(each) for each in (ITS_HEAD, ITS_DEPUTY))
    assert {head, deputy} <= planned.leaders
    assert [each.member_id for each in planned.wrote] == [deputy, head]


def test_a_members_facts_tell_no_hand(lives_on_sqlite: Lives) -> None:
    year = lives_on_sqlite.of(PartyYears).whole()

    states = [year.plan(year.subject(each)) for each in year.enrolled]
    opened = [each.opened.fact for each in states if each.opened]

    assert opened
    assert {(each.collective, each.leaders) for each in opened} == {(False, ())}
    assert {each.wrote for each in states} == {()}


def test_who_planned_for_a_unit_neither_judges_its_plan_nor_rates_it_since(
    year: PartyYears,
) -> None:
    rate(year)
    version = lead_for_a_while(year)
    store, subject = year.context.store, year.subject(UNIT)

    assert year.id_of(ACTING) not in year.review(subject).leaders
    assert "plan_agreement" in waiting_for(year, ABOVE)
    assert "plan_agreement" not in waiting_for(year, ACTING)
    rejection_of(lambda: agree(year, version, follower=ACTING), "on_oneself")
    with pytest.raises(Forbidden):
        agree(year, version, by=ACTING)
    with pytest.raises(Forbidden):
        plans.return_plan(year.context, asking(year, ACTING), subject, version, FAULTS)
    told_by_hr(year, "unit_disciplined", unit_id=UNIT, decision="07-QĐ", grade="reprimand")
    ground, by = Needs.LATE_DISCIPLINE, asking(year, DECIDES)
    ratings.reopen_review(year.context, by, subject, ground, "07-QĐ", None)
    year.settle()
    assert "proposal" in waiting_for(year, ABOVE)
    assert "proposal" not in waiting_for(year, ACTING)
    with pytest.raises(Forbidden):
        ratings.propose_rating(year.context, asking(year, ACTING), subject, FAIR, FAULTS)
    assert check_years(store, [key_of(subject)]) == ()


def test_who_answered_a_criticism_for_a_unit_does_not_rate_it_since(year: PartyYears) -> None:
    subject, post = year.subject(UNIT), {"member_id": ACTING, "unit_id": UNIT}
    told_by_hr(year, "post_given", **post, post="deputy_secretary")
    reviews.criticise(year.context, asking(year, DECIDES), subject, FAULTS)
    (criticism,) = year.review(subject).criticisms
    item = criticism.fact.criticism_id
    reviews.answer(year.context, asking(year, ACTING), subject, item, FAULTS)
    told_by_hr(year, "post_relieved", **post, post="deputy_secretary")

    assert year.id_of(ACTING) in year.review(subject).leaders
    (answered,) = year.review(subject).answers
    assert answered.fact.by
    assert answered.fact.by.unit_id == year.id_of(UNIT)


def test_a_verdict_by_who_leads_the_unit_is_found_in_log_and_bundle(
    year: PartyYears, tmp_path: Path
) -> None:
    rate(year)
    agree(year, plan_for(year))
    show_evidence(year)
    subject, store = year.subject(UNIT), year.context.store
    which, seen = MilestoneOf(subject, "1"), year.plan(subject).version
    signer = LogSigner(store, SIGNING, tmp_path / "log.key", clock=year.clock)
    milestones.approve_milestone(year.context, asking(year, FOLLOWS), which, seen, None)
    year.settle()
    approval = store.read_stream(which.stream).events[-1].event

    assert check_years(store, [key_of(subject)]) == ()
    assert verify(make_bundle(store, signer, subject, KEY), KEY).verified
    forged = replace(approval, by=MemberId(year.id_of(ITS_DEPUTY)))  # type: ignore[type-var]
    forge(year, plan_stream(subject.period, subject.member_id), forged)

    finding, again = check_years(store, [key_of(subject)])
    verdict = verify(make_bundle(store, signer, subject, KEY), KEY)
    assert finding.where == again.where == f"year {key_of(subject)}"
    assert year.id_of(ITS_DEPUTY) in finding.what
    assert [each.name for each in verdict.checks if not each.passed] == [
        "four_eyes",
        "once",
        "principals",
        "law",
    ]
    assert again.what.startswith("does not pass once: milestone.approved at")
    assert (verdict.verified, verdict.reason) == (False, f"it {finding.what}")
