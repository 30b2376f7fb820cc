"""What the people of a story write, dealt out in turn."""

from collections.abc import Iterable, Mapping
from itertools import cycle
from typing import Any


class Dealt:
    """What people write: by the form of their group, or in plain words."""

    def __init__(self, words: Iterable[str], by_group: Mapping[str, Iterable[Any]]) -> None:
        self._words = cycle([{"text": each} for each in words])
        self._by_group = {group: cycle(each) for group, each in by_group.items()}

    def to(self, group: str) -> Mapping[str, Any]:
        written: Mapping[str, Any] = next(self._by_group.get(group, self._words))
        return written
