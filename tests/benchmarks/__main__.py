"""Run the benchmarks: `deploy/bench [--rounds N] [--only WORD] [--json FILE]`."""

import argparse
import json
import platform
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from services.observability import configure_logging
from tests.benchmarks import (
    bundle_measures,
    command_measures,
    growth_measures,
    log_measures,
    service_measures,
)
from tests.benchmarks.growth_measures import Growth
from tests.benchmarks.measuring import Measure, Result, measure
from tests.support import large_deeds
from tests.support.installation import Installation
from tests.support.servers import PostgreSQL, Valkey

PIPED_WIDTH = 140
BUSY_GOAL, IDLE_GOAL = 0.050, 0.100  # seconds, median
WARM_GOAL, COLD_GOAL = 0.050, 0.600  # likewise, of a bundle
PAGE_GOAL = 0.030  # likewise, of a page
SLOW_GOAL = 0.100  # likewise, the 99th percentile of /healthz
BESIDE_SLOW = "/healthz beside 500 slow clients"
WARM = "a bundle made and verified in a running process"
COLD = "a bundle verified by a cold python -m events.replay"


def main() -> int:
    arguments = _arguments()
    configure_logging("warning")
    with tempfile.TemporaryDirectory(prefix="tusoi-bench-") as name:
        folder = Path(name)
        server, valkey = PostgreSQL().start(), Valkey().start()
        try:
            results = _log(server, folder, arguments)
            results += _year(server, folder, arguments)
            results += _service(server, valkey, folder, arguments)
        finally:
            server.stop()
            valkey.stop()
    _show(results)
    if arguments.json:
        arguments.json.write_text(
            json.dumps(_as_values(results, arguments.rounds), indent=1) + "\n"
        )
    return 0 if all(result.reached in {None, True} for result in results) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="deploy/bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--only", default="", help="measures whose name holds this word")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    return parser.parse_args()


def _log(server: PostgreSQL, folder: Path, arguments: argparse.Namespace) -> list[Result]:
    with server.connect() as connection:
        connection.execute("CREATE DATABASE bench_log")
    wanted = log_measures.measures(server.url_of("bench_log"), folder)
    return _measured(wanted, arguments)


def _year(server: PostgreSQL, folder: Path, arguments: argparse.Namespace) -> list[Result]:
    """Return what people and auditors wait for: commands, bundles and pages."""
    with server.connect() as connection:
        connection.execute("CREATE DATABASE bench_year")
    wanted = command_measures.measures(server.url_of("bench_year"), folder)
    results = _measured(wanted, arguments) + _bundles(folder / "lived", arguments.only)
    return results + _growths(folder, arguments.only)


def _bundles(folder: Path, only: str) -> list[Result]:
    if only not in WARM and only not in COLD:
        return []
    with bundle_measures.lived(folder) as commune:
        results = [
            _latency(WARM, WARM_GOAL, bundle_measures.warm(commune)),
            _latency(COLD, COLD_GOAL, bundle_measures.cold(commune, folder)),
        ]
    return [each for each in results if only in each.name]


def _growths(folder: Path, only: str) -> list[Result]:
    """Return how long what people do takes in communes of several sizes, and how it grows."""
    results = []
    for each in growth_measures.growths(folder, only):
        results += [_at_size(each, size) for size in each.seconds]
        reached = each.exponent <= each.exponent_max
        goal, medians = f"exponent <= {each.exponent_max}", {"exponent": each.exponent}
        results.append(Result(f"{each.name}, growth", goal, medians, {}, None, reached))
    return results


def _at_size(growth: Growth, size: int) -> Result:
    name = f"{growth.name}, {size:,} members"
    if growth.name in large_deeds.PAGES:
        return _latency(name, PAGE_GOAL, growth.seconds[size])
    medians = {"seconds": growth.medians[size]}
    return Result(name, "reported", medians, {"seconds": growth.seconds[size]}, None, None)


def _service(
    server: PostgreSQL, valkey: Valkey, folder: Path, arguments: argparse.Namespace
) -> list[Result]:
    service = service_measures.make_service(server, valkey, folder / "service")
    results = []
    with service.running("serve"):
        service.wait_until_serving()
        results += _measured([service_measures.intake(service)], arguments)
        if arguments.only in BESIDE_SLOW:
            taken = service_measures.beside_slow_clients(service)
            results.append(_percentile(BESIDE_SLOW, SLOW_GOAL, taken))
    if arguments.only in "commit to projected state":
        with service.running("work"):
            results += _latencies(service)
    return results


def _measured(wanted: list[Measure], arguments: argparse.Namespace) -> list[Result]:
    chosen = [each for each in wanted if arguments.only in each.name]
    steps = sum(len(each.contenders) for each in chosen) * arguments.rounds
    with Progress(console=Console(stderr=True), disable=not sys.stderr.isatty()) as progress:
        task = progress.add_task("Measuring", total=steps)
        tick: Callable[[], None] = lambda: progress.advance(task)  # noqa: E731
        return [measure(each, arguments.rounds, tick) for each in chosen]


def _latencies(service: Installation) -> list[Result]:
    service.settle()
    busy, idle = service_measures.latencies(service.system.store)
    return [
        _latency("commit to projected state at 400 events/s", BUSY_GOAL, busy),
        _latency("commit to projected state after idling", IDLE_GOAL, idle),
    ]


def _latency(name: str, goal: float, seconds: list[float]) -> Result:
    median = statistics.median(seconds)
    goal_text = f"median < {goal * 1000:.0f} ms"
    return Result(name, goal_text, {"seconds": median}, {"seconds": seconds}, None, median < goal)


def _percentile(name: str, goal: float, seconds: list[float]) -> Result:
    """Return a result by its 99th percentile: of a hundred who ask, one waits longer."""
    found = statistics.quantiles(seconds, n=100)[-1]
    goal_text = f"99th percentile < {goal * 1000:.0f} ms"
    return Result(name, goal_text, {"seconds": found}, {"seconds": seconds}, None, found < goal)


def _show(results: list[Result]) -> None:
    table = Table("measure", "floor", "ours", "peer", "ours/floor", "goal", "", box=None)
    for result in results:
        medians = result.medians
        table.add_row(
            result.name,
            _speed(medians.get("floor")),
            _ours(medians),
            _speed(medians.get("eventsourcing")),
            f"{result.ratio:.0%}" if result.ratio else "",
            result.goal,
            {True: "reached", False: "MISSED", None: ""}[result.reached],
        )
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(table)


def _ours(medians: dict[str, float]) -> str:
    if "exponent" in medians:
        return f"size^{medians['exponent']:.2f}"
    if "seconds" in medians:
        return f"{medians['seconds'] * 1000:,.1f} ms"
    return _speed(medians.get("ours"))


def _speed(value: float | None) -> str:
    return "" if value is None else f"{value:,.0f}/s"


def _as_values(results: list[Result], rounds: int) -> dict[str, Any]:
    return {
        "rounds": rounds,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "results": [result._asdict() for result in results],
    }


if __name__ == "__main__":
    sys.exit(main())
