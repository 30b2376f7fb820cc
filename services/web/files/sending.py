"""Send stored files so that a browser shows or saves them and never takes them for a page of ours.

A file came from somebody: its type is ours and not the sender's, nothing in it runs, and it reads
nothing of this site.
"""

import itertools
from urllib.parse import quote

from flask import Response

from services.safekeeping.evidence import OpenedFile, clean_name
from services.safekeeping.media_types import PDF, TAKEN, TEXT

NOTHING_RUNS = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'self'"
UNKNOWN = "application/octet-stream"

# Chrome shows no PDF in a sandbox; its viewer, as others', is a process and an origin of its own.
SANDBOXED = f"sandbox; {NOTHING_RUNS}"


def send(file: OpenedFile, name: str, *, inline: bool) -> Response:
    """Return an answer that streams a file; `inline` shows it, if its type can be shown.

    The first piece is opened before the answer begins, so most damaged files (all of up to 1 MiB)
    are told as a problem; a later damage breaks the connection off, and the download fails.

    Raises:
        FileDamaged: it is not what was stored.
    """
    media_type = TAKEN.get(file.header.media_type)
    is_shown = inline and media_type is not None and media_type.is_shown
    first = next(file.pieces)
    response = Response(itertools.chain([first], file.pieces))
    headers = response.headers
    headers["Content-Type"] = media_type.name if media_type else UNKNOWN
    if media_type is TEXT:
        headers["Content-Type"] = f"{TEXT.name}; charset=utf-8"
    headers["Content-Length"] = str(file.header.size)
    headers["Content-Disposition"] = _disposition(name, "inline" if is_shown else "attachment")
    headers["Content-Security-Policy"] = NOTHING_RUNS if media_type is PDF else SANDBOXED
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Cache-Control"] = "no-store"
    return response


def _disposition(name: str, how: str) -> str:
    """Return the header with the name twice: in ASCII for all, in UTF-8 as RFC 8187 asks.

    >>> _disposition('biên "bản".pdf', "inline")
    "inline; filename=bi_n__b_n_.pdf; filename*=UTF-8''bi%C3%AAn%20%22b%E1%BA%A3n%22.pdf"
    """
    clean = clean_name(name)
    plain = "".join(
        each if each.isascii() and (each.isalnum() or each in ".-_") else "_" for each in clean
    )
    return f"{how}; filename={plain}; filename*=UTF-8''{quote(clean, safe='')}"
