"""Intake, on both databases: references, corrections, repeats, sealed words, crashes."""

import threading
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from events.definitions.roster import FactCorrected, MemberEnrolled
from events.domain import member
from events.errors import StoreUnavailable, TusoiError
from events.identifiers import Stream
from events.store.keys import KeyStore
from events.store.store import Store
from events.vault.sealing import unseal
from services.access.tokens import Grants, Principal
from services.commands.context import Context
from services.intake.parser import parse_event
from services.intake.receive import Outcome, receive
from services.intake.refusals import (
    ConflictingRepeat,
    FromTheFuture,
    InvalidEventData,
    NotGranted,
    Refusal,
    UnknownReference,
    WrongCorrection,
)
from tests.support import hr
from tests.support.fakes import FixedClock, SeededChance
from tests.support.faults import Faulty

Sender = Callable[..., tuple[Outcome, ...]]
EVERYTHING = Grants(sends=("roster.*",), sources=(hr.SOURCE,))
TABLES = ("events", "pending", "log", "texts", "numbers", "head")


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    with closing(
        KeyStore(f"sqlite:///{tmp_path}/keys.db", master=bytes(32), chance=SeededChance(2))
    ) as store:
        yield store


@pytest.fixture
def context(store: Store, keys: KeyStore, clock: FixedClock) -> Context:
    return Context(clock=clock, chance=SeededChance(3), store=store, keys=keys)


@pytest.fixture
def send(context: Context) -> Sender:
    return sender(context)


def sender(context: Context, grants: Grants = EVERYTHING) -> Sender:
    def send(*events: dict[str, Any]) -> tuple[Outcome, ...]:
        parsed = [parse_event(each, index) for index, each in enumerate(events)]
        return receive(context, Principal("token:t", "t", grants), parsed, correlation_id="c")

    return send


def dump(store: Store) -> list[Any]:
    return [store.database.rows(f"SELECT * FROM {table} ORDER BY 1") for table in TABLES]


def told(store: Store, outcome: Outcome) -> member.Member:
    return member.view(member.fold(store.read_stream(Stream(outcome.receipt.stream)).events))


def corrected(event: dict[str, Any], fact: dict[str, Any] | None) -> dict[str, Any]:
    data: dict[str, Any] = {"corrects": event["id"]}
    if fact is not None:
        data["fact"] = {name: fact[name] for name in ("type", "time", "data")}
    return hr.event("roster.fact_corrected", data)


def test_the_same_event_again_gets_its_first_receipt(send: Sender, store: Store) -> None:
    formed = hr.formed("U1")
    (first,) = send(formed)
    before = dump(store)

    (again,) = send(formed)

    assert (first.known, again.known) == (False, True)
    assert again.receipt == first.receipt
    assert dump(store) == before


def test_known_and_new_events_may_stand_in_one_batch(send: Sender) -> None:
    formed = hr.formed("U1")
    (first,) = send(formed)

    outcomes = send(hr.enrolled("M1", "U1"), formed)

    assert [each.known for each in outcomes] == [False, True]
    assert outcomes[1].receipt == first.receipt


def test_the_same_id_with_other_content_is_a_conflict_and_says_which(
    send: Sender, store: Store
) -> None:
    formed = hr.formed("U1")
    send(formed)
    before = dump(store)

    with pytest.raises(ConflictingRepeat) as refused:
        send(hr.formed("U2"), hr.formed("U3", id=formed["id"]))

    assert (refused.value.index, refused.value.code) == (1, "conflicting_repeat")
    assert dump(store) == before


def test_within_a_batch_order_does_not_matter(send: Sender, store: Store) -> None:
    move = hr.moved("M1", "U2", time="2026-01-05T09:00:00+07:00")
    right = hr.moved("M1", "U3", time="2026-01-05T09:00:00+07:00")

    outcomes = send(
        corrected(move, right), move, hr.enrolled("M1", "U1"), *map(hr.formed, ("U3", "U2", "U1"))
    )

    unit = outcomes[3].receipt.stream.removeprefix("unit-")
    assert told(store, outcomes[2]).unit_id == unit
    assert [each.receipt.version for each in outcomes[:3]] == [3, 2, 1]


