"""Rows put behind the service's back, lawful but for who told them or when: `verify` names each."""

import hashlib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest

from events.definitions.access import AccountDisabled
from events.definitions.event import Subject
from events.definitions.roster import FactTookEffect
from events.identifiers import member_stream
from events.store.batch import Appended, NewEvent
from services.access import accounts
from services.commands import rights, taking_effect
from tests.support.tampering import Intruder
from tests.support.verified import findings, reason_of_bundle
from tests.support.world import COMMUNE
from tests.support.year_world import (
    AUTHORITY,
    GOOD,
    PERIOD,
    REVIEW,
    STRANGER,
    WORDS,
    YearWorld,
    post_given,
)

DECISION, CRITICISM = "review.rating_decided", "review.criticism_given"
DISABLED = AccountDisabled.definition
TWO_DAYS, AN_HOUR = timedelta(days=2), timedelta(hours=1)
DAY = timedelta(days=1)
OTHERS_REVIEW = f"/api/v1/reviews/{PERIOD}/{STRANGER}"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[YearWorld]:
    """A commune in its year, on SQLite."""
    world = YearWorld(tmp_path / "data")
    world.open_cycle()
    yield world
    world.system.close()


@pytest.fixture
def proposed(world: YearWorld) -> YearWorld:
    """The same when An's rating is to be decided, and nothing is wrong."""
    world.live("proposed", GOOD)
    assert findings(world) == {}
    return world


def ask(world: YearWorld, who: str, path: str, body: Any) -> None:
    """Have something appended, and nothing numbered yet."""
    answer = world.ask("POST", path, json=body, headers=world.headers(who))
    assert answer.status_code == 201, answer.json


def decide(world: YearWorld, who: str = "authority") -> None:
    proposal = world.read("authority", REVIEW).json["proposal"]
    body = {"level": proposal["outcome"]["level"], "proposal_version": proposal["version"]}
    ask(world, who, f"{REVIEW}/decision", body)


def arrival_of_last(world: YearWorld) -> int:
    """Return the number under which what was appended last arrived."""
    return int(world.system.store.database.rows("SELECT max(arrival) FROM events")[0][0])


def alter_last(world: YearWorld, **attributes: str) -> None:
    alter(world, arrival_of_last(world), **attributes)


def alter(world: YearWorld, arrival: int, **attributes: str) -> None:
    """Change attributes of what was appended, before it has its place in the order."""
    sql = "SELECT entry FROM events WHERE arrival = ?"
    ((encoded,),) = world.system.store.database.rows(sql, (arrival,))
    entry = msgspec.json.encode(msgspec.json.decode(encoded) | attributes, order="sorted")
    leaf = hashlib.sha256(b"\0" + entry).digest()
    told = msgspec.json.decode(entry)["type"]
    sql = "UPDATE events SET entry = ?, leaf_hash = ?, type = ? WHERE arrival = ?"
    Intruder(world.system.store).run(sql, (entry, leaf, told, arrival))


def place_of(world: YearWorld, event_type: str) -> str:
    """Return the position of the last fact of a type, as findings name it."""
    sql = """SELECT max(log.position) FROM log JOIN events ON events.arrival = log.arrival
    WHERE events.type = ?"""
    return f"position {world.system.store.database.rows(sql, (event_type,))[0][0]}"


def test_a_decision_that_whoever_decides_told_stands(proposed: YearWorld) -> None:
    decide(proposed)

    assert findings(proposed) == {}
    assert reason_of_bundle(proposed) == ""


@pytest.mark.parametrize(
    ("principal", "told"),
    [
        ("account:committee", f"that is not the account of {AUTHORITY}"),
        ("account:auditor", f"that is not the account of {AUTHORITY}"),
        ("account:forger", "nobody told by then of such an account"),
        ("worker:x", "nobody told by then of such an account"),
        ("operator", "nobody told by then of such an account"),
    ],
)
def test_a_decision_by_an_account_of_somebody_else_or_by_none_is_named(
    proposed: YearWorld, principal: str, told: str
) -> None:
    decide(proposed)
    alter_last(proposed, principal=principal)

    found = findings(proposed)

    said = f"{DECISION} was told by {principal!r}: {told}"
    assert found == {place_of(proposed, DECISION): [said]}
    assert said in reason_of_bundle(proposed)


def test_a_decision_by_an_account_that_was_disabled_is_named(proposed: YearWorld) -> None:
    system = proposed.system
    rights.reset_password(system, accounts.find(system, "authority"), "mật khẩu mới của huyện")
    reset = arrival_of_last(proposed)
    proposed.clock.time += AN_HOUR
    decide(proposed)
    alter(proposed, reset, type=DISABLED.type, dataschema=DISABLED.dataschema)
    accounts.disable(system, "authority")

    found = findings(proposed)

    told = f"{DECISION} was told by 'account:authority': the account was disabled by then"
    assert found == {place_of(proposed, DECISION): [told]}
    assert told in reason_of_bundle(proposed)


def test_a_criticism_under_somebodys_account_is_named(world: YearWorld) -> None:
    ask(world, "peer", f"{REVIEW}/criticisms", {"text": WORDS})
    alter_last(world, principal="account:peer")

    found = findings(world)

    told = f"{CRITICISM} was told by 'account:peer': that is not its pseudonym"
    assert told in found.pop(place_of(world, CRITICISM))
    assert found == {}


def test_a_decision_that_is_dated_back_to_before_what_others_did_elsewhere_is_named(
    proposed: YearWorld,
) -> None:
    then = proposed.clock.now() + AN_HOUR
    proposed.clock.time += TWO_DAYS
    ask(proposed, "stranger", f"{OTHERS_REVIEW}/self-critique", {"text": WORDS})
    assert findings(proposed) == {}

    now, proposed.clock.time = proposed.clock.time, then
    decide(proposed)
    proposed.clock.time = now

    found = findings(proposed)
    ((what,),) = found.values()
    assert found.keys() == {place_of(proposed, DECISION)}
    assert what.startswith(f"was done at {then:%Y-%m-%d %H:%M}Z, and what stands before it")


def test_a_decision_that_says_another_time_than_when_it_was_recorded_is_named(
    proposed: YearWorld,
) -> None:
    then = proposed.clock.now()
    proposed.clock.time += TWO_DAYS
    decide(proposed)
    alter_last(proposed, time=f"{then:%Y-%m-%dT%H:%M:%SZ}")

    found = findings(proposed)

    told = found.pop(place_of(proposed, DECISION))
    assert [each for each in told if each.startswith(f"it says {then:%Y-%m-%d %H:%M}Z")]
    assert found == {}


def test_a_day_that_a_worker_lets_come_before_it_came_is_named(proposed: YearWorld) -> None:
    store, day = proposed.system.store, proposed.clock.now() + 40 * DAY
    proposed.append(post_given(STRANGER, COMMUNE, "secretary"), time=day)
    stream = member_stream(STRANGER)
    version = store.versions([stream])[stream]
    effect = NewEvent(
        event=FactTookEffect(subject=Subject(stream), versions=(version,)),
        id="forged",
        source=taking_effect.SOURCE,
        time=day,
        principal=taking_effect.PRINCIPAL,
        recorded_at=day,
    )
    store.append({stream: Appended(version, (effect,))})

    decide(proposed, "stranger")

    named = findings(proposed)[place_of(proposed, FactTookEffect.definition.type)]
    assert any("was recorded at" in each and "what stands after it" in each for each in named)
    assert "was recorded at" in reason_of_bundle(proposed)
