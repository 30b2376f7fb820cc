"""Proofs are C2SP's tlog-proof: one text for each, and nothing else is taken for one."""

from pathlib import Path

import pytest

from events.proof.checkpoints import Checkpoint, WrongOrigin
from events.proof.consistency import consistency_stretches, verify_consistency
from events.proof.inclusion import (
    EXTRA_BYTES_MAX,
    HASHES_MAX,
    TEXT_MAX,
    NotAProof,
    ProofWrong,
    TlogProof,
    inclusion_stretches,
    verify,
    verify_inclusion,
)
from events.proof.merkle import EMPTY_ROOT, TREE_SIZE_MAX, leaf_hash, node_hash
from events.proof.notes import NotSignedByKey, SigningKey, WrongSignature
from events.proof.subtrees import Stretch

GOLDEN = Path(__file__).parents[1] / "golden" / "entry.tlog-proof"
ORIGIN = "tusoi.example/log"
KEY = SigningKey.generate(ORIGIN, bytes(range(32)))
ENTRIES = [b"one", b"two", b"three"]
LEAVES = [leaf_hash(entry) for entry in ENTRIES]
LEFT = node_hash(LEAVES[0], LEAVES[1])
ROOT = node_hash(LEFT, LEAVES[2])
NOTE = Checkpoint(ORIGIN, 3, ROOT).sign(KEY)
PROOF = TlogProof(1, (LEAVES[0], LEAVES[2]), NOTE)


def test_proof_that_was_ever_given_is_read_and_verifies_for_ever() -> None:
    golden = GOLDEN.read_text(encoding="utf-8")

    proven = verify(b"two", golden, KEY.verifier, ORIGIN)

    assert PROOF.to_text() == golden
    assert TlogProof.from_text(golden) == PROOF
    assert (proven.position, proven.checkpoint.size) == (2, 3)


def test_entry_alone_in_its_log_needs_no_hashes() -> None:
    note = Checkpoint(ORIGIN, 1, LEAVES[0]).sign(KEY)
    text = TlogProof(0, (), note).to_text()

    assert verify(b"one", text, KEY.verifier, ORIGIN).position == 1


def test_extra_data_are_read_and_never_verify() -> None:
    proof = TlogProof(1, PROOF.hashes, NOTE, extra=b"more")

    assert TlogProof.from_text(proof.to_text()) == proof
    with pytest.raises(NotAProof, match="vouches"):
        verify(b"two", proof.to_text(), KEY.verifier, ORIGIN)


def test_proof_of_another_entry_key_log_or_size_is_refused() -> None:
    text = PROOF.to_text()
    other = SigningKey.generate(ORIGIN, bytes(32))

    with pytest.raises(ProofWrong, match="do not lead"):
        verify(b"three", text, KEY.verifier, ORIGIN)
    with pytest.raises(NotSignedByKey):
        verify(b"two", text, other.verifier, ORIGIN)
    with pytest.raises(WrongOrigin):
        verify(b"two", text, KEY.verifier, "other.example/log")
    with pytest.raises(WrongSignature):
        verify(b"two", text.replace("\n3\n", "\n4\n"), KEY.verifier, ORIGIN)


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("@v1", "@v2", "first line"),
        ("@v1\n", "@v1\r\n", "first line"),
        ("c2sp", "\nc2sp", "first line"),
        ("index 1\n", "", "index"),
        ("index 1", "index 01", "index"),
        ("index 1", "index  1", "index"),
        ("index 1", "index +1", "index"),
        ("index 1", "index ١", "index"),
        ("index 1", "Index 1", "index"),
        ("index 1", "index 1 ", "index"),
        ("index 1", f"index {10**19}", "index"),
        ("index 1", f"index {TREE_SIZE_MAX}", "no log has"),
        ("index 1", "extra \nindex 1", "no line"),
        ("index 1", "extra YQ\nindex 1", "base64"),
        ("index 1", "extra YR==\nindex 1", "base64"),
        ("index 1", "extra YQ==\nextra YQ==\nindex 1", "index"),
        ("index 1\n", "index 1\nYQ==\n", "32 bytes"),
        ("index 1\n", "index 1\n \n", "base64"),
        ("index 1\n", "index 1\né\n", "base64"),
        ("\n\n", "\n", "blank line"),
        ("=\n\n", "=", "base64"),
    ],
)
def test_text_that_is_not_exactly_a_proof_is_refused(old: str, new: str, reason: str) -> None:
    text = PROOF.to_text()
    count = -1 if old == "\n\n" else 1

    with pytest.raises(NotAProof, match=reason) as caught:
        TlogProof.from_text(text.replace(old, new, count))

    assert caught.value.code == "not_a_proof"


def test_text_that_ends_after_its_first_line_is_refused() -> None:
    with pytest.raises(NotAProof, match="index"):
        TlogProof.from_text("c2sp.org/tlog-proof@v1\n\n")


