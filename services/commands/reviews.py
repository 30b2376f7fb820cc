"""What people write in a review, and deadlines that are moved; what other commands of a year share.

Meetings and ratings have commands beside these.
"""

import dataclasses
from collections.abc import Iterator, Sequence

from msgspec import UNSET, UnsetType

from events.definitions.deadline import Excuse
from events.definitions.event import Sealed
from events.definitions.plan import PlanOpened
from events.definitions.records import Digest, Hand, Label
from events.definitions.review import PSEUDONYM, ReviewOpened
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.documents.working_days import start_of_day
from events.domain.plan import plan, plan_steps
from events.domain.review import review, writing_steps
from events.domain.year.rules import Rules
from events.identifiers import (
    MemberId,
    Stream,
    UnitId,
    member_stream,
    new_event_id,
    new_id,
    plan_stream,
    unit_stream,
)
from events.store import reference
from events.store.keys import KeyDestroyed
from services.access.roles import Action, Role, Thing, Unseen, may, require, roles_in_review
from services.access.words import pseudonym_under
from services.commands import judging
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries import year_counts
from services.queries.answers import Marks, in_json
from services.subject import Subject


def commit(
    context: Context,
    asking: Asking,
    subject: Subject,
    text: str,
    form: Digest | UnsetType = UNSET,
) -> Done:
    """Hand in the commitment of a member, or of a unit by somebody who leads it."""

    def decide(work: Work) -> Stream:
        state, _ = load(work, subject, Action.COMMIT)
        command = writing_steps.MakeCommitment(
            by=acting_member(work, subject),
            text=seal(work, subject, text),
            form=form,
            hand=leading_hand(work, subject),
        )
        work.tell(subject.stream, writing_steps.make_commitment(state, command))
        return subject.stream

    return perform(context, asking, decide)


def submit_self_critique(
    context: Context,
    asking: Asking,
    subject: Subject,
    text: str,
    marks: Marks,
    form: Digest | UnsetType = UNSET,
    catalogue: Digest | UnsetType = UNSET,
) -> Done:
    """Hand in the self-critique of a member, or of a unit, with their own marks, sealed as JSON."""

    def decide(work: Work) -> Stream:
        state, _ = load(work, subject, Action.SUBMIT_SELF_CRITIQUE)
        command = writing_steps.SubmitSelfCritique(
            by=acting_member(work, subject),
            text=seal(work, subject, text),
            marks=seal_optional(work, subject, in_json(marks)),
            points=marks.points,
            level=marks.level,
            form=form,
            catalogue=catalogue,
            hand=leading_hand(work, subject),
        )
        rules = rules_of(work, state)
        submitted = writing_steps.submit_self_critique(state, command, rules, now=work.now)
        work.tell(subject.stream, submitted)
        return subject.stream

    return perform(context, asking, decide)


def criticise(context: Context, asking: Asking, subject: Subject, text: str) -> Done:
    """Hand in a criticism, under a pseudonym that only the reviewed person's key links to one.

    Its fact tells the day alone: who was there at a moment is easily found out.
    """
    owner = owner_of(context, subject)

    def decide(work: Work) -> Stream:
        work.owners[subject.member_id] = owner
        state, _ = load(work, subject, Action.CRITICISE)
        critic = work.member(otherwise=Rejection.NO_MEMBER_WRITES)
        try:
            key = context.keys.ensure([(owner, subject.period)])[owner, subject.period]
        except KeyDestroyed:
            writing_steps.require_criticism_in_time(state, erased=True)
            raise
        criticism_id = Label(new_id(context.chance))
        author = pseudonym_under(key, critic, criticism_id)
        work.principal = f"{PSEUDONYM}{author}"
        work.told_at = start_of_day(work.now)
        command = writing_steps.GiveCriticism(
            by=critic,
            criticism_id=criticism_id,
            author=author,
            earlier=frozenset(_given_by(critic, key, state)),
            text=seal(work, subject, text),
        )
        rules = rules_of(work, state)
        given = writing_steps.give_criticism(state, command, rules, now=work.now)
        work.tell(subject.stream, given)
        return subject.stream

    # No id that was given from outside, or that a log line bears, may lead from it to its author,
    # nor may an idempotency key that is easily guessed, once the reviewed person's key is gone.
    nobodys = new_event_id(context.chance)
    unlinked = dataclasses.replace(asking, correlation_id=nobodys, under=(owner, subject.period))
    return perform(context, unlinked, decide)


def answer(
    context: Context, asking: Asking, subject: Subject, criticism_id: str, text: str
) -> Done:
    """Hand in the reviewed person's answer to a criticism."""

    def decide(work: Work) -> Stream:
        state, _ = load(work, subject, Action.ANSWER)
        command = writing_steps.AnswerCriticism(
            by=acting_member(work, subject),
            criticism_id=Label(criticism_id),
            text=seal(work, subject, text),
            hand=leading_hand(work, subject),
        )
        work.tell(subject.stream, writing_steps.answer_criticism(state, command))
        return subject.stream

    return perform(context, asking, decide)


