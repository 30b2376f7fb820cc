"""Somebody outside who remembers a checkpoint finds every log that is not its extension."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from events.definitions.entry import encode_entry
from events.errors import TusoiError
from events.proof.checkpoints import Checkpoint
from events.proof.merkle import EMPTY_EDGE, leaf_hash
from events.proof.notes import MalformedKey, SigningKey
from events.replay.__main__ import main
from events.replay.fetching import Fetch
from events.replay.keeper import MemoryDamaged, NotTheLog, Remembered, load, look, save
from tests.support.examples import UNIT_FORMED
from tests.support.history import record

LOG_KEY = SigningKey.generate("tusoi.example/log", bytes(range(32)))
KEY = LOG_KEY.verifier.to_text()
ENTRIES = [encode_entry(record(UNIT_FORMED, version=n).entry) for n in range(1, 601)]
OTHERS = [encode_entry(record(UNIT_FORMED, version=n).entry) for n in range(1001, 1601)]


def serve(entries: list[bytes], *, signer: SigningKey = LOG_KEY) -> Fetch:
    """Return a log as C2SP's tlog-tiles serves it."""
    tree = EMPTY_EDGE.extend([leaf_hash(each) for each in entries])

    def fetch(path: str) -> bytes:
        if path == "/log/checkpoint":
            return Checkpoint(signer.name, tree.size, tree.root).sign(signer).encode()
        number, _, width = path.removeprefix("/log/tile/entries/").partition(".p/")
        start = 256 * int(number)
        page = entries[start : start + int(width or 256)]
        return b"".join(len(each).to_bytes(2, "big") + each for each in page)

    return fetch


def remembered(entries: list[bytes]) -> Remembered:
    return look(serve(entries), None, KEY).remembered


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 512, 600])
@pytest.mark.parametrize("before", [0, 1, 256, 300])
def test_a_log_that_grew_is_the_one_that_was_remembered(before: int, size: int) -> None:
    known = remembered(ENTRIES[:before])

    looked = look(serve(ENTRIES[: before + size]), known, KEY)

    assert (looked.before, looked.remembered.signed.size) == (
        before,
        before + min(size, 600 - before),
    )


def fork() -> Fetch:
    return serve(ENTRIES[:200] + OTHERS[:300])


def roll_back() -> Fetch:
    return serve(ENTRIES[:200])


def rewrite() -> Fetch:
    return serve(OTHERS[:300])


def leave_out() -> Fetch:
    return serve(ENTRIES[:299] + ENTRIES[300:400])


def serve_other_entries() -> Fetch:
    honest, other = serve(ENTRIES[:400]), serve(OTHERS[:400])
    return lambda path: (honest if path == "/log/checkpoint" else other)(path)


def cut_a_bundle() -> Fetch:
    honest = serve(ENTRIES[:400])
    return lambda path: honest(path) if path == "/log/checkpoint" else honest(path)[:-1]


def serve_nonsense() -> Fetch:
    return serve([*ENTRIES[:300], b"{}", b'{"a": 1}'])


@pytest.mark.parametrize(
    "odd",
    [b"", b"[" * 30_000 + b"]" * 30_000, b"x" * 65_535, b'{"a":1,"a":2}', b"\xef\xbb\xbf{}"],
)
def test_an_entry_that_none_can_be_is_told_by_its_position(odd: bytes) -> None:
    with pytest.raises(NotTheLog, match="the entry at position 4 is not canonical"):
        look(serve([*ENTRIES[:3], odd]), None, KEY)


def test_what_is_remembered_in_no_file_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["log", "https://tusoi.example", "--key", KEY, "--memory", str(tmp_path)]

    assert main(asked, connect=lambda _url, _token: serve(ENTRIES[:3])) == 2
    assert "Is a directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    "attack",
    [fork, roll_back, rewrite, leave_out, serve_other_entries, cut_a_bundle, serve_nonsense],
)
def test_any_other_log_is_found_by_who_remembers(attack: Callable[[], Fetch]) -> None:
    with pytest.raises(NotTheLog):
        look(attack(), remembered(ENTRIES[:300]), KEY)


