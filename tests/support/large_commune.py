"""A commune of any size in the middle of its year; what is done in it is in `large_deeds`.

It is told in bulk, by the ways by which all is told: HR's facts through intake, reviews by the
command that opens a year. No disk is waited for: that costs the same whatever the size.
"""

import dataclasses
import functools
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask.testing import FlaskClient
from msgspec import UNSET

from events.definitions.deadline import DeadlineMissed
from events.definitions.entry import Sequenced
from events.definitions.event import Event
from events.definitions.records import Period
from events.definitions.review import RatingProposed, SelfCritiqueSubmitted
from events.domain.review.opening import OpenReview
from events.domain.rulebook import rating
from events.identifiers import MemberId, Stream, UnitId, review_stream
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from services.access import accounts, sessions
from services.access.tokens import Grants, Principal
from services.bootstrap import System, open_system
from services.commands import cycles, rulebooks
from services.commands.work import Asking
from services.intake.numbers import ids_under
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.queries.people import person_as
from services.read_models import openings
from services.settings import from_environment
from services.web.app import create_app
from services.web.asking import session
from tests.support import law
from tests.support.databases import hasty
from tests.support.fakes import FixedClock, SeededChance
from tests.support.year_examples import YEAR
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber
from workers.timekeeper import Timekeeper

CELL_SIZE = 20  # its secretary is the first; those of cells with odd numbers are proposed already
PROPOSED_AT = 3  # the version at which they were
BATCH = 500
LOOKED_AT_MAX = 2_000  # facts, of those told last
SOURCE = "/hr"
HR = Principal("token:hr", "hr", Grants(sends=("roster.*",), sources=(SOURCE,)))
PERIOD = Period("2026")
NOW = datetime(2026, 12, 10, 2, tzinfo=UTC)
TOLD = datetime(2026, 1, 2, 2, tzinfo=UTC)
DUE_AT = NOW + timedelta(days=5)  # of proposals and decisions
MOVING, MOVED = 8, 4  # cells whose members HR moves


Subjects = Iterable[tuple[MemberId, UnitId]]  # each with their unit


class Taken(NamedTuple):
    """How long something took, of how many members or facts."""

    seconds: float
    of: int


@contextmanager
def commune(folder: Path, size: int) -> Iterator["Commune"]:
    """Make a committee with so many members in cells of 20, all of whose critiques are in."""
    environment = hasty(folder) | {"TUSOI_LOG_LEVEL": "error"}
    clock = FixedClock(TOLD)
    system = open_system(from_environment(environment), clock=clock, chance=SeededChance(size))
    with closing(system):
        yield Commune(system, clock, size)


