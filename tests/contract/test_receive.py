"""Intake, on both databases: references, corrections, repeats, sealed words, crashes."""

import functools
import json
import subprocess
import threading
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from events.definitions.roster import FactCorrected, MemberDisciplineLifted, MemberEnrolled
from events.domain.organisation import member
from events.errors import ConcurrentAppend, StoreUnavailable
from events.identifiers import Stream
from events.store.batch import NONE_RETOLD, Appended, KnownNumber, Receipt, Retellings
from events.store.keys import KeyDestroyed
from events.store.store import Store
from events.vault.files import SealedFile
from events.vault.sealing import SealedText, unseal
from events.vault.wrapping import derive
from services.access.decisions import DecisionName, decision_under
from services.access.tokens import Grants, Principal
from services.commands import readings
from services.context import Context
from services.intake.checks import FUTURE_MAX
from services.intake.parser import BATCH, BINARY, STRUCTURED, parse, parse_event
from services.intake.receive import Outcome, receive
from services.intake.refusals import (
    ConflictingRepeat,
    FromTheFuture,
    FutureSchema,
    InvalidEventData,
    NotGranted,
    Refusal,
    UnknownEventType,
    UnknownReference,
    WrongCorrection,
)
from tests.support import hr
from tests.support.cases import every_case
from tests.support.fakes import FixedClock, SeededChance
from tests.support.faults import Faulty
from tests.support.programs import postgresql_binaries
from tests.support.senders import send_as

Sender = Callable[..., tuple[Outcome, ...]]
OTHER_SOURCE = "/hr/other"
EVERYTHING = Grants(sends=("roster.*",), sources=(hr.SOURCE, OTHER_SOURCE))
TABLES = ("events", "pending", "log", "texts", "numbers", "head")


@pytest.fixture
def send(context: Context) -> Sender:
    return sender(context)


def sender(context: Context, grants: Grants = EVERYTHING) -> Sender:
    return send_as(context, Principal("token:t", "t", grants))


class LosesOnce(Store):
    """A store whose first append loses to a rival."""

    _lost = False

    def append(
        self,
        streams: Mapping[Stream, Appended],
        *,
        texts: Iterable[SealedText] = (),
        numbers: Iterable[KnownNumber] = (),
        files: Iterable[SealedFile] = (),
        freed: Iterable[KnownNumber] = (),
        retellings: Retellings = NONE_RETOLD,
    ) -> tuple[Receipt, ...]:
        if not self._lost:
            self._lost = True
            raise ConcurrentAppend(next(iter(streams)), expected_version=0)
        along: dict[str, Any] = {"texts": texts, "numbers": numbers, "files": files, "freed": freed}
        return super().append(streams, **along, retellings=retellings)


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


def test_the_same_event_in_another_form_gets_its_first_receipt(
    context: Context, store: Store
) -> None:
    event = hr.formed("U1")
    attributes = {name: value for name, value in event.items() if name != "data"}
    headers = {f"ce-{name}": quote(value) for name, value in attributes.items()}
    principal = Principal("token:t", "t", EVERYTHING)

    outcomes = [
        receive(context, principal, parse(form, headers, body.encode()), correlation_id="c")[0]
        for form, body in (
            (STRUCTURED, json.dumps(event)),
            (BATCH, json.dumps([dict(reversed(event.items()))], indent=1)),
            (BINARY, json.dumps(event["data"], ensure_ascii=False)),
        )
    ]

    assert [each.known for each in outcomes] == [False, True, True]
    assert len({each.receipt for each in outcomes}) == 1
    assert store.database.rows("SELECT count(*) FROM events")[0][0] == 1


def test_an_event_that_comes_twice_in_a_batch_is_appended_once(send: Sender, store: Store) -> None:
    formed = hr.formed("U1")

    first, enrolled, again = send(formed, hr.enrolled("M1", "U1"), dict(reversed(formed.items())))

    assert (first.known, enrolled.known, again.known) == (False, False, True)
    assert again.receipt == first.receipt
    assert store.database.rows("SELECT count(*) FROM events")[0][0] == 2


def test_two_events_with_one_id_in_a_batch_are_a_conflict(send: Sender, store: Store) -> None:
    formed = hr.formed("U1")
    before = dump(store)

    with pytest.raises(ConflictingRepeat, match="at index 1") as refused:
        send(hr.formed("U3"), formed, hr.formed("U2", id=formed["id"]))

    told = refused.value
    assert (told.index, told.other, told.pointer) == (2, 1, "/id")
    assert dump(store) == before


