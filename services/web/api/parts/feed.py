"""Read the log by position for somebody: what they may see of it, in bounded steps."""

import re
import time
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import NamedTuple

import msgspec
import structlog

from events.definitions.catalogue import CATALOGUE, UnknownType
from events.definitions.entry import tells_the_day_alone
from events.errors import TusoiError
from events.store.database import Row, moment
from events.store.store import READ_MAX, Store
from services.access import tokens
from services.access.tokens import Forbidden, Principal, types_matching
from services.web.asking.sight import Sight
from services.web.asking.visibility import PositionAhead

SCAN_MAX = 10_000  # positions looked at for one answer
PAGE_BYTES_MAX = 4 * 1024 * 1024  # of entries in one answer, but for the last one
POLL_SECONDS = 0.15
SSE_SECONDS_MAX = 300  # then the client comes back and says where it was
SSE_PAGE = 500
HEARTBEAT_SECONDS = 15  # or proxies take the silence for death
RECONNECT_MILLISECONDS = 1_000

log = structlog.get_logger()


class Page(NamedTuple):
    """A stretch of the log."""

    events: tuple[tuple[int, bytes], ...]  # positions, and entries with their place beside them
    after: int  # the last position looked at: where the next page begins
    head: int  # where the log ended
    more: bool  # whether there is something to look at behind `after` right now


class _Glance(msgspec.Struct):
    """As much of an entry as it takes to tell who may see it, and when it was told."""

    type: str
    stream: str
    principal: str
    recordedat: datetime


class Types:
    """The event types that somebody asked for and may read."""

    def __init__(self, principal: Principal, asked: Iterable[str]) -> None:
        """Check what was asked for: types, or `prefix.*`; nothing means all that may be read.

        Raises:
            UnknownType: there is no such type.
            Forbidden: the token does not grant it.
        """
        self._principal = principal
        patterns = tuple(asked)
        for each in patterns:
            if each.endswith(".*"):
                if not types_matching(each):
                    raise UnknownType(each)
            else:
                CATALOGUE.event_class(each)
                if not principal.may_read(each):
                    raise Forbidden(
                        f"this token may not read {each}: ask for one made with `--read`"
                    )
        forms = (re.escape(each).replace(r"\.\*", r"\..+") for each in patterns)
        self._asked = re.compile("|".join(forms) or ".*")

    def __contains__(self, event_type: str) -> bool:
        return bool(self._asked.fullmatch(event_type)) and self._principal.may_read(event_type)


class Feed:
    """The log as one reader sees it."""

    def __init__(
        self, store: Store, principal: Principal, *, types: Types, subjects: frozenset[str]
    ) -> None:
        self._store = store
        self._principal = principal
        self._sight = Sight(store.database, principal.grants)
        self._types = types
        self._subjects = subjects  # none: all

    def read(self, after: int, limit: int) -> Page:
        """Return up to `limit` events after a position, from a bounded stretch of the log.

        Raises:
            PositionAhead: the log does not reach as far as `after`.
        """
        head = self._store.head().size
        if after > head:
            raise PositionAhead(after, head)
        until = max(self._sight.known_until(head), after)
        stop = min(until, after + SCAN_MAX)
        events: list[tuple[int, bytes]] = []
        size = 0
        for position, entry in self._scan(after, stop):
            after = position
            if entry is not None:
                events.append((position, entry))
                size += len(entry)
                if len(events) == limit or size >= PAGE_BYTES_MAX:
                    break
        return Page(tuple(events), after, head, more=after < until)

    def wait(self, page: Page, limit: int, seconds: int) -> Page:
        """Return the next page that holds something, or the last one that there is time for."""
        for _ in range(round(seconds / POLL_SECONDS)):
            if page.events or page.more:
                break
            time.sleep(POLL_SECONDS)
            page = self._read_now(page.after, limit)
        return page

    def stream(self, after: int) -> Iterator[bytes]:
        """Iterate over what comes, as Server-Sent Events, for a bounded time.

        A position that the reader may not see still moves the stream's id on, so that a reader who
        comes back does not look at it again.
        """
        yield b"retry: %d\n\n" % RECONNECT_MILLISECONDS
        silent_seconds = 0.0
        try:
            for _ in range(round(SSE_SECONDS_MAX / POLL_SECONDS)):
                page = self._read_now(after, SSE_PAGE)
                silent_seconds = 0.0 if page.after > after else silent_seconds + POLL_SECONDS
                yield from _as_messages(page, after)
                after = page.after
                if silent_seconds >= HEARTBEAT_SECONDS:
                    silent_seconds = 0.0
                    yield b": still here\n\n"
                if not page.more:
                    time.sleep(POLL_SECONDS)
        except TusoiError as error:  # too late for a status; the client comes back and is told
            log.warning("stream_ended", error=type(error).__name__, reason=str(error))

    def _read_now(self, after: int, limit: int) -> Page:
        """Return a page for who began to ask a while ago.

        Raises:
            PositionAhead
            NotAuthenticated: their token was revoked meanwhile.
        """
        page = self.read(after, limit)
        tokens.require_unrevoked(self._store.database, self._principal)
        return page

    def _scan(self, after: int, stop: int) -> Iterator[tuple[int, bytes | None]]:
        """Iterate over positions after `after` up to `stop`, with the entry if it may be seen."""
        while after < stop:
            rows = self._rows(after, min(READ_MAX, stop - after))
            if not rows:
                return
            seen = self._visible_positions(rows)
            for row in rows:
                yield row[0], row_json(row) if row[0] in seen else None
            after = rows[-1][0]

    def _rows(self, after: int, count: int) -> list[Row]:
        store = self._store
        return store.database.read(lambda t: store.read_log_in(t, after, count))

    def _visible_positions(self, rows: list[Row]) -> frozenset[int]:
        """Return the positions of those rows that this reader asked for and may see."""
        glances = {row[0]: glance(row[2]) for row in rows}
        wanted = {
            position: each.stream
            for position, each in glances.items()
            if each.type in self._types and (not self._subjects or each.stream in self._subjects)
        }
        visible = self._sight.visible_streams(wanted.values())
        return frozenset(position for position, stream in wanted.items() if stream in visible)


def glance(entry: bytes) -> _Glance:
    """Return type and stream of a stored entry; unlike decoding it, this works for any type."""
    return _glance_decoder.decode(entry)


def row_json(row: Row) -> bytes:
    """Return a row of position, stamp and entry as one JSON object.

    It is the entry as it is stored, with its place written behind its last attribute. An entry
    that tells the day alone is stamped with that.
    """
    position, stamp, entry = row
    told = glance(entry)
    when = told.recordedat if tells_the_day_alone(told.principal) else moment(stamp)
    stamped = msgspec.json.encode(when)
    return b'%b,"position":%d,"sequencedat":%b}' % (bytes(entry)[:-1], position, stamped)


def _as_messages(page: Page, after: int) -> Iterator[bytes]:
    for position, entry in page.events:
        yield b"id: %d\ndata: %b\n\n" % (position, entry)
        after = position
    if page.after > after:
        yield b"id: %d\n\n" % page.after


_glance_decoder = msgspec.json.Decoder(_Glance)
