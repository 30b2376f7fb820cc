"""How members and units stood a moment ago: lists may not know yet what was told since."""

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from events.definitions.entry import CLOCKS_APART_MAX
from events.domain.organisation.timelines import State


class _Told(NamedTuple):
    at: datetime
    before: State


class Lately:
    """How streams stood before what was told of them lately; of all others nothing is kept.

    Args:
        lag: what was told no longer ago may not be known.
    """

    def __init__(self, lag: timedelta) -> None:
        self._lag = lag
        self._kept_for = lag + CLOCKS_APART_MAX  # another host's clock says when it is asked
        self._told = dict[str, list[_Told]]()  # of whom something was told last, last

    def tell(self, stream: str, at: datetime, before: State) -> None:
        """Keep how a stream stood before something was told in it; forget what is long ago."""
        told = [*self._told.pop(stream, ()), _Told(at, before)]
        self._told[stream] = [each for each in told if self._is_kept(each, at)]
        for each in [*self._long_ago(at)]:
            del self._told[each]

    def before(self, stream: str, at: datetime) -> State | None:
        """Return how a stream stood as long before a time as may not be known; None: as it does."""
        told = self._told.get(stream, ())
        return next((each.before for each in told if each.at > at - self._lag), None)

    def _long_ago(self, at: datetime) -> Iterator[str]:
        """Iterate over the streams of which nothing was told lately: they come first."""
        return itertools.takewhile(
            lambda stream: not self._is_kept(self._told[stream][-1], at), self._told
        )

    def _is_kept(self, each: _Told, at: datetime) -> bool:
        return each.at > at - self._kept_for
