"""Every column of every table, changed behind the service's back, is named or said not to be."""

import io
import itertools
import re
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa

from events.definitions.erasure import ErasureGround, ErasureOrdered
from events.definitions.event import Code, Event, Sealed, stream_of
from events.definitions.plan import EvidenceHandedIn
from events.definitions.records import FileCommitment, Label, Period
from events.definitions.roster import IssuerNamed, MemberDisciplined, MemberEnrolled, PostGiven
from events.errors import TusoiError
from events.identifiers import MemberId, Stream, plan_stream
from events.proof.signer import memory_path
from events.store import sequencing, tiles
from events.store.address import open_database
from events.store.batch import Appended
from events.store.database import Database
from events.store.keys import KeyStore
from events.store.verification import FINDINGS_MAX
from events.vault.files import seal_file
from events.vault.sealing import IDENTITY, seal
from services.access import sessions, tokens
from services.access.tokens import Grants
from services.bootstrap import System
from services.cli.checking import Checked, check_all
from services.commands import erasures, rights, rulebooks
from services.commands.executor import new_event
from services.context import Context
from services.intake.numbers import digest_of
from services.safekeeping.checkpoints import LogSigner
from services.settings import from_environment
from tests.support import facts
from tests.support.databases import hasty, hasty_address
from tests.support.examples import UNIT_FORMED
from tests.support.fakes import FixedClock
from tests.support.tampering import KEY, Intruder
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

LIKE_PLANS = ("review_states", "escalation_states")  # tables of one shape, compared by one function
PAGE = Path(__file__).parents[2] / "deploy" / "runbooks" / "verify.md"
LISTED = re.compile(r"^\| `(\w+)` \| (.+?) \| .+ \|$", re.MULTILINE)
KIM = MemberId("kimaaaaaaaaaaaaaaaaaaaaaaa")
OWNER, PERIOD = MemberId("memberaaaaaaaaaaaaaaaaaaaa"), Period("2026")
GROUND = "Chậm nộp báo cáo."
ODD = ("x", b"\xff", 2**62)  # values of every kind
REFUSED = (sqlite3.Error, psycopg.Error, TusoiError)  # what a database says to some of them
MAY_BE_GONE = {"sessions", "tiles"}  # who signed out; hashes that are computed anew
NOBODYS_PLAN = "this plan has not been opened"
BY_NOBODY = "milestone.evidence_handed_in was told by 'import'"
TWO_HOURS = 7_200_000_000  # microseconds
EVIDENCE = b"x" * (1024 * 1024 + 1)  # in two parts


def not_judged() -> dict[str, set[str]]:
    """Return the columns of which the page says that nobody judges them; `all` for a table."""
    named = LISTED.findall(PAGE.read_text(encoding="utf-8"))
    return {table: set(re.findall(r"\w+", columns)) for table, columns in named}


@pytest.fixture
def system(context: Context, clock: FixedClock, tmp_path: Path) -> System:
    """A small log in which every kind of thing is named that is kept beside facts."""
    signer = LogSigner(context.store, KEY, tmp_path / "log.key", clock=clock)
    system = System(
        clock=clock,
        chance=context.chance,
        store=context.store,
        keys=context.keys,
        settings=from_environment(hasty(tmp_path)),
        signer=signer,
        verifier_key=KEY.verifier.to_text(),
    )
    for streams in facts.histories(90, 3):
        context.store.append(streams)
    rulebooks.rules_by_name(system, "neutral", "viet_nam", principal="operator")
    tell_words_and_file(system)
    database = context.store.database
    kim = rights.make_account(system, "kim", None, member_id=KIM, roles=("auditor",))
    sessions.begin(system, kim)
    token, _ = tokens.make(system, "HR", Grants(sends=("roster.*",), sources=("/hr",)))
    rights.tell_token(system, token)
    while sequencing.sequence(database, clock):
        pass
    tiles.extend(database, 10)
    signer.sign()
    for projection in PROJECTIONS.values():
        Subscriber(context.store, projection, clock=clock).advance()
    return system


def made_by(system: System) -> dict[str, Any]:
    return {"clock": system.clock, "chance": system.chance}


