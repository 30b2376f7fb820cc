"""A bundle: one file with all that it takes to verify one rating, without the service.

Canonical JSON: the entries with their proofs of inclusion (C2SP tlog-proof), the signed checkpoint,
the heads of their streams as signed beside it, the documents that they name, and the claim. What
key signed stands in it too, but proves nothing by itself: whoever knows the log's key from
elsewhere gives it when verifying.

It holds words only where somebody who may read them asked for it with them.
"""

from typing import Annotated, Any

import msgspec
from msgspec import UNSET, UnsetType

from events.definitions.entry import within_subset
from events.definitions.records import PERIOD_PATTERN
from events.definitions.shapes import CODE_CHARACTERS_MAX
from events.errors import TusoiError
from events.identifiers import ID_PATTERN
from events.replay.words import SaltedText

FORM = "tusoi/1"
BUNDLE_BYTES_MAX = 16 * 1024 * 1024
ENTRIES_MAX = 2_000
MARKS_MAX = 1_000_000  # ",", "[" and "{" in its bytes: as many values may stand in it

LEVEL_PATTERN = rf"\A[a-z][a-z0-9_]{{0,{CODE_CHARACTERS_MAX - 1}}}\Z"

_encoder = msgspec.json.Encoder(order="sorted")


class BundleRefused(TusoiError):
    """This is no bundle that can be looked at: fetch it again, or take a newer program."""

    code = "bundle_refused"

    def __init__(self, reason: str) -> None:
        super().__init__(f"not a bundle: {reason}")
        self.reason = reason


class _Part(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    pass


class Proven(_Part, frozen=True, kw_only=True):
    """An entry in its exact bytes, with its proof of inclusion."""

    entry: str
    proof: str


class Claim(_Part, frozen=True, kw_only=True):
    """What the bundle is to show."""

    period: Annotated[str, msgspec.Meta(pattern=rf"\A(?:{PERIOD_PATTERN})\Z")]
    member_id: Annotated[str, msgspec.Meta(pattern=rf"\A{ID_PATTERN.pattern}\Z")]
    level: Annotated[str, msgspec.Meta(pattern=LEVEL_PATTERN)]  # as decided


class Bundle(_Part, frozen=True, kw_only=True):
    bundle: str = FORM
    origin: str
    key: str  # by which the checkpoint is signed, as a verifier key
    checkpoint: str  # a signed note
    heads: str  # likewise: how far each stream goes at the checkpoint
    entries: tuple[Proven, ...]  # by position
    documents: dict[str, Any]  # by digest: those that entries name
    claim: Claim
    words: dict[str, SaltedText] | UnsetType = UNSET  # by commitment; erased ones are absent


def encode(bundle: Bundle) -> bytes:
    """Return a bundle's canonical bytes; every bundle has one form only."""
    return _encoder.encode(bundle)


def marks_in(encoded: bytes) -> int:
    """Return how many values may stand in a bundle: those in texts are counted too, cheaply."""
    return sum(map(encoded.count, (b",", b"[", b"{")))


def decode(encoded: bytes) -> Bundle:
    """Return the bundle that `encode` wrote.

    Raises:
        BundleRefused: truncated, altered in form, of a future version, or not canonical.
    """
    if len(encoded) > BUNDLE_BYTES_MAX:
        raise BundleRefused(f"it takes more than {BUNDLE_BYTES_MAX} bytes")
    if marks_in(encoded) > MARKS_MAX:  # before decoding, which takes many times the memory
        raise BundleRefused(f"it holds more than {MARKS_MAX} values")
    try:
        plain = msgspec.json.decode(encoded)
        form = plain.get("bundle") if isinstance(plain, dict) else None
        if isinstance(form, str) and form != FORM:
            raise BundleRefused(f"it has the form {form[:40]!r}, this program reads {FORM}")
        if not within_subset(plain):
            raise BundleRefused("it is not canonical: floats, nulls or other keys than ASCII")
        bundle = msgspec.convert(plain, Bundle)
    except (msgspec.MsgspecError, UnicodeError, RecursionError) as error:
        raise BundleRefused(f"it is truncated or altered ({type(error).__name__})") from error
    if form is None or encode(bundle) != encoded:
        raise BundleRefused("it is not canonical: its bytes are not those that we would write")
    if not 1 <= len(bundle.entries) <= ENTRIES_MAX:
        raise BundleRefused(f"it holds {len(bundle.entries)} entries, 1 to {ENTRIES_MAX} are read")
    return bundle
