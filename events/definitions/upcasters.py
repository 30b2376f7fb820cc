"""Raise old stored forms to today's: one event in, one event out, same stream, same version.

An upcaster takes the `data` of schema version n and returns that of n + 1. Hashes are over stored
bytes, so nothing here touches what was signed.
"""

from collections.abc import Callable, Mapping
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

FIRST_STEPS = ("commitment", "self_critique", "proposal", "decision", "announcement")


def unchanged(data: dict[str, Any]) -> dict[str, Any]:
    """Return what is of today's form already: the next one only added what may be absent."""
    return data


def review_opened_v1_to_v2(data: dict[str, Any]) -> dict[str, Any]:
    """Return an opening that says which steps there were: all reviews had the same then."""
    return {**data, "steps": list(FIRST_STEPS)}


UPCASTERS: Mapping[tuple[str, int], Upcaster] = {
    ("document.published", 1): unchanged,
    ("milestone.evidence_handed_in", 1): unchanged,
    ("plan.opened", 1): unchanged,
    ("plan.proposed", 1): unchanged,
    ("review.opened", 1): review_opened_v1_to_v2,
    ("review.opened", 2): unchanged,
    ("review.commitment_made", 1): unchanged,
    ("review.criticism_answered", 1): unchanged,
    ("review.point_answered", 1): unchanged,
    ("review.self_critique_submitted", 1): unchanged,
    ("review.self_critique_submitted", 2): unchanged,
    ("review.self_critique_submitted", 3): unchanged,
    ("review.rating_proposed", 1): unchanged,
    ("roster.member_disciplined", 1): unchanged,
    ("roster.unit_disciplined", 1): unchanged,
}
