"""Numbers that change hands in a dump: whoever has the name is meant, on both databases."""

from collections.abc import Callable
from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from events.domain.organisation import member, unit
from events.identifiers import Stream
from events.store.sequencing import sequence
from services.access import words
from services.cli.kept_check import KeptCheck
from services.context import Context
from services.intake.numbers import ids_under
from services.intake.refusals import FromTheFuture, MixedNumbers, NumberReused, WrongCorrection
from tests.support import hr
from tests.support.fakes import FixedClock
from tests.support.senders import Send, Sent, send_as

FIRST, SECOND, THIRD = (f"2025-0{month}-03T08:00:00+07:00" for month in (1, 2, 3))
NAMES = ("Phạm Thị Dung", "Vũ Văn Em", "Lê Thị Mai")


@pytest.fixture
def send(context: Context) -> Send:
    """Send as HR, which told of a unit already."""
    send = send_as(context)
    send(hr.formed("U1"))
    return send


def enrolled(number: str, name: str, time: str = FIRST) -> Sent:
    return hr.event(
        "roster.member_enrolled", {"number": number, "name": name, "unit_id": "U1"}, time=time
    )


def formed(number: str, name: str, time: str = FIRST) -> Sent:
    data = {"number": number, "name": name, "kind": "cell"}
    return hr.event("roster.unit_formed", data, time=time)


def named(context: Context, number: str, kind: str = "member") -> str | None:
    known = ids_under(context, "hr", [(kind, number)]).get((kind, number))
    return known and f"{kind}-{known}"


def name_of(context: Context, stream: str) -> str:
    """Return by which name the facts of a stream tell of somebody."""
    history = context.store.read_stream(Stream(stream)).events
    if stream.startswith("unit-"):
        return str(unit.fold(history).value("name"))
    sealed = member.fold(history).value("name") or ""
    return words.open_all(context, [sealed]).words[sealed].text


def kept_findings(context: Context) -> list[Any]:
    sequence(context.store.database, context.clock)
    check = KeptCheck(context)
    for each in context.store.read_log(0):
        check.see(each.position, each)  # type: ignore[arg-type]
    return list(check.findings())


both_kinds = pytest.mark.parametrize(
    ("tell", "kind"), [(enrolled, "member"), (formed, "unit")], ids=["member", "unit"]
)


@both_kinds
@pytest.mark.parametrize("time", [FIRST, SECOND], ids=["of the same time", "later"])
def test_two_whose_numbers_are_swapped_in_a_dump_keep_all_that_was_told_of_them(
    context: Context, send: Send, tell: Callable[..., Sent], kind: str, time: str
) -> None:
    dung, em = (each.receipt.stream for each in send(tell("1", NAMES[0]), tell("2", NAMES[1])))

    outcomes = send(tell("1", NAMES[1], time), tell("2", NAMES[0], time))

    assert [each.receipt.stream for each in outcomes] == [em, dung]
    assert [named(context, each, kind) for each in ("1", "2")] == [em, dung]
    assert [name_of(context, each) for each in (dung, em)] == [*NAMES[:2]]
    assert kept_findings(context) == []


def test_what_stands_beside_a_swap_goes_by_the_numbers_as_they_are_then(
    send: Send,
) -> None:
    dung, em = (e.receipt.stream for e in send(enrolled("1", NAMES[0]), enrolled("2", NAMES[1])))
    post = {"member_id": "1", "unit_id": "U1", "post": "secretary"}

    given, *_ = send(
        hr.event("roster.post_given", post, time=SECOND),
        enrolled("1", NAMES[1], SECOND),
        enrolled("2", NAMES[0], SECOND),
    )

    assert given.receipt.stream == em != dung


@pytest.mark.parametrize("order", [*permutations(range(3))])
def test_numbers_go_round_in_a_ring_of_three_in_whatever_order(
    context: Context, send: Send, order: tuple[int, ...]
) -> None:
    people = [each.receipt.stream for each in send(*map(enrolled, "123", NAMES))]
    ring = [enrolled(f"{(n + 1) % 3 + 1}", NAMES[n].upper(), SECOND) for n in range(3)]

    send(*(ring[each] for each in order))

    assert [named(context, f"{(n + 1) % 3 + 1}") for n in range(3)] == people


def test_told_again_the_swap_is_known_and_swaps_nothing_back(context: Context, send: Send) -> None:
    dung, em = (e.receipt.stream for e in send(enrolled("1", NAMES[0]), enrolled("2", NAMES[1])))
    send(enrolled("1", NAMES[1], SECOND), enrolled("2", NAMES[0], SECOND))

    again = send(enrolled("1", NAMES[1], THIRD), enrolled("2", NAMES[0], THIRD))

    assert all(each.known for each in again)
    assert [named(context, each) for each in ("1", "2")] == [em, dung]


