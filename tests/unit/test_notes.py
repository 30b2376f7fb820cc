"""Notes are those of C2SP and of Go's note package; what is not exactly right is refused."""

import base64
from functools import partial

import pytest

from events.proof.notes import (
    NOTE_BYTES_MAX,
    SIGNATURES_MAX,
    MalformedKey,
    MalformedNote,
    NotSignedByKey,
    SigningKey,
    VerifierKey,
    WrongSignature,
    open_note,
    sign,
)

# The published example of Go's note package: everyone knows this private key.
PETER_PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz"
PETER_PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
PETER_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpR"
    "Zb6KE6RyyBwJnAM=\n"
)
NOTE = f"{TEXT}\n{PETER_LINE}"

PETER = VerifierKey.from_text(PETER_PUBLIC)
OTHER = SigningKey.generate("other.example/log", bytes(32))
OTHER_LINE = sign(TEXT, OTHER).removeprefix(f"{TEXT}\n")

refused = partial(pytest.raises, (MalformedNote, NotSignedByKey, WrongSignature))
malformed = partial(pytest.raises, MalformedNote)


def signature_line(name: str, signature: bytes) -> str:
    return f"— {name} {base64.b64encode(signature).decode()}\n"


def test_note_of_the_go_package_opens() -> None:
    assert open_note(NOTE, PETER) == TEXT


def test_signing_gives_the_very_note_of_the_go_package() -> None:
    key = SigningKey.from_text(PETER_PRIVATE)

    assert sign(TEXT, key) == NOTE


def test_keys_are_printed_as_they_were_read() -> None:
    key = SigningKey.from_text(f"{PETER_PRIVATE}\n")

    assert key.to_text() == PETER_PRIVATE
    assert key.verifier == VerifierKey.from_text(f"{PETER_PUBLIC}\n")
    assert key.verifier.to_text() == PETER_PUBLIC


def test_printing_a_signing_key_for_people_shows_no_secret() -> None:
    key = SigningKey.from_text(PETER_PRIVATE)

    assert repr(key) == "SigningKey(name='PeterNeumann')"


def test_same_seed_gives_the_same_key() -> None:
    again = SigningKey.generate(OTHER.name, bytes(32))

    assert again.to_text() == OTHER.to_text()


@pytest.mark.parametrize("bit", [1, 2, 4, 8, 16, 32, 64])
def test_note_with_any_one_bit_flipped_is_refused(bit: int) -> None:
    for position, character in enumerate(NOTE):
        flipped = NOTE[:position] + chr(ord(character) ^ bit) + NOTE[position + 1 :]
        with refused():
            open_note(flipped, PETER)


def test_note_cut_short_anywhere_is_refused() -> None:
    for length in range(len(NOTE)):
        with refused():
            open_note(NOTE[:length], PETER)


def test_changed_text_is_told_from_a_broken_note() -> None:
    with pytest.raises(WrongSignature, match="do not trust") as caught:
        open_note(NOTE.replace("don't", "do"), PETER)

    assert (caught.value.key_name, caught.value.key_id) == (PETER.name, PETER.key_id)


@pytest.mark.parametrize("lines", [OTHER_LINE + PETER_LINE, PETER_LINE + OTHER_LINE])
def test_signatures_by_other_keys_are_passed_over(lines: str) -> None:
    assert open_note(f"{TEXT}\n{lines}", PETER) == TEXT
    assert open_note(f"{TEXT}\n{lines}", OTHER.verifier) == TEXT


def test_note_that_the_key_has_not_signed_is_refused() -> None:
    with pytest.raises(NotSignedByKey, match="PeterNeumann") as caught:
        open_note(sign(TEXT, OTHER), PETER)

    assert (caught.value.key_name, caught.value.key_id) == (PETER.name, PETER.key_id)


def test_key_of_the_same_name_is_another_key() -> None:
    namesake = SigningKey.generate(PETER.name, bytes(32))

    with pytest.raises(NotSignedByKey):
        open_note(NOTE, namesake.verifier)


def test_wrong_signature_beside_a_right_one_by_the_same_key_is_refused() -> None:
    wrong = signature_line(PETER.name, PETER.key_id + bytes(64))

    with pytest.raises(WrongSignature):
        open_note(f"{NOTE}{wrong}", PETER)


def test_text_may_hold_blank_lines_and_what_looks_like_a_signature() -> None:
    text = f"Một câu.\n\n{OTHER_LINE}\n\n"

    assert open_note(sign(text, OTHER), OTHER.verifier) == text