def test_one_id_under_two_sources_names_two_events(send: Sender) -> None:
    formed = hr.formed("U1")

    outcomes = send(formed, formed | {"source": OTHER_SOURCE})

    assert [each.receipt.version for each in outcomes] == [1, 2]


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
    move = hr.moved("M1", "U2", time="2026-01-05T08:00:00+07:00")
    right = hr.moved("M1", "U3", time="2026-01-05T08:00:00+07:00")

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


def test_another_senders_fact_cannot_be_corrected(send: Sender, store: Store) -> None:
    move, later = hr.moved("M1", "U1"), hr.moved("M1", "U1")
    send(hr.formed("U1"), hr.enrolled("M1", "U1"), move)
    before = dump(store)

    for batch in ([corrected(move, None)], [corrected(later, None), later]):
        batch[0]["source"] = OTHER_SOURCE
        with pytest.raises(UnknownReference) as refused:
            send(*batch)

        assert (refused.value.code, refused.value.index) == ("unknown_fact", 0)
    assert dump(store) == before


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
        (lambda _: corrected(hr.event("x", {}, id="own"), None) | {"id": "own"}, "/data/corrects"),
    ],
)
def test_a_correction_that_makes_no_sense_is_refused(
    send: Sender, wrong: Callable[[dict[str, Any]], dict[str, Any]], pointer: str
) -> None:
    move = hr.moved("M1", "U1")
    send(hr.formed("U1"), hr.enrolled("M1", "U1"), move)
    send(corrected(move, move) | {"id": "the-correction"})

    with pytest.raises(WrongCorrection) as refused:
        send(wrong(move))

    assert refused.value.pointer == pointer


def test_a_number_corrected_to_somebody_elses_is_refused(send: Sender) -> None:
    enrolled = hr.enrolled("M1", "U1")
    send(hr.formed("U1"), enrolled, hr.enrolled("M2", "U1"))

    with pytest.raises(WrongCorrection):
        send(corrected(enrolled, hr.enrolled("M2", "U1")))

    assert send(hr.moved("M1", "U1"))


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


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"type": "roster.member_promoted"}, UnknownEventType),
        ({"dataschema": "/schemas/roster.unit_formed/2.json"}, FutureSchema),
    ],
)
def test_what_this_version_does_not_know_is_refused(
    send: Sender, store: Store, changed: dict[str, str], error: type[Refusal]
) -> None:
    before = dump(store)

    with pytest.raises(error) as refused:
        send(hr.formed("U1"), hr.formed("U2") | changed)

    assert (refused.value.index, refused.value.pointer) == (1, f"/{next(iter(changed))}")
    assert dump(store) == before


def test_what_has_not_happened_yet_is_refused(send: Sender, clock: FixedClock) -> None:
    latest = clock.now() + FUTURE_MAX

    assert send(hr.formed("U1", time=latest.isoformat()))

    with pytest.raises(FromTheFuture) as refused:
        send(hr.formed("U2", time=(latest + timedelta(seconds=1)).isoformat()))
    assert (refused.value.index, refused.value.pointer) == (0, "/time")


def test_what_a_correction_says_has_happened_too(send: Sender, clock: FixedClock) -> None:
    """Else nobody could undo it before its day."""
    formed = hr.formed("U1")
    came, rated = hr.enrolled("M1", "U1"), {"member_id": "M1", "period": "2026", "level": "good"}
    send(formed, came)
    now, later = clock.now(), clock.now() + FUTURE_MAX + timedelta(seconds=1)

    with every_case() as case:
        for name, pointer, fact in [
            ("enrolled", "/data/fact/time", came | {"time": later.isoformat()}),
            (
                "rated",
                "/data/fact/data/period",
                hr.event("roster.member_state_rated", rated | {"period": f"{now.year + 1}-q3"}),
            ),
        ]:
            with case(name):
                told = {each: fact[each] for each in ("type", "time", "data")}
                sent = hr.event("roster.fact_corrected", {"corrects": came["id"], "fact": told})
                with pytest.raises(FromTheFuture) as refused:
                    send(sent)
                assert refused.value.pointer == pointer
    with pytest.raises(FromTheFuture) as refused:
        send(hr.event("roster.member_state_rated", rated | {"period": f"{now.year + 1}-q3"}))
    assert refused.value.pointer == "/data/period"


def test_a_correction_is_of_no_day_to_come(send: Sender, clock: FixedClock) -> None:
    came = hr.formed("U1")
    (taken,) = send(came)
    ahead = (clock.now() + timedelta(days=1)).isoformat()

    with pytest.raises(FromTheFuture) as refused:
        send(hr.event("roster.fact_corrected", {"corrects": came["id"]}, time=ahead))

    assert (refused.value.index, refused.value.pointer) == (0, "/time")
    assert send(came)[0].receipt == taken.receipt


