"""An edition says which posts, of whatever name, the law lets act where it needs somebody."""

from dataclasses import replace
from typing import Any

import pytest

from events.definitions.event import Code, Event
from events.definitions.records import Hand
from events.domain.documents.problems import DocumentInvalid
from events.domain.review import meeting_steps, opening, rating_steps, review
from events.domain.rulebook import rating, validity
from events.domain.steps import PostRole, Step
from events.domain.verification import rating_checks
from events.store import reference
from tests.support import party_rules
from tests.support.firm_rules import (
    CLERK,
    DEPUTY_DIRECTOR,
    DIRECTOR,
    FIRM,
    HEAD,
    NO_OFFICE_THERE,
    POSTS,
    ROLES,
    firm_document,
)
from tests.support.law import CELL, PERIOD, RULES, at, facts, records, rejection_of

OPENED = opening.open_review(
    review.EMPTY, replace(party_rules.opens(), period=PERIOD), FIRM, now=at(6, 1)
)
FACTS = facts()
WRITTEN = replace(party_rules.CRITICISED_ONESELF, period=PERIOD)
MET = replace(party_rules.held(), period=PERIOD, by=CLERK)
PROPOSED = replace(
    party_rules.proposed(),
    period=PERIOD,
    facts=FACTS,
    outcome=rating.outcome(FIRM.rulebook, FACTS),
    by=HEAD,
)
APPRAISED = replace(party_rules.appraised(4, "good"), period=PERIOD, by=DEPUTY_DIRECTOR)
DECIDED = replace(party_rules.decided(4, "good"), period=PERIOD, by=DIRECTOR)


def wrong(**changed: Any) -> dict[str, str]:
    """Return what is wrong, by place, with the firm's edition in which something was changed."""
    with pytest.raises(DocumentInvalid) as refused:
        validity.read(firm_document(**changed))
    return {problem.path: problem.says.en for problem in refused.value.problems}


def reviewed(*events: Event) -> review.State:
    return review.fold(records(OPENED, WRITTEN, *events))


# How a document is read


def test_an_older_document_gives_its_offices_every_role_and_the_first_heads() -> None:
    roles = RULES.rulebook.roles

    assert roles.of(PostRole.HEAD) == ("secretary",)
    others = set(PostRole) - {PostRole.HEAD}
    assert {roles.of(each) for each in others} == {("secretary", "deputy_secretary")}
    assert RULES.rulebook.heads_counted == ("secretary", "chair", "head")


def test_an_older_document_may_name_offices_of_any_name() -> None:
    document = reference.shipped_document("rulebook", "neutral") | {"offices": ["abbess", "prior"]}

    assert validity.read(document).offices == ("abbess", "prior")


def test_whoever_has_a_role_acts_those_who_head_a_unit_first() -> None:
    acting = ("director", "head_of_team", "deputy_director", "clerk")

    assert FIRM.rulebook.offices == acting
    assert FIRM.rulebook.posts_for(Step.ANNOUNCEMENT) == acting
    assert FIRM.rulebook.posts_for(Step.PROPOSAL) == ("head_of_team", "deputy_director")
    assert FIRM.rulebook.heads_counted == ("director", "head_of_team")


def test_on_the_way_up_only_posts_that_an_edition_with_roles_knows_see_anything() -> None:
    with_label = validity.read(firm_document(posts=POSTS | {"advisor": POSTS["clerk"]}))

    assert FIRM.rulebook.seats("clerk")
    assert not FIRM.rulebook.seats("secretary")
    assert with_label.seats("advisor")
    assert RULES.rulebook.seats("advisor")


def test_an_edition_knows_the_posts_by_which_anything_goes_or_that_it_calls_something() -> None:
    assert FIRM.rulebook.named_posts == set(POSTS)
    party = party_rules.PARTY.rulebook.named_posts
    assert party >= {"secretary", "committee_member", "deputy_head", "chair"}
    assert "secretary" in RULES.rulebook.named_posts


# Whether it is sound


def test_a_role_that_the_law_needs_has_a_post() -> None:
    found = wrong(roles=ROLES | {"head": [], "appraiser": [], "meeting_secretary": []})

    assert found == dict.fromkeys(
        ("roles.head", "roles.appraiser", "roles.meeting_secretary"),
        "is empty; say which posts have this role",
    )


def test_a_role_of_a_step_that_there_is_not_needs_none() -> None:
    document = firm_document(roles=ROLES | {"appraiser": []})
    del document["steps"]["appraisal"]

    assert validity.read(document).posts_for(Step.APPRAISAL) == ()


