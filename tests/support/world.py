"""A real system on SQLite: facts go in, are numbered and projected, and come out over HTTP."""

import copy
import functools
import itertools
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from flask import Flask
from flask.testing import FlaskClient
from msgspec import UNSET
from werkzeug.test import TestResponse

from events.definitions.event import Code, Event, Number, Sealed, stream_of
from events.definitions.roster import MemberEnrolled, MemberMoved, UnitAuthorised, UnitFormed
from events.identifiers import MemberId, UnitId
from events.store.batch import Appended, NewEvent
from events.store.sequencing import sequence
from services.access import tokens
from services.access.tokens import Grants
from services.bootstrap import System, open_system
from services.settings import from_environment
from services.web import app as web
from services.web.asking import session
from tests.support.databases import hasty, lay_tables
from tests.support.fakes import FixedClock, SeededChance
from workers.projections.every import PROJECTIONS
from workers.subscribers import Subscriber

SOURCE = "urn:test:hr"
OPERATIONS_TOKEN = "token-of-operations"
OPERATOR = {"Authorization": f"Bearer {OPERATIONS_TOKEN}"}  # who watches over the service
DISTRICT = UnitId("districtaaaaaaaaaaaaaaaaaa")
COMMUNE = UnitId("communeaaaaaaaaaaaaaaaaaaa")
CELL = UnitId("cellaaaaaaaaaaaaaaaaaaaaaa")
OTHER_CELL = UnitId("cellbbbbbbbbbbbbbbbbbbbbbb")
AN = MemberId("memberanaaaaaaaaaaaaaaaaaa")
BINH = MemberId("memberbinhaaaaaaaaaaaaaaaa")


class Answer(TestResponse):
    """An answer into whose body a test looks without asking whether there is one."""

    @property
    def json(self) -> Any:
        return super().json


_routes = functools.cache(web.make_routes)  # by cookie; to make them takes most of a short test


def app_of(system: System) -> Flask:
    """Return an application of a system; its routes and templates are those of all others."""
    app = copy.copy(_routes(session.cookie_name(system.settings)))
    app.extensions = dict(app.extensions)
    web.serve(app, system)
    return app


class World:
    """A system, a client of it, and what a test does with them."""

    def __init__(self, folder: Path) -> None:
        self.clock = FixedClock()
        lay_tables(folder / "tusoi.db")
        operations = folder / "operations.token"
        operations.write_text(OPERATIONS_TOKEN)
        operations.chmod(0o600)
        told = hasty(folder) | {"TUSOI_OPERATIONS_TOKEN_FILE": str(operations)}
        settings = from_environment(told)
        self.system = open_system(settings, clock=self.clock, chance=SeededChance())
        self.app = app_of(self.system)
        self.client: FlaskClient = self.app.test_client()
        self._ids = itertools.count(1)
        self.subscribers = [
            Subscriber(self.system.store, each, clock=self.clock) for each in PROJECTIONS.values()
        ]

    def take_own_app(self) -> Flask:
        """Return an application that no other world has: a test may add routes to it."""
        self.app = web.create_app(self.system)
        self.client = self.app.test_client()
        return self.app

    def token(self, **grants: Any) -> dict[str, str]:
        """Return the headers of a system that may do what is granted."""
        _, secret = tokens.make(self.system, "test", Grants(**grants))
        return {"Authorization": f"Bearer {secret}"}

    def get(self, path: str, *headers: dict[str, str]) -> Answer:
        """Return the answer to a GET, with one header mapping made of several."""
        return self.ask("GET", path, headers={k: v for each in headers for k, v in each.items()})

    def ask(self, method: str, path: str, **options: Any) -> Answer:
        return cast("Answer", self.client.open(path, method=method, **options))

    def lose_database(self) -> None:
        """Take the database away: from now on it cannot be opened."""
        folder = self.system.settings.data_dir
        folder.rename(folder.with_name("away"))
        self.system.store.database.engine.dispose()

    def append(self, *events: Event, time: datetime | None = None) -> None:
        """Append facts one by one, as they happened or will; nothing has numbered them yet."""
        for event in events:
            stream = stream_of(event)
            version = self.system.store.versions([stream])[stream]
            new = NewEvent(
                event=event,
                id=f"told-{next(self._ids)}",
                source=SOURCE,
                time=time or self.clock.now(),
                principal="import",
            )
            self.system.store.append({stream: Appended(version, (new,))})

    def advance(self) -> int:
        """Number and project what was appended, and return the log's size."""
        while sequence(self.system.store.database, self.clock):
            pass
        for subscriber in self.subscribers:
            while subscriber.advance().count:
                pass
        return self.system.store.head().size

    def tell(self, *events: Event) -> int:
        """Append, number and project facts; return the log's size."""
        self.append(*events)
        return self.advance()


def formed(unit_id: UnitId, parent_id: UnitId | None = None, name: str = "Chi bộ") -> UnitFormed:
    return UnitFormed(
        unit_id=unit_id,
        number=Number(f"n-{unit_id}"),
        name=name,
        kind=Code("cell"),
        parent_id=UNSET if parent_id is None else parent_id,
    )


def authorised(unit_id: UnitId) -> UnitAuthorised:
    """Return that a unit decides, and so may open periods."""
    return UnitAuthorised(unit_id=unit_id)


def enrolled(member_id: MemberId, unit_id: UnitId) -> MemberEnrolled:
    return MemberEnrolled(
        member_id=member_id,
        unit_id=unit_id,
        number=Sealed("a" * 42 + "A"),
        name=Sealed("b" * 42 + "A"),
    )


def moved(member_id: MemberId, unit_id: UnitId) -> MemberMoved:
    return MemberMoved(member_id=member_id, unit_id=unit_id)


def commune() -> Iterable[Event]:
    """Return the facts of a commune: two cells, An in the one and Bình in the other."""
    return (
        formed(COMMUNE, name="Đảng bộ"),
        formed(CELL, COMMUNE),
        formed(OTHER_CELL, COMMUNE),
        enrolled(AN, CELL),
        enrolled(BINH, OTHER_CELL),
    )
