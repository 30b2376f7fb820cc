"""On which grounds the reader may have somebody rated again now."""

from collections.abc import Iterator

from markupsafe import Markup, escape

from events.domain.documents.working_days import local_day
from events.domain.review import reopening, review
from events.domain.rulebook.grounds import ReopeningGround
from services.web.asking.visibility import reader_of, units_above
from services.web.context import system
from services.web.pages.parts.rules import rules_of
from services.web.saying.languages import reader_language, say
from services.web.saying.moments import day


def open_to_reader(state: review.State) -> Iterator[ReopeningGround]:
    """Iterate over the grounds that are open still, and the reader's to take by an office."""
    if state.notice is None:
        return
    reader, today = reader_of(state), local_day(system().clock.now())
    above = units_above(reader, state.path)
    for each in rules_of(state).rulebook.reopening:
        last = reopening.last_day(state, each)
        if reader.hand_for(reopening.reopeners(state, each, above)) and (not last or today <= last):
            yield each


def called_until(state: review.State, ground: ReopeningGround) -> Markup:
    """Return what a ground is called, with the last day on which it is one."""
    called, last = ground.label.of(reader_language()), reopening.last_day(state, ground)
    return say("rating.reopen_until", ground=called, day=day(last)) if last else escape(called)
