"""Files that a form brings, kept in memory: werkzeug would put them on the disk in the clear.

A route says that it takes files, and its forms may then be as large as the largest file. The
limit holds for all files of a form together, so what a process keeps of forms is bounded by it
times the process's threads.
"""

import io
from collections.abc import Callable
from typing import IO, Any, NamedTuple, TypeVar

import flask
from flask import current_app

from events.errors import TusoiError
from services.safekeeping.evidence import FILE_BYTES_MAX

FORM_BYTES_MAX = FILE_BYTES_MAX + 1024 * 1024  # a file, and what is typed beside it

View = TypeVar("View", bound=Callable[..., Any])


class Upload(NamedTuple):
    """A file that a form brought."""

    name: str  # as the sender calls it
    stream: IO[bytes]  # in memory; it can be read again


class TooManyFiles(TusoiError):
    code = "too_many_files"

    def __init__(self, count: int, limit: int) -> None:
        super().__init__(f"{count} files in one form, the limit is {limit}: send fewer")
        self.count = count
        self.limit = limit


class Request(flask.Request):
    """A request whose files never touch the disk."""

    def _get_file_stream(
        self,
        total_content_length: int | None,  # noqa: ARG002 - bounded by `max_content_length`
        content_type: str | None,  # noqa: ARG002
        filename: str | None = None,  # noqa: ARG002
        content_length: int | None = None,  # noqa: ARG002
    ) -> IO[bytes]:
        return io.BytesIO()

    def _load_form_data(self) -> None:
        """Parse the form, whoever is the first to look at it, under its route's own limit."""
        view = current_app.view_functions.get(self.endpoint or "")
        if getattr(view, "takes_files", False):
            self.max_content_length = FORM_BYTES_MAX
        super()._load_form_data()


def takes_files(view: View) -> View:
    """Mark a route whose form may bring files; decorators around it must use `functools.wraps`."""
    view.takes_files = True  # type: ignore[attr-defined]
    return view


def uploaded_files(field: str, count_max: int) -> list[Upload]:
    """Return the files of a form's field, in the form's order; a field left empty brings none.

    Raises:
        TooManyFiles: more than `count_max`.
        RequestEntityTooLarge: the form takes more than 21 MiB.
    """
    found = [
        Upload(each.filename, each.stream)
        for each in flask.request.files.getlist(field)
        if each.filename
    ]
    if len(found) > count_max:
        raise TooManyFiles(len(found), count_max)
    return found
