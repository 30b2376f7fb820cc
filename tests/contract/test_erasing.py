"""Erasing leaves the same nothing on every database."""

from datetime import timedelta
from pathlib import Path

import pytest

from events.definitions.erasure import ErasureGround
from events.domain.organisation import member
from events.identifiers import MemberId, Stream
from events.store.keys import KeyDestroyed
from events.vault.sealing import IDENTITY
from services.access import account_rows, accounts, sessions
from services.access.tokens import Grants, Principal
from services.commands import erasures
from services.context import Context
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.intake.refusals import UnknownReference
from services.queries import holdings
from services.read_models import cycle_lists
from services.safekeeping import drafts
from tests.support import hr
from tests.support.deadlines import PERIOD, Reviews
from tests.support.fakes import FixedClock
from tests.support.servers import PostgreSQL

HR = Principal("token:hr", "hr", Grants(sends=("roster.*",), sources=(hr.SOURCE,)))
ABSENT = {"member_id": "M1", "reason": "sick"}


def send(context: Context, *events: dict[str, object]) -> list[Stream]:
    sent = [parse_event(each, index) for index, each in enumerate(events)]
    outcomes = receive(context, HR, sent, correlation_id="c")
    return [Stream(each.receipt.stream) for each in outcomes]


def erase(context: Context, owner: Stream, scope: str = erasures.EVERYTHING) -> int:
    ground = ErasureGround.REQUEST
    return erasures.erase(context, owner, scope, ground, principal="operator")


def test_whoever_is_erased_is_known_by_no_number_and_opens_nowhere(context: Context) -> None:
    _, owner, _ = send(
        context, hr.formed("U1"), hr.enrolled("M1", "U1"), hr.event("roster.member_absent", ABSENT)
    )
    member_id = MemberId(owner.removeprefix("member-"))
    database = context.store.database
    account = accounts.create(context, "an", None, member_id=member_id)
    drafts.save(context, account.id, "form", owner="member-x", scope="2026", fields={"a": "b"})
    before = holdings.holdings_of(context, member_id, own=True)

    destroyed = erase(context, owner)

    after = holdings.holdings_of(context, member_id, own=True)
    assert destroyed == 2
    assert [each.data.get("reason") for each in (before.facts[1], after.facts[1])] == ["sick", None]
    assert (before.account, before.drafts) == (account, {"form": {"a": "b"}})
    assert (after.account, after.drafts) == (None, {})
    assert database.rows("SELECT count(*) FROM drafts")[0][0] == 0
    with pytest.raises(UnknownReference):
        send(context, hr.event("roster.member_back", {"member_id": "M1"}))
    absent = hr.event("roster.member_absent", ABSENT | {"member_id": f"id:{member_id}"})
    with pytest.raises(KeyDestroyed):
        send(context, absent)


def test_a_year_goes_alone_and_an_order_is_repeated_when_its_keys_come_back(
    context: Context,
) -> None:
    _, owner, *_ = send(context, hr.formed("U1"), hr.enrolled("M1", "U1"))
    pairs = [(owner, "2025"), (owner, "2025-q2"), (owner, "2024")]
    context.keys.ensure(pairs)

    assert erase(context, owner, "2025") == 2
    assert context.keys.scopes(owner) == ("2024", "identity")
    assert erasures.erase_again(context) == 0
    assert len(context.store.read_stream(Stream(f"erasure-{owner}")).events) == 2


def test_an_edition_that_says_nothing_of_keeping_keeps_words_for_good(context: Context) -> None:
    reviews = Reviews(context.store, context.keys, FixedClock())
    (member_id,) = reviews.open()
    reviews.project()
    reviews.clock.time += timedelta(days=40_000)

    erased = erasures.erase_expired(reviews.context, principal="worker", limit=10)

    opened = [each.member_id for each in cycle_lists.openings(context.store.database, PERIOD)]
    assert (erased, opened) == (0, [member_id])


def test_nothing_that_waits_begins_of_whoever_was_erased_meanwhile(
    context: Context, clock: FixedClock
) -> None:
    """An enrolment told ahead would bring them back nameless; a leaving told ahead stays."""
    when, later = (clock.time + timedelta(days=days) for days in (20, 30))
    _, owner, *_ = send(
        context,
        hr.formed("U1"),
        hr.enrolled("M1", "U1"),
        hr.event("roster.member_absent", ABSENT, time=when.isoformat()),
        hr.event(
            "roster.member_left", {"member_id": "M1", "reason": "died"}, time=when.isoformat()
        ),
        hr.enrolled("M1", "U1", time=later.isoformat()),
    )

    erase(context, owner)
    erasures.erase_again(context)

    state = member.fold(context.store.read_stream(owner).events)
    assert [each.since for each in state.ahead] == [when]
    foreseen = member.view(state.with_all_ahead())
    assert foreseen.membership == member.LEFT


@pytest.mark.parametrize("leaves", [True, False])
def test_nobody_without_a_name_is_brought_back_and_a_year_that_goes_on_does(
    context: Context, clock: FixedClock, *, leaves: bool
) -> None:
    """Of an erased identity an enrolment told ahead is taken back, unless it is a move."""
    when, later = (clock.time + timedelta(days=days) for days in (20, 30))
    left = hr.event("roster.member_left", {"member_id": "M1", "reason": "died"})
    _, other, owner, *_ = send(
        context,
        hr.formed("U1"),
        hr.formed("U2"),
        hr.enrolled("M1", "U1"),
        hr.enrolled("M1", "U2", time=later.isoformat()),
        hr.moved("M1", "U2", time=when.isoformat()),
        *((left | {"time": when.isoformat()},) if leaves else ()),
    )

    erase(context, owner, IDENTITY)
    erasures.erase_again(context)

    foreseen = member.view(member.fold(context.store.read_stream(owner).events).with_all_ahead())
    assert foreseen.membership == (member.LEFT if leaves else member.ENROLLED)
    assert foreseen.unit_id == other.removeprefix("unit-")


def test_neither_login_nor_hash_of_whoever_was_erased_is_in_any_file_of_the_database(
    context: Context, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Also not in old pages or the write-ahead log, for they never stood there in the clear."""
    _, owner, _ = send(
        context, hr.formed("U1"), hr.enrolled("M1", "U1"), hr.event("roster.member_absent", ABSENT)
    )
    member_id = MemberId(owner.removeprefix("member-"))
    made = accounts.create(
        context, "nguyen.thi.binh.kin", "trăng sáng trên đồng", member_id=member_id
    )
    sessions.begin(context, made)
    kept = account_rows.find(context, "id", made.id)
    assert kept is not None

    erase(context, owner)

    folder = tmp_path
    if not context.store.database.embedded:
        server: PostgreSQL = request.getfixturevalue("postgresql")
        with server.connect() as connection:
            connection.execute("CHECKPOINT")
        folder = server.folder
    files = b"".join(each.read_bytes() for each in folder.rglob("*") if each.is_file())
    assert owner.encode() in files  # which the order names
    assert made.login.encode() not in files
    assert kept.password.encode() not in files
    assert context.store.database.rows("SELECT 1 FROM accounts") == []
    assert context.store.database.rows("SELECT 1 FROM sessions") == []
