"""Numbers swapped, freed and given again: whom each names, on both databases."""

import itertools
import threading
from typing import Any

import pytest

from events.errors import ConcurrentAppend
from events.identifiers import Stream
from events.store.batch import KnownNumber
from events.store.store import Store
from services.cli.kept_check import KeptCheck
from services.context import Context
from services.intake.numbers import ids_under
from services.intake.receive import Outcome
from services.intake.refusals import NumberReused, Refusal, UnknownReference, WrongCorrection
from tests.support import facts, hr
from tests.support.senders import Send, Sent, send_as

FIRST, LEFT, BACK = (f"2025-{month}-03T08:00:00+07:00" for month in ("07", "09", "11"))


@pytest.fixture
def send(context: Context) -> Send:
    """Send as HR, which told of two units already."""
    send = send_as(context)
    send(hr.formed("U1"), hr.formed("U2"))
    return send


def enrolled(number: str, name: str, **attributes: Any) -> Sent:
    data = {"number": number, "name": name, "unit_id": "U1"}
    return hr.event("roster.member_enrolled", data, **{"time": FIRST} | attributes)


def corrected(wrong: Sent, number: str | None = None, **more: Any) -> Sent:
    """Return that a fact told another number, or nothing at all."""
    data: Sent = {"corrects": wrong["id"]}
    if number is not None:
        right = wrong["data"] | {"number": number} | more
        data["fact"] = {"type": wrong["type"], "time": wrong["time"], "data": right}
    return hr.event("roster.fact_corrected", data)


def named(context: Context, number: str, kind: str = "member") -> str | None:
    """Return whom a number names: the stream, or None."""
    known = ids_under(context, "hr", [(kind, number)]).get((kind, number))
    return known and f"{kind}-{known}"


def stream_of(outcome: Outcome) -> str:
    return outcome.receipt.stream


def test_two_who_were_told_with_each_others_number_are_put_right_one_after_the_other(
    context: Context, send: Send
) -> None:
    wrong, other = enrolled("011", "Phạm Thị Dung"), enrolled("012", "Vũ Văn Em")
    dung, em = map(stream_of, send(wrong, other))
    with pytest.raises(WrongCorrection, match="correct that one first"):
        send(corrected(other, "011"))

    send(corrected(wrong, "099"))
    freed = named(context, "011")
    send(corrected(other, "011"))
    send(corrected(wrong, "012"))

    assert freed is None
    assert [named(context, each) for each in ("011", "012", "099")] == [em, dung, None]
    assert stream_of(send(hr.moved("011", "U2"))[0]) == em


@pytest.mark.parametrize("turn", range(6))
def test_in_one_batch_a_swap_holds_for_all_that_stands_beside_it(
    context: Context, send: Send, turn: int
) -> None:
    wrong, other = enrolled("011", "Phạm Thị Dung"), enrolled("012", "Vũ Văn Em")
    dung, em = map(stream_of, send(wrong, other))
    batch = [corrected(wrong, "012"), corrected(other, "011"), hr.moved("011", "U2")]
    order = list(itertools.permutations(range(3)))[turn]

    outcomes = dict(zip(order, send(*(batch[each] for each in order)), strict=True))

    assert [stream_of(outcomes[each]) for each in range(3)] == [dung, em, em]
    assert [named(context, each) for each in ("011", "012")] == [em, dung]


def test_who_is_founded_and_put_right_in_one_batch_is_known_by_the_right_number_alone(
    context: Context, send: Send
) -> None:
    wrong, other = enrolled("011", "Phạm Thị Dung"), enrolled("012", "Vũ Văn Em")

    *_, moved, dung, em = send(
        corrected(other, "011"), corrected(wrong, "012"), hr.moved("011", "U2"), wrong, other
    )

    assert [named(context, each) for each in ("011", "012")] == [stream_of(em), stream_of(dung)]
    assert stream_of(moved) == stream_of(em)


def test_three_numbers_told_in_a_ring_are_put_right_at_once(context: Context, send: Send) -> None:
    ring = [enrolled(f"{n}", f"Lê Văn {n}") for n in range(3)]
    streams = [stream_of(each) for each in send(*ring)]

    send(*(corrected(each, f"{(n + 1) % 3}") for n, each in enumerate(ring)))

    assert [named(context, f"{(n + 1) % 3}") for n in range(3)] == streams


