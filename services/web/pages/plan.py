"""A member's remediation plan: its milestones, their evidence, and what is found of them."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import NamedTuple

from flask import Response, request
from werkzeug.exceptions import NotFound

from events.domain.plan import milestone_steps, plan
from events.domain.review import review
from events.domain.review.writing_steps import opened_review
from events.domain.steps import Step
from events.identifiers import MemberId, UnitId
from events.store import reference
from services.access.roles import Action, Role, may, owns
from services.commands import milestones, plans, readings
from services.commands.milestones import MilestoneOf
from services.commands.work import Asking, Done
from services.read_models import roster
from services.safekeeping import evidence
from services.safekeeping.media_types import TAKEN
from services.subject import Subject
from services.web.asking import person, session
from services.web.asking.visibility import require_command, see_plan, subject_of
from services.web.context import system
from services.web.files import sending
from services.web.files.evidence import name_in, parse_milestone, there_in
from services.web.pages.parts import forms, step_pages
from services.web.pages.parts.forms import FormInvalid, Refusal
from services.web.pages.parts.frame import pages, show, typed_fields
from services.web.pages.parts.opened import (
    is_asked,
    require_opened,
    unopened_by_reader,
    words_of_plan,
)
from services.web.pages.parts.people import actor, name_of
from services.web.saying import names
from services.web.saying.languages import say
from services.web.saying.names import by_given_name

WHOLE_PLAN = "whole_plan"  # in the place of a milestone
Judge = Callable[[Asking, MilestoneOf], Done]


class Tried(NamedTuple):
    """A form of this page that could not be taken."""

    form: str  # of the whole plan, or a milestone's id
    refusal: Refusal
    typed: Mapping[str, str]


class Deeds(NamedTuple):
    """Where one milestone stands, and what the reader may do about it now."""

    is_open: bool  # not approved yet, so its deadline counts
    is_handed_in: bool  # it waits for the follower's verdict
    hand_in: bool
    judge: bool
    withdraw: bool
    extend: bool
    unopened: int  # of what was handed in, if the reader is to judge it


@pages.get("/plans/<period>/<member_id>")
def show_plan(period: str, member_id: str) -> Response:
    """Return a plan: what is to be put right, what was shown, and what to do now."""
    return _show(subject_of(period, member_id, kind="plan"))


@pages.post("/plans/<period>/<member_id>/words")
def open_plan_words(period: str, member_id: str) -> Response:
    """Return a plan with its words; that they were read is recorded."""
    subject = subject_of(period, member_id, kind="plan")
    see_plan(subject, Action.READ_PLAN)
    return _show(subject)


@pages.post("/plans/<period>/<member_id>/agreement")
def agree_to_plan(period: str, member_id: str) -> Response:
    """Agree to the plan that was looked at, and say who follows it."""
    subject = subject_of(period, member_id, kind="plan")

    def do() -> Done:
        follower, version = _read_follower(), forms.read_number("proposal_version")
        return plans.agree_to_plan(system(), forms.asking(), subject, version, follower)

    require_command(subject, Action.JUDGE_PLAN)
    return _send(do, subject, WHOLE_PLAN, "plan_agreed")


@pages.post("/plans/<period>/<member_id>/follower")
def name_follower(period: str, member_id: str) -> Response:
    """Let somebody else follow an agreed plan."""
    subject = subject_of(period, member_id, kind="plan")

    def do() -> Done:
        follower, asking = _read_follower(), forms.asking()
        return plans.name_follower(system(), asking, subject, follower)

    require_command(subject, Action.JUDGE_PLAN)
    return _send(do, subject, WHOLE_PLAN, "follower_named")


def _read_follower() -> MemberId:
    """Return who was chosen. Raises FormInvalid."""
    follower = request.form.get("follower", "")
    if not follower:
        raise FormInvalid({"follower": say("forms.choice")})
    return MemberId(follower)


@pages.post("/plans/<period>/<member_id>/return")
def return_plan(period: str, member_id: str) -> Response:
    """Send the plan that was looked at back, with the reason."""
    subject = subject_of(period, member_id, kind="plan")

    def do() -> Done:
        version, text = forms.read_number("proposal_version"), forms.read_text("reason")
        return plans.return_plan(system(), forms.asking(), subject, version, text)

    require_command(subject, Action.JUDGE_PLAN)
    return _send(do, subject, WHOLE_PLAN, "plan_returned")


@pages.post("/milestones/<milestone_id>/<verdict>")
def judge_milestone(milestone_id: str, verdict: str) -> Response:
    """Approve a milestone, ask for more, return it, give more time, or take a verdict back."""
    which, judge = parse_milestone(milestone_id), VERDICTS.get(verdict)
    if judge is None:
        raise NotFound
    require_command(which.subject, Action.JUDGE_EVIDENCE)
    return _send(
        lambda: judge(forms.asking(), which), which.subject, which.id, f"milestone_{verdict}"
    )


@pages.post("/milestones/<milestone_id>/files/<commitment>")
def show_file(milestone_id: str, commitment: str) -> Response:
    """Return an evidence file to look at. Reading of others is recorded, and they see it."""
    which = parse_milestone(milestone_id)
    state, roles = see_plan(which.subject, Action.READ_PLAN)
    name = name_in(there_in(state, which), commitment)
    file = evidence.open_file(system(), commitment)
    texts = readings.open_words(
        system(),
        person.asking_for(None, seen=None, key=None),
        which.subject,
        [commitment, name],
        roles=roles,
        action=Action.READ_PLAN,
    )
    return sending.send(file, texts.get(name, ""), inline="save" not in request.form)


def _send(do: Callable[[], Done], subject: Subject, form: str, says: str) -> Response:
    def again(refusal: Refusal) -> Response:
        return _show(subject, Tried(form, refusal, request.form))

    given = request.form.get("then")
    then = session.local_path(given) if given else step_pages.of_plan(subject)
    return forms.send(do, then=then, says=says, again=again)


def _show(subject: Subject, tried: Tried | None = None) -> Response:
    state, roles = see_plan(subject)
    assert state.opened is not None, "only an open plan is seen"
    about = review.fold(system().store.read_stream(subject.stream).events)
    is_own, may_read = owns(roles), may(Action.READ_PLAN, roles)
    opens = may_read and (is_own or is_asked())
    judges, follower = may(Action.JUDGE_PLAN, roles), state.follower_id
    may_agree = judges and plan.stage(state) == "agreement"
    may_name = judges and state.agreement is not None and bool(plan.tasks(state))
    return show(
        "plan.html",
        status=tried.refusal.status if tried else 200,
        subject=subject,
        state=state,
        stage=plan.stage(state),
        is_own=is_own,
        collective=about.collective,
        name=name_of(subject.member_id),
        follower=name_of(follower) if follower else "",
        actor=actor,
        said=words_of_plan(subject, state, roles) if opens else None,
        may_read=may_read,
        may_propose=may(Action.PROPOSE_PLAN, roles) and state.agreement is None,
        may_agree=may_agree,
        may_name=may_name,
        candidates=_candidates(state, about) if may_agree or may_name else [],
        is_awaited=not state.done(Step.PLAN),
        deeds_about={each.id: deeds for each, deeds in _deeds(subject, state, roles)},
        due_at=state.deadlines.due_at(Step.PLAN),
        agreement_due_at=state.deadlines.due_at(Step.PLAN_AGREEMENT),
        tried=tried,
        lost=typed_fields() if tried and not _still_there(tried, state, may_agree) else None,
        media_types=TAKEN,
        address=step_pages.of_plan(subject),
        milestone_address=f"/milestones/{subject.period}-{subject.member_id}-",
    )


def _deeds(
    subject: Subject, state: plan.State, roles: Collection[Role]
) -> Iterator[tuple[plan.Milestone, Deeds]]:
    """Iterate over the milestones with what the reader may do about each now."""
    assert state.opened is not None, "only an open plan is seen"
    agreed, judges = state.agreement is not None, may(Action.JUDGE_EVIDENCE, roles)
    goes_by, now = state.deadlines.source(state.opened.fact), system().clock.now()
    rules = reference.rules_of(system().store.database, goes_by) if judges else None
    for each in state.milestones:
        is_open = each.status is not plan.Status.APPROVED
        handed_in = each.status is plan.Status.HANDED_IN
        yield (
            each,
            Deeds(
                is_open=is_open,
                is_handed_in=handed_in,
                hand_in=agreed and is_open and may(Action.HAND_IN_EVIDENCE, roles),
                judge=judges and handed_in,
                withdraw=rules is not None and milestone_steps.may_withdraw(each, rules, now=now),
                extend=judges and agreed and is_open,
                unopened=unopened_by_reader(subject, each) if judges and handed_in else 0,
            ),
        )


def _still_there(tried: Tried, state: plan.State, may_agree: bool) -> bool:  # noqa: FBT001 - private
    """Return whether the form that was sent is on the page, to show what was typed in it."""
    milestone = state.milestone(tried.form)
    if milestone is None:
        return may_agree or (state.agreement is not None and "reason" not in tried.typed)
    if "ground" in tried.typed:
        return milestone.status is not plan.Status.APPROVED
    return "text" in tried.typed and milestone.status is plan.Status.HANDED_IN


def _candidates(state: plan.State, about: review.State) -> list[tuple[str, str]]:
    """Return who may follow a plan, by given name: members of the units on the way up.

    Of a collective it is also whoever holds a post in those units, but nobody who leads it.
    """
    path, own = state.path, opened_review(about).member_id
    database = system().store.database
    found = {*roster.members_of(database, path)} - {own}
    if about.collective:
        found |= {*roster.acting_in(database, path)}
        found -= about.leaders | state.leaders | {*roster.acting_in(database, [UnitId(own)])}
    return sorted(names.of_members(found).items(), key=lambda each: by_given_name(each[1]))


def _approve(asking: Asking, which: MilestoneOf) -> Done:
    version, text = forms.read_number("evidence_version"), forms.read_text("text", needed=False)
    require_opened(which)
    return milestones.approve_milestone(system(), asking, which, version, text or None)


def _ask_for_more(asking: Asking, which: MilestoneOf) -> Done:
    version, text = forms.read_number("evidence_version"), forms.read_text("text")
    return milestones.ask_for_more(system(), asking, which, version, text)


def _return(asking: Asking, which: MilestoneOf) -> Done:
    version, text = forms.read_number("evidence_version"), forms.read_text("text")
    return milestones.return_milestone(system(), asking, which, version, text)


def _extend(asking: Asking, which: MilestoneOf) -> Done:
    day, text = forms.day("day"), forms.read_text("ground")
    return milestones.extend_milestone(system(), asking, which, day, text)


def _withdraw(asking: Asking, which: MilestoneOf) -> Done:
    return milestones.withdraw_decision(system(), asking, which)


VERDICTS: Mapping[str, Judge] = {
    "approval": _approve,
    "request": _ask_for_more,
    "return": _return,
    "extension": _extend,
    "withdrawal": _withdraw,
}
