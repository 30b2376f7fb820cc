"""A rating, as people propose, appraise, return, decide and announce it, and what follows."""

import functools
from collections.abc import Mapping
from typing import Any

from msgspec import UNSET, UnsetType

from events.definitions.event import Code, Decision, Event, Sealed
from events.definitions.records import Label, Weighed
from events.domain.documents.working_days import local_day
from events.domain.plan import plan
from events.domain.review import rating_steps, reopening, review
from events.domain.rulebook.grounds import Needs
from events.domain.steps import Step
from events.domain.year.rules import Rules
from events.identifiers import Stream, plan_stream
from services.access.decisions import decisions_told
from services.access.roles import TAKING, Action
from services.commands import reviews
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries import year_counts
from services.queries.year_counts import Counted, Since
from services.subject import Subject


def propose_rating(
    context: Context, asking: Asking, subject: Subject, counted: Counted, text: str | None
) -> Done:
    """Lay down a member's points and figures; the rulebook makes the proposal of them.

    What else it is computed from is read in the same transaction and told in the fact: discipline
    in the year, and what of the year before's plan is still open.
    """

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, Action.PROPOSE_RATING)
        today = local_day(work.now)
        command = rating_steps.ProposeRating(
            by=work.hand_for(state.units_above, Step.PROPOSAL),
            facts=year_counts.facts(context, work.events, opened, counted, today=today),
            text=reviews.seal_optional(work, subject, text),
            led_waiting=year_counts.units_waited_for(
                work.events, opened, year_counts.rulebook_of(context, opened), today=today
            ),
            below_waiting=year_counts.below_waiting(work.events, opened),
            away=reviews.excuse_of(work, opened),
        )
        rules = reviews.rules_of(work, state)
        proposed = rating_steps.propose_rating(state, command, rules, now=work.now)
        work.tell(subject.stream, proposed)
        return subject.stream

    return perform(context, asking, decide)


def announce_rating(context: Context, asking: Asking, subject: Subject) -> Done:
    """Give notice of a rating, and open a remediation plan where the rulebook wants one."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.ANNOUNCE_RATING)
        rules = reviews.rules_of(work, state)
        command = rating_steps.AnnounceRating(by=work.hand_for(state.units_above))
        told = rating_steps.announce_rating(state, command, rules)
        return _rate(work, subject, state, Step.ANNOUNCEMENT, told, review.level(state), rules)

    return perform(context, asking, decide)


def answer_notice(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """Hand in what the person reviewed says to the notice; no rating changes by it."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.ANSWER_NOTICE)
        command = rating_steps.AnswerNotice(
            by=reviews.acting_member(work, subject),
            text=reviews.seal(work, subject, text),
            hand=reviews.leading_hand(work, subject),
        )
        work.tell(subject.stream, rating_steps.answer_notice(state, command))
        return subject.stream

    return perform(context, asking, decide)


def judge_rating(
    step: Step,
    context: Context,
    asking: Asking,
    subject: Subject,
    level: str,
    proposal_version: int,
    text: str | None,
    weighed: Mapping[str, str] | None = None,
    item: str | None = None,
) -> Done:
    """Say a level of the proposal at `proposal_version`: to advise the authority, or to decide.

    `weighed` tells which limits a decision leaves behind, and on which of the edition's grounds;
    `item` which appraisal it is, None: that whose turn it is.
    """

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, TAKING[step])
        which = review.item_of(state, step) if item is None else item
        verdict: dict[str, Any] = {
            "by": work.hand_for(state.takers(step, which), step, which),
            "level": Code(level),
            "proposal_version": proposal_version,
            "text": reviews.seal_optional(work, subject, text),
            "away": reviews.excuse_of(work, opened),
            "facts": state.proposal
            and year_counts.facts_since(context, work.events, opened, state.proposal),
        }
        rules, now = reviews.rules_of(work, state), work.now
        if step is Step.APPRAISAL:
            appraisal = rating_steps.AppraiseRating(**verdict, item=which)
            told: Event = rating_steps.appraise_rating(state, appraisal, rules, now=now)
        else:
            command = rating_steps.DecideRating(**verdict, weighed=_limits_named(weighed))
            told = rating_steps.decide_rating(state, command, rules, now=now)
        return _rate(work, subject, state, step, told, level, rules)

    return perform(context, asking, decide)


