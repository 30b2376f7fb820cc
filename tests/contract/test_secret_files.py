"""A secret's file is there whole or not at all, and what is in its place is told of in words."""

import base64
import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from services import secret_files
from services.bootstrap import open_system
from services.secret_files import PlaceUnusable, SecretDamaged, make_secrets
from services.settings import Settings, from_environment
from tests.support.fakes import SeededChance

NAMES = ("log.key", "master.key", "token")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    told = {"TUSOI_DATA_DIR": str(tmp_path), "TUSOI_OPERATIONS_TOKEN_FILE": str(tmp_path / "token")}
    return from_environment(told)


def test_what_the_disk_has_no_room_for_is_not_there_and_is_made_once_there_is(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def have_no_room(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as full:
        full.setattr(os, "fsync", have_no_room)
        with pytest.raises(PlaceUnusable, match="No space left"):
            make_secrets(settings, SeededChance(1))
    assert list(settings.data_dir.iterdir()) == []

    made = make_secrets(settings, SeededChance(1))

    assert sorted(each.name for each in made) == [*NAMES]
    assert sorted(each.name for each in settings.data_dir.iterdir()) == [*NAMES]
    assert make_secrets(settings, SeededChance(2)) == []


def have_no_links(_source: Path, _path: Path) -> None:
    raise OSError(errno.EPERM, os.strerror(errno.EPERM))


def test_a_disk_that_gives_no_file_two_names_keeps_secrets_as_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", have_no_links)

    made = make_secrets(settings, SeededChance(1))

    assert sorted(each.name for each in made) == [*NAMES]
    assert sorted(each.name for each in settings.data_dir.iterdir()) == [*NAMES]
    assert {each.stat().st_mode & 0o777 for each in made} == {secret_files.FILE_MODE}
    assert make_secrets(settings, SeededChance(2)) == []


def test_on_such_a_disk_that_is_full_there_is_none_either(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    fsync, written = os.fsync, list[int]()

    def have_room_for_one(descriptor: int) -> None:
        if written:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written.append(descriptor)
        fsync(descriptor)

    with monkeypatch.context() as full:
        full.setattr(os, "link", have_no_links)
        full.setattr(os, "fsync", have_room_for_one)
        with pytest.raises(PlaceUnusable, match="No space left"):
            make_secrets(settings, SeededChance(1))

    assert list(settings.data_dir.iterdir()) == []


@pytest.mark.parametrize("link", [os.link, have_no_links], ids=["any", "no links"])
def test_of_two_who_make_a_secret_at_once_the_first_does_on_any_disk(
    link: Callable[[Path, Path], None], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    rival = base64.b64encode(bytes(32)).decode()

    def come_second(source: Path, path: Path) -> None:
        if path == settings.master_key_file:
            path.write_text(rival)
            path.chmod(secret_files.FILE_MODE)
        link(source, path)

    monkeypatch.setattr(os, "link", come_second)

    made = make_secrets(settings, SeededChance(1))

    assert settings.master_key_file not in made
    assert settings.master_key_file.read_text() == rival


@pytest.mark.parametrize(
    ("name", "held", "lacks"),
    [
        *((name, b"", "is empty") for name in NAMES),
        ("master.key", base64.b64encode(bytes(31)), "holds 31 bytes, and a master key has 32"),
        ("master.key", b"no Base64!", "is no master key of ours"),
        ("master.key", bytes([255, 254]), "holds no text"),
        ("log.key", b"rubbish", "is no key of a log"),
    ],
)
def test_what_is_no_secret_is_told_of_by_whoever_makes_and_by_whoever_reads(
    settings: Settings, name: str, held: bytes, lacks: str
) -> None:
    open_system(settings).close()
    path = settings.data_dir / name
    path.write_bytes(held)

    with pytest.raises(SecretDamaged, match=f"{name} .*{lacks}.*restore it"):
        make_secrets(settings, SeededChance(1))
    if name != "token":  # which the web alone reads
        with pytest.raises(SecretDamaged, match=lacks):
            open_system(settings)
