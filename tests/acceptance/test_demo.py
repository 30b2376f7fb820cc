"""`tusoi up --demo` as somebody tries it: stopped too early, told, looked at, started again."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

READY_SECONDS = 300  # on a machine that does much else; alone it takes a few
STOP_SECONDS = 60
POLL_SECONDS = 0.2
COMMAND = (sys.executable, "-m", "workers.program", "up", "--demo", "--port", "0")


class Demo(NamedTuple):
    """A demo that runs, and where."""

    process: "subprocess.Popen[str]"
    address: str

    def status(self) -> int:
        try:
            with urllib.request.urlopen(f"{self.address}/sign-in", timeout=30) as answer:  # noqa: S310
                return int(answer.status)
        except urllib.error.HTTPError as error:
            return error.code

    def wait_until_ready(self) -> None:
        until = time.monotonic() + READY_SECONDS
        while self.status() != 200:
            assert time.monotonic() < until, "the demo was not ready in time"
            time.sleep(POLL_SECONDS)

    def told(self) -> list[str]:
        """Return what it printed once it was ready, up to its last line."""
        assert self.process.stdout is not None
        lines = []
        while not (line := self.process.stdout.readline()).startswith("Serving on"):
            lines.append(line.strip())
        return lines

    def end(self) -> str:
        """Ask it to end as Ctrl-C does, and return what it still printed."""
        self.process.send_signal(signal.SIGINT)
        out, _ = self.process.communicate(timeout=STOP_SECONDS)
        assert self.process.returncode == 0, out
        return out


def environment_of(folder: Path) -> dict[str, str]:
    return os.environ | {"TUSOI_DATA_DIR": str(folder)}


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Demo]:
    process = subprocess.Popen(
        COMMAND,
        env=environment_of(folder),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        assert process.stdout is not None
        found = re.search(r"http://\S+:\d+", process.stdout.readline())
        assert found, "the first line tells the address"
        yield Demo(process, found[0])
    finally:
        process.kill()
        process.communicate()


def test_a_demo_is_told_once_and_goes_on_where_it_was(tmp_path: Path) -> None:
    with running(tmp_path) as first:
        assert first.status() == 503  # its page tells how far the story is
        assert "Traceback" not in first.end()
    assert not (tmp_path / "demo").exists()

    with running(tmp_path) as second:
        second.wait_until_ready()
        told = second.told()
        assert "Traceback" not in second.end()
    clock = (tmp_path / "demo" / "clock").read_text()
    with running(tmp_path) as third:
        third.wait_until_ready()
        again = third.told()
        third.end()

    roles = ["member", "secretary", "follower", "authority", "auditor", "administrator"]
    assert [line.split()[0] for line in told if second.address in line][1:] == roles
    assert [line.split()[:2] for line in again] == [line.split()[:2] for line in told]
    assert (tmp_path / "demo" / "clock").read_text() == clock
    assert [each.name for each in tmp_path.iterdir()] == ["demo"]


def test_what_is_no_demo_is_left_alone(tmp_path: Path) -> None:
    kept = tmp_path / "demo" / "tusoi.db"
    kept.parent.mkdir()
    kept.write_text("somebody's")

    ended = subprocess.run(
        COMMAND,
        env=environment_of(tmp_path),
        capture_output=True,
        text=True,
        timeout=READY_SECONDS,
        check=False,
    )

    assert ended.returncode == 1
    assert "remove the folder to begin again" in ended.stderr
    assert kept.read_text() == "somebody's"
