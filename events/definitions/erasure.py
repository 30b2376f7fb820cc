"""Erasures: somebody's words, or a period of them, go dark for ever, and the log says so."""

import enum
from dataclasses import dataclass

from events.definitions.event import Event, Origin, event
from events.definitions.records import Label


class ErasureGround(enum.StrEnum):
    """Why words are erased; no word of anybody, for it stays when theirs are gone."""

    REQUEST = "request"  # of whom they are about
    ORDER = "order"  # of a court or an authority
    RETENTION = "retention"  # the edition keeps them no longer


@event("erasure.ordered", schema_version=1, about="erasure", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureOrdered(Event):
    """Words are to be erased: nothing more is sealed under their keys from now on."""

    owner: Label  # the stream of whom they are about, "member-…" or "unit-…"
    scope: Label  # a period, a year with its quarters; "identity", or "everything"
    ground: ErasureGround


@event("erasure.done", schema_version=1, about="erasure", origin=Origin.OURS)
@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureDone(Event):
    """The keys are destroyed, and what stood beside them is deleted."""

    owner: Label
    order_version: int  # of the order in this stream that was carried out
    keys: int  # how many were destroyed


ERASURE: tuple[type[Event], ...] = (ErasureOrdered, ErasureDone)
