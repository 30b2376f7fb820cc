"""What can be set from outside: environment variables, one table of them in deploy/README.md."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from events.errors import TusoiError
from events.store.address import is_embedded, read_address

ORIGIN_PATTERN = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
PORTS = {"http": 80, "https": 443}  # that go without saying
REDIS_ADDRESSES = ("redis://", "rediss://", "unix://")
PORT_MAX = 65_535
WHOLE_MAX = 1_000_000_000
WHOLE_PATTERN = re.compile("[0-9]{1,10}")
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
SIGN_IN_TRIES = 5  # nobody waits for: with one login from one address, or in one known browser
SIGN_IN_TRIES_LOGIN = 20  # with one login, from all unknown browsers
SIGN_IN_TRIES_ADDRESS = 30  # from one address with any login: an office may share it
SESSION_IDLE_MINUTES = 60  # after which somebody signs in again who went away
SESSION_IDLE_LEAST, SESSION_IDLE_MOST = 5, 720  # to type a sentence; as long as a session lasts
SECRETS_MADE_EMBEDDED = ("TUSOI_MASTER_KEY_FILE", "TUSOI_LOG_KEY_FILE")


class SettingsError(TusoiError):
    """A setting is missing or makes no sense; the message says which and what to write."""

    code = "settings"


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Where things lie and how often things happen. Every field is one variable."""

    data_dir: Path  # embedded databases and secrets
    database_url: str
    redis_url: str | None  # None: the broker in memory, one process
    keys_url: str
    master_key_file: Path
    log_origin: str  # the name under which checkpoints are signed; schemeless, as C2SP asks
    log_key_file: Path
    checkpoint_seconds: int
    host: str
    port: int
    public_url: str | None  # where people reach the service, and no other name is answered
    operations_token_file: Path | None  # opens /metrics, and why we are not ready; None: nobody
    proxies: int  # of ours between clients and this server; 0: `X-Forwarded-For` says nothing
    sign_in_tries: int  # this and the next two: wrong passwords before anybody has to wait
    sign_in_tries_login: int
    sign_in_tries_address: int
    session_idle_minutes: int  # without use, after which a session is over
    log_level: str
    workers: int  # server processes of `tusoi serve`
    threads: int  # of each server process, and of a worker
    rehearsal_clock: Path | None  # a file that says what time it is; None: it is what it is

    @property
    def embedded(self) -> bool:
        """Whether everything is in one process and one folder."""
        return is_embedded(self.database_url)

    @property
    def public_host(self) -> str | None:
        """Return as which host browsers ask for us, with its port unless that goes without."""
        if self.public_url is None:
            return None
        scheme, _, host = self.public_url.partition("://")
        return host.removesuffix(f":{PORTS[scheme]}")

    @property
    def secure(self) -> bool:
        """Whether people reach us by https."""
        return (self.public_url or "").startswith("https:")


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Return the settings that the environment gives, with defaults for all that it does not.

    Raises:
        SettingsError: a value makes no sense, or a combination cannot work.
    """
    data_dir = Path(environment.get("TUSOI_DATA_DIR") or "data").resolve()
    database_url = _address(environment, "TUSOI_DATABASE_URL", data_dir / "tusoi.db")
    embedded = is_embedded(database_url)
    redis_url = _redis_url(environment, embedded=embedded)
    _require_secrets(environment, embedded=embedded)
    tries = partial(_whole_number, environment, least=1)
    return Settings(
        data_dir=data_dir,
        database_url=database_url,
        redis_url=redis_url,
        keys_url=_address(environment, "TUSOI_KEYS_URL", data_dir / "keys.db"),
        master_key_file=_file(environment, "TUSOI_MASTER_KEY_FILE", data_dir / "master.key"),
        log_origin=environment.get("TUSOI_LOG_ORIGIN") or "tusoi.example/log",
        log_key_file=_file(environment, "TUSOI_LOG_KEY_FILE", data_dir / "log.key"),
        checkpoint_seconds=_whole_number(environment, "TUSOI_CHECKPOINT_SECONDS", 60, least=1),
        host=environment.get("TUSOI_HOST") or "127.0.0.1",
        port=_whole_number(environment, "TUSOI_PORT", 8080, least=0, most=PORT_MAX),
        public_url=_origin(environment, "TUSOI_PUBLIC_URL"),
        operations_token_file=_optional_file(environment, "TUSOI_OPERATIONS_TOKEN_FILE"),
        proxies=_whole_number(environment, "TUSOI_PROXIES", 0, least=0),
        sign_in_tries=tries("TUSOI_SIGN_IN_TRIES", SIGN_IN_TRIES),
        sign_in_tries_login=tries("TUSOI_SIGN_IN_TRIES_LOGIN", SIGN_IN_TRIES_LOGIN),
        sign_in_tries_address=tries("TUSOI_SIGN_IN_TRIES_ADDRESS", SIGN_IN_TRIES_ADDRESS),
        session_idle_minutes=_idle_minutes(environment),
        log_level=log_level(environment),
        workers=_whole_number(environment, "TUSOI_WORKERS", 1, least=1),
        threads=_whole_number(environment, "TUSOI_THREADS", 8, least=1),
        rehearsal_clock=_optional_file(environment, "TUSOI_REHEARSAL_CLOCK"),
    )


def _redis_url(environment: Mapping[str, str], *, embedded: bool) -> str | None:
    given = environment.get("TUSOI_REDIS_URL") or None
    if given and not given.startswith(REDIS_ADDRESSES):
        raise SettingsError(f"TUSOI_REDIS_URL must begin with {' or '.join(REDIS_ADDRESSES)}")
    if given and embedded:
        raise SettingsError(
            "Redis with SQLite is no distributed set-up: set TUSOI_DATABASE_URL to PostgreSQL, "
            "or unset TUSOI_REDIS_URL"
        )
    return given


def _idle_minutes(environment: Mapping[str, str]) -> int:
    least, most = SESSION_IDLE_LEAST, SESSION_IDLE_MOST
    name = "TUSOI_SESSION_IDLE_MINUTES"
    return _whole_number(environment, name, SESSION_IDLE_MINUTES, least=least, most=most)


def log_level(environment: Mapping[str, str]) -> str:
    """Return from which level on log lines are written. Raises SettingsError."""
    given = (environment.get("TUSOI_LOG_LEVEL") or "info").lower()
    if given not in LOG_LEVELS:
        raise SettingsError(f"TUSOI_LOG_LEVEL must be {', '.join(LOG_LEVELS)}, not {given!r}")
    return given


def _require_secrets(environment: Mapping[str, str], *, embedded: bool) -> None:
    """With PostgreSQL nothing is made up: a secret made on one host is missing on the next."""
    missing = [name for name in SECRETS_MADE_EMBEDDED if not environment.get(name)]
    if missing and not embedded:
        raise SettingsError(
            f"with PostgreSQL, {' and '.join(missing)} must name a file: "
            "make them once with `tusoi keys make` and give them to every host"
        )


def _address(environment: Mapping[str, str], name: str, default: Path) -> str:
    """Return the address of a database; without one it is a file."""
    url = environment.get(name) or f"sqlite:///{default}"
    try:
        read_address(url, name)
    except ValueError as error:
        raise SettingsError(str(error)) from None
    return url


def _file(environment: Mapping[str, str], name: str, default: Path) -> Path:
    given = environment.get(name)
    return Path(given).resolve() if given else default


def _optional_file(environment: Mapping[str, str], name: str) -> Path | None:
    given = environment.get(name)
    return Path(given).resolve() if given else None


def _origin(environment: Mapping[str, str], name: str) -> str | None:
    """Return an address without a path, as browsers tell where a page is from."""
    given = (environment.get(name) or "").rstrip("/").lower()
    if given and not ORIGIN_PATTERN.fullmatch(given):
        raise SettingsError(f"{name} must look like https://tusoi.example, not {given!r}")
    return given or None


def _whole_number(
    environment: Mapping[str, str], name: str, default: int, *, least: int, most: int = WHOLE_MAX
) -> int:
    given = environment.get(name) or str(default)
    if not WHOLE_PATTERN.fullmatch(given) or not least <= int(given) <= most:
        raise SettingsError(f"{name} must be a whole number from {least} to {most}, not {given!r}")
    return int(given)
