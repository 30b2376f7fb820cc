"""Identifiers, and the one source of chance from which ids, salts, keys and nonces come.

A simulation hands in a seeded source and gets the same entries again (decision 0042).
"""

import base64
import re
import secrets
import uuid
from typing import NewType, Protocol

MemberId = NewType("MemberId", str)
UnitId = NewType("UnitId", str)
Stream = NewType("Stream", str)

ID_BYTES = 16
ID_LENGTH = 26  # 16 bytes in base32 without padding
ID_PATTERN = re.compile(r"[a-z2-7]{26}")

# Every id that a worker derives lies in this name space, so two workers never meet by accident.
WORKER_NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "urn:tusoi:workers")


class Chance(Protocol):
    """Gives random bytes; whoever needs chance takes one of these as an argument."""

    def bytes(self, count: int) -> bytes: ...


class SystemChance:
    """The operating system's randomness."""

    def bytes(self, count: int) -> bytes:
        return secrets.token_bytes(count)


def new_id(chance: Chance) -> str:
    """Return a fresh id: 26 characters of a-z and 2-7 that say nothing about whom they name."""
    return base64.b32encode(chance.bytes(ID_BYTES)).decode().rstrip("=").lower()


def new_event_id(chance: Chance) -> str:
    """Return a random UUID (version 4) for an event that nothing else identifies."""
    return str(uuid.UUID(bytes=chance.bytes(16), version=4))


def derived_event_id(worker: str, cause: str, step: str) -> str:
    """Return the id of the fact that `worker` appends because of event `cause`, at `step`.

    The same three words give the same id, so a step done twice is appended once.

    >>> derived_event_id("timekeeper", "a1", "missed")
    'd83e1a62-9916-5883-9c8e-367812d06938'
    """
    return str(uuid.uuid5(WORKER_NAMESPACE, f"{worker}\n{cause}\n{step}"))


def member_stream(member_id: MemberId) -> Stream:
    return Stream(f"member-{member_id}")


def unit_stream(unit_id: UnitId) -> Stream:
    return Stream(f"unit-{unit_id}")


def cycle_stream(period: str, unit_id: str) -> Stream:
    return Stream(f"cycle-{period}-{unit_id}")


def review_stream(period: str, member_id: str) -> Stream:
    return Stream(f"review-{period}-{member_id}")


def plan_stream(period: str, member_id: str) -> Stream:
    return Stream(f"plan-{period}-{member_id}")


def reading_stream(period: str, member_id: str) -> Stream:
    return Stream(f"reading-{period}-{member_id}")


def account_stream(account_id: str) -> Stream:
    return Stream(f"account-{account_id}")


def token_stream(token_id: str) -> Stream:
    return Stream(f"token-{token_id}")


def erasure_stream(owner: Stream) -> Stream:
    return Stream(f"erasure-{owner}")


def escalation_stream(cause: str) -> Stream:
    return Stream(f"escalation-{cause}")
