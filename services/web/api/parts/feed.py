"""Read the log by position for somebody: what they may see of it, in bounded steps."""

import time
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import NamedTuple, TypeVar

import msgspec
import structlog

from events.definitions.access import EVERYTHING, matches_any
from events.definitions.catalogue import CATALOGUE, UnknownType
from events.definitions.entry import tells_the_day_alone
from events.errors import TusoiError
from events.store import selection
from events.store.database import Row, Transaction, moment
from events.store.selection import STREAMS_FEW, Selected, Wanted
from events.store.store import READ_MAX, Store
from services.access import tokens
from services.access.tokens import Forbidden, Principal, types_matching
from services.observability import cause_of
from services.web import tail
from services.web.asking.sight import Sight
from services.web.asking.visibility import PositionAhead
from services.web.tail import Tail

T = TypeVar("T")

SCAN_MAX = 10_000  # positions that one answer goes over, but where few streams are wanted
STEP_MAX = 200  # entries read at once
PAGE_BYTES_MAX = 4 * 1024 * 1024  # of entries in one answer, but for the last one
REVOKED_SECONDS = 1.0  # for which a token that was revoked may still wait for something
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
        both = tokens.in_both(patterns or (EVERYTHING,), principal.grants.reads)
        self.patterns = None if EVERYTHING in both else both  # None: every type

    def __contains__(self, event_type: str) -> bool:
        return self.patterns is None or matches_any(event_type, self.patterns)


