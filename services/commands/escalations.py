"""What people do with an escalation that lies before them."""

from events.domain import escalation
from events.identifiers import Stream, escalation_stream
from events.store import reference
from services.access.roles import Action, Unseen, require, roles_towards
from services.commands import reviews
from services.commands.context import Context
from services.commands.reviews import Subject
from services.commands.work import Asking, Done, Work, perform


def acknowledge(context: Context, asking: Asking, cause: str, text: str | None) -> Done:
    """Take up an escalation, so that it climbs no further."""
    stream = escalation_stream(cause)

    def decide(work: Work) -> Stream:
        state = escalation.fold(work.load(stream).events)
        if state.raised is None:
            raise Unseen("escalation")
        raised = state.raised.fact
        period, subject = escalation.about(raised)
        about = Subject(period, subject)
        leaders = reviews.leaders_of(work, about)
        roles = roles_towards(asking.person, subject=subject, path=raised.path, leaders=leaders)
        require(Action.ACKNOWLEDGE, roles, kind="escalation")
        units = [each.unit_id for each in reversed(state.laid)]
        state = work.after_units(state, units)
        by = work.hand_in(units, needed="it lies before somebody else")
        rules = reference.rules_of(context.store.database, raised)
        sealed = reviews.seal_optional(work, about, text)
        work.tell(stream, escalation.acknowledge(state, by, rules, sealed))
        return stream

    return perform(context, asking, decide)
