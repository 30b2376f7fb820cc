"""What lies in the folder of the data is nobody else's to read, whoever made the folder."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from events.store.sqlite import MODE
from services.bootstrap import keep_private, open_system
from services.secret_files import FOLDER_MODE
from services.settings import from_environment


@pytest.fixture(autouse=True)
def _lax() -> Iterator[None]:
    """A process whose files everybody may read, as most shells begin one."""
    before = os.umask(0o022)
    yield
    os.umask(before)


def mode_of(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_every_file_of_a_system_is_its_own(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    told = {"TUSOI_DATA_DIR": str(folder), "TUSOI_OPERATIONS_TOKEN_FILE": str(folder / "token")}

    system = open_system(from_environment(told))
    try:
        system.index_key()
        system.signer.sign()
        modes = {each.name: mode_of(each) for each in folder.iterdir()}
    finally:
        system.close()

    assert {"tusoi.db", "tusoi.db-wal", "tusoi.db-shm", "keys.db", "master.key", "token"} <= set(
        modes
    )
    assert set(modes.values()) == {MODE}
    assert mode_of(folder) == FOLDER_MODE


def test_an_empty_folder_that_others_could_enter_is_closed(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)

    open_system(from_environment({"TUSOI_DATA_DIR": str(folder)})).close()

    assert mode_of(folder) == FOLDER_MODE


def test_a_folder_with_other_things_in_it_stays_open_and_our_files_are_closed(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "shared"
    folder.mkdir(mode=0o755)
    (folder / "other").touch()

    open_system(from_environment({"TUSOI_DATA_DIR": str(folder)})).close()

    assert mode_of(folder) == 0o755
    ours = [each for each in folder.iterdir() if each.name != "other"]
    assert {mode_of(each) for each in ours} == {MODE}


def test_a_database_that_others_could_read_is_closed_when_it_is_opened(tmp_path: Path) -> None:
    told = from_environment({"TUSOI_DATA_DIR": str(tmp_path / "data")})
    open_system(told).close()
    database = tmp_path / "data" / "tusoi.db"
    database.chmod(0o644)

    open_system(told).close()

    assert mode_of(database) == MODE


def test_what_a_command_writes_elsewhere_is_its_own_too(tmp_path: Path) -> None:
    keep_private()

    (tmp_path / "exported").write_text("a bundle")
    (tmp_path / "folder").mkdir()

    assert mode_of(tmp_path / "exported") == MODE
    assert mode_of(tmp_path / "folder") == FOLDER_MODE
