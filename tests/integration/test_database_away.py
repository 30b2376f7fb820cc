"""Processes wait for a database that is not there yet, outlive one that goes, and end as asked."""

import http
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support import hr
from tests.support.installation import Installation, end
from tests.support.servers import PostgreSQL

SOON_SECONDS = 30
TAKEN = (http.HTTPStatus.CREATED, http.HTTPStatus.OK)  # and told again, which is known
COMMANDS = ("serve", "work", "migrate")


@pytest.fixture
def installed(
    own_postgresql: PostgreSQL, valkey_url: str, tmp_path: Path
) -> Iterator[Installation]:
    made = Installation(
        own_postgresql.url, valkey_url, tmp_path / "i", source=hr.SOURCE, log_level=None
    )
    yield made
    made.system.close()


def until(holds: Callable[[], object]) -> bool:
    """Return whether something came about in time."""
    give_up_at = time.monotonic() + SOON_SECONDS
    while not holds() and time.monotonic() < give_up_at:
        time.sleep(0.05)
    return bool(holds())


def test_processes_wait_for_their_database_and_go_on_when_it_is_back(
    installed: Installation, own_postgresql: PostgreSQL
) -> None:
    ours = installed.system.store.database.engine
    own_postgresql.kill()
    processes = {name: installed.start(name) for name in COMMANDS}
    try:
        assert until(lambda: installed.log_text().count("trying again") == len(COMMANDS))
        own_postgresql.restart()
        assert processes["migrate"].wait(SOON_SECONDS) == 0
        installed.wait_until_serving()
        assert until(lambda: installed.send([hr.formed("U1")])[0] in TAKEN)
        ours.dispose()  # the test's own connections were cut as well
        installed.settle()

        own_postgresql.kill()
        refused = installed.send([hr.formed("U2")])
        assert until(lambda: "step_waits" in installed.log_text())
        own_postgresql.restart()
        assert until(lambda: installed.send([hr.formed("U2")])[0] in TAKEN)
        ours.dispose()
        installed.settle()

        for name in ("serve", "work"):
            processes[name].send_signal(signal.SIGINT)
        statuses = [processes[name].wait(SOON_SECONDS) for name in ("serve", "work")]
    finally:
        for each in processes.values():
            end(each, signal.SIGKILL)

    assert (refused[0], refused[1]["code"]) == (503, "store_unavailable")
    assert statuses == [0, 0], installed.log_text()
    assert "Traceback" not in installed.log_text()


def test_who_is_asked_to_end_while_they_wait_ends_well(
    installed: Installation, own_postgresql: PostgreSQL
) -> None:
    own_postgresql.kill()
    processes = [installed.start(name) for name in COMMANDS]
    try:
        assert until(lambda: installed.log_text().count("trying again") == len(COMMANDS))

        for process, how in zip(processes, (signal.SIGINT, signal.SIGTERM) * 2, strict=False):
            process.send_signal(how)

        assert [each.wait(SOON_SECONDS) for each in processes] == [0, 0, 0]
    finally:
        for each in processes:
            end(each, signal.SIGKILL)
