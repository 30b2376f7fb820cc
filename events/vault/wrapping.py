"""Keys under the master key, and digests under a key: what the key store holds is useless alone."""

import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.errors import StoreUnavailable, TusoiError
from events.identifiers import Chance

MASTER_BYTES = 32
NONCE_BYTES = 12
FORM = b"\x01"  # of a wrapped key: form, the master key's id, nonce, ciphertext
ID_BYTES = 4


class WrongMasterKey(StoreUnavailable):
    """The key was wrapped under another master key: with this one nothing is read or written."""

    code = "wrong_master_key"

    def __init__(self) -> None:
        super().__init__(
            "keys were wrapped under another master key: set TUSOI_MASTER_KEY_FILE to it; where "
            "`tusoi keys rotate` was broken off, to the old one, and run it again"
        )


class KeyDamaged(TusoiError):
    """What the key store holds is not what was put there."""

    code = "key_damaged"

    def __init__(self, owner: str, scope: str) -> None:
        super().__init__(f"the key of {owner} for {scope} was changed: restore the key store")
        self.owner = owner
        self.scope = scope


def wrap(key: bytes, *, master: bytes, owner: str, scope: str, chance: Chance) -> bytes:
    """Return a key as the key store holds it.

    Raises:
        WrongMasterKey: it has not 32 bytes.
    """
    nonce = chance.bytes(NONCE_BYTES)
    return head_of(master) + nonce + AESGCM(master).encrypt(nonce, key, bind(owner, scope))


def unwrap(wrapped: bytes, *, master: bytes, owner: str, scope: str) -> bytes:
    """Return the key.

    Raises:
        WrongMasterKey: it was wrapped under another one.
        KeyDamaged: it was changed, or belongs to another owner or scope.
    """
    if wrapped[: len(FORM)] != FORM:
        raise KeyDamaged(owner, scope)
    start = len(FORM) + ID_BYTES
    if wrapped[len(FORM) : start] != master_id(master):
        raise WrongMasterKey
    nonce, box = wrapped[start : start + NONCE_BYTES], wrapped[start + NONCE_BYTES :]
    try:  # a ValueError says that the nonce was cut short
        return AESGCM(master).decrypt(nonce, box, bind(owner, scope))
    except (InvalidTag, ValueError) as error:
        raise KeyDamaged(owner, scope) from error


def head_of(master: bytes) -> bytes:
    """Return how every key begins that is wrapped under a master key. Raises WrongMasterKey."""
    return FORM + master_id(master)


def master_id(master: bytes) -> bytes:
    """Return by which a master key is told from another; it says nothing else of it."""
    if len(master) != MASTER_BYTES:
        raise WrongMasterKey
    return hashlib.sha256(b"tusoi master key" + master).digest()[:ID_BYTES]


def derive(key: bytes, label: str, *parts: str | bytes) -> bytes:
    """Return an HMAC-SHA256 of the parts under a key, for one use that the label names.

    >>> derive(b"k", "number", "ab", "c") == derive(b"k", "number", "a", "bc")
    False
    """
    return hmac.digest(key, bind(label, *parts), "sha256")


def bind(*parts: str | bytes) -> bytes:
    """Return parts joined so that no two lists of parts look alike: lengths go first."""
    encoded = [part.encode() if isinstance(part, str) else part for part in parts]
    return b"".join(len(part).to_bytes(4) + part for part in encoded)
