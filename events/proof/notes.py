"""Signed notes, as C2SP's signed-note defines them, with Ed25519.

A note is text that ends in a newline, a blank line, and a line for each signature. Whoever keeps
a verifier key can check it with tools that we did not write. Source: c2sp.org/signed-note.
"""

import base64
import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from events.errors import TusoiError

NOTE_BYTES_MAX = 1_048_576  # 100 signatures of the largest kind, and room for text
SIGNATURES_MAX = 100  # C2SP asks for at least 16
KEY_ID_BYTES = 4
KEY_BYTES = 32  # of an Ed25519 seed and of a public key

ED25519 = b"\x01"  # the signature type that the key's name, id and encoding commit to
PRIVATE_PREFIX = "PRIVATE+KEY+"
LINE_PREFIX = "— "
NAME_PATTERN = re.compile(r"[^\s+\x00-\x1f\ud800-\udfff]+")
# Control characters other than newline, and what UTF-8 cannot say.
FORBIDDEN_PATTERN = re.compile(r"[\x00-\x09\x0b-\x1f\ud800-\udfff]")


class MalformedKey(TusoiError):
    """A key's text or name is none: take it again from where it was made."""

    code = "malformed_key"

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a note key: {reason}; copy the whole line again from its source")
        self.reason = reason


class MalformedNote(TusoiError):
    """This is no signed note, or text that cannot become one."""

    code = "malformed_note"

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a signed note: {reason}; fetch or write it again")
        self.reason = reason


class NotSignedByKey(TusoiError):
    """The note may be good, but the key that is trusted here has not signed it."""

    code = "not_signed_by_key"

    def __init__(self, key_name: str, key_id: bytes) -> None:
        super().__init__(
            f"no signature by {key_name}+{key_id.hex()}; open the note with its signer's key"
        )
        self.key_name = key_name
        self.key_id = key_id