def test_a_swap_of_before_is_told_of_each_and_leaves_them_their_later_numbers(
    context: Context, send: Send
) -> None:
    told = send(enrolled("1", NAMES[0], SECOND), enrolled("2", NAMES[1], SECOND))
    dung, em = (each.receipt.stream for each in told)

    outcomes = send(enrolled("1", NAMES[1], FIRST), enrolled("2", NAMES[0], FIRST))

    assert [each.receipt.stream for each in outcomes] == [em, dung]
    assert [named(context, each) for each in ("1", "2")] == [dung, em]
    assert kept_findings(context) == []


def test_a_swap_half_of_which_is_of_before_is_refused(context: Context, send: Send) -> None:
    dung, em = (
        e.receipt.stream for e in send(enrolled("1", NAMES[0]), enrolled("2", NAMES[1], SECOND))
    )

    with pytest.raises(NumberReused, match="of one time") as refused:
        send(enrolled("2", NAMES[0], THIRD), enrolled("1", NAMES[1], FIRST))

    assert (refused.value.index, refused.value.pointer) == (1, "/data/number")
    assert [named(context, each) for each in ("1", "2")] == [dung, em]


def test_of_less_than_a_ring_each_is_who_had_the_number(context: Context, send: Send) -> None:
    people = [e.receipt.stream for e in send(*map(enrolled, "123", (*NAMES[:2], NAMES[1])))]
    for names in (
        (NAMES[2], NAMES[1], NAMES[1]),  # one is renamed
        (NAMES[1], NAMES[2], NAMES[2]),  # of two nobody can tell who is who
    ):
        send(*(enrolled(*each, SECOND) for each in zip("123", names, strict=True)))

    assert [named(context, each) for each in ("1", "2", "3")] == people


@both_kinds
def test_two_nights_between_which_numbers_were_swapped_are_told_one_by_one(
    context: Context, send: Send, tell: Callable[..., Sent], kind: str
) -> None:
    before = [tell("1", NAMES[0]), tell("2", NAMES[1])]
    swapped = [tell("1", NAMES[1], SECOND), tell("2", NAMES[0], SECOND)]
    back = [tell("1", NAMES[0], THIRD), tell("2", NAMES[1], THIRD)]

    again = tell("1", NAMES[0])

    with pytest.raises(MixedNumbers, match="one night"):
        send(*before, *swapped)
    dung, em = (each.receipt.stream for each in send(*before))
    for batch in ([again, *swapped], [*back, again, *swapped], [*swapped, *back]):
        with pytest.raises(MixedNumbers, match="one night") as refused:
            send(*batch)
        assert batch[refused.value.index or 0] in (swapped[0], back[0])
    send(*swapped)

    assert [named(context, each, kind) for each in ("1", "2")] == [em, dung]
    send(*back)
    assert [named(context, each, kind) for each in ("1", "2")] == [dung, em]


def test_a_namesake_told_in_another_night_hides_no_swap(context: Context, send: Send) -> None:
    dung, em, mai = (e.receipt.stream for e in send(*map(enrolled, "123", NAMES)))
    swapped = [enrolled("1", NAMES[1], SECOND), enrolled("2", NAMES[0], SECOND)]
    namesake = enrolled("3", NAMES[0], THIRD)

    with pytest.raises(MixedNumbers) as refused:
        send(*swapped, namesake)
    send(*swapped)
    send(namesake)

    assert refused.value.index == 2
    assert [named(context, each) for each in ("1", "2", "3")] == [em, dung, mai]


def test_who_is_renamed_between_two_nights_stands_in_nobodys_way(
    context: Context, send: Send
) -> None:
    nights = (NAMES[0], "Phạm Thị Dung Anh", NAMES[1])
    times = (FIRST, SECOND, THIRD)

    outcomes = send(*(enrolled("1", *each) for each in zip(nights, times, strict=True)))

    assert {each.receipt.stream for each in outcomes} == {named(context, "1")}


@pytest.mark.parametrize("late", [False, True], ids=["of before", "told after"])
def test_what_is_of_before_a_swap_is_not_told_beside_it(
    context: Context, send: Send, *, late: bool
) -> None:
    first, second = (SECOND, THIRD) if late else (FIRST, SECOND)
    dung, em = (
        e.receipt.stream
        for e in send(enrolled("1", NAMES[0], first), enrolled("2", NAMES[1], first))
    )
    post = {"member_id": "1", "unit_id": "U1", "post": "secretary"}
    given = hr.event("roster.post_given", post, time=FIRST)
    when = FIRST if late else second
    ring = [enrolled("1", NAMES[1], when), enrolled("2", NAMES[0], when)]

    with pytest.raises(MixedNumbers, match="of its own") as refused:
        send(*ring, given)
    (outcome,) = send(given)

    assert (refused.value.index, refused.value.pointer) == (2, "/data/member_id")
    assert outcome.receipt.stream == dung != em
    assert named(context, "1") == dung


