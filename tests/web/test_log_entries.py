"""An independent reader of tiles finds in them the very log that was signed."""

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from events.replay.keeper import NotTheLog, look
from tests.support.tampering import Intruder, entry_at
from tests.support.world import World, commune

ENTRIES = "/log/tile/entries/000.p/5"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A commune of which five facts are told and signed."""
    world = World(tmp_path / "data")
    world.tell(*commune())
    world.system.signer.sign()
    yield world
    world.system.close()


def root_of(leaves: list[bytes]) -> bytes:
    """Return the root over leaves as RFC 6962 writes it, by none of our code."""
    if len(leaves) == 1:
        return leaves[0]
    half = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\1" + root_of(leaves[:half]) + root_of(leaves[half:])).digest()


def split(bundle: bytes) -> list[bytes]:
    entries = []
    while bundle:
        length = int.from_bytes(bundle[:2], "big")
        entries.append(bundle[2 : 2 + length])
        bundle = bundle[2 + length :]
    return entries


def test_entries_hashes_and_checkpoint_are_of_one_log(world: World) -> None:
    auditor = world.token(reads=("all",))

    origin, size, root, *_ = world.get("/log/checkpoint").text.split("\n")
    entries = split(world.get(ENTRIES, auditor).data)
    hashes = world.get("/log/tile/0/000.p/5").data

    leaves = [hashlib.sha256(b"\0" + each).digest() for each in entries]
    assert (origin, int(size)) == (world.system.signer.origin, len(entries))
    assert b"".join(leaves) == hashes
    assert base64.b64encode(root_of(leaves)).decode() == root
    assert [json.loads(each)["specversion"] for each in entries] == ["1.0"] * len(entries)


@pytest.mark.parametrize(
    ("grants", "path", "status"),
    [
        (None, ENTRIES, 401),
        ({}, ENTRIES, 403),
        ({"reads": ("roster.*",)}, ENTRIES, 403),
        ({"reads": ("all",), "units": ("cellaaaaaaaaaaaaaaaaaaaaaa",)}, ENTRIES, 403),
        ({"reads": ("all",)}, "/log/tile/entries/000", 404),
        ({"reads": ("all",)}, "/log/tile/entries/000.p/6", 404),
        ({"reads": ("all",)}, "/log/tile/entries/0", 404),
        ({"reads": ("all",)}, "/log/tile/entries/../../healthz", 404),
    ],
)
def test_entries_are_for_who_may_read_them_all(
    world: World, grants: dict[str, Any] | None, path: str, status: int
) -> None:
    token = {} if grants is None else world.token(**grants)

    assert world.get(path, token).status_code == status


def test_who_remembers_a_checkpoint_finds_a_history_that_was_written_anew(world: World) -> None:
    auditor, key = world.token(reads=("all",)), world.system.verifier_key

    def fetch(path: str) -> bytes:
        return bytes(world.get(path, auditor).data)

    seen = look(fetch, None, key)
    again = look(fetch, seen.remembered)
    arrival, entry = entry_at(world.system.store, 2)
    changed = entry.replace(b'"source":"', b'"source":"/x')
    sql = "UPDATE events SET entry = ? WHERE arrival = ?"
    Intruder(world.system.store).run(sql, (changed, arrival))

    assert (seen.before, again.before, again.remembered.signed.size) == (0, 5, 5)
    with pytest.raises(NotTheLog):
        look(fetch, None, key)
