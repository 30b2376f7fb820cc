"""Whatever the cut-offs: what is told of them is so when everybody's facts are rated."""

from collections.abc import Iterator, Mapping

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.records import Facts
from events.domain.rulebook import cut_offs, rating
from events.domain.rulebook.rulebook import Rulebook
from tests.support.editions import EDITIONS

NEUTRAL = EDITIONS["neutral"]
POINTS = {"conduct": 3, "results": 4}
ON_TIME = "tasks_on_time == tasks_total"
RATED = ("excellent", "good", "fair")  # the last level asks for nothing

totals = st.builds(
    "total * {} {} {}".format,
    st.integers(1, 3),
    st.sampled_from(["<", ">=", "==", "!="]),
    st.integers(0, 22),
)
of_totals = st.recursive(
    totals,
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from(["&&", "||"]), inner),
)
of_more = st.builds(
    "{} {} {}".format, of_totals, st.sampled_from(["&&", "||"]), st.just(ON_TIME)
) | st.builds("{} || {}".format, st.just(ON_TIME), of_totals)


def law(conditions: Mapping[str, str]) -> Rulebook:
    """Return the neutral rulebook with few points and these conditions by level."""
    first = NEUTRAL.rules[0]
    rules = tuple(
        msgspec.structs.replace(first, id=level, level=level, when=when)
        for level, when in conditions.items()
    )
    criteria = tuple(
        msgspec.structs.replace(each, points_max=POINTS[each.id]) for each in NEUTRAL.criteria
    )
    return msgspec.structs.replace(NEUTRAL, criteria=criteria, rules=rules)


def rated(rulebook: Rulebook) -> Iterator[set[str]]:
    """Iterate, total by total, over the levels that anybody with it comes to."""
    for total in range(sum(POINTS.values()) + 1):
        conduct = min(total, POINTS["conduct"])
        points = {"conduct": conduct, "results": total - conduct}
        yield {
            rating.outcome(
                rulebook,
                Facts(
                    points=points,
                    figures={"tasks_total": 1, "tasks_on_time": on_time, "tasks_beyond": 0},
                    disciplined=False,
                    earlier_faults_open=0,
                ),
            ).level
            for on_time in (0, 1)
        }


def told(rulebook: Rulebook, code: str) -> set[str]:
    """Return the rules of which a code is told."""
    found = cut_offs.problems(rulebook, "")
    return {each.path.split(".")[1] for each in found if each.code == code}


@given(st.fixed_dictionaries(dict.fromkeys(RATED, of_totals | of_more)))
def test_a_hole_is_told_exactly_where_more_points_come_to_less_at_best(
    conditions: dict[str, str],
) -> None:
    rulebook = law(conditions)

    best = [min(map(rulebook.rank, levels)) for levels in rated(rulebook)]

    assert bool(told(rulebook, "hole")) is (best != sorted(best, reverse=True))


@given(st.fixed_dictionaries(dict.fromkeys(RATED, of_totals | of_more)))
def test_nobody_comes_to_a_level_that_is_told_to_overlap(conditions: dict[str, str]) -> None:
    rulebook = law(conditions)

    assert told(rulebook, "overlap").isdisjoint(set().union(*rated(rulebook)))


@given(st.fixed_dictionaries(dict.fromkeys(RATED, of_totals)))
def test_of_points_alone_every_level_that_nobody_comes_to_overlaps(
    conditions: dict[str, str],
) -> None:
    rulebook = law(conditions)

    assert told(rulebook, "overlap") == set(RATED) - set().union(*rated(rulebook))