def load(
    work: Work, subject: Subject, action: Action, *, kind: Thing = "review"
) -> tuple[review.State, ReviewOpened]:
    """Return a review as it is, if the person may do this with it, or with a `kind` behind it.

    Raises:
        Unseen: there is no such review, or none that the person may know of.
        Forbidden: the person may not.
    """
    state = review.fold(work.load(subject.stream).events)
    if state.opened is None:
        raise Unseen(kind)
    work.stand_under(year_counts.rulebook_of(work.context, state.opened.fact))
    roles, refused = _roles(work, subject, state), None
    if action in judging.JUDGING:
        told, refused = judging.what_follows(work, state, rules_of(work, state), action)
        if told:  # by somebody who may before or after it: nobody else makes anything of it
            followed = judging.after(state, told, work.now)
            require(action, roles | _roles(work, subject, followed), kind=kind)
            judging.tell(work, subject.stream, told)
    work.sees = may(Action.SEE_STATE, roles)
    require(action, roles, kind=kind)
    if refused:
        raise refused
    if action in judging.IN_ITS_YEAR:
        judging.require_of_year(work, subject.stream, state)
    return work.after_units(state, (*state.path, *state.venues)), state.opened.fact


def _roles(work: Work, subject: Subject, state: review.State) -> frozenset[Role]:
    """Return what the person is towards a review, as it is or as it would be."""
    leaders, above = _leaders(work, subject, state), units_above(work, state.path)
    actor = work.stand_towards(subject.member_id, leaders)
    return roles_in_review(actor, state, subject.member_id, leaders=leaders, above=above)


def units_above(work: Work, path: Sequence[UnitId]) -> tuple[UnitId, ...]:
    """Return the units above the one that decides, where who asks may act in one; else none."""
    return work.units_above(path[-1]) if work.actor.acts_beside(path) else ()


def leaders_of(work: Work, subject: Subject) -> frozenset[MemberId]:
    """Return who answers for the collective whose year it is; of a member, nobody."""
    return _leaders(work, subject, review.fold(work.events(subject.stream)))


def _leaders(work: Work, subject: Subject, reviewed: review.State) -> frozenset[MemberId]:
    """Return who does by the facts of review and plan, and whoever asks if they lead it by now."""
    if not reviewed.collective:
        return frozenset()
    planned = plan.fold(work.events(plan_stream(subject.period, subject.member_id)))
    hand = leading_hand(work, subject)
    return reviewed.leaders | planned.leaders | ({hand.member_id} if hand else set())


def excuse_of(work: Work, opened: ReviewOpened) -> Excuse | None:
    """Return why who is reviewed is not there now; they must still be so when this is appended."""
    return year_counts.excuse_of(work.context, work.events, opened, at=work.now)


def rules_of(work: Work, state: review.State) -> Rules:
    """Return the rules by which a review goes on, under the newest calendar told there."""
    goes_by = state.deadlines.source(writing_steps.opened_review(state))
    return reference.rules_of(work.context.store.database, goes_by)


def _given_by(critic: MemberId, key: bytes, state: review.State) -> Iterator[Label]:
    """Iterate over the criticisms of a review that somebody gave before."""
    for each in state.criticisms:
        if each.fact.author == pseudonym_under(key, critic, each.fact.criticism_id):
            yield each.fact.criticism_id


def open_voluntary_plan(work: Work, subject: Subject) -> PlanOpened:
    """Return the opening of a plan that no rating demands, which is appended with the proposal."""
    state, _ = load(work, subject, Action.PROPOSE_PLAN, kind="plan")
    if state.notice is None:
        raise CommandRejected(Rejection.NOT_ANNOUNCED)
    return open_plan(work, subject, state, rules_of(work, state), required=False)


def open_plan(
    work: Work, subject: Subject, reviewed: review.State, rules: Rules, *, required: bool
) -> PlanOpened:
    stream = plan_stream(subject.period, subject.member_id)
    command = plan_steps.OpenPlan(
        period=subject.period,
        member_id=subject.member_id,
        path=reviewed.pinned_units_above,
        required=required,
        collective=reviewed.collective,
        leaders=reviewed.hands(),
    )
    state = plan.fold(work.load(stream).events)
    now = work.now
    plan_opened = plan_steps.open_plan(state, command, rules, now=now)
    work.tell(stream, plan_opened)
    return plan_opened


def acting_member(work: Work, subject: Subject) -> MemberId:
    """Return who takes a step of their own: a member, or the unit by somebody who leads it."""
    hand = leading_hand(work, subject)
    return subject.member_id if hand else work.member(otherwise=Rejection.NO_MEMBER_WRITES)


def leading_hand(work: Work, subject: Subject) -> Hand | UnsetType:
    """Return by which office the person acts for the collective reviewed; of a member, none."""
    hand = work.actor.hand_for((UnitId(subject.member_id),))
    if hand is None or hand.unit_id != UnitId(subject.member_id) or hand.for_id:
        return UNSET
    work.guard()
    return hand


def owner_of(context: Context, subject: Subject) -> Stream:
    """Return whose key seals the words of a review: the member's, or of a collective the unit's."""
    unit = unit_stream(UnitId(subject.member_id))
    return unit if context.store.versions([unit])[unit] else member_stream(subject.member_id)


def seal(work: Work, subject: Subject, text: str) -> Sealed[str]:
    """Return the commitment of words about somebody's year; whose key seals is asked once."""
    who = subject.member_id
    if who not in work.owners:
        work.owners[who] = owner_of(work.context, subject)
    return work.seal(text, owner=work.owners[who], period=subject.period)


def seal_optional(work: Work, subject: Subject, text: str | None) -> Sealed[str] | UnsetType:
    return seal(work, subject, text) if text else UNSET
