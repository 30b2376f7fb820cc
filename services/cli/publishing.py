"""`tusoi publish`: rulebooks and calendars to open cycles under, catalogues, and forms."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from events.definitions.cycle import DocumentKind
from events.definitions.records import Digest
from events.domain.documents.differences import Difference, differences
from events.domain.documents.problems import DocumentInvalid, Problem
from events.store import reference
from services.bootstrap import InstallationMissing, System
from services.cli import console
from services.cli.group import cli, command, command_system
from services.commands import editions
from services.commands.editions import LocatedProblem
from services.commands.executor import OPERATOR
from services.queries import forms, publications
from services.queries.forms import ChosenCatalogue

FILE_BYTES_MAX = 256 * 1024  # four times what a committee may send

file = click.Path(exists=True, dir_okay=False, path_type=Path)


@cli.command()
@click.argument("path", metavar="FILE", type=file)
@click.option(
    "--cases",
    "cases_path",
    type=file,
    help="Cases that a rulebook must come out at; only --dry-run does without.",
)
@click.option("--against", type=file, help="Show what differs from this earlier edition.")
@click.option("--dry-run", is_flag=True, help="Only say what is wrong; publish nothing.")
@command
def publish(
    path: Path,
    cases_path: Path | None,
    against: Path | None,
    dry_run: bool,  # noqa: FBT001 - click's
) -> None:
    """Publish the rulebook, calendar, catalogue or form in FILE (YAML), if nothing is wrong in it.

    It is judged as a whole, and what is wrong is told by its line: first all that has not the right
    form, then all that cannot be meant. A rulebook is tried against its cases first: each must come
    to its level, and each condition must be true in one case and false in another. An edition never
    changes once it is published, and reviews keep the one that they were opened with. A form goes
    by the catalogue that its sheet names, which is ours or was published by the same issuer before.
    """
    text = _text(path)
    document, wrong = editions.examine(text, _text(cases_path) if cases_path else None, _catalogue)
    if cases_path and document and document["kind"] != "rulebook":
        raise click.UsageError("--cases goes with a rulebook")
    told = [_line(cases_path if each.of == "cases" else path, each) for each in wrong]
    for line in told:
        console.say(line)
    if told:
        console.say(f"{path}: {len(told)} problems, nothing was published")
        console.finish({"problems": told}, passed=False)
    changed = _show_differences(against, document) if against else ()
    if dry_run:
        console.say(f"{path}: nothing is wrong; nothing was published")
        console.finish({"problems": [], **_as_values(changed)}, passed=True)
    editions.require_cases(document, cases_path)
    system = command_system(begin=True)
    digest = editions.publish_as_operator(system, document, principal=OPERATOR)
    console.say(f"published {document['id']} {document['edition']} as {digest}")
    if document["kind"] == DocumentKind.CALENDAR:
        _tell_place(system, document, digest)
    named = {"id": document["id"], "edition": document["edition"], "digest": digest}
    console.result({**named, **_as_values(changed)})


def _tell_place(system: System, document: Any, digest: Digest) -> None:
    """Tell whether a calendar takes the place of earlier ones, so that it moves deadlines."""
    before, _ = publications.of_issuer(system, document["issuer"])
    same = [e for e in before if (e.kind, e.name) == (DocumentKind.CALENDAR, document["id"])]
    earlier = [each for each in same if each.digest != digest]
    replaced = [
        e.edition for e in earlier if publications.newest_calendar(system, e.digest) == digest
    ]
    if replaced:
        told = ", ".join(dict.fromkeys(replaced))
        console.say(f"it takes the place of {document['id']} {told}: open deadlines follow it")
    elif earlier:
        console.warn(
            f"it takes the place of no earlier {document['id']} and moves no deadline: for that it "
            "knows the days from today on, and as far and as far announced as the one before"
        )


def _catalogue(issuer: str, name: str) -> ChosenCatalogue | None:
    """Return what `catalogue_named` does; for one of ours no system is opened."""
    if shipped := forms.shipped_catalogue(name):
        return shipped
    try:
        return forms.catalogue_named(command_system(writes=False), issuer, name)
    except InstallationMissing:
        return None  # where nothing is, nobody published one


def _show_differences(against: Path, document: Any) -> Sequence[Difference]:
    """Show and return what differs from an earlier edition."""
    found = differences(reference.plain_values(_text(against)), document)
    rows = [(each.path, each.before or "-", each.now or "-") for each in found]
    console.show_table(("place", "before", "now"), rows, empty="nothing differs")
    return found


def _as_values(changed: Sequence[Difference]) -> dict[str, Any]:
    return {"differences": [each._asdict() for each in changed]} if changed else {}


def _text(path: Path) -> str:
    with path.open("rb") as opened_file:
        content = opened_file.read(FILE_BYTES_MAX + 1)
    if len(content) > FILE_BYTES_MAX:
        raise DocumentInvalid([Problem("document", "too_many_bytes", most=FILE_BYTES_MAX)])
    try:
        return content.decode()
    except UnicodeDecodeError:
        raise DocumentInvalid([Problem("document", "not_text")]) from None


def _line(path: Path | None, told: LocatedProblem) -> str:
    """Return a problem as compilers tell them: file, line, place, what is wrong."""
    place = f"{path}:{told.line}" if told.line else str(path)
    return f"{place}: {told.problem.path}: {told.problem.says.en}"
