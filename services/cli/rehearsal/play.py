"""Play stories side by side, day by day."""

from collections.abc import Sequence
from datetime import date

from services.cli.rehearsal.player import Player
from services.cli.rehearsal.stage import Stage
from services.cli.rehearsal.stories import Act, Story, days_of


class Play:
    """Stories on one stage, as far as they were played."""

    def __init__(self, stage: Stage, stories: Sequence[Story]) -> None:
        self.stage = stage
        self.players = [Player(story, stage) for story in stories]
        self._days = days_of(stories)
        stage.settle()  # reactions begin at the log's end: before anything happens

    @property
    def days_left(self) -> list[date]:
        """Return the days on which something is still to be done."""
        return [day for day, _ in self._days]

    def play_day(self) -> None:
        """Play the next day. Raises a TusoiError when the service refuses what the story wants."""
        day, acts = self._days.pop(0)
        self.stage.reach(day)
        for of_story, act in acts:
            self.play(self.players[of_story], act)

    def skip(self, day: date) -> None:
        """Let all up to and with a day be over: it was played in this database before."""
        self.stage.skip(day)
        self._days = [each for each in self._days if each[0] > day]

    def play(self, player: Player, act: Act) -> None:
        """Let one act be done, and what follows from it."""
        player.play(act)
        self.stage.settle()
