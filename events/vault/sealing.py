"""Seal words under a key of their owner, and commit to them without giving them away.

An event holds the commitment, the database the box, the key store the key. Destroying the key
darkens database, replicas, exports and backups at once, and what was decided still verifies.
"""

import base64
import hashlib
import hmac
import unicodedata
from typing import NamedTuple

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.errors import TusoiError
from events.identifiers import Chance
from events.vault.wrapping import bind, derive

IDENTITY = "identity"  # the scope of name, contacts and numbers; other scopes are years
KEY_BYTES = 32
SALT_BYTES = 32  # sealed with the text: from a known salt a short erased text could be guessed
NONCE_BYTES = 12
TEXT_BYTES_MAX = 64 * 1024
FORM = b"\x01"  # of a box: form, nonce, ciphertext


class SealedText(msgspec.Struct, frozen=True):
    """What is stored of a text."""

    commitment: str  # as in the event
    owner: str  # the stream name of whom the text is about
    scope: str  # "identity" or a year
    box: bytes


class Unsealed(NamedTuple):
    """A text with its salt: together they show what was committed to."""

    text: str  # in NFC
    salt: bytes


class TextTooLong(TusoiError):
    """The text does not fit: the writer shortens it."""

    code = "text_too_long"

    def __init__(self, size: int) -> None:
        super().__init__(f"the text takes {size} bytes, the limit is {TEXT_BYTES_MAX}: shorten it")
        self.size = size
        self.limit = TEXT_BYTES_MAX


class TextDamaged(TusoiError):
    """A box does not open, or does not hold what was committed to."""

    code = "text_damaged"

    def __init__(self, commitment: str) -> None:
        super().__init__(
            f"text {commitment} does not open: restore it, or the key store, as it was"
        )
        self.commitment = commitment


def commit(salt: bytes, text: str) -> str:
    """Return the commitment to a text: base64url of SHA-256(salt ‖ NFC text in UTF-8).

    >>> commit(bytes(32), "e\u0301") == commit(bytes(32), "\u00e9")
    True
    """
    if len(salt) != SALT_BYTES:
        raise ValueError(f"a salt has {SALT_BYTES} bytes, not {len(salt)}")
    return _commitment(salt + _bytes(text))


def decision_salt(year_key: bytes, number: str, *more: str) -> bytes:
    """Return the salt of a decision's number, the same whenever the decision is told of its owner.

    What `more` it is known by, its issuer and its year, tells it from another of that number. So a
    fact finds the decision it speaks of, and nobody guesses it without the key of the year in which
    it was told first: with that key it is gone.
    """
    return derive(year_key, "decision", *map(_bytes, (number, *more)))


def seal(
    text: str,
    *,
    key: bytes,
    owner: str,
    scope: str,
    chance: Chance,
    salt: bytes | None = None,
) -> SealedText:
    """Return a text sealed under its owner's key, with a salt of its own unless one is given.

    Raises:
        TextTooLong: more than 64 KiB.
    """
    plain = _bytes(text)
    if len(plain) > TEXT_BYTES_MAX:
        raise TextTooLong(len(plain))
    drawn = chance.bytes(SALT_BYTES + NONCE_BYTES)
    salted, nonce = (salt or drawn[:SALT_BYTES]) + plain, drawn[SALT_BYTES:]
    commitment = _commitment(salted)
    box = AESGCM(key).encrypt(nonce, salted, bind(owner, scope, commitment))
    return SealedText(commitment, owner, scope, FORM + nonce + box)


def unseal(sealed: SealedText, *, key: bytes) -> str:
    """Return the text, in NFC. Raises as `unseal_with_salt`."""
    return unseal_with_salt(sealed, key=key).text


def unseal_with_salt(sealed: SealedText, *, key: bytes) -> Unsealed:
    """Return the text and its salt, after checking that they are those committed to.

    Raises:
        TextDamaged: wrong key, or something was changed.
    """
    form, nonce, box = (
        sealed.box[:1],
        sealed.box[1 : 1 + NONCE_BYTES],
        sealed.box[1 + NONCE_BYTES :],
    )
    if form != FORM:
        raise TextDamaged(sealed.commitment)
    bound = bind(sealed.owner, sealed.scope, sealed.commitment)
    try:  # a ValueError says that the nonce was cut short
        salted = AESGCM(key).decrypt(nonce, box, bound)
    except (InvalidTag, ValueError) as error:
        raise TextDamaged(sealed.commitment) from error
    # Checked again after opening: whoever has the key could seal other words for this commitment.
    if not hmac.compare_digest(_commitment(salted), sealed.commitment):
        raise TextDamaged(sealed.commitment)
    return Unsealed(salted[SALT_BYTES:].decode(), salted[:SALT_BYTES])


def _commitment(salted: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(salted).digest()).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return unicodedata.normalize("NFC", text).encode()
