"""Open sealed words. Whether somebody may, and whether that is told, is the caller's to see to."""

import hmac
from base64 import b32encode
from collections.abc import Iterable
from typing import NamedTuple

from events.definitions.records import Label
from events.domain.organisation import member
from events.domain.organisation.member import Reasons
from events.domain.organisation.timelines import State
from events.identifiers import MemberId
from events.vault.sealing import Unsealed, unseal_with_salt
from services.context import Context

PSEUDONYM_LENGTH = 26


class Opened(NamedTuple):
    """What became of some commitments; one that nobody sealed anything for is in neither."""

    words: dict[str, Unsealed]
    erased: frozenset[str]  # their key was destroyed


def open_all(context: Context, commitments: Iterable[str]) -> Opened:
    """Return the words behind commitments, and which of them were erased."""
    wanted = list(dict.fromkeys(commitments))
    if not wanted:
        return Opened({}, frozenset())
    boxes = context.store.sealed_texts(wanted)
    pairs = {each: (box.owner, box.scope) for each, box in boxes.items()}
    keys = context.keys.keys(pairs.values())
    words = {
        each: unseal_with_salt(box, key=keys[pairs[each]])
        for each, box in boxes.items()
        if pairs[each] in keys
    }
    return Opened(words, frozenset(boxes.keys() - words.keys()))


def reasons_in(context: Context, rosters: Iterable[State]) -> Reasons:
    """Return for which reasons members were away, as far as they were not erased."""
    told = [each for roster in rosters for each in member.absence_reasons(roster)]
    return {commitment: word.text for commitment, word in open_all(context, told).words.items()}


def pseudonym_under(key: bytes, author: MemberId, criticism_id: Label) -> Label:
    """Return under which name an author gives a criticism to whose year the key is.

    It is another one each time, so that nobody sees which criticisms are one author's.
    """
    digest = hmac.digest(key, f"{author}\n{criticism_id}".encode(), "sha256")
    return Label(b32encode(digest).decode().lower()[:PSEUDONYM_LENGTH])
