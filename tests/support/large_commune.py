"""A commune of any size behind its pages: my year, inbox and unit page, timed as they are made.

The time is that of a whole request inside one process: session, rights, queries, unsealing, page.
"""

import dataclasses
import time
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from flask.testing import FlaskClient
from msgspec import UNSET

from events.definitions.event import Event
from events.definitions.records import Period
from events.definitions.review import RatingProposed, SelfCritiqueSubmitted
from events.domain.organisation import member
from events.domain.review.opening import OpenReview
from events.identifiers import MemberId, Stream, UnitId, member_stream, review_stream
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from services.access import accounts, sessions
from services.access.roles import person_of
from services.access.tokens import Grants, Principal
from services.bootstrap import System, open_system
from services.commands import cycles, rulebooks
from services.commands.work import Asking
from services.intake.numbers import Numbers
from services.intake.parser import parse_event
from services.intake.receive import receive
from services.read_models import roster
from services.settings import from_environment
from services.web.app import create_app
from services.web.asking import session
from tests.support.fakes import FixedClock, SeededChance
from tests.support.year_examples import YEAR
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

SIZES = (60, 10_000)  # members of a committee's cycle
CELL_SIZE = 20
SAMPLES, WARM_UPS = 40, 5
BATCH = 500
SOURCE = "/hr"
HR = Principal("token:hr", "hr", Grants(sends=("roster.*",), sources=(SOURCE,)))
PERIOD = Period("2026")
NOW = datetime(2026, 12, 10, 2, tzinfo=UTC)
TOLD = datetime(2026, 1, 2, 2, tzinfo=UTC)


NAMES = ("my year", "inbox of a secretary", "inbox of the authority", "unit page")


class Place(NamedTuple):
    """A page, and whose."""

    login: str  # HR's number
    path: str


@contextmanager
def commune(folder: Path, size: int) -> Iterator["Commune"]:
    """Make a committee with so many members in cells of 20, all of whose critiques are in."""
    environment = {"TUSOI_DATA_DIR": str(folder), "TUSOI_LOG_LEVEL": "error"}
    clock = FixedClock(TOLD)
    system = open_system(from_environment(environment), clock=clock, chance=SeededChance(size))
    with closing(system):
        yield Commune(system, clock, size)


class Commune:
    """A year under way, and browsers of its people."""

    def __init__(self, system: System, clock: FixedClock, size: int) -> None:
        self._system = system
        self._clock = clock
        self._hire(size)
        self._project()
        self._open_year()
        self._live_on()
        clock.time = NOW
        self._project()
        self._app = create_app(system)

    def seconds(self, name: str) -> list[float]:
        """Return how long the server takes for a page, several times, for its busiest reader."""
        place = self.place(name)
        client = self.browser(place.login)
        samples = [_time(client, place.path) for _ in range(WARM_UPS + SAMPLES)]
        return samples[WARM_UPS:]

    def place(self, name: str) -> Place:
        """Return a page that is measured, and its busiest reader."""
        match name:
            case "my year":
                return Place("M-5", f"/reviews/{PERIOD}/{self._id('member', 'M-5')}")
            case "inbox of a secretary":
                return Place("M-0", "/inbox")
            case "inbox of the authority":
                return Place("M-1", "/inbox")
            case _:
                return Place("M-0", f"/units/{self._id('unit', 'U-1')}/{PERIOD}")

    def browser(self, number: str) -> FlaskClient:
        """Return a browser in which somebody is signed in, by HR's number."""
        system = self._system
        database, member_id = system.store.database, MemberId(self._id("member", number))
        known = [each for each in accounts.every(database) if each.login == number.lower()]
        account = (
            known[0]
            if known
            else accounts.create(
                database,
                number.lower(),
                "of-the-benchmark",
                member_id=member_id,
                clock=system.clock,
                chance=system.chance,
            )
        )
        secret = sessions.begin(database, account.id, clock=system.clock, chance=system.chance)
        client: FlaskClient = self._app.test_client()
        client.set_cookie(session.COOKIE, secret)
        return client

    def _hire(self, size: int) -> None:
        """Let HR tell of units, members and their posts."""
        cells = range(1, size // CELL_SIZE + 1)
        facts = [_unit("U-0", "Đảng ủy xã", "committee"), _authorised("U-0")]
        facts += [_unit(f"U-{n}", f"Chi bộ số {n}", "cell", parent_id="U-0") for n in cells]
        facts += [_enrolled(n, f"U-{n // CELL_SIZE + 1}") for n in range(size)]
        facts += [_post(n, f"U-{n // CELL_SIZE + 1}") for n in range(0, size, CELL_SIZE)]
        facts.append(_post(1, "U-0"))
        for start in range(0, len(facts), BATCH):
            batch = [parse_event(each, n) for n, each in enumerate(facts[start : start + BATCH])]
            receive(self._system, HR, batch, correlation_id="benchmark")

    def _open_year(self) -> None:
        system, top = self._system, UnitId(self._id("unit", "U-0"))
        boss = MemberId(self._id("member", "M-1"))
        history = system.store.read_stream(member_stream(boss))
        holds = member.view(member.fold(history.events))
        who = person_of("account-of-the-boss", (), boss, holds, history.version)
        asking = Asking(person=who, correlation_id="benchmark")
        rules = rulebooks.rules_by_name(system, "neutral", "viet_nam", principal="account:boss")
        cycles.open_cycle(system, asking, PERIOD, top, rules)
        wanted = roster.reviews_to_open(system, PERIOD, top)
        cycles.open_reviews(system, top, wanted, "benchmark")
        self._subjects = [
            (each.member_id, each.path[0]) for each in wanted if isinstance(each, OpenReview)
        ]

    def _live_on(self) -> None:
        """Let everybody hand in a critique; in every other cell ratings are proposed too."""
        proposed = {unit for n, unit in enumerate(sorted({u for _, u in self._subjects})) if n % 2}
        self._append(SelfCritiqueSubmitted, 1, self._subjects)
        self._append(RatingProposed, 2, [each for each in self._subjects if each[1] in proposed])

    def _append(
        self, kind: type[Event], version: int, subjects: Iterable[tuple[MemberId, UnitId]]
    ) -> None:
        example: Any = next(each for each in YEAR if isinstance(each, kind))
        wanted = list(subjects)
        changes: dict[str, Any] = {"decision_due_at": NOW + timedelta(days=5)}
        if kind is SelfCritiqueSubmitted:  # written on no form: the example's is no document here
            changes = {"proposal_due_at": NOW + timedelta(days=5), "form": UNSET}
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
            self._system.store.append(streams)

    def _project(self) -> None:
        store = self._system.store
        while sequence(store.database, self._clock):
            pass
        for each in PROJECTIONS.values():
            subscriber = Subscriber(store, each, clock=self._clock)
            while subscriber.advance().count:
                pass

    def _id(self, kind: str, number: str) -> str:
        system = self._system
        numbers = Numbers(
            system.store, index_key=system.index_key(), numbering="hr", chance=system.chance
        )
        numbers.look_up([(kind, number)])
        found = numbers.find(kind, number)
        assert found is not None, f"nobody is known as {number}"
        return found


def _time(client: FlaskClient, path: str) -> float:
    began = time.perf_counter()
    answer = client.get(path)
    seconds = time.perf_counter() - began
    assert answer.status_code == 200, f"{path} answered {answer.status}"
    return seconds


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


def _event(kind: str, event_id: str, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": event_id,
        "source": SOURCE,
        "type": f"roster.{kind}",
        "time": TOLD.isoformat(),
        "data": data,
    }