def tell_words_and_file(system: System) -> None:
    owner = Stream(f"member-{OWNER}")
    key = system.keys.ensure([(owner, PERIOD)])[owner, PERIOD]
    text = seal(GROUND, key=key, owner=owner, scope=PERIOD, chance=system.chance)
    name = seal("a.txt", key=key, owner=owner, scope=PERIOD, chance=system.chance)
    number = seal("7", key=key, owner=owner, scope=PERIOD, chance=system.chance)
    file = seal_file(
        io.BytesIO(EVIDENCE),
        key=key,
        owner=owner,
        scope=PERIOD,
        media_type="text/plain",
        chance=system.chance,
    )
    disciplined = MemberDisciplined(
        member_id=OWNER,
        decision=Sealed(number.commitment),
        grade=Code("warning"),
        ground=Sealed(text.commitment),
    )
    shown = FileCommitment(
        file=file.header.commitment,
        name=Sealed(name.commitment),
        size=len(EVIDENCE),
        media_type="text/plain",
    )
    evidence = EvidenceHandedIn(
        period=PERIOD,
        member_id=OWNER,
        milestone_id=Label("1"),
        files=(shown,),
        review_due_at=facts.WHEN,
    )
    unit_id, post = UNIT_FORMED.unit_id, Code("secretary")
    enrolled = MemberEnrolled(
        member_id=OWNER,
        unit_id=unit_id,
        name=Sealed(name.commitment),
        number=Sealed(number.commitment),
    )
    told: dict[Stream, tuple[Event, ...]] = {
        stream_of(UNIT_FORMED): (
            UNIT_FORMED,
            IssuerNamed(unit_id=unit_id, issuer=Code("north")),
        ),
        owner: (enrolled, disciplined, PostGiven(member_id=OWNER, unit_id=unit_id, post=post)),
        plan_stream(PERIOD, OWNER): (evidence,),
    }
    system.store.append(
        {
            stream: Appended(
                0, tuple(new_event(system, e, source="/hr", principal="import") for e in events)
            )
            for stream, events in told.items()
        },
        texts=[text, name, number],
        files=(file,),
    )


def checked(system: System) -> Checked:
    """Return what is found, beside that nobody opened the plan of the evidence, or handed it in."""
    run = check_all(system, lambda _position: None)
    beside = (e for e in run.findings if NOBODYS_PLAN not in e.what and BY_NOBODY not in e.what)
    return run._replace(findings=tuple(beside))


def other(value: Any, kind: object) -> Any:
    """Return another value of the same kind."""
    match value:
        case int() if isinstance(kind, sa.Boolean):
            return not value
        case int():
            large = isinstance(kind, sa.BigInteger)
            return value + (TWO_HOURS if large else 1_000)  # more than hosts' clocks are apart
        case bytes() | memoryview():
            return bytes([bytes(value)[0] ^ 1]) + bytes(value)[1:] if value else b"x"
        case None if isinstance(kind, sa.BigInteger):
            return TWO_HOURS
        case None if isinstance(kind, sa.LargeBinary):
            return b"x"
        case _:
            return f"{value or ''}x"


Row = dict[str, Any]  # a value by its column
Run = Callable[[str, tuple[object, ...]], int]


@contextmanager
def changed(run: Run, table: sa.Table, row: Row, column: str, after: Any) -> Iterator[bool]:
    """Let one value of a row be another one; give whether the database takes it."""
    keys = [each.name for each in table.primary_key] or [each.name for each in table.columns]
    before = row[column]

    def put(value: Any, found_by: dict[str, Any]) -> None:
        where = " AND ".join(f'"{name}" = ?' for name in keys)
        sql = f'UPDATE "{table.name}" SET "{column}" = ? WHERE {where}'
        assert run(sql, (value, *(found_by[name] for name in keys))) == 1

    try:
        put(after, row)
    except REFUSED:
        yield False
        return
    try:
        yield True
    finally:
        put(before, {**row, column: after} if column in keys else row)


def first_row(database: Database, table: sa.Table) -> list[Row]:
    """Return a row by its columns; none of an empty table."""
    columns = [each.name for each in table.columns]
    sql = ", ".join(f'"{each}"' for each in columns)
    rows = database.rows(f'SELECT {sql} FROM "{table.name}" LIMIT 1')
    return [dict(zip(columns, each, strict=True)) for each in rows]


def name_of(table: sa.Table) -> str:
    """Return what a table is called in the docs: without its edition and build."""
    return re.sub(r"_\d+_\d+$", "", table.name)


