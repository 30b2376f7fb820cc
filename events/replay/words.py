"""The words behind a bundle's commitments, for whoever may read them, and their check.

A bundle holds none unless it was asked for with them. Words that were erased are absent, and what
was decided verifies all the same.
"""

import base64
import dataclasses
import functools
import types
import typing
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

import msgspec
from msgspec import UnsetType

from events.definitions.entry import Recorded, encode_salt
from events.definitions.event import Event, Sealed
from events.errors import TusoiError
from events.vault.sealing import SALT_BYTES, Unsealed, commit

UNIONS = (typing.Union, types.UnionType)
PLAIN = (str, int, bool, date, UnsetType, types.NoneType)


class WordsWrong(TusoiError):
    """Words stand in a bundle that are not those that an entry committed to."""

    code = "words_wrong"


class SaltedText(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A text with the salt that it was committed to with."""

    salt: str  # base64url
    text: str  # in NFC


def word_of(opened: Unsealed) -> SaltedText:
    """Return a text as it stands in a bundle."""
    return SaltedText(salt=encode_salt(opened.salt), text=opened.text)


def commitments_in(history: Iterable[Recorded]) -> tuple[str, ...]:
    """Return the commitments of all words in a history, in its order, each once."""
    return tuple(
        dict.fromkeys(each for recorded in history for each in commitments_of(recorded.event))
    )


def commitments_of(value: object) -> Iterator[str]:
    """Iterate over the commitments of words in a fact or its stored data, however deep they are."""
    match value:
        case Sealed(sealed=commitment):
            yield commitment
        case {"sealed": str(commitment), **others} if not others:  # as it is stored
            yield commitment
        case dict():
            yield from commitments_of(tuple(value.values()))
        case tuple() | list():
            for each in value:
                yield from commitments_of(each)
        case msgspec.Struct():
            yield from commitments_of(msgspec.structs.astuple(value))
        case Event():
            for name in _fields_with_words(type(value)):  # type: ignore[arg-type]
                yield from commitments_of(getattr(value, name))


@functools.cache
def _fields_with_words(kind: type) -> tuple[str, ...]:
    """Return the fields of an event that may hold words, however deep: others are not looked at."""
    assert dataclasses.is_dataclass(kind), "every event is one"
    return tuple(f.name for f in dataclasses.fields(kind) if not _is_plain(f.type))


def _is_plain(kind: Any) -> bool:
    """Return whether values of a type hold nothing within: texts, numbers, times, and none."""
    if args := typing.get_args(kind):
        return typing.get_origin(kind) in UNIONS and all(map(_is_plain, args))
    while isinstance(kind, typing.NewType):
        kind = kind.__supertype__
    return isinstance(kind, type) and issubclass(kind, PLAIN)


def require_words(words: Mapping[str, SaltedText], history: Iterable[Recorded]) -> None:
    """Raise WordsWrong unless each text is one that an entry of the history committed to.

    Its form counts too, for a text has other bytes than NFC's under the same commitment.
    """
    committed = set(commitments_in(history))
    for commitment, word in words.items():
        if commitment not in committed:
            raise WordsWrong(f"words stand under {commitment[:50]!r}, to which no entry commits")
        if not unicodedata.is_normalized("NFC", word.text):
            raise WordsWrong(f"the words under {commitment} are not in Unicode normal form C")
        if commit(_salt(commitment, word.salt), word.text) != commitment:
            raise WordsWrong(f"the words under {commitment} are not those that were committed to")


def _salt(commitment: str, encoded: str) -> bytes:
    """Return a salt, which has one form only: that in which it was written."""
    try:
        salt = base64.urlsafe_b64decode(f"{encoded}=")
    except ValueError:
        salt = b""
    if len(salt) != SALT_BYTES or encode_salt(salt) != encoded:
        raise WordsWrong(f"the salt under {commitment} is not {SALT_BYTES} bytes in base64url")
    return salt
