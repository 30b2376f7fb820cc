"""`tusoi import`: facts from a file of CloudEvents, one JSON object a line.

The whole file is checked before anything is appended. What is known already, or stood in an earlier
line word for word, is skipped, so an import that was interrupted is simply started again.
"""

from codecs import BOM_UTF8
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeVar

import click

from events.errors import TusoiError
from services.access.tokens import Grants, Principal
from services.bootstrap import System
from services.cli import console
from services.cli.group import cli, command, command_system
from services.commands.index_key import require_index_key
from services.intake import checks, receive, strict_json, whole_files
from services.intake.ordering import founders_first
from services.intake.parser import BATCH_EVENTS_MAX, SentEvent, parse_event
from services.intake.refusals import ConflictingRepeat, Refusal, UnknownReference
from services.intake.translation import Fact
from services.queries.doubts import doubts_about, known_words

T = TypeVar("T")

BATCH = 200  # events in one transaction
TOLD_MAX = 20  # refused lines told one by one; more are counted


class Refused(NamedTuple):
    line: int  # from 1
    refusal: Refusal
    told: str  # which names lines and not indexes


class BrokenOff(TusoiError):
    """Somebody stopped an import with Ctrl-C."""

    code = "interrupted"

    def __init__(self) -> None:
        super().__init__(
            "broken off by Ctrl-C: what was appended is kept; start the same import again, and it "
            "goes on where it was"
        )


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
    imported = append_telling(system, who, in_order(system, who, sent, facts))
    repeated = len(sent) - len(facts)
    tell(imported.waiting)
    console.say(
        f"{imported.appended} events appended, {imported.known + repeated} were known already; "
        "`tusoi up` or `tusoi work` projects them"
    )
    console.finish(
        {
            "lines": len(sent),
            "appended": imported.appended,
            "known": imported.known + repeated,
            "doubtful": doubtful,
            "refused": values(imported.waiting),
        },
        passed=not imported.waiting,
    )


def read(file: Path) -> tuple[list[SentEvent], list[Refused]]:
    """Return the events of a file, indexed by line from 0, and the lines that are none.

    Editors and tables begin a file with a byte order mark, which says nothing.
    """
    sent, refused = [], []
    with file.open("rb") as lines:
        for index, whole in enumerate(lines):
            line = whole if index else whole.removeprefix(BOM_UTF8)
            if not line.strip():
                continue
            try:
                sent.append(parse_event(strict_json.parse(line), index))
            except Refusal as error:
                refused.append(_refusal_at(error, index))
    return sent, refused


def importer(sent: list[SentEvent], numbering: str) -> Principal:
    """Return who imports: whoever may run this command on this host may send any outside fact."""
    sources = tuple(sorted({each.source for each in sent}))
    grants = Grants(sends=("roster.*",), sources=sources, numbering=numbering)
    return Principal("import", "tusoi import", grants)


def check(
    system: System, who: Principal, sent: list[SentEvent]
) -> tuple[list[Fact], list[Refused]]:
    """Return what the lines tell, each once, and all lines that cannot be taken."""
    facts, refused = list[Fact](), list[Refused]()
    distinct, conflicts = checks.without_repeats(sent)
    for each in distinct:
        try:
            facts += checks.check(system, who, [each]).facts
        except Refusal as error:
            refused.append(_refusal_at(error, each.index))
    refused += [_refusal_at(each, each.index or 0) for each in conflicts]
    if not refused:
        by_index = {each.index: each for each in distinct}
        found = whole_files.refusals(system, who, facts, by_index)
        refused = [_refusal_at(each, each.index or 0) for each in found]
    return facts, sorted(refused, key=lambda each: each.line)


def in_order(
    system: System, who: Principal, sent: list[SentEvent], facts: list[Fact]
) -> list[list[SentEvent]]:
    """Return what was sent in batches, so that each line comes after those that it rests on.

    First come the units, then whose numbers are put right in the file, by whom, and whose change
    hands: all at once, if they fit into one batch.
    Else they come by their times: what a file tells at once is doubtful by no order of its lines.
    """
    by_index = {each.index: each for each in sent}
    together, others = whole_files.renumbered_first(system, who, facts)
    units = [each for each in others if together and each.rank < (1,)]
    rest = [each for each in others if not together or each.rank >= (1,)]
    stages = ((units, BATCH), (together, BATCH_EVENTS_MAX), (rest, BATCH))
    return [
        [by_index[each.index] for each in batch]
        for stage, size in stages
        for batch in _batches(founders_first(sorted(stage, key=lambda each: each.time)), size)
    ]


def append_telling(system: System, who: Principal, batches: list[list[SentEvent]]) -> Imported:
    """Append as `append` does, with a bar. Raises BrokenOff."""
    try:
        with console.progress("Importing", sum(map(len, batches))) as progress:
            return append(system, who, batches, progress)
    except KeyboardInterrupt:
        raise BrokenOff from None


def append(
    system: System,
    who: Principal,
    batches: list[list[SentEvent]],
    progress: Callable[[int], None],
) -> Imported:
    """Append the events by batches, in rounds: what waits may name whom a later line founds."""
    appended = known = 0
    waiting: list[Refused] = []
    todo = batches
    while todo:
        later: list[SentEvent] = []
        waiting = []
        for batch in todo:
            outcomes, held = _append_batch(system, who, batch)
            later += [each for each, _ in held]
            waiting += [_refusal_at(refusal, each.index) for each, refusal in held]
            known += sum(outcome.known for outcome in outcomes)
            appended += sum(not outcome.known for outcome in outcomes)
            progress(appended + known)
        if len(later) == sum(map(len, todo)):
            break  # a round without progress: those are really unknown
        todo = list(_batches(later, BATCH))
    return Imported(appended, known, tuple(waiting))


def _append_batch(
    system: System, who: Principal, batch: list[SentEvent]
) -> tuple[tuple[receive.Outcome, ...], list[tuple[SentEvent, Refusal]]]:
    """Append a batch without the lines that must wait for others; return those too."""
    held: list[tuple[SentEvent, Refusal]] = []
    while batch:
        try:
            return receive.receive(system, who, batch, correlation_id="import"), held
        except Refusal as error:
            every = error.every if isinstance(error, UnknownReference) else (error,)
            why = {each.index: each for each in every}
            held += [(each, why[each.index]) for each in batch if each.index in why]
            batch = [each for each in batch if each.index not in why]
    return (), held


def _batches(sent: Sequence[T], size: int) -> Iterator[list[T]]:
    for start in range(0, len(sent), size):
        yield list(sent[start : start + size])


def _refusal_at(refusal: Refusal, index: int) -> Refused:
    told = str(refusal)
    if isinstance(refusal, ConflictingRepeat) and refusal.other is not None:
        told = (
            f"line {refusal.other + 1} has this id, {refusal.event_id}, with other content: give "
            "every event its own id, and tell corrections as roster.fact_corrected"
        )
    return Refused(index + 1, refusal, told)


def tell(refused: list[Refused] | tuple[Refused, ...]) -> None:
    """Tell people which lines were refused, and why."""
    for each in refused[:TOLD_MAX]:
        pointer = f" at {each.refusal.pointer}" if each.refusal.pointer else ""
        console.warn(f"line {each.line}{pointer}: {each.told}")
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
            "detail": each.told,
        }
        for each in refused
    ]