@pytest.mark.parametrize(
    ("note", "reason"),
    [
        ("", "no signature lines"),
        (TEXT, "no signature lines"),
        (f"{TEXT}\n", "no signature lines"),
        (NOTE.removesuffix("\n"), "no signature lines"),
        (f"{TEXT}\n{PETER_LINE}{PETER_LINE}".replace("=\n—", "=—"), "not base64"),
        (NOTE.replace("—", "-"), "name signature"),
        (NOTE.replace("Neumann", "+Neumann"), "name signature"),
        (NOTE.replace("Neumann", "Neumann\u00a0"), "name signature"),
        (f"{TEXT}\n—  x08go/Y=\n", "name signature"),
        (f"{TEXT}\n— PeterNeumann\n", "too short"),
        (f"{TEXT}\n{signature_line('name', b'1234')}", "too short"),
        (NOTE.replace("JnAM=", "JnAN="), "not base64"),  # other spelling of the same bytes
        (NOTE.replace("JnAM=", "JnAM"), "not base64"),
        (NOTE.replace("JnAM=", "JnAM= "), "not base64"),
        (NOTE.replace("answer", "answer\t"), "control character"),
        (NOTE.replace("\n", "\r\n"), "control character"),
        (NOTE.replace("answer", "answer\ud800"), "control character"),
    ],
)
def test_what_is_not_the_format_is_malformed(note: str, reason: str) -> None:
    with malformed(match=reason) as caught:
        open_note(note, PETER)

    assert caught.value.code == "malformed_note"


def test_as_many_signatures_as_the_limit_are_read_and_no_more() -> None:
    strangers = signature_line("other", b"12345") * (SIGNATURES_MAX - 1)

    assert open_note(f"{NOTE}{strangers}", PETER) == TEXT
    with malformed(match="101 signatures, at most 100"):
        open_note(f"{NOTE}{strangers}{OTHER_LINE}", PETER)


def test_note_as_long_as_the_limit_is_read_and_no_longer() -> None:
    room = NOTE_BYTES_MAX - len(f"\n\n{OTHER_LINE}".encode())
    longest = sign("a" * room + "\n", OTHER)

    assert len(longest.encode()) == NOTE_BYTES_MAX
    assert len(open_note(longest, OTHER.verifier)) == room + 1
    with malformed(match="longer than"):
        sign("a" * room + "a\n", OTHER)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "end in a newline"),
        ("no newline", "end in a newline"),
        (f"a\n\n{OTHER_LINE}".removesuffix("\n"), "end in a newline"),
        ("a\ttab\n", "control character"),
        ("\ud800\n", "half of a character"),
    ],
)
def test_text_that_no_note_can_hold_is_not_signed(text: str, reason: str) -> None:
    with malformed(match=reason):
        sign(text, OTHER)


@pytest.mark.parametrize("name", ["", "two words", "a+b", "a\u2003b", "a\nb", "a\x00", "\udcff"])
def test_key_name_that_a_signature_line_cannot_hold_is_refused(name: str) -> None:
    with pytest.raises(MalformedKey, match="name"):
        SigningKey.generate(name, bytes(32))


def test_seed_of_another_length_is_refused() -> None:
    with pytest.raises(MalformedKey, match="32 bytes, not 31"):
        SigningKey.generate("name", bytes(31))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "format"),
        ("PeterNeumann+c74f20a3", "format"),
        (PETER_PUBLIC.replace("10TW", "10T"), "format"),
        (PETER_PUBLIC.replace("10TW", "10T\u00e0"), "format"),
        (PETER_PUBLIC.replace("10TW", ""), "32 bytes, not 29"),
        (PETER_PUBLIC.replace("+ARpc", "+ARpd"), "id"),
        (PETER_PUBLIC.replace("c74f", "c74e"), "id"),
        (PETER_PUBLIC.replace("c74f20a3", "C74F20A3"), "id"),
        (PETER_PUBLIC.replace("Peter", "Pieter"), "id"),
        (PETER_PUBLIC.replace("+ARpc", "+AhpC"), "not an Ed25519"),
        (PETER_PUBLIC.replace("Neumann", " Neumann"), "space"),
        (f"+{PETER_PUBLIC.partition('+')[2]}", "empty"),
        (PETER_PRIVATE, "format"),
    ],
)
def test_what_is_no_verifier_key_is_refused(text: str, reason: str) -> None:
    with pytest.raises(MalformedKey, match=reason) as caught:
        VerifierKey.from_text(text)

    assert caught.value.code == "malformed_key"


@pytest.mark.parametrize(
    "text",
    [
        PETER_PUBLIC,
        PETER_PRIVATE.replace("KDFz", ""),
        PETER_PRIVATE.replace("KDFz", "KDF!"),
        PETER_PRIVATE.replace("+AYEK", "+AYEL"),
        PETER_PRIVATE.replace("+AYEK", "+AoEK"),
        PETER_PRIVATE.replace("c74f", "c74e"),
    ],
)
def test_what_is_no_signing_key_is_refused_without_showing_the_secret(text: str) -> None:
    with pytest.raises(MalformedKey) as caught:
        SigningKey.from_text(text)

    assert "VFGyNhPJEMzD1" not in str(caught.value)
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
