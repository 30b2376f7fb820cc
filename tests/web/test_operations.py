"""What operators and other programs ask: alive, ready, numbers, checkpoint, schemas."""

import dataclasses
import errno
import os
import sqlite3
from contextlib import closing

import pytest

from events.definitions.catalogue import CATALOGUE
from events.proof.checkpoints import open_checkpoint
from events.proof.notes import VerifierKey
from events.store.sequencing import sequence
from services.bootstrap import open_system
from services.read_models import states
from services.safekeeping.checkpoints import LogSigner
from tests.support.fakes import SeededChance
from tests.support.intake import SENDS_ALL, enrolling, event, send
from tests.support.world import AN, OPERATOR, OTHER_CELL, World, app_of, commune, moved


def test_a_process_that_answers_is_alive_whatever_else(world: World) -> None:
    world.lose_database()

    response = world.get("/healthz")

    assert (response.status_code, response.json) == (200, {"status": "alive"})


def test_a_system_in_order_is_ready(world: World) -> None:
    world.tell(*commune())

    response = world.get("/readyz", OPERATOR)

    ready = {"status": "ready", "reasons": [], "quiet": True, "timers_due": 0}
    assert (response.status_code, response.json) == (200, ready)


def test_another_schema_makes_it_not_ready(world: World) -> None:
    database = world.system.store.database
    database.transact(lambda t: t.run("UPDATE alembic_version SET version_num = '0000'"))

    response = world.get("/readyz", OPERATOR)

    assert response.status_code == 503
    assert response.json["reasons"][0]["what"] == "schema_outdated"


def test_a_database_that_is_away_makes_it_not_ready(world: World) -> None:
    world.lose_database()

    response = world.get("/readyz", OPERATOR)

    assert response.status_code == 503
    assert response.json["reasons"][0]["what"] == "store_unavailable"


def test_a_log_without_its_head_makes_it_not_ready_and_says_what_to_restore(world: World) -> None:
    world.system.store.database.transact(lambda t: t.run("DELETE FROM head"))

    response = world.get("/readyz", OPERATOR)

    (reason,) = response.json["reasons"]
    assert (response.status_code, reason["what"]) == (503, "head_lost")
    assert "restore the database" in reason["detail"]


def test_a_log_that_was_rolled_back_makes_it_not_ready_nor_does_it_once_it_regrew(
    world: World,
) -> None:
    folder = world.system.settings.data_dir
    *told, more, others = commune()
    world.tell(*told)
    with closing(sqlite3.connect(folder / "tusoi.db")) as connection:
        connection.execute(f"VACUUM INTO '{folder}/older.db'")
    world.tell(more)
    world.system.signer.sign()

    world.system.close()
    for file in folder.glob("tusoi.db*"):
        file.unlink()
    (folder / "older.db").rename(folder / "tusoi.db")
    world.system = open_system(world.system.settings, clock=world.clock, chance=SeededChance(7))
    client = app_of(world.system).test_client()
    older = client.get("/readyz", headers=OPERATOR)
    world.append(others, moved(AN, OTHER_CELL))
    while sequence(world.system.store.database, world.clock):
        pass
    regrown = client.get("/readyz", headers=OPERATOR)

    assert [each.status_code for each in (older, regrown)] == [503, 503]
    assert [(each.json or {})["reasons"][0]["what"] for each in (older, regrown)] == [
        "log_rolled_back",
        "log_inconsistent",
    ]


@pytest.mark.parametrize(
    ("number", "what"), [(errno.ENOSPC, "disk_full"), (errno.EACCES, "disk_unusable")]
)
def test_a_disk_that_takes_nothing_makes_it_not_ready(world: World, number: int, what: str) -> None:
    error = OSError(number, os.strerror(number), "/data/log.key.memory")
    app = app_of(dataclasses.replace(world.system, signer=Unwritable(error)))

    response = app.test_client().get("/readyz", headers=OPERATOR)

    assert response.status_code == 503
    (reason,) = (response.json or {})["reasons"]
    assert reason["what"] == what
    assert "/data/log.key.memory cannot be written" in reason["detail"]


class Unwritable(LogSigner):
    """A signer that cannot keep in its memory what it saw."""

    def __init__(self, error: OSError) -> None:
        self._error = error

    def require_grown(self) -> None:
        raise self._error


def test_events_that_nobody_numbers_make_it_not_ready(world: World) -> None:
    world.append(*commune())

    before = world.get("/readyz", OPERATOR)
    world.clock.tick(61)
    after = world.get("/readyz", OPERATOR)

    assert (before.status_code, after.status_code) == (200, 503)
    assert [reason["what"] for reason in after.json["reasons"]] == ["log"]


