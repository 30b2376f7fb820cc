"""Disciplines by issuer, number and year, and which of them a lifting means."""

from datetime import UTC, datetime

import pytest

from events.domain.organisation import doubts, member, unit
from events.domain.organisation.disciplines import Discipline
from events.identifiers import Stream
from events.store.sequencing import sequence
from events.store.store import Store
from services.commands import readings
from services.context import Context
from services.intake.receive import Outcome
from services.intake.refusals import AmbiguousDecision, UnknownReference
from services.queries.doubts import doubtful_disciplines
from tests.support import hr
from tests.support.fakes import FixedClock
from tests.support.senders import Send, Sent, send_as
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

NUMBER = "05-QĐ/UBKT"
EARLY, LATE, NEXT = (f"{day}T08:00:00+07:00" for day in ("2026-03-01", "2026-06-01", "2027-01-10"))


FULL = {"issuer": "Huyện ủy A", "decided_on": "2026-02-01"}
OLD_YEAR = FULL | {"decided_on": "2025-12-31"}


@pytest.fixture
def send(context: Context, clock: FixedClock) -> Send:
    clock.set(datetime(2027, 6, 1, tzinfo=UTC))
    send = send_as(context)
    send(hr.formed("U1"), hr.enrolled("M1", "U1"))
    return send


def disciplined(time: str, grade: str = "warning", **more: str) -> Sent:
    data = {"member_id": "M1", "decision": NUMBER, "grade": grade} | more
    return hr.event("roster.member_disciplined", data, time=time)


def lifted(time: str = NEXT, **more: str) -> Sent:
    data = {"member_id": "M1", "decision": NUMBER} | more
    return hr.event("roster.member_discipline_lifted", data, time=time)


def corrected(wrong: Sent, right: Sent | None = None) -> Sent:
    fact = {} if right is None else {"fact": {k: right[k] for k in ("type", "time", "data")}}
    return hr.event("roster.fact_corrected", {"corrects": wrong["id"]} | fact, time=NEXT)


def standing(store: Store, outcome: Outcome) -> list[tuple[str, str]]:
    """Return period and grade of the disciplines that stand."""
    found = disciplines(store, outcome)
    return sorted((each.period, each.grade) for each in found)


def disciplines(store: Store, outcome: Outcome) -> tuple[Discipline, ...]:
    stream = Stream(outcome.receipt.stream)
    history = store.read_stream(stream).events
    if stream.startswith("unit-"):
        return unit.view(unit.fold(history)).disciplines
    return member.view(member.fold(history)).disciplines


def test_one_number_in_two_years_is_two_disciplines_each_in_its_year(
    send: Send, store: Store
) -> None:
    (first,) = send(disciplined(EARLY))
    send(disciplined(NEXT, "reprimand"))

    assert standing(store, first) == [("2026", "warning"), ("2027", "reprimand")]


def test_one_number_of_two_bodies_is_two_disciplines(send: Send, store: Store) -> None:
    first, _ = send(
        disciplined(EARLY, issuer="UBKT Huyện ủy A"),
        disciplined(EARLY, "reprimand", issuer="Đảng ủy xã B"),
    )

    assert standing(store, first) == [("2026", "reprimand"), ("2026", "warning")]


def test_told_again_a_decision_is_the_same_discipline(
    send: Send, context: Context, store: Store
) -> None:
    (first,) = send(disciplined(EARLY))
    before = disciplines(store, first)

    send(disciplined(LATE))  # with the day of the export
    send(disciplined(EARLY, decided_on="2026-02-27"))
    send(disciplined(LATE) | {"data": disciplined(LATE)["data"] | {"decision": "05–QÐ/UBKT"}})

    assert disciplines(store, first) == before
    assert readings.unseal(context, [before[0].decision]) == {before[0].decision: NUMBER}


def test_with_its_day_a_decision_told_in_a_later_year_counts_in_its_own(
    send: Send, store: Store
) -> None:
    (first,) = send(disciplined(EARLY, decided_on="2026-02-27", issuer="Đảng ủy xã B"))

    send(disciplined(NEXT, decided_on="2026-02-27", issuer="Ðảng ủy  xã B"))

    assert standing(store, first) == [("2026", "warning")]


def test_a_lifting_finds_the_only_decision_that_it_can_mean(send: Send, store: Store) -> None:
    (first,) = send(disciplined(EARLY, issuer="Đảng ủy xã B", decided_on="2026-02-27"))

    send(lifted())

    assert standing(store, first) == []


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ({"decided_on": "2026-02-01"}, "2027"),
        ({"decided_on": "2027-01-09"}, "2026"),
    ],
)
def test_a_lifting_names_which_of_two_years(
    send: Send, store: Store, said: dict[str, str], left: str
) -> None:
    first, _ = send(disciplined(EARLY), disciplined(NEXT, "reprimand"))
    with pytest.raises(AmbiguousDecision, match="`decided_on`") as refused:
        send(lifted())

    send(lifted(**said))

    assert (refused.value.index, refused.value.pointer) == (0, "/data/decision")
    assert [period for period, _ in standing(store, first)] == [left]


