"""Logs as JSON lines, with one correlation id from a request to the projection of its facts.

Facts of reviews are not named there: a line would date a criticism (decision 0061).
"""

import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from events.identifiers import Chance, new_event_id

CORRELATION_PATTERN = re.compile(r"[A-Za-z0-9._:-]{1,100}")  # what is taken from outside


def configure_logging(level: str) -> None:
    """Write every log line, ours and the libraries', as one JSON object to standard error."""
    shared: list[structlog.types.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
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


@contextmanager
def bind_correlation(given: str | None, chance: Chance) -> Iterator[str]:
    """Bind a correlation id to all that is logged inside: the given one if fit, else a new one."""
    fit = given is not None and CORRELATION_PATTERN.fullmatch(given)
    correlation_id = given if given is not None and fit else new_event_id(chance)
    with structlog.contextvars.bound_contextvars(correlation_id=correlation_id):
        yield correlation_id