@pytest.mark.parametrize(
    ("event", "code", "pointer"),
    [
        (hr.enrolled("M1", "U9"), "unknown_unit", "/data/unit_id"),
        (hr.formed("U2", parent="U9"), "unknown_unit", "/data/parent_id"),
        (hr.moved("M9", "U1"), "unknown_member", "/data/member_id"),
        (hr.moved("id:" + "a" * 26, "U1"), "unknown_member", "/data/member_id"),
        (corrected({"id": "nowhere"}, None), "unknown_fact", "/data/corrects"),
    ],
)
def test_whom_nobody_told_of_is_told_back_and_can_be_tried_again(
    send: Sender, store: Store, event: dict[str, Any], code: str, pointer: str
) -> None:
    send(hr.formed("U1"))
    before = dump(store)

    with pytest.raises(UnknownReference) as refused:
        send(hr.formed("U3"), event)

    error = refused.value
    assert (error.code, error.index, error.pointer) == (code, 1, pointer)
    assert error.retryable
    assert dump(store) == before


def test_what_was_refused_for_an_unknown_unit_is_taken_once_the_unit_is_told(send: Sender) -> None:
    enrolled = hr.enrolled("M1", "U1")
    with pytest.raises(UnknownReference):
        send(enrolled)

    send(hr.formed("U1"))

    assert not send(enrolled)[0].known


def test_our_own_ids_are_taken_as_references(send: Sender, store: Store) -> None:
    unit, enrolled = send(hr.formed("U1"), hr.enrolled("M1", "U1"))
    unit_id, member_id = (each.receipt.stream.partition("-")[2] for each in (unit, enrolled))

    (moved,) = send(hr.moved(f"id:{member_id}", f"id:{unit_id}"))

    assert moved.receipt.stream == enrolled.receipt.stream
    assert told(store, moved).unit_id == unit_id


def test_systems_with_other_numberings_do_not_meet(context: Context) -> None:
    (one,) = sender(context)(hr.formed("U1"))

    (other,) = sender(context, Grants(EVERYTHING.sends, EVERYTHING.sources, numbering="b"))(
        hr.formed("U1")
    )

    assert one.receipt.stream != other.receipt.stream


def test_a_withdrawn_fact_never_happened(send: Sender, store: Store) -> None:
    move = hr.moved("M1", "U2")
    unit, _, enrolled, _ = send(hr.formed("U1"), hr.formed("U2"), hr.enrolled("M1", "U1"), move)

    send(corrected(move, None))

    assert told(store, enrolled).unit_id == unit.receipt.stream.removeprefix("unit-")


def test_a_corrected_name_is_sealed_as_the_first_was(
    send: Sender, store: Store, context: Context
) -> None:
    enrolled = hr.enrolled("M1", "U1")
    _, outcome = send(hr.formed("U1"), enrolled)
    right = hr.event(enrolled["type"], enrolled["data"] | {"name": "Trần Thị Bình"})

    send(corrected(enrolled, right))

    recorded = store.read_stream(Stream(outcome.receipt.stream)).events[-1]
    assert isinstance(recorded.event, FactCorrected)
    assert recorded.event.fact
    sealed = recorded.event.fact.data["name"]["sealed"]
    assert _unsealed(context, outcome.receipt.stream, sealed) == "Trần Thị Bình"


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        (lambda move: corrected(move, hr.enrolled("M1", "U1")), "/data/fact/type"),
        (lambda move: corrected(hr.event("x", {}, id="the-correction"), move), "/data/corrects"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    send: Sender, wrong: Callable[[dict[str, Any]], dict[str, Any]], pointer: str
) -> None:
    move = hr.moved("M1", "U1")
    send(hr.formed("U1"), hr.enrolled("M1", "U1"), move)
    send(corrected(move, None) | {"id": "the-correction"})

    with pytest.raises(WrongCorrection) as refused:
        send(wrong(move))

    assert refused.value.pointer == pointer


def test_a_number_corrected_to_somebody_elses_is_refused(send: Sender) -> None:
    enrolled = hr.enrolled("M1", "U1")
    send(hr.formed("U1"), enrolled, hr.enrolled("M2", "U1"))

    with pytest.raises(WrongCorrection):
        send(corrected(enrolled, hr.enrolled("M2", "U1")))

    send(corrected(enrolled, hr.enrolled("M3", "U1")))
    assert (
        send(hr.moved("M3", "U1"))[0].receipt.stream == send(hr.moved("M1", "U1"))[0].receipt.stream
    )


@pytest.mark.parametrize(
    "grants",
    [
        Grants(sends=("roster.*",), sources=("/other",)),
        Grants(sends=("roster.unit_*",), sources=(hr.SOURCE,)),
        Grants(sends=("roster.fact_corrected",), sources=(hr.SOURCE,)),
        Grants(),
    ],
)
def test_what_a_token_may_not_send_is_refused(
    context: Context, store: Store, grants: Grants
) -> None:
    enrolled = hr.enrolled("M1", "U1")
    sender(context)(hr.formed("U1"), enrolled)
    before = dump(store)

    with pytest.raises(NotGranted):
        sender(context, grants)(hr.moved("M1", "U1"))
    with pytest.raises(NotGranted):
        sender(context, grants)(corrected(enrolled, enrolled))

    assert dump(store) == before


