"""Doorbells hold a name; one that waits is not rung again, and a lost one does no harm."""

import redis

from workers.broker import BELL_SECONDS, RungBellsHere, RungBellsInRedis
from workers.main import Bells
from workers.sequencer import RING_ALL_SECONDS


class Door:
    """Stands for the actor: remembers what was sent to it."""

    def __init__(self, *, broken: bool = False) -> None:
        self.rung: list[str] = []
        self._broken = broken

    def send(self, name: str) -> None:
        if self._broken:
            raise redis.ConnectionError
        self.rung.append(name)


def bells(door: Door) -> Bells:
    return Bells(door, RungBellsHere())  # type: ignore[arg-type] # as far as bells know, an actor


def test_a_bell_that_waits_is_not_rung_again() -> None:
    door = Door()
    ringing = bells(door)

    ringing.ring("member_states")
    ringing.ring("member_states")
    ringing.ring("unit_states")

    assert door.rung == ["member_states", "unit_states"]


def test_an_answered_bell_can_be_rung_again() -> None:
    door = Door()
    ringing = bells(door)

    ringing.ring("member_states")
    ringing.waiting.discard("member_states")
    ringing.ring("member_states")

    assert door.rung == ["member_states"] * 2


def test_a_broker_that_cannot_be_reached_costs_nothing() -> None:
    ringing = bells(Door(broken=True))

    ringing.ring("member_states")
    ringing.ring_later("member_states")

    assert not ringing.waiting.add("member_states")  # it is remembered as waiting, for a minute


def test_bells_in_redis_are_shared_and_go_with_it(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        one, other = RungBellsInRedis(client), RungBellsInRedis(client)

        assert one.add("member_states")
        assert not other.add("member_states")
        client.flushall()
        assert other.add("member_states")


def test_a_lost_bell_is_forgotten_before_all_are_rung_again() -> None:
    assert BELL_SECONDS <= RING_ALL_SECONDS / 2
