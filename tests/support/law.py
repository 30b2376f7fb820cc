"""What the tests of the law share: the shipped rules, people, and histories of the year."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from events.definitions.entry import Recorded
from events.definitions.event import Code, Event
from events.definitions.records import Digest, Facts, Hand, Period, Source
from events.domain.aggregate.rejections import CommandRejected
from events.domain.documents import working_days
from events.domain.rulebook import validity
from events.domain.year.rules import Rules
from events.identifiers import MemberId, UnitId
from events.store import reference
from tests.support.history import record

PERIOD = Period("2026")
MEMBER = MemberId("memberaaaaaaaaaaaaaaaaaaaa")
PEER = MemberId("peeraaaaaaaaaaaaaaaaaaaaaa")
SECRETARY = MemberId("secretaryaaaaaaaaaaaaaaaaa")
LEADER = MemberId("leaderaaaaaaaaaaaaaaaaaaaa")
CELL = UnitId("cellaaaaaaaaaaaaaaaaaaaaaa")
TOP = UnitId("topaaaaaaaaaaaaaaaaaaaaaaa")

SECRETARYS_HAND = Hand(member_id=SECRETARY, unit_id=CELL, post=Code("secretary"))
LEADERS_HAND = Hand(member_id=LEADER, unit_id=TOP, post=Code("secretary"))

RULES = Rules(
    validity.read(reference.shipped_document("rulebook", "neutral")),
    working_days.read(reference.shipped_document("calendar", "viet_nam")),
    Source(rulebook=Digest("5d" * 32), calendar=Digest("ca" * 32)),
)


def at(day: int, month: int = 12, *, year: int = 2026, hour: int = 2) -> datetime:
    """Return a time in the year; two in the morning in UTC is nine in Hanoi."""
    return datetime(year, month, day, hour, tzinfo=UTC)


def facts(total: int = 86, *, late: int = 0, beyond: int = 0, disciplined: bool = False) -> Facts:
    """Return what a rating is computed from: points in all, of ten tasks some late or beyond."""
    conduct = min(total, 30)
    return Facts(
        points={"conduct": conduct, "results": total - conduct},
        figures={"tasks_total": 10, "tasks_on_time": 10 - late, "tasks_beyond": beyond},
        disciplined=disciplined,
        earlier_faults_open=0,
    )


def records(*events: Event | tuple[datetime, Event]) -> list[Recorded]:
    """Return facts as the versions from 1 on of a stream, at their time or on 1 December."""
    timed = [each if isinstance(each, tuple) else (at(1), each) for each in events]
    return [record(event, version=n, time=time) for n, (time, event) in enumerate(timed, 1)]


def rejection_of(decide: Callable[[], object], code: str) -> CommandRejected:
    """Return the rejection of a decision, which must have this code."""
    with pytest.raises(CommandRejected) as caught:
        decide()
    assert caught.value.code == code, caught.value
    return caught.value
