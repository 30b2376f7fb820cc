"""Words are sealed under their owner's key, committed to, and opened by nobody else."""

import hashlib
from base64 import urlsafe_b64encode
from unicodedata import normalize

import msgspec
import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from events.vault.sealing import (
    FORM,
    KEY_BYTES,
    NONCE_BYTES,
    SALT_BYTES,
    TEXT_BYTES_MAX,
    SealedText,
    TextDamaged,
    TextTooLong,
    commit,
    seal,
    unseal,
)
from events.vault.wrapping import KeyDamaged, WrongMasterKey, bind, derive, unwrap, wrap
from tests.support.fakes import SeededChance

WORDS = "Đồng chí Nguyễn Văn Ước chưa gương mẫu, điều ② khoản ½"  # NFC keeps ② and ½
KEY = SeededChance(1).bytes(KEY_BYTES)
MASTER = SeededChance(2).bytes(32)


def sealed(text: str = WORDS) -> SealedText:
    return seal(text, key=KEY, owner="member-a", scope="2025", chance=SeededChance(3))


def wrapped() -> bytes:
    return wrap(KEY, master=MASTER, owner="member-a", scope="2025", chance=SeededChance(4))


def test_sealed_words_open_with_their_key() -> None:
    assert unseal(sealed(), key=KEY) == WORDS


def test_commitment_is_what_the_architecture_says() -> None:
    salt = SeededChance(5).bytes(SALT_BYTES)

    digest = hashlib.sha256(salt + normalize("NFC", WORDS).encode()).digest()

    assert commit(salt, normalize("NFD", WORDS)) == urlsafe_b64encode(digest).decode().rstrip("=")


def test_salt_of_another_length_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        commit(bytes(SALT_BYTES - 1), WORDS)


def test_salt_lies_in_the_box_and_belongs_to_the_commitment() -> None:
    found = sealed()

    nonce, box = found.box[1 : 1 + NONCE_BYTES], found.box[1 + NONCE_BYTES :]
    opened = AESGCM(KEY).decrypt(nonce, box, bind("member-a", "2025", found.commitment))

    assert commit(opened[:SALT_BYTES], WORDS) == found.commitment
    assert opened[SALT_BYTES:].decode() == WORDS


def test_same_words_sealed_twice_have_nothing_in_common() -> None:
    chance = SeededChance(6)

    first, second = (
        seal(WORDS, key=KEY, owner="member-a", scope="2025", chance=chance) for _ in range(2)
    )

    assert first.commitment != second.commitment
    assert first.box[1:] != second.box[1:]
    assert WORDS.encode() not in first.box


def test_same_chance_gives_the_same_box() -> None:
    assert sealed() == sealed()


def test_another_key_opens_nothing() -> None:
    with pytest.raises(TextDamaged) as refused:
        unseal(sealed(), key=bytes(KEY_BYTES))

    assert refused.value.commitment == sealed().commitment


@pytest.mark.parametrize("size", [0, 1, NONCE_BYTES, 1 + NONCE_BYTES, 40])
def test_box_cut_short_is_refused(size: int) -> None:
    cut = msgspec.structs.replace(sealed(), box=sealed().box[:size])

    with pytest.raises(TextDamaged):
        unseal(cut, key=KEY)


def test_other_words_sealed_with_the_right_key_do_not_pass_for_those_committed_to() -> None:
    found = sealed()
    bound = bind(found.owner, found.scope, found.commitment)
    forged = AESGCM(KEY).encrypt(bytes(NONCE_BYTES), bytes(SALT_BYTES) + b"other words", bound)

    with pytest.raises(TextDamaged):
        unseal(msgspec.structs.replace(found, box=FORM + bytes(NONCE_BYTES) + forged), key=KEY)


def test_words_may_take_64_kib_and_no_byte_more() -> None:
    longest = "ơ" * (TEXT_BYTES_MAX // 2)

    assert unseal(sealed(normalize("NFD", longest)), key=KEY) == longest
    with pytest.raises(TextTooLong, match=r"65537 bytes.*65536") as refused:
        sealed(longest + "a")
    assert (refused.value.size, refused.value.limit) == (TEXT_BYTES_MAX + 1, TEXT_BYTES_MAX)


def test_wrapped_key_opens_under_its_master_key() -> None:
    assert unwrap(wrapped(), master=MASTER, owner="member-a", scope="2025") == KEY
    assert KEY not in wrapped()


def test_another_master_key_is_told_clearly() -> None:
    with pytest.raises(WrongMasterKey, match="TUSOI_MASTER_KEY_FILE"):
        unwrap(wrapped(), master=bytes(32), owner="member-a", scope="2025")


@pytest.mark.parametrize("size", [0, 1, 31, 33])
def test_master_key_of_another_length_is_refused(size: int) -> None:
    with pytest.raises(WrongMasterKey):
        wrap(KEY, master=bytes(size), owner="member-a", scope="2025", chance=SeededChance())


@pytest.mark.parametrize(("owner", "scope"), [("member-b", "2025"), ("member-a", "2026")])
def test_key_put_in_anothers_place_is_refused(owner: str, scope: str) -> None:
    with pytest.raises(KeyDamaged) as refused:
        unwrap(wrapped(), master=MASTER, owner=owner, scope=scope)

    assert (refused.value.owner, refused.value.scope) == (owner, scope)


@pytest.mark.parametrize("size", [0, 5, 8, 17, 40])
def test_wrapped_key_cut_short_is_refused(size: int) -> None:
    with pytest.raises((KeyDamaged, WrongMasterKey)):
        unwrap(wrapped()[:size], master=MASTER, owner="member-a", scope="2025")


def test_digests_differ_by_key_label_and_where_a_part_ends() -> None:
    digests = {
        derive(b"k", "number", "ab", "c"),
        derive(b"k", "number", "a", "bc"),
        derive(b"k", "number", "abc"),
        derive(b"k", "request", "ab", "c"),
        derive(b"l", "number", "ab", "c"),
    }

    assert len(digests) == 5
    assert derive(b"k", "number", b"ab", "c") in digests