def test_a_lifting_names_which_of_two_bodies(send: Send, store: Store) -> None:
    first, _ = send(disciplined(EARLY, issuer="A"), disciplined(EARLY, "reprimand", issuer="B"))
    with pytest.raises(AmbiguousDecision, match="`issuer`"):
        send(lifted())

    send(lifted(issuer="b"))

    assert standing(store, first) == [("2026", "warning")]


def test_a_decision_of_a_later_day_is_not_one_that_was_told_before_it(
    send: Send, store: Store
) -> None:
    (first,) = send(disciplined(EARLY))

    with pytest.raises(UnknownReference):
        send(lifted(decided_on="2027-01-09"))

    assert standing(store, first) == [("2026", "warning")]


def test_a_lifting_of_what_was_never_told_is_refused_and_taken_once_it_was(
    send: Send, store: Store
) -> None:
    lifting = lifted()

    with pytest.raises(UnknownReference) as refused:
        send(lifting)
    lifting_again, first = send(lifting, disciplined(EARLY))

    assert (refused.value.code, refused.value.pointer) == ("unknown_decision", "/data/decision")
    assert refused.value.retryable
    assert lifting_again.receipt.stream == first.receipt.stream
    assert standing(store, first) == []


def test_what_was_lifted_stays_so_though_it_be_told_again(send: Send, store: Store) -> None:
    (first,) = send(disciplined(EARLY))
    lifting = lifted(LATE)
    send(lifting)

    send(disciplined("2026-09-01T08:00:00+07:00"))
    again = standing(store, first)
    send(corrected(lifting))

    assert again == []
    assert standing(store, first) == [("2026", "warning")]


def test_a_correction_of_a_discipline_is_known_to_the_lifting_beside_it(
    send: Send, store: Store
) -> None:
    wrong = disciplined(EARLY)
    (first,) = send(wrong)
    right = disciplined(EARLY) | {"data": wrong["data"] | {"decision": "06-QĐ/UBKT"}}

    with pytest.raises(UnknownReference):
        send(corrected(wrong, right), lifted())
    lifting = lifted() | {"data": {"member_id": "M1", "decision": "06-QĐ/UBKT"}}
    send(lifting, corrected(wrong, right))

    assert standing(store, first) == []


@pytest.mark.parametrize("kind", ["member", "unit"])
@pytest.mark.parametrize(
    "right", [{"decision": "06-QĐ/UBKT"}, {"issuer": "Huyện ủy B"}, {"decided_on": "2025-12-20"}]
)
def test_what_was_lifted_stays_so_though_its_number_issuer_or_year_be_put_right(
    send: Send, store: Store, kind: str, right: dict[str, str]
) -> None:
    about = {f"{kind}_id": {"member": "M1", "unit": "U1"}[kind], "decision": NUMBER}
    wrong = hr.event(f"roster.{kind}_disciplined", about | {"grade": "warning"}, time=EARLY)
    lifting = hr.event(f"roster.{kind}_discipline_lifted", about, time=LATE)
    put_right = corrected(wrong, wrong | {"data": wrong["data"] | right})
    (first, *_) = send(wrong), send(lifting), send(put_right)

    lifted_then = standing(store, first[0])
    send(corrected(lifting))

    assert lifted_then == []
    assert [grade for _, grade in standing(store, first[0])] == ["warning"]


def test_a_lifting_of_a_number_put_right_lifts_no_other_that_has_the_number(
    send: Send, store: Store
) -> None:
    wrong = disciplined(EARLY)
    (first,) = send(wrong)
    send(corrected(wrong, wrong | {"data": wrong["data"] | {"decision": "06-QĐ/UBKT"}}))
    send(disciplined(LATE, "reprimand"))

    send(lifted())

    assert standing(store, first) == [("2026", "warning")]


@pytest.mark.parametrize("kind", ["member", "unit"])
def test_a_discipline_put_right_for_its_year_is_not_doubled_when_it_is_told_again_without_its_day(
    send: Send, store: Store, kind: str
) -> None:
    about = {f"{kind}_id": {"member": "M1", "unit": "U1"}[kind], "decision": NUMBER}
    data = about | {"grade": "warning"}
    wrong = hr.event(f"roster.{kind}_disciplined", data, time=NEXT)
    (first,) = send(wrong)
    send(corrected(wrong, wrong | {"data": data | {"decided_on": "2026-12-20"}}))

    send(hr.event(f"roster.{kind}_disciplined", data, time="2027-01-16T00:00:00+07:00"))

    assert standing(store, first) == [("2026", "warning")]