def test_a_log_of_another_key_is_not_looked_at() -> None:
    other = SigningKey.generate(LOG_KEY.name, bytes(32))

    with pytest.raises(TusoiError):
        look(serve(ENTRIES[:3], signer=other), None, KEY)
    with pytest.raises(NotTheLog, match="remembered is the log of the key"):
        look(serve(ENTRIES[:3]), remembered(ENTRIES[:3]), other.verifier.to_text())
    for empty in ("", " "):  # it is not as if none had been given
        with pytest.raises(NotTheLog, match="remembered is the log of the key"):
            look(serve(ENTRIES[:3]), remembered(ENTRIES[:3]), empty)
        with pytest.raises(MalformedKey):
            look(serve(ENTRIES[:3]), None, empty)
    with pytest.raises(NotTheLog, match="no text"):
        look(lambda _: b"\xff", None, KEY)


DEEP = 10_000
DAMAGED: tuple[Callable[[bytes], bytes], ...] = (
    lambda _: b"",
    lambda _: b"{}",
    lambda _: b"\xff",
    lambda known: known[:-9],
    lambda known: b'{"other":' + b"[" * DEEP + b"]" * DEEP + b"," + known[1:],
)


def test_what_was_remembered_is_read_again_and_a_damaged_memory_is_told(tmp_path: Path) -> None:
    path, known = tmp_path / "memory.json", remembered(ENTRIES[:300])

    assert load(path) is None
    save(path, known)
    assert load(path) == known
    for damaged in DAMAGED:
        path.write_bytes(damaged(msgspec.json.encode(known)))
        with pytest.raises(MemoryDamaged, match="restore it"):
            load(path)


def test_the_command_tells_what_it_found(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    memory = ["log", "https://tusoi.example", "--memory", str(tmp_path / "m.json")]

    def ask(served: Fetch, *more: str) -> tuple[int, str]:
        status = main([*memory, *more], connect=lambda _url, _token: served)
        told = capsys.readouterr()
        return status, told.out + told.err

    assert "by --key" in ask(serve(ENTRIES[:300]))[1]
    assert ask(serve(ENTRIES[:300]), "--key", KEY) == (0, ask_said(0, 300))
    assert ask(serve(ENTRIES[:400])) == (0, ask_said(300, 400))
    status, told = ask(fork())
    assert (status, "NOT the log that was remembered" in told) == (1, True)
    assert main(["log", "file:///etc", *memory[2:], "--key", KEY]) == 2


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (("--key", "no key"), "not a note key"),
        (("--key", KEY, "--memory", "damaged"), "restore it"),
        (("--key", KEY, "--memory", "pipe"), "no regular file"),
        (("--key", KEY, "--token-file", "token"), "more than one line of ASCII"),
    ],
)
def test_what_hinders_a_look_is_no_other_log(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    given: tuple[str, ...],
    told: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    Path("damaged").write_text("{}")
    Path("token").write_text("of one\nand of another")

    status = main(["log", "https://127.0.0.1:1", "--memory", "none", *given])

    shown = capsys.readouterr()
    assert (status, shown.out) == (2, "")
    assert told in shown.err


def test_a_log_commands_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def wicked(_: str) -> bytes:
        raise OSError("it answers \x1b[1A\x9b2K\nTr\u00f9ng kh\u1edbp")

    memory = ["--memory", str(tmp_path / "m.json"), "--key", KEY]

    assert main(["log", "https://tusoi.example", *memory], connect=lambda *_: wicked) == 2
    assert capsys.readouterr().err.endswith(
        "it answers \ufffd[1A\ufffd2K\ufffdTr\u00f9ng kh\u1edbp\n"
    )


def ask_said(before: int, size: int) -> str:
    return f"tusoi.example/log grew from {before} to {size} entries, and is the one remembered.\n"