def test_what_no_log_needs_is_refused_before_it_costs_anything() -> None:
    with pytest.raises(NotAProof, match=f"at most {HASHES_MAX}"):
        TlogProof(0, (bytes(32),) * (HASHES_MAX + 1), NOTE)
    with pytest.raises(NotAProof, match="base64"):
        TlogProof.from_text(PROOF.to_text().replace("index 1\n", "index 1\n" + "A\n" * 9_999))
    with pytest.raises(NotAProof, match="longer"):
        TlogProof(0, (), NOTE, extra=bytes(EXTRA_BYTES_MAX + 1))
    with pytest.raises(NotAProof, match="longer"):
        TlogProof.from_text("x" * (TEXT_MAX + 1))


@pytest.mark.parametrize(
    ("index", "size", "proof", "reason"),
    [
        (-1, 3, PROOF.hashes, "no entry -1"),
        (3, 3, PROOF.hashes, "no entry 3"),
        (0, 0, (), "no entry 0"),
        (1, 3, PROOF.hashes[:1], "shorter"),
        (1, 3, (*PROOF.hashes, bytes(32)), "longer"),
        (1, 3, (b"", bytes(32)), "32 bytes"),
        (0, 3, PROOF.hashes, "do not lead"),
        (1, 3, PROOF.hashes[::-1], "do not lead"),
    ],
)
def test_path_that_does_not_lead_to_the_root_is_refused(
    index: int, size: int, proof: tuple[bytes, ...], reason: str
) -> None:
    verify_inclusion(LEAVES[1], 1, 3, PROOF.hashes, ROOT)

    with pytest.raises(ProofWrong, match=reason) as caught:
        verify_inclusion(LEAVES[1], index, size, proof, ROOT)

    assert caught.value.code == "proof_wrong"


def test_no_path_leads_to_a_leaf_that_is_not_there() -> None:
    with pytest.raises(ValueError, match="no leaf 3"):
        inclusion_stretches(3, 3)
    with pytest.raises(ValueError, match="no leaf -1"):
        inclusion_stretches(-1, 3)


def test_path_in_the_largest_log_is_as_long_as_a_proof_may_be() -> None:
    stretches = inclusion_stretches(0, TREE_SIZE_MAX)

    assert len(stretches) == HASHES_MAX
    assert stretches[-1] == Stretch(2**62, TREE_SIZE_MAX)


def test_log_grows_out_of_the_smaller_one() -> None:
    verify_consistency((1, LEAVES[0]), (3, ROOT), (LEAVES[1], LEAVES[2]))
    verify_consistency((2, LEFT), (3, ROOT), (LEAVES[2],))
    verify_consistency((3, ROOT), (3, ROOT), ())
    verify_consistency((0, EMPTY_ROOT), (3, ROOT), ())
    assert consistency_stretches(0, 3) == []


FOUR = node_hash(LEFT, node_hash(LEAVES[2], LEAVES[0]))
THREE_TO_FOUR = (LEAVES[2], LEAVES[0], LEFT)


@pytest.mark.parametrize(
    ("first", "second", "proof", "reason"),
    [
        ((3, ROOT), (2, LEFT), (), "fewer"),
        ((-1, ROOT), (2, LEFT), (), "fewer"),
        ((2, LEFT), (3, ROOT), (b"",), "32 bytes"),
        ((2, b""), (3, ROOT), (LEAVES[2],), "32 bytes"),
        ((3, ROOT), (3, ROOT), (LEFT,), "nothing to show"),
        ((0, EMPTY_ROOT), (3, ROOT), (LEFT,), "nothing to show"),
        ((0, ROOT), (3, ROOT), (), "different roots"),
        ((3, LEFT), (3, ROOT), (), "different roots"),
        ((3, ROOT), (4, FOUR), (), "empty"),
        ((3, ROOT), (4, FOUR), THREE_TO_FOUR[:2], "shorter"),
        ((3, ROOT), (4, FOUR), (*THREE_TO_FOUR, LEFT), "longer"),
        ((3, ROOT), (4, FOUR), THREE_TO_FOUR[::-1], "both roots"),
        ((3, LEFT), (4, FOUR), THREE_TO_FOUR, "both roots"),
        ((3, ROOT), (4, LEFT), THREE_TO_FOUR, "both roots"),
    ],
)
def test_path_that_does_not_lead_to_both_roots_is_refused(
    first: tuple[int, bytes], second: tuple[int, bytes], proof: tuple[bytes, ...], reason: str
) -> None:
    verify_consistency((3, ROOT), (4, FOUR), THREE_TO_FOUR)

    with pytest.raises(ProofWrong, match=reason):
        verify_consistency(first, second, proof)


def test_no_log_grows_smaller() -> None:
    with pytest.raises(ValueError, match="did not grow"):
        consistency_stretches(4, 3)
