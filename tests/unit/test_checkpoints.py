"""Checkpoints are C2SP's: one text for each, signed by the log under its own name."""

from pathlib import Path

import pytest

from events.proof.checkpoints import (
    Checkpoint,
    MalformedCheckpoint,
    WrongOrigin,
    open_checkpoint,
)
from events.proof.merkle import EMPTY_ROOT, TREE_SIZE_MAX
from events.proof.notes import NotSignedByKey, SigningKey, VerifierKey, WrongSignature, sign

GOLDEN = Path(__file__).parents[1] / "golden" / "checkpoint.txt"
ORIGIN = "tusoi.example/log"
KEY = SigningKey.generate(ORIGIN, bytes(range(32)))
ROOT = bytes.fromhex("5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328")
CHECKPOINT = Checkpoint(ORIGIN, 8, ROOT)


def test_checkpoint_that_was_ever_signed_is_signed_and_read_the_same_for_ever() -> None:
    golden = GOLDEN.read_text(encoding="utf-8")

    assert CHECKPOINT.sign(KEY) == golden
    assert open_checkpoint(golden, KEY.verifier, ORIGIN) == CHECKPOINT


def test_checkpoint_of_an_empty_log_says_zero() -> None:
    checkpoint = Checkpoint(ORIGIN, 0, EMPTY_ROOT)

    assert checkpoint.text() == f"{ORIGIN}\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"
    assert Checkpoint.parse(checkpoint.text()) == checkpoint


def test_extension_lines_are_kept() -> None:
    text = f"{CHECKPOINT.text()}opaque — một\nmore\n"

    checkpoint = Checkpoint.parse(text)

    assert checkpoint.extensions == ("opaque — một", "more")
    assert checkpoint.text() == text


def test_largest_log_is_read_and_none_larger() -> None:
    largest = Checkpoint(ORIGIN, TREE_SIZE_MAX, ROOT).text()

    assert Checkpoint.parse(largest).size == TREE_SIZE_MAX
    with pytest.raises(MalformedCheckpoint, match="at most"):
        Checkpoint.parse(largest.replace(str(TREE_SIZE_MAX), str(TREE_SIZE_MAX + 1)))


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        (f"{ORIGIN}\n", "\n", "not empty"),
        (f"{ORIGIN}\n", "", "three lines"),
        ("\n8\n", "\n08\n", "decimal"),
        ("\n8\n", "\n+8\n", "decimal"),
        ("\n8\n", "\n-8\n", "decimal"),
        ("\n8\n", "\n 8\n", "decimal"),
        ("\n8\n", "\n8.0\n", "decimal"),
        ("\n8\n", "\n٨\n", "decimal"),
        ("\n8\n", "\n1_000\n", "decimal"),
        ("\n8\n", "\n\n", "decimal"),
        ("\n8\n", f"\n{10**19}\n", "decimal"),
        ("Xcna", "Xcn", "not base64"),
        ("Xcna", "Xc a", "not base64"),
        ("Xcna", "", "32 bytes, not 29"),
        ("=\n", "=\n\n", "not empty"),
        ("=\n", "=\nextension\n\n", "not empty"),
        ("=\n", "=", "three lines"),
        ("=\n", "=\nextension", "three lines"),
    ],
)
def test_text_that_is_not_exactly_a_checkpoint_is_refused(old: str, new: str, reason: str) -> None:
    with pytest.raises(MalformedCheckpoint, match=reason) as caught:
        Checkpoint.parse(CHECKPOINT.text().replace(old, new, 1))

    assert caught.value.code == "malformed_checkpoint"


def test_origin_and_extensions_that_would_be_read_as_other_lines_are_refused() -> None:
    with pytest.raises(MalformedCheckpoint):
        Checkpoint(f"{ORIGIN}\n9", 8, ROOT)
    with pytest.raises(MalformedCheckpoint):
        Checkpoint(ORIGIN, 8, ROOT, extensions=("a\nb",))


def test_size_below_zero_is_refused() -> None:
    with pytest.raises(MalformedCheckpoint, match="-1"):
        Checkpoint(ORIGIN, -1, ROOT)


def test_log_is_signed_under_its_own_name_only() -> None:
    other = SigningKey.generate("other.example/log", bytes(32))

    with pytest.raises(WrongOrigin) as caught:
        CHECKPOINT.sign(other)

    assert (caught.value.expected, caught.value.found) == (ORIGIN, "other.example/log")


def test_checkpoint_of_another_log_is_refused() -> None:
    note = CHECKPOINT.sign(KEY)

    with pytest.raises(WrongOrigin, match=r"not tusoi\.example/second"):
        open_checkpoint(note, KEY.verifier, "tusoi.example/second")


def test_checkpoint_by_another_key_is_refused() -> None:
    note = CHECKPOINT.sign(KEY)
    namesake = VerifierKey(ORIGIN, bytes(32))

    with pytest.raises(NotSignedByKey):
        open_checkpoint(note, namesake, ORIGIN)


def test_checkpoint_with_another_size_is_refused() -> None:
    note = CHECKPOINT.sign(KEY)

    with pytest.raises(WrongSignature):
        open_checkpoint(note.replace("\n8\n", "\n9\n"), KEY.verifier, ORIGIN)


def test_signed_note_that_is_no_checkpoint_is_refused() -> None:
    note = sign("Một câu thôi.\n", KEY)

    with pytest.raises(MalformedCheckpoint):
        open_checkpoint(note, KEY.verifier, ORIGIN)
