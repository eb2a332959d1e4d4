"""Prometheus metrics.

One worker keeps its numbers itself. Several workers share them through the folder
named by ``PROMETHEUS_MULTIPROC_DIR``, which ``food-inspections api --workers`` sets:
the variable must be there before ``prometheus_client`` is first imported.
"""

import os
import time

from flask import Flask, Response, g, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

MULTIPROCESS_FOLDER = "PROMETHEUS_MULTIPROC_DIR"
EXTENSION = "food-inspections-metrics"

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_OTHER_ROUTE = "unmatched"


class Metrics:
    """The counters of one app."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "food_inspections_api_requests",
            "Requests answered.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self.seconds = Histogram(
            "food_inspections_api_request_duration_seconds",
            "Seconds from the request's arrival in a worker to its answer.",
            ("method", "route"),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.scored = Counter(
            "food_inspections_api_scored_visits",
            "Visits scored by POST /predictions.",
            ("model_id",),
            registry=self.registry,
        )

    def render(self) -> bytes:
        """All numbers in Prometheus' text format, over all workers where they share a folder."""
        if MULTIPROCESS_FOLDER not in os.environ:
            return generate_latest(self.registry)
        shared = CollectorRegistry()
        multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
        return generate_latest(shared)


def register(app: Flask) -> None:
    """Measure every request."""
    metrics = Metrics()
    app.extensions[EXTENSION] = metrics

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def measure(response: Response) -> Response:
        route = request.url_rule.rule if request.url_rule is not None else _OTHER_ROUTE
        method = request.method if request.method in ("GET", "HEAD", "POST", "OPTIONS") else "other"
        metrics.requests.labels(method, route, str(response.status_code)).inc()
        metrics.seconds.labels(method, route).observe(time.perf_counter() - g.started)
        return response


def metrics_response(app: Flask) -> Response:
    """The answer of ``/metrics``."""
    metrics: Metrics = app.extensions[EXTENSION]
    return Response(metrics.render(), content_type=CONTENT_TYPE_LATEST)
