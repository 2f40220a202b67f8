"""What Prometheus reads at `/metrics`."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The service's figures in a registry of their own; labels are routes and names, never customers."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = self._counter("requests", "Requests answered.", "method", "route", "status")
        self.seconds = self._histogram("request_seconds", "From a request's head to the last byte.", "route")
        self.query_seconds = self._histogram("query_seconds", "SPARQL, from worker to last byte.", "kind")
        self.queries = self._counter("queries", "SPARQL requests by outcome.", "outcome")
        self.workers_lost = self._counter("query_workers_lost", "SPARQL workers killed or died.", "reason")
        self.changes = self._counter("changes", "Changes of moments told.", "kind")
        self.webhooks = self._counter("webhook_events", "Events sent to subscribers.", "name", "outcome")
        self.rows = self._counter("delivered_rows", "Rows delivered, by what became of them.", "outcome")
        self.stage_seconds = self._histogram("stage_seconds", "Deriving, by stage.", "stage")
        self.snapshot = Gauge("augenblick_snapshot", "Number of the snapshot served.", registry=self.registry)

        self._answered: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count an answer and what it took."""
        key = (method, route, status)
        if key not in self._answered:
            self._answered[key] = self.requests.labels(method, route, status), self.seconds.labels(route)
        count, took = self._answered[key]
        count.inc()
        took.observe(seconds)

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"augenblick_{name}", text, labels, registry=self.registry)

    def _histogram(self, name: str, text: str, *labels: str) -> Histogram:
        return Histogram(f"augenblick_{name}", text, labels, buckets=BUCKETS, registry=self.registry)
