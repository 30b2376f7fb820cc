"""What commands print: sentences and tables for people, one JSON object for machines."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from events.errors import TusoiError
from services.settings import SettingsError

DONE, FAILED, USAGE = 0, 1, 2  # exit statuses

PIPED_WIDTH = 160  # nobody folds what another program reads

_people = Console(highlight=False, width=None if sys.stdout.isatty() else PIPED_WIDTH)
_aside = Console(stderr=True, highlight=False)


def say(text: str = "") -> None:
    """Tell people something; machines never see it."""
    if not wants_json():
        _people.print(text, markup=False, soft_wrap=True)


def warn(text: str) -> None:
    _aside.print(text, markup=False, soft_wrap=True)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Show rows to people, or say what it means that there are none."""
    if not rows:
        say(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in rows:
        table.add_row(*(str(cell) for cell in row))
    if not wants_json():
        _people.print(table)


def result(values: Mapping[str, Any]) -> None:
    """End with one JSON object on the last line, when machines read."""
    if wants_json():
        sys.stdout.write(msgspec.json.encode(values).decode() + "\n")
        sys.stdout.flush()


def finish(values: Mapping[str, Any], *, passed: bool) -> NoReturn:
    """Print the result and exit by it."""
    result({"passed": passed, **values})
    sys.exit(DONE if passed else FAILED)


def wants_json() -> bool:
    context = click.get_current_context(silent=True)
    return bool(context and context.find_root().params.get("json"))


@contextmanager
def progress(what: str, total: int) -> Iterator[Callable[[int], None]]:
    """Lend a function that moves a bar to a count. Without a terminal there is no bar."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    bar = Progress(*columns, TimeRemainingColumn(), console=_aside, transient=False)
    bar.disable = wants_json() or not sys.stderr.isatty()
    with bar:
        task = bar.add_task(what, total=total)
        yield lambda done: bar.update(task, completed=done)


@contextmanager
def tell_errors() -> Iterator[None]:
    """Tell an error that somebody can act on in its own words, without a traceback."""
    try:
        yield
    except TusoiError as error:
        if wants_json():
            result({"passed": False, "code": error.code, "detail": str(error)})
        else:
            warn(f"tusoi: {error}")
        sys.exit(USAGE if isinstance(error, SettingsError) else FAILED)
