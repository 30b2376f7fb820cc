"""`tusoi import`: facts from a file of CloudEvents, one JSON object a line.

The whole file is checked before anything is appended. What is known already is skipped, so an
import that was interrupted is simply started again.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import click

from services.access.tokens import Grants, Principal
from services.bootstrap import System
from services.cli import console
from services.cli.group import cli, command, command_system
from services.commands.index_key import require_index_key
from services.intake import checks, receive, strict_json
from services.intake.ordering import founders_first
from services.intake.parser import SentEvent, parse_event
from services.intake.refusals import Refusal, UnknownReference
from services.intake.translation import Fact
from services.queries.doubts import doubts_about, known_words

BATCH = 200  # events in one transaction
TOLD_MAX = 20  # refused lines told one by one; more are counted


class Refused(NamedTuple):
    line: int  # from 1
    refusal: Refusal


class Imported(NamedTuple):
    """What became of the lines."""

    appended: int
    known: int
    waiting: tuple[Refused, ...]  # refused for now: they name someone whom nobody told of


@cli.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything and append nothing.")
@click.option("--numbering", default="hr", show_default=True, help="Whose numbers the file speaks.")
@command
def import_file(file: Path, dry_run: bool, numbering: str) -> None:  # noqa: FBT001 - click's
    """Import facts from FILE, as JSON Lines of CloudEvents. Start it again to resume."""
    system = command_system(begin=not dry_run, writes=False)
    system.check_index_key()
    sent, refused = read(file)
    who = importer(sent, numbering)
    facts, wrong = check(system, who, sent)
    refused = sorted(refused + wrong, key=lambda each: each.line)
    if refused:
        tell(refused)
        console.finish({"lines": len(sent), "refused": values(refused)}, passed=False)
    doubtful = tell_doubts(system, sent)
    if dry_run:
        console.say(f"{len(sent)} lines are in order; nothing was appended (--dry-run)")
        values_told = {"lines": len(sent), "appended": 0, "doubtful": doubtful, "dry_run": True}
        console.finish(values_told, passed=True)
    require_index_key(system)
    with console.progress("Importing", len(sent)) as progress:
        imported = append(system, who, in_order(sent, facts), progress)
    tell(imported.waiting)
    console.say(
        f"{imported.appended} events appended, {imported.known} were known already; "
        "`tusoi up` or `tusoi work` projects them"
    )
    console.finish(
        {
            "lines": len(sent),
            "appended": imported.appended,
            "known": imported.known,
            "doubtful": doubtful,
            "refused": values(imported.waiting),
        },
        passed=not imported.waiting,
    )


def read(file: Path) -> tuple[list[SentEvent], list[Refused]]:
    """Return the events of a file, indexed by line from 0, and the lines that are none."""
    sent, refused = [], []
    with file.open("rb") as lines:
        for index, line in enumerate(lines):
            if not line.strip():
                continue
            try:
                sent.append(parse_event(strict_json.parse(line), index))
            except Refusal as error:
                refused.append(Refused(index + 1, error))
    return sent, refused


def importer(sent: list[SentEvent], numbering: str) -> Principal:
    """Return who imports: whoever may run this command on this host may send any outside fact."""
    sources = tuple(sorted({each.source for each in sent}))
    grants = Grants(sends=("roster.*",), sources=sources, numbering=numbering)
    return Principal("import", "tusoi import", grants)


def check(
    system: System, who: Principal, sent: list[SentEvent]
) -> tuple[list[Fact], list[Refused]]:
    """Return what the lines tell, and all lines whose form is wrong."""
    facts, refused = list[Fact](), list[Refused]()
    for each in sent:
        try:
            facts += checks.check(system, who, [each]).facts
        except Refusal as error:
            refused.append(Refused(each.index + 1, error))
    return facts, refused


def in_order(sent: list[SentEvent], facts: list[Fact]) -> list[SentEvent]:
    """Return what was sent so that each line comes after those that it rests on."""
    by_index = {each.index: each for each in sent}
    return [by_index[each.index] for each in founders_first(facts)]


def append(
    system: System, who: Principal, sent: list[SentEvent], progress: Callable[[int], None]
) -> Imported:
    """Append the events in batches, in rounds: what waits may name whom a later line founds."""
    appended = known = 0
    waiting: list[Refused] = []
    todo = sent
    while todo:
        later: list[SentEvent] = []
        waiting = []
        for batch in _batches(todo):
            outcomes, held = _append_batch(system, who, batch)
            later += [each for each, _ in held]
            waiting += [Refused(each.index + 1, refusal) for each, refusal in held]
            known += sum(outcome.known for outcome in outcomes)
            appended += sum(not outcome.known for outcome in outcomes)
            progress(appended + known)
        if len(later) == len(todo):
            break  # a round without progress: those are really unknown
        todo = later
    return Imported(appended, known, tuple(waiting))


def _append_batch(
    system: System, who: Principal, batch: list[SentEvent]
) -> tuple[tuple[receive.Outcome, ...], list[tuple[SentEvent, Refusal]]]:
    """Append a batch without the lines that must wait for others; return those too."""
    held: list[tuple[SentEvent, Refusal]] = []
    while batch:
        try:
            return receive.receive(system, who, batch, correlation_id="import"), held
        except UnknownReference as error:
            why = {each.index: each for each in error.every}
            held += [(each, why[each.index]) for each in batch if each.index in why]
            batch = [each for each in batch if each.index not in why]
    return (), held


def _batches(sent: list[SentEvent]) -> Iterator[list[SentEvent]]:
    for start in range(0, len(sent), BATCH):
        yield sent[start : start + BATCH]


def tell(refused: list[Refused] | tuple[Refused, ...]) -> None:
    """Tell people which lines were refused, and why."""
    for each in refused[:TOLD_MAX]:
        pointer = f" at {each.refusal.pointer}" if each.refusal.pointer else ""
        console.warn(f"line {each.line}{pointer}: {each.refusal}")
    if len(refused) > TOLD_MAX:
        console.warn(f"… and {len(refused) - TOLD_MAX} lines more")


def tell_doubts(system: System, sent: list[SentEvent]) -> list[dict[str, object]]:
    """Tell people which lines are taken although they may be a slip; return it for machines."""
    known = known_words(system)
    found = [(each.index + 1, told) for each in sent for told in doubts_about(known, each.data)]
    for line, told in found[:TOLD_MAX]:
        console.warn(f"line {line} is taken, but {told}")
    if len(found) > TOLD_MAX:
        console.warn(f"… and {len(found) - TOLD_MAX} doubts more")
    return [{"line": line, "detail": str(told)} for line, told in found]


def values(refused: list[Refused] | tuple[Refused, ...]) -> list[dict[str, object]]:
    """Return refused lines for machines."""
    return [
        {
            "line": each.line,
            "code": each.refusal.code,
            "pointer": each.refusal.pointer,
            "detail": str(each.refusal),
        }
        for each in refused
    ]