@pytest.mark.parametrize("kind", ["member", "unit"])
def test_a_number_that_was_taken_away_names_nobody_until_it_is_given_anew(
    context: Context, send: Send, kind: str
) -> None:
    tell = (lambda n: enrolled(n, "Lê Thị Mai")) if kind == "member" else hr.formed
    about = f"{kind}_id"
    first = tell("X1")
    (outcome,) = send(first)
    post = {"member_id": "X1", "unit_id": "U1", "post": "secretary"}
    naming = (
        hr.event("roster.post_given", post)
        if kind == "member"
        else hr.event("roster.unit_authorised", {"unit_id": "X1"})
    )

    send(corrected(first, "X2"))
    with pytest.raises(UnknownReference) as refused:
        send(naming)
    (new,) = send(tell("X1"))

    assert (refused.value.code, refused.value.pointer) == (f"unknown_{kind}", f"/data/{about}")
    assert named(context, "X2", kind) == stream_of(outcome) != stream_of(new)
    assert named(context, "X1", kind) == stream_of(new) == stream_of(send(naming)[0])


def test_whose_founding_is_taken_away_is_found_by_no_number(send: Send) -> None:
    first = enrolled("011", "Lê Thị Mai")
    (outcome,) = send(first)

    send(corrected(first))
    (again,) = send(enrolled("011", "Lê Thị Mai"))

    assert stream_of(again) != stream_of(outcome)


def test_in_the_batch_that_frees_a_number_it_can_be_given_again(
    context: Context, send: Send
) -> None:
    first = enrolled("011", "Phạm Thị Dung")
    (dung,) = send(first)

    em, _ = send(enrolled("011", "Vũ Văn Em"), corrected(first, "099"))

    assert [named(context, each) for each in ("011", "099")] == [stream_of(em), stream_of(dung)]
    assert stream_of(em) != stream_of(dung)


def test_who_was_told_otherwise_every_night_is_found_by_the_number_told_last(
    context: Context, send: Send
) -> None:
    nights = [
        enrolled("011", name, time=f"2026-01-0{day}T08:00:00+07:00")
        for day, name in enumerate(("Phạm Thị Dung", "phạm thị dung", "PHẠM THỊ DUNG"), start=1)
    ]
    dung = stream_of(send(*nights)[0])

    send(corrected(nights[0], "099"))
    before = [named(context, each) for each in ("011", "099")]
    send(corrected(nights[2], "099"))
    after = [named(context, each) for each in ("011", "099")]
    send(corrected(nights[2]))

    assert (before, after) == ([dung, None], [None, dung])
    assert [named(context, each) for each in ("011", "099")] == [dung, None]


def test_who_was_told_again_every_night_has_the_right_number_once_the_first_is_corrected(
    context: Context, send: Send
) -> None:
    nights = [
        enrolled("011", "Phạm Thị Dung", time=f"2026-01-0{day}T08:00:00+07:00")
        for day in range(1, 4)
    ]
    dung, *_ = [stream_of(send(each)[0]) for each in nights]

    send(corrected(nights[0], "099"))
    send(corrected(nights[2]))  # what is taken away repeats what is told already

    assert [named(context, each) for each in ("011", "099")] == [None, dung]


def test_a_fact_told_under_another_persons_number_does_not_take_their_number_along(
    context: Context, send: Send
) -> None:
    first, wrong = enrolled("011", "Phạm Thị Dung"), enrolled("011", "Vũ Văn Em")
    dung, _ = map(stream_of, (*send(first), *send(wrong)))

    with pytest.raises(WrongCorrection, match="take it away") as refused:
        send(corrected(wrong, "012"))
    send(corrected(wrong), enrolled("012", "Vũ Văn Em"))

    assert refused.value.pointer == "/data/fact/data/number"
    assert named(context, "011") == dung != named(context, "012")


def test_the_number_of_who_left_is_not_given_to_somebody_else_unseen(send: Send) -> None:
    first = enrolled("011", "Phạm Thị Dung")
    (dung,) = send(first)
    send(hr.event("roster.member_left", {"member_id": "011", "reason": "resigned"}, time=LEFT))
    newcomer = enrolled("011", "Vũ Văn Em", time=BACK)

    with pytest.raises(NumberReused) as refused:
        send(newcomer)
    again = enrolled("011", "Phạm Thị Dung")  # of the time before they left
    (late,) = send(again)
    renamed = [corrected(each, "011-cũ") for each in (first, again)]
    *_, em = send(*renamed, newcomer)

    assert stream_of(em) != stream_of(dung)
    assert (refused.value.code, refused.value.pointer) == ("number_reused", "/data/number")
    assert stream_of(late) == stream_of(dung)


