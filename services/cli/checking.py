"""`tusoi verify` and `tusoi doctor`: is everything as it was written, and is all in order?

It is over 300 lines, one short examination after another: an operator reads them in one place.
"""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import click

from events.definitions.cycle import DocumentKind
from events.definitions.entry import Recorded
from events.domain.documents.working_days import local_day
from events.errors import StoreUnavailable, TusoiError
from events.proof.notes import VerifierKey
from events.store import reference, schema, sequencing, signed_heads, subscriptions
from events.store.verification import (
    FINDINGS_MAX,
    Finding,
    LogCheck,
    Verified,
    finding_of,
    findings_from,
    last_position,
)
from services.bootstrap import PRIVATE_UMASK, System
from services.cli import console, proving, roster_look
from services.cli.fact_check import Erased, check_facts, check_years
from services.cli.group import cli, command, command_system
from services.cli.kept_check import KeptCheck
from services.queries import publications
from services.queries.doubts import doubtful_disciplines, standing_doubts
from services.queries.rating_check import FactCheck, check_ratings
from services.queries.year_doubts import ANNOUNCED_AHEAD
from services.read_models import backlog
from services.read_models.states import PLANS, REVIEWS
from services.read_models.verification import StateCheck


class Checked(NamedTuple):
    """What a verification of log and states came to."""

    log: Verified
    states: int  # rows compared
    ratings: int  # judged anew from history
    waiting: int  # events that are committed and have no position yet
    findings: tuple[Finding, ...]
    more: int  # findings beyond those that are told
    erased: tuple[Erased, ...]  # what ratings counted of words that were erased since


def check_all(system: System, progress: Callable[[int], None]) -> Checked:
    """Return what is wrong with the log, the checkpoints, the states, the ratings and the plans."""
    key = VerifierKey.from_text(system.verifier_key)
    states, kept = StateCheck(system.store), KeptCheck(system)
    facts = FactCheck(system, states.folded_state)

    def see(position: int, recorded: Recorded) -> None:
        for each in (kept.see, facts.see, states.fold):
            each(position, recorded)

    run = LogCheck(
        system.store.database,
        system.store.catalogue,
        {key.name: key},
        each=see,
        progress=progress,
    ).run()
    ratings = check_ratings(system.store, states.folded_states(REVIEWS))
    counted = check_facts(system, states.folded_states(REVIEWS))
    keys = (key for kind in (REVIEWS, PLANS) for key, _ in states.folded_states(kind))
    years = check_years(system.store, keys)
    compared = findings_from("the states", states.compare())
    left = (*facts.findings, *facts.left_behind(states.folded_states(REVIEWS)))
    others = (*compared, *left, *ratings.findings, *counted.findings, *years)
    findings = (*run.findings, *others, *kept.findings(), *_unkept(system))
    told, more = findings[:FINDINGS_MAX], run.more + len(findings[FINDINGS_MAX:])
    waiting = sequencing.count_pending(system.store.database)
    return Checked(run, states.compared, ratings.judged, waiting, told, more, counted.erased)


def _unkept(system: System) -> Iterator[Finding]:
    """Tell where this host kept a checkpoint that is not there."""
    try:
        lost = system.signer.missing_checkpoint()
    except TusoiError as error:
        yield Finding("the signer's memory", str(error))
        return
    if lost:
        yield Finding(f"checkpoint {lost.size}", "was signed on this host, and is not there")


@cli.command()
@click.argument("bundle", required=False, type=click.Path(path_type=Path))
@proving.of_key
@command
def verify(bundle: Path | None, key: str | None) -> None:
    """Prove that nothing was changed: entries, order, tree, checkpoints, states and ratings.

    With BUNDLE, give the verdict on that file, as `python -m events.replay` does.
    """
    if bundle:
        proving.show_verdict(bundle, key, steps=False)
    system = command_system(writes=False)
    with console.progress("Verifying", last_position(system.store.database)) as progress:
        checked = check_all(system, progress)
    report(checked)
    console.finish(as_values(checked), passed=not checked.findings)


