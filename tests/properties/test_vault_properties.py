"""Whatever the words are, they come back; whatever is changed, it is refused."""

from typing import Literal
from unicodedata import normalize

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.vault.sealing import (
    KEY_BYTES,
    SALT_BYTES,
    SealedText,
    TextDamaged,
    commit,
    seal,
    unseal,
)
from events.vault.wrapping import KeyDamaged, WrongMasterKey, bind, unwrap, wrap
from tests.support.fakes import SeededChance

KEY = SeededChance(1).bytes(KEY_BYTES)
MASTER = SeededChance(2).bytes(32)
FIELDS: tuple[Literal["commitment", "owner", "scope"], ...] = ("commitment", "owner", "scope")

# Letters that NFC puts together, beside everything else.
words = st.text() | st.text(alphabet="aăâeêoơuưyđ\u0301\u0300\u0309\u0303\u0323\u0302\u031b")
names = st.text(alphabet=st.characters(codec="utf-8"), min_size=1, max_size=20)


@given(text=words, owner=names, scope=names, seed=st.integers())
def test_sealed_words_come_back_in_nfc(text: str, owner: str, scope: str, seed: int) -> None:
    sealed = seal(text, key=KEY, owner=owner, scope=scope, chance=SeededChance(seed))

    assert unseal(sealed, key=KEY) == normalize("NFC", text)


@given(text=words, salt=st.binary(min_size=SALT_BYTES, max_size=SALT_BYTES))
def test_all_spellings_of_the_same_words_have_one_commitment(text: str, salt: bytes) -> None:
    assert commit(salt, normalize("NFD", text)) == commit(salt, normalize("NFC", text))
    assert commit(salt, text) == commit(salt, normalize("NFC", text))


@given(text=words, data=st.data())
def test_changed_byte_of_a_box_is_refused(text: str, data: st.DataObject) -> None:
    sealed = seal(text, key=KEY, owner="member-a", scope="2025", chance=SeededChance())

    changed = msgspec.structs.replace(sealed, box=flipped(sealed.box, data))

    assert_refused(changed)


@given(field=st.sampled_from(FIELDS), data=st.data())
def test_changed_commitment_owner_or_scope_is_refused(
    field: Literal["commitment", "owner", "scope"], data: st.DataObject
) -> None:
    sealed = seal("lời phê", key=KEY, owner="member-a", scope="2025", chance=SeededChance())

    changed = flipped(getattr(sealed, field).encode(), data, bits=7).decode()

    assert_refused(msgspec.structs.replace(sealed, **{field: changed}))


@given(owner=names, scope=names, cut=st.integers(min_value=0, max_value=40))
def test_border_between_owner_and_scope_cannot_be_moved(owner: str, scope: str, cut: int) -> None:
    sealed = seal("lời phê", key=KEY, owner=owner, scope=scope, chance=SeededChance())
    both = owner + scope
    moved = msgspec.structs.replace(sealed, owner=both[:cut], scope=both[cut:])

    if moved == sealed:
        assert unseal(moved, key=KEY) == "lời phê"
    else:
        assert_refused(moved)


@given(data=st.data())
def test_changed_byte_of_a_wrapped_key_is_refused(data: st.DataObject) -> None:
    wrapped = wrap(KEY, master=MASTER, owner="member-a", scope="2025", chance=SeededChance())

    changed = flipped(wrapped, data)

    with pytest.raises((KeyDamaged, WrongMasterKey)):
        unwrap(changed, master=MASTER, owner="member-a", scope="2025")


@given(
    first=st.lists(st.text(max_size=5) | st.binary(max_size=5).map(bytes), max_size=4),
    second=st.lists(st.text(max_size=5) | st.binary(max_size=5).map(bytes), max_size=4),
)
def test_only_equal_parts_are_bound_alike(
    first: list[str | bytes], second: list[str | bytes]
) -> None:
    assert (bind(*first) == bind(*second)) == (as_bytes(first) == as_bytes(second))


def flipped(whole: bytes, data: st.DataObject, *, bits: int = 8) -> bytes:
    """Return the bytes with one bit of one of them changed."""
    at = data.draw(st.integers(min_value=0, max_value=len(whole) - 1))
    bit = 1 << data.draw(st.integers(min_value=0, max_value=bits - 1))
    return whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]


def assert_refused(sealed: SealedText) -> None:
    with pytest.raises(TextDamaged):
        unseal(sealed, key=KEY)


def as_bytes(parts: list[str | bytes]) -> list[bytes]:
    return [part.encode() if isinstance(part, str) else part for part in parts]