def test_who_belongs_to_a_unit_of_a_swap_of_units_is_told_by_the_numbers_of_one_time(
    send: Send,
) -> None:
    send(formed("A", "Chi bộ 1"), formed("B", "Chi bộ 2"))
    swapped = [formed("A", "Chi bộ 2", SECOND), formed("B", "Chi bộ 1", SECOND)]
    mai = {"number": "1", "name": "Lê Thị Mai", "unit_id": "A"}

    with pytest.raises(MixedNumbers) as refused:
        send(hr.event("roster.member_enrolled", mai, time=FIRST), *swapped)
    send(hr.event("roster.member_enrolled", mai, time=SECOND), *swapped)

    assert (refused.value.index, refused.value.pointer) == (0, "/data/unit_id")


def test_a_swap_on_a_day_to_come_is_told_on_that_day(
    context: Context, send: Send, clock: FixedClock
) -> None:
    day = clock.now() + timedelta(days=30)
    dung, em = (e.receipt.stream for e in send(enrolled("1", NAMES[0]), enrolled("2", NAMES[1])))
    ring = [enrolled("1", NAMES[1], day.isoformat()), enrolled("2", NAMES[0], day.isoformat())]

    with pytest.raises(FromTheFuture, match="on that day") as refused:
        send(*ring)
    assert [named(context, each) for each in ("1", "2")] == [dung, em]
    clock.set(day)
    send(*ring)

    assert (refused.value.index, refused.value.pointer) == (0, "/time")
    assert [named(context, each) for each in ("1", "2")] == [em, dung]


@both_kinds
@pytest.mark.parametrize("by_number", [True, False])
def test_a_wrong_swap_is_taken_away_for_a_name_put_right_would_make_somebody_else_of_each(
    context: Context, send: Send, tell: Callable[..., Sent], kind: str, *, by_number: bool
) -> None:
    dung, em = (each.receipt.stream for each in send(tell("1", NAMES[0]), tell("2", NAMES[1])))
    wrong = [tell("1", NAMES[1], SECOND), tell("2", NAMES[0], SECOND)]
    send(*wrong)
    right = [correcting(wrong[0], name=NAMES[0]), correcting(wrong[1], name=NAMES[1])]

    for batch in (right, right[:1], right[1:]):
        with pytest.raises(WrongCorrection, match="take it away") as refused:
            send(*batch)
        assert (refused.value.index, refused.value.pointer) == (0, "/data/fact/data/name")
    send(
        *(correcting(wrong[0], number="2"), correcting(wrong[1], number="1"))
        if by_number
        else map(taking_away, wrong)
    )

    assert [named(context, each, kind) for each in ("1", "2")] == [dung, em]
    assert [name_of(context, each) for each in (dung, em)] == [*NAMES[:2]]


def test_a_name_misspelt_before_and_after_a_swap_is_put_right_in_both_facts(
    context: Context, send: Send
) -> None:
    before = [enrolled("1", NAMES[0]), enrolled("2", NAMES[1])]
    after = [enrolled("1", NAMES[1], SECOND), enrolled("2", NAMES[0], SECOND)]
    dung = send(*before)[0].receipt.stream
    send(*after)

    send(*(correcting(each, name="Phạm Thị Dũng") for each in (before[0], after[1])))

    assert named(context, "2") == dung
    assert name_of(context, dung) == "Phạm Thị Dũng"


def correcting(wrong: Sent, **right: str) -> Sent:
    fact = {"type": wrong["type"], "time": wrong["time"], "data": wrong["data"] | right}
    return hr.event("roster.fact_corrected", {"corrects": wrong["id"], "fact": fact})


def taking_away(wrong: Sent) -> Sent:
    return hr.event("roster.fact_corrected", {"corrects": wrong["id"]})


def test_a_correction_gives_nobody_a_number_on_a_day_to_come(
    context: Context, send: Send, clock: FixedClock
) -> None:
    day = (clock.now() + timedelta(days=30)).isoformat()
    first, ahead = enrolled("1", NAMES[0]), enrolled("1", NAMES[0], day)
    dung = send(first, ahead)[0].receipt.stream

    with pytest.raises(FromTheFuture, match="on that day"):
        send(correcting(ahead, number="9"))
    send(enrolled("1", NAMES[0], SECOND))

    assert [named(context, each) for each in ("1", "9")] == [dung, None]