def report(checked: Checked) -> None:
    """Tell people the verdict, and each finding by its place."""
    log = checked.log
    if checked.findings:
        console.say(f"NOT VERIFIED: {len(checked.findings) + checked.more} findings")
        for finding in checked.findings:
            console.say(f"  {finding.where}: {finding.what}")
        if checked.more:
            console.say(f"  … and {checked.more} more")
        return
    console.say(
        f"Verified: events {log.size}, streams {log.streams}, checkpoints {log.checkpoints}, "
        f"states {checked.states}, ratings {checked.ratings}. Root {log.root.hex()}."
    )
    for erased in checked.erased:
        counts = ", ".join(erased.counts)
        console.say(f"{erased.where} stands; {counts} cannot be recounted: the words were erased.")
    if checked.waiting:
        console.say(f"{checked.waiting} events wait for a position: is `tusoi work` running?")
    if not log.checkpoints and log.size:
        console.say("No checkpoint is signed yet, so only the log itself vouches for its order.")


def as_values(checked: Checked) -> dict[str, object]:
    """Return the verdict for machines."""
    return {
        "size": checked.log.size,
        "root": checked.log.root.hex(),
        "streams": checked.log.streams,
        "checkpoints": checked.log.checkpoints,
        "states": checked.states,
        "ratings": checked.ratings,
        "waiting": checked.waiting,
        "findings": [finding._asdict() for finding in checked.findings],
        "more": checked.more,
        "erased": [each._asdict() for each in checked.erased],
    }


@cli.command()
@command
def doctor() -> None:
    """Examine database, folder, keys, rollback, backlog, projections, deadlines, parked, holidays.

    Words of HR and disciplines too. It fails where something is wrong; what may be otherwise
    is shown.
    """
    try:
        system = command_system(writes=False)
        examinations = [_examine(name, each, system) for name, each in EXAMINATIONS.items()]
    except StoreUnavailable as error:  # the first to examine is not there, nor is any other then
        examinations = [Examination("database", passed=False, told=str(error))]
    console.show_table(
        ("", "", ""),
        [(each.verdict, each.name, each.told) for each in examinations],
        empty="",
    )
    values = {each.name: {"passed": each.passed, "told": each.told} for each in examinations}
    console.finish(values, passed=all(each.passed for each in examinations))


class Examination(NamedTuple):
    name: str
    passed: bool
    told: str
    doubtful: bool = False  # nothing is wrong, but somebody ought to look

    @property
    def verdict(self) -> str:
        return "FAIL" if not self.passed else "look" if self.doubtful else "ok"


def _examine(name: str, examine: Callable[[System], str], system: System) -> Examination:
    try:
        return Examination(name, passed=True, told=examine(system))
    except WorthALook as doubt:
        return Examination(name, passed=True, told=str(doubt), doubtful=True)
    except TusoiError as error:
        return Examination(name, passed=False, told=str(error))
    except Exception as error:  # noqa: BLE001 - whoever has the database may put anything in it
        return Examination(name, passed=False, told=finding_of(name, error).what)


class NotInOrder(TusoiError):
    """An examination found something to do."""

    code = "not_in_order"


class WorthALook(TusoiError):
    """An examination found nothing wrong, and something that may be meant otherwise."""

    code = "worth_a_look"


def _database(system: System) -> str:
    schema.require_current(system.store.database)
    return f"answers, revision {schema.needed_revision()}"


def _folder(system: System) -> str:
    folder = system.settings.data_dir
    if folder.exists() and folder.stat().st_mode & PRIVATE_UMASK:
        raise NotInOrder(f"others may look into {folder}: run `chmod 700 {folder}`")
    return "nobody else may look into the folder of the data"


def _keys(system: System) -> str:
    opened_keys, damaged = system.keys.check()
    if damaged:
        raise NotInOrder(
            f"{len(damaged)} keys do not open: if a `tusoi keys rotate` was broken off, run it "
            "again; else restore the key store's backup"
        )
    system.check_index_key()
    pairs = system.store.database.rows("SELECT DISTINCT owner, scope FROM texts")
    if lost := system.keys.losses((owner, scope) for owner, scope in pairs):
        raise NotInOrder(
            f"{len(lost)} keys of words are lost that nobody erased: restore the key store's backup"
        )
    return f"{opened_keys} keys open under the master key"


def _rollback(system: System) -> str:
    """Compare the log with what was signed last; a restored older backup is found here."""
    grown = system.signer.check()
    newest = signed_heads.latest(system.store.database, system.signer.origin)
    signed = newest.size if newest else 0
    return f"the log has {grown.size} events and grew out of what was signed ({signed})"


