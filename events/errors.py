"""Every error that a caller can do something about: one class per thing to do.

Values are attributes; `code` is stable and is what the outside sees.
"""


class TusoiError(Exception):
    """Anything that this service refuses or cannot do, told so that the reader can act."""

    code = "error"
    retryable = False


class ConcurrentAppend(TusoiError):
    """A rival append won: load and decide again, in a fresh transaction."""

    code = "concurrent_append"
    retryable = True

    def __init__(self, stream: str, *, expected_version: int | None = None) -> None:
        super().__init__(f"stream {stream} is not at version {expected_version}")
        self.stream = stream
        self.expected_version = expected_version


class StoreUnavailable(TusoiError):
    """The database did not answer or cannot write; nothing was appended. Try again later."""

    code = "store_unavailable"
    retryable = True


class DatabaseRefuses(StoreUnavailable):
    """The database is there and will not have us as we come: to wait does not help."""

    retryable = False