def test_every_post_that_something_goes_by_is_called_something() -> None:
    leaders = {"id": "leader", "label": POSTS["clerk"], "posts": ["drector"]}
    others = {"id": "member", "label": POSTS["clerk"]}

    found = wrong(
        roles=ROLES | {"head": ["directr"]},
        groups=[leaders, others],
        meetings={"posts": ["clark"], "citation": "x"},
    )

    ends = "is called nothing; correct it, or say in posts what it is called"
    assert found["roles.head"] == f"directr {ends}"
    assert found["groups.leader.posts"] == f"drector {ends}"
    assert found["meetings.posts"] == f"clark {ends}"


def test_before_a_rung_somebody_may_take_it_up() -> None:
    found = wrong(rungs=[{"place": "unit", "post": "secretary", "working_days": 3}])

    assert found["rungs[0].post"].startswith("secretary is no office here; there are director")


def test_a_limit_is_weighed_by_whom_decides() -> None:
    discretion = {
        "at_most": "good",
        "posts": ["head_of_team"],
        "grounds": [{"id": "merit", "says": POSTS["clerk"], "citation": "x"}],
    }
    limits = [firm_document()["limits"][0] | {"discretion": discretion}]

    assert wrong(limits=limits) == {
        "limits.discipline.discretion.posts": (
            "head_of_team is no office here; there are director, deputy_director"
        )
    }


def test_offices_do_not_stand_beside_roles_and_one_of_them_is_needed() -> None:
    neither = firm_document()
    del neither["roles"]

    assert wrong(offices=["director"])["offices"].startswith("stands beside roles")
    with pytest.raises(DocumentInvalid, match="offices: is empty"):
        validity.read(neither)


# Who may do what by it


@pytest.mark.parametrize("by", [CLERK, NO_OFFICE_THERE, DIRECTOR])
def test_a_rating_is_proposed_by_who_proposes_in_this_edition(by: Hand) -> None:
    def propose(by: Hand) -> object:
        command = rating_steps.ProposeRating(by=by, facts=FACTS)
        return rating_steps.propose_rating(reviewed(MET), command, FIRM, now=at(8))

    assert propose(HEAD)
    refused = rejection_of(lambda: propose(by), "not_competent")
    assert "head_of_team, deputy_director" in str(refused)


def test_a_meeting_is_told_by_its_secretary() -> None:
    def hold(by: Hand) -> object:
        command = meeting_steps.HoldMeeting(by=by, place=CELL)
        return meeting_steps.hold_meeting(reviewed(), command, FIRM, now=at(8))

    assert hold(CLERK)
    rejection_of(lambda: hold(DIRECTOR), "not_competent")
    rejection_of(lambda: hold(NO_OFFICE_THERE), "not_competent")


def test_an_appraisal_is_of_those_who_appraise() -> None:
    def appraise(by: Hand) -> object:
        command = rating_steps.AppraiseRating(by=by, level=Code("good"), proposal_version=4)
        return rating_steps.appraise_rating(reviewed(MET, PROPOSED), command, FIRM, now=at(8))

    assert appraise(DEPUTY_DIRECTOR)
    rejection_of(lambda: appraise(DIRECTOR), "not_competent")


def test_a_decision_is_of_those_who_decide() -> None:
    def decide(by: Hand) -> object:
        command = rating_steps.DecideRating(by=by, level=Code("good"), proposal_version=4)
        state = reviewed(MET, PROPOSED, APPRAISED)
        return rating_steps.decide_rating(state, command, FIRM, now=at(18))

    assert decide(DIRECTOR)
    rejection_of(lambda: decide(NO_OFFICE_THERE), "not_competent")


@pytest.mark.parametrize(
    ("told", "check"),
    [
        ((MET, replace(PROPOSED, by=CLERK), APPRAISED, DECIDED), "proposer"),
        ((MET, PROPOSED, replace(APPRAISED, by=NO_OFFICE_THERE), DECIDED), "appraised"),
        ((MET, PROPOSED, APPRAISED, replace(DECIDED, by=NO_OFFICE_THERE)), "decider"),
    ],
)
def test_an_auditor_judges_hands_by_the_roles_of_the_pinned_edition(
    told: tuple[Event, ...], check: str
) -> None:
    honest = rating_checks.failed_checks(reviewed(MET, PROPOSED, APPRAISED, DECIDED), FIRM)
    failed = rating_checks.failed_checks(reviewed(*told), FIRM)

    assert honest == ()
    assert check in {each.name for each in failed}