class WrongSignature(TusoiError):
    """The text is not the one that the key signed: trust none of it."""

    code = "wrong_signature"

    def __init__(self, key_name: str, key_id: bytes) -> None:
        super().__init__(
            f"the signature by {key_name}+{key_id.hex()} is not of this text; do not trust it"
        )
        self.key_name = key_name
        self.key_id = key_id


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """The public half of a key, which auditors keep; printed as `name+id+base64`."""

    name: str
    public: bytes  # 32 bytes, as RFC 8032 encodes the point

    def __post_init__(self) -> None:
        if not NAME_PATTERN.fullmatch(self.name):
            raise MalformedKey(f"the name {self.name!r} is empty or holds a space, plus or control")
        if len(self.public) != KEY_BYTES:
            raise MalformedKey(f"a public key has {KEY_BYTES} bytes, not {len(self.public)}")

    @property
    def key_id(self) -> bytes:
        """Four bytes that say which key of that name it is; a hint, no proof."""
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public).digest()[:KEY_ID_BYTES]

    def to_text(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{encode_base64(ED25519 + self.public)}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the key that `to_text` wrote; white space around it is not minded.

        Raises:
            MalformedKey: not this format, not Ed25519, or name, id and key do not belong together.
        """
        name, key_id, public = _split_key(text.strip())
        key = cls(name, public)
        if key.key_id.hex() != key_id:
            raise MalformedKey(f"the id {key_id!r} is not that of this name and key")
        return key


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private half of a key. Its text is a secret: it goes to a file of mode 0600 alone."""

    name: str
    private: Ed25519PrivateKey = field(repr=False)

    def __post_init__(self) -> None:
        _ = self.verifier  # which refuses a bad name

    @property
    def verifier(self) -> VerifierKey:
        return VerifierKey(self.name, self.private.public_key().public_bytes_raw())

    @classmethod
    def generate(cls, name: str, seed: bytes) -> Self:
        """Return the key made from `seed`, 32 random bytes; the same seed gives the same key."""
        if len(seed) != KEY_BYTES:
            raise MalformedKey(f"a seed has {KEY_BYTES} bytes, not {len(seed)}")
        return cls(name, Ed25519PrivateKey.from_private_bytes(seed))

    def to_text(self) -> str:
        """Return the key in the format of Go's note package."""
        seed = encode_base64(ED25519 + self.private.private_bytes_raw())
        return f"{PRIVATE_PREFIX}{self.name}+{self.verifier.key_id.hex()}+{seed}"

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the key that `to_text` wrote; white space around it is not minded.

        Raises:
            MalformedKey: as `VerifierKey.from_text`; the message never shows the secret.
        """
        stripped = text.strip()
        if not stripped.startswith(PRIVATE_PREFIX):
            raise MalformedKey(f"a private key begins with {PRIVATE_PREFIX}")
        name, key_id, seed = _split_key(stripped.removeprefix(PRIVATE_PREFIX))
        key = cls.generate(name, seed)
        if key.verifier.key_id.hex() != key_id:
            raise MalformedKey("its id is not that of its name and key")
        return key


def sign(text: str, key: SigningKey) -> str:
    """Return the note of `text` signed by `key`: the same text, the same note.

    Raises:
        MalformedNote: `text` does not end in a newline, is too long, or holds control characters.
    """
    _check_characters(text)
    if not text.endswith("\n"):
        raise MalformedNote("the text does not end in a newline")
    signature = key.verifier.key_id + key.private.sign(text.encode())
    note = f"{text}\n{LINE_PREFIX}{key.name} {encode_base64(signature)}\n"
    open_note(note, key.verifier)  # nothing leaves here that its reader would refuse
    return note


def open_note(note: str, key: VerifierKey) -> str:
    """Return the text of `note`, which `key` has signed.

    Signatures by other keys are passed over, as C2SP demands; every one by `key` must be right.

    Raises:
        MalformedNote: not the format, or beyond a limit.
        NotSignedByKey: well formed, but without a signature by `key`.
        WrongSignature: `key` signed another text.
    """
    text, lines = _split_note(note)
    found = [
        signature
        for name, key_id, signature in map(_parse_signature, lines)
        if (name, key_id) == (key.name, key.key_id)
    ]
    if not found:
        raise NotSignedByKey(key.name, key.key_id)
    try:
        for signature in found:
            Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature:
        raise WrongSignature(key.name, key.key_id) from None
    return text


def _split_note(note: str) -> tuple[str, list[str]]:
    """Return the text and the signature lines: the last empty line stands between them."""
    _check_characters(note)
    head, blank, tail = note.rpartition("\n\n")
    if not blank or not tail.endswith("\n"):
        raise MalformedNote("it has no signature lines after a blank line")
    lines = tail.removesuffix("\n").split("\n")
    if len(lines) > SIGNATURES_MAX:
        raise MalformedNote(f"it has {len(lines)} signatures, at most {SIGNATURES_MAX} are read")
    return f"{head}\n", lines


def _parse_signature(line: str) -> tuple[str, bytes, bytes]:
    """Return a signature line's key name, key id and signature."""
    name, _, encoded = line.removeprefix(LINE_PREFIX).partition(" ")
    if not line.startswith(LINE_PREFIX) or not NAME_PATTERN.fullmatch(name):
        raise MalformedNote("a signature line is not `— name signature`")
    try:
        signature = decode_base64(encoded)
    except ValueError:
        raise MalformedNote(f"the signature by {name} is not base64") from None
    if len(signature) <= KEY_ID_BYTES:
        raise MalformedNote(f"the signature by {name} is too short")
    return name, signature[:KEY_ID_BYTES], signature[KEY_ID_BYTES:]


def _split_key(text: str) -> tuple[str, str, bytes]:
    """Return a key's name, id in hex, and 32 bytes, from `name+id+base64`."""
    try:
        name, key_id, encoded = text.split("+", 2)  # base64 may hold a plus, a name may not
        data = decode_base64(encoded)
    except ValueError:
        # Without the cause: a traceback must not show a secret key.
        raise MalformedKey("the format is name+id+base64") from None
    if data[:1] != ED25519:
        raise MalformedKey("it is not an Ed25519 key")
    return name, key_id, data[1:]


def _check_characters(text: str) -> None:
    """Raise `MalformedNote` when no note could hold `text`."""
    if FORBIDDEN_PATTERN.search(text):
        raise MalformedNote("it holds a control character or half of a character")
    if len(text.encode()) > NOTE_BYTES_MAX:
        raise MalformedNote(f"it is longer than {NOTE_BYTES_MAX} bytes")


def encode_base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def decode_base64(text: str) -> bytes:
    """Return the bytes of `text`, which must be their one canonical form.

    Raises:
        ValueError: other characters, wrong padding, or bits set that carry nothing.
    """
    data = base64.b64decode(text, validate=True)
    if encode_base64(data) != text:
        raise ValueError("not canonical base64")
    return data
