"""The demo's stories as they are lived by commands, in one thread: nothing waits for anybody."""

from collections.abc import Callable

from events.clock import RehearsalClock
from events.identifiers import MemberId
from services.access.tokens import Principal
from services.bootstrap import System
from services.cli import demo
from services.cli.rehearsal.by_commands import ByCommands
from services.cli.rehearsal.stage import Stage
from workers.simulation import Simulation


def stage_of(system: System, account_of: Callable[[str, MemberId], str]) -> Stage:
    """Return the stage on which the commune lives; `account_of` makes an account for somebody."""
    token, _ = demo.new_token(system)
    hr = Principal(f"token:{token.id}", token.name, token.grants)
    driver = ByCommands(system, hr=hr, account_of=account_of)
    assert isinstance(system.clock, RehearsalClock)
    return Stage(system, system.clock, driver, Simulation(system).settle, demo.facts())