def _backlog(system: System) -> str:
    waiting = sequencing.count_pending(system.store.database)
    if waiting > BACKLOG_MAX:
        raise NotInOrder(f"{waiting} events wait for a position: is `tusoi work` running?")
    return f"{waiting} events wait for a position"


def _projections(system: System) -> str:
    size = system.store.head().size
    told = []
    for each in subscriptions.every(system.store.database):
        if size - each.position > BACKLOG_MAX:
            raise NotInOrder(
                f"{each.name} is at {each.position} of {size}: is `tusoi work` running, "
                "and is it new enough for what the log holds? Its log says why it waits"
            )
        told.append(f"{each.name} at {each.position} of {size}")
    return "; ".join(told) or "none has begun yet; `tusoi work` begins them"


def _parked_text(system: System) -> str:
    parked = subscriptions.parked_events(system.store.database)
    if parked:
        raise NotInOrder(f"{len(parked)} events are parked: see `tusoi parked`")
    return "nothing is parked"


def _deadlines(system: System) -> str:
    """Count deadlines that ran out some time ago, and that no timekeeper told of."""
    then = system.clock.now() - TIMER_GRACE
    due = backlog.work_left(system.store.database, then).timers_due
    if due:
        raise NotInOrder(
            f"{due} streams have a time that came and was not told of: is `tusoi work` "
            "running? Its log says why it waits"
        )
    return "every deadline that ran out, and every day that was waited for, was told of"


def _words(system: System) -> str:
    """Tell which words of HR hold though nothing goes by them."""
    told = (f"{doubt} ({count})" for doubt, count in standing_doubts(system).most_common())
    return _look_at(told, otherwise="something goes by every post that HR told of")


def _roster(system: System) -> str:
    """Tell what of members and units may be meant otherwise, and who is in no year by it."""
    return _look_at(roster_look.doubts_told(system), otherwise=roster_look.waiting_told(system))


def _look_at(doubts: Iterator[str], *, otherwise: str) -> str:
    """Return what holds where nothing is doubtful. Raises WorthALook with what is."""
    told = list(doubts)
    if told:
        raise WorthALook("; ".join(told[:DOUBTS_MAX]) + ("; …" if len(told) > DOUBTS_MAX else ""))
    return otherwise


def _holidays(system: System) -> str:
    """Tell until when the holidays are announced by which deadlines are set."""
    today, told = local_day(system.clock.now()), publications.every(system, DocumentKind.CALENDAR)
    newest = {publications.newest_calendar(system, each.fact.digest) for each in told}
    known = [reference.calendar_of(system.store.database, each) for each in sorted(newest)]
    days = "; ".join(f"{each.id} {each.edition} until {each.told_until}" for each in known)
    if any(each.told_until < today + ANNOUNCED_AHEAD for each in known):
        raise WorthALook(
            f"days off are announced by {days}: publish a newer edition with `tusoi publish` "
            "once there are more, and it moves deadlines that fall on them"
        )
    return f"days off are announced by {days}" if days else "no calendar was published so far"


def _disciplines(system: System) -> str:
    """Tell of whom two disciplines stand that may be one decision, told twice."""
    doubtful = doubtful_disciplines(system)
    if doubtful:
        named = ", ".join(doubtful[:DOUBTS_MAX]) + (", …" if len(doubtful) > DOUBTS_MAX else "")
        raise WorthALook(
            f"two disciplines, of one number or of one day and grade, may be one: {named}; "
            "HR corrects the one that was told wrongly"
        )
    return "no two disciplines may be one decision"


DOUBTS_MAX = 10  # told one by one
BACKLOG_MAX = 10_000  # events; a worker that runs is far below
TIMER_GRACE = timedelta(minutes=10)  # a worker that runs needs seconds

EXAMINATIONS: dict[str, Callable[[System], str]] = {
    "database": _database,
    "folder": _folder,
    "keys": _keys,
    "rollback": _rollback,
    "backlog": _backlog,
    "projections": _projections,
    "deadlines": _deadlines,
    "parked": _parked_text,
    "words": _words,
    "holidays": _holidays,
    "roster": _roster,
    "disciplines": _disciplines,
}
