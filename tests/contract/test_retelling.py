"""What is told again is known by the fact that says it, and is one itself once that matters."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from events.domain.organisation import doubts, member, unit
from events.domain.organisation.doubt import Why
from events.domain.organisation.timelines import State
from events.identifiers import Stream
from events.store import retold
from events.store.store import Store
from services.access.tokens import Grants, Principal
from services.context import Context
from services.intake.receive import Outcome
from services.intake.refusals import ConflictingRepeat, WrongCorrection
from tests.support import hr
from tests.support.fakes import FixedClock
from tests.support.senders import Send, Sent, send_as
from workers.housekeeping import Housekeeping

NIGHTS = 20
BEGAN = datetime.fromisoformat("2026-01-05T08:00:00+07:00")
OTHER = "/hr/other"


@pytest.fixture
def send(context: Context, clock: FixedClock) -> Send:
    """Send as HR, which told of two units and of somebody in the first."""
    clock.set(BEGAN + timedelta(days=300))
    grants = Grants(sends=("roster.*",), sources=(hr.SOURCE, OTHER))
    return send_as(context, Principal("token:t", "t", grants))


@pytest.fixture
def told(send: Send) -> list[Sent]:
    """Everything that HR knows, told once."""
    facts = [
        hr.formed("U1"),
        hr.formed("U2", "U1"),
        hr.enrolled("M1", "U1"),
        hr.event("roster.post_given", {"member_id": "M1", "unit_id": "U2", "post": "secretary"}),
        hr.event("roster.member_absent", {"member_id": "M1", "reason": "sick"}),
        hr.event("roster.member_disciplined", {"member_id": "M1", "decision": "5"} | GRADE),
    ]
    send(*facts)
    return facts


GRADE = {"grade": "warning", "issuer": "Đảng ủy", "decided_on": "2026-01-02", "ground": "Chậm."}


def at(day: int, fact: Sent, **changed: Any) -> Sent:
    """Return a fact as it is told on a day, under an id of its own."""
    again = hr.event(fact["type"], fact["data"] | changed)
    return again | {"time": (BEGAN + timedelta(days=day)).isoformat()}


def corrected(wrong: Sent, right: Sent | None = None) -> Sent:
    data: Sent = {"corrects": wrong["id"]}
    if right:
        data["fact"] = {name: right[name] for name in ("type", "time", "data")}
    return hr.event("roster.fact_corrected", data)


@pytest.mark.parametrize("place", [0, 2], ids=["unit", "member"])
def test_who_is_written_otherwise_on_other_nights_is_told_once_in_each_writing(
    send: Send, store: Store, told: list[Sent], place: int
) -> None:
    number, name = (told[place]["data"][each] for each in ("number", "name"))
    writings: tuple[Sent, ...] = ({}, {"number": f"{number}.0"}, {"name": name.upper()})
    before = len(rows(store, "events")[0])

    nights = [
        send(at(night, told[place], **writings[night % len(writings)]))[0]
        for night in range(1, NIGHTS)
    ]

    assert len(rows(store, "events")[0]) == before + len(writings) - 1
    assert [each.known for each in nights[:3]] == [False, False, True]
    assert len({each.receipt.stream for each in nights}) == 1


def test_a_name_put_into_other_letters_is_shown_so(
    send: Send, store: Store, told: list[Sent]
) -> None:
    (outcome,) = send(at(1, told[0], name="CHI BỘ U1"))

    assert unit.fold(store.read_stream(Stream(outcome.receipt.stream)).events).value("name") == (
        "CHI BỘ U1"
    )


def state_of(store: Store, outcome: Outcome) -> State:
    return member.fold(store.read_stream(Stream(outcome.receipt.stream)).events)


def member_of(store: Store, outcome: Outcome) -> member.Member:
    return member.view(state_of(store, outcome))


def rows(store: Store, *tables: str) -> list[Any]:
    return [store.database.rows(f"SELECT * FROM {table} ORDER BY 1, 2") for table in tables]


def test_a_feed_that_tells_everything_every_night_adds_no_fact_and_no_words(
    send: Send, told: list[Sent], store: Store
) -> None:
    first = send(*told)
    before = rows(store, "events", "texts", "numbers")

    for night in range(1, NIGHTS):
        again = send(*(at(night, each) for each in told))
        assert all(each.known for each in again)
        assert [(e.receipt.stream, e.receipt.version) for e in again] == [
            (e.receipt.stream, e.receipt.version) for e in first
        ]

    assert rows(store, "events", "texts", "numbers") == before


def test_what_was_told_again_keeps_its_id_and_comes_with_other_content_as_a_conflict(
    send: Send, told: list[Sent]
) -> None:
    again = at(3, told[2])
    (first,) = send(again)

    (repeated,) = send(again)

    assert repeated == first
    assert first.receipt.id == again["id"]
    with pytest.raises(ConflictingRepeat):
        send(again | {"data": again["data"] | {"name": "Ai khác"}})


def test_what_says_anything_else_is_a_fact(send: Send, told: list[Sent]) -> None:
    others = [
        at(3, told[2], unit_id="U2"),
        at(3, told[2], name="Nguyễn Văn Khác"),
        at(3, told[4], reason="training"),
        at(3, told[5], ground="Nhiều lần chậm."),
        at(-3, told[2]),  # since earlier
        at(3, told[1], name="Tên khác"),
    ]

    assert [each.known for fact in others for each in send(fact)] == [False] * len(others)


def test_what_another_system_tells_alike_is_its_own_fact_once(send: Send, told: list[Sent]) -> None:
    outcomes = [send(at(night, told[3]) | {"source": OTHER})[0] for night in (1, 2)]

    assert [each.known for each in outcomes] == [False, True]
    assert outcomes[0].receipt.version == outcomes[1].receipt.version


def test_who_was_told_again_after_a_leaving_that_is_told_late_came_back(
    send: Send, told: list[Sent], store: Store
) -> None:
    nights = [at(day, told[2]) for day in (8, 12, 14)]
    for each in nights:
        send(each)

    (left,) = send(at(10, hr.event("roster.member_left", {"member_id": "M1", "reason": "other"})))

    assert not left.known
    found = member_of(store, left)
    assert (found.membership, found.membership_since) == ("enrolled", BEGAN + timedelta(days=12))
    in_log = [each.entry.id for each in store.read_stream(Stream(left.receipt.stream)).events]
    assert in_log[-2:] == [nights[1]["id"], left.receipt.id]
    (again,) = send(nights[1])  # a fact by now
    assert (again.known, again.receipt.version) == (True, left.receipt.version - 1)


def test_leaving_and_coming_back_at_one_moment_is_no_retelling(
    send: Send, told: list[Sent], store: Store
) -> None:
    left = hr.event("roster.member_left", {"member_id": "M1", "reason": "other"})
    at_once = [at(9, told[2]), at(9, left)]
    send(at_once[0])

    (outcome,) = send(at_once[1])

    found = member_of(store, outcome)
    assert (found.membership, found.membership_since) == ("enrolled", BEGAN)
    assert [each.since for each in found.posts] == [BEGAN]  # in a unit that they did not leave


def test_in_one_batch_too_what_a_leaving_ended_begins_anew(
    send: Send, told: list[Sent], store: Store
) -> None:
    left = hr.event("roster.member_left", {"member_id": "M1", "reason": "other"})

    given = at(1, told[3], unit_id="U1")
    send(given)

    outcomes = send(at(9, told[2]), at(9, given), at(9, left))

    assert [each.known for each in outcomes] == [False, False, False]
    assert {each.since for each in member_of(store, outcomes[0]).posts} == {
        BEGAN,  # in a unit that they did not leave
        BEGAN + timedelta(days=9),
    }


RELIEF: Sent = {"member_id": "M1", "unit_id": "U2", "post": "secretary"}


@pytest.mark.parametrize(
    ("number", "type_", "data"),
    [(3, "post_relieved", RELIEF), (4, "member_back", {"member_id": "M1"})],
    ids=["post", "absence"],
)
def test_what_a_late_end_lets_begin_anew_ends_by_what_its_batch_tells_next(
    send: Send, told: list[Sent], store: Store, number: int, type_: str, data: Sent
) -> None:
    """The second end repeats the first, but for a night between them which the first recalls."""
    ends = hr.event(f"roster.{type_}", data)
    night = at(20, told[number])
    send(night)

    first, second = send(at(3, ends), at(90, ends))

    assert [each.known for each in (first, second)] == [False, False]
    in_log = [each.entry.id for each in store.read_stream(Stream(first.receipt.stream)).events]
    assert in_log[-3:] == [night["id"], first.receipt.id, second.receipt.id]
    found = member_of(store, first)
    assert not (found.posts if number == 3 else found.absent)


@pytest.mark.parametrize(
    ("number", "type_", "data"),
    [(3, "post_relieved", RELIEF), (4, "member_back", {"member_id": "M1"})],
    ids=["post", "absence"],
)
def test_what_goes_on_by_a_night_that_a_late_end_recalls_is_doubtful(
    send: Send, told: list[Sent], store: Store, number: int, type_: str, data: Sent
) -> None:
    """The night was told before the end, be it appended with it: it may not have known of it."""
    send(at(20, told[number]))

    (ended,) = send(at(3, hr.event(f"roster.{type_}", data)))

    doubtful = doubts.of_member(state_of(store, ended))
    assert [(each.since, each.why) for each in doubtful] == [
        (BEGAN + timedelta(days=20), Why.UNDONE)
    ]


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_post_told_again_for_the_day_on_which_it_ended_is_doubtful_in_any_order(
    send: Send, told: list[Sent], store: Store, order: tuple[int, int]
) -> None:
    relief = {"member_id": "M1", "unit_id": "U2", "post": "secretary"}
    again, ended = at(8, told[3]), at(8, hr.event("roster.post_relieved", relief))
    again["time"] = "2026-01-13T00:00:00+07:00"

    outcomes = [send((again, ended)[each])[0] for each in order]

    state = state_of(store, outcomes[0])
    assert [each.why for each in doubts.of_member(state)] == [Why.ENDED_ANEW]
    assert member.view(state).posts == ()


@pytest.mark.parametrize("number", [3, 4])
@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_a_correction_that_changes_nothing_brings_back_nothing_that_ended(
    send: Send, told: list[Sent], store: Store, number: int, order: tuple[int, int]
) -> None:
    """Nor a post nor an absence: it was made later, but tells of the day of its fact."""
    type_ = ("post_relieved", "member_back")[number - 3]
    data = {"member_id": "M1", "unit_id": "U2", "post": "secretary"}
    about = data if number == 3 else {"member_id": "M1"}
    ended = at(8, hr.event(f"roster.{type_}", about))
    same = corrected(told[number], at(0, told[number])) | {"time": at(20, told[number])["time"]}

    outcomes = [send((same, ended)[each])[0] for each in order]

    found = member_of(store, outcomes[0])
    assert (found.posts if number == 3 else found.absent_since or ()) == ()


def test_the_correction_of_a_fact_corrects_what_repeats_it(
    send: Send, told: list[Sent], store: Store
) -> None:
    send(at(8, told[2]))

    (outcome,) = send(corrected(told[2], at(0, told[2], unit_id="U2")))

    found = member_of(store, outcome)
    assert found.unit_since == BEGAN
    assert found.unit_id == member_of(store, outcome).posts[0].unit_id  # which is U2
    (again,) = send(at(9, told[2], unit_id="U2"))
    assert (again.known, again.receipt.version) == (True, outcome.receipt.version)


def test_the_correction_of_what_was_told_again_finds_it(
    send: Send, told: list[Sent], store: Store
) -> None:
    again = at(8, told[2])
    send(again)

    moved, once_more = (
        send(corrected(again, at(8, told[2], unit_id="U2"))),
        send(corrected(again, at(9, told[2], unit_id="U2"))),
    )

    found = member_of(store, moved[0])
    assert found.membership_since == BEGAN
    assert found.unit_since == BEGAN + timedelta(days=9)
    assert once_more[0].receipt.version == moved[0].receipt.version + 1


def test_a_correction_told_again_is_known_and_corrects_nothing_that_is_told_again(
    send: Send, told: list[Sent]
) -> None:
    wrong = told[2]
    (first,) = send(corrected(wrong, at(1, wrong)))
    again = corrected(wrong, at(1, wrong))

    (outcome,) = send(again)

    assert (outcome.known, outcome.receipt.version) == (True, first.receipt.version)
    with pytest.raises(WrongCorrection, match="this names a correction"):
        send(corrected(again))


def test_what_was_taken_away_was_taken_away_where_it_was_told_again(
    send: Send, told: list[Sent], store: Store
) -> None:
    again = at(8, told[3])
    send(again)

    (outcome,) = send(corrected(told[3]))

    assert member_of(store, outcome).posts == ()
    (known,) = send(corrected(again))
    assert (known.known, known.receipt.version) == (True, outcome.receipt.version)
    assert not send(at(9, told[3]))[0].known


def test_facts_of_one_batch_are_told_again_and_corrected_by_their_ids(
    send: Send, store: Store
) -> None:
    send(hr.formed("U1"), hr.formed("U2"))
    first, second, third = (at(day, hr.enrolled("M1", "U1")) for day in (1, 2, 3))

    outcomes = send(first, second, third, corrected(third, at(3, third, unit_id="U2")))

    assert [each.known for each in outcomes] == [False, True, False, False]
    assert [each.receipt.version for each in outcomes] == [1, 1, 2, 3]
    found = member_of(store, outcomes[0])
    assert found.membership_since == BEGAN + timedelta(days=1)
    assert found.unit_since == BEGAN + timedelta(days=3)


def test_a_unit_told_again_under_its_parent_hangs_there_again_once_a_late_move_is_told(
    send: Send, told: list[Sent], store: Store
) -> None:
    send(hr.formed("U3"), at(8, told[1]))

    (moved,) = send(at(5, hr.event("roster.unit_moved", {"unit_id": "U2", "parent_id": "U3"})))

    found = unit.view(unit.fold(store.read_stream(Stream(moved.receipt.stream)).events))
    assert found.parent_since == BEGAN + timedelta(days=8)


def test_what_was_told_again_is_forgotten_after_forty_days(
    send: Send, told: list[Sent], store: Store, context: Context, clock: FixedClock
) -> None:
    again = at(8, told[2])
    send(again)
    clock.set(clock.now() + retold.KEPT + timedelta(seconds=1))

    Housekeeping(context).tidy()

    assert store.database.rows("SELECT * FROM retold") == []
    assert send(again)[0].known  # for it tells nothing still


def test_the_state_of_a_member_is_as_large_after_all_nights_as_after_the_first(
    send: Send, told: list[Sent], store: Store
) -> None:
    def size() -> int:
        return len(msgspec.json.encode(state_of(store, send(told[2])[0])))

    once = size()

    for night in range(1, NIGHTS):
        send(*(at(night, each) for each in told))

    assert size() == once
