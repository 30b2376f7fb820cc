"""Whatever the file is, it comes back; whatever is changed, it is refused."""

import io
import tracemalloc
from collections.abc import Sequence
from typing import Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.vault.boxes import BoxDamaged, disclose, enclose
from events.vault.files import CHUNK_BYTES, FileDamaged, FileHeader, seal_file, unseal_file
from events.vault.files import SealedFile as Sealed
from events.vault.sealing import KEY_BYTES
from tests.support.fakes import SeededChance

KEY = SeededChance(1).bytes(KEY_BYTES)
CONTENT = SeededChance(2).bytes(3 * CHUNK_BYTES + 7)
FIELDS: tuple[Literal["commitment", "owner", "scope", "media_type"], ...] = (
    "commitment",
    "owner",
    "scope",
    "media_type",
)


def sealed(content: bytes, *, seed: int = 0, owner: str = "member-a") -> Sealed:
    return seal_file(
        io.BytesIO(content),
        key=KEY,
        owner=owner,
        scope="2026",
        media_type="application/pdf",
        chance=SeededChance(seed),
    )


def unsealed(header: FileHeader, chunks: Sequence[bytes], key: bytes = KEY) -> bytes:
    return b"".join(unseal_file(header, chunks, key=key))


FILE = sealed(CONTENT)
SMALL = sealed(b"the evidence")

sizes = st.sampled_from((0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES))


@given(size=sizes | st.integers(min_value=0, max_value=2 * CHUNK_BYTES), seed=st.integers())
def test_sealed_file_comes_back(size: int, seed: int) -> None:
    content = CONTENT[:size]

    file = sealed(content, seed=seed)

    assert unsealed(*msgspec.structs.astuple(file)) == content
    assert file.header.size == size
    assert len(file.chunks) == max(1, -(-size // CHUNK_BYTES))
    assert not any(content[:40] in chunk for chunk in file.chunks if size >= 40)


def test_same_content_has_another_commitment_each_time() -> None:
    assert sealed(b"x", seed=1).header.commitment != sealed(b"x", seed=2).header.commitment


@given(data=st.data())
def test_changed_byte_of_a_file_is_refused(data: st.DataObject) -> None:
    box, chunks = SMALL.header.box, SMALL.chunks
    if data.draw(st.booleans()):
        box = flipped(box, data)
    else:
        chunks = (flipped(chunks[0], data),)

    assert_refused(msgspec.structs.replace(SMALL.header, box=box), chunks)


@given(kept=st.integers(min_value=0, max_value=len(SMALL.header.box) - 1))
def test_header_that_was_cut_short_is_refused(kept: int) -> None:
    assert_refused(msgspec.structs.replace(SMALL.header, box=SMALL.header.box[:kept]), SMALL.chunks)


@given(field=st.sampled_from(FIELDS), data=st.data())
def test_changed_commitment_owner_scope_or_type_is_refused(
    field: Literal["commitment", "owner", "scope", "media_type"], data: st.DataObject
) -> None:
    changed = flipped(getattr(SMALL.header, field).encode(), data, bits=7).decode()

    assert_refused(msgspec.structs.replace(SMALL.header, **{field: changed}), SMALL.chunks)


def test_changed_size_is_refused() -> None:
    assert_refused(msgspec.structs.replace(SMALL.header, size=13), SMALL.chunks)


@given(order=st.lists(st.integers(min_value=0, max_value=3), max_size=6))
def test_chunks_come_all_once_and_in_order_or_are_refused(order: list[int]) -> None:
    chunks = [FILE.chunks[number] for number in order]

    if order == [0, 1, 2, 3]:
        assert unsealed(FILE.header, chunks) == CONTENT
    else:
        assert_refused(FILE.header, chunks)


@given(number=st.integers(min_value=0, max_value=3))
def test_chunk_of_another_file_is_refused(number: int) -> None:
    chunks = list(FILE.chunks)
    chunks[number] = sealed(CONTENT, seed=7).chunks[number]

    assert_refused(FILE.header, chunks)


def test_header_of_another_file_is_refused() -> None:
    assert_refused(sealed(b"the evidence", seed=7).header, SMALL.chunks)
    assert_refused(SMALL.header, sealed(b"the evidence", seed=7).chunks)


def test_file_of_another_owner_is_refused_though_all_of_it_was_swapped() -> None:
    other = sealed(b"the evidence", owner="member-b", seed=7)
    moved = msgspec.structs.replace(other.header, owner="member-a")

    assert_refused(moved, other.chunks)


def test_file_opens_under_no_other_key() -> None:
    assert_refused(SMALL.header, SMALL.chunks, key=SeededChance(9).bytes(KEY_BYTES))


def test_who_has_the_key_cannot_put_another_file_under_a_commitment() -> None:
    """The same chance gives the same file id, so chunks and header open; the content is another."""
    other = sealed(b"the 3vidence")

    assert_refused(SMALL.header, other.chunks)


def test_last_piece_is_given_out_only_when_the_whole_is_what_was_committed_to() -> None:
    changed = bytes([CONTENT[0] ^ 1]) + CONTENT[1:]
    pieces = unseal_file(FILE.header, sealed(changed).chunks, key=KEY)

    given_out = [next(pieces) for _ in range(3)]

    assert b"".join(given_out) == changed[: 3 * CHUNK_BYTES]
    with pytest.raises(FileDamaged):
        next(pieces)


def test_few_chunks_are_in_memory_while_a_file_is_read() -> None:
    file = sealed(CONTENT * 4)

    tracemalloc.start()
    for _ in unseal_file(file.header, iter(file.chunks), key=KEY):
        pass
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 5 * CHUNK_BYTES


@given(plain=st.binary(), place=st.binary(), data=st.data())
def test_box_opens_as_it_was_and_where_it_was(
    plain: bytes, place: bytes, data: st.DataObject
) -> None:
    box = enclose(plain, key=KEY, place=place, chance=SeededChance())

    assert disclose(box, key=KEY, place=place) == plain
    for changed, where in ((flipped(box, data), place), (box, place + b"x"), (box[:5], place)):
        with pytest.raises(BoxDamaged):
            disclose(changed, key=KEY, place=where)


def flipped(whole: bytes, data: st.DataObject, *, bits: int = 8) -> bytes:
    """Return the bytes with one bit of one of them changed."""
    at = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    bit = 1 << data.draw(st.integers(min_value=0, max_value=bits - 1))
    return whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]


def assert_refused(header: FileHeader, chunks: Sequence[bytes], *, key: bytes = KEY) -> None:
    with pytest.raises(FileDamaged):
        unsealed(header, chunks, key)
