"""A year in which every worker does its part."""

from pathlib import Path

from tests.support.year_world import YearWorld
from workers.reacting import Reactor
from workers.steps import REACTIONS, reactor


class WorkedYear(YearWorld):
    """A world in which all reactions react, also those that few tests need."""

    def __init__(self, folder: Path) -> None:
        self._reactors: list[Reactor] = []
        super().__init__(folder)
        self._reactors += (reactor(self.system, name) for name in REACTIONS)
        self.advance()  # a new one begins at the log's end

    def advance(self) -> int:
        size = super().advance()
        while sum(each.advance() for each in self._reactors):
            size = super().advance()
        return size
