"""Whatever organisation, edition and people a seed draws, every review has a way on.

A thousand years where CI or the night looks, else some hundred. A seed that fails is kept in
`KEPT`, by what it found.
"""

import pytest
from hypothesis import settings

from events.domain.review import review
from events.domain.verification import rating_checks
from events.identifiers import MemberId, review_stream
from tests.support import dead_ends
from tests.support.cases import every_case
from tests.support.lawful import found_in
from tests.support.party_rules import YEAR

SEEDS_MAX = 1_000
SEEDS = range(min(4 * settings().max_examples, SEEDS_MAX))
KEPT = {
    "whoever leads a unit waits for its level, and its year has ended without one": 4,
    "a unit waits for the level of one below, whose year has ended": 16,
    "members wait for the meeting of a unit whose year has ended": 53,
    "they wait for the meeting and for the level": 118,
}


def require_way_on(seed: int) -> None:
    lived = dead_ends.live(seed)
    year = lived.year

    assert not lived.left, "whoever is appointed cannot go on either"
    assert None not in lived.dead_ends.values(), "somebody could, and the law says no"
    assert lived.taken_by or not lived.taken_over
    assert not list(dead_ends.judged_wrongly(year.history))
    assert not list(dead_ends.judged_from_below(year))
    assert not found_in(year.history, lambda _: year.rules)
    for subject in year.subjects:
        state = year.state(subject)
        if state.notice and state.decision:
            rated = rating_checks.review_with_successions(
                year.history, review_stream(YEAR, MemberId(subject))
            )
            assert not rating_checks.failed_checks(rated, year.rules), subject
        assert review.tasks(state) == () or year.is_done(subject)


def test_every_review_has_a_way_on_and_nobody_judges_what_is_theirs() -> None:
    with every_case() as case:
        for seed in SEEDS:
            with case("seed", seed):
                require_way_on(seed)


@pytest.mark.parametrize("seed", KEPT.values(), ids=KEPT)
def test_what_was_found_once_is_found_no_more(seed: int) -> None:
    require_way_on(seed)


def test_where_the_tree_ends_one_officer_alone_decides_nothing_that_they_proposed() -> None:
    lived = dead_ends.live(dead_ends.ALONE_AT_THE_TOP)
    log, top = lived.year.log, lived.year.organisation.authority

    assert log.way_up(top) == (top,), "nobody above takes the year over"
    assert dead_ends.DeadEnd.ALONE in lived.dead_ends.values()


@pytest.mark.parametrize("seed", [2, 17])
def test_the_same_seed_tells_the_same_year(seed: int) -> None:
    first, again = (dead_ends.live(seed).year.history for _ in range(2))

    assert first == again
