"""Seal files in chunks of 1 MiB under a key of their owner, and commit to them.

Each file has a key of its own, derived from its owner's key and a random id, so a chunk opens in
no other file. Within the file a chunk's nonce is its number and whether it is the last (the STREAM
construction of Hoang, Reyhanitabar, Rogaway and Vizár), so chunks cannot change places, be left
out at either end, or be put in twice. The commitment is known only once the last byte was read, so
no chunk is bound to it; the header is: it opens only with the commitment, owner, scope, size and
type that are stored beside it, and holds the salt. So header and chunks belong together through
the id, header and event through the commitment.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable, Iterator
from typing import IO

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.errors import TusoiError
from events.identifiers import Chance
from events.vault.boxes import BoxDamaged, disclose, enclose
from events.vault.sealing import SALT_BYTES
from events.vault.wrapping import bind, derive

CHUNK_BYTES = 1024 * 1024  # of the file in one chunk
FILE_ID_BYTES = 32
NUMBER_BYTES = 11  # with one byte for whether it is the last: the 12 of a nonce


class FileHeader(msgspec.Struct, frozen=True, kw_only=True):
    """What is stored of a file beside its chunks."""

    commitment: str  # as in the event
    owner: str  # the stream name of whom the file is about
    scope: str
    size: int  # bytes, unsealed
    media_type: str
    box: bytes  # file id, and the salt sealed


class SealedFile(msgspec.Struct, frozen=True):
    """What is stored of a file."""

    header: FileHeader
    chunks: tuple[bytes, ...]


class FileDamaged(TusoiError):
    """A file does not open, or is not what was committed to."""

    code = "file_damaged"

    def __init__(self, commitment: str) -> None:
        super().__init__(
            f"file {commitment} does not open: restore it, or the key store, as it was"
        )
        self.commitment = commitment


def seal_file(
    stream: IO[bytes], *, key: bytes, owner: str, scope: str, media_type: str, chance: Chance
) -> SealedFile:
    """Return what a stream still holds, sealed under its owner's key and committed to.

    The commitment is base64url of SHA-256(salt ‖ content). The sealed chunks are all in memory,
    for they are written in one transaction with the event that names the file; whoever takes files
    from outside limits them first.
    """
    file_id, salt = chance.bytes(FILE_ID_BYTES), chance.bytes(SALT_BYTES)
    cipher, digest = AESGCM(derive(key, "file", file_id)), hashlib.sha256(salt)
    chunks, size = [], 0
    for number, (piece, is_last) in enumerate(_with_last(_pieces(stream))):
        digest.update(piece)
        size += len(piece)
        chunks.append(cipher.encrypt(_nonce(number, is_last=is_last), piece, None))
    unboxed = FileHeader(
        commitment=_commitment(digest.digest()),
        owner=owner,
        scope=scope,
        size=size,
        media_type=media_type,
        box=b"",
    )
    box = file_id + enclose(
        salt, key=derive(key, "file header"), place=_binding(unboxed, file_id), chance=chance
    )
    return SealedFile(msgspec.structs.replace(unboxed, box=box), tuple(chunks))


def unseal_file(header: FileHeader, chunks: Iterable[bytes], *, key: bytes) -> Iterator[bytes]:
    """Iterate over a file's content, of which one or two chunks are in memory.

    Every piece is checked before it is given out, and the whole against its commitment before the
    last piece is: whoever has the key could seal another file for this commitment.

    Raises:
        FileDamaged: wrong key, or something was changed; what came so far is not the file.
    """
    file_id, salt = _open_header(header, key)
    cipher, digest, size = AESGCM(derive(key, "file", file_id)), hashlib.sha256(salt), 0
    ended = False
    for number, (chunk, is_last) in enumerate(_with_last(iter(chunks))):
        try:
            piece = cipher.decrypt(_nonce(number, is_last=is_last), chunk, None)
        except (InvalidTag, ValueError) as error:
            raise FileDamaged(header.commitment) from error
        digest.update(piece)
        size += len(piece)
        if is_last:
            _require_whole(header, digest.digest(), size)
        ended = is_last
        yield piece
    if not ended:
        raise FileDamaged(header.commitment)


def _require_whole(header: FileHeader, digest: bytes, size: int) -> None:
    is_committed = hmac.compare_digest(_commitment(digest), header.commitment)
    if not is_committed or size != header.size:
        raise FileDamaged(header.commitment)


def _open_header(header: FileHeader, key: bytes) -> tuple[bytes, bytes]:
    """Return a file's id and salt."""
    file_id, box = header.box[:FILE_ID_BYTES], header.box[FILE_ID_BYTES:]
    try:
        place = _binding(header, file_id)
        return file_id, disclose(box, key=derive(key, "file header"), place=place)
    except BoxDamaged as error:
        raise FileDamaged(header.commitment) from error


def _binding(header: FileHeader, file_id: bytes) -> bytes:
    """Return all that a header is bound to."""
    size = str(header.size)
    return bind(file_id, header.commitment, header.owner, header.scope, size, header.media_type)


def _pieces(stream: IO[bytes]) -> Iterator[bytes]:
    """Iterate over a stream's pieces; an empty stream has one, which is empty."""
    yield stream.read(CHUNK_BYTES)
    while piece := stream.read(CHUNK_BYTES):
        yield piece


def _with_last(pieces: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Iterate over pieces and whether each is the last one, reading one ahead."""
    held = next(pieces, None)
    for piece in pieces:
        assert held is not None
        yield held, False
        held = piece
    if held is not None:
        yield held, True


def _nonce(number: int, *, is_last: bool) -> bytes:
    return number.to_bytes(NUMBER_BYTES) + bytes([is_last])


def _commitment(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
