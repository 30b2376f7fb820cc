"""One person under 0017, 17 and 17.0, as tables make of a number: never two, on both databases."""

import pytest

from services.context import Context
from services.intake.numbers import ids_under
from services.intake.receive import Outcome
from services.intake.refusals import NoNumber, NumberReused, ShortenedNumber
from tests.support import hr
from tests.support.cases import every_case
from tests.support.senders import Send, Sent, send_as

FIRST, SECOND, THIRD = (f"2025-0{month}-03T08:00:00+07:00" for month in (1, 2, 3))
WRITINGS = (
    ("0017", "17"),
    ("18", "18.0"),
    ("DV-017", "dv_17"),
    ("Số 5", "05"),
    ("1.2", "1-2"),
    ("19", "19,0"),
    ("020", "'020"),
    ("21", "21.0000"),
)


@pytest.fixture
def send(context: Context) -> Send:
    send = send_as(context)
    send(hr.formed("U1"))
    return send


def enrolled(number: str, name: str = "Phạm Thị Dung", time: str = FIRST) -> Sent:
    data = {"number": number, "name": name, "unit_id": "U1"}
    return hr.event("roster.member_enrolled", data, time=time)


def streams_of(outcomes: tuple[Outcome, ...]) -> set[str]:
    return {each.receipt.stream for each in outcomes}


def test_a_number_written_otherwise_names_who_was_told_by_it(context: Context, send: Send) -> None:
    with every_case() as case:
        for nth, (before, after) in enumerate(WRITINGS):
            name = f"Phạm Thị Dung {nth}"
            told = send(enrolled(before, name))

            told += send(enrolled(after, name, SECOND), hr.moved(before, "U1", time=SECOND))
            told += send(enrolled(after, name, THIRD), hr.moved(after, "U1", time=THIRD))

            with case(before):
                assert len(streams_of(told)) == 1
                assert told[-2].known
                ids = ids_under(context, "hr", [("member", before), ("member", after)])
                assert len(ids) == 2
                assert len(set(ids.values())) == 1


def test_in_one_batch_too_it_is_one_person(send: Send) -> None:
    outcomes = send(hr.moved("17.0", "U1"), enrolled("0017"), enrolled("17", time=SECOND))

    assert len(streams_of(outcomes)) == 1


def test_somebody_of_another_name_under_a_number_written_otherwise_is_refused_by_line(
    context: Context, send: Send
) -> None:
    send(enrolled("0017"))
    others = (
        [enrolled("18", "Lê Thị Mai"), enrolled("17", "Vũ Văn Em", SECOND)],
        [enrolled("19", "Lê Thị Mai"), enrolled("019", "Vũ Văn Em", SECOND)],
    )

    for told in others:
        with pytest.raises(NumberReused, match="written otherwise") as refused:
            send(*told)
        assert (refused.value.index, refused.value.pointer) == (1, "/data/number")
    assert ids_under(context, "hr", [("member", each) for each in ("18", "19")]) == {}


def test_thousands_are_no_number_written_otherwise(send: Send) -> None:
    outcomes = send(enrolled("1"), enrolled("1.000"), enrolled("1,000"))

    assert len(streams_of(outcomes)) == 2  # one number, with two signs for thousands


def test_a_number_that_a_table_shortened_is_refused_by_line(send: Send) -> None:
    right = enrolled("791234567890")
    told = {name: right[name] for name in ("type", "time", "data")}
    of_excel = {"number": "7.9123E+11"}
    wrong = {
        "/data/number": enrolled("7.9123E+11"),
        "/data/member_id": hr.moved("7,9123E+11", "U1"),
        "/data/fact/data/number": hr.event(
            "roster.fact_corrected",
            {"corrects": right["id"], "fact": told | {"data": right["data"] | of_excel}},
        ),
    }
    for pointer, each in wrong.items():
        with pytest.raises(ShortenedNumber, match="as text") as refused:
            send(right, each)
        assert (refused.value.index, refused.value.pointer) == (1, pointer)


@pytest.mark.parametrize("written", ["#N/A", "NULL", "-"])
def test_what_a_table_writes_for_want_of_a_number_is_refused_by_line(
    send: Send, written: str
) -> None:
    about = {"member_id": "1", "decision": written, "grade": "warning"}
    by = {"decision": "05", "issuer": written}
    wrong = {
        "/data/number": enrolled(written),
        "/data/member_id": hr.moved(written, "U1"),
        "/data/unit_id": hr.moved("1", written),
        "/data/parent_id": hr.formed("U9", written),
        "/data/decision": hr.event("roster.member_disciplined", about),
        "/data/issuer": hr.event("roster.member_disciplined", about | by),
    }
    for pointer, each in wrong.items():
        with pytest.raises(NoNumber, match="fill in the number") as refused:
            send(enrolled("1"), each)
        assert (refused.value.index, refused.value.pointer) == (1, pointer)


def test_who_is_called_otherwise_under_the_very_number_is_who_had_it(send: Send) -> None:
    outcomes = send(enrolled("0017")) + send(enrolled("0017", "Phạm Thị Hoa", SECOND))

    assert len(streams_of(outcomes)) == 1


def test_a_number_put_right_in_its_writing_alone_names_the_same_person(
    context: Context, send: Send
) -> None:
    wrong = enrolled("17.0")
    (first,) = send(wrong)
    right = {"type": wrong["type"], "time": FIRST, "data": wrong["data"] | {"number": "0017"}}

    send(hr.event("roster.fact_corrected", {"corrects": wrong["id"], "fact": right}))

    found = ids_under(context, "hr", [("member", "0017")])
    assert f"member-{found['member', '0017']}" == first.receipt.stream
