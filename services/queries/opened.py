"""Which words of a milestone's newest evidence somebody never opened."""

from events.definitions.reading import TextOpened
from events.domain.plan.plan import Milestone
from events.identifiers import reading_stream
from services.context import Context
from services.subject import Subject


def count_unopened(
    context: Context, subject: Subject, milestone: Milestone, account_id: str
) -> int:
    """Return how many of the newest report and its files an account never opened."""
    if not milestone.evidence:
        return 0
    handed = milestone.evidence[-1].fact
    shown = {each.file for each in handed.files}
    if handed.text:
        shown.add(handed.text.sealed)
    history = context.store.read_stream(reading_stream(subject.period, subject.member_id)).events
    for recorded in history:
        if isinstance(recorded.event, TextOpened) and recorded.event.reader == account_id:
            shown.difference_update(recorded.event.texts)
    return len(shown)
