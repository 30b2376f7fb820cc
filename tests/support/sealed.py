"""Commitments to words: made up where nobody opens them, and real ones for whoever does."""

import base64
import hashlib
from datetime import datetime
from typing import Any

from events.definitions.event import Sealed
from events.definitions.roster import AbsenceReason, MemberAbsent
from events.domain.organisation.member import Reasons
from events.identifiers import MemberId, member_stream, new_event_id
from events.store.batch import Appended, NewEvent
from events.vault.sealing import seal
from services.context import Context


def sealed(word: str) -> Sealed[Any]:
    """Return what might be the commitment to a word; the same one for the same word."""
    digest = hashlib.sha256(word.encode()).digest()
    return Sealed(base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


REASONS: Reasons = {sealed(each).sealed: each for each in AbsenceReason}  # as if opened


def append_absence(
    context: Context, member_id: MemberId, reason: AbsenceReason, *, at: datetime
) -> None:
    """Append that a member is away, with the reason sealed so that it can be opened."""
    owner, scope = member_stream(member_id), str(at.year)
    key = context.keys.ensure([(owner, scope)])[owner, scope]
    text = seal(reason, key=key, owner=owner, scope=scope, chance=context.chance)
    new = NewEvent(
        event=MemberAbsent(member_id=member_id, reason=Sealed(text.commitment)),
        id=new_event_id(context.chance),
        source="/hr",
        time=at,
        principal="token:hr",
    )
    version = context.store.versions([owner])[owner]
    context.store.append({owner: Appended(version, (new,))}, texts=[text])
