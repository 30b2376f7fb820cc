"""What Prometheus reads: counts of this process, and what the database says at the scrape."""

from collections.abc import Iterator

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from events.errors import TusoiError
from events.store import subscriptions
from services.bootstrap import System
from services.read_models import backlog

SECONDS_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)

log = structlog.get_logger()


class Metrics:
    """The numbers of one server process, in a registry of their own."""

    def __init__(self, system: System) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_LogCollector(system))
        self._seconds = Histogram(
            "tusoi_http_request_seconds",
            "Requests answered, and how long that took.",
            ("method", "route", "status"),
            buckets=SECONDS_BUCKETS,
            registry=self._registry,
        )
        self._events = Counter(
            "tusoi_intake_events",
            "Events sent to intake that were accepted, or known already.",
            ("outcome",),
            registry=self._registry,
        )
        self._refused = Counter(
            "tusoi_intake_refused",
            "Batches sent to intake that were refused, by the problem's code.",
            ("code",),
            registry=self._registry,
        )

    def count_answer(self, *, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request. `route` is the rule and not the path, which would name people."""
        self._seconds.labels(method, route, str(status)).observe(seconds)

    def count_events(self, *, accepted: int, known: int) -> None:
        self._events.labels("accepted").inc(accepted)
        self._events.labels("known").inc(known)

    def count_refusal(self, code: str) -> None:
        self._refused.labels(code).inc()

    def exposition(self) -> bytes:
        """Return everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _LogCollector(Collector):
    """Reads the state of the log when somebody scrapes; while the database is away, says that."""

    def __init__(self, system: System) -> None:
        self._system = system

    def describe(self) -> Iterator[GaugeMetricFamily]:
        return iter(())  # registering must not read the database

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            gauges = list(self._gauges())
        except TusoiError as error:
            log.warning("metrics_without_database", error=type(error).__name__)
            gauges = []
        yield _gauge("tusoi_database_up", "Whether the database answered.", int(bool(gauges)))
        yield from gauges

    def _gauges(self) -> Iterator[GaugeMetricFamily]:
        database = self._system.store.database
        left = backlog.work_left(database, self._system.clock.now())
        # No gauge says how far the log goes: scraped each second, it would date every position.
        yield _gauge("tusoi_log_pending", "Events committed and not yet numbered.", left.pending)
        timers = "Streams in which a deadline ran out that nothing was told of."
        yield _gauge("tusoi_timers_due", timers, left.timers_due)
        lag = _gauges("tusoi_projection_lag", "Events of the log that are not projected yet.")
        aside = _gauges("tusoi_projection_parked", "Events that a projection set aside.")
        parked = subscriptions.parked_events(database)
        for name, behind in left.behind.items():
            lag.add_metric((name,), behind)
            aside.add_metric((name,), sum(each.name == name for each in parked))
        yield from (lag, aside)


def _gauge(name: str, what: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, value=value)


def _gauges(name: str, what: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, what, labels=("projection",))
