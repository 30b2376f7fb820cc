"""What is asked again under one key (Idempotency-Key) is done once: by what it is known again."""

import uuid
from collections.abc import Iterable
from typing import Any

import msgspec

from events.definitions.event import Event
from events.replay.words import commitments_of
from events.vault.sealing import SealedText
from events.vault.wrapping import derive
from services.context import Context


def event_id(context: Context, key: str, whose: str, *, under: tuple[str, str] | None) -> str:
    """Return the id under which a command with a key is remembered; it tells nothing of either.

    It is made `under` somebody's key too where it would tell of whom.
    """
    keys = context.keys.keys([under]) if under else {}
    drawn = derive(context.index_key(), "key", whose, key, *keys.values())
    return str(uuid.UUID(bytes=drawn[:16], version=5))


def digest(
    context: Context, key: str, request: Any, told: Event, texts: Iterable[SealedText]
) -> bytes | None:
    """Return by what a request is told from another one; None where its words were erased.

    It is made under the keys of the words in the fact: the digest stays when they are gone, and
    whoever guesses a key that people chose could try out short words.
    """
    wanted, boxes = set(commitments_of(told)), {each.commitment: each for each in texts}
    if left := wanted - boxes.keys():
        boxes |= context.store.sealed_texts(sorted(left))
    sealed = (boxes[each] for each in wanted if each in boxes)
    pairs = sorted({(each.owner, each.scope) for each in sealed})
    keys = context.keys.keys(pairs)
    if len(keys) < len(pairs):
        return None
    encoded = msgspec.json.encode(request, order="sorted")  # the key is kept nowhere
    own = [keys[each] for each in pairs]
    return derive(context.index_key(), "request", key, *own, encoded)