def test_a_discipline_taken_away_and_told_anew_stands(send: Send, store: Store) -> None:
    wrong = disciplined(EARLY)
    (first,) = send(wrong)
    send(corrected(wrong))

    send(disciplined(LATE))

    assert standing(store, first) == [("2026", "warning")]


def test_a_lifting_that_was_wrong_is_corrected_to_the_other(send: Send, store: Store) -> None:
    first, _ = send(disciplined(EARLY), disciplined(NEXT, "reprimand"))
    lifting = lifted(decided_on="2026-02-01")
    send(lifting)

    send(corrected(lifting, lifted(decided_on="2027-01-09")))

    assert standing(store, first) == [("2026", "warning")]


ONE_DECISION: list[tuple[dict[str, str], dict[str, str]]] = [
    # Of no day it may be that of any day until it was told, whoever issued it.
    ({"issuer": "A"}, {}),
    ({"issuer": "A"}, {"issuer": "B"}),  # one may have been renamed
    (FULL, {"issuer": "UBKT Huyện ủy A"}),
    (OLD_YEAR, {}),  # told again in the next year, by a list that knows no issuer
    (OLD_YEAR, {"grade": "reprimand"}),
    # Numbers are written by who knows no accents, and short.
    ({}, {"decision": "05-QD/UBKT"}),
    (FULL, FULL | {"decision": "05-QD/UBKT"}),
    (FULL, FULL | {"decision": "05"}),
    (FULL, FULL | {"decision": "05/2026/QĐ-UBKT", "decided_on": "2026-02-02"}),
    (FULL, {"decision": "05"}),
    (FULL, {"decision": "QĐ 05"}),
    (FULL, FULL | {"decision": "05", "grade": "reprimand"}),
    (FULL, FULL | {"decision": "05", "issuer": "UBKT Huyện ủy A"}),
    (FULL, FULL | {"decision": "05", "decided_on": "2026-09-02"}),  # an issuer numbers each once
    ({"decided_on": FULL["decided_on"]}, FULL | {"decision": "05"}),
    # So are issuers, of days that lie close, be it in two years.
    (FULL, FULL | {"issuer": "Huyen uy A"}),
    (FULL, FULL | {"issuer": "Ủy ban Kiểm tra Huyện ủy A"}),
    (FULL, FULL | {"issuer": "UBKT Huyện ủy A", "decided_on": "2026-02-20"}),
    (OLD_YEAR, FULL | {"issuer": "UBKT Huyện ủy A", "decided_on": "2026-01-03"}),
    (OLD_YEAR, {"decided_on": "2026-01-03"}),
    (OLD_YEAR, OLD_YEAR | {"decided_on": "2026-01-01"}),  # a list of other hours
    (OLD_YEAR, OLD_YEAR | {"decided_on": "2026-01-20", "grade": "reprimand"}),
    # Days are slips: in January many write the old year, and tables take the month for the day.
    (FULL, FULL | {"decided_on": "2025-02-01"}),
    (FULL, {"decided_on": "2025-02-01"}),
    (FULL, FULL | {"decided_on": "2025-02-01", "issuer": "UBKT Huyện ủy A"}),
    (FULL | {"decided_on": "2026-02-07"}, {"issuer": "UBKT", "decided_on": "2026-07-02"}),
    # Or a number is wrong altogether, but nothing else.
    (FULL, FULL | {"decision": "50-QĐ/UBKT"}),
    (FULL, {"decision": "50-QĐ/UBKT", "decided_on": FULL["decided_on"]}),
]
TWO_DECISIONS: list[tuple[dict[str, str], dict[str, str]]] = [
    ({}, {"decision": "06-QĐ"}),
    (FULL, FULL | {"decision": "05-QĐ/ĐU", "decided_on": "2026-03-05"}),  # of another body
    (FULL, FULL | {"decision": "05-QD/UBKT", "decided_on": "2025-12-01"}),
    (FULL, FULL | {"decision": "50-QĐ/UBKT", "issuer": "Huyện ủy B"}),
    (FULL, FULL | {"decision": "50-QĐ/UBKT", "grade": "reprimand"}),
    # Days that were told and lie apart are of two, be it that no list knows issuers.
    (FULL, FULL | {"issuer": "Huyện ủy B", "decided_on": "2026-03-05"}),
    (OLD_YEAR, OLD_YEAR | {"decided_on": "2026-03-01"}),
    ({"decided_on": "2024-05-03"}, {"decided_on": "2026-02-01"}),
    ({"decided_on": "2024-05-03"}, FULL),
    # So is what was taken after the other was told.
    ({"issuer": "A"}, {"issuer": "B", "decided_on": "2026-05-02"}),
]


