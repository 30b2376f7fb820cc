"""A remediation plan, as people propose it, agree to it or return it."""

from collections.abc import Callable, Sequence
from datetime import date

import msgspec

from events.definitions.event import Event
from events.definitions.records import Label, Milestone
from events.domain.aggregate.folding import Taken
from events.domain.aggregate.rejections import CommandRejected, Rejection
from events.domain.organisation import member
from events.domain.plan import plan, plan_steps
from events.domain.year.rules import Rules
from events.identifiers import MemberId, Stream, UnitId, member_stream, plan_stream
from events.store import reference
from services.access.roles import Action, Role, Unseen, may, require, roles_towards
from services.commands import judging, reviews
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries import following, year_counts
from services.subject import Subject

JUDGING = (Action.JUDGE_PLAN, Action.JUDGE_EVIDENCE)  # before these it is told what follows


class Wanted(msgspec.Struct, frozen=True):
    """A milestone as its member writes it."""

    words: str
    due_on: date


def propose_plan(
    context: Context, asking: Asking, subject: Subject, text: str, milestones: Sequence[Wanted]
) -> Done:
    """Hand in a member's plan; where no rating demanded one, it is opened with this."""

    def decide(work: Work) -> Stream:
        stream = stream_of(subject)
        state = plan.fold(work.load(stream).events)
        if state.opened is None:
            begun = reviews.open_voluntary_plan(work, subject)
            state = plan.state_at_opening(begun, work.now)
        _require_action(work, subject, state, Action.PROPOSE_PLAN)
        rules, now = rules_of(work, state), work.now
        command = plan_steps.ProposePlan(
            by=reviews.acting_member(work, subject),
            text=reviews.seal(work, subject, text),
            milestones=tuple(
                Milestone(
                    id=Label(str(number)),
                    due_at=rules.due_on(wanted.due_on, now=now),
                    words=reviews.seal(work, subject, wanted.words),
                )
                for number, wanted in enumerate(milestones, 1)
            ),
            hand=reviews.leading_hand(work, subject),
        )
        work.tell(stream, plan_steps.propose_plan(state, command, rules, now=now))
        return stream

    return perform(context, asking, decide)


def agree_to_plan(
    context: Context, asking: Asking, subject: Subject, proposal_version: int, follower_id: MemberId
) -> Done:
    """Agree to a plan and say who follows it."""

    def judge(work: Work, state: plan.State) -> Event:
        rules = rules_of(work, state)
        command = plan_steps.AgreeToPlan(
            by=work.hand_for(state.path),
            proposal_version=proposal_version,
            follower_id=follower_id,
            follower_below=following.follows_from_below(work.events, state, follower_id, rules),
            answering=_answerers(work, subject, follower_id),
        )
        return plan_steps.agree_to_plan(state, command, rules)

    return _tell(context, asking, subject, judge)


def name_follower(
    context: Context, asking: Asking, subject: Subject, follower_id: MemberId
) -> Done:
    """Let somebody else follow an agreed plan."""

    def judge(work: Work, state: plan.State) -> Event:
        rules = rules_of(work, state)
        command = plan_steps.NameFollower(
            by=work.hand_for(state.path),
            follower_id=follower_id,
            follower_below=following.follows_from_below(work.events, state, follower_id, rules),
            answering=_answerers(work, subject, follower_id),
        )
        return plan_steps.name_follower(state, command, rules)

    return _tell(context, asking, subject, judge)


def return_plan(
    context: Context, asking: Asking, subject: Subject, proposal_version: int, text: str
) -> Done:
    """Send a plan back to its member, with the reason."""

    def judge(work: Work, state: plan.State) -> Event:
        command = plan_steps.ReturnPlan(
            by=work.hand_for(state.path),
            proposal_version=proposal_version,
            text=reviews.seal(work, subject, text),
            answering=reviews.leaders_of(work, subject),
        )
        return plan_steps.return_plan(state, command, rules_of(work, state), now=work.now)

    return _tell(context, asking, subject, judge)


def _tell(
    context: Context,
    asking: Asking,
    subject: Subject,
    judge: Callable[[Work, plan.State], Event],
) -> Done:
    """Append what somebody who may judge a plan says of it, as the law tells it."""

    def decide(work: Work) -> Stream:
        state = load(work, subject, Action.JUDGE_PLAN)
        work.tell(stream_of(subject), judge(work, state))
        return stream_of(subject)

    return perform(context, asking, decide)


def stream_of(subject: Subject) -> Stream:
    return plan_stream(subject.period, subject.member_id)


def load(work: Work, subject: Subject, action: Action) -> plan.State:
    """Return a plan as it is, if the person may do this with it.

    Raises:
        Unseen: there is no such plan, or none that the person may know of.
        Forbidden: the person may not.
    """
    state = plan.fold(work.load(stream_of(subject)).events)
    if state.opened and action in JUDGING:
        _tell_what_follows(work, subject, state, action)
    _require_action(work, subject, state, action)
    return work.after_units(state, state.path)


def _tell_what_follows(work: Work, subject: Subject, state: plan.State, action: Action) -> None:
    """Tell before whom a plan goes on, where no worker did, for who may judge it before or after.

    Raises:
        Unseen, Forbidden: they may do so neither before nor after.
        ConcurrentAppend: it is told: what was asked is decided anew.
    """
    told = following.plan_followed_by(work.events, state, rules_of(work, state))
    if told is None:
        return
    moved = Taken(state.version + 1, work.now, told)
    followed = msgspec.structs.replace(state, version=moved.version, moved=moved)
    roles = _roles(work, subject, state) | _roles(work, subject, followed)
    require(action, roles, kind="plan")
    judging.tell(work, stream_of(subject), told)


def rules_of(work: Work, state: plan.State) -> Rules:
    """Return the rules by which a plan goes on, under the newest calendar told there."""
    goes_by = state.deadlines.source(plan_steps.opened_plan(state))
    return reference.rules_of(work.context.store.database, goes_by)


def _require_action(work: Work, subject: Subject, state: plan.State, action: Action) -> None:
    if state.opened is None:
        raise Unseen("plan")
    roles = _roles(work, subject, state)
    work.sees = may(Action.SEE_STATE, roles)
    require(action, roles, kind="plan")


def _roles(work: Work, subject: Subject, state: plan.State) -> frozenset[Role]:
    """Return what the person is towards a plan, as it is or as it would be."""
    work.stand_under(year_counts.rulebook_of(work.context, plan_steps.opened_plan(state)))
    leaders = reviews.leaders_of(work, subject)
    return roles_towards(
        work.stand_towards(subject.member_id, leaders),
        subject=subject.member_id,
        path=state.path,
        follower=state.follower_id,
        leaders=leaders,
        above=reviews.units_above(work, state.path),
    )


def _answerers(work: Work, subject: Subject, follower_id: MemberId) -> frozenset[MemberId]:
    """Return who answers for the collective of a plan: also a follower who leads it by now.

    Raises:
        CommandRejected: whoever is to follow the plan is no member.
    """
    roster = member.fold(work.events(member_stream(follower_id)))
    if member.view(roster).membership != member.ENROLLED:
        raise CommandRejected(Rejection.NO_FOLLOWER)
    offices = {post for each in work.actor.editions for post in each.offices}
    led = year_counts.units_led(roster, offices)
    leads = {follower_id} if UnitId(subject.member_id) in led else frozenset()
    return reviews.leaders_of(work, subject) | leads