def test_a_projection_that_stands_makes_it_not_ready_until_it_moves(world: World) -> None:
    world.append(*commune())
    sequence(world.system.store.database, world.clock)

    world.get("/readyz", OPERATOR)
    world.clock.tick(61)
    stopped = world.get("/readyz", OPERATOR)
    world.advance()
    moving = world.get("/readyz", OPERATOR)

    whats = [reason["what"] for reason in stopped.json["reasons"]]
    assert (stopped.status_code, whats) == (
        503,
        [kind.projection for kind in states.KINDS],
    )
    assert moving.status_code == 200


def test_a_projection_that_lags_and_moves_is_ready(world: World) -> None:
    world.append(*commune())
    sequence(world.system.store.database, world.clock)

    answers = []
    for _ in range(3):
        answers.append(world.get("/readyz", OPERATOR).status_code)
        world.clock.tick(40)
        for subscriber in world.subscribers:
            subscriber.advance(limit=1)

    assert answers == [200, 200, 200]


def test_metrics_tell_what_log_and_projections_have_left_to_do(world: World) -> None:
    world.tell(*commune())
    send(world, world.token(**SENDS_ALL), [event(1), event(2)])

    text = world.get("/metrics", OPERATOR).text

    assert "tusoi_database_up 1.0" in text
    assert "tusoi_log_pending 2.0" in text
    assert "tusoi_timers_due 0.0" in text
    assert 'tusoi_projection_lag{projection="unit_states"} 0.0' in text
    assert 'tusoi_projection_parked{projection="unit_states"} 0.0' in text


def test_metrics_count_what_intake_took_and_refused(world: World) -> None:
    token = world.token(**SENDS_ALL)
    send(world, token, [event(1), event(2)])
    send(world, token, [event(2), event(3)])
    send(world, token, enrolling(4, "CB-404"))

    text = world.get("/metrics", OPERATOR).text

    assert 'tusoi_intake_events_total{outcome="accepted"} 3.0' in text
    assert 'tusoi_intake_events_total{outcome="known"} 1.0' in text
    assert 'tusoi_intake_refused_total{code="unknown_unit"} 1.0' in text


def test_metrics_say_when_the_database_is_away(world: World) -> None:
    world.lose_database()

    response = world.get("/metrics", OPERATOR)

    assert response.status_code == 200
    assert "tusoi_database_up 0.0" in response.text


@pytest.mark.parametrize(
    "headers", [{}, {"Authorization": "Bearer another"}, {"Authorization": "Bearer "}]
)
def test_only_operators_are_told_how_much_there_is_and_why_it_waits(
    world: World, headers: dict[str, str]
) -> None:
    world.append(*commune())

    assert world.get("/metrics", headers).status_code == 404
    ready = world.get("/readyz", headers)
    assert (ready.status_code, ready.json) == (200, {"status": "ready"})
    world.clock.tick(61)
    stands = world.get("/readyz", headers)
    assert (stands.status_code, stands.json) == (503, {"status": "not ready"})


def test_without_a_token_of_operations_nobody_is_an_operator(world: World) -> None:
    settings = dataclasses.replace(world.system.settings, operations_token_file=None)
    world.app = app_of(dataclasses.replace(world.system, settings=settings))
    world.client = world.app.test_client()

    assert world.get("/metrics", OPERATOR).status_code == 404
    assert world.get("/metrics", {"Authorization": "Bearer None"}).status_code == 404
    assert world.get("/readyz", OPERATOR).json == {"status": "ready"}


def test_an_unsigned_log_has_no_checkpoint_yet(world: World) -> None:
    response = world.get("/log/checkpoint")

    assert (response.status_code, response.json["code"]) == (404, "not_yet")


def test_the_checkpoint_is_the_newest_signed_note(world: World) -> None:
    world.tell(*commune())
    world.system.signer.sign()

    response = world.get("/log/checkpoint")

    key = VerifierKey.from_text(world.system.verifier_key)
    checkpoint = open_checkpoint(response.text, key, world.system.signer.origin)
    assert response.mimetype == "text/plain"
    assert (checkpoint.size, checkpoint.root) == (5, world.system.store.head().root)


def test_a_person_who_opens_the_schemas_sees_a_list(world: World) -> None:
    for path in ("/schemas", "/schemas/roster.unit_formed/1.json"):
        assert world.get(path).text.count("\n  ") > 5


def test_every_form_that_is_listed_is_there(world: World) -> None:
    types = world.get("/schemas").json["types"]

    addresses = [each[form] for each in types for form in ("stored", "request") if form in each]
    schemas = [world.get(address) for address in addresses]
    assert [each["type"] for each in types] == [cls.definition.type for cls in CATALOGUE]
    assert [each.json["$id"] for each in schemas] == [f"urn:tusoi:{each[1:]}" for each in addresses]
    assert {each.mimetype for each in schemas} == {"application/schema+json"}


@pytest.mark.parametrize("path", ["roster.unit_formed/2.json", "roster.nothing/1.json"])
def test_a_form_that_is_not_there_is_a_problem(world: World, path: str) -> None:
    response = world.get(f"/schemas/{path}")

    assert (response.status_code, response.json["code"]) == (404, "not_found")
