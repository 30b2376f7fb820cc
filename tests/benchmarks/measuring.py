"""Interleaved rounds, medians and their ratios."""

import statistics
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

THREADS = 8


class Contender(NamedTuple):
    """One way of doing the work. `prepare` is not timed; `run` gets what it returns."""

    name: str
    prepare: Callable[[], Any]
    run: Callable[[Any], int]  # how many events it dealt with


class Measure(NamedTuple):
    """One line of the table: the floor first, if there is one, then ours, then peers."""

    name: str
    goal: str
    contenders: tuple[Contender, ...]
    least: float | None = None  # events/s of ours, or with a floor its share of it


class Result(NamedTuple):
    name: str
    goal: str
    medians: dict[str, float]  # events/s
    rounds: dict[str, list[float]]
    ratio: float | None  # ours over floor
    reached: bool | None  # None: only reported


def measure(wanted: Measure, rounds: int, tick: Callable[[], None]) -> Result:
    """Return the medians of interleaved rounds: a slow minute of the machine slows all alike."""
    speeds: dict[str, list[float]] = {each.name: [] for each in wanted.contenders}
    for _ in range(rounds):
        for each in wanted.contenders:
            prepared = each.prepare()
            start = time.perf_counter()
            count = each.run(prepared)
            speeds[each.name].append(count / (time.perf_counter() - start))
            tick()
    medians = {name: statistics.median(values) for name, values in speeds.items()}
    ratio = medians["ours"] / medians["floor"] if "floor" in medians else None
    judged = medians["ours"] if ratio is None else ratio
    reached = None if wanted.least is None else judged >= wanted.least
    return Result(wanted.name, wanted.goal, medians, speeds, ratio, reached)


def in_threads(work: Callable[[Any], object], items: Sequence[Any], threads: int = THREADS) -> int:
    """Do the work on every item from several threads, and return how many items there were."""
    shares: Iterable[Sequence[Any]] = (items[start::threads] for start in range(threads))

    def run(share: Sequence[Any]) -> None:
        for item in share:
            work(item)

    workers = [threading.Thread(target=run, args=(share,)) for share in shares]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return len(items)
