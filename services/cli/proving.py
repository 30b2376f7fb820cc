"""`tusoi bundle`, `replay` and `explain`: one rating, to be verified and understood by others."""

from pathlib import Path
from typing import NoReturn

import click

from events.definitions.records import Period
from events.domain.documents.document import Language
from events.domain.documents.periods import is_period
from events.domain.review import explanation, review
from events.errors import TusoiError
from events.identifiers import MemberId
from events.replay import __main__ as replaying
from events.replay.bundles import BUNDLE_BYTES_MAX
from events.replay.showing import read_file
from events.replay.verdict import verify as verify_bundle
from events.store import reference
from services.bootstrap import System
from services.cli import console
from services.cli.group import cli, command, command_system
from services.cli.naming import OF_MEMBER, Named, id_of, numbering
from services.queries import bundles
from services.secret_files import FILE_MODE
from services.subject import Subject

OF_UNIT = "The same of a unit, which is reviewed as a collective."
OF_YEAR = "The year under review, such as 2026, or a quarter, such as 2026-q1."

of_member = click.option("--member", help=OF_MEMBER)
of_unit = click.option("--unit", help=OF_UNIT)
of_year = click.option("--year", required=True, help=OF_YEAR)


def _require_key(_context: click.Context, _option: click.Parameter, key: str | None) -> str | None:
    if key is not None and not key.strip():
        raise click.BadParameter(replaying.KEY_EMPTY)
    return key


of_key = click.option(
    "--key",
    callback=_require_key,
    help="With a bundle: the log's verifier key, as known from elsewhere.",
)


class NotRated(TusoiError):
    code = "not_rated"

    def __init__(self, named: str, year: str) -> None:
        super().__init__(f"no rating of {named} in {year} was decided: there is nothing to show")


class BundleMissing(TusoiError):
    code = "bundle_missing"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"there is no bundle at {path} ({reason}); make one with `tusoi bundle`")


class BundleUnwritten(TusoiError):
    code = "bundle_unwritten"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"cannot write {path}: {reason}; name another file with --out")


@cli.command()
@of_member
@of_unit
@of_year
@numbering
@click.option("--out", type=click.Path(path_type=Path), help="Where to write; else a name is made.")
@command
def bundle(
    member: str | None, unit: str | None, year: str, numbering: str, out: Path | None
) -> None:
    """Write all that it takes to verify a rating elsewhere into one file, without any words.

    With words it is had over HTTP only: there somebody asks who may read them, and it is told.
    """
    named = _subject_of(member, unit)
    system = command_system(writes=False)
    subject = _subject(system, named, year, numbering)
    made = _bundle_of(system, subject)
    path = out or Path(bundles.file_name(subject))
    try:
        if path.is_file():
            path.chmod(FILE_MODE)  # of one that is not there, the process says it
        path.write_bytes(made)
    except OSError as error:
        raise BundleUnwritten(path, error.strerror or "no room") from None
    verifying = bundles.verifying_command(str(path), system.verifier_key)
    console.say(f"{path}: {len(made)} bytes. Verify it elsewhere with `{verifying}`.")
    console.result({"path": str(path), "bytes": len(made)})


@cli.command()
@click.argument("path", metavar="[BUNDLE]", required=False, type=click.Path(path_type=Path))
@of_member
@of_unit
@click.option("--year", help=OF_YEAR)
@numbering
@of_key
@command
def replay(
    path: Path | None,
    *,
    member: str | None,
    unit: str | None,
    year: str | None,
    numbering: str,
    key: str | None,
) -> None:
    """Show a rating's history event by event, then its verdict: from a bundle, or from here."""
    if path and not (member or unit or year):
        show_verdict(path, key, steps=True)
    if path or not year:
        raise click.UsageError("give a BUNDLE, or --member or --unit with --year")
    named = _subject_of(member, unit)
    system = command_system(writes=False)
    made = _bundle_of(system, _subject(system, named, year, numbering))
    _show(made, system.verifier_key if key is None else key, steps=True)


@cli.command()
@of_member
@of_unit
@of_year
@numbering
@click.option("--language", type=click.Choice(("vi", "en")), default="vi", show_default=True)
@command
def explain(
    member: str | None, unit: str | None, year: str, numbering: str, language: Language
) -> None:
    """Say rule by rule why a rating was proposed, and what would have had to differ."""
    named = _subject_of(member, unit)
    system = command_system(writes=False)
    subject = _subject(system, named, year, numbering)
    state = review.fold(system.store.read_stream(subject.stream).events)
    if state.opened is None or state.rating_in_force.proposal is None:
        raise NotRated(named.called, year)
    proposed = state.rating_in_force.proposal.fact
    rulebook = reference.rulebook_of(system.store.database, state.opened.fact.rulebook)
    lines = explanation.of_rating(state, rulebook, language)
    for line in lines:
        console.say(line)
    decided = review.level(state)
    console.result({"level": proposed.outcome.level, "decided": decided, "lines": lines})


def show_verdict(path: Path, key: str | None, *, steps: bool) -> NoReturn:
    """Tell the verdict on a bundle and end with the status that it asks for."""
    try:
        encoded = read_file(path, BUNDLE_BYTES_MAX + 1)
    except OSError as error:
        raise BundleMissing(path, error.strerror or "it cannot be read") from None
    _show(encoded, key, steps=steps)


def _show(encoded: bytes, key: str | None, *, steps: bool) -> NoReturn:
    verdict = verify_bundle(encoded, key)
    for line in replaying.verdict_text(verdict, steps=steps).splitlines():
        console.say(line)
    console.finish(replaying.as_values(verdict), passed=verdict.verified)


def _bundle_of(system: System, subject: Subject) -> bytes:
    return bundles.make_bundle(system.store, system.signer, subject, system.verifier_key)


def _subject_of(member: str | None, unit: str | None) -> Named:
    """Return who is meant: a member or a unit, and one of them."""
    told = {"member": member, "unit": unit}
    given = [Named(kind, called) for kind, called in told.items() if called]
    if len(given) != 1:
        raise click.UsageError("give --member or --unit")
    return given[0]


def _subject(system: System, named: Named, year: str, numbering: str) -> Subject:
    """Return whose review is meant, by our id or another system's number."""
    if not is_period(year):
        raise click.UsageError("--year is a year, such as 2026, or a quarter, such as 2026-q1")
    return Subject(Period(year), MemberId(id_of(system, named, numbering)))