@pytest.mark.parametrize(
    ("one", "other", "doubtful"),
    [*((*each, True) for each in ONE_DECISION), *((*each, False) for each in TWO_DECISIONS)],
)
def test_what_may_be_one_decision_told_twice_is_shown(
    send: Send,
    context: Context,
    store: Store,
    one: dict[str, str],
    other: dict[str, str],
    doubtful: bool,  # noqa: FBT001 - a row of the table
) -> None:
    (first, _) = send(disciplined(EARLY, **one), disciplined(LATE, **other))
    while sequence(store.database, context.clock):
        pass
    for projection in PROJECTIONS.values():
        while Subscriber(store, projection, clock=context.clock).advance().count:
            pass

    found = doubtful_disciplines(context)

    assert found == ([first.receipt.stream] if doubtful else [])


def test_disciplines_of_units_are_told_apart_alike(send: Send, store: Store) -> None:
    about = {"unit_id": "U1", "decision": NUMBER}
    told = [
        hr.event("roster.unit_disciplined", about | {"grade": grade}, time=time)
        for time, grade in ((EARLY, "warning"), (NEXT, "reprimand"))
    ]
    first, _ = send(*told)

    send(hr.event("roster.unit_discipline_lifted", about | {"decided_on": "2026-02-01"}, time=NEXT))

    assert standing(store, first) == [("2027", "reprimand")]


def test_in_any_order_the_same_decisions_come_to_the_same(send: Send, store: Store) -> None:
    told = [
        disciplined(EARLY, issuer="A"),
        disciplined(EARLY, "reprimand"),
        disciplined(NEXT, "reprimand", decided_on="2026-12-30"),
        disciplined(NEXT, "reprimand", issuer="A"),
        lifted(issuer="A", decided_on="2026-01-05"),
    ]
    people = ["M1", "M2", "M3"]
    send(*(hr.enrolled(each, "U1") for each in people[1:]))
    orders = [told, [*reversed(told[:-1]), told[-1]], [told[-1], *told[2:-1], *told[:2]]]

    found = []
    for number, order in zip(people, orders, strict=True):
        about = [
            hr.event(each["type"], each["data"] | {"member_id": number}, time=each["time"])
            for each in order
        ]
        found.append(standing(store, send(*about)[0]))

    assert found[0] == found[1] == found[2]
    assert found[0] == [("2026", "reprimand"), ("2027", "reprimand")]


NIGHTS = ("2026-12-31T00:00:00+07:00", "2027-01-01T00:00:00+07:00", "2027-02-01T00:00:00+07:00")


@pytest.mark.parametrize("lifting", [[], [lifted("2026-05-01T00:00:00+07:00")]])
def test_told_every_night_into_the_next_year_a_discipline_is_no_second_one(
    send: Send, context: Context, store: Store, lifting: list[Sent]
) -> None:
    (first, *_) = send(disciplined(EARLY), *lifting)
    before = standing(store, first)

    for night in NIGHTS:
        send(disciplined(night))

    assert standing(store, first) == before == ([] if lifting else [("2026", "warning")])
    state = member.fold(store.read_stream(Stream(first.receipt.stream)).events)
    assert doubts.of_member(state)
    assert doubtful_disciplines(context) == []


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_decision_whose_day_is_told_late_is_the_one_told_without(
    send: Send, store: Store, order: tuple[int, int]
) -> None:
    told = (disciplined(NEXT), disciplined(NEXT, decided_on="2026-02-27"))

    first, _ = send(*(told[each] for each in order))

    assert standing(store, first) == [("2026", "warning")]


@pytest.mark.parametrize(
    "other",
    [
        {"issuer": "Uỷ ban Kiểm tra Đảng uỷ A"},
        {"issuer": "ỦY BAN KIỂM TRA ĐẢNG ỦY A."},
        {"decision": "05-qđ/ubkt"},
        {"decision": "05 - QĐ / UBKT"},
        {"decision": "5-QĐ/UBKT"},
        {"decision": "Số 05-QĐ/UBKT"},
    ],
)
def test_however_it_is_written_a_decision_is_one(
    send: Send, store: Store, other: dict[str, str]
) -> None:
    usual = {"issuer": "Ủy ban Kiểm tra Đảng ủy A", "decided_on": "2026-02-27"}
    first, _ = send(disciplined(EARLY, **usual), disciplined(EARLY, **(usual | other)))

    assert len(disciplines(store, first)) == 1
    send(lifted(**other))
    assert disciplines(store, first) == ()


def test_a_lifting_means_no_decision_that_was_taken_after_it(send: Send, store: Store) -> None:
    early = lifted("2026-05-01T00:00:00+07:00")
    (later,) = send(disciplined(NEXT, "dismissal"))

    with pytest.raises(UnknownReference):
        send(early)
    send(disciplined(EARLY))
    send(early)

    assert standing(store, later) == [("2027", "dismissal")]