def escaping(system: System, database: Database, run: Run) -> tuple[list[str], list[str]]:
    """Return the columns that nobody names when they change, and those listed without need."""
    listed, metadata = not_judged(), sa.MetaData()
    metadata.reflect(database.engine)
    escaped, needless = list[str](), list[str]()
    assert metadata.tables
    for table in metadata.sorted_tables:
        rows = first_row(database, table)
        name = name_of(table)
        left_out = listed.get(name, set())
        if not rows and "all" not in left_out and name not in LIKE_PLANS:
            escaped.append(name)
        for column, value in rows[0].items() if rows else ():
            another = other(value, table.columns[column].type)
            with changed(run, table, rows[0], column, another) as is_taken:
                found = bool(checked(system).findings) or not is_taken
            if not found and not {column, "all"} & left_out:
                escaped.append(f"{name}.{column}")
            if found and column in left_out:
                needless.append(f"{name}.{column}")
    return escaped, needless


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_every_column_that_is_changed_is_named_or_listed_as_not_judged(system: System) -> None:
    assert checked(system).findings == ()

    run = Intruder(system.store).run

    assert escaping(system, system.store.database, run) == ([], [])


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_no_value_of_another_kind_ends_the_check_or_escapes_it(system: System) -> None:
    """SQLite takes anything in any column; PostgreSQL refuses most of it."""
    database, run, metadata = system.store.database, Intruder(system.store).run, sa.MetaData()
    metadata.reflect(database.engine)
    tried, escaped, listed = 0, set[str](), not_judged()
    for table in metadata.sorted_tables:
        left_out = listed.get(name_of(table), set())
        for row in first_row(database, table):
            named = () if database.embedded else table.primary_key.columns.keys()  # as it casts
            for column, odd in itertools.product(row.keys() - named, ODD):
                with changed(run, table, row, column, odd) as is_taken:
                    found = not is_taken or checked(system).findings
                    tried += is_taken
                if not found and not {column, "all"} & left_out:
                    escaped.add(f"{name_of(table)}.{column}: {odd!r}")

    assert tried > len(ODD)
    assert escaped == set()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_every_row_that_is_deleted_is_named_or_its_table_is_listed(system: System) -> None:
    run, metadata, escaped = Intruder(system.store).run, sa.MetaData(), list[str]()
    metadata.reflect(system.store.database.engine)
    for table in metadata.sorted_tables:
        if "all" in not_judged().get(name_of(table), set()):
            continue
        for row in first_row(system.store.database, table):
            columns = [*row]
            of_row = " AND ".join(f'"{each}" IS NOT DISTINCT FROM ?' for each in columns)
            deleted = run(f'DELETE FROM "{table.name}" WHERE {of_row}', tuple(row.values()))
            found = checked(system).findings
            named = ", ".join(f'"{each}"' for each in columns)
            values = ", ".join("?" * len(columns))
            for _ in range(deleted):
                run(f'INSERT INTO "{table.name}" ({named}) VALUES ({values})', (*row.values(),))
            if not found:
                escaped.append(name_of(table))

    assert set(escaped) == MAY_BE_GONE
    assert checked(system).findings == ()


@pytest.mark.filterwarnings("ignore:Skipped unsupported reflection of expression-based index")
def test_every_column_of_the_key_store_that_is_changed_is_named(
    system: System, tmp_path: Path
) -> None:
    address = hasty_address(tmp_path / "keys.db")
    with (
        closing(KeyStore(address, master=bytes(32), chance=system.chance, cache_seconds=0)) as keys,
        closing(open_database(address)) as database,
    ):

        def run(sql: str, parameters: tuple[object, ...]) -> int:
            return database.transact(lambda t: t.run(sql, parameters))

        assert escaping(replace(system, keys=keys), database, run) == ([], [])


def findings(system: System) -> list[str]:
    return [f"{each.where}: {each.what}" for each in checked(system).findings]


@pytest.mark.parametrize(
    ("sql", "told"),
    [
        ("DELETE FROM documents", "is missing, which position"),
        ("DELETE FROM head", "head: its row is not there"),
        ("DELETE FROM texts", "that it names are missing"),
        ("DELETE FROM files", "no file has the commitment"),
        ("DELETE FROM chunks WHERE number = 1", "not all parts are there"),
        ("DELETE FROM tokens", "was told to be made, and is not kept"),
        ("DELETE FROM accounts", "was told to be made, and is not kept"),
        ("UPDATE accounts SET id = 'x'", "is kept, and nobody told that it was made"),
        ("UPDATE accounts SET member_id = NULL", "is another member's than was told"),
        ("UPDATE accounts SET member_id = 'x'", "is another member's than was told"),
        ("UPDATE accounts SET disabledat = 1", "is disabled without a fact"),
        ("DELETE FROM checkpoints", "was signed on this host, and is not there"),
        ("UPDATE tokens SET grants = replace(grants, 'roster.*', 'all')", "may do other things"),
        ("UPDATE tokens SET grants = 'null'", "cannot be judged"),
        ("UPDATE accounts SET roles = '[\"administrator\"]'", "has other roles than were told"),
        ("UPDATE log SET sequencedat = position", "was numbered before it was recorded"),
    ],
)
def test_what_is_missing_or_widened_is_named(system: System, sql: str, told: str) -> None:
    assert Intruder(system.store).run(sql) > 0

    assert [each for each in findings(system) if told in each]