def test_what_has_not_happened_yet_is_refused(send: Sender) -> None:
    with pytest.raises(FromTheFuture):
        send(hr.formed("U1", time="2027-01-05T08:00:00+07:00"))


def test_every_problem_of_an_event_is_told_with_its_place(send: Sender) -> None:
    wrong = hr.event("roster.member_enrolled", {"number": "M1", "standing": "king", "more": 1})

    with pytest.raises(InvalidEventData) as refused:
        send(wrong)

    places = {pointer for pointer, _ in refused.value.problems}
    assert places == {"/data/name", "/data/unit_id", "/data/standing", "/data/more"}


def test_words_and_numbers_are_nowhere_in_the_clear_and_open_with_their_key(
    send: Sender, store: Store, context: Context
) -> None:
    _, outcome = send(hr.formed("U1"), hr.enrolled("SỐ-4711", "U1"))
    (recorded,) = store.read_stream(Stream(outcome.receipt.stream)).events
    assert isinstance(recorded.event, MemberEnrolled)

    stored = repr(dump(store)).encode()
    opened = _unsealed(context, outcome.receipt.stream, recorded.event.name.sealed)

    assert b"4711" not in stored
    assert "Nguyễn".encode() not in stored
    assert opened == "Nguyễn Văn SỐ-4711"


def test_after_the_key_is_destroyed_the_words_are_dark_and_nothing_more_is_sealed(
    send: Sender, context: Context
) -> None:
    enrolled = hr.enrolled("M1", "U1")
    _, outcome = send(hr.formed("U1"), enrolled)
    owner = outcome.receipt.stream

    context.keys.destroy(owner)

    assert context.keys.keys([(owner, "identity")]) == {}
    with pytest.raises(TusoiError, match="destroyed"):
        send(hr.enrolled("M1", "U1"))


def test_senders_who_race_with_one_batch_get_the_same_receipts(
    context: Context, store: Store
) -> None:
    batch = [hr.formed("U1"), *(hr.enrolled(f"M{n}", "U1") for n in range(5))]
    outcomes: list[tuple[Outcome, ...]] = []
    threads = [
        threading.Thread(target=lambda: outcomes.append(sender(context)(*batch))) for _ in range(6)
    ]

    for each in threads:
        each.start()
    for each in threads:
        each.join(30)

    receipts = {tuple(each.receipt for each in outcome) for outcome in outcomes}
    assert len(outcomes) == 6
    assert len(receipts) == 1
    assert store.database.rows("SELECT count(*) FROM events")[0][0] == 6


@pytest.mark.parametrize("step", [*range(1, 8), None])
def test_after_a_crash_at_any_step_a_resend_appends_everything_once(
    store: Store, context: Context, clock: FixedClock, step: int | None
) -> None:
    faulty = Faulty(store.database)
    crashing = Context(
        clock=clock,
        chance=SeededChance(9),
        store=Store(faulty, clock=clock, chance=SeededChance(9)),
        keys=context.keys,
    )
    batch = [hr.formed("U1"), hr.enrolled("M1", "U1"), hr.moved("M1", "U1")]

    faulty.fail_after_commit() if step is None else faulty.fail_at(step)
    try:
        first = sender(crashing)(*batch)
    except StoreUnavailable:
        first = ()
    again = sender(context)(*batch)

    assert not first or [each.receipt for each in first] == [each.receipt for each in again]
    assert store.database.rows("SELECT count(*) FROM events")[0][0] == 3
    assert store.database.rows("SELECT count(*) FROM pending")[0][0] == 3
    assert store.database.rows("SELECT count(*) FROM texts")[0][0] == 2
    assert store.database.rows("SELECT count(*) FROM numbers")[0][0] == 2


def test_one_bad_event_refuses_its_batch_and_nothing_is_half_written(
    send: Sender, store: Store
) -> None:
    before = dump(store)

    with pytest.raises(Refusal) as refused:
        send(hr.formed("U1"), hr.enrolled("M1", "U1"), hr.formed(""))

    assert refused.value.index == 2
    assert dump(store) == before


def _unsealed(context: Context, owner: str, commitment: str) -> str:
    (sealed,) = context.store.sealed_texts([commitment]).values()
    pair = (owner, "identity")
    return unseal(sealed, key=context.keys.keys([pair])[pair])
