"""What people do with an escalation that lies before them."""

from datetime import datetime

from events.definitions.escalation import EscalationRaised
from events.definitions.records import Hand
from events.domain.aggregate.rejections import Rejection
from events.domain.escalation import escalation
from events.domain.escalation.lateness import late_with
from events.domain.organisation import member
from events.domain.plan import plan
from events.domain.review import review
from events.domain.steps import Step
from events.domain.year.rules import Rules
from events.identifiers import Stream, UnitId, escalation_stream, member_stream
from events.store import reference
from services.access.roles import Action, Unseen, require, roles_towards
from services.commands import reviews
from services.commands.work import Asking, Done, Work, perform
from services.context import Context
from services.queries import year_counts
from services.subject import Subject


def acknowledge(context: Context, asking: Asking, cause: str, text: str | None) -> Done:
    """Take up an escalation, so that it climbs no further."""
    stream = escalation_stream(cause)

    def decide(work: Work) -> Stream:
        state = escalation.fold(work.load(stream).events)
        if state.raised is None:
            raise Unseen("escalation")
        raised = state.raised.fact
        rules = reference.rules_of(context.store.database, raised)
        work.stand_under(rules.rulebook)
        period, subject = escalation.about(raised)
        about = Subject(period, subject)
        leaders = reviews.leaders_of(work, about)
        roles = roles_towards(
            work.stand_towards(subject, leaders),
            subject=subject,
            path=state.path,
            leaders=leaders,
            above=reviews.units_above(work, state.path),
        )
        require(Action.ACKNOWLEDGE, roles, kind="escalation")
        units = state.lay_before[::-1]
        state = work.after_units(state, units)
        missed = _state_with_miss(work, raised)
        by = work.hand_for(units, otherwise=Rejection.NOT_BEFORE_YOU)
        command = escalation.Acknowledge(
            by=by,
            late=late_with(missed, Step(raised.step), raised.item),
            offices=_offices(work, by, raised.due_at, rules),
            text=reviews.seal_optional(work, about, text),
        )
        work.tell(stream, escalation.acknowledge(state, command, rules))
        return stream

    return perform(context, asking, decide)


def _state_with_miss(work: Work, raised: EscalationRaised) -> review.State | plan.State:
    """Return the review or plan in which a deadline was missed."""
    stream = Stream(raised.subject)
    history = work.events(stream)
    state = review.fold(history) if stream.startswith("review-") else plan.fold(history)
    return work.after_units(state, state.path)


def _offices(work: Work, by: Hand, due_at: datetime, rules: Rules) -> frozenset[UnitId]:
    """Return the units in which those hold an office, or did when something was due, who see."""
    rosters = (member.fold(work.events(member_stream(each))) for each in by.eyes)
    offices = rules.rulebook.offices
    held = (year_counts.units_led(roster.until(due_at), offices) for roster in rosters)
    return work.actor.offices_of(by).union(*held)
