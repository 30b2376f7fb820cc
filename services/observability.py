"""Logs as JSON lines, with one correlation id from a request to the projection of its facts.

Facts of reviews are not named there: a line would date a criticism (decision 0061). So of an error
a line tells its class, its code and where it arose: its words may be somebody's, or name a stream.
"""

import logging
import re
import sys
import traceback
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from typing import Any

import structlog

from events.errors import ConcurrentAppend, StoreUnavailable, TusoiError
from events.identifiers import Chance, new_event_id

SERVER = "waitress"  # begins the names of its loggers
CORRELATION_PATTERN = re.compile(r"[A-Za-z0-9._:-]{1,100}")  # what is taken from outside


def configure_logging(level: str) -> None:
    """Write every log line, ours and the libraries', as one JSON object to standard error."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        told_without_words,
    ]
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(handlers=[handler], level=level.upper(), force=True)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,  # a cached one would keep an earlier configuration
    )


def told_without_words(
    _logger: object, _method: str, line: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Return a line in which an error is its class and where it arose, and no address stands.

    The HTTP server tells at which address something failed, and that names whose review it was.
    """
    given = line.pop("exc_info", None)
    error = sys.exc_info()[1] if given is True else given[1] if isinstance(given, tuple) else given
    if isinstance(error, BaseException):
        line["error"] = type(error).__qualname__
        line["traceback"] = "".join(traceback.format_tb(error.__traceback__))
    if str(line.get("logger", "")).startswith(SERVER):
        line["event"] = str(line["event"]).partition(" /")[0]
    return line


def cause_of(error: TusoiError) -> dict[str, str]:
    """Return what lines tell of an error of ours; of the database's, what it says itself."""
    told = {"error": type(error).__name__, "code": error.code}
    if isinstance(error, ConcurrentAppend):
        told["kind"] = kind_of(error.stream)
    if isinstance(error, StoreUnavailable):
        told["reason"] = str(error)  # of connections, disks and keys, and of no row
    return told


def kind_of(stream: str) -> str:
    """Return what a stream is about, such as `review`, and not of whom.

    >>> kind_of("review-2026-cellaaaaaaaaaaaaaaaaaaaaaa")
    'review'
    """
    return stream.partition("-")[0]


@contextmanager
def bind_correlation(given: str | None, chance: Chance) -> Iterator[str]:
    """Bind a correlation id to all that is logged inside: the given one if fit, else a new one."""
    fit = given is not None and CORRELATION_PATTERN.fullmatch(given)
    correlation_id = given if given is not None and fit else new_event_id(chance)
    with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
        yield correlation_id