def test_a_newcomer_is_never_who_left_in_whatever_order_and_batches_it_is_told(
    send: Send,
) -> None:
    for number, batches in enumerate(("left new", "new left", "left,new", "new,left")):
        known = f"{number:03}"
        send(enrolled(known, "Phạm Thị Dung"))
        about = {"member_id": known, "reason": "resigned"}
        told = {
            "left": hr.event("roster.member_left", about, time=LEFT),
            "new": enrolled(known, "Vũ Văn Em", time=BACK),
        }
        *earlier, last = ([told[each] for each in batch.split()] for batch in batches.split(","))
        for batch in earlier:
            send(*batch)
        with pytest.raises(NumberReused):
            send(*last)


def test_the_number_of_a_dissolved_unit_is_not_given_to_another_unseen(send: Send) -> None:
    gone = {"unit_id": "U2", "successor_id": "U1"}
    send(hr.formed("U1", time=FIRST), hr.formed("U2", "U1", time=FIRST))
    dissolved = hr.event("roster.unit_dissolved", gone, time=LEFT)
    another = hr.event(
        "roster.unit_formed", {"number": "U2", "name": "Chợ", "kind": "cell"}, time=BACK
    )

    with pytest.raises(NumberReused):
        send(dissolved, another)
    send(dissolved, hr.formed("U2", "U1", time=BACK))


def test_a_name_with_its_tone_on_another_letter_is_the_same_persons(send: Send) -> None:
    (first,) = send(enrolled("011", "Đỗ Thị Hoà"))
    send(hr.event("roster.member_left", {"member_id": "011", "reason": "resigned"}, time=LEFT))

    (back,) = send(enrolled("011", "ĐỖ THỊ HÒA", time=BACK))

    assert stream_of(back) == stream_of(first)


def test_who_comes_back_is_who_they_were(send: Send) -> None:
    (first,) = send(enrolled("011", "Đặng Thị Dung"))
    send(hr.event("roster.member_left", {"member_id": "011", "reason": "resigned"}, time=LEFT))

    (back,) = send(enrolled("011", "Ðặng  Thị Dung", time=BACK))

    assert stream_of(back) == stream_of(first)


BINH = "Trần Thị Bình"


@pytest.mark.parametrize("kind", ["member", "unit"])
@pytest.mark.parametrize(
    "right",
    [
        {},  # it was never told
        {"number": "002"},
        {"number": "002", "name": BINH.upper()},
        {"number": "099"},
    ],
)
def test_a_repeat_corrected_in_its_own_batch_comes_to_what_it_comes_to_in_two(
    context: Context, send: Send, kind: str, right: dict[str, str]
) -> None:
    more = {"unit_id": "U1"} if kind == "member" else {"kind": "cell"}
    known: list[bool] = []
    for number, cut in enumerate((0, 1)):
        names = {each: f"{each}-{number}" for each in ("002", "099")}
        told = {"number": names["002"], "name": BINH} | more
        type_ = "roster.member_enrolled" if kind == "member" else "roster.unit_formed"
        who = stream_of(send(hr.event(type_, told, time=FIRST))[0])
        again = hr.event(type_, told, time=BACK)
        corrects = corrected(again, **right | {"number": names[right["number"]]} if right else {})
        batch = [again, corrects]
        send(*batch[:cut])
        send(*batch[cut:])
        known += [named(context, each, kind) == who for each in names.values()]

    assert known[:2] == known[2:]
    assert any(known)


def test_a_newcomer_under_a_known_number_is_not_put_right_by_renaming_who_has_it(
    context: Context, send: Send
) -> None:
    (binh,) = send(enrolled("002", BINH))
    newcomer = enrolled("002", "Phạm Văn Nam", time=BACK)

    right = corrected(newcomer, "099")

    with pytest.raises(WrongCorrection, match="take it away"):
        send(newcomer, right)
    send(newcomer)
    with pytest.raises(WrongCorrection, match="take it away"):
        send(right)

    assert named(context, "002") == stream_of(binh)
    assert named(context, "099") is None


