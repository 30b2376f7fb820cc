"""What is done in communes of 1,000, 10,000 and 100,000 members, and how it grows."""

import math
import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from tests.support.large_commune import Commune, commune
from tests.support.large_deeds import EVERY, PAGES

SIZES = (1_000, 10_000, 100_000)  # members of a committee's cycle
PAGE_SAMPLES, SAMPLES, WARM_UPS = 40, 9, 2
FLAT, LINEAR = 0.1, 1.1  # exponents at most: of what concerns one, and of what concerns all
BUILDING = ("opening a year", "building projections anew")
NIGHT = "telling a missed deadline"  # of 2,000 in one night


class Growth(NamedTuple):
    """How long something took in communes of several sizes."""

    name: str
    seconds: Mapping[int, list[float]]  # by how many members
    exponent_max: float

    @property
    def medians(self) -> dict[int, float]:
        return {size: statistics.median(taken) for size, taken in self.seconds.items()}

    @property
    def exponent(self) -> float:
        """Return by which power of the size the time grows: the slope through the medians."""
        found = [(math.log(size), math.log(taken)) for size, taken in self.medians.items()]
        return statistics.linear_regression(*zip(*found, strict=True)).slope


def names(only: str) -> list[str]:
    return [each for each in (*EVERY, NIGHT, *BUILDING) if only in each]


def growths(folder: Path, only: str) -> Iterator[Growth]:
    """Iterate over how what is wanted grows. A commune of each size is made once, for all."""
    wanted = names(only)
    with ExitStack() as stack:
        made = {
            size: stack.enter_context(commune(folder / f"commune-{size}", size))
            for size in (SIZES if wanted else ())
        }
        for name in wanted:
            exponent_max = LINEAR if name in BUILDING else FLAT
            yield Growth(name, _seconds(made, name), exponent_max)


def _seconds(made: Mapping[int, Commune], name: str) -> dict[int, list[float]]:
    """Return by size how long something took, each time; what concerns one, for one."""
    match name:
        case "opening a year":
            return {size: [each.opening.seconds] for size, each in made.items()}
        case "building projections anew":
            return {size: [each.rebuild().seconds] for size, each in made.items()}
        case "telling a missed deadline":
            told = {size: bool(each.missed) for size, each in made.items()}
            assert all(told.values())
            return {size: [each.missing.seconds / each.missing.of] for size, each in made.items()}
    deeds = {size: EVERY[name](each) for size, each in made.items()}
    samples = PAGE_SAMPLES if name in PAGES else SAMPLES
    found: dict[int, list[float]] = {size: [] for size in deeds}
    for number in range(WARM_UPS + samples):
        for size, deed in deeds.items():  # in turn: a slow minute of the machine slows all alike
            begun = time.perf_counter()
            deed(number)
            found[size].append(time.perf_counter() - begun)
    return {size: taken[WARM_UPS:] for size, taken in found.items()}