def test_a_damaged_memory_of_the_signer_is_named_and_stops_nothing(
    system: System, tmp_path: Path
) -> None:
    memory_path(tmp_path / "log.key", KEY.verifier).write_bytes(b"{")

    assert [each.where for each in checked(system).findings] == ["the signer's memory"]


def test_words_that_were_ordered_to_go_dark_are_no_finding_and_those_whose_key_was_lost_are(
    system: System,
) -> None:
    pair = (f"member-{OWNER}", PERIOD)
    assert system.keys.losses([pair, ("member-x", PERIOD)]) == {("member-x", PERIOD)}

    Intruder(system.store).run("UPDATE texts SET scope = '2025'")
    lost = findings(system)
    Intruder(system.store).run("UPDATE texts SET scope = '2026'")
    erase(system, PERIOD)

    told = "the key of member-memberaaaaaaaaaaaaaaaaaaaa for 2025 is lost"
    assert len([each for each in lost if told in each]) == len(TEXTS)
    assert findings(system) == []


TEXTS = ("ground", "file name", "number of the decision")  # that `tell_words_and_file` seals


def erase(system: System, scope: str, owner: str = f"member-{OWNER}") -> None:
    """Erase as was ordered, though a discipline is open: that it may not is not asked here."""
    ordered = ErasureOrdered(owner=Label(owner), scope=Label(scope), ground=ErasureGround.ORDER)
    told = new_event(system, ordered, source="/erasures", principal="operator")
    system.store.append({stream_of(ordered): Appended(0, (told,))})
    erasures.erase(system, Stream(owner), scope, ErasureGround.ORDER, principal="operator")


@pytest.mark.parametrize("ordered", [PERIOD, IDENTITY, erasures.EVERYTHING])
@pytest.mark.parametrize("numbered", [False, True])
def test_an_order_covers_the_keys_that_it_destroys(
    system: System, ordered: str, *, numbered: bool
) -> None:
    """Also just now, while the order waits for its position and the keys are gone already."""
    system.keys.ensure([(f"member-{OWNER}", f"{PERIOD}-q2")])
    erase(system, ordered)
    while numbered and sequencing.sequence(system.store.database, system.clock):
        pass

    assert [each for each in findings(system) if "nobody ordered it" in each] == []


@pytest.mark.parametrize(
    ("ordered", "destroyed", "told"),
    [
        (None, PERIOD, "2026"),
        (None, None, "every scope"),
        ("2025", PERIOD, "2026"),
        ("2026-q1", PERIOD, "2026"),
        (IDENTITY, PERIOD, "2026"),
        (PERIOD, None, "every scope"),
    ],
)
def test_a_key_that_was_destroyed_and_that_no_order_covers_is_named(
    system: System, ordered: str | None, destroyed: str | None, told: str
) -> None:
    if ordered:
        erase(system, ordered)

    system.keys.destroy(f"member-{OWNER}", destroyed)

    found = findings(system)[0]
    assert found.startswith(f"the key store: the key of member-{OWNER} for {told} was destroyed")
    assert "restore the key store" in found


@pytest.mark.parametrize("table", ["texts", "files"])
@pytest.mark.parametrize(
    ("owner", "scope"), [("member-ghost", PERIOD), (f"unit-{OWNER}", PERIOD), (None, "2025")]
)
def test_what_was_given_to_somebody_who_was_erased_is_named(
    system: System, table: str, owner: str | None, scope: str
) -> None:
    owner = owner or f"member-{OWNER}"
    erase(system, scope, owner)
    assert findings(system) == []

    given = Intruder(system.store).run(f"UPDATE {table} SET owner = ?, scope = ?", (owner, scope))

    found = [each for each in findings(system) if f"is kept under {owner} for {scope}" in each]
    assert len(found) == given
    assert all(f"and is member-{OWNER} for" in each for each in found)


def test_a_number_that_names_somebody_else_is_named(system: System) -> None:
    index_key = system.index_key()
    digest = digest_of(index_key, "unit", "hr", UNIT_FORMED.number)
    database = Intruder(system.store)

    database.run("INSERT INTO numbers (digest, id) VALUES (?, ?)", (digest, UNIT_FORMED.unit_id))
    before = findings(system)
    database.run("UPDATE numbers SET id = 'somebody-else'")

    assert before == []
    (found,) = findings(system)
    assert found.endswith(f"the number of {UNIT_FORMED.unit_id} names somebody-else")


def test_beyond_a_hundred_findings_the_rest_is_counted(system: System) -> None:
    Intruder(system.store).run("UPDATE events SET source = 'elsewhere', id = arrival")

    run = checked(system)

    assert len(run.findings) == FINDINGS_MAX
    assert len(run.findings) + run.more >= system.store.head().size
