"""The files that hold our secrets: made whole or not at all, and nobody else's to read."""

import base64
import errno
import os
from pathlib import Path
from tempfile import NamedTemporaryFile

from events.errors import TusoiError
from events.identifiers import Chance
from events.proof.notes import MalformedKey, SigningKey
from services.settings import Settings

SECRET_BYTES = 32
SECRET_FILE_BYTES_MAX = 4096
FOLDER_MODE, FILE_MODE = 0o700, 0o600
# What disks say that give no file a second name: exFAT, some network drives.
_NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP)


class SecretMissing(TusoiError):
    code = "secret_missing"

    def __init__(self, name: str, path: Path) -> None:
        super().__init__(
            f"{name} is not at {path}: restore it, or, for a new installation, "
            "make it with `tusoi keys make`"
        )
        self.path = path


class SecretUnsafe(TusoiError):
    code = "secret_unsafe"

    def __init__(self, path: Path) -> None:
        super().__init__(f"{path} can be read by others: run `chmod 600 {path}`")
        self.path = path


class SecretDamaged(TusoiError):
    """A secret's file is there and holds no such secret."""

    code = "secret_damaged"

    def __init__(self, path: Path, lacks: str) -> None:
        super().__init__(
            f"{path} {lacks}: restore it from the copy that you keep; if nothing was ever kept "
            "under it, remove it, and make it anew with `tusoi keys make`"
        )
        self.path = path


class PlaceUnusable(TusoiError):
    """A folder or file of ours cannot be made or opened where the settings say."""

    code = "place_unusable"

    def __init__(self, path: Path, error: OSError) -> None:
        super().__init__(
            f"{path} cannot be used ({error.strerror}): make the place free for whoever runs this, "
            "or name another one in TUSOI_DATA_DIR, or in the setting that names the file"
        )
        self.path = path


def make_secrets(settings: Settings, chance: Chance) -> list[Path]:
    """Make the secrets that are not there yet, mode 0600, and return which were made.

    Raises:
        PlaceUnusable: one cannot be written.
        SecretUnsafe, SecretDamaged: one that is there is open to others, or no such secret.
    """
    master = base64.b64encode(chance.bytes(SECRET_BYTES)).decode()
    log_key = SigningKey.generate(settings.log_origin, chance.bytes(SECRET_BYTES)).to_text()
    wanted = [(settings.master_key_file, master), (settings.log_key_file, log_key)]
    if settings.operations_token_file and not settings.operations_token_file.exists():
        token = base64.urlsafe_b64encode(chance.bytes(SECRET_BYTES)).decode().rstrip("=")
        wanted.append((settings.operations_token_file, token))
    made = [path for path, secret in wanted if _make_secret(path, secret)]
    read_master("TUSOI_MASTER_KEY_FILE", settings.master_key_file)
    read_log_key(settings)
    if settings.operations_token_file:
        read_secret("TUSOI_OPERATIONS_TOKEN_FILE", settings.operations_token_file)
    return made


def _make_secret(path: Path, secret: str) -> bool:
    """Make a secret's file, whole or not at all: a crash or a full disk leaves none by its name."""
    if path.is_file():
        return False
    try:
        path.parent.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)
        with NamedTemporaryFile("w", dir=path.parent, prefix=f".{path.name}.") as file:  # mode 0600
            file.write(secret + "\n")
            file.flush()
            os.fsync(file.fileno())
            _name(Path(file.name), path)
        _keep_name(path)
    except FileExistsError:  # a rival made it meanwhile
        return False
    except OSError as error:
        raise PlaceUnusable(path, error) from error
    return True


def _name(whole: Path, path: Path) -> None:
    """Give what is written whole the name of a secret, which nothing had.

    Where no file has two names it is written anew under that one: what fails leaves none, what
    crashes one that is refused as damaged.
    """
    try:
        os.link(whole, path)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        _write_anew(path, whole.read_bytes())


def _write_anew(path: Path, secret: bytes) -> None:
    """Write a file that is not there yet."""
    opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE)
    try:
        with os.fdopen(opened, "wb") as file:
            file.write(secret)
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        path.unlink()
        raise


def _keep_name(path: Path) -> None:
    """Have the disk keep by which name a file is found."""
    opened = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def read_master(name: str, path: Path) -> bytes:
    """Return the master key that a file holds. Raises what `read_secret` does."""
    try:
        master = base64.b64decode(read_secret(name, path), validate=True)
    except ValueError:  # also of what is no text
        raise SecretDamaged(path, "is no master key of ours, in Base64") from None
    if len(master) != SECRET_BYTES:
        lacks = f"holds {len(master)} bytes, and a master key has {SECRET_BYTES}"
        raise SecretDamaged(path, lacks)
    return master


def read_log_key(settings: Settings) -> SigningKey:
    """Return the key that signs the log. Raises what `read_secret` does."""
    path = settings.log_key_file
    try:
        return SigningKey.from_text(read_secret("TUSOI_LOG_KEY_FILE", path))
    except MalformedKey as error:
        raise SecretDamaged(path, f"is no key of a log ({error})") from error


def read_secret(name: str, path: Path) -> str:
    """Return what a secret's file holds, which nobody else may read.

    Raises:
        SecretMissing, SecretUnsafe, PlaceUnusable
        SecretDamaged: it is empty, or no text.
    """
    try:
        with path.open() as file:
            if os.fstat(file.fileno()).st_mode & 0o077:
                raise SecretUnsafe(path)
            found = file.read(SECRET_FILE_BYTES_MAX).strip()
    except FileNotFoundError:
        raise SecretMissing(name, path) from None
    except OSError as error:
        raise PlaceUnusable(path, error) from error
    except UnicodeDecodeError:
        found = ""
    if not found:
        raise SecretDamaged(path, "is empty, or holds no text")
    return found
