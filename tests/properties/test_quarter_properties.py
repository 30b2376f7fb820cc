"""Quarters that were failed stand in a row only where none between them was left out."""

import dataclasses
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events.definitions.event import Code
from events.definitions.records import Digest
from events.definitions.review import RatingDecided, ReviewOpened
from events.domain.documents import periods
from events.domain.review import counted_facts
from events.identifiers import review_stream
from events.store import reference
from events.store.database import Database
from services.bootstrap import open_system
from services.queries.year_counts import Read, quarters_failed
from services.settings import from_environment
from tests.support.databases import hasty
from tests.support.law import records
from tests.support.year_examples import YEAR

FAILED, OPEN, LEFT_OUT = "poor", "", None
QUARTERS = st.tuples(*[st.sampled_from([FAILED, "good", OPEN, LEFT_OUT])] * 3)
OPENED = next(each for each in YEAR if isinstance(each, ReviewOpened))
DECIDED = next(each for each in YEAR if isinstance(each, RatingDecided))


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    folder = tmp_path_factory.mktemp("quarters")
    system = open_system(from_environment(hasty(folder)))
    yield system.store.database
    system.close()


@pytest.fixture(scope="module")
def opened(database: Database) -> ReviewOpened:
    """Return the opening of a review under a rulebook that is published."""
    document = reference.shipped_document("rulebook", "kl198_hd02")
    return dataclasses.replace(OPENED, rulebook=Digest(reference.publish(database, document)))


@given(quarters=QUARTERS)
def test_a_quarter_that_was_not_rated_breaks_the_row(
    database: Database, opened: ReviewOpened, quarters: tuple[str | None, ...]
) -> None:
    failed = tuple(quarters_failed(database, reading(opened, quarters), opened))

    rows = "".join("F" if level == FAILED else " " for level in quarters).split()
    assert counted_facts.longest_run(failed) == max(map(len, rows), default=0)
    assert sum(failed) == quarters.count(FAILED)


def reading(opened: ReviewOpened, quarters: tuple[str | None, ...]) -> Read:
    """Return what reads a log in which each quarter was rated, is open, or was left out."""
    levels = zip(periods.quarters_of(opened.period), quarters, strict=True)
    streams = {
        review_stream(quarter, opened.member_id): [
            *([] if level is LEFT_OUT else [opened]),
            *([dataclasses.replace(DECIDED, level=Code(level))] if level else []),
        ]
        for quarter, level in levels
    }
    return lambda stream: records(*streams[stream])
