"""A number of somebody who left: given to somebody else, it would tell of the wrong person."""

from collections.abc import Iterable, Mapping

from events.definitions.roster import MemberEnrolled, MemberLeft
from events.domain.organisation import member
from events.identifiers import Stream
from services.context import Context
from services.intake.refusals import NumberReused
from services.intake.renumbering import told_in
from services.intake.translation import Fact


def require_same_people(
    context: Context, facts: Iterable[Fact], subjects: Mapping[int, Stream]
) -> None:
    """Refuse who is enrolled under the number of somebody of another name who had left by then.

    Only streams that tell of a leaving are read: whoever tells everybody again every night asks
    once for all of them.

    Raises:
        NumberReused
    """
    enrolled = [fact for fact in facts if fact.cls is MemberEnrolled]
    streams = {subjects[fact.index] for fact in enrolled}
    left = context.store.streams_with(streams, MemberLeft.definition.type)
    for fact in enrolled:
        if subjects[fact.index] in left:
            _require_same(context, fact, subjects[fact.index])


def _require_same(context: Context, fact: Fact, stream: Stream) -> None:
    history = context.store.read_stream(stream).events
    then = member.fold(history).with_due(fact.time).until(fact.time)
    if member.view(then).membership != member.LEFT:
        return
    told = [each for each in told_in(context, history).values() if each.since <= fact.time]
    if told and max(told).names_another(fact.values["name"]):
        raise NumberReused(
            "somebody of another name had this number and left: if they came back, correct the "
            "name that was told first; if the number is somebody else's now, correct it in the "
            "facts that gave it to who left, then send this again",
            index=fact.index,
        )
