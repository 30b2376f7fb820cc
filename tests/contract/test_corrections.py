"""Two corrections of one fact: that made last holds, whichever arrives last, on both databases."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any

import pytest

from events.definitions.event import FactVersion, Subject
from events.definitions.roster import FactCorrected
from events.domain.organisation import doubts, member
from events.domain.organisation.doubt import Why
from events.domain.organisation.timelines import State
from events.identifiers import Stream
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from events.store.store import Store
from services.cli.kept_check import KeptCheck
from services.context import Context
from services.intake.numbers import ids_under
from services.intake.refusals import WrongCorrection
from tests.support import hr
from tests.support.fakes import FixedClock
from tests.support.senders import Send, Sent, send_as

BEGAN = datetime.fromisoformat("2026-01-05T08:00:00+07:00")
UNITS = ("U1", "U2", "U3")


@pytest.fixture
def send(context: Context, clock: FixedClock) -> Send:
    """Send as HR, which told of three units."""
    clock.set(BEGAN + timedelta(days=300))
    send = send_as(context)
    send(*map(hr.formed, UNITS))
    return send


def made(day: int, wrong: Sent, right: Sent | None = None) -> Sent:
    """Return a correction that was made on a day."""
    data: Sent = {"corrects": wrong["id"]}
    if right:
        data["fact"] = {name: right[name] for name in ("type", "time", "data")}
    time = (BEGAN + timedelta(days=day)).isoformat()
    return hr.event("roster.fact_corrected", data, time=time)


def telling(wrong: Sent, **changed: Any) -> Sent:
    return wrong | {"data": wrong["data"] | changed}


def state_of(store: Store, stream: str) -> State:
    return member.fold(store.read_stream(Stream(stream)).events)


def named(context: Context, kind: str, number: str) -> str | None:
    return ids_under(context, "hr", [(kind, number)]).get((kind, number))


def unit_of(context: Context, stream: str) -> str | None:
    """Return the number of the unit in which somebody is."""
    unit_id = member.view(state_of(context.store, stream)).unit_id
    return next((each for each in UNITS if named(context, "unit", each) == unit_id), None)


Cut = Callable[[Send, Sequence[Sent]], object]
in_one_batch: Cut = lambda send, events: send(*events)  # noqa: E731
one_by_one: Cut = lambda send, events: [send(each) for each in events]  # noqa: E731
both_cuts = pytest.mark.parametrize("cut", [in_one_batch, one_by_one], ids=["one", "several"])


@both_cuts
def test_in_any_order_that_holds_which_was_made_last(
    send: Send, context: Context, cut: Cut
) -> None:
    for number, order in enumerate(permutations(range(3))):
        move = hr.moved(f"M{number}", "U1")
        enrolled, _ = send(hr.enrolled(f"M{number}", "U1"), move)
        corrections = [
            made(1, move, telling(move, unit_id="U1")),
            made(2, move),
            made(3, move, telling(move, unit_id="U3")),
        ]

        cut(send, [corrections[each] for each in order])

        assert unit_of(context, enrolled.receipt.stream) == "U3"


@both_cuts
def test_what_was_taken_away_last_stays_so(send: Send, context: Context, cut: Cut) -> None:
    move = hr.moved("M1", "U2")
    enrolled, _ = send(hr.enrolled("M1", "U1"), move)

    cut(send, [made(2, move), made(1, move, telling(move, unit_id="U3"))])

    assert unit_of(context, enrolled.receipt.stream) == "U1"


@both_cuts
def test_a_number_is_that_which_the_correction_made_last_tells(
    send: Send, context: Context, cut: Cut
) -> None:
    first = hr.enrolled("M1", "U1")
    (outcome,) = send(first)

    cut(
        send,
        [made(2, first, telling(first, number="M3")), made(1, first, telling(first, number="M2"))],
    )

    found = {each: named(context, "member", each) for each in ("M1", "M2", "M3")}
    assert found == {"M1": None, "M2": None, "M3": outcome.receipt.stream.removeprefix("member-")}
    assert kept_findings(context) == []


@both_cuts
def test_who_was_taken_away_and_is_told_later_after_all_is_the_same_member(
    send: Send, context: Context, cut: Cut
) -> None:
    first = hr.enrolled("M1", "U1")
    (outcome,) = send(first)

    cut(send, [made(1, first), made(2, first, telling(first, number="M2"))])

    assert named(context, "member", "M2") == outcome.receipt.stream.removeprefix("member-")
    assert named(context, "member", "M1") is None
    assert kept_findings(context) == []


def kept_findings(context: Context) -> list[Any]:
    sequence(context.store.database, context.clock)
    check = KeptCheck(context)
    for each in context.store.read_log(0):
        check.see(each.position, each)  # type: ignore[arg-type]
    return list(check.findings())


def test_a_correction_told_again_counts_from_its_own_time(send: Send, context: Context) -> None:
    move = hr.moved("M1", "U2")
    enrolled, _ = send(hr.enrolled("M1", "U1"), move)
    right = telling(move, unit_id="U3")
    send(made(1, move, right))
    nights = [made(night, move, right) for night in (3, 5)]
    assert all(send(each)[0].known for each in nights)

    late, later = made(4, move, telling(move, unit_id="U1")), made(6, move)
    send(late)
    after_late = unit_of(context, enrolled.receipt.stream)
    send(later)

    assert after_late == "U3"
    in_log = [e.entry.id for e in context.store.read_stream(Stream(enrolled.receipt.stream)).events]
    assert in_log[3:] == [nights[1]["id"], late["id"], later["id"]]
    assert unit_of(context, enrolled.receipt.stream) == "U1"


def test_a_correction_that_says_what_was_said_counts_from_its_own_time(
    send: Send, context: Context
) -> None:
    move = hr.moved("M1", "U2")
    enrolled, _ = send(hr.enrolled("M1", "U1"), move)
    (known,) = send(made(5, move, move))

    send(made(4, move, telling(move, unit_id="U3")))

    assert known.known
    assert unit_of(context, enrolled.receipt.stream) == "U2"


def test_a_number_that_a_later_retelling_keeps_is_not_taken_away_by_an_earlier_correction(
    send: Send, context: Context
) -> None:
    first = hr.enrolled("M1", "U1")
    (outcome,) = send(first)
    send(made(5, first, first))

    send(made(4, first, telling(first, number="M2")))

    assert named(context, "member", "M1") == outcome.receipt.stream.removeprefix("member-")
    assert named(context, "member", "M2") is None
    assert kept_findings(context) == []


def test_of_one_moment_the_later_id_holds_and_somebody_is_asked_to_look(
    send: Send, context: Context
) -> None:
    for turn in (1, -1):
        move = hr.moved(f"M{turn}", "U2")
        enrolled, _ = send(hr.enrolled(f"M{turn}", "U1"), move)
        alike = [
            made(1, move, telling(move, unit_id="U1")) | {"id": f"{turn}-9"},
            made(1, move, telling(move, unit_id="U3")) | {"id": f"{turn}-10"},
        ][::turn]

        for each in alike:
            send(each)

        state = state_of(context.store, enrolled.receipt.stream)
        assert unit_of(context, enrolled.receipt.stream) == "U3"
        assert [each.why for each in doubts.of_member(state)] == [Why.CONTRADICTED]


def test_a_withdrawal_told_again_is_known_and_a_repeat_of_what_was_told_stays_away(
    send: Send, context: Context
) -> None:
    move = hr.moved("M1", "U2")
    enrolled, _ = send(hr.enrolled("M1", "U1"), move)
    (first,) = send(made(1, move))

    outcomes = [send(made(night, move))[0] for night in (2, 3)]

    assert all(each.known for each in outcomes)
    assert {each.receipt.version for each in outcomes} == {first.receipt.version}
    assert unit_of(context, enrolled.receipt.stream) == "U1"


def test_a_lifting_finds_the_decision_that_stands_beside_a_correction_that_does_not_hold(
    send: Send, context: Context
) -> None:
    about = {"member_id": "M1", "decision": "05"}
    wrong = hr.event("roster.member_disciplined", about | {"grade": "warning"})
    enrolled, _ = send(hr.enrolled("M1", "U1"), wrong)
    send(made(5, wrong, telling(wrong, grade="reprimand")))

    send(
        made(4, wrong, telling(wrong, decision="06")),
        hr.event("roster.member_discipline_lifted", about),
    )

    assert member.view(state_of(context.store, enrolled.receipt.stream)).disciplines == ()


def test_what_an_erasure_took_away_no_correction_brings_back(send: Send, store: Store) -> None:
    move = hr.moved("M1", "U2")
    enrolled, moved = send(hr.enrolled("M1", "U1"), move)
    stream = Stream(enrolled.receipt.stream)
    taken_back = NewEvent(
        event=FactCorrected(subject=Subject(stream), corrects=FactVersion(moved.receipt.version)),
        id="taken back",
        source="/workers/housekeeping",
        time=BEGAN + timedelta(days=1),
        principal="operator",
    )
    store.append({stream: Appended(store.read_stream(stream).version, (taken_back,))})

    for again in (made(2, move, move), made(2, move)):
        with pytest.raises(WrongCorrection, match="erased") as refused:
            send(again)
        assert refused.value.pointer == "/data/corrects"


OF_SOMEBODY: dict[str, Sent] = {
    "member_moved": {"unit_id": "U2"},
    "member_standing_changed": {"standing": "probationary"},
    "post_given": {"unit_id": "U1", "post": "secretary"},
    "member_absent": {"reason": "sick"},
    "member_exempted": {},
    "member_disciplined": {"decision": "05", "grade": "warning"},
    "member_left": {"reason": "resigned"},
    "member_state_rated": {"period": "2025", "level": "good"},
    "unit_renamed": {"name": "Chi bộ khác"},
    "unit_disciplined": {"decision": "06", "grade": "warning"},
}


@both_cuts
@pytest.mark.parametrize("kind", OF_SOMEBODY)
def test_no_correction_makes_a_fact_one_of_somebody_else(send: Send, cut: Cut, kind: str) -> None:
    about, one, other = (
        ("unit_id", "U1", "U3") if kind.startswith("unit") else ("member_id", "M1", "M2")
    )
    wrong = hr.event(f"roster.{kind}", OF_SOMEBODY[kind] | {about: one})
    send(hr.enrolled("M1", "U1"), hr.enrolled("M2", "U1"))

    with pytest.raises(WrongCorrection, match="tells of another") as refused:
        cut(send, [wrong, made(2, wrong, telling(wrong, **{about: other}))])

    assert refused.value.pointer == f"/data/fact/data/{about}"
