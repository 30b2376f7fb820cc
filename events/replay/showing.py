"""What is told of data that anybody may have made: shown by the terminal, never obeyed.

A reader at a terminal sees what was printed; with escapes a text can move up, wipe out what stands
there, and write another verdict over it.
"""

import errno
import io
import json
import os
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

import msgspec

UNSHOWABLE = "\N{REPLACEMENT CHARACTER}"


def one_line(text: str) -> str:
    r"""Return a text as one line, without what a terminal would obey rather than show.

    >>> one_line("a\x1b[1A\nb")
    'a�[1A�b'
    """
    if text.isprintable():
        return text
    return "".join(each if each.isprintable() else UNSHOWABLE for each in text)


def as_lines(lines: Iterable[str]) -> str:
    """Return lines as a text in which each is one line."""
    return "".join(f"{one_line(each)}\n" for each in lines)


def as_json(values: Mapping[str, Any]) -> str:
    """Return values as one line of JSON in ASCII: every terminal and every program can take it."""
    plain = msgspec.to_builtins(values)
    written = json.dumps(plain, ensure_ascii=True, separators=(",", ":"))
    return written.replace("\x7f", "\\u007f") + "\n"


def take_all_letters(*streams: TextIO) -> None:
    """Have streams show ? for letters that they lack, rather than fail over a verdict."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def tell(stream: TextIO | None, text: str) -> None:
    """Write out a text, now. Raises OSError if it does not arrive, and keeps nothing of it."""
    if stream is None:
        raise OSError(errno.EBADF, "the output is closed")
    try:
        stream.write(text)
        stream.flush()
    except OSError:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())  # at the end Python writes out once more what is left
        os.close(nowhere)
        raise


def read_file(path: Path, bytes_max: int) -> bytes:
    """Return what a file begins with. A pipe or a device may never end, so it is none.

    Raises:
        OSError: it cannot be read, or is no regular file.
    """
    with open(path, "rb", opener=_open_at_once) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "it is no regular file", str(path))
        return file.read(bytes_max)


def _open_at_once(path: str, flags: int) -> int:
    """Open a file without waiting for whoever would write into a pipe."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