@pytest.mark.parametrize("time", ["1899-12-31T08:00:00Z", "9999-12-31T23:59:59Z"])
def test_a_correction_is_of_an_age_that_people_live_in(send: Sender, time: str) -> None:
    came = hr.enrolled("M1", "U1")
    send(hr.formed("U1"), came)
    told = {each: came[each] for each in ("type", "data")} | {"time": time}

    with pytest.raises(InvalidEventData) as refused:
        send(hr.event("roster.fact_corrected", {"corrects": came["id"], "fact": told}))

    assert refused.value.pointer == "/data/fact/time"
    assert "from 1900 to 2199" in str(refused.value)


def test_every_problem_of_an_event_is_told_with_its_place(send: Sender) -> None:
    wrong = hr.event("roster.member_enrolled", {"number": "M1", "standing": "king", "more": 1})

    with pytest.raises(InvalidEventData) as refused:
        send(wrong)

    places = {pointer for pointer, _ in refused.value.problems}
    assert places == {"/data/name", "/data/unit_id", "/data/standing", "/data/more"}


def test_words_and_numbers_are_nowhere_in_the_clear_and_open_with_their_key(
    context: Context, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither in the files of the database, nor in its dump, nor in what is logged on the way."""
    losing = LosesOnce(store.database, clock=context.clock, chance=SeededChance(4))
    send = sender(
        Context(clock=context.clock, chance=context.chance, store=losing, keys=context.keys)
    )
    about = {"member_id": "SỐ-4711"}
    discipline = about | {"decision": "12-QĐ/UBKT", "grade": "reprimand"}
    enrolled = hr.enrolled("SỐ-4711", "U1")
    right = hr.event(enrolled["type"], enrolled["data"] | {"name": "Trần Thị Bình"})

    with capture_logs() as lines, caplog.at_level("DEBUG"):
        _, outcome, *_ = send(
            hr.formed("U1"),
            enrolled,
            hr.event("roster.member_disciplined", discipline | {"ground": "Vắng họp ba lần"}),
            hr.event("roster.member_absent", about | {"reason": "maternity"}),
            hr.event("roster.member_left", about | {"reason": "expelled"}),
            hr.event("roster.member_discipline_lifted", about | {"decision": "12-QĐ/UBKT"}),
            corrected(enrolled, right),
        )
        with pytest.raises(ConflictingRepeat):
            send(right | {"id": enrolled["id"]})
    stored, logged = _bytes_of(store, tmp_path), f"{lines} {caplog.text}".encode()
    (recorded, *_) = store.read_stream(Stream(outcome.receipt.stream)).events

    assert _found("Chi bộ U1", stored)  # a unit's name is no secret: the search finds what is there
    assert b"append_lost_race" in logged
    for words in (
        *("SỐ-4711", "Nguyễn Văn", "Trần Thị Bình", "Vắng họp"),
        *("12-QĐ/UBKT", "maternity", "expelled"),
    ):
        assert not _found(words, stored + logged), words
    assert isinstance(recorded.event, MemberEnrolled)
    opened = _unsealed(context, outcome.receipt.stream, recorded.event.name.sealed)
    assert opened == "Nguyễn Văn SỐ-4711"


def test_a_decision_is_known_again_by_its_number_and_is_nobody_elses(
    send: Sender, context: Context, store: Store
) -> None:
    def disciplined(number: str, decision: str, **more: str) -> dict[str, Any]:
        data = {"member_id": number, "decision": decision, "grade": "warning", **more}
        return hr.event("roster.member_disciplined", data)

    _, mine, other, *_ = send(
        hr.formed("U1"),
        *(hr.enrolled(number, "U1") for number in ("M1", "M2")),
        *(disciplined(number, "07-QĐ") for number in ("M1", "M2")),
        disciplined("M1", "08-QĐ"),
    )
    lifted = hr.event("roster.member_discipline_lifted", {"member_id": "M1", "decision": "07-QĐ"})
    send(disciplined("M1", "07-QĐ", ground="Vắng họp"), disciplined("M1", "08-QĐ"), lifted)

    (left,), (others,) = (
        member.view(member.fold(store.read_stream(Stream(each.receipt.stream)).events)).disciplines
        for each in (mine, other)
    )
    told = [readings.unseal(context, [each.decision]) for each in (left, others)]
    assert told == [{left.decision: "08-QĐ"}, {others.decision: "07-QĐ"}]
    assert store.database.rows("SELECT count(*) FROM texts")[0][0] == 4 + 3 + 1  # numbers once


def test_a_decision_is_found_in_a_later_year_until_its_own_was_erased(
    send: Sender, context: Context, store: Store
) -> None:
    about, past = {"member_id": "M1", "decision": "07-QĐ"}, {"time": "2025-06-02T08:00:00+07:00"}
    lift = functools.partial(hr.event, "roster.member_discipline_lifted", about)
    disciplined = hr.event("roster.member_disciplined", about | {"grade": "warning"}, **past)
    *_, first = send(hr.formed("U1"), hr.enrolled("M1", "U1", **past), disciplined)
    owner = Stream(first.receipt.stream)
    of_then, of_now = (DecisionName("07-QĐ", "", year) for year in (2025, 2026))
    named = decision_under(context, owner, of_then)

    send(lift())
    lifted = store.read_stream(owner).events[-1].event
    context.keys.destroy(owner, "2025")
    keys = context.keys.keys((owner, each) for each in ("identity", "2025", "2026"))
    tried = {each.commitment_under(key) for key in keys.values() for each in (of_then, of_now)}

    assert isinstance(lifted, MemberDisciplineLifted)
    assert lifted.decision == named
    assert len(tried) == 4
    assert lifted.decision.sealed not in tried  # whoever holds the other keys learns nothing
    assert decision_under(context, owner, of_then) is None
    send(lift())
    assert decision_under(context, owner, of_now) not in (None, named)


def test_a_repeat_of_what_was_erased_is_known_and_nobody_can_try_out_what_it_was(
    send: Sender, context: Context, store: Store
) -> None:
    absent = hr.event("roster.member_absent", {"member_id": "M1", "reason": "maternity"})
    *_, first = send(hr.formed("U1"), hr.enrolled("M1", "U1"), absent)
    other = absent | {"data": {"member_id": "M1", "reason": "sick"}}
    with pytest.raises(ConflictingRepeat):
        send(other)

    context.keys.destroy(first.receipt.stream)

    assert send(absent) == (first._replace(known=True),)
    assert send(other) == (first._replace(known=True),)  # nobody can tell any more
    (row,) = store.database.rows("SELECT request_digest FROM events WHERE id = ?", (absent["id"],))
    tried = derive(context.index_key(), "request", parse_event(absent, 0).canonical)
    assert bytes(row[0]) != tried


def test_once_a_name_was_erased_nobody_finds_its_number_by_trying_requests_out(
    send: Sender, context: Context, store: Store
) -> None:
    given = hr.event("roster.post_given", {"member_id": "M1", "unit_id": "U1", "post": "secretary"})
    *_, first = send(hr.formed("U1"), hr.enrolled("M1", "U1"), given)
    guessed = given | {"data": given["data"] | {"member_id": "M2"}}

    context.keys.destroy(first.receipt.stream, "identity")

    assert send(given) == send(guessed) == (first._replace(known=True),)
    (row,) = store.database.rows("SELECT request_digest FROM events WHERE id = ?", (given["id"],))
    tried = derive(context.index_key(), "request", parse_event(given, 0).canonical)
    assert bytes(row[0]) != tried


def test_after_the_key_is_destroyed_the_words_are_dark_and_nothing_more_is_sealed(
    send: Sender, context: Context
) -> None:
    enrolled = hr.enrolled("M1", "U1")
    _, outcome = send(hr.formed("U1"), enrolled)
    owner = outcome.receipt.stream

    context.keys.destroy(owner)

    assert context.keys.keys([(owner, "identity")]) == {}
    with pytest.raises(KeyDestroyed):
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


def test_of_those_who_race_to_enrol_one_number_all_enrol_one_member(
    context: Context, store: Store
) -> None:
    sender(context)(hr.formed("U1"))
    outcomes: list[Outcome] = []
    threads = [
        threading.Thread(target=lambda: outcomes.extend(sender(context)(hr.enrolled("M1", "U1"))))
        for _ in range(4)
    ]

    for each in threads:
        each.start()
    for each in threads:
        each.join(30)

    assert len({each.receipt.stream for each in outcomes}) == 1
    assert sorted(each.known for each in outcomes) == [False, True, True, True]
    assert store.database.rows("SELECT count(*) FROM numbers")[0][0] == 2


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


def _bytes_of(store: Store, folder: Path) -> bytes:
    """Return all that the events' database wrote: SQLite's files, or PostgreSQL's dump."""
    if store.database.engine.dialect.name == "sqlite":
        return b"".join(path.read_bytes() for path in folder.glob("log.db*"))
    address = sa.make_url(str(store.database.engine.url)).set(drivername="postgresql")
    command = [str(postgresql_binaries() / "pg_dump"), f"--dbname={address.render_as_string()}"]
    return subprocess.run(command, check=True, capture_output=True).stdout


def _found(words: str, written: bytes) -> bool:
    """Whether words stand there as text, as JSON escapes them, or as hexadecimal digits."""
    plain, escaped = words.encode(), json.dumps(words)[1:-1].encode()
    return any(each in written for each in (plain, escaped, plain.hex().encode()))
