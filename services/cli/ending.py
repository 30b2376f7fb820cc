"""How long a command goes on: until it is asked to end, and while it may hope for a database."""

import signal
import threading
from collections.abc import Callable
from functools import partial
from typing import TypeVar

import click

from events.errors import StoreUnavailable
from services.bootstrap import pause_after
from services.cli import console
from services.settings import Settings

T = TypeVar("T")

TRIES_MAX = 15  # of a database that is not there yet, in about a minute: hosts start in any order


def asked_to_end() -> threading.Event:
    """Return what is set when the process is asked to end, from now until the command ends."""
    asked, context = threading.Event(), click.get_current_context()
    for each in (signal.SIGINT, signal.SIGTERM):
        before = signal.signal(each, lambda _number, _frame: asked.set())
        context.call_on_close(partial(signal.signal, each, before))
    return asked


def wait(asked: threading.Event) -> None:
    """Return when the process is asked to end."""
    while not asked.wait(1.0):  # bounded, so that signals are handled on every platform
        pass


def patiently(chosen: Settings, work: Callable[[], T], asked: threading.Event) -> T:
    """Return what `work` returns; while no database answers, try again, so often and no more.

    Embedded, there is none to wait for: what is wrong with a file stays so.

    Raises:
        StoreUnavailable: it did not come in time, or to wait does not help.
        Exit: the process was asked to end meanwhile, which it does well.
    """
    for failures in range(1, TRIES_MAX):
        try:
            return work()
        except StoreUnavailable as error:
            if chosen.embedded or not error.retryable:
                raise
            if failures == 1:
                console.warn(f"tusoi: {error}; trying again for about a minute")
        if asked.wait(pause_after(failures)):
            raise click.exceptions.Exit(console.DONE)
    return work()
