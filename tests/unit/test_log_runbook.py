"""What the runbook tells other tools of an entry is what the codec writes and takes."""

import hashlib
import json
from pathlib import Path

import pytest

from events.definitions.entry import is_canonical
from events.proof.merkle import leaf_hash

INTEGER_MAX = 2**53 - 1
ENTRIES = sorted((Path(__file__).parents[1] / "golden" / "entries").glob("*.json"))


def rfc_8785(value: object) -> bytes:
    """Return the canonical JSON of a value of the runbook's subset, by Python's own codec."""
    written = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return written.encode()


@pytest.mark.parametrize("path", ENTRIES, ids=lambda path: path.stem)
def test_an_entry_is_canonical_json_of_one_object(path: Path) -> None:
    entry = path.read_bytes()

    assert rfc_8785(json.loads(entry)) == entry
    assert is_canonical(entry)


@pytest.mark.parametrize(
    ("written", "canonical"),
    [
        (b'{"a":1,"b":"\xc3\xa9"}', True),
        (b'{"b":1,"a":1}', False),  # keys are sorted
        (b'{"a": 1}', False),  # no spaces
        (b'{"a":1}\n', False),
        (b"\xef\xbb\xbf" + b'{"a":1}', False),
        (b'{"a":"\\u00e9"}', False),  # the shortest escapes
        (b'{"a":"e\xcc\x81"}', False),  # Unicode NFC
        (b'{"\xc3\xa9":1}', False),  # keys are ASCII
        (b'{"a":1.0}', False),  # no fractions
        (b'{"a":null}', False),
        (f'{{"a":{INTEGER_MAX}}}'.encode(), True),
        (f'{{"a":{INTEGER_MAX + 1}}}'.encode(), False),
    ],
)
def test_what_the_runbook_rules_out_is_not_canonical(written: bytes, *, canonical: bool) -> None:
    assert is_canonical(written) is canonical


def test_a_leaf_is_the_digest_of_a_zero_byte_and_the_entry() -> None:
    entry = ENTRIES[0].read_bytes()

    assert leaf_hash(entry) == hashlib.sha256(b"\0" + entry).digest()