class Feed:
    """The log as one reader sees it."""

    def __init__(
        self,
        tail: Tail,
        store: Store,
        principal: Principal,
        *,
        types: Types,
        subjects: frozenset[str],
    ) -> None:
        self._tail = tail
        self._store = store
        self._principal = principal
        self._sight = Sight(store.database, principal.grants)
        self._types = types
        self._subjects = subjects or None  # none: all
        self._known_at = time.monotonic()  # when the token was last known to be good

    def check(self, after: int) -> None:
        """Raise PositionAhead if the log does not reach as far as `after`."""
        self._require_reached(after, self._store.head().size)

    def read(self, after: int, limit: int) -> Page:
        """Return up to `limit` events after a position, from a bounded stretch of the log.

        Raises:
            PositionAhead: the log does not reach as far as `after`.
        """
        head = self._store.head().size
        self._require_reached(after, head)
        until = self._known_until(after, head)
        wanted = self._selection(after, until)
        if wanted.is_nothing:
            return Page((), until, head, more=False)
        few = wanted.streams is not None
        stop = until if few else min(until, after + SCAN_MAX)
        sifted = self._sift if self._sight.is_limited and not few else self._select
        return self._page(sifted(wanted, after, stop, limit), limit, stop, until, head)

    def wait(self, page: Page, limit: int, seconds: int) -> Page:
        """Return the next page that holds something, or the last one that there is time for."""
        for _ in range(round(seconds / tail.POLL_SECONDS)):
            if page.events or page.more:
                break
            time.sleep(tail.POLL_SECONDS)
            page = self._follow(page.after, limit)
        return page

    def stream(self, after: int) -> Iterator[bytes]:
        """Iterate over what comes, as Server-Sent Events, for a bounded time.

        A position that the reader may not see still moves the stream's id on, so that a reader who
        comes back does not look at it again.
        """
        yield b"retry: %d\n\n" % RECONNECT_MILLISECONDS
        silent_seconds, more = 0.0, True
        try:
            for _ in range(round(SSE_SECONDS_MAX / tail.POLL_SECONDS)):
                page = (self._read_on if more else self._follow)(after, SSE_PAGE)
                silent_seconds = silent_seconds + tail.POLL_SECONDS if page.after == after else 0.0
                yield from _as_messages(page, after)
                after, more = page.after, page.more
                if silent_seconds >= HEARTBEAT_SECONDS:
                    silent_seconds = 0.0
                    yield b": still here\n\n"
                if not more:
                    time.sleep(tail.POLL_SECONDS)
        except TusoiError as error:  # too late for a status; the client comes back and is told
            log.warning("stream_ended", **cause_of(error))

    def _read_on(self, after: int, limit: int) -> Page:
        """Return a page as `read` does, for who began to ask a while ago.

        Raises:
            NotAuthenticated: their token was revoked meanwhile.
        """
        page = self.read(after, limit)
        self._require_unrevoked()
        return page

    def _follow(self, after: int, limit: int) -> Page:
        """Return what came since somebody stood at the end of the log, read once for all there.

        Raises:
            PositionAhead, NotAuthenticated
        """
        head = self._tail.head()
        self._require_reached(after, head)
        rows = self._tail.rows(after) if after < head else []
        if rows is None:
            return self._read_on(after, limit)
        until = self._known_until(after, head)
        seen = self._visible_rows([each for each in rows if each.position <= until])
        if seen or time.monotonic() - self._known_at >= REVOKED_SECONDS:
            self._require_unrevoked()
        return self._page(seen, limit, until, until, head)

    def _require_unrevoked(self) -> None:
        tokens.require_unrevoked(self._store.database, self._principal)
        self._known_at = time.monotonic()

    def _require_reached(self, after: int, head: int) -> None:
        if after > head:
            raise PositionAhead(after, head)

    def _known_until(self, after: int, head: int) -> int:
        """Return up to where the log may be read to this reader, which is never back."""
        return max(self._sight.known_until(head), after) if after < head else after

    def _page(self, rows: Iterable[Selected], limit: int, stop: int, until: int, head: int) -> Page:
        """Return a page of rows that may be seen, all that there are up to `stop`."""
        events: list[tuple[int, bytes]] = []
        size = 0
        for row in rows:
            entry = row_json(row[:3])
            events.append((row.position, entry))
            size += len(entry)
            if len(events) == limit or size >= PAGE_BYTES_MAX:
                stop = row.position
                break
        return Page(tuple(events), stop, head, more=stop < until)

    def _selection(self, after: int, until: int) -> Wanted:
        """Return what this reader wants: with their streams, where these are few."""
        streams = self._subjects
        if after == until:
            streams = frozenset()
        elif streams is not None:
            streams = self._sight.visible_streams(streams)
        elif self._sight.is_limited:
            streams = self._sight.few_streams(STREAMS_FEW)
        return Wanted(self._types.patterns, streams)

    def _select(self, wanted: Wanted, after: int, stop: int, limit: int) -> Iterator[Selected]:
        """Iterate over what is wanted; no more is read than is given, but for one step."""
        most = min(limit, STEP_MAX)
        while after < stop:
            look = partial(selection.read, wanted=wanted, after=after, until=stop, most=most)
            rows = self._read_store(look)
            yield from rows
            if len(rows) < most:
                return
            after = rows[-1].position

    def _sift(self, wanted: Wanted, after: int, stop: int, limit: int) -> Iterator[Selected]:
        """Iterate over what is wanted in the many streams that are seen, by looking at each place.

        Steps grow, so that whoever sees nearly everything is not led past it.
        """
        count = most = min(limit, STEP_MAX)
        while after < stop:
            look = partial(selection.places, wanted=wanted, after=after, until=stop, most=count)
            places = self._read_store(look)
            visible = self._sight.visible_streams(stream for _, stream in places)
            seen = [position for position, stream in places if stream in visible]
            for first in range(0, len(seen), most):
                step = seen[first : first + most]
                yield from self._read_store(partial(selection.at, positions=step))
            if len(places) < count:
                return
            after, count = places[-1][0], min(2 * count, READ_MAX)

    def _read_store(self, work: Callable[[Transaction], list[T]]) -> list[T]:
        return self._store.database.read(work)

    def _visible_rows(self, rows: list[Selected]) -> list[Selected]:
        """Return which rows this reader asked for and may see."""
        wanted = [
            each
            for each in rows
            if each.type in self._types
            and (self._subjects is None or each.stream in self._subjects)
        ]
        visible = self._sight.visible_streams(each.stream for each in wanted)
        return [each for each in wanted if each.stream in visible]


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
