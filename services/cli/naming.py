"""Who is meant on the command line: by our id, or by another system's number for them."""

from typing import NamedTuple

import click

from events.errors import TusoiError
from events.identifiers import ID_PATTERN
from services.bootstrap import System
from services.intake.numbers import ids_under

OF_MEMBER = "Our id, or the number that HR knows them by."
numbering = click.option("--numbering", default="hr", show_default=True, help="Whose numbers.")


class Named(NamedTuple):
    """Who is meant on the command line."""

    kind: str  # "member" or "unit"
    called: str  # by our id or another system's number


class NumberUnknown(TusoiError):
    code = "number_unknown"

    def __init__(self, named: Named, numbering: str) -> None:
        super().__init__(
            f"no {named.kind} has the number {named.called} in the numbering {numbering}:"
            " check it, or name another numbering with --numbering"
        )


def id_of(system: System, named: Named, numbering: str) -> str:
    """Return the id of who is meant. Raises NumberUnknown."""
    called = f"id:{named.called}" if ID_PATTERN.fullmatch(named.called) else named.called
    found = ids_under(system, numbering, [(named.kind, called)]).get((named.kind, called))
    if found is None:
        raise NumberUnknown(named, numbering)
    return found
