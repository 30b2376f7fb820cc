"""Raise old stored forms to today's: one event in, one event out, same stream, same version.

An upcaster takes the `data` of schema version n and returns that of n + 1. Hashes are over stored
bytes, so nothing here touches what was signed.
"""

from collections.abc import Callable, Mapping
from typing import Any

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]

# By type and the version that is raised. Empty: every type still has its first form.
UPCASTERS: Mapping[tuple[str, int], Upcaster] = {}
