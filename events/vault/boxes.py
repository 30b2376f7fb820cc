"""Boxes: bytes sealed under a key and bound to where they belong, so that none opens elsewhere."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.errors import TusoiError
from events.identifiers import Chance

NONCE_BYTES = 12
FORM = b"\x01"  # of a box: form, nonce, ciphertext


class BoxDamaged(TusoiError):
    """The key or the place is another one, or the box was changed."""

    code = "box_damaged"

    def __init__(self) -> None:
        super().__init__("a sealed box does not open: restore it, or the key store, as it was")


def enclose(plain: bytes, *, key: bytes, place: bytes, chance: Chance) -> bytes:
    """Return a box that opens only under the key and in its place."""
    nonce = chance.bytes(NONCE_BYTES)
    return FORM + nonce + AESGCM(key).encrypt(nonce, plain, place)


def disclose(box: bytes, *, key: bytes, place: bytes) -> bytes:
    """Return what is in a box.

    Raises:
        BoxDamaged: wrong key or place, or something was changed.
    """
    start = len(FORM)
    nonce, sealed = box[start : start + NONCE_BYTES], box[start + NONCE_BYTES :]
    if box[:start] != FORM:
        raise BoxDamaged
    try:  # a ValueError says that the nonce was cut short
        return AESGCM(key).decrypt(nonce, sealed, place)
    except (InvalidTag, ValueError) as error:
        raise BoxDamaged from error
