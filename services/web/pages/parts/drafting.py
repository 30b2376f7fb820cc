"""What the reader is writing on a form: kept as their draft until they send it or let it go."""

from collections.abc import Mapping
from datetime import datetime

from events.domain.review import review, writing_steps
from events.store.keys import KeyDestroyed
from events.vault.boxes import BoxDamaged
from services.commands import reviews
from services.safekeeping import drafts
from services.safekeeping.drafts import Draft
from services.subject import Subject
from services.web.asking import person
from services.web.context import system


def load(name: str) -> Draft | None:
    """Return what the reader typed so far; None where there is nothing that can be read."""
    try:
        return drafts.load(system(), _author(), name)
    except BoxDamaged:
        return None


def save(
    name: str,
    subject: Subject,
    fields: Mapping[str, str],
    *,
    criticised: review.State | None = None,
) -> datetime:
    """Keep what was typed about somebody's year, and return when that was.

    What a peer writes of a review is kept while a criticism is taken, and a peer is not told of an
    erasure: then none is.

    Raises:
        CommandRejected, DraftTooLong, KeyDestroyed: nothing was kept.
    """
    if criticised:
        writing_steps.require_criticism_in_time(criticised)
    owner, scope = reviews.owner_of(system(), subject), subject.period
    try:
        return drafts.save(system(), _author(), name, owner=owner, scope=scope, fields=fields)
    except KeyDestroyed:
        if criticised:
            writing_steps.require_criticism_in_time(criticised, erased=True)
        raise


def discard(name: str) -> None:
    """Let go of a draft, if there is one."""
    drafts.discard(system(), _author(), name)


def _author() -> str:
    return person.person().account_id