def _limits_named(weighed: Mapping[str, str] | None) -> tuple[Weighed, ...] | UnsetType:
    told = (Weighed(limit=Label(x), ground=Label(on)) for x, on in sorted((weighed or {}).items()))
    return tuple(told) or UNSET


def return_rating(
    context: Context, asking: Asking, subject: Subject, proposal_version: int, text: str
) -> Done:
    """Give a proposal back to the unit, with the reason: it proposes anew."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.RETURN_RATING)
        command = rating_steps.ReturnRating(
            by=work.hand_for(state.deciding),
            proposal_version=proposal_version,
            text=reviews.seal(work, subject, text),
        )
        rules = reviews.rules_of(work, state)
        work.tell(subject.stream, rating_steps.return_rating(state, command, rules, now=work.now))
        return subject.stream

    return perform(context, asking, decide)


appraise_rating = functools.partial(judge_rating, Step.APPRAISAL)
decide_rating = functools.partial(judge_rating, Step.DECISION)


def reopen_review(
    context: Context,
    asking: Asking,
    subject: Subject,
    ground: str,
    decision: str | None,
    text: str | None,
) -> Done:
    """Have a decided review rated again; a discipline is looked up in the roster."""

    def decide(work: Work) -> Stream:
        state, opened = reviews.load(work, subject, Action.REOPEN_REVIEW)
        proposal = state.proposal.version if state.proposal else None
        since = year_counts.disciplines_since(context.store, work.events, opened, proposal)
        rules = reviews.rules_of(work, state)
        named = reopening.require_ground(rules.rulebook, ground)
        above = reviews.units_above(work, state.path)
        command = reopening.ReopenReview(
            by=work.hand_for(reopening.reopeners(state, named, above)),
            ground=Code(ground),
            above=above,
            decision=_decision(context, subject, decision, named.needs, since),
            late=since.late,
            lifted=since.lifted,
            text=reviews.seal_optional(work, subject, text),
        )
        reopened = reopening.reopen_review(state, command, rules, now=work.now)
        work.tell(subject.stream, reopened)
        return subject.stream

    return perform(context, asking, decide)


def make_statement(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """Hand in what whoever is rated again says to the ground of it, before it is decided anew."""

    def decide(work: Work) -> Stream:
        state, _ = reviews.load(work, subject, Action.MAKE_STATEMENT)
        command = reopening.MakeStatement(
            by=reviews.acting_member(work, subject),
            text=reviews.seal(work, subject, text),
            hand=reviews.leading_hand(work, subject),
        )
        rules = reviews.rules_of(work, state)
        work.tell(subject.stream, reopening.make_statement(state, command, rules, now=work.now))
        return subject.stream

    return perform(context, asking, decide)


def _decision(
    context: Context, subject: Subject, number: str | None, needs: Needs, since: Since
) -> Sealed[Decision] | UnsetType:
    """Return how facts name a discipline of whom a review is about, by its decision's number.

    Of several with one number it is the one that is a ground now.
    """
    if not number:
        return UNSET
    owner = reviews.owner_of(context, subject)
    history = context.store.read_stream(owner).events
    named = [each.sealed for each in decisions_told(context, history).meant(number)]
    grounds = since.late if needs is Needs.LATE_DISCIPLINE else since.lifted
    found = [*(each for each in named if each in grounds), *named]
    return Sealed(found[0]) if found else UNSET


def _rate(
    work: Work,
    subject: Subject,
    state: review.State,
    step: Step,
    told: Event,
    level: str | None,
    rules: Rules,
) -> Stream:
    """Tell a step of a rating; by that which makes it known, the plan that its level demands opens.

    A rating given again opens no second one.
    """
    work.tell(subject.stream, told)
    if step is state.makes_known and rules.rulebook.demands_plan(level):
        planned = plan.fold(work.load(plan_stream(subject.period, subject.member_id)).events)
        if not (state.superseded and planned.opened):
            reviews.open_plan(work, subject, state, rules, required=True)
    return subject.stream
