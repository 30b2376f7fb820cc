"""No unit hangs below itself or comes to itself: refused in a batch, and against what is known."""

from datetime import UTC, datetime
from typing import Any

import pytest

from services.context import Context
from services.intake.refusals import UnitBelowItself
from tests.support import hr
from tests.support.fakes import FixedClock
from tests.support.senders import Send, send_as

JULY, NEXT_YEAR = "2026-07-01T00:00:00+07:00", "2027-02-01T00:00:00+07:00"


@pytest.fixture
def send(context: Context, clock: FixedClock) -> Send:
    """Return what sends to a service where U3 hangs below U2, and that below U1."""
    clock.time = datetime(2026, 11, 1, tzinfo=UTC)
    send = send_as(context)
    send(hr.formed("U3", "U2"), hr.formed("U2", "U1", id="U2"), hr.formed("U1"))
    return send


def hangs(child: str, parent: str, time: str = JULY, **attributes: Any) -> dict[str, Any]:
    data = {"unit_id": child, "parent_id": parent}
    return hr.event("roster.unit_moved", data, time=time, **attributes)


def ended(number: str, successor: str, time: str = JULY) -> dict[str, Any]:
    data = {"unit_id": number, "successor_id": successor}
    return hr.event("roster.unit_dissolved", data, time=time)


def corrected(event_id: str, fact: dict[str, Any] | None = None) -> dict[str, Any]:
    inside = {"fact": {name: fact[name] for name in ("type", "time", "data")}} if fact else {}
    return hr.event("roster.fact_corrected", {"corrects": event_id} | inside, time=JULY)


@pytest.mark.parametrize(
    ("events", "pointer"),
    [
        ([hangs("U1", "U1")], "/data/parent_id"),
        ([hangs("U1", "U3")], "/data/parent_id"),
        ([hr.formed("U1", "U3", time=JULY)], "/data/parent_id"),
        ([hr.formed("U9", "U9")], "/data/parent_id"),
        ([hr.formed("U8", "U9"), hr.formed("U9", "U8")], "/data/parent_id"),
        ([hangs("U1", "U3", time=NEXT_YEAR)], "/data/parent_id"),
        ([corrected("U2", hr.formed("U2", "U3"))], "/data/fact/data/parent_id"),
        ([ended("U2", "U2")], "/data/successor_id"),
        ([ended("U2", "U3"), ended("U3", "U2")], "/data/successor_id"),
    ],
)
def test_a_circle_of_units_is_refused_by_index_and_place(
    send: Send, context: Context, events: list[dict[str, Any]], pointer: str
) -> None:
    before = context.store.database.rows("SELECT count(*) FROM events")

    with pytest.raises(UnitBelowItself) as refused:
        send(hr.formed("U7"), *events)

    assert (refused.value.index, refused.value.pointer) == (1, pointer)
    assert context.store.database.rows("SELECT count(*) FROM events") == before


def test_a_correction_that_brings_a_circle_back_is_refused(send: Send) -> None:
    send(hangs("U2", "U9", id="away"), hr.formed("U9"))
    send(hangs("U1", "U3", time="2026-08-01T00:00:00+07:00"))

    with pytest.raises(UnitBelowItself) as refused:
        send(corrected("away"))

    assert refused.value.pointer == "/data/corrects"


def test_a_tree_may_be_turned_round_and_its_history_told_late(send: Send) -> None:
    send(
        hangs("U1", "U2", time="2026-08-01T00:00:00+07:00"),
        hr.formed("U9"),
        hangs("U2", "U9", time="2026-08-01T00:00:00+07:00"),
    )
    send(hangs("U2", "U1", time=JULY))  # as it hung before


def test_who_was_dissolved_and_formed_anew_may_take_over_its_successor(send: Send) -> None:
    send(ended("U2", "U3"), hr.formed("U2", "U1", time="2026-08-01T00:00:00+07:00"))

    send(ended("U3", "U2", time="2026-08-01T00:00:00+07:00"))
