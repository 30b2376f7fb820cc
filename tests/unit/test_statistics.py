"""Small groups are not told, and cannot be had by subtraction either."""

from hypothesis import given
from hypothesis import strategies as st

from services.queries.statistics import COUNT_LEAST, hide_small_groups

COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 40), max_size=6)


def test_a_group_of_four_is_not_told_nor_the_next_smallest() -> None:
    assert hide_small_groups({"good": 30, "fair": 9, "poor": 4}) == {
        "good": 30,
        "fair": None,
        "poor": None,
    }


def test_groups_of_five_and_empty_ones_are_told() -> None:
    counts = {"good": 5, "fair": 0}

    assert hide_small_groups(counts) == counts


@given(COUNTS)
def test_whoever_knows_the_whole_learns_of_no_small_group(counts: dict[str, int]) -> None:
    shown = hide_small_groups(counts)

    hidden = {name for name, count in shown.items() if count is None}
    small = {name for name, count in counts.items() if 0 < count < COUNT_LEAST}
    assert small <= hidden
    large = {name for name, count in counts.items() if count >= COUNT_LEAST}
    assert not small or len(hidden) > 1 or not large
    assert all(count in (None, counts[name]) for name, count in shown.items())
