"""Counts that may be shown: of groups so small that they point at somebody, nothing is told."""

from collections.abc import Mapping

COUNT_LEAST = 5  # members; a smaller group is not told (decision 0046)


def hide_small_groups(counts: Mapping[str, int]) -> dict[str, int | None]:
    """Return counts of groups that make up a whole, None for those that are not told.

    When one small group alone would be left out, the next smallest goes too: else whoever knows
    the whole would know it by subtraction.

    >>> hide_small_groups({"good": 30, "fair": 9, "poor": 1})
    {'good': 30, 'fair': None, 'poor': None}
    >>> hide_small_groups({"good": 30, "poor": 0})
    {'good': 30, 'poor': 0}
    """
    hidden = {name for name, count in counts.items() if 0 < count < COUNT_LEAST}
    others = sorted((count, name) for name, count in counts.items() if count >= COUNT_LEAST)
    if len(hidden) == 1 and others:
        hidden.add(others[0][1])
    return {name: None if name in hidden else count for name, count in counts.items()}
