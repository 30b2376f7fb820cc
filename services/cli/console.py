"""What commands print: sentences and tables for people, one JSON object for machines."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, NoReturn

import click
from rich.cells import cell_len, set_cell_size
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from events.clock import TimeUnreadable
from events.errors import TusoiError
from events.replay.showing import as_json, one_line, take_all_letters
from services.settings import SettingsError

DONE, FAILED, USAGE = 0, 1, 2  # exit statuses

INTERRUPTED = "broken off by Ctrl-C: what was done is kept, and nothing is half done"

GAP = "  "  # between the columns of a table that another program reads

_people = Console(highlight=False, emoji=False)
_aside = Console(stderr=True, highlight=False, emoji=False)


def say(text: str = "") -> None:
    """Tell people something, on one line whatever is in it; machines never see it."""
    if not wants_json():
        _people.print(one_line(text), markup=False, soft_wrap=True)


def warn(text: str) -> None:
    _aside.print(one_line(text), markup=False, soft_wrap=True)


def show_table(columns: Sequence[str], rows: Sequence[Sequence[object]], *, empty: str) -> None:
    """Show rows to people, or say what it means that there are none."""
    if not rows:
        say(empty)
        return
    cells = [[one_line(str(cell)) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        for line in _lines(columns, cells):
            say(line)
        return
    table = Table(box=None, pad_edge=False, header_style="bold", show_header=any(columns))
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in cells:
        table.add_row(*(Text(cell) for cell in row))
    if not wants_json():
        _people.print(table)


def _lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Iterate over a table's lines, one a row: nobody folds what another program reads."""
    shown = [columns, *rows] if any(columns) else rows
    wide = [max(cell_len(row[place]) for row in shown) for place in range(len(columns))]
    for row in shown:
        padded = (set_cell_size(cell, width) for cell, width in zip(row, wide, strict=True))
        yield GAP.join(padded).rstrip()


def result(values: Mapping[str, Any]) -> None:
    """End with one JSON object on the last line, when machines read."""
    if wants_json():
        sys.stdout.write(as_json(values))
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
    take_all_letters(sys.stdout, sys.stderr)
    try:
        yield
    except TusoiError as error:
        is_usage = isinstance(error, SettingsError | TimeUnreadable)
        _fail(error.code, str(error), USAGE if is_usage else FAILED)
    except KeyboardInterrupt:
        _fail("interrupted", INTERRUPTED, FAILED)


def _fail(code: str, detail: str, status: int) -> NoReturn:
    if wants_json():
        result({"passed": False, "code": code, "detail": detail})
    else:
        warn(f"tusoi: {detail}")
    sys.exit(status)