class Commune:
    """A year under way, and browsers of its people; how long its `opening` took."""

    def __init__(self, system: System, clock: FixedClock, size: int) -> None:
        self.system = system
        self._clock = clock
        self._ids: dict[tuple[str, str], str] = {}
        self._cells = [f"U-{number}" for number in range(1, size // CELL_SIZE + 1)]
        self._hire(size)
        self.project()
        self.opening = self._open_year()
        self._live_on()
        clock.time = NOW
        self.project()
        self._app = create_app(system)

    def id_of(self, kind: str, number: str) -> str:
        if (kind, number) not in self._ids:
            self._learn(kind, [number])
        return self._ids[kind, number]

    def asking(self, number: str) -> Asking:
        """Return a member who asks, as the roster knows them now."""
        who = person_as(self.system, f"account-{number}", MemberId(self.id_of("member", number)))
        return Asking(person=who, correlation_id="benchmark")

    def members(self, cell: int) -> list[MemberId]:
        """Return the members of a cell but for its first two, who act."""
        return [MemberId(self.id_of("member", f"M-{number}")) for number in _numbers(cell)]

    @functools.cached_property
    def missed(self) -> list[Sequenced]:
        """Let deadlines run out; return what was told first of some to whom nothing happened."""
        before = self.system.store.head().size
        self._clock.set(DUE_AT + timedelta(days=1))
        begun = time.perf_counter()
        count = Timekeeper(self.system).tick()
        self.missing = Taken(time.perf_counter() - begun, count)
        firsts = range(0, len(self._cells) * CELL_SIZE, CELL_SIZE)
        acting = [f"M-{first + each}" for first in firsts for each in (0, 1)]
        self._learn("member", acting)
        others = {review_stream(PERIOD, self.id_of("member", each)) for each in acting}
        return [
            each
            for each in self._told_after(before)
            if isinstance(each.event, DeadlineMissed)
            and each.entry.streamversion == PROPOSED_AT
            and each.entry.stream not in others
        ]

    def move(self, number: int) -> None:
        """Let HR move a member of a cell into another; then it is numbered and projected."""
        self._receive([_moved(_numbers(MOVING)[number], "U-2")])
        self.project()

    @functools.cached_property
    def moved(self) -> list[Sequenced]:
        """Let HR move members of a cell into another, and return what is told."""
        before = self.system.store.head().size
        self._receive([_moved(number, "U-2") for number in _numbers(MOVED)])
        return self._told_after(before)

    def rebuild(self) -> Taken:
        """Build every projection anew."""
        begun, store = time.perf_counter(), self.system.store
        for each in PROJECTIONS.values():
            subscriber = Subscriber(store, each, clock=self._clock)
            build = subscriber.start_rebuild().build
            while subscriber.advance_build(build).count:
                pass
        return Taken(time.perf_counter() - begun, store.head().size)

    def project(self) -> None:
        """Number and project everything that was told."""
        store = self.system.store
        while sequence(store.database, self._clock):
            pass
        for each in PROJECTIONS.values():
            subscriber = Subscriber(store, each, clock=self._clock)
            while subscriber.advance().count:
                pass

    def browser(self, number: str) -> FlaskClient:
        """Return a browser in which somebody is signed in, by HR's number."""
        system = self.system
        member_id = MemberId(self.id_of("member", number))
        account = accounts.find_member(system, member_id) or accounts.create(
            system, number.lower(), "of-the-benchmark", member_id=member_id
        )
        secret = sessions.begin(system, account)
        client: FlaskClient = self._app.test_client()
        client.set_cookie(session.COOKIE, secret)
        return client

    def _hire(self, size: int) -> None:
        """Let HR tell of units, members and their posts."""
        facts = [_unit("U-0", "Đảng ủy xã", "committee"), _authorised("U-0")]
        facts += [_unit(each, f"Chi bộ {each}", "cell", parent_id="U-0") for each in self._cells]
        facts += [_enrolled(n, f"U-{n // CELL_SIZE + 1}") for n in range(size)]
        facts += [_post(n, f"U-{n // CELL_SIZE + 1}") for n in range(0, size, CELL_SIZE)]
        self._receive([*facts, _post(1, "U-0")])

    def _receive(self, facts: Sequence[dict[str, Any]]) -> None:
        for start in range(0, len(facts), BATCH):
            batch = [parse_event(each, n) for n, each in enumerate(facts[start : start + BATCH])]
            receive(self.system, HR, batch, correlation_id="benchmark")

    def _open_year(self) -> Taken:
        system, top = self.system, UnitId(self.id_of("unit", "U-0"))
        rules = rulebooks.rules_by_name(system, "neutral", "viet_nam", principal="account:boss")
        begun = time.perf_counter()
        cycles.open_cycle(system, self.asking("M-1"), PERIOD, top, rules)
        wanted = cycles.reviews_wanted(system, PERIOD, top, openings.as_listed(system, top))
        opened = sum(cycles.open_reviews(system, top, wanted, "benchmark"))
        taken = Taken(time.perf_counter() - begun, opened)
        self._subjects = [
            (each.member_id, each.path[0])
            for each in wanted.reviews
            if isinstance(each, OpenReview)
        ]
        return taken

    def _live_on(self) -> None:
        """Let everybody hand in a critique; in every other cell ratings are proposed too."""
        self._learn("unit", self._cells)
        proposed = {self.id_of("unit", each) for each in self._cells[::2]}
        self._append(SelfCritiqueSubmitted, 1, self._subjects, proposal_due_at=DUE_AT, form=UNSET)
        ready = [each for each in self._subjects if each[1] in proposed]
        made = law.facts()
        self._append(
            RatingProposed,
            PROPOSED_AT - 1,
            ready,
            decision_due_at=DUE_AT,
            facts=made,
            outcome=rating.outcome(law.RULES.rulebook, made),
        )

    def _append(self, kind: type[Event], version: int, subjects: Subjects, **changes: Any) -> None:
        """Append a fact of each subject: an example of its kind, but for some changes."""
        example: Any = next(each for each in YEAR if isinstance(each, kind))
        wanted = list(subjects)
        for start in range(0, len(wanted), BATCH):
            streams: dict[Stream, Appended] = {}
            for member_id, _ in wanted[start : start + BATCH]:
                fact = dataclasses.replace(example, period=PERIOD, member_id=member_id, **changes)
                new = NewEvent(
                    event=fact,
                    id=f"{kind.__name__}-{member_id}",
                    source="/benchmark",
                    time=TOLD,
                    principal="account:benchmark",
                    correlation_id="benchmark",
                )
                streams[review_stream(PERIOD, member_id)] = Appended(version, (new,))
            self.system.store.append(streams)

    def _told_after(self, position: int) -> list[Sequenced]:
        self.project()
        return self.system.store.read_log(position, LOOKED_AT_MAX)

    def _learn(self, kind: str, numbers: Iterable[str]) -> None:
        """Look up who is known by some numbers."""
        named = [(kind, each) for each in numbers]
        known = ids_under(self.system, "hr", named)
        unknown = [each for each in named if each not in known]
        assert not unknown, f"nobody is known as {unknown}"
        self._ids |= known


def _numbers(cell: int) -> range:
    """Return the numbers of the members of a cell but for its first two, who act."""
    return range((cell - 1) * CELL_SIZE + 2, cell * CELL_SIZE)


def _unit(number: str, name: str, kind: str, **parent: str) -> dict[str, Any]:
    data = {"number": number, "name": name, "kind": kind, **parent}
    return _event("unit_formed", f"formed-{number}", data)


def _authorised(number: str) -> dict[str, Any]:
    return _event("unit_authorised", f"authorised-{number}", {"unit_id": number})


def _enrolled(number: int, unit: str) -> dict[str, Any]:
    name = f"{('Lê', 'Đỗ', 'Vũ', 'Hà')[number % 4]} Văn {('An', 'Bình', 'Ấn', 'Đào')[number % 3]}"
    data = {"number": f"M-{number}", "name": name, "unit_id": unit, "standing": "official"}
    return _event("member_enrolled", f"enrolled-{number}", data)


def _post(number: int, unit: str) -> dict[str, Any]:
    data = {"member_id": f"M-{number}", "unit_id": unit, "post": "secretary"}
    return _event("post_given", f"post-{number}-{unit}", data)


def _moved(number: int, unit: str) -> dict[str, Any]:
    data = {"member_id": f"M-{number}", "unit_id": unit}
    return _event("member_moved", f"moved-{number}", data, time=NOW)


def _event(
    kind: str, event_id: str, data: dict[str, Any], *, time: datetime = TOLD
) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": f"roster.{kind}",
        "time": time.isoformat(),
        "data": data,
    }
