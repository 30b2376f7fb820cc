"""What the operator says of a unit where HR does not: that it decides, or decides no more."""

from events.definitions.roster import UnitAuthorised, UnitAuthorityEnded
from events.domain.organisation import unit
from events.identifiers import UnitId, new_event_id, unit_stream
from events.store.batch import Appended, NewEvent
from services.commands.executor import attempt
from services.context import Context

SOURCE = "/operator"
PRINCIPAL = "operator"


def authorise(context: Context, unit_id: UnitId, *, decides: bool = True) -> bool:
    """Tell that a unit decides, so that it may open periods, or no more; False if it is so already.

    It is the same fact that HR tells, and HR may correct it.
    """

    def once() -> bool:
        stream = unit_stream(unit_id)
        history = context.store.read_stream(stream)
        if bool(unit.view(unit.fold(history.events)).authority_since) is decides:
            return False
        fact = UnitAuthorised if decides else UnitAuthorityEnded
        new = NewEvent(
            event=fact(unit_id=unit_id),
            id=new_event_id(context.chance),
            source=SOURCE,
            time=context.clock.now(),
            principal=PRINCIPAL,
        )
        context.store.append({stream: Appended(history.version, (new,))})
        return True

    return attempt(once)