def test_whoever_left_is_no_newcomer_though_the_newcomer_is_corrected_in_the_same_batch(
    send: Send,
) -> None:
    send(enrolled("011", "Phạm Thị Dung"))
    send(hr.event("roster.member_left", {"member_id": "011", "reason": "resigned"}, time=LEFT))
    newcomer = enrolled("011", "Vũ Văn Em", time=BACK)

    with pytest.raises(NumberReused):
        send(newcomer, corrected(newcomer, "011", unit_id="U2"))
    assert send(newcomer, corrected(newcomer, "011", name="PHẠM THỊ DUNG"))


def test_a_batch_that_gives_one_number_to_two_is_refused(context: Context, send: Send) -> None:
    first = enrolled("011", "Phạm Thị Dung")
    send(first)

    with pytest.raises(NumberReused):
        send(corrected(first, "012"), enrolled("012", "Vũ Văn Em"))
    (_, again) = send(corrected(first, "012"), enrolled("012", "Phạm Thị Dung"))

    assert named(context, "012") == stream_of(again)


def test_of_rivals_who_take_and_give_a_number_one_wins_and_no_number_names_two(
    context: Context, send: Send, store: Store
) -> None:
    people = [enrolled(f"{n}", f"Lê Văn {n}") for n in range(4)]
    streams = [stream_of(each) for each in send(*people)]
    told: list[object] = []

    def correct(wrong: Sent) -> None:
        try:
            told.append(send(corrected(wrong, "X")))
        except (Refusal, ConcurrentAppend) as error:
            told.append(error)

    threads = [threading.Thread(target=correct, args=(each,)) for each in people]
    for each in threads:
        each.start()
    for each in threads:
        each.join(30)

    won = [each for each in told if isinstance(each, tuple)]
    names = [named(context, f"{n}") for n in range(4)]
    assert (len(told), len(won)) == (4, 1)
    assert sorted(each or "" for each in names) == sorted(
        ["", *(each for each in streams if each != named(context, "X"))]
    )
    assert store.database.rows("SELECT count(*) FROM numbers")[0][0] == 2 + 4


def test_after_numbers_were_swapped_everything_is_kept_as_told(
    context: Context, send: Send, store: Store
) -> None:
    wrong, other = enrolled("011", "Phạm Thị Dung"), enrolled("012", "Vũ Văn Em")
    outcomes = send(wrong, other)
    send(corrected(wrong, "012"), corrected(other, "011"))
    check = KeptCheck(context)

    for each in outcomes:
        for recorded in store.read_stream(Stream(stream_of(each))).events:
            check.see(recorded.entry.streamversion, recorded)

    assert [each for each in check.findings() if "the number of" in each.what] == []
    dung = stream_of(outcomes[0]).removeprefix("member-")
    store.database.transact(lambda t: t.run("UPDATE numbers SET id = ? WHERE id <> ?", ("x", dung)))
    assert [each for each in check.findings() if "the number of" in each.what]


def test_what_is_freed_is_forgotten_only_of_whom_it_named(store: Store) -> None:
    store.append(facts.single(), numbers=[KnownNumber(b"a", "x"), KnownNumber(b"b", "y")])

    store.append(
        facts.single(),
        numbers=[KnownNumber(b"a", "z")],
        freed=[KnownNumber(b"a", "x"), KnownNumber(b"b", "x"), KnownNumber(b"c", "x")],
    )

    assert store.known_numbers([b"a", b"b", b"c"]) == {b"a": "z", b"b": "y"}


def test_once_somebody_was_erased_no_correction_brings_a_number_back(
    context: Context, send: Send, store: Store
) -> None:
    first = enrolled("011", "Phạm Thị Dung")
    (dung,) = send(first)
    context.keys.destroy(stream_of(dung))
    store.forget_numbers(stream_of(dung).removeprefix("member-"))

    send(corrected(first))

    assert named(context, "011") is None
    assert stream_of(send(enrolled("011", "Vũ Văn Em"))[0]) != stream_of(dung)


def test_one_number_of_two_names_at_one_moment_is_refused_by_its_place(
    context: Context, send: Send
) -> None:
    dung, em = enrolled("50", "Phạm Thị Dung"), enrolled("050", "Vũ Văn Em")

    with pytest.raises(NumberReused, match="the same time") as refused:
        send(enrolled("51", "Lê Thị Mai"), dung, em)
    send(dung, em, corrected(em, "52"))

    assert (refused.value.index, refused.value.pointer) == (2, "/data/number")
    assert named(context, "50") != named(context, "52")
    assert named(context, "51") is None
